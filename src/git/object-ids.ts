/**
 * Numbers for object ids: the first id that is added is 0, the next 1 … A million ids of SHA-1 take 28 MB, where a Map of strings takes
 * more than 100. Open addressing with linear probing; the id itself is the hash.
 */

const FIRST_CAPACITY = 1024;

/** A table grows when three quarters of its slots are taken. */
const FULLEST = 0.75;

export class ObjectIds {
  #idBytes = 0;
  #ids = Buffer.alloc(0);
  #slots = new Int32Array(2 * FIRST_CAPACITY).fill(-1);
  #scratch = Buffer.alloc(32);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Returns the number of an id (hex), a new one if it was not there. All ids of a table have the same length. */
  add(id: string): number {
    if (this.#idBytes === 0) {
      this.#idBytes = id.length / 2;
      this.#ids = Buffer.alloc(FIRST_CAPACITY * this.#idBytes);
    }
    const slot = this.#slotOf(id);
    const known = this.#slots[slot] ?? -1;
    if (known >= 0) return known;
    const number = this.#size++;
    if ((number + 1) * this.#idBytes > this.#ids.length) this.#ids = Buffer.concat([this.#ids, Buffer.alloc(this.#ids.length)]);
    this.#scratch.copy(this.#ids, number * this.#idBytes, 0, this.#idBytes);
    this.#slots[slot] = number;
    if (this.#size > this.#slots.length * FULLEST) this.#grow();
    return number;
  }

  /** Returns the number of an id, or -1. */
  numberOf(id: string): number {
    return this.#size === 0 ? -1 : (this.#slots[this.#slotOf(id)] ?? -1);
  }

  has(id: string): boolean {
    return this.numberOf(id) >= 0;
  }

  /** Returns the id of a number that was given out. */
  at(number: number): string {
    return this.#ids.toString('hex', number * this.#idBytes, (number + 1) * this.#idBytes);
  }

  /** Returns the slot that holds the id or is to hold it, and leaves its bytes in #scratch. */
  #slotOf(id: string): number {
    this.#scratch.write(id, 0, this.#idBytes, 'hex');
    const mask = this.#slots.length - 1;
    for (let slot = this.#scratch.readUInt32LE(0) & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot] ?? -1;
      if (number < 0) return slot;
      const start = number * this.#idBytes;
      if (this.#scratch.compare(this.#ids, start, start + this.#idBytes, 0, this.#idBytes) === 0) return slot;
    }
  }

  #grow(): void {
    const slots = new Int32Array(2 * this.#slots.length).fill(-1);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let slot = this.#ids.readUInt32LE(number * this.#idBytes) & mask;
      while ((slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
      slots[slot] = number;
    }
    this.#slots = slots;
  }
}
