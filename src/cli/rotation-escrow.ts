/**
 * Keeps the values of runs that are not over in an encrypted local store each (src/stores/local-store.ts), whose key goes with it: when a run has ended, neither
 * is there any more. What the disk itself remembers of removed files is sealed without a key.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { reveal, Secret } from '../core/secret.ts';
import { StoreError } from '../core/stores.ts';
import type { Beside } from '../issuers/issuer-kind.ts';
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

/** Returns what was found beside a value as the one text that is kept of it. */
export function packBeside(beside: Beside): Secret {
  const parts = Array.from(beside, ([rule, secret]) => [rule, reveal(secret, 'store')]);
  return new Secret(JSON.stringify(parts), 'beside');
}

/** Returns it again; nothing where nothing was kept. */
export function unpackBeside(kept: Secret | null): Beside {
  if (kept === null) return new Map();
  const parts: unknown = JSON.parse(reveal(kept, 'store'));
  const list: unknown[] = Array.isArray(parts) ? parts : [];
  return new Map(
    list.flatMap((part) => {
      const [rule, text]: unknown[] = Array.isArray(part) ? part : [];
      return typeof rule === 'string' && typeof text === 'string' ? [[rule, new Secret(text, rule)] as const] : [];
    }),
  );
}
