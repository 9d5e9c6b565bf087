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
  const most = Math.min(count, Math.floor(0.9 * 2 ** slotsLog2));
  for (let row = 0; row < most; row++) {
    const sum = rows[row * ROW_WORDS + ROW_SUM] ?? 0;
    let slot = sum & (2 ** slotsLog2 - 1);
    let same = 0;
    while (words[slotsAt + 2 * slot + 1] !== 0) {
      if (words[slotsAt + 2 * slot] === sum) same++;
      slot = (slot + 1) & (2 ** slotsLog2 - 1);
    }
    if (same >= MAX_SAME) continue;
    words[slotsAt + 2 * slot] = sum;
    words[slotsAt + 2 * slot + 1] = row + 1;
    const word = bitsAt + 2 * (sum >>> (38 - bitsLog2));
    setBit(words, word, sum & 63);
    setBit(words, word, (sum >>> 6) & 63);
    setBit(words, word, (sum >>> 9) & 63);
  }
  return image;
}

function setBit(words: Uint32Array, word: number, bit: number): void {
  const at = word + (bit >>> 5);
  words[at] = (words[at] ?? 0) | (1 << (bit & 31));
}
