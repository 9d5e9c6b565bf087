/**
 * Findings as annotations: of the step, of which the runner keeps ten errors and ten warnings (docs.github.com "Usage limits"; actions/toolkit pull request 734),
 * or of a check run, which takes any number. The gravest come first. Pure.
 */
import type { Place } from '../core/contracts.ts';
import { printable } from '../core/errors.ts';
import { severityRank } from '../reports/amounts.ts';
import { maskPath } from '../reports/mask.ts';
import { nextSteps } from '../reports/next-steps.ts';
import { verdictWords } from '../reports/verdict-words.ts';
import type { Outcome, Shown } from './outcome.ts';
import { commentKey } from './review-marks.ts';
import type { Annotation } from './runner.ts';

/** Of each level, in one step. */
const MOST_OF_A_LEVEL = 10;

export type Placed = Annotation & {
  readonly file: string;
  readonly line: number;
  readonly endLine: number;
  /** As that of a review's comment: who has one needs no annotation. */
  readonly key: string;
};

/** Returns an annotation for each place in the files of the head, the gravest first. */
export function annotationsOf({ shown }: Outcome): Placed[] {
  const sorted = [...shown].sort((a, b) => gravity(a) - gravity(b));
  return sorted.flatMap((one) => one.here.flatMap((place) => annotationOf(one, place)));
}

/** Returns those that the runner will keep of a step's. */
export function withinStepLimits(all: readonly Annotation[]): Annotation[] {
  const count = { error: 0, warning: 0, notice: 0 };
  return all.filter(({ level }) => ++count[level] <= MOST_OF_A_LEVEL);
}

/** Smaller is graver: what fails the job, then what is live, then by severity. */
function gravity({ finding, counts }: Shown): number {
  return (counts ? 0 : 100) + (finding.verdict.state === 'live' ? 0 : 10) + severityRank(finding.severity);
}

function annotationOf({ finding, help, counts }: Shown, place: Place): Placed[] {
  const file = maskPath(place.path, finding);
  // A path that had to be masked names no file.
  if (file !== place.path) return [];
  const verdict = verdictWords(finding.verdict);
  const [step = ''] = nextSteps(help, finding.verdict.state);
  return [
    {
      level: counts ? 'error' : 'warning',
      title: `leakwarden: ${finding.name}`,
      message: printable(
        `${finding.name}, ${finding.severity}${verdict === null ? '' : `; ${verdict}`}. ${step} (${finding.rule}, ${finding.id})`,
      ),
      file,
      line: place.line,
      endLine: place.endLine,
      key: commentKey(finding.id, file),
    },
  ];
}
