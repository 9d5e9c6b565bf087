/**
 * Scans one unpacked object in the kernel's memory: whole, or, where it is a delta of one that was scanned, what is new in it (carry.ts). Gives its matches
 * for files of each role, and its records for the deltas that come after. One a thread; called by walk.ts and whole-objects.ts.
 */
import { WINDOW_MAX } from '../../core/kernel-layout.ts';
import type { Kernel } from '../../kernel/load.ts';
import { detectEncoding } from '../encoding.ts';
import { FILE_ROLES, type FileRole } from '../file-role.ts';
import { type FoundMatch, toText } from '../found-match.ts';
import { FIRST_LINE, Locator } from '../locate.ts';
import { type BlobScanner, inOrder, MAX_MATCHES, type MatchesByRole, type RolesResult, storedMatch } from '../scan-blob.ts';
import { placesOf } from '../stored-confirm.ts';
import { type ReadAt, readFromBytes } from '../windows.ts';
import { type Carried, carry, leastRun } from './carry.ts';
import { MAX_LONG_READS, NO_LONG_READS, withFresh } from './long-reads.ts';
import { type ObjectEncoded, ObjectEncodedText } from './object-encoded.ts';
import { findStored } from './object-stored.ts';
import type { Reach } from './reach.ts';
import { type Candidate, MAX_RECORDS, matchAt, NotingText, type Proof, type Records } from './records.ts';

/** An object in the kernel's memory, with PAD zero bytes round it. */
export type Unpacked = { readonly address: number; readonly length: number };

/** A base that was scanned, and what a delta copies from it. */
export type Descent = { readonly base: Records; readonly baseLength: number; readonly runs: Uint32Array };

export type ObjectResult = {
  readonly byRole: MatchesByRole;
  /** Stored values, and assigned ones of which that is wanted (ScanSetup.assigned), in the order of their places. */
  readonly values: readonly FoundMatch[];
  /** Texts in the places of passwords, where those are wanted. */
  readonly texts: readonly string[];
  readonly isBinary: boolean;
  readonly isOverfull: boolean;
  /** There was more encoded text than is decoded in one blob. */
  readonly isUndecoded: boolean;
  /** Bytes that came out of what was packed in the text, where that was not known of a base. */
  readonly unpackedBytes: number;
  readonly candidates: number;
  readonly scannedBytes: number;
  /** null: its deltas must be scanned whole. */
  readonly records: Records | null;
};

/** What is found in an object, and what its deltas need of it. */
type ScannedParts = { readonly records: Records; readonly encoded: ObjectEncoded; readonly scannedBytes: number };

/** Confirms a candidate: place and program; null where its rule is off. */
type Confirm = (at: number, index: number) => Proof | null;

const PROGRAMS = 65536;

export class ObjectScanner {
  readonly #kernel: Kernel;
  readonly #scanner: BlobScanner;
  readonly #reach: Reach;
  readonly #encoded: ObjectEncodedText;
  readonly #includeBinary: boolean;
  /** Shorter runs of a delta need not be told of. */
  readonly leastRun: number;

  constructor(kernel: Kernel, scanner: BlobScanner, reach: Reach, includeBinary: boolean) {
    this.#kernel = kernel;
    this.#scanner = scanner;
    this.#reach = reach;
    this.#encoded = new ObjectEncodedText(kernel, scanner.encoded);
    this.#includeBinary = includeBinary;
    this.leastRun = leastRun(reach);
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
    const scanned = this.#scanParts(object, bytes, descent);
    const settled = scanned && this.#settle(object, scanned);
    if (!scanned || !settled) return this.scanWhole(readFromBytes(bytes));
    const { records, scannedBytes, encoded } = scanned;
    const { isUndecoded, unpackedBytes } = encoded;
    const counts = { candidates: records.candidates.length, scannedBytes, unpackedBytes };
    return { ...settled, ...counts, isBinary: false, isOverfull: false, isUndecoded, records };
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

  /** Returns what is found in the object, or null where that is too much. */
  #scanParts(object: Unpacked, bytes: Buffer, descent: Descent | null): ScannedParts | null {
    const { length } = object;
    const carried: Carried = descent
      ? carry(descent.base, descent.baseLength, descent.runs, length, this.#reach)
      : { regions: wholeOf(length), kept: [], doubtful: [], dropped: [], long: NO_LONG_READS, changes: [], runs: [] };
    const text = new NotingText(bytes);
    const confirm: Confirm = (at, index) => {
      const program = this.#scanner.programOf(index);
      const value = program && this.#scanner.valueAt(text, at, program);
      return program && text.takeProof(at, this.#scanner.confirm(text, at, program), value);
    };
    const base = descent ? descent.base.encoded : null;
    const { scanned: parts, encoded } = this.#encoded.scan(object, bytes, carried, base, () => this.#scanRegions(object, carried, confirm));
    if (!parts || !encoded) return null;
    const { found, fresh } = parts;
    // What is kept rises already.
    const isSorted = found.length === carried.kept.length;
    const candidates = isSorted ? found : sorted(found, ({ at, program }) => at * PROGRAMS + program);
    const long = withFresh(carried.long, fresh);
    if (candidates.length > MAX_RECORDS || !long) return null;
    const { stored } = this.#scanner.setup;
    const hits = stored ? findStored(this.#kernel, stored.prints, object, bytes, descent, carried.changes) : [];
    const records = hits && { candidates, long, stored: hits, encoded: encoded.records };
    return records && { records, encoded, scannedBytes: bytesIn(carried.regions) };
  }

  /** Returns the candidates of the object, confirmed or not, in any order, and the kernel's long reads in the regions; null: too many. */
  #scanRegions({ address, length }: Unpacked, carried: Carried, confirm: Confirm): { found: Candidate[]; fresh: number[] } | null {
    const found: Candidate[] = [...carried.kept];
    for (const { at, program, proof } of carried.doubtful) found.push({ at, program, proof: confirm(at, program) ?? proof });
    const proven = new Map(carried.dropped.map(({ at, program, proof }) => [at * PROGRAMS + program, proof]));
    const fresh: number[] = [];
    for (let n = 0; n < carried.regions.length; n += 2) {
      const from = carried.regions[n] ?? 0;
      const to = carried.regions[n + 1] ?? 0;
      const part = this.#kernel.scanPart(address, length, from, Math.min(length, to + this.#reach.ahead));
      if (part.isOverfull || part.pairs.length + found.length > 2 * MAX_RECORDS || fresh.length > 6 * MAX_LONG_READS) return null;
      for (let i = 0; i < part.long.length; i++) fresh.push(part.long[i] ?? 0);
      if (part.pairs.length === 0) continue;
      for (const { at, program } of inOrder(part.pairs)) {
        const proof = proven.get(at * PROGRAMS + program) ?? confirm(at, program);
        if (proof) found.push({ at, program, proof });
      }
    }
    return { found, fresh };
  }

  /** Returns what the records come to, or null where that is more than is kept. */
  #settle(
    { address, length }: Unpacked,
    { records: { candidates, stored }, encoded }: ScannedParts,
  ): Pick<ObjectResult, 'byRole' | 'values' | 'texts'> | null {
    const raw = candidates.flatMap(({ proof, at }) => matchAt(proof.match, proof, at) ?? []);
    const places = placesOf(stored).map(storedMatch);
    const isForTexts = this.#scanner.setup.assigned === 'texts';
    const texts = isForTexts ? textsOf(candidates) : [];
    const assigned = isForTexts ? [] : candidates.flatMap(({ proof, at }) => matchAt(proof.value, proof, at) ?? []);
    const hasMatches = raw.length > 0 || encoded.found.length > 0;
    if (!hasMatches && places.length === 0 && assigned.length === 0) return { byRole: {}, values: [], texts };
    const locator = new Locator(this.#kernel.textAt(address, length), length, FIRST_LINE);
    const byRole: Partial<Record<FileRole, FoundMatch[]>> = {};
    const values = new Map<string, FoundMatch>();
    const window = { length, coreStart: 0, coreEnd: length, nextStart: -1, toBlob: (at: number) => at };
    const isOverfull =
      raw.length > MAX_MATCHES ||
      this.#scanner.locateValues(places, assigned, window, locator, values) ||
      (hasMatches && this.#scanner.settle(raw, FILE_ROLES, window, locator, byRole, encoded.found));
    return isOverfull ? null : { byRole, values: inPlace(values.values()), texts };
  }
}

/** A part has room for OUT_MAX candidates. */
const PART_BYTES = 1 << 20;

function wholeOf(length: number): number[] {
  return Array.from({ length: Math.ceil(length / PART_BYTES) }, (_, i) => [i * PART_BYTES, Math.min(length, (i + 1) * PART_BYTES)]).flat();
}

function bytesIn(regions: readonly number[]): number {
  let sum = 0;
  for (let n = 0; n < regions.length; n += 2) sum += (regions[n + 1] ?? 0) - (regions[n] ?? 0);
  return sum;
}

function toResult({ values = [], texts = [], unpackedBytes = 0, bytes, isArchive: _, ...result }: RolesResult): ObjectResult {
  return { ...result, unpackedBytes, values: inPlace(values), texts, scannedBytes: bytes, records: null };
}

function inPlace(values: Iterable<FoundMatch>): FoundMatch[] {
  return [...values].sort((a, b) => a.place.span.start - b.place.span.start || a.place.span.end - b.place.span.end);
}

/** Returns what stands in the places of passwords: most blobs have most of it from their base. */
function textsOf(candidates: readonly Candidate[]): string[] {
  const secrets = new Set<string>();
  for (const { proof } of candidates) if (proof.value) secrets.add(proof.value.secret);
  return [...secrets].map(toText);
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
