/**
 * Takes back what a run has done, the last thing first: before the new value came into force the new one is thrown away (ABORTED_SAFE), after it the old one is made
 * current again (ROLLED_BACK). Only if all of it can be taken back: half a way back is worse than none, and a person is called instead (NEEDS_HUMAN).
 */
import { ROTATION_STATES, type RotationAction, type RotationFailure } from '../core/rotation.ts';
import { endRun, type Outcome } from './outcome.ts';
import { askWhether } from './prove.ts';
import { type RunContext, rotationErrorOf } from './run-context.ts';

/** Passes by itself, or when somebody lets us in: tried again by `resume`. */
const PASSING: readonly RotationFailure[] = ['denied', 'sealed', 'unreachable', 'timed-out', 'throttled'];

export function isPassing(why: RotationFailure): boolean {
  return PASSING.includes(why);
}

/** Whether readers get the new value already. */
export function isInForce({ options: { plan, progress } }: RunContext): boolean {
  return plan.what === 'replace' && progress.reachedAt.has('PROMOTED');
}

export function canBeTakenBack(context: RunContext): boolean {
  return toUndo(context).every(({ undo }) => undo !== null);
}

/** `reason`: why it does not go on. */
export async function takeBack(reason: string, context: RunContext): Promise<Outcome> {
  const { progress, actions, say } = context.options;
  const wasInForce = isInForce(context);
  if (progress.backBecause === null) {
    const final = toUndo(context).find(({ undo }) => undo === null);
    if (final) return await endRun('NEEDS_HUMAN', `${reason}; this cannot be taken back: ${final.does}`, context);
    await context.note({ event: 'back', reason });
  }
  for (const action of toUndo(context)) {
    if (action.undo === null) return await endRun('NEEDS_HUMAN', `${reason}; this cannot be taken back: ${action.does}`, context);
    say(`taking back: ${action.undo.does}`);
    await context.note({ event: 'undoing', action: action.id });
    try {
      await action.undo.act(context.run());
    } catch (thrown) {
      const error = rotationErrorOf(thrown);
      const sentence = `${reason}; taking it back failed: ${context.masked(error.message)}`;
      if (!isPassing(error.why)) return await endRun('NEEDS_HUMAN', sentence, context);
      await context.note({ event: 'stopped', reason: sentence });
      return { kind: 'stopped', reason: sentence };
    }
    await context.note({ event: 'undone', action: action.id });
  }
  const isPlain = actions.every(({ action }) => ROTATION_STATES.indexOf(action.reaches) >= ROTATION_STATES.indexOf('OLD_DISABLED'));
  // After a revocation that failed there is nothing new; else the old one must work as before.
  const works = isPlain ? 'unasked' : await askWhether('old', context.options.old, context);
  if (works === 'refused') return await endRun('NEEDS_HUMAN', `${reason}; it was taken back, but the old value is refused now`, context);
  return await endRun(wasInForce ? 'ROLLED_BACK' : 'ABORTED_SAFE', reason, context);
}

/** Returns what was begun and not certainly left undone, the last first. */
function toUndo({ options: { progress, actions } }: RunContext): RotationAction[] {
  const { tried, notDone, undone } = progress;
  const names = tried.filter((id) => !notDone.has(id) && !undone.has(id)).reverse();
  return names.flatMap((id) => actions.find(({ action }) => action.id === id)?.action ?? []);
}
