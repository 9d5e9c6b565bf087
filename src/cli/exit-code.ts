/** Report to exit code (DESIGN section 8). Findings win over problems; an interruption wins over both. */
import type { Report, Verdict } from '../core/contracts.ts';
import { EXIT } from '../core/errors.ts';
import type { FailOn } from './config-file.ts';

const COUNTS: Readonly<Record<FailOn, (verdict: Verdict) => boolean>> = {
  any: () => true,
  live: (verdict) => verdict.state === 'live',
  never: () => false,
};

/** `ofFindings` is the value of --exit-code, or 1. */
export function exitCodeOf(report: Report, failOn: FailOn, ofFindings: number = EXIT.findings): number {
  if (report.problems.some(({ code }) => code === 'interrupted')) return EXIT.interrupted;
  if (report.findings.some(({ verdict }) => COUNTS[failOn](verdict))) return ofFindings;
  return report.problems.length > 0 ? EXIT.incomplete : EXIT.clean;
}
