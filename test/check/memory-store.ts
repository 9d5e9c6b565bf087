/** A secrets store in memory for the tests of the index: a real SecretStore with versions, fields and faults, and counts of what was asked of it. */
import type { Problem } from '../../src/core/contracts.ts';
import { Secret } from '../../src/core/secret.ts';
import type {
  SecretStore,
  StoreAccess,
  StoredSecret,
  StoredValue,
  StoredVersion,
  StoreError,
  VersionState,
} from '../../src/core/stores.ts';

type Version = { id: string; state: VersionState; createdAt: string; endedAt: string | null; fields: Record<string, string> };

export class MemoryStore implements SecretStore {
  readonly kind = 'memory';
  readonly id: string;
  readonly #secrets = new Map<string, { versions: Version[]; expiresAt?: string }>();
  #clock: () => Date;
  /** What was asked: refs with versions. */
  reads: string[] = [];
  /** Refs whose values are refused. */
  readonly refused = new Set<string>();
  failure: StoreError | null = null;

  constructor(id = 'memory:test', clock: () => Date = () => new Date('2026-01-01T00:00:00Z')) {
    this.id = id;
    this.#clock = clock;
  }

  put(ref: string, fields: Record<string, string>, expiresAt?: string): void {
    const secret = this.#secrets.get(ref) ?? { versions: [] };
    const at = this.#clock().toISOString();
    for (const version of secret.versions) if (version.state === 'current') Object.assign(version, { state: 'superseded', endedAt: at });
    secret.versions.unshift({ id: String(secret.versions.length + 1), state: 'current', createdAt: at, endedAt: null, fields });
    this.#secrets.set(ref, expiresAt === undefined ? secret : { ...secret, expiresAt });
  }

  set(ref: string, version: string, state: VersionState): void {
    for (const one of this.#secrets.get(ref)?.versions ?? [])
      if (one.id === version) Object.assign(one, { state, endedAt: this.#clock().toISOString() });
  }

  remove(ref: string): void {
    this.#secrets.delete(ref);
  }

  /** Forgets the oldest version, as stores with a limit do. */
  prune(ref: string): void {
    this.#secrets.get(ref)?.versions.pop();
  }

  async access(): Promise<StoreAccess> {
    if (this.failure) throw this.failure;
    return { identity: 'test', tooMuch: [] };
  }

  async *secrets(): AsyncGenerator<StoredSecret | Problem> {
    for (const [ref, { versions, expiresAt }] of this.#secrets) {
      const shown: StoredVersion[] = versions.map(({ id, state, createdAt, endedAt }) => ({ id, state, createdAt, endedAt }));
      const change = versions.map(({ id, state }) => `${id}${state}`).join(',');
      yield { ref, change, versions: shown, ...(expiresAt === undefined ? {} : { expiresAt }) };
    }
  }

  async *values({ ref }: StoredSecret, versions: readonly StoredVersion[]): AsyncGenerator<StoredValue | Problem> {
    this.reads.push(`${ref}@${versions.map(({ id }) => id).join(',')}`);
    if (this.refused.has(ref)) {
      yield { code: 'store-unreadable', where: ref, data: { store: this.id, ref, reason: 'denied' } };
      return;
    }
    for (const { id } of versions) {
      const version = this.#secrets.get(ref)?.versions.find((one) => one.id === id);
      for (const [field, text] of Object.entries(version?.fields ?? {}))
        yield { ref, version: id, field, value: new Secret(text, 'memory') };
    }
  }

  async close(): Promise<void> {
    this.reads.push('closed');
  }
}
