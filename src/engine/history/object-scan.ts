/**
 * Scans one unpacked object in the kernel's memory: whole, or, where it is a delta of one that was scanned, what is new in it (carry.ts). Gives its matches
 * for files of each role, and its records for the deltas that come after. One a thread; called by walk.ts and whole-objects.ts.
 */
import { WINDOW_MAX } from '../../core/kernel-layout.ts';
import type { Kernel } from '../../kernel/load.ts';
import type { RawMatch } from '../confirm.ts';
import { detectEncoding } from '../encoding.ts';
import { FILE_ROLES, type FileRole } from '../file-role.ts';
import { FIRST_LINE, Locator } from '../locate.ts';
import { type BlobScanner, type FoundMatch, inOrder, MAX_MATCHES, type MatchesByRole, type RolesResult } from '../scan-blob.ts';
import { type ReadAt, readFromBytes } from '../windows.ts';
import { type Carried, carry, type Region } from './carry.ts';
import type { Reach } from './reach.ts';
import { type Candidate, type LongRead, MAX_RECORDS, matchAt, NotingText, type Proof, type Records } from './records.ts';

/** An object in the kernel's memory, with PAD zero bytes round it. */
export type Unpacked = { readonly address: number; readonly length: number };

/** A base that was scanned, and what a delta copies from it. */
export type Descent = { readonly base: Records; readonly baseLength: number; readonly runs: Uint32Array };

export type ObjectResult = {
  readonly byRole: MatchesByRole;
  readonly isBinary: boolean;
  readonly isOverfull: boolean;
  readonly candidates: number;
  readonly scannedBytes: number;
  /** null: its deltas must be scanned whole. */
  readonly records: Records | null;
};

const PROGRAMS = 65536;

export class ObjectScanner {
  readonly #kernel: Kernel;
  readonly #scanner: BlobScanner;
  readonly #reach: Reach;
  readonly #includeBinary: boolean;

  constructor(kernel: Kernel, scanner: BlobScanner, reach: Reach, includeBinary: boolean) {
    this.#kernel = kernel;
    this.#scanner = scanner;
    this.#reach = reach;
    this.#includeBinary = includeBinary;
  }

  /** Scans an object; only what is new in it where `descent` says what is not. */
  scan(object: Unpacked, descent: Descent | null): ObjectResult {
    const { address, length } = object;
    const bytes = this.#kernel.memory.subarray(address, address + length);
    const encoding = detectEncoding(bytes);
    if (encoding === 'binary' && !this.#includeBinary)
      return toResult({ byRole: {}, bytes: 0, candidates: 0, isBinary: true, isArchive: false, isOverfull: false, isUndecoded: false });
    // What is turned into UTF-8 first is settled window by window: no carrying there.
    if (encoding === 'utf-16le' || encoding === 'utf-16be') return this.scanWhole(readFromBytes(bytes));
    const records = this.#scanParts(object, bytes, descent);
    if (!records) return this.scanWhole(readFromBytes(bytes));
    const raw = records.candidates.flatMap(({ proof, at }) => matchAt(proof, at) ?? []);
    const byRole = raw.length > 0 ? this.#settle(object, raw) : {};
    return byRole
      ? { byRole, isBinary: false, isOverfull: false, candidates: records.candidates.length, scannedBytes: records.scannedBytes, records }
      : this.scanWhole(readFromBytes(bytes));
  }

  /** Scans an object without a look at what is known of others: the slow twin of scan(). */
  scanAlone(object: Unpacked): ObjectResult {
    const { address, length } = object;
    // All that is in memory is one window, so that a delta's result hangs on no edge of windows; the text of a file of that size has several.
    if (length >= WINDOW_MAX) return { ...this.scan(object, null), records: null };
    return this.scanWhole(readFromBytes(this.#kernel.memory.subarray(address, address + length)));
  }

  /** Scans what `readAt` gives, window by window, as a file. */
  scanWhole(readAt: ReadAt): ObjectResult {
    return toResult(this.#scanner.scanInRoles(readAt, FILE_ROLES));
  }

  /** Returns the object's records, or null where there are too many. */
  #scanParts({ address, length }: Unpacked, bytes: Buffer, descent: Descent | null): (Records & { scannedBytes: number }) | null {
    const carried: Carried = descent
      ? carry(descent.base, descent.baseLength, descent.runs, length, this.#reach)
      : { regions: wholeOf(length), kept: [], doubtful: [], dropped: [], long: [] };
    const text = new NotingText(bytes);
    const confirm = (at: number, index: number): Proof | null => {
      const program = this.#scanner.programOf(index);
      return program && text.takeProof(at, this.#scanner.confirm(text, at, program));
    };
    const found: Candidate[] = [...carried.kept];
    for (const { at, program, proof } of carried.doubtful) found.push({ at, program, proof: confirm(at, program) ?? proof });
    const proven = new Map(carried.dropped.map(({ at, program, proof }) => [at * PROGRAMS + program, proof]));
    const long: LongRead[] = [...carried.long];
    let scannedBytes = 0;
    for (const { from, to } of carried.regions) {
      const part = this.#kernel.scanPart(address, length, from, to);
      scannedBytes += to - from;
      if (part.isOverfull || part.pairs.length + found.length > 2 * MAX_RECORDS) return null;
      for (let i = 0; i < part.long.length; i += 2) long.push({ at: part.long[i] ?? 0, end: part.long[i + 1] ?? 0 });
      for (const { at, program } of inOrder(part.pairs)) {
        const proof = proven.get(at * PROGRAMS + program) ?? confirm(at, program);
        if (proof) found.push({ at, program, proof });
      }
    }
    const candidates = sorted(found, ({ at, program }) => at * PROGRAMS + program);
    const reads = sorted(long, ({ at, end }) => at * PROGRAMS * 1024 + end);
    return candidates.length > MAX_RECORDS || reads.length > MAX_RECORDS ? null : { candidates, long: reads, scannedBytes };
  }

  /** Returns the matches by role, or null where there are more than are kept. */
  #settle({ address, length }: Unpacked, raw: readonly RawMatch[]): MatchesByRole | null {
    const locator = new Locator(this.#kernel.textAt(address, length), length, FIRST_LINE);
    const byRole: Partial<Record<FileRole, FoundMatch[]>> = {};
    const window = { length, coreStart: 0, coreEnd: length, nextStart: -1, toBlob: (at: number) => at };
    const isOverfull = raw.length > MAX_MATCHES || this.#scanner.settle(raw, FILE_ROLES, window, locator, byRole);
    return isOverfull ? null : byRole;
  }
}

/** A part has room for OUT_MAX candidates. */
const PART_BYTES = 1 << 20;

function wholeOf(length: number): Region[] {
  return Array.from({ length: Math.ceil(length / PART_BYTES) }, (_, i) => ({
    from: i * PART_BYTES,
    to: Math.min(length, (i + 1) * PART_BYTES),
  }));
}

function toResult({ byRole, candidates, isBinary, isOverfull, bytes }: RolesResult): ObjectResult {
  return { byRole, isBinary, isOverfull, candidates, scannedBytes: bytes, records: null };
}

/** Returns them by their key, each once. */
function sorted<T>(items: readonly T[], keyOf: (item: T) => number): T[] {
  let last = -1;
  return [...items]
    .sort((a, b) => keyOf(a) - keyOf(b))
    .filter((item) => {
      const isNext = keyOf(item) !== last;
      last = keyOf(item);
      return isNext;
    });
}
