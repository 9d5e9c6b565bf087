/**
 * The index as a file, and back. In: records with their tags, and what was read of which store. Out: bytes that tell nobody without the key more than how many
 * records there are and when it was written. Written by `leakwarden store sync`, opened by whoever wants a verdict.
 *
 * ```
 *   0  "LKWINDEX"
 *   8  u32 length of the header
 *  12  header, JSON in clear: epoch, writing, times, how guessable values were stretched, counts
 *      u32 n · n × (tag 16 bytes, u32 place of its record, u32 length), sorted by tag: looked up by halving, nothing is parsed
 *      u32 length · records, each sealed and bound to its tag
 *      u32 length · stores, sealed JSON        u32 length · prints, sealed
 *      32 bytes HMAC of all before
 * ```
 * Numbers are little-endian. The file comes from a disk: nothing in it is believed before the HMAC has been checked, and every length is checked after that.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Problem } from '../core/contracts.ts';
import { type StoredPrints, TAG_BYTES } from '../core/stored-prints.ts';
import type { VersionState } from '../core/stores.ts';
import { EPOCH_BYTES, IndexKeys, MAC_BYTES, STRETCH } from './index-keys.ts';
import { unpackPrints } from './prints.ts';

export const MAX_INDEX_BYTES = 512 * 1024 * 1024;
export const MAX_RECORDS = 2_000_000;
const MAX_HEADER_BYTES = 65_536;
const MAGIC = Buffer.from('LKWINDEX');
const SCHEMA = 'leakwarden/index@2';
const ROW_BYTES = TAG_BYTES + 8;

/** Where a value was met in a store, and how that version stands. */
export type IndexRecord = {
  /** SecretStore.id. */
  readonly store: string;
  readonly ref: string;
  readonly field: string;
  readonly version: string;
  readonly state: VersionState;
  readonly createdAt: string | null;
  readonly endedAt: string | null;
  /** When a credential that ends by itself does. */
  readonly expiresAt: string | null;
  /** When the store last said so. */
  readonly seenAt: string;
};

export type IndexEntry = { readonly tag: Buffer; readonly isSlow: boolean; readonly record: IndexRecord };

/** What was read of a store, so that the next reading knows what moved. */
export type StoreState = {
  readonly id: string;
  /** As the user calls it. */
  readonly name: string;
  readonly kind: string;
  /** When it was last read to the end; null when it never was. */
  readonly syncedAt: string | null;
  /** Why the last reading did not come to its end, or null. */
  readonly failure: string | null;
  readonly problems: readonly Problem[];
  readonly secrets: readonly SecretState[];
};

/** `change` is '' where not all of it could be read. */
export type SecretState = { readonly ref: string; readonly change: string; readonly read: readonly string[] };

export type IndexContent = {
  readonly epoch: Buffer;
  readonly stores: readonly StoreState[];
  readonly entries: readonly IndexEntry[];
  /** Fingerprints for the kernel, in the form of prints.ts; empty where there are none. */
  readonly prints: Buffer;
};

export type IndexHeader = {
  readonly writtenAt: string;
  readonly expiresAt: string;
  readonly records: number;
  readonly guessable: number;
};

/** Thrown for a file that is no index, is damaged, or was made with another key. `message` is a reason for the user. */
export class IndexFault extends Error {}

/** Returns the bytes of an index. */
export function encodeIndex(content: IndexContent, key: Buffer, times: { readonly writtenAt: Date; readonly expiresAt: Date }): Buffer {
  const writing = randomBytes(EPOCH_BYTES);
  const keys = new IndexKeys(key, content.epoch, writing);
  const entries = [...content.entries].sort((a, b) => Buffer.compare(a.tag, b.tag));
  const header = {
    schema: SCHEMA,
    epoch: content.epoch.toString('hex'),
    writing: writing.toString('hex'),
    writtenAt: times.writtenAt.toISOString(),
    expiresAt: times.expiresAt.toISOString(),
    stretch: STRETCH,
    records: entries.length,
    guessable: entries.filter(({ isSlow }) => isSlow).length,
  };
  const sealed = entries.map(({ tag, isSlow, record }) => keys.seal(Buffer.from(JSON.stringify({ ...record, isSlow })), tag));
  const rows = Buffer.alloc(ROW_BYTES * entries.length);
  let at = 0;
  for (const [index, { tag }] of entries.entries()) {
    const length = sealed[index]?.length ?? 0;
    tag.copy(rows, ROW_BYTES * index);
    rows.writeUInt32LE(at, ROW_BYTES * index + TAG_BYTES);
    rows.writeUInt32LE(length, ROW_BYTES * index + TAG_BYTES + 4);
    at += length;
  }
  const body = Buffer.concat([
    MAGIC,
    measured(Buffer.from(JSON.stringify(header))),
    number(entries.length),
    rows,
    measured(Buffer.concat(sealed)),
    measured(keys.seal(Buffer.from(JSON.stringify(content.stores)), Buffer.from('stores'))),
    measured(keys.seal(content.prints, Buffer.from('prints'))),
  ]);
  return Buffer.concat([body, keys.mac(body)]);
}

/** An opened file: what it says in clear is known; records are opened when they are asked for. */
export class IndexFile {
  readonly header: IndexHeader;
  readonly epoch: Buffer;
  readonly keys: IndexKeys;
  readonly #rows: Buffer;
  readonly #records: Buffer;
  readonly #stores: Buffer;
  readonly #prints: Buffer;

  /** Throws IndexFault. */
  constructor(bytes: Buffer, key: Buffer) {
    if (bytes.length < MAGIC.length + MAC_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC))
      throw new IndexFault('it is no index of leakwarden');
    const body = bytes.subarray(0, bytes.length - MAC_BYTES);
    const reader = new Reader(body, MAGIC.length);
    const header = headerOf(reader.measured(MAX_HEADER_BYTES));
    this.header = header;
    this.epoch = header.epoch;
    this.keys = new IndexKeys(key, header.epoch, header.writing);
    if (!this.keys.isMac(body, bytes.subarray(body.length))) throw new IndexFault('it is damaged, or was made with another key');
    const count = reader.number();
    if (count > MAX_RECORDS || count !== header.records) throw new IndexFault('its counts do not fit');
    this.#rows = reader.take(ROW_BYTES * count);
    this.#records = reader.measured();
    this.#stores = reader.measured();
    this.#prints = reader.measured();
    if (!reader.isDone()) throw new IndexFault('it goes on after its end');
  }

  /** Returns the records of a tag. */
  recordsOf(tag: Buffer): IndexRecord[] {
    let [low, high] = [0, this.header.records];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (Buffer.compare(this.#tagAt(middle), tag) < 0) low = middle + 1;
      else high = middle;
    }
    const found: IndexRecord[] = [];
    for (; low < this.header.records && this.#tagAt(low).equals(tag); low++) found.push(this.#recordAt(low).record);
    return found;
  }

  /** Returns all that is in it, to be written again. Throws IndexFault. */
  content(): IndexContent {
    const entries = Array.from({ length: this.header.records }, (_, index) => this.#recordAt(index));
    return { epoch: this.epoch, stores: this.stores(), entries, prints: this.prints() };
  }

  stores(): readonly StoreState[] {
    return JSON.parse(this.#opened(this.#stores, Buffer.from('stores')).toString('utf8'));
  }

  prints(): Buffer {
    return this.#opened(this.#prints, Buffer.from('prints'));
  }

  /** Returns a digest of which values are known, whatever is known of them. */
  digest(): string {
    const hash = createHash('sha256');
    for (let index = 0; index < this.header.records; index++) hash.update(this.#tagAt(index));
    return hash.digest('hex');
  }

  /** Returns what the kernel needs to find values at any place, or null where there is nothing to find. */
  storedPrints(): StoredPrints | null {
    const { tags, rows } = unpackPrints(this.prints());
    return rows.length === 0 ? null : { tags, rows, filter: this.keys.filter(), tagKey: this.keys.tagKey() };
  }

  #tagAt(index: number): Buffer {
    return this.#rows.subarray(ROW_BYTES * index, ROW_BYTES * index + TAG_BYTES);
  }

  #recordAt(index: number): IndexEntry {
    const tag = this.#tagAt(index);
    const at = this.#rows.readUInt32LE(ROW_BYTES * index + TAG_BYTES);
    const length = this.#rows.readUInt32LE(ROW_BYTES * index + TAG_BYTES + 4);
    if (at + length > this.#records.length) throw new IndexFault('a record lies outside of it');
    const { isSlow, ...record } = JSON.parse(this.#opened(this.#records.subarray(at, at + length), tag).toString('utf8'));
    return { tag, isSlow: isSlow === true, record };
  }

  /** What the HMAC let through was written by us: a record that does not open is a fault, not a stranger's. */
  #opened(sealed: Buffer, bound: Buffer): Buffer {
    const plain = this.keys.open(sealed, bound);
    if (!plain) throw new IndexFault('a part of it cannot be opened');
    return plain;
  }
}

type Header = IndexHeader & { readonly epoch: Buffer; readonly writing: Buffer };

function headerOf(bytes: Buffer): Header {
  let found: unknown;
  try {
    found = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new IndexFault('its header is damaged');
  }
  const text = (name: string): string => {
    const value: unknown = typeof found === 'object' && found !== null && name in found ? found[name as keyof typeof found] : undefined;
    if (typeof value === 'string') return value;
    throw new IndexFault('its header is damaged');
  };
  const count = (name: string): number => {
    const value: unknown = typeof found === 'object' && found !== null && name in found ? found[name as keyof typeof found] : undefined;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw new IndexFault('its header is damaged');
  };
  if (text('schema') !== SCHEMA) throw new IndexFault('it was made by another version of leakwarden');
  const [epoch, writing] = [Buffer.from(text('epoch'), 'hex'), Buffer.from(text('writing'), 'hex')];
  if (epoch.length !== EPOCH_BYTES || writing.length !== EPOCH_BYTES) throw new IndexFault('its header is damaged');
  const times = [text('writtenAt'), text('expiresAt')] as const;
  if (times.some((time) => Number.isNaN(Date.parse(time)))) throw new IndexFault('its header is damaged');
  return { epoch, writing, writtenAt: times[0], expiresAt: times[1], records: count('records'), guessable: count('guessable') };
}

class Reader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  number(): number {
    return this.take(4).readUInt32LE(0);
  }

  take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new IndexFault('it is cut off');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  measured(most: number = MAX_INDEX_BYTES): Buffer {
    const length = this.number();
    if (length > most) throw new IndexFault('a part of it is too large');
    return this.take(length);
  }

  isDone(): boolean {
    return this.#at === this.#bytes.length;
  }
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function measured(bytes: Buffer): Buffer {
  return Buffer.concat([number(bytes.length), bytes]);
}
