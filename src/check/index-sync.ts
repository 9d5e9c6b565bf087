/**
 * Reads one store into index entries. In: the store, and what was known of it. Out: the entries that now hold, what was read, and what could not be. Only what
 * moved since the last reading is read again (a secret's `change`), and of that only versions whose values are not known yet; old versions stay, with the state
 * that they have now. Called by `leakwarden store sync`.
 */
import type { Problem } from '../core/contracts.ts';
import { reveal } from '../core/secret.ts';
import { type SecretStore, type StoredSecret, type StoredVersion, StoreError } from '../core/stores.ts';
import type { IndexEntry, IndexRecord, SecretState, StoreState } from './index-file.ts';
import type { IndexKeys } from './index-keys.ts';
import { takeApart } from './structured.ts';
import { isWorthIndexing } from './worth.ts';

/** Secrets that are read at a time; the HTTP client has as many connections. */
const PARALLEL = 8;
/** Values of a store; more than any team keeps, and less than what fills a disk. */
export const MAX_VALUES = 1_000_000;

export type SyncProgress = { readonly secrets: number; readonly read: number; readonly values: number };

export type SyncRequest = {
  readonly store: SecretStore;
  readonly name: string;
  readonly previous: { readonly state: StoreState; readonly entries: readonly IndexEntry[] } | null;
  readonly keys: IndexKeys;
  /** Whether a value could be found by trying (the engine's estimate, below 64 bits). */
  readonly isGuessable: (value: string) => boolean;
  /** Told of each value that cannot be guessed, so that it can be recognised anywhere (prints.ts). */
  readonly onValue?: (value: string, tag: Buffer) => void;
  readonly now: Date;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: SyncProgress) => void;
};

export type SyncOutcome = {
  readonly state: StoreState;
  readonly entries: readonly IndexEntry[];
  readonly tooMuch: readonly string[];
  readonly counts: SyncProgress & { readonly guessable: number };
};

/** Never throws for what the store does: it is in `state.failure` and `state.problems`, and what was known before is kept. */
export async function syncStore(request: SyncRequest): Promise<SyncOutcome> {
  const sync = new Sync(request);
  let tooMuch: readonly string[] = [];
  let failure: string | null = null;
  try {
    tooMuch = (await request.store.access(request.signal)).tooMuch;
    await sync.run();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    failure = error.message;
  } finally {
    await request.store.close().catch((error: unknown) => {
      if (!(error instanceof StoreError)) throw error;
    });
  }
  return sync.outcome(failure, tooMuch);
}

class Sync {
  readonly #request: SyncRequest;
  readonly #known = new Map<string, SecretState>();
  readonly #entriesOf = new Map<string, IndexEntry[]>();
  readonly #problems: Problem[] = [];
  /** What was listed this time, by ref. */
  readonly #done = new Map<string, { readonly state: SecretState; readonly entries: readonly IndexEntry[] }>();
  /** Slow tags by fast tag: a password that stands at five places is stretched once. */
  readonly #slow = new Map<string, Promise<Buffer>>();
  readonly #unsure = new Set<string>();
  #secrets = 0;
  #read = 0;
  #values = 0;

  constructor(request: SyncRequest) {
    this.#request = request;
    for (const secret of request.previous?.state.secrets ?? []) this.#known.set(secret.ref, secret);
    for (const entry of request.previous?.entries ?? []) {
      const list = this.#entriesOf.get(entry.record.ref);
      if (list) list.push(entry);
      else this.#entriesOf.set(entry.record.ref, [entry]);
    }
  }

  async run(): Promise<void> {
    const { store, signal } = this.#request;
    const running = new Set<Promise<void>>();
    const failures: unknown[] = [];
    for await (const listed of store.secrets(signal)) {
      if (failures.length > 0) break;
      if ('code' in listed) {
        this.#problems.push(listed);
        this.#unsure.add(listed.where);
        continue;
      }
      const one: Promise<void> = this.#take(listed)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => running.delete(one));
      running.add(one);
      if (running.size >= PARALLEL) await Promise.race(running);
    }
    await Promise.all(running);
    if (failures.length > 0) throw failures[0];
  }

  async #take(secret: StoredSecret): Promise<void> {
    const known = this.#known.get(secret.ref);
    const isSame = known !== undefined && known.change !== '' && known.change === secret.change;
    const wasRead = new Set(known?.read ?? []);
    const wanted = isSame ? [] : secret.versions.filter(({ id, state }) => state !== 'destroyed' && !wasRead.has(id));
    const kept = (this.#entriesOf.get(secret.ref) ?? []).filter(({ record }) => !wanted.some(({ id }) => id === record.version));
    const { entries, isWhole } = wanted.length === 0 ? { entries: [], isWhole: true } : await this.#readValues(secret, wanted);
    const read = isWhole ? [...wasRead, ...wanted.map(({ id }) => id)] : [...wasRead];
    const updated = kept.map((entry) => ({ ...entry, record: this.#restated(entry.record, secret) }));
    this.#done.set(secret.ref, {
      state: { ref: secret.ref, change: isWhole ? secret.change : '', read },
      entries: [...updated, ...entries],
    });
    this.#secrets++;
    this.#tell();
  }

  async #readValues(secret: StoredSecret, wanted: readonly StoredVersion[]): Promise<{ entries: IndexEntry[]; isWhole: boolean }> {
    const entries: IndexEntry[] = [];
    const byId = new Map(wanted.map((version) => [version.id, version]));
    let isWhole = true;
    for await (const found of this.#request.store.values(secret, wanted, this.#request.signal)) {
      if ('code' in found) {
        this.#problems.push(found);
        isWhole = false;
        continue;
      }
      const version = byId.get(found.version);
      if (!version) continue;
      for (const leaf of takeApart(reveal(found.value, 'index'), found.field)) {
        if (!isWorthIndexing(leaf)) continue;
        if (++this.#values > MAX_VALUES) throw new StoreError('odd-reply', `it holds more than ${MAX_VALUES} values`);
        entries.push(await this.#entryOf(leaf.value, this.#recordOf(secret, version, leaf.field)));
      }
    }
    this.#read++;
    return { entries, isWhole };
  }

  async #entryOf(value: string, record: IndexRecord): Promise<IndexEntry> {
    const { keys, isGuessable, onValue } = this.#request;
    const fast = keys.fastTag(value);
    if (!isGuessable(value)) {
      onValue?.(value, fast);
      return { tag: fast, isSlow: false, record };
    }
    const memo = fast.toString('hex');
    const slow = this.#slow.get(memo) ?? keys.slowTag(value);
    this.#slow.set(memo, slow);
    const tag = await slow;
    this.#tell();
    return { tag, isSlow: true, record };
  }

  #recordOf(secret: StoredSecret, version: StoredVersion, field: string): IndexRecord {
    const { store, now } = this.#request;
    const { id, state, createdAt, endedAt } = version;
    return {
      store: store.id,
      ref: secret.ref,
      field,
      version: id,
      state,
      createdAt,
      endedAt,
      expiresAt: secret.expiresAt ?? null,
      seenAt: now.toISOString(),
    };
  }

  /** A version that the store no longer lists was pushed out by newer ones: it stays known, as ended. */
  #restated(record: IndexRecord, secret: StoredSecret): IndexRecord {
    const version = secret.versions.find(({ id }) => id === record.version);
    return version ? this.#recordOf(secret, version, record.field) : this.#ended(record, 'superseded');
  }

  #ended(record: IndexRecord, state: 'superseded' | 'destroyed'): IndexRecord {
    const seenAt = this.#request.now.toISOString();
    const isOver = record.state !== 'current' && record.state !== 'previous';
    return { ...record, state: isOver ? record.state : state, endedAt: record.endedAt ?? seenAt, seenAt };
  }

  #tell(): void {
    this.#request.onProgress?.({ secrets: this.#secrets, read: this.#read, values: this.#values });
  }

  outcome(failure: string | null, tooMuch: readonly string[]): SyncOutcome {
    const { store, name, now, previous } = this.#request;
    const secrets = [...this.#done.values()].map(({ state }) => state);
    const entries = [...this.#done.values()].flatMap((one) => one.entries);
    // What was not listed is gone, if the list was whole; else nobody knows, and what was known stays as it was.
    const isListWhole = failure === null && this.#unsure.size === 0;
    for (const [ref, list] of this.#entriesOf) {
      if (this.#done.has(ref)) continue;
      entries.push(...(isListWhole ? list.map((entry) => ({ ...entry, record: this.#ended(entry.record, 'destroyed') })) : list));
    }
    if (!isListWhole) for (const [ref, state] of this.#known) if (!this.#done.has(ref)) secrets.push(state);
    return {
      state: {
        id: store.id,
        name,
        kind: store.kind,
        syncedAt: failure === null ? now.toISOString() : (previous?.state.syncedAt ?? null),
        failure,
        problems: this.#problems,
        secrets,
      },
      entries,
      tooMuch,
      counts: { secrets: this.#secrets, read: this.#read, values: this.#values, guessable: this.#slow.size },
    };
  }
}
