/**
 * Starts the kernel: the WebAssembly module (src/kernel/assembly, compiled by asc at build time), its memory, the tables of a ruleset.
 * One instance a thread; the compiled module can be posted to another thread.
 */
import {
  DATA,
  type LIST_BLOB,
  LIST_CHANGES,
  LONG_MAX,
  LONG_OUT,
  OUT,
  OUT_MAX,
  PAD,
  PAGES,
  PAGES_WITH_STORED,
  SPANS,
  SPANS_MAX,
  STORED_FACTORS,
  WINDOW_MAX,
} from '../core/kernel-layout.ts';

type Exports = {
  scan(length: number): number;
  scanPart(address: number, length: number, from: number, to: number): number;
  longReads(): number;
  listEncoded(address: number, length: number, what: number): void;
  stopListing(): void;
  findEncoded(from: number, to: number): number;
  scanStored(address: number, from: number, to: number): number;
  countByte(start: number, length: number, byte: number): number;
  countUnits(start: number, length: number): number;
};

/** Returns the compiled module of the kernel's bytes. About 1 ms. */
export function compileKernel(wasm: Uint8Array): WebAssembly.Module {
  return new WebAssembly.Module(Uint8Array.from(wasm));
}

/** Text in the kernel's memory, and what the kernel counts in it. */
export type TextInKernel = {
  readonly window: Buffer;
  countByte(start: number, end: number, byte: number): number;
  countUnits(start: number, end: number): number;
};

/** Bytes in which escapes are looked for in the time that a call of the kernel takes: what lies between two regions that change is looked at too. */
const CALL_BYTES = 512;

/** What most files come to: an array of nothing costs more than looking at a short one. */
const NO_PAIRS = new Uint32Array(0);
const NO_SPANS = { spans: NO_PAIRS, isOverfull: false } as const;
const NO_CANDIDATES = { pairs: NO_PAIRS, isOverfull: false } as const;
const NO_PLACES = new Int32Array(0);

export class Kernel implements TextInKernel {
  readonly #exports: Exports;
  readonly #memory: Uint8Array;
  readonly #long: Int32Array;
  readonly #out: Uint32Array;
  readonly #spans: Uint32Array;
  /** The window: read files into it, then call scan(). */
  readonly window: Buffer;
  /** All of it, by address. */
  readonly memory: Buffer;
  /** What unpacks objects (unpack.ts). */
  readonly exports: Readonly<Record<string, unknown>>;

  /** Tables of stored values are there: scanStored() may be called. */
  readonly hasStored: boolean;

  /**
   * `image`: the tables from address 0 (src/ruleset/compile.ts). `pages` of 64 KiB are what a history needs more of. `stored`: the tables of stored values, from
   * STORED_FACTORS, or null (src/engine/stored-tables.ts).
   */
  constructor(module: WebAssembly.Module, image: Uint8Array, pages: number = PAGES, stored: Uint8Array | null = null) {
    const size = stored ? Math.max(pages, PAGES_WITH_STORED) : pages;
    const memory = new WebAssembly.Memory({ initial: size, maximum: size });
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    this.#exports = instance.exports as Exports;
    this.exports = instance.exports;
    this.memory = Buffer.from(memory.buffer);
    this.#memory = new Uint8Array(memory.buffer);
    this.#memory.set(image);
    if (stored) this.#memory.set(stored, STORED_FACTORS);
    this.hasStored = stored !== null;
    this.#out = new Uint32Array(memory.buffer, OUT, 2 * OUT_MAX);
    this.#spans = new Uint32Array(memory.buffer, SPANS, 3 * SPANS_MAX);
    this.#long = new Int32Array(memory.buffer, LONG_OUT, 3 * LONG_MAX);
    this.window = Buffer.from(memory.buffer, DATA, WINDOW_MAX);
  }

  /**
   * Scans the first `length` bytes of the window. Returns pairs of place (byte in the window) and program; valid until the next call.
   * `isOverfull`: there were more candidates than are returned.
   */
  scan(length: number): { pairs: Uint32Array; isOverfull: boolean } {
    // An earlier, longer window may have left its bytes where PAD zero bytes must follow.
    this.#memory.fill(0, DATA + length, DATA + length + PAD);
    const found = this.#exports.scan(length);
    if (found === 0) return NO_CANDIDATES;
    return { pairs: this.#out.subarray(0, 2 * Math.min(found, OUT_MAX)), isOverfull: found > OUT_MAX };
  }

  /**
   * Lists the encoded text in the window as scan() was told of it last, with its length. Returns triples of kinds (ENCODED_*), start and end;
   * valid until the next call. `isOverfull`: there was more than is returned.
   */
  findEncoded(length: number): { spans: Uint32Array; isOverfull: boolean } {
    return this.#spansOf(this.#exports.findEncoded(0, length));
  }

  /**
   * While `scanParts` runs, scanPart() of this blob lists what is encoded in it, which is then completed for the places of `regions` (from and to of each). `LIST_BLOB`:
   * all spans, where `regions` is the whole blob; a span of no kind is what was read beside another, or for nothing. `LIST_CHANGES`: whether a span may begin there.
   */
  listEncoded<Found>(
    address: number,
    length: number,
    what: typeof LIST_BLOB | typeof LIST_CHANGES,
    regions: readonly number[],
    scanParts: () => Found,
  ): { readonly scanned: Found; readonly spans: Uint32Array; readonly isOverfull: boolean } {
    this.#exports.listEncoded(address, length, what);
    let scanned: Found;
    try {
      scanned = scanParts();
    } finally {
      this.#exports.stopListing();
    }
    let found = 0;
    for (let n = 0; n < regions.length; n += 2) {
      const from = regions[n] ?? 0;
      while (what === LIST_CHANGES && (regions[n + 2] ?? Number.POSITIVE_INFINITY) - (regions[n + 1] ?? 0) < CALL_BYTES) n += 2;
      found = this.#exports.findEncoded(from, regions[n + 1] ?? 0);
    }
    return { scanned, ...this.#spansOf(found) };
  }

  #spansOf(found: number): { spans: Uint32Array; isOverfull: boolean } {
    if (found === 0) return NO_SPANS;
    return { spans: this.#spans.subarray(0, 3 * Math.min(found, SPANS_MAX)), isOverfull: found > SPANS_MAX };
  }

  /** Puts `text` into the window, at most WINDOW_MAX bytes, as long as `use` runs; then what stood there stands there again. */
  borrow<Found>(text: Uint8Array, use: () => Found): Found {
    const reach = this.#memory.subarray(DATA, DATA + text.length + PAD);
    const before = reach.slice();
    this.window.set(text);
    try {
      return use();
    } finally {
      reach.set(before);
    }
  }

  /**
   * Scans the places [from, to) of a blob in this memory, with PAD zero bytes before and after it; also gives, in triples, the places for which
   * more was read than LONG_BACK bytes before and LONG_REACH from there on, with the first byte read (below zero: the start was in the way) and the last one. Valid
   * until the next call.
   */
  scanPart(address: number, length: number, from: number, to: number): { pairs: Uint32Array; long: Int32Array; isOverfull: boolean } {
    const found = this.#exports.scanPart(address, length, from, to);
    const reads = this.#exports.longReads();
    return {
      // Mostly there is none, and an array of no numbers costs more than the scan of a short part.
      pairs: found === 0 ? NO_PAIRS : this.#out.subarray(0, 2 * Math.min(found, OUT_MAX)),
      long: reads === 0 ? NO_PLACES : this.#long.subarray(0, 3 * Math.min(reads, LONG_MAX)),
      isOverfull: found > OUT_MAX || reads > LONG_MAX,
    };
  }

  /** Returns the bytes at an address as a text that places can be counted in. */
  textAt(address: number, length: number): TextInKernel {
    return {
      window: this.memory.subarray(address, address + length),
      countByte: (start, end, byte) => (end <= start ? 0 : this.#exports.countByte(address + start, end - start, byte)),
      countUnits: (start, end) => (end <= start ? 0 : this.#exports.countUnits(address + start, end - start)),
    };
  }

  /** As scan(): pairs of the place of a gram and row (src/core/stored-prints.ts), where a stored value may stand. Overwrites the pairs of scan(). */
  scanStored(length: number): { pairs: Uint32Array; isOverfull: boolean } {
    this.#memory.fill(0, DATA + length, DATA + length + PAD);
    return this.scanStoredPart(DATA, 0, length);
  }

  /** The same for the windows that begin at the places [from, to) of a blob in this memory, with PAD zero bytes after it. */
  scanStoredPart(address: number, from: number, to: number): { pairs: Uint32Array; isOverfull: boolean } {
    const found = this.#exports.scanStored(address, from, to);
    if (found === 0) return NO_CANDIDATES;
    return { pairs: this.#out.slice(0, 2 * Math.min(found, OUT_MAX)), isOverfull: found > OUT_MAX };
  }

  /** Returns how often `byte` occurs in a part of the window. */
  countByte(start: number, end: number, byte: number): number {
    return end <= start ? 0 : this.#exports.countByte(DATA + start, end - start, byte);
  }

  /** Returns how many UTF-16 units a part of the window has, read as UTF-8. */
  countUnits(start: number, end: number): number {
    return end <= start ? 0 : this.#exports.countUnits(DATA + start, end - start);
  }
}
