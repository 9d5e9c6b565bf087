/** Keeps requests below a quota per minute: some at once, the others at a steady pace. A token bucket, asked before each request. */
import { setTimeout as wait } from 'node:timers/promises';
import { StoreError } from '../core/stores.ts';

export type PaceOptions = {
  readonly burst: number;
  readonly perSecond: number;
  readonly now: () => Date;
  /** Replaced in tests. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
};

export class Pace {
  readonly #options: PaceOptions;
  /** When the next request's turn would be, were there no burst; in ms since 1970. */
  #next = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Returns when it is this request's turn. Throws StoreError timed-out when the wait is interrupted. */
  async turn(signal: AbortSignal): Promise<void> {
    const { burst, perSecond, now, sleep } = this.#options;
    const at = now().getTime();
    const eachMs = 1000 / perSecond;
    this.#next = Math.max(this.#next, at - burst * eachMs) + eachMs;
    const pauseMs = this.#next - at;
    if (pauseMs <= 0) return;
    try {
      await (sleep ? sleep(pauseMs, signal) : wait(pauseMs, undefined, { signal }));
    } catch (error) {
      throw new StoreError('timed-out', 'the wait for a request’s turn was interrupted', { cause: error });
    }
  }
}
