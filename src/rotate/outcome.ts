/** How a run comes out for now, and how it ends: the end is logged first, and then the values are forgotten, unless a person still needs them. */
import type { RotationResult } from './progress.ts';
import type { RunContext } from './run-context.ts';

export type Outcome =
  | { readonly kind: 'ended'; readonly end: RotationResult; readonly reason: string }
  /** It waits where it is: `resume` goes on with it. */
  | { readonly kind: 'stopped'; readonly reason: string };

/** `by`: who put it right by hand; then nobody needs the values any more. */
export async function endRun(end: RotationResult, reason: string, context: RunContext, by?: string): Promise<Outcome> {
  const { escrow, planId } = context.options;
  await context.note({ event: 'end', end, reason, ...(by === undefined ? {} : { by }) });
  if (end !== 'NEEDS_HUMAN' || by !== undefined) await escrow.destroy(planId);
  return { kind: 'ended', end, reason };
}
