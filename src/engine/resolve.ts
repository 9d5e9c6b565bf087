/**
 * Settles what the matches of one text mean together: of two rules at the same secret the better one stays, parts of one credential come
 * together, ids that are no secret by themselves go. Pure; O(n log n) but for crowds within a few lines.
 */
import { CONFIDENCES } from '../core/rule.ts';
import type { RuleView } from '../ruleset/rule-view.ts';
import type { RawMatch } from './raw-match.ts';

/** A match with its parts by name. */
export type Resolved = { readonly match: RawMatch; readonly parts: Readonly<Record<string, RawMatch>> };

/** Returns what is to be reported, in the order of the text. `lineOf` gives the line of a byte. `isAudit`: ids that are part of nothing, too. */
export function resolveMatches(matches: readonly RawMatch[], rules: RuleView, lineOf: (at: number) => number, isAudit = false): Resolved[] {
  const byRule = new Map<string, RawMatch[]>();
  for (const match of matches) {
    const id = rules.idOf(match.rule);
    const group = byRule.get(id);
    if (group) group.push(match);
    else byRule.set(id, [match]);
  }
  const used: RawMatch[] = [];
  const out: Resolved[] = [];
  // An id that is no secret by itself counts as a part of others only. It keeps no other rule from its place but the generic ones: it is known what it is.
  const ids = matches.filter((one) => rules.at(one.rule)?.alone === false);
  const isId = (match: RawMatch): boolean =>
    rules.at(match.rule)?.generic === true && ids.some((id) => id.secretStart < match.secretEnd && match.secretStart < id.secretEnd);
  for (const match of dropOverlapping(
    matches.filter((one) => rules.at(one.rule)?.alone !== false && !isId(one)),
    rules,
  )) {
    const parts = partsOf(match, byRule, rules, lineOf);
    if (!parts) continue;
    used.push(...Object.values(parts));
    out.push({ match, parts });
  }
  const taken = new Set(used.map((part) => part.secretStart));
  const kept = out.filter(({ match, parts }) => Object.keys(parts).length > 0 || !taken.has(match.secretStart));
  return isAudit ? withLoneIds(kept, ids, taken, rules) : kept;
}

/** Adds the ids that belong to no finding, as findings of low confidence, where nothing else was found. */
function withLoneIds(kept: readonly Resolved[], ids: readonly RawMatch[], taken: ReadonlySet<number>, rules: RuleView): Resolved[] {
  const found = kept.map(({ match }) => match).sort((a, b) => a.secretStart - b.secretStart);
  const lone = dropOverlapping(ids, rules).filter((id) => {
    const at = lowerBound(found, id.secretStart);
    const [before, after] = [found[at - 1], found[at]];
    const isFree = !(before && before.secretEnd > id.secretStart) && !(after && after.secretStart < id.secretEnd);
    return isFree && !taken.has(id.secretStart);
  });
  const added = lone.map((match): Resolved => ({ match: { ...match, confidence: 'low' }, parts: {} }));
  return [...kept, ...added].sort((a, b) => a.match.secretStart - b.match.secretStart);
}

/** Companions that are looked at for one match: more than a file of credentials has, and a bound for a hostile one. */
const MAX_COMPANIONS = 500;

/** Of matches whose secrets overlap the best stays. */
function dropOverlapping(matches: readonly RawMatch[], rules: RuleView): RawMatch[] {
  const ranked = matches
    .map((match) => ({ match, rank: rankOf(match, rules) }))
    .sort((a, b) => compareRank(b.rank, a.rank) || a.match.secretStart - b.match.secretStart || a.match.rule - b.match.rule);
  const kept: RawMatch[] = [];
  for (const { match } of ranked) {
    const at = lowerBound(kept, match.secretStart);
    const before = kept[at - 1];
    const after = kept[at];
    if (before && before.secretEnd > match.secretStart) kept[at - 1] = agreed(before, match, rules);
    else if (after && after.secretStart < match.secretEnd) kept[at] = agreed(after, match, rules);
    else kept.splice(at, 0, match);
  }
  return kept;
}

/** Where a generic rule is surer of the same secret than the provider's rule that takes its place, the finding is as sure: naming the provider must not hide it. */
function agreed(kept: RawMatch, dropped: RawMatch, rules: RuleView): RawMatch {
  const isSame = dropped.secretStart <= kept.secretStart && kept.secretEnd <= dropped.secretEnd;
  const isLowered =
    kept.checksum === 'invalid' || kept.placeholder !== null || kept.doubt !== null || kept.confidence !== rules.at(kept.rule)?.confidence;
  const isSurer = CONFIDENCES.indexOf(dropped.confidence) < CONFIDENCES.indexOf(kept.confidence);
  if (
    !isSame ||
    isLowered ||
    !isSurer ||
    rules.at(dropped.rule)?.generic !== true ||
    dropped.placeholder !== null ||
    dropped.doubt !== null
  )
    return kept;
  return { ...kept, confidence: dropped.confidence };
}

/** Valid check, then no sample, then no mark of low confidence, then the longest fixed opening, then a provider's mark, a provider's name, any service's form, a generic name; then the surer and the longer one. */
function rankOf(match: RawMatch, rules: RuleView): readonly number[] {
  const rule = rules.at(match.rule);
  // A rule that names a provider says more than one that stands for any service.
  const kind = rule?.generic ? 0 : rule?.provider === 'Generic' ? 1 : rule?.context === 'none' ? 3 : 2;
  return [
    match.checksum === 'valid' ? 1 : 0,
    match.placeholder === null ? (match.doubt === null ? 2 : 1) : 0,
    // A mark of low confidence (an identifier, a hash) takes no finding's place.
    rule?.generic || (rule?.confidence === 'low' && rule.context === 'none') ? 0 : 1,
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
function partsOf(
  match: RawMatch,
  byRule: ReadonlyMap<string, readonly RawMatch[]>,
  rules: RuleView,
  lineOf: (at: number) => number,
): Record<string, RawMatch> | null {
  const parts: Record<string, RawMatch> = {};
  const line = lineOf(match.secretStart);
  for (const companion of rules.at(match.rule)?.with ?? []) {
    let nearest: RawMatch | null = null;
    let distance = companion.lines + 1;
    for (const other of (byRule.get(companion.rule) ?? []).slice(0, MAX_COMPANIONS)) {
      if (other === match || (other.secretStart < match.secretEnd && match.secretStart < other.secretEnd)) continue;
      const away = Math.abs(lineOf(other.secretStart) - line);
      if (away < distance) [nearest, distance] = [other, away];
    }
    if (nearest) parts[companion.as] ??= nearest;
    else if (companion.required) return null;
  }
  return parts;
}
