/**
 * Confirmed matches as they are in files of each role. What the generic rules believe hangs on the role of the path alone (generic.ts), and one blob of a
 * history can stand at many paths: so it is judged for all roles, and who knows the path picks. Called by scan-blob.ts and encoded-text.ts.
 */

import type { FileRole } from './file-role.ts';
import { inRole, type RawMatch } from './raw-match.ts';

/** Returns the matches of a text in files of that role; one rule finds one secret once, whatever candidates led to it. */
export function matchesInRole(raw: readonly RawMatch[], role: FileRole): RawMatch[] {
  const found = new Map<string, RawMatch>();
  for (const one of raw) {
    const match = inRole(one, role);
    if (match) found.set(spanKey(match), match);
  }
  return [...found.values()];
}

export function spanKey(match: RawMatch): string {
  return `${match.rule}:${match.secretStart}:${match.secretEnd}`;
}

/** Returns the roles, those together in which every match has the same confidence; none where there is no match. */
export function groupRoles(raw: readonly RawMatch[], roles: readonly FileRole[]): FileRole[][] {
  if (raw.length === 0) return [];
  const generic = raw.filter(({ byRole }) => byRole);
  const groups = new Map<string, FileRole[]>();
  for (const role of roles) {
    const key = generic.map(({ byRole }) => `${byRole?.[role]?.confidence ?? ''}${byRole?.[role]?.doubt ?? ''}`).join();
    const group = groups.get(key);
    if (group) group.push(role);
    else groups.set(key, [role]);
  }
  return [...groups.values()];
}
