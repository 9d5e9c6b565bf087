/**
 * Room for unpacked objects in the kernel's memory, from OBJECTS to its end. Few blocks are alive at a time (walk.ts: no more than a logarithm of a tree's
 * objects, and a delta), so that looking through them for a gap costs nothing.
 */
import { OBJECTS, PAD, SLACK } from '../../core/kernel-layout.ts';
import type { Kernel } from '../../kernel/load.ts';

type Block = { readonly from: number; readonly to: number };

const ALIGNMENT = 16;

export class Arena {
  readonly #memory: Buffer;
  /** By address. */
  readonly #blocks: Block[] = [];

  constructor(kernel: Kernel) {
    this.#memory = kernel.memory;
  }

  /** Returns the address of room for `size` bytes, with PAD before it and SLACK after it; null where there is none. */
  take(size: number): number | null {
    const whole = Math.ceil((PAD + size + SLACK) / ALIGNMENT) * ALIGNMENT;
    let from = OBJECTS;
    for (let i = 0; i <= this.#blocks.length; i++) {
      const next = this.#blocks[i];
      const end = next ? next.from : this.#memory.length;
      if (end - from >= whole) {
        this.#blocks.splice(i, 0, { from, to: from + whole });
        return from + PAD;
      }
      from = next?.to ?? from;
    }
    return null;
  }

  free(address: number): void {
    const at = this.#blocks.findIndex(({ from }) => from === address - PAD);
    if (at >= 0) this.#blocks.splice(at, 1);
  }

  /** Puts PAD zero bytes round an object, which the scan counts on. */
  pad(address: number, length: number): void {
    this.#memory.fill(0, address - PAD, address);
    this.#memory.fill(0, address + length, address + length + PAD);
  }

  freeAll(): void {
    this.#blocks.length = 0;
  }
}
