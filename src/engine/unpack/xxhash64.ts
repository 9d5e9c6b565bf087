/**
 * XXH64 with seed 0 (the specification of Yann Collet, xxhash.com), whose lower half closes a frame of zstd. In halves of 32 bits, products in quarters:
 * BigInt would be slower than unpacking.
 */
const P1: Pair = [0x9e3779b1, 0x85ebca87];
const P2: Pair = [0xc2b2ae3d, 0x27d4eb4f];
const P3: Pair = [0x165667b1, 0x9e3779f9];
const P4: Pair = [0x85ebca77, 0xc2b2ae63];
const P5: Pair = [0x27d4eb2f, 0x165667c5];

/** High and low half. */
type Pair = readonly [number, number];

const STRIPE = 32;

export class XxHash64 {
  /** High and low halves of four sums. */
  readonly #sums = new Uint32Array(8);
  readonly #stripe = new Uint8Array(STRIPE);
  #waiting = 0;
  #total = 0;

  constructor() {
    const zero: Pair = [0, 0];
    for (const [index, start] of [add(P1, P2), P2, zero, subtract(zero, P1)].entries()) this.#sums.set(start, 2 * index);
  }

  update(bytes: Uint8Array): void {
    this.#total += bytes.length;
    let at = 0;
    if (this.#waiting > 0) {
      at = Math.min(bytes.length, STRIPE - this.#waiting);
      this.#stripe.set(bytes.subarray(0, at), this.#waiting);
      this.#waiting += at;
      if (this.#waiting < STRIPE) return;
      this.#round(this.#stripe, 0);
      this.#waiting = 0;
    }
    for (; at + STRIPE <= bytes.length; at += STRIPE) this.#round(bytes, at);
    this.#stripe.set(bytes.subarray(at));
    this.#waiting = bytes.length - at;
  }

  /** sum = rotate(sum + lane × P2, 31) × P1, without a pair for each step: this is the inner loop. */
  #round(bytes: Uint8Array, at: number): void {
    const sums = this.#sums;
    for (let lane = 0; lane < 4; lane++) {
      const from = at + 8 * lane;
      const low = word(bytes, from);
      const high = word(bytes, from + 4);
      const productLow = Math.imul(low, P2[1]) >>> 0;
      const productHigh = Math.imul(high, P2[1]) + Math.imul(low, P2[0]) + highProduct(low, P2[1]);
      const sumLow = (sums[2 * lane + 1] ?? 0) + productLow;
      const a = ((sums[2 * lane] ?? 0) + productHigh + (sumLow > 0xffffffff ? 1 : 0)) >>> 0;
      const b = sumLow >>> 0;
      const rotatedHigh = ((a << 31) | (b >>> 1)) >>> 0;
      const rotatedLow = ((b << 31) | (a >>> 1)) >>> 0;
      sums[2 * lane + 1] = Math.imul(rotatedLow, P1[1]);
      sums[2 * lane] = Math.imul(rotatedHigh, P1[1]) + Math.imul(rotatedLow, P1[0]) + highProduct(rotatedLow, P1[1]);
    }
  }

  /** Returns the lower half of the sum. */
  low32(): number {
    let sum = this.#total >= STRIPE ? this.#merged() : P5;
    sum = add(sum, [Math.floor(this.#total / 2 ** 32), this.#total >>> 0]);
    const rest = this.#stripe.subarray(0, this.#waiting);
    let at = 0;
    for (; at + 8 <= rest.length; at += 8)
      sum = add(multiply(rotate(xor(sum, roundOf([0, 0], [word(rest, at + 4), word(rest, at)])), 27), P1), P4);
    if (at + 4 <= rest.length) {
      sum = add(multiply(rotate(xor(sum, multiply([0, word(rest, at)], P1)), 23), P2), P3);
      at += 4;
    }
    for (; at < rest.length; at++) sum = multiply(rotate(xor(sum, multiply([0, rest[at] ?? 0], P5)), 11), P1);
    sum = multiply(xor(sum, shiftRight(sum, 33)), P2);
    sum = multiply(xor(sum, shiftRight(sum, 29)), P3);
    return xor(sum, shiftRight(sum, 32))[1] >>> 0;
  }

  #merged(): Pair {
    const sums = [0, 1, 2, 3].map((lane): Pair => [this.#sums[2 * lane] ?? 0, this.#sums[2 * lane + 1] ?? 0]);
    const start = [1, 7, 12, 18].map((bits, lane) => rotate(sums[lane] ?? [0, 0], bits)).reduce(add);
    return sums.reduce((sum, lane) => add(multiply(xor(sum, roundOf([0, 0], lane)), P1), P4), start);
  }
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
}

/** The upper half of a product of two halves. */
function highProduct(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + (middle >>> 16) + (carry >>> 16)) >>> 0;
}

function add(a: Pair, b: Pair): Pair {
  const low = (a[1] >>> 0) + (b[1] >>> 0);
  return [(a[0] + b[0] + (low > 0xffffffff ? 1 : 0)) >>> 0, low >>> 0];
}

function subtract(a: Pair, b: Pair): Pair {
  return add(a, add([~b[0] >>> 0, ~b[1] >>> 0], [0, 1]));
}

function multiply(a: Pair, b: Pair): Pair {
  const high = Math.imul(a[0], b[1]) + Math.imul(a[1], b[0]) + highProduct(a[1], b[1]);
  return [high >>> 0, Math.imul(a[1], b[1]) >>> 0];
}

function xor(a: Pair, b: Pair): Pair {
  return [(a[0] ^ b[0]) >>> 0, (a[1] ^ b[1]) >>> 0];
}

/** Bits from 1 to 31. */
function rotate([high, low]: Pair, bits: number): Pair {
  return [((high << bits) | (low >>> (32 - bits))) >>> 0, ((low << bits) | (high >>> (32 - bits))) >>> 0];
}

function shiftRight([high, low]: Pair, bits: number): Pair {
  if (bits >= 32) return [0, bits === 32 ? high : high >>> (bits - 32)];
  return [high >>> bits, ((low >>> bits) | (high << (32 - bits))) >>> 0];
}

function roundOf(sum: Pair, lane: Pair): Pair {
  return multiply(rotate(add(sum, multiply(lane, P2)), 31), P1);
}
