/** Cuts a stream of bytes into the fields that NULs end, in bounded memory: a field that is too long is cut, and how much of it is missing is told. */

/** Longer messages and paths are cut: no more than this is ever in memory. */
const MAX_FIELD_BYTES = 16 << 20;

export class NulFields {
  readonly #onField: (field: Buffer, cutBytes: number) => void;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #cutBytes = 0;

  constructor(onField: (field: Buffer, cutBytes: number) => void) {
    this.#onField = onField;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const found = chunk.indexOf(0, at);
      const end = found < 0 ? chunk.length : found;
      const piece = chunk.subarray(at, Math.min(end, at + MAX_FIELD_BYTES - this.#heldBytes));
      this.#cutBytes += end - at - piece.length;
      at = end + 1;
      if (found < 0) {
        this.#held.push(piece);
        this.#heldBytes += piece.length;
        continue;
      }
      const field = this.#held.length === 0 ? piece : Buffer.concat([...this.#held, piece]);
      const cut = this.#cutBytes;
      this.#held = [];
      this.#heldBytes = 0;
      this.#cutBytes = 0;
      this.#onField(field, cut);
    }
  }

  /** Gives an unfinished last field, if there is one. */
  end(): void {
    if (this.#heldBytes > 0) this.push(Buffer.alloc(1));
  }
}
