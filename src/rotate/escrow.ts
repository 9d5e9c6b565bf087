/** Where a run keeps the values that it must not lose: sealed, from before anybody else learns them until the run has ended. Implemented by src/cli/rotation-escrow.ts over the encrypted local store. */
import type { Secret } from '../core/secret.ts';

/** `beside`: other parts of the credential that is ended, as one text. */
export type EscrowedValue = 'old' | 'new' | 'beside';

export interface Escrow {
  /** Keeps a value of a run; when it returns, the value is on the disk. The same value again is no error, another one is. */
  keep(plan: string, which: EscrowedValue, value: Secret): Promise<void>;
  read(plan: string, which: EscrowedValue): Promise<Secret | null>;
  /** Forgets all values of a run, and the key that they were sealed with. */
  destroy(plan: string): Promise<void>;
}
