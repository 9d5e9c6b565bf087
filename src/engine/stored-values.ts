/**
 * What the owner's stores know makes a match of what was none, or undoes a suppression: a value in a password's place that no rule would take (`Winter2024!`), or one
 * that looked like a placeholder, is a `stored-secret` when a store holds it. What people decided (an allow comment, a path, a baseline) stays decided. Called by
 * src/pipeline.ts when there is somebody who knows the stores.
 */
import type { Checker, Match, Suppressor } from '../core/contracts.ts';
import { STORED_SECRET } from '../core/stored-rule.ts';
import type { FindingIds } from './finding-id.ts';
import { type SuppressedMatches, splitSuppressed } from './group.ts';

/** Suppressors that judge; the others repeat what somebody said. */
const JUDGES: ReadonlySet<string> = new Set(['placeholder', 'confidence']);

export type Split = { readonly kept: readonly Match[]; readonly suppressed: readonly SuppressedMatches[] };

/** Looks up what was kept first, since what is slow is done for the first few only. */
export async function withStored(
  { kept, suppressed }: Split,
  values: readonly Match[],
  suppressors: readonly Suppressor[],
  checker: Checker,
  ids: FindingIds,
): Promise<Split> {
  await checker.prepare(kept);
  return withJudged({ kept: toldOnce(kept, checker), suppressed }, values, suppressors, checker, ids);
}

/** A value that a rule and the stores both know, at the same bytes, is told by the rule: it says more of what it is. */
function toldOnce(kept: readonly Match[], checker: Checker): readonly Match[] {
  if (!kept.some(({ rule }) => rule === STORED_SECRET.id)) return kept;
  const told = new Told(kept.filter((match) => match.rule !== STORED_SECRET.id && checker.isStored(match)));
  return kept.filter((match) => match.rule !== STORED_SECRET.id || !told.has(match));
}

async function withJudged(
  { kept, suppressed }: Split,
  values: readonly Match[],
  suppressors: readonly Suppressor[],
  checker: Checker,
  ids: FindingIds,
): Promise<Split> {
  const judged = suppressed.filter(({ by }) => JUDGES.has(by)).flatMap(({ matches }) => matches);
  const known = new Set([...kept, ...suppressed.flatMap(({ matches }) => matches)].map(spanOf));
  const others = [...judged, ...values.filter((value) => !known.has(spanOf(value)))];
  if (others.length === 0) return { kept, suppressed };
  await checker.prepare(others);
  const told = new Told(kept.filter((match) => checker.isStored(match)));
  const stored = others
    .filter((match) => checker.isStored(match) && !told.has(match))
    .map((match): Match => ({ ...match, rule: STORED_SECRET.id, confidence: STORED_SECRET.confidence, placeholder: null }));
  if (stored.length === 0) return { kept, suppressed };
  await ids.prepare(stored);
  const split = splitSuppressed(stored, suppressors);
  const undone = new Set(stored.map(spanOf));
  const rest = suppressed.map((group) =>
    JUDGES.has(group.by) ? { ...group, matches: group.matches.filter((match) => !undone.has(spanOf(match))) } : group,
  );
  return {
    kept: [...kept, ...split.kept],
    suppressed: [...rest.filter(({ matches }) => matches.length > 0), ...split.suppressed],
  };
}

function spanOf(match: Match): string {
  const { start, end } = match.place.span;
  return `${fileOf(match)}\0${start}\0${end}`;
}

/** A file, or in a history what a commit made of it. */
function fileOf({ place }: Match): string {
  return `${place.path}\0${place.commit ?? ''}`;
}

/** What is told already, by file. */
class Told {
  readonly #byFile = new Map<string, Match[]>();

  constructor(matches: readonly Match[]) {
    for (const match of matches) {
      const file = fileOf(match);
      const known = this.#byFile.get(file);
      if (known) known.push(match);
      else this.#byFile.set(file, [match]);
    }
  }

  /** Returns whether one of these shares bytes with it. */
  has(match: Match): boolean {
    const { start, end } = match.place.span;
    return (this.#byFile.get(fileOf(match)) ?? []).some(({ place }) => start < place.span.end && place.span.start < end);
  }
}
