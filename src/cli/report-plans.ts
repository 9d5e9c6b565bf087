/**
 * `--rotate=plan` of scan and audit: plans how each live finding would be replaced, into the report and into the folder of plans, where `rotate --apply` finds them.
 * Asks the stores and issuers that the owner named, reads only; nothing is ever applied from here.
 */
import type { PlannedRotation, Report } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { RotationError } from '../core/rotation.ts';
import { StoreError } from '../core/stores.ts';
import { type Given, optionOf } from './given.ts';
import { type Io, note } from './io.ts';

/** Findings of a run that are planned for; each asks its store and its issuer. */
const MOST_PLANNED = 20;

/** Returns the report with plans where they were asked for. Called after the verdicts, since only live findings are planned for. */
export async function withPlans(report: Report, given: Given, io: Io): Promise<Report> {
  if (optionOf(given, 'rotate') !== 'plan') return report;
  const live = report.findings.filter(({ verdict }) => verdict.state === 'live');
  if (live.length > MOST_PLANNED) note(io, `of ${live.length} live findings the first ${MOST_PLANNED} are planned for`);
  const [{ planRotation }, { keepPlan }] = await Promise.all([import('./plan-rotation.ts'), import('./rotation-folder.ts')]);
  const rotations: PlannedRotation[] = [];
  for (const finding of live.slice(0, MOST_PLANNED)) {
    try {
      const options = { what: 'either', at: undefined, settlingSeconds: undefined, proofSeconds: undefined } as const;
      const plan = await planRotation(finding, options, io);
      rotations.push({ finding: finding.id, id: keepPlan(plan, io.env), plan });
    } catch (error) {
      if (!(error instanceof RotationError) && !(error instanceof ToolError) && !(error instanceof StoreError)) throw error;
      rotations.push({ finding: finding.id, refused: error.message });
    }
  }
  return { ...report, rotations };
}
