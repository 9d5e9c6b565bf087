/**
 * Resolves a text's confirmed matches for files of each role. What the generic rules believe hangs on the role of the path alone (generic.ts), and one blob of
 * a history can stand at many paths: so it is judged for all roles, and who knows the path picks. Called by scan-blob.ts.
 */
import type { RuleView } from '../ruleset/rule-view.ts';
import { inRole, type RawMatch } from './confirm.ts';
import type { FileRole } from './file-role.ts';
import { type Resolved, resolveMatches } from './resolve.ts';

/** What is to be reported in files of these roles. */
export type ResolvedInRoles = { readonly roles: readonly FileRole[]; readonly resolved: readonly Resolved[] };

/** Returns the result for each role, those together for which it is the same; roles without any match may be left out. */
export function resolveInRoles(
  raw: readonly RawMatch[],
  roles: readonly FileRole[],
  rules: RuleView,
  lineOf: (at: number) => number,
): ResolvedInRoles[] {
  if (raw.length === 0) return [];
  return groupRoles(raw, roles).map((group) => {
    const [role] = group;
    const found = new Map<string, RawMatch>();
    for (const one of raw) {
      const match = role && inRole(one, role);
      if (match) found.set(spanKey(match), match);
    }
    return { roles: group, resolved: resolveMatches([...found.values()], rules, lineOf) };
  });
}

/** One rule finds one secret once, whatever candidates led to it. */
export function spanKey(match: RawMatch): string {
  return `${match.rule}:${match.secretStart}:${match.secretEnd}`;
}

/** Roles in which every match has the same confidence share a result. */
function groupRoles(raw: readonly RawMatch[], roles: readonly FileRole[]): FileRole[][] {
  const generic = raw.filter(({ byRole }) => byRole);
  const groups = new Map<string, FileRole[]>();
  for (const role of roles) {
    const key = generic.map(({ byRole }) => byRole?.[role] ?? '').join();
    const group = groups.get(key);
    if (group) group.push(role);
    else groups.set(key, [role]);
  }
  return [...groups.values()];
}
