/**
 * LZMA: a range coder over bits whose probabilities are learnt, giving literals and matches in a dictionary of what came before. After the LZMA
 * specification of Igor Pavlov (public domain); names of states as there. Every distance, length and byte of input is checked. Used by lzma2.ts.
 */
import { broken } from './format.ts';

const STATES = 12;
const MAX_POSITION_STATES = 16;
const FIRST_MATCH_STATE = 7;
const LENGTH_TO_POSITION_STATES = 4;
const END_POSITION_MODEL = 14;
const ALIGN_BITS = 4;
const MIN_MATCH = 2;
const HALF = 1024;
const LITERAL_PROBABILITIES = 0x300;

// Places in one array of probabilities.
const IS_MATCH = 0;
const IS_REP = IS_MATCH + STATES * MAX_POSITION_STATES;
const IS_REP_G0 = IS_REP + STATES;
const IS_REP_G1 = IS_REP_G0 + STATES;
const IS_REP_G2 = IS_REP_G1 + STATES;
const IS_REP_0_LONG = IS_REP_G2 + STATES;
const POSITION_SLOT = IS_REP_0_LONG + STATES * MAX_POSITION_STATES;
const POSITION_SPECIAL = POSITION_SLOT + LENGTH_TO_POSITION_STATES * 64;
const ALIGN = POSITION_SPECIAL + 128;
// A coder of lengths: choice, choice 2, low and middle for each position state, high.
const LENGTH_LOW = 2;
const LENGTH_MIDDLE = LENGTH_LOW + MAX_POSITION_STATES * 8;
const LENGTH_HIGH = LENGTH_MIDDLE + MAX_POSITION_STATES * 8;
const LENGTH_PROBABILITIES = LENGTH_HIGH + 256;
const MATCH_LENGTH = ALIGN + 16;
const REP_LENGTH = MATCH_LENGTH + LENGTH_PROBABILITIES;
const LITERAL = REP_LENGTH + LENGTH_PROBABILITIES;

export class LzmaDecoder {
  readonly #dictionary: Uint8Array;
  /** lc + lp is at most 4 in LZMA2. */
  readonly #probabilities = new Uint16Array(LITERAL + (LITERAL_PROBABILITIES << 4)).fill(HALF);
  #position = 0;
  /** Bytes of the dictionary that have been written since it was emptied. */
  #filled = 0;
  /** Bytes since then, for the position states. */
  #total = 0;
  #literalContextBits = 0;
  #literalPositionMask = 0;
  #positionMask = 0;
  #state = 0;
  #reps: [number, number, number, number] = [0, 0, 0, 0];
  #range = 0;
  #code = 0;
  #input: Uint8Array = new Uint8Array();
  #at = 0;
  #out: Uint8Array = new Uint8Array();
  #outAt = 0;

  constructor(dictionaryBytes: number) {
    this.#dictionary = new Uint8Array(dictionaryBytes);
  }

  resetDictionary(): void {
    this.#position = 0;
    this.#filled = 0;
    this.#total = 0;
  }

  resetState(): void {
    this.#probabilities.fill(HALF);
    this.#state = 0;
    this.#reps = [0, 0, 0, 0];
  }

  setProperties(byte: number): void {
    const lc = byte % 9;
    const lp = Math.floor(byte / 9) % 5;
    const pb = Math.floor(byte / 45);
    if (pb > 4 || lc + lp > 4) throw broken('its compressed data is damaged');
    this.#literalContextBits = lc;
    this.#literalPositionMask = (1 << lp) - 1;
    this.#positionMask = (1 << pb) - 1;
  }

  /** Takes bytes that were not compressed into the dictionary. */
  store(bytes: Uint8Array): void {
    this.#out = new Uint8Array(bytes.length);
    this.#outAt = 0;
    for (const byte of bytes) this.#put(byte);
  }

  /** Returns what a chunk unpacks to. Throws a Fault unless it uses all its bytes for exactly so many. */
  decode(input: Uint8Array, unpackedBytes: number): Uint8Array {
    if (input.length < 5 || input[0] !== 0) throw broken('its compressed data is damaged');
    this.#input = input;
    this.#at = 5;
    this.#range = 0xffffffff;
    this.#code = (((input[1] ?? 0) << 24) | ((input[2] ?? 0) << 16) | ((input[3] ?? 0) << 8) | (input[4] ?? 0)) >>> 0;
    this.#out = new Uint8Array(unpackedBytes);
    this.#outAt = 0;
    while (this.#outAt < unpackedBytes) this.#step();
    this.#normalise();
    if (this.#at !== input.length || this.#code !== 0) throw broken('its compressed data is damaged');
    return this.#out;
  }

  #step(): void {
    const positionState = this.#total & this.#positionMask;
    const state = this.#state;
    if (this.#bit(IS_MATCH + state * MAX_POSITION_STATES + positionState) === 0) {
      this.#literal();
      return;
    }
    const length = this.#bit(IS_REP + state) === 0 ? this.#match(positionState) : this.#repeat(positionState);
    this.#copy(length);
  }

  #literal(): void {
    const before = this.#filled > 0 ? this.#byteBack(0) : 0;
    const context = ((this.#total & this.#literalPositionMask) << this.#literalContextBits) + (before >> (8 - this.#literalContextBits));
    const base = LITERAL + LITERAL_PROBABILITIES * context;
    let symbol = 1;
    if (this.#state >= FIRST_MATCH_STATE) {
      let matched = this.#byteBack(this.#reps[0]);
      while (symbol < 0x100) {
        const matchBit = (matched >> 7) & 1;
        matched <<= 1;
        const bit = this.#bit(base + ((1 + matchBit) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (matchBit !== bit) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(base + symbol);
    this.#put(symbol & 0xff);
    const state = this.#state;
    this.#state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
  }

  /** A match at a new distance. Returns its length. */
  #match(positionState: number): number {
    const length = this.#length(MATCH_LENGTH, positionState);
    this.#state = this.#state < FIRST_MATCH_STATE ? 7 : 10;
    this.#reps = [this.#distance(length), this.#reps[0], this.#reps[1], this.#reps[2]];
    return length;
  }

  /** A match at one of the last four distances. Returns its length. */
  #repeat(positionState: number): number {
    const state = this.#state;
    const [rep0, rep1, rep2, rep3] = this.#reps;
    if (this.#bit(IS_REP_G0 + state) === 0) {
      if (this.#bit(IS_REP_0_LONG + state * MAX_POSITION_STATES + positionState) === 0) {
        this.#state = state < FIRST_MATCH_STATE ? 9 : 11;
        return 1;
      }
    } else if (this.#bit(IS_REP_G1 + state) === 0) this.#reps = [rep1, rep0, rep2, rep3];
    else if (this.#bit(IS_REP_G2 + state) === 0) this.#reps = [rep2, rep0, rep1, rep3];
    else this.#reps = [rep3, rep0, rep1, rep2];
    this.#state = state < FIRST_MATCH_STATE ? 8 : 11;
    return this.#length(REP_LENGTH, positionState);
  }

  #length(base: number, positionState: number): number {
    if (this.#bit(base) === 0) return MIN_MATCH + this.#tree(base + LENGTH_LOW + positionState * 8, 3);
    if (this.#bit(base + 1) === 0) return MIN_MATCH + 8 + this.#tree(base + LENGTH_MIDDLE + positionState * 8, 3);
    return MIN_MATCH + 16 + this.#tree(base + LENGTH_HIGH, 8);
  }

  #distance(length: number): number {
    const slot = this.#tree(POSITION_SLOT + 64 * Math.min(length - MIN_MATCH, LENGTH_TO_POSITION_STATES - 1), 6);
    if (slot < 4) return slot;
    const directBits = (slot >> 1) - 1;
    const distance = (2 | (slot & 1)) * 2 ** directBits;
    if (slot < END_POSITION_MODEL) return distance + this.#reverseTree(POSITION_SPECIAL + distance - slot, directBits);
    return distance + this.#directBits(directBits - ALIGN_BITS) * (1 << ALIGN_BITS) + this.#reverseTree(ALIGN, ALIGN_BITS);
  }

  #copy(length: number): void {
    const distance = this.#reps[0];
    if (distance >= this.#filled || this.#outAt + length > this.#out.length) throw broken('its compressed data is damaged');
    for (let left = length; left > 0; left--) this.#put(this.#byteBack(distance));
  }

  #byteBack(distance: number): number {
    const at = this.#position - distance - 1;
    return this.#dictionary[at < 0 ? at + this.#dictionary.length : at] ?? 0;
  }

  #put(byte: number): void {
    this.#dictionary[this.#position] = byte;
    if (++this.#position === this.#dictionary.length) this.#position = 0;
    if (this.#filled < this.#dictionary.length) this.#filled++;
    this.#total = (this.#total + 1) >>> 0;
    this.#out[this.#outAt++] = byte;
  }

  #normalise(): void {
    if (this.#range >= 0x1000000) return;
    if (this.#at >= this.#input.length) throw broken('its compressed data is damaged');
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | (this.#input[this.#at++] ?? 0)) >>> 0;
  }

  #bit(index: number): 0 | 1 {
    this.#normalise();
    const probability = this.#probabilities[index] ?? HALF;
    const bound = (this.#range >>> 11) * probability;
    if (this.#code < bound) {
      this.#range = bound;
      this.#probabilities[index] = probability + ((2048 - probability) >> 5);
      return 0;
    }
    this.#range -= bound;
    this.#code -= bound;
    this.#probabilities[index] = probability - (probability >> 5);
    return 1;
  }

  #directBits(count: number): number {
    let bits = 0;
    for (let left = count; left > 0; left--) {
      this.#normalise();
      this.#range >>>= 1;
      const isOne = this.#code >= this.#range;
      if (isOne) this.#code -= this.#range;
      bits = bits * 2 + (isOne ? 1 : 0);
    }
    return bits;
  }

  #tree(base: number, bits: number): number {
    let symbol = 1;
    for (let left = bits; left > 0; left--) symbol = (symbol << 1) | this.#bit(base + symbol);
    return symbol - (1 << bits);
  }

  #reverseTree(base: number, bits: number): number {
    let symbol = 1;
    let result = 0;
    for (let bit = 0; bit < bits; bit++) {
      const value = this.#bit(base + symbol);
      symbol = (symbol << 1) | value;
      result |= value << bit;
    }
    return result;
  }
}
