/** `[[allow]] path = "…"`: what lies under a path is scanned and counted, but not reported. From SuppressSettings to a Suppressor. */
import type { Suppressor } from '../core/contracts.ts';
import { matchesGlob } from './glob.ts';
import { because, pathFromRoot, type SuppressSettings } from './settings.ts';

/** Looks at the entries that name a path and nothing else; returns null when there is none. */
export function createPathSuppressor(settings: SuppressSettings): Suppressor | null {
  const entries = settings.allow.flatMap(({ id, rule, path, reason, from }) =>
    path !== null && id === null && rule === null ? [{ path, why: because(reason ?? path.text, from) }] : [],
  );
  if (entries.length === 0) return null;
  return {
    id: 'path',
    why(match) {
      const path = pathFromRoot(match.place.path, settings);
      return entries.find((entry) => matchesGlob(entry.path, path))?.why ?? null;
    },
  };
}
