/**
 * What a run comes to: the report of the commits, what stands at the head today, which values are new. In: reports. Out: one list that the summary, the
 * annotations, the review and the check run are made of, so that they all say the same; and whether the job fails. Pure.
 */
import type { Finding, Place, Problem, Report, RuleHelp, Verdict } from '../core/contracts.ts';
import { EXIT } from '../core/errors.ts';
import type { RuleId } from '../core/rule.ts';
import type { FailOn } from './inputs.ts';

export type Shown = {
  readonly finding: Finding;
  readonly help: RuleHelp | undefined;
  /** The files of the base do not hold the value. */
  readonly isNew: boolean;
  /** It makes the job fail. */
  readonly counts: boolean;
  /** Where it stands in the files of the head: one can be linked, annotated, commented. */
  readonly here: readonly Place[];
  /** Where commits brought it in: files as they were, messages. */
  readonly inCommits: readonly Place[];
};

export type Outcome = {
  readonly shown: readonly Shown[];
  readonly problems: readonly Problem[];
  readonly suppressed: number;
  readonly live: number;
  readonly fresh: number;
  readonly exitCode: number;
};

export type OutcomeRequest = {
  readonly report: Report;
  /** Ids of values that the base held already; null: there was no base to compare with, so all are new. */
  readonly known: ReadonlySet<string> | null;
  readonly help: ReadonlyMap<RuleId, RuleHelp>;
  readonly failOn: FailOn;
  readonly showsStorePaths: boolean;
};

export function outcomeOf({ report, known, help, failOn, showsStorePaths }: OutcomeRequest): Outcome {
  const shown = report.findings.map((finding): Shown => {
    const isNew = known === null || !known.has(finding.id);
    return {
      finding: showsStorePaths ? finding : { ...finding, verdict: withoutPlaces(finding.verdict) },
      help: help.get(finding.rule),
      isNew,
      counts: COUNTS[failOn](finding, isNew),
      here: finding.places.filter(({ commit }) => commit === undefined),
      inCommits: finding.places.filter(({ commit }) => commit !== undefined),
    };
  });
  const live = shown.filter(({ finding }) => finding.verdict.state === 'live').length;
  return {
    shown,
    problems: report.problems,
    suppressed: report.suppressed.length,
    live,
    fresh: shown.filter(({ isNew }) => isNew).length,
    exitCode: exitCodeOf(report.problems, shown),
  };
}

const COUNTS: Readonly<Record<FailOn, (finding: Finding, isNew: boolean) => boolean>> = {
  any: () => true,
  live: ({ verdict }) => verdict.state === 'live',
  new: (_finding, isNew) => isNew,
  never: () => false,
};

/** As the command line's: findings win over problems, an interruption over both. */
function exitCodeOf(problems: readonly Problem[], shown: readonly Shown[]): number {
  if (problems.some(({ code }) => code === 'interrupted')) return EXIT.interrupted;
  if (shown.some(({ counts }) => counts)) return EXIT.findings;
  return problems.length > 0 ? EXIT.incomplete : EXIT.clean;
}

/** Who can read a public repository's jobs should learn neither where its owner keeps what nor whose a credential is. */
function withoutPlaces(verdict: Verdict): Verdict {
  if (verdict.state === 'unknown') return verdict;
  const known = { by: verdict.by.split(':')[0] ?? '', at: verdict.at, where: 'place not shown' };
  const since = verdict.since ?? null;
  if (verdict.state === 'superseded') return { state: 'superseded', ...known, since };
  return { state: verdict.state, ...known, ...(since === null ? {} : { since }) };
}

/** Gives findings the verdicts that another scan of the same values came to: issuers are asked once. */
export function withVerdictsOf(report: Report, asked: Report): Report {
  const verdicts = new Map(asked.findings.map(({ id, verdict }) => [id, verdict]));
  return { ...report, findings: report.findings.map((finding) => ({ ...finding, verdict: verdicts.get(finding.id) ?? finding.verdict })) };
}

/**
 * Puts what stands at the head beside what the commits tell: same finding, both kinds of places. The places at the head come first; what is only in one of the two
 * is there as well. `head` has no history and knows encoded text and archives, which an audit of commits does not unpack.
 */
export function joinReports(commits: Report, head: Report): Report {
  const atHead = new Map(head.findings.map((finding) => [finding.id, finding]));
  const joined = commits.findings.map((finding) => {
    const other = atHead.get(finding.id);
    return other === undefined ? finding : { ...finding, places: [...other.places, ...finding.places] };
  });
  const known = new Set(commits.findings.map(({ id }) => id));
  return {
    ...commits,
    findings: [...joined, ...head.findings.filter(({ id }) => !known.has(id))],
    suppressed: [...commits.suppressed, ...head.suppressed],
    problems: [...commits.problems, ...head.problems.filter((one) => !commits.problems.some((other) => isSame(one, other)))],
  };
}

function isSame(one: Problem, other: Problem): boolean {
  return one.code === other.code && one.where === other.where;
}
