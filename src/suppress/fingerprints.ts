/**
 * Values that are allowed by finding id: `[[allow]] id = "…"` of the configuration, and `.leakwardenignore` files (one id a line,
 * `# reason` behind it or on a line of its own above). An id is a digest of rule and value, so the entry survives moves and says
 * nothing about the value.
 */
import type { FindingId, Suppressor } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { matchesGlob } from './glob.ts';
import { type AllowEntry, because, type IdOf, type Origin, pathFromRoot, type SuppressSettings } from './settings.ts';

export type IgnoredId = { readonly id: FindingId; readonly reason: string | null; readonly from: Origin };

export const FINDING_ID = /^[0-9a-f]{32}$/;

/** Reads a `.leakwardenignore`; `name` is the path to show. Throws ToolError `ignore-invalid` on a line that is neither id nor comment. */
export function parseIgnoreFile(text: string, name: string): IgnoredId[] {
  const entries: IgnoredId[] = [];
  let heading: string | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const hash = line.indexOf('#');
    const id = (hash < 0 ? line : line.slice(0, hash)).trim();
    const comment = hash < 0 ? null : line.slice(hash + 1).trim();
    if (id === '') {
      heading = comment;
      continue;
    }
    if (!FINDING_ID.test(id)) {
      throw new ToolError('ignore-invalid', { path: name, line: index + 1, reason: 'not the id of a finding (32 hexadecimal characters)' });
    }
    entries.push({ id, reason: comment ?? heading, from: `${name}:${index + 1}` });
  }
  return entries;
}

/** Returns null when nothing is allowed by id. */
export function createFingerprintSuppressor(settings: SuppressSettings, idOf: IdOf): Suppressor | null {
  const byId = new Map<FindingId, { entry: Pick<AllowEntry, 'rule' | 'path'>; why: string }[]>();
  const add = (id: FindingId, entry: Pick<AllowEntry, 'rule' | 'path'>, why: string): void => {
    byId.set(id, [...(byId.get(id) ?? []), { entry, why }]);
  };
  for (const entry of settings.allow) if (entry.id !== null) add(entry.id, entry, because(entry.reason, entry.from));
  for (const { id, reason, from } of settings.ignoredIds) add(id, { rule: null, path: null }, because(reason, from));
  if (byId.size === 0) return null;
  return {
    id: 'fingerprint',
    why(match) {
      const allowed = byId.get(idOf(match))?.find(({ entry }) => {
        if (entry.rule !== null && entry.rule !== match.rule) return false;
        return entry.path === null || matchesGlob(entry.path, pathFromRoot(match.place.path, settings));
      });
      return allowed?.why ?? null;
    },
  };
}
