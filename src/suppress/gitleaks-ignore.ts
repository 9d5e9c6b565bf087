/**
 * `.gitleaksignore` and `.betterleaksignore`: `file:rule-id:line`, or `commit:file:rule-id:line` (facts/compatibility.md, section 1).
 *
 * Their rule ids are not ours, so an entry counts for whatever stands on that line of that file. An entry of four parts speaks of
 * a past commit and counts only for places in it; none are made yet, so it is read and kept apart. An entry that does not parse is skipped, as gitleaks does.
 */
import type { Suppressor } from '../core/contracts.ts';
import { type Origin, pathFromRoot, type SuppressSettings } from './settings.ts';

export type IgnoredPlace = { readonly path: string; readonly line: number; readonly rule: string; readonly from: Origin };

/** A commit in front: 7 to 64 hexadecimal characters. Drive letters (`C:`) are shorter. */
const COMMIT = /^[0-9a-f]{7,64}$/;

/** Returns the entries that speak of files as they are now; `name` is the path to show. */
export function parseGitleaksIgnore(text: string, name: string): IgnoredPlace[] {
  return text.split('\n').flatMap((raw, index) => {
    const parts = raw
      .replace(/(?:^|\s)#[^\n]*$/, '')
      .trim()
      .replaceAll('\\', '/')
      .split(':');
    const line = Number(parts.at(-1));
    const rule = parts.at(-2);
    const isOfCommit = parts.length > 3 && COMMIT.test(parts[0] ?? '');
    const path = parts
      .slice(0, -2)
      .join(':')
      .replace(/^(?:\.\/)+/, '');
    if (parts.length < 3 || isOfCommit || rule === undefined || path === '' || !Number.isSafeInteger(line) || line < 1) return [];
    return [{ path, line, rule, from: `${name}:${index + 1}` }];
  });
}

/** Returns null when no place is ignored. */
export function createGitleaksIgnoreSuppressor(settings: SuppressSettings): Suppressor | null {
  const key = (path: string, line: number): string => `${line}:${path}`;
  const byPlace = new Map(settings.ignoredPlaces.map((entry) => [key(entry.path, entry.line), entry]));
  if (byPlace.size === 0) return null;
  return {
    id: 'gitleaks-ignore',
    why(match) {
      const entry = byPlace.get(key(pathFromRoot(match.place.path, settings), match.place.line));
      return entry === undefined ? null : `${entry.rule} is ignored on this line (${entry.from})`;
    },
  };
}
