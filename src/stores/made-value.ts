/**
 * Learning a value that the store made by itself, so that it can be tried. In: how it is read; out: one action, after the one that had the store make it.
 * Called by the rotators (`*-rotate.ts`).
 */
import { type RotationAction, RotationError } from '../core/rotation.ts';
import type { Secret } from '../core/secret.ts';
import { cannot } from './rotation-failures.ts';

export type MadeValue = {
  readonly id: string;
  /** `the password of database/static-roles/app`. */
  readonly what: string;
  readonly isMade: (signal: AbortSignal) => Promise<boolean>;
  /** Throws RotationError. */
  readonly read: (signal: AbortSignal) => Promise<Secret>;
};

/** Returns the action that reads the new value, and keeps it. */
export function readMade({ id, what, isMade, read }: MadeValue): RotationAction {
  return {
    id,
    reaches: 'PROMOTED',
    does: `reads the new value of ${what}, to try it`,
    repeat: 'always',
    effects: [],
    happened: async ({ fresh }) => (fresh ? 'yes' : 'no'),
    act: async (run) => {
      if (!(await isMade(run.signal))) throw cannot(`${what} was not changed yet`);
      const value = await read(run.signal);
      // A replica that lags behind gives the old one; taken for the new one, it would be tried, and would work.
      if (value.equals(run.old))
        throw new RotationError('odd-reply', `${what} is still the old one by what the store gives`, { mayHaveHappened: false });
      await run.keep(value);
    },
    // So that it does not stand in the way of taking back what came before it.
    undo: { does: `nothing: ${what} was only read`, act: async () => undefined },
  };
}
