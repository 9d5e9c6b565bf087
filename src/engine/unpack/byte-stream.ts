/** Pieces of bytes, whatever their sizes, read in the amounts that a format wants. Used by all formats that are read from front to back. */
import { broken, type Pieces } from './format.ts';

export class ByteStream {
  readonly #iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #bytes: Buffer = Buffer.alloc(0);
  #isDone = false;

  constructor(pieces: Pieces) {
    this.#iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  }

  /** Returns at least `length` bytes from here on, fewer only at the end. They are read again by whatever comes next. */
  async peek(length: number): Promise<Buffer> {
    if (this.#bytes.length >= length || this.#isDone) return this.#bytes;
    const parts = [this.#bytes];
    let have = this.#bytes.length;
    while (have < length) {
      const { done, value } = await this.#iterator.next();
      if (done === true) {
        this.#isDone = true;
        break;
      }
      parts.push(Buffer.from(value.buffer, value.byteOffset, value.length));
      have += value.length;
    }
    this.#bytes = Buffer.concat(parts);
    return this.#bytes;
  }

  /** Steps over bytes that peek() gave. */
  drop(length: number): void {
    this.#bytes = this.#bytes.subarray(length);
  }

  /** Returns exactly so many bytes. Throws a Fault when there are fewer. */
  async take(length: number): Promise<Buffer> {
    const bytes = (await this.peek(length)).subarray(0, length);
    if (bytes.length < length) throw broken('it ends too early');
    this.drop(length);
    return bytes;
  }

  /** Returns what is there, at least one byte and at most `length`; null at the end. */
  async some(length: number): Promise<Buffer | null> {
    const bytes = (await this.peek(1)).subarray(0, length);
    this.drop(bytes.length);
    return bytes.length === 0 ? null : bytes;
  }

  /** Steps over so many bytes. Throws a Fault when there are fewer. */
  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      const bytes = await this.some(left);
      if (bytes === null) throw broken('it ends too early');
      left -= bytes.length;
    }
  }

  /** Gives the rest. */
  async *rest(): AsyncGenerator<Uint8Array> {
    for (let bytes = await this.some(Number.MAX_SAFE_INTEGER); bytes; bytes = await this.some(Number.MAX_SAFE_INTEGER)) yield bytes;
  }

  /** Lets go of what it reads from. */
  async close(): Promise<void> {
    this.#isDone = true;
    await this.#iterator.return?.();
  }
}
