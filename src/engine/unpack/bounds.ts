/**
 * What may be spent on one file that is an archive, with all that is nested in it. Made anew for each such file by scan-archive.ts, spent by
 * unpack.ts and the formats; reaching a bound throws a Fault, which becomes a problem in the report.
 */
import { Fault } from './format.ts';

/** Entries of an archive and of all archives in it. */
export const MAX_ENTRIES = 200_000;
/** Bytes that come out, at all levels together. About a minute of work. */
export const MAX_UNPACKED_BYTES = 4096 * 1024 * 1024;
/** Bytes of one entry that are scanned; an archive in an archive that must be read at random is no larger either. */
export const MAX_ENTRY_BYTES = 64 << 20;
/** Bytes kept in memory at a time, at all levels together: entries, directories, dictionaries. */
export const MAX_HELD_BYTES = 192 << 20;
/** Bytes out for a byte in. Deflate alone reaches 1,032 with nothing but zeros; logs and dumps stay below 100. */
export const MAX_RATIO = 250;
/** Below this much it does not matter how well something packs. */
export const RATIO_FREE_BYTES = 128 << 20;
/** Names are cut there. */
export const MAX_NAME_CHARACTERS = 1024;
/** Time for one file, in milliseconds. */
export const MAX_UNPACK_MS = 2 * 60_000;
/** Problems named in one file: a broken directory may have one for every entry. */
export const MAX_FAULTS = 50;

export class Budget {
  readonly #outerBytes: number;
  readonly #now: () => number;
  readonly #deadline: number;
  #entries = 0;
  #unpacked = 0;
  #held = 0;
  #faults = 0;

  /** `outerBytes`: the size of the file itself; `now` in milliseconds. */
  constructor(outerBytes: number, now: () => number) {
    this.#outerBytes = outerBytes;
    this.#now = now;
    this.#deadline = now() + MAX_UNPACK_MS;
  }

  /** Counts an entry, whatever becomes of it. Throws a Fault that ends the file. */
  countEntry(): void {
    if (++this.#entries > MAX_ENTRIES) throw limit('the number of entries', MAX_ENTRIES);
    if (this.#now() > this.#deadline) throw limit('the time in milliseconds', MAX_UNPACK_MS);
  }

  /** Counts bytes that came out. Throws a Fault that ends the file. */
  countBytes(bytes: number): void {
    this.#unpacked += bytes;
    if (this.#unpacked > MAX_UNPACKED_BYTES) throw limit('the number of unpacked bytes', MAX_UNPACKED_BYTES);
    if (this.#unpacked > RATIO_FREE_BYTES && this.#unpacked > MAX_RATIO * this.#outerBytes)
      throw limit('the number of bytes for each byte of the file', MAX_RATIO);
    if (this.#now() > this.#deadline) throw limit('the time in milliseconds', MAX_UNPACK_MS);
  }

  /** Counts bytes that are kept in memory until they are released. Throws a Fault of that entry. */
  hold(bytes: number): void {
    if (this.#held + bytes > MAX_HELD_BYTES) throw new Fault('archive-limit', 'the number of bytes in memory', { limit: MAX_HELD_BYTES });
    this.#held += bytes;
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }

  /** Counts a problem. Throws a Fault that ends the file, once there are too many. */
  countFault(): void {
    if (++this.#faults > MAX_FAULTS) throw limit('the number of problems', MAX_FAULTS);
  }
}

function limit(what: string, limit: number): Fault {
  return new Fault('archive-limit', what, { limit, isFinal: true });
}
