/**
 * One block of bzip2: Huffman codes → move to front and runs → the inverse of the Burrows-Wheeler transform → runs again. The method is that of
 * Julian Seward's decompress.c; every length and index is checked. Used by bzip2.ts.
 */
import { broken } from './format.ts';

const MAX_CODE_BITS = 20;
const GROUP_SYMBOLS = 50;
const RUN_A = 0;
const RUN_B = 1;
/** Bytes that come out at a time: a block of runs unpacks to 46 MB. */
const PIECE_BYTES = 1 << 20;
const SUM_POLYNOMIAL = 0x04c11db7;

/** Reads bits from the highest on. Beyond the end there are zeros; checkEnd() tells. */
export class Bits {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** Returns the next bits, at most 24, without stepping over them. */
  peek(count: number): number {
    const byte = this.at >>> 3;
    const bytes = this.#bytes;
    const word = ((bytes[byte] ?? 0) << 24) | ((bytes[byte + 1] ?? 0) << 16) | ((bytes[byte + 2] ?? 0) << 8) | (bytes[byte + 3] ?? 0);
    return (word << (this.at & 7)) >>> (32 - count);
  }

  take(count: number): number {
    const bits = this.peek(count);
    this.at += count;
    return bits;
  }

  take32(): number {
    return this.take(16) * 0x10000 + this.take(16);
  }

  checkEnd(): void {
    if (this.at > this.#bytes.length * 8) throw broken('it ends too early');
  }
}

type Code = {
  readonly min: number;
  readonly max: number;
  readonly limit: Int32Array;
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
};

export class BlockDecoder {
  readonly #block: Uint32Array;
  readonly #sums = sumTable();
  /** Of the block that was decoded last. */
  sum = 0;

  constructor(blockBytes: number) {
    this.#block = new Uint32Array(blockBytes);
  }

  /** Gives the content of the block whose mark and sum have been read. */
  *decode(bits: Bits): Generator<Uint8Array> {
    // Randomised blocks have not been written since 1997.
    if (bits.take(1) === 1) throw broken('its compressed data is damaged');
    const origin = bits.take(24);
    const used = readUsedBytes(bits);
    const groups = bits.take(3);
    const selectors = readSelectors(bits, groups);
    if (used.length === 0 || groups < 2) throw broken('its compressed data is damaged');
    const codes = Array.from({ length: groups }, () => readCode(bits, used.length + 2));
    const length = this.#readSymbols(bits, used, selectors, codes);
    if (origin >= length) throw broken('its compressed data is damaged');
    yield* this.#unsort(origin, length);
  }

  /** Fills the block with its last column. Returns how many bytes there are. */
  #readSymbols(bits: Bits, used: Uint8Array, selectors: Uint8Array, codes: readonly Code[]): number {
    const block = this.#block;
    const recent = Uint8Array.from(used);
    const end = used.length + 1;
    let length = 0;
    let run = 0;
    let weight = 1;
    for (let group = 0; group < selectors.length; group++) {
      bits.checkEnd();
      const code = codes[selectors[group] ?? 0];
      if (!code) break;
      for (let count = 0; count < GROUP_SYMBOLS; count++) {
        const symbol = readSymbol(bits, code);
        if (symbol === RUN_A || symbol === RUN_B) {
          run += weight << symbol;
          weight <<= 1;
          if (run > block.length) throw broken('its compressed data is damaged');
          continue;
        }
        if (run > 0) {
          if (length + run > block.length) throw broken('its compressed data is damaged');
          block.fill(recent[0] ?? 0, length, length + run);
          length += run;
          run = 0;
          weight = 1;
        }
        if (symbol === end) {
          bits.checkEnd();
          return length;
        }
        if (length >= block.length || symbol > end) break;
        const byte = recent[symbol - 1] ?? 0;
        recent.copyWithin(1, 0, symbol - 1);
        recent[0] = byte;
        block[length++] = byte;
      }
    }
    throw broken('its compressed data is damaged');
  }

  #unsort(origin: number, length: number): Generator<Uint8Array> {
    const block = this.#block;
    const starts = new Uint32Array(257);
    for (let i = 0; i < length; i++) {
      const next = ((block[i] ?? 0) & 0xff) + 1;
      starts[next] = (starts[next] ?? 0) + 1;
    }
    for (let byte = 0; byte < 256; byte++) starts[byte + 1] = (starts[byte + 1] ?? 0) + (starts[byte] ?? 0);
    for (let i = 0; i < length; i++) {
      const byte = (block[i] ?? 0) & 0xff;
      const at = starts[byte] ?? 0;
      starts[byte] = at + 1;
      block[at] = (block[at] ?? 0) | (i << 8);
    }
    return this.#unrun((block[origin] ?? 0) >>> 8, length);
  }

  /** Four equal bytes are followed by how many more there are. */
  *#unrun(start: number, length: number): Generator<Uint8Array> {
    const block = this.#block;
    const sums = this.#sums;
    let out = new Uint8Array(PIECE_BYTES);
    let have = 0;
    let sum = 0xffffffff;
    let at = start;
    let last = -1;
    let equal = 0;
    for (let i = 0; i < length; i++) {
      const word = block[at] ?? 0;
      const byte = word & 0xff;
      at = word >>> 8;
      const isCount = equal === 4;
      const copies = isCount ? byte : 1;
      const value = isCount ? last : byte;
      if (have + copies > PIECE_BYTES) {
        yield out.subarray(0, have);
        out = new Uint8Array(PIECE_BYTES);
        have = 0;
      }
      for (let copy = 0; copy < copies; copy++) {
        out[have++] = value;
        sum = (sum << 8) ^ (sums[(sum >>> 24) ^ value] ?? 0);
      }
      equal = isCount ? 0 : byte === last ? equal + 1 : 1;
      last = isCount ? -1 : byte;
    }
    this.sum = ~sum >>> 0;
    yield out.subarray(0, have);
  }
}

function readUsedBytes(bits: Bits): Uint8Array {
  const rows = bits.take(16);
  const used: number[] = [];
  for (let row = 0; row < 16; row++) {
    if (!(rows & (0x8000 >> row))) continue;
    const columns = bits.take(16);
    for (let column = 0; column < 16; column++) if (columns & (0x8000 >> column)) used.push(16 * row + column);
  }
  return Uint8Array.from(used);
}

function readSelectors(bits: Bits, groups: number): Uint8Array {
  const selectors = new Uint8Array(bits.take(15));
  const recent = [0, 1, 2, 3, 4, 5];
  for (let i = 0; i < selectors.length; i++) {
    let index = 0;
    while (bits.take(1) === 1) if (++index >= groups) throw broken('its compressed data is damaged');
    const [selector = 0] = recent.splice(index, 1);
    recent.unshift(selector);
    selectors[i] = selector;
  }
  bits.checkEnd();
  return selectors;
}

/** Lengths of codes, each told by steps from the one before; then, for each length, the last code and where its symbols are. */
function readCode(bits: Bits, symbolCount: number): Code {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.take(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (; bits.take(1) === 1; bits.checkEnd()) length += bits.take(1) === 0 ? 1 : -1;
    if (length < 1 || length > MAX_CODE_BITS) throw broken('its compressed data is damaged');
    lengths[symbol] = length;
  }
  const limit = new Int32Array(MAX_CODE_BITS + 2).fill(-1);
  const base = new Int32Array(MAX_CODE_BITS + 2);
  const symbols = new Uint16Array(symbolCount);
  let next = 0;
  let code = 0;
  for (let bitCount = 1; bitCount <= MAX_CODE_BITS; bitCount++) {
    base[bitCount] = next - code;
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      if (lengths[symbol] !== bitCount) continue;
      symbols[next++] = symbol;
      code++;
    }
    limit[bitCount] = code - 1;
    code <<= 1;
  }
  return { min: Math.min(...lengths), max: Math.max(...lengths), limit, base, symbols };
}

function readSymbol(bits: Bits, { min, max, limit, base, symbols }: Code): number {
  const word = bits.peek(MAX_CODE_BITS);
  for (let count = min; count <= max; count++) {
    const code = word >>> (MAX_CODE_BITS - count);
    if (code > (limit[count] ?? -1)) continue;
    bits.at += count;
    return symbols[code + (base[count] ?? 0)] ?? 0xffff;
  }
  throw broken('its compressed data is damaged');
}

function sumTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte << 24;
    for (let bit = 0; bit < 8; bit++) sum = sum & 0x80000000 ? (sum << 1) ^ SUM_POLYNOMIAL : sum << 1;
    return sum;
  });
}
