/**
 * Unpacks git's objects in the kernel's memory: zlib streams (assembly/inflate.ts) and deltas (assembly/delta.ts). Plain calls, by address; what they need round
 * the bytes stands in those files. Used by src/engine/history.
 */
import { RUNS, RUNS_MAX } from '../core/kernel-layout.ts';
import type { Kernel } from './load.ts';

/** Why inflate stopped. */
export const INFLATE_DONE = 0;
export const INFLATE_NEEDS_INPUT = 1;
export const INFLATE_IS_FULL = 2;
export const INFLATE_DAMAGED = 3;
export const INFLATE_TRUNCATED = 4;

type Exports = {
  inflateStart(): void;
  inflate(source: number, length: number, isEnd: number, target: number, capacity: number, history: number): number;
  inflateStatus(): number;
  inflateRead(): number;
  deltaStart(delta: number, length: number): number;
  deltaBaseSize(): number;
  deltaResultSize(): number;
  applyDelta(instructions: number, length: number, base: number, baseLength: number, target: number, least: number): number;
};

/** A delta's frame: where its instructions begin, and the sizes it claims. */
export type DeltaFrame = { readonly start: number; readonly baseSize: number; readonly resultSize: number };

export class Unpacker {
  readonly #exports: Exports;
  readonly #runs: Uint32Array;

  constructor(kernel: Kernel) {
    this.#exports = kernel.exports as Exports;
    this.#runs = new Uint32Array(kernel.memory.buffer, RUNS, 3 * RUNS_MAX);
  }

  /** Unpacks a whole stream of which the size is known; false where it is damaged or has another size. */
  inflateWhole(source: number, length: number, target: number, size: number): boolean {
    this.#exports.inflateStart();
    const written = this.#exports.inflate(source, length, 1, target, size, 0);
    return written === size && this.#exports.inflateStatus() === INFLATE_DONE;
  }

  /** Begins a stream that is unpacked piece by piece. */
  startStream(): void {
    this.#exports.inflateStart();
  }

  /** Unpacks on. `history` bytes of earlier output stand before `target`. */
  inflateOn(
    source: number,
    length: number,
    isEnd: boolean,
    target: number,
    capacity: number,
    history: number,
  ): { written: number; read: number; status: number } {
    const written = this.#exports.inflate(source, length, isEnd ? 1 : 0, target, capacity, history);
    return { written, read: this.#exports.inflateRead(), status: this.#exports.inflateStatus() };
  }

  /** Reads a delta's frame; null where it is damaged. */
  deltaFrame(delta: number, length: number): DeltaFrame | null {
    const start = this.#exports.deltaStart(delta, length);
    if (start < 0) return null;
    return { start, baseSize: this.#exports.deltaBaseSize(), resultSize: this.#exports.deltaResultSize() };
  }

  /**
   * Applies the delta whose frame was read last. Returns what was copied in runs of `least` bytes and more, as triples of place in the result, place in the base and
   * length, valid until the next call; 'many' where there are more than RUNS_MAX; null where the delta is damaged.
   */
  applyDelta(
    instructions: number,
    length: number,
    base: number,
    baseLength: number,
    target: number,
    least: number,
  ): Uint32Array | 'many' | null {
    const runs = this.#exports.applyDelta(instructions, length, base, baseLength, target, least);
    if (runs < 0) return null;
    return runs > RUNS_MAX ? 'many' : this.#runs.subarray(0, 3 * runs);
  }
}
