/**
 * Does one action of a run, once: asks the far side whether it has happened, logs that it is going to be done, does it, logs that it is done. In: an action. Out: done,
 * or what went wrong and whether it is certain that nothing was changed. Called for each action by advance.ts.
 */
import type { Happened, RotationAction, RotationError, RotationFailure } from '../core/rotation.ts';
import { type RunContext, rotationErrorOf } from './run-context.ts';

export type Performed =
  | { readonly isDone: true }
  | {
      readonly isDone: false;
      readonly why: RotationFailure;
      readonly reason: string;
      /** It has certainly not happened. */
      readonly isClear: boolean;
    };

export async function perform(action: RotationAction, context: RunContext): Promise<Performed> {
  const { progress, say } = context.options;
  const { id, does } = action;
  if (progress.done.has(id)) return { isDone: true };
  const wasTried = progress.tried.includes(id) && !progress.undone.has(id);
  const before = await ask(action, context);
  if (typeof before !== 'string') return failure(before, context, !wasTried);
  if (before === 'yes') {
    say(`done already: ${does}`);
    await context.note({ event: 'found', action: id });
    return { isDone: true };
  }
  if (wasTried && !mayBeRepeated(action, before))
    return {
      isDone: false,
      why: 'odd-reply',
      reason: `it was begun and ${before === 'no' ? 'may be done once only' : 'nobody can say whether it was done'}: ${does}`,
      isClear: false,
    };
  say(does);
  await context.note({ event: 'doing', action: id });
  try {
    await action.act(context.run());
  } catch (thrown) {
    return await settleFailure(action, rotationErrorOf(thrown), context);
  }
  await context.note({ event: 'done', action: id });
  return { isDone: true };
}

function mayBeRepeated({ repeat }: RotationAction, before: Happened): boolean {
  return repeat === 'always' || (repeat === 'when-not-done' && before === 'no');
}

/** A request that got no answer may have been carried out all the same: the far side is asked. */
async function settleFailure(action: RotationAction, error: RotationError, context: RunContext): Promise<Performed> {
  const { id } = action;
  const after = error.mayHaveHappened ? await ask(action, context) : 'no';
  if (after === 'yes') {
    await context.note({ event: 'found', action: id });
    return { isDone: true };
  }
  const isClear = after === 'no';
  await context.note({ event: 'failed', action: id, why: error.why, mayHaveHappened: !isClear, reason: context.masked(error.message) });
  return failure(error, context, isClear);
}

async function ask(action: RotationAction, context: RunContext): Promise<Happened | RotationError> {
  try {
    return await action.happened(context.run());
  } catch (thrown) {
    return rotationErrorOf(thrown);
  }
}

function failure({ why, message }: RotationError, context: RunContext, isClear: boolean): Performed {
  return { isDone: false, why, reason: context.masked(message), isClear };
}
