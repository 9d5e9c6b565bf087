/**
 * How a stored value is recognised at any place in any text: the layout of its fingerprints, and the sums behind them. `src/check/prints.ts` makes them of values when a
 * store is read, `src/engine/stored-tables.ts` makes the kernel's tables of them, the kernel looks, `src/engine/stored-confirm.ts` says whether it is so.
 *
 * The basic idea: a gram of GRAM bytes of the value is summed, and the text is looked at where such a gram may begin. A gram begins as random text does and source text
 * seldom does (isSeen), so the text itself says where to look, however the value lies in it: at one byte in 250 of source text. (Content-defined chunking cuts so:
 * Muthitacharoen et al., "A low-bandwidth network file system".) The sums are keyed, so that a table says nothing to whoever has not the key.
 *
 * ```
 * prints:  u32 values · values × tag (16 bytes) · rows of ROW_WORDS u32
 * row:     value · lead (of base64, RAW for none) · sum · second sum · up to 3 × (bytes from the slice's start to the gram, bytes of the slice)
 * ```
 */
import { createHmac } from 'node:crypto';

/** Bytes that are summed. */
export const GRAM = 8;
/** Words of a row: value, lead, 2 sums, 3 slices. */
export const ROW_WORDS = 10;
export const ROW_SUM = 2;
export const ROW_SECOND = 3;
export const ROW_SLICES = 4;
/** Lead of a row that is not base64. */
export const RAW = 3;
/** Slices of a RAW row, by place: as it is, percent-encoded, in a JSON string. 0 bytes: no such form, or the same as the first. */
export const SLICES = ['raw', 'percent', 'json'] as const;
export const TAG_BYTES = 16;

/** What a scan needs to find stored values. Crosses threads. */
export type StoredPrints = {
  readonly rows: Uint32Array;
  /** TAG_BYTES for each value. */
  readonly tags: Uint8Array;
  /** FILTER_WORDS numbers that key the sums. */
  readonly filter: Uint32Array;
  readonly tagKey: Uint8Array;
};

/** Two sums of two keys and two odd factors. */
export const FILTER_WORDS = 8;

/** Returns the numbers of a key of 32 bytes. */
export function filterWords(key: Buffer): Uint32Array {
  return Uint32Array.from({ length: FILTER_WORDS }, (_, n) => key.readUInt32LE(4 * n) | (n % 4 >= 2 ? 1 : 0));
}

/** Returns the sum of eight bytes, given as two words; the kernel does the same (src/kernel/assembly/stored.ts). `from`: 0 for the first sum, 4 for the second. */
export function sumOf(low: number, high: number, filter: Uint32Array, from: 0 | 4): number {
  const sum =
    Math.imul(low ^ (filter[from] ?? 0), filter[from + 2] ?? 0) + Math.imul(high ^ (filter[from + 1] ?? 0), filter[from + 3] ?? 0);
  return Math.imul(sum ^ (sum >>> 15), 0x9e3779b1) >>> 0;
}

/** Digits, and letters that words seldom have. */
const RARE = Uint8Array.from(Buffer.from('0123456789QVWXYZJKqz'));

/** Returns whether the kernel looks at a gram: a rare byte, a letter, and a rare one among the rest. */
export function isSeen(gram: Uint8Array): boolean {
  const [first = 0, second = 0] = gram;
  const letter = second | 0x20;
  return RARE.includes(first) && letter >= 0x61 && letter <= 0x7a && gram.subarray(2, GRAM).some((byte) => RARE.includes(byte));
}

/** Returns the tag of a value that cannot be guessed: what the index knows it by. */
export function tagOf(key: Uint8Array, value: Uint8Array): Buffer {
  return createHmac('sha256', key).update('v1\0high\0').update(value).digest().subarray(0, TAG_BYTES);
}
