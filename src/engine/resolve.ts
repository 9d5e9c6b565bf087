/**
 * Settles what the matches of one text mean together: of two rules at the same secret the better one stays, parts of one credential come
 * together, ids that are no secret by themselves go. Pure; O(n log n) but for crowds within a few lines.
 */
import type { CompiledRule } from '../ruleset/compiled.ts';
import type { RawMatch } from './confirm.ts';

/** A match with its parts by name. */
export type Resolved = { readonly match: RawMatch; readonly parts: Readonly<Record<string, RawMatch>> };

/** Returns what is to be reported, in the order of the text. `lineOf` gives the line of a byte. */
export function resolveMatches(matches: readonly RawMatch[], rules: readonly CompiledRule[], lineOf: (at: number) => number): Resolved[] {
  const kept = dropOverlapping(matches, rules);
  const used = new Set<RawMatch>();
  const out: Resolved[] = [];
  for (const match of kept) {
    const parts = partsOf(match, kept, rules, lineOf);
    if (!parts) continue;
    for (const part of Object.values(parts)) used.add(part);
    out.push({ match, parts });
  }
  return out.filter(({ match, parts }) => (!used.has(match) || Object.keys(parts).length > 0) && rules[match.rule]?.alone !== false);
}

/** Of matches whose secrets overlap the best stays. */
function dropOverlapping(matches: readonly RawMatch[], rules: readonly CompiledRule[]): RawMatch[] {
  const ranked = [...matches].sort((a, b) => compareRank(rankOf(b, rules), rankOf(a, rules)) || a.secretStart - b.secretStart || a.rule - b.rule);
  const kept: RawMatch[] = [];
  for (const match of ranked) {
    const at = lowerBound(kept, match.secretStart);
    const before = kept[at - 1];
    const after = kept[at];
    if ((before && before.secretEnd > match.secretStart) || (after && after.secretStart < match.secretEnd)) continue;
    kept.splice(at, 0, match);
  }
  return kept;
}

/** Valid check, then a mark of its own, then the longest fixed opening, then a keyword, then generic; then the surer and the longer one. */
function rankOf(match: RawMatch, rules: readonly CompiledRule[]): readonly number[] {
  const rule = rules[match.rule];
  const kind = rule?.generic ? 0 : rule?.context === 'none' ? 2 : 1;
  return [
    match.checksum === 'valid' ? 1 : 0,
    match.placeholder === null ? 1 : 0,
    rule?.prefix.length ?? 0,
    kind,
    { high: 2, medium: 1, low: 0 }[rule?.confidence ?? 'low'],
    { high: 2, medium: 1, low: 0 }[match.confidence],
    match.secretEnd - match.secretStart,
    match.end - match.start,
  ];
}

function compareRank(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) if (value !== b[i]) return value - (b[i] ?? 0);
  return 0;
}

function lowerBound(sorted: readonly RawMatch[], start: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.secretStart ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns the nearest companions by name, or null where a required one is missing. */
function partsOf(match: RawMatch, kept: readonly RawMatch[], rules: readonly CompiledRule[], lineOf: (at: number) => number): Record<string, RawMatch> | null {
  const parts: Record<string, RawMatch> = {};
  const line = lineOf(match.secretStart);
  for (const companion of rules[match.rule]?.with ?? []) {
    let nearest: RawMatch | null = null;
    let distance = companion.lines + 1;
    for (const other of kept) {
      if (rules[other.rule]?.id !== companion.rule || other === match) continue;
      const away = Math.abs(lineOf(other.secretStart) - line);
      if (away < distance) [nearest, distance] = [other, away];
    }
    if (nearest) parts[companion.as] ??= nearest;
    else if (companion.required) return null;
  }
  return parts;
}
