/**
 * `.gitleaksignore` and `.betterleaksignore`: `file:rule-id:line`, or `commit:file:rule-id:line` (facts/compatibility.md, section 1).
 *
 * Their rule ids are not ours, so an entry counts for whatever stands on that line of that file. An entry of four parts speaks of
 * a commit and counts only for places that it brought, in an audit of history. An entry that does not parse is skipped, as gitleaks does.
 */
import type { Suppressor } from '../core/contracts.ts';
import { type Origin, pathFromRoot, type SuppressSettings } from './settings.ts';

export type IgnoredPlace = {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  /** The opening of a commit's id, or null for any and none. */
  readonly commit: string | null;
  readonly from: Origin;
};

/** A commit in front: 7 to 64 hexadecimal characters. Drive letters (`C:`) are shorter. */
const COMMIT = /^[0-9a-f]{7,64}$/;

/** Returns the entries; `name` is the path to show. */
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
      .slice(isOfCommit ? 1 : 0, -2)
      .join(':')
      .replace(/^(?:\.\/)+/, '');
    if (parts.length < 3 || rule === undefined || path === '' || !Number.isSafeInteger(line) || line < 1) return [];
    return [{ path, line, rule, commit: isOfCommit ? (parts[0] ?? null) : null, from: `${name}:${index + 1}` }];
  });
}

/** Returns null when no place is ignored. */
export function createGitleaksIgnoreSuppressor(settings: SuppressSettings): Suppressor | null {
  const key = (path: string, line: number): string => `${line}:${path}`;
  const byPlace = new Map<string, IgnoredPlace[]>();
  for (const entry of settings.ignoredPlaces) {
    const there = byPlace.get(key(entry.path, entry.line));
    if (there) there.push(entry);
    else byPlace.set(key(entry.path, entry.line), [entry]);
  }
  if (byPlace.size === 0) return null;
  return {
    id: 'gitleaks-ignore',
    why(match) {
      const { path, line, commit } = match.place;
      const entries = byPlace.get(key(pathFromRoot(path, settings), line)) ?? [];
      const entry = entries.find((one) => one.commit === null || commit?.startsWith(one.commit));
      return entry === undefined ? null : `${entry.rule} is ignored on this line (${entry.from})`;
    },
  };
}
