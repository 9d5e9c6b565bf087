/** Waits for what a store does in its own time, asking it again at growing pauses, up to a bound. Called by the rotators. */
import { setTimeout as wait } from 'node:timers/promises';
import { RotationError } from '../core/rotation.ts';
import type { StoreContext } from './store-kind.ts';

export type Patience = {
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  readonly mostMs: number;
};

/** Asks until `isSo`. Throws RotationError timed-out, with `what` was waited for, at the bound and when the signal ends it: it may still happen. */
export async function waitUntil(
  isSo: () => Promise<boolean>,
  what: string,
  patience: Patience,
  { sleep }: Pick<StoreContext, 'sleep'>,
  signal: AbortSignal,
): Promise<void> {
  let pauseMs = patience.firstPauseMs;
  let waitedMs = 0;
  while (!(await isSo())) {
    if (waitedMs >= patience.mostMs)
      throw new RotationError('timed-out', `${what} did not happen within ${Math.round(patience.mostMs / 1000)} s`, {
        mayHaveHappened: true,
      });
    try {
      await (sleep ? sleep(pauseMs, signal) : wait(pauseMs, undefined, { signal }));
    } catch (error) {
      throw new RotationError('timed-out', `the wait for ${what} was interrupted`, { mayHaveHappened: true, cause: error });
    }
    waitedMs += pauseMs;
    pauseMs = Math.min(2 * pauseMs, patience.longestPauseMs);
  }
}
