/**
 * Lists the secrets that settings name, for stores that are asked for one at a time. In: the names, and how one is asked for; out: what a connector's secrets() gives.
 * One that is not there is a problem and keeps nobody from the rest. Called by ccp.ts and doppler.ts.
 */
import type { Problem } from '../core/contracts.ts';
import { type StoredSecret, StoreError } from '../core/stores.ts';
import { problemOf } from './store-problem.ts';

export type NamedSecrets = {
  /** The store's id. */
  readonly store: string;
  readonly refs: readonly string[];
  /** Asks for one; null where it holds nothing. */
  readonly ask: (ref: string) => Promise<StoredSecret | null>;
  /** What is said of one that may not be read, while something else is answered. */
  readonly refused: (ref: string) => StoredSecret | Problem;
};

/** Yields them in their order, those that may not be read last. Throws StoreError denied where that is said of all; other failures of the store at once. */
export async function* namedSecrets({ store, refs, ask, refused }: NamedSecrets): AsyncIterable<StoredSecret | Problem> {
  let denied: StoreError | null = null;
  const closed: string[] = [];
  for (const ref of refs) {
    try {
      const found = await ask(ref);
      if (found) yield found;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.why === 'not-found') yield problemOf(error, store, ref);
      else if (error.why !== 'denied') throw error;
      else {
        denied ??= error;
        closed.push(ref);
      }
    }
  }
  if (denied && closed.length === refs.length) throw denied;
  for (const ref of closed) yield refused(ref);
}
