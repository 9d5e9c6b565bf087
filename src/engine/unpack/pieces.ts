/**
 * The bytes of an entry: looked at, then read as a stream, or gathered up to a limit. A Fault on the way comes after what was whole before it, so
 * that this is scanned too. Used by unpack.ts; also makes the Input of an archive in an archive.
 */
import type { ReadAt } from '../windows.ts';
import { type Budget, MAX_ENTRY_BYTES } from './bounds.ts';
import { Fault, type Input, type Pieces, type RandomBytes } from './format.ts';

export class EntryBytes {
  readonly #iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  readonly #budget: Budget;
  #waiting: Uint8Array[] = [];
  #isDone = false;
  #held = 0;
  /** Why it ended early, until somebody was told. */
  fault: Fault | null = null;

  constructor(pieces: Pieces, budget: Budget) {
    this.#iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
    this.#budget = budget;
  }

  /** Returns the first bytes, at least `length` if there are so many. Called before anything else. */
  async head(length: number): Promise<Uint8Array> {
    let have = 0;
    while (have < length && (await this.#pull())) have += this.#waiting.at(-1)?.length ?? 0;
    return this.#waiting.length === 1 ? (this.#waiting[0] ?? new Uint8Array()) : Buffer.concat(this.#waiting);
  }

  /** Gives all bytes, then throws the Fault if there was one. */
  async *stream(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = this.#waiting.shift() ?? ((await this.#pull()) ? this.#waiting.shift() : undefined);
      if (!piece) break;
      yield piece;
    }
    const { fault } = this;
    this.fault = null;
    if (fault) throw fault;
  }

  /** Reads up to MAX_ENTRY_BYTES into memory; what is beyond is a Fault. */
  async gather(): Promise<readonly Uint8Array[]> {
    let have = this.#waiting.reduce((sum, piece) => sum + piece.length, 0);
    try {
      this.#budget.hold(have);
      this.#held += have;
      while (await this.#pull()) {
        const bytes = this.#waiting.at(-1)?.length ?? 0;
        have += bytes;
        if (have > MAX_ENTRY_BYTES) {
          this.#waiting.pop();
          throw new Fault('archive-limit', 'the size of an entry in bytes', { limit: MAX_ENTRY_BYTES });
        }
        this.#budget.hold(bytes);
        this.#held += bytes;
      }
    } catch (error) {
      if (!(error instanceof Fault) || error.isFinal) throw error;
      this.fault = error;
    }
    return this.#waiting;
  }

  /** Lets go of memory and of what it reads from. */
  async close(): Promise<void> {
    this.#budget.release(this.#held);
    this.#held = 0;
    this.#waiting = [];
    await this.#iterator.return?.();
  }

  /** Puts the next piece behind those that wait; false at the end. Throws what ends the whole file. */
  async #pull(): Promise<boolean> {
    if (this.#isDone) return false;
    try {
      for (;;) {
        const { done, value } = await this.#iterator.next();
        if (done === true) break;
        if (value.length === 0) continue;
        this.#budget.countBytes(value.length);
        this.#waiting.push(value);
        return true;
      }
    } catch (error) {
      if (!(error instanceof Fault) || error.isFinal) throw error;
      this.fault = error;
    }
    this.#isDone = true;
    return false;
  }
}

/** Returns an entry as the input of another format. */
export function inputOf(entry: EntryBytes, head: Uint8Array, name: string): Input {
  return {
    name,
    head,
    pieces: () => entry.stream(),
    random: async () => fromBytes(Buffer.concat(await entry.gather())),
  };
}

export function fromBytes(bytes: Uint8Array): RandomBytes {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return { size: bytes.length, read: (position, length) => buffer.subarray(position, position + length) };
}

/** Reads from pieces as if they were one: positions may go back and forth, mostly forth. */
export function readFromPieces(pieces: readonly Uint8Array[]): ReadAt {
  let index = 0;
  let start = 0;
  return (target, offset, length, position) => {
    while (index > 0 && position < start) start -= pieces[--index]?.length ?? 0;
    for (let piece = pieces[index]; piece && position >= start + piece.length; piece = pieces[index]) {
      start += piece.length;
      index++;
    }
    const part = pieces[index]?.subarray(position - start, position - start + length);
    if (!part) return 0;
    target.set(part, offset);
    return part.length;
  };
}
