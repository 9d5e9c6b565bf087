/**
 * Starts the kernel: the WebAssembly module (src/kernel/assembly, compiled by asc at build time), its memory, the tables of a ruleset.
 * One instance a thread; the compiled module can be posted to another thread.
 */
import { DATA, OUT, OUT_MAX, PAD, PAGES, SPANS, SPANS_MAX, WINDOW_MAX } from '../core/kernel-layout.ts';

type Exports = {
  scan(length: number): number;
  findEncoded(): number;
  countByte(start: number, length: number, byte: number): number;
  countUnits(start: number, length: number): number;
};

/** Returns the compiled module of the kernel's bytes. About 1 ms. */
export function compileKernel(wasm: Uint8Array): WebAssembly.Module {
  return new WebAssembly.Module(Uint8Array.from(wasm));
}

export class Kernel {
  readonly #exports: Exports;
  readonly #memory: Uint8Array;
  readonly #out: Uint32Array;
  readonly #spans: Uint32Array;
  /** The window: read files into it, then call scan(). */
  readonly window: Buffer;

  /** `image`: the tables from address 0 (src/ruleset/compile.ts). */
  constructor(module: WebAssembly.Module, image: Uint8Array) {
    const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    this.#exports = instance.exports as Exports;
    this.#memory = new Uint8Array(memory.buffer);
    this.#memory.set(image);
    this.#out = new Uint32Array(memory.buffer, OUT, 2 * OUT_MAX);
    this.#spans = new Uint32Array(memory.buffer, SPANS, 3 * SPANS_MAX);
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
    return { pairs: this.#out.subarray(0, 2 * Math.min(found, OUT_MAX)), isOverfull: found > OUT_MAX };
  }

  /**
   * Lists the encoded text in the window as scan() was told of it last. Returns triples of kinds (ENCODED_*), start and end;
   * valid until the next call. `isOverfull`: there was more than is returned.
   */
  findEncoded(): { spans: Uint32Array; isOverfull: boolean } {
    const found = this.#exports.findEncoded();
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

  /** Returns how often `byte` occurs in a part of the window. */
  countByte(start: number, end: number, byte: number): number {
    return end <= start ? 0 : this.#exports.countByte(DATA + start, end - start, byte);
  }

  /** Returns how many UTF-16 units a part of the window has, read as UTF-8. */
  countUnits(start: number, end: number): number {
    return end <= start ? 0 : this.#exports.countUnits(DATA + start, end - start);
  }
}
