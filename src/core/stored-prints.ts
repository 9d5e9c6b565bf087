/**
 * How a stored value is recognised at any place in any text: the layout of its fingerprints, and the sums behind them. `src/check/prints.ts` makes them of values when a
 * store is read, `src/engine/stored-tables.ts` makes the kernel's tables of them, the kernel looks, `src/engine/stored-confirm.ts` says whether it is so.
 *
 * The basic idea: a value that stands anywhere covers some place that is a multiple of STRIDE, so it is enough to look there, every STRIDE bytes, at GRAM bytes, if all
 * STRIDE ways in which a window of the value may lie are in the table. The sums are keyed, so that a table says nothing to whoever has not the key.
 *
 * A window is of plain characters (isPlain) with one of RARE among them, and each of its grams has one that is marked (isMarked): so most of a text need not be looked up.
 *
 * ```
 * prints:  u32 values · values × tag (16 bytes) · rows of ROW_WORDS u32
 * row:     value · lead (of base64, RAW for none) · STRIDE × sum · STRIDE × second sum · up to 3 × (bytes from the slice's start to the window, bytes of the slice)
 * ```
 */
import { createHmac } from 'node:crypto';

/** Places that are looked at; bytes that are looked at there. */
export const STRIDE = 4;
export const GRAM = 8;
/** Bytes of a value that its fingerprints are made of: STRIDE ways to lay GRAM bytes. */
export const WINDOW = GRAM + STRIDE - 1;
/** Words of a row: value, lead, 4 sums, 4 second sums, 3 slices. */
export const ROW_WORDS = 16;
export const ROW_SUMS = 2;
export const ROW_SECOND = 6;
export const ROW_SLICES = 10;
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

/** Letters, digits and `-`, `_`, which no escape changes, `+` and `/` of base64. */
function isPlain(byte: number): boolean {
  return (
    (byte >= 48 && byte <= 57) ||
    (byte >= 65 && byte <= 90) ||
    (byte >= 97 && byte <= 122) ||
    byte === 45 ||
    byte === 95 ||
    byte === 43 ||
    byte === 47
  );
}

/** Digits and capitals (and what stands between them in ASCII). */
function isMarked(byte: number): boolean {
  return byte > 0x2f && byte < 0x5b;
}

/** Digits, and letters that words seldom have. */
const RARE = Buffer.from('0123456789QVWXYZJKqz');

/** Returns whether the kernel looks at every gram of a window. */
export function isSeen(window: Uint8Array): boolean {
  const hasMark = Array.from({ length: STRIDE }, (_, shift) => window.subarray(shift, shift + GRAM).some(isMarked));
  return window.length === WINDOW && window.every(isPlain) && window.some((byte) => RARE.includes(byte)) && hasMark.every((one) => one);
}

/** Returns the tag of a value that cannot be guessed: what the index knows it by. */
export function tagOf(key: Uint8Array, value: Uint8Array): Buffer {
  return createHmac('sha256', key).update('v1\0high\0').update(value).digest().subarray(0, TAG_BYTES);
}
