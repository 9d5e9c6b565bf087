/**
 * Keeps the values of runs that are not over in an encrypted local store each (src/stores/local-store.ts), whose key goes with it: when a run has ended, neither
 * is there any more. What the disk itself remembers of removed files is sealed without a key.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Secret } from '../core/secret.ts';
import { StoreError } from '../core/stores.ts';
import type { Escrow, EscrowedValue } from '../rotate/escrow.ts';
import { keyFileOf } from '../stores/local-key.ts';
import { LocalStore } from '../stores/local-store.ts';

export class StoredEscrow implements Escrow {
  readonly #folder: string;
  readonly #now: () => Date;

  constructor(folder: string, now: () => Date) {
    this.#folder = folder;
    this.#now = now;
  }

  async keep(plan: string, which: EscrowedValue, value: Secret): Promise<void> {
    const known = await this.read(plan, which);
    if (known?.equals(value)) return;
    if (known) throw new StoreError('odd-reply', `another ${which} value of the rotation ${plan} is kept already`);
    await this.#storeOf(plan).set(which, '', value);
  }

  async read(plan: string, which: EscrowedValue): Promise<Secret | null> {
    try {
      const [current] = await this.#storeOf(plan).versions(which);
      return current ? ((await this.#storeOf(plan).fieldsOf(which, current.id))[''] ?? null) : null;
    } catch (error) {
      if (error instanceof StoreError && error.why === 'not-found') return null;
      throw error;
    }
  }

  async destroy(plan: string): Promise<void> {
    // The key first: without it the rest is noise.
    rmSync(keyFileOf(this.#folderOf(plan)), { force: true });
    rmSync(this.#folderOf(plan), { recursive: true, force: true });
  }

  #folderOf(plan: string): string {
    return join(this.#folder, plan);
  }

  #storeOf(plan: string): LocalStore {
    const passphrases = { fromFile: async () => null, ask: async () => null };
    return new LocalStore({ folder: this.#folderOf(plan), passphrases, now: this.#now });
  }
}
