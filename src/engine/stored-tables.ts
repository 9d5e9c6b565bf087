/** Fingerprints of stored values to the tables in which the kernel looks them up: a bit for every sum, and slots that say whose it is. Made once a scan, copied into each thread's kernel. */
import {
  STORED_BITS,
  STORED_BITS_LOG2,
  STORED_BITS_SHIFT,
  STORED_FACTORS,
  STORED_SLOTS,
  STORED_SLOTS_LOG2,
  STORED_SLOTS_MASK,
} from '../core/kernel-layout.ts';
import { ROW_SUM, ROW_WORDS, type StoredPrints } from '../core/stored-prints.ts';

/** Bits for each sum, of which three are set, all in one word of 64. */
const BITS_A_SUM = 16;
/** Values that share one gram with so many others are found where a rule finds them: a list that long would be walked at each of its places. */
const MAX_SAME = 64;

/** Returns the image from STORED_FACTORS on, or null where there is nothing to look for. */
export function storedTables({ rows, filter }: StoredPrints): Uint8Array | null {
  const count = rows.length / ROW_WORDS;
  if (count === 0) return null;
  const bitsLog2 = Math.min(STORED_BITS_LOG2, Math.max(13, Math.ceil(Math.log2(BITS_A_SUM * count))));
  const slotsLog2 = Math.min(STORED_SLOTS_LOG2, Math.max(4, Math.ceil(Math.log2(1.6 * count))));
  const image = new Uint8Array(STORED_SLOTS - STORED_FACTORS + 8 * 2 ** slotsLog2);
  const words = new Uint32Array(image.buffer);
  words.set(filter.subarray(0, 4));
  words[(STORED_BITS_SHIFT - STORED_FACTORS) / 4] = 38 - bitsLog2;
  words[(STORED_SLOTS_MASK - STORED_FACTORS) / 4] = 2 ** slotsLog2 - 1;
  const bitsAt = (STORED_BITS - STORED_FACTORS) / 4;
  const slotsAt = (STORED_SLOTS - STORED_FACTORS) / 4;
  const mask = 2 ** slotsLog2 - 1;
  const shift = 38 - bitsLog2;
  const most = Math.min(count, Math.floor(0.9 * 2 ** slotsLog2));
  // A hundred thousand rows before V8 has optimised anything: no calls.
  for (let row = 0, at = ROW_SUM; row < most; row++, at += ROW_WORDS) {
    const sum = rows[at] ?? 0;
    let slot = slotsAt + 2 * (sum & mask);
    let same = 0;
    while (words[slot + 1] !== 0) {
      if (words[slot] === sum) same++;
      slot = slotsAt + ((slot - slotsAt + 2) & (2 * mask + 1));
    }
    if (same >= MAX_SAME) continue;
    words[slot] = sum;
    words[slot + 1] = row + 1;
    const word = bitsAt + 2 * (sum >>> shift);
    const one = sum & 63;
    const two = (sum >>> 6) & 63;
    const three = (sum >>> 9) & 63;
    words[word + (one >>> 5)] = (words[word + (one >>> 5)] ?? 0) | (1 << (one & 31));
    words[word + (two >>> 5)] = (words[word + (two >>> 5)] ?? 0) | (1 << (two & 31));
    words[word + (three >>> 5)] = (words[word + (three >>> 5)] ?? 0) | (1 << (three & 31));
  }
  return image;
}
