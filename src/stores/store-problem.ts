/** What keeps a connector from one secret, as a Problem, so that the rest goes on; told apart from what concerns the whole store, which is thrown. */
import type { Problem } from '../core/contracts.ts';
import { StoreError } from '../core/stores.ts';

/** Returns the Problem for a secret that gave no value; `reason` is in words of ours. */
export function unreadable(store: string, ref: string, reason: string): Problem {
  return { code: 'store-unreadable', where: ref, data: { store, ref, reason } };
}

/** Returns the Problem where a failure concerns one secret (denied, gone, an odd reply); throws it again where it concerns the store. */
export function problemOf(error: unknown, store: string, ref: string): Problem {
  if (error instanceof StoreError) {
    if (error.why === 'denied') return unreadable(store, ref, 'it may not be read');
    if (error.why === 'not-found') return unreadable(store, ref, 'it is gone');
    if (error.why === 'odd-reply') return unreadable(store, ref, error.message);
  }
  throw error;
}
