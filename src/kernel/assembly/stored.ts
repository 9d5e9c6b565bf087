// Looks for stored values: where random text may stand, eight bytes, a keyed sum of them, a bit; where the bit is set, the sum in a table. What it finds is a place
// where a stored value's gram may stand, and which; src/engine/stored-confirm.ts says whether it does. The idea and the sums: src/core/stored-prints.ts.
import {
  DATA, OUT, OUT_MAX, STORED_BITS, STORED_BITS_SHIFT, STORED_FACTORS, STORED_SLOTS, STORED_SLOTS_MASK,
} from '../../core/kernel-layout';
import { lookUp as lookUpNibbles, mask } from './simd';

let found: i32 = 0;
/** Where the blob begins that is scanned. */
let blob: usize = DATA;

/** Three bits of one word of 64: one load, and one place in several hundred is looked at again (Putze et al., "Cache-, hash- and space-efficient Bloom filters"). */
// @ts-ignore: decorator
@inline
function look(sum: u32, p: usize, shift: u32): void {
  const word = load<u64>(<usize>STORED_BITS + (<usize>(sum >> shift) << 3));
  const bits = ((<u64>1) << (sum & 63)) | ((<u64>1) << ((sum >> 6) & 63)) | ((<u64>1) << ((sum >> 9) & 63));
  if ((word & bits) == bits) lookUp(sum, p);
}

/** Writes every row that has this sum: place of the gram, row. Slots: sum u32, row + 1 u32; a free one ends the search. */
function lookUp(sum: u32, p: usize): void {
  const most = load<u32>(STORED_SLOTS_MASK);
  let slot = sum & most;
  while (true) {
    const entry = <usize>STORED_SLOTS + (<usize>slot << 3);
    const id = load<u32>(entry, 4);
    if (id == 0) return;
    if (load<u32>(entry) == sum) {
      if (found < OUT_MAX) {
        const out = <usize>OUT + (<usize>found << 3);
        store<u32>(out, <u32>(p - blob));
        store<u32>(out, id - 1, 4);
      }
      found++;
    }
    slot = (slot + 1) & most;
  }
}

/** The sum of eight bytes: sumOf() of src/core/stored-prints.ts. */
// @ts-ignore: decorator
@inline
function sumAt(p: usize): u32 {
  const sum = (load<u32>(p) ^ load<u32>(STORED_FACTORS)) * load<u32>(STORED_FACTORS, 8) + (load<u32>(p, 4) ^ load<u32>(STORED_FACTORS, 4)) * load<u32>(STORED_FACTORS, 12);
  return (sum ^ (sum >> 15)) * 0x9e3779b1;
}

// Low nibble and high nibble of the rare bytes, by kind: bit 0: digits; 1: Q V W X Y Z; 2: J K; 3: q z.
const RARE_LOW: v128 = i8x16(0x01, 0x0b, 0x01, 0x01, 0x01, 0x01, 0x03, 0x03, 0x03, 0x03, 0x0e, 0x04, 0, 0, 0, 0);
const RARE_HIGH: v128 = i8x16(0, 0, 0, 0x01, 0x04, 0x02, 0, 0x08, 0, 0, 0, 0, 0, 0, 0, 0);
/** Places of a block of 64 bytes that are looked at: a gram that begins there ends in the block. */
const STEP: usize = 56;

/**
 * Looks for the grams of stored values that begin in the bytes [from, to) of the blob at `address`, and up to 55 after them; PAD bytes must be readable after them, zeros
 * where the blob ends. Writes pairs to OUT, at most OUT_MAX, and returns how many there are, which may be more. Must not be called without tables (Kernel.hasStored).
 */
export function scanStored(address: usize, from: i32, to: i32): i32 {
  found = 0;
  blob = address;
  const end = address + <usize>to;
  const shift = load<u32>(STORED_BITS_SHIFT);
  const zero = i8x16.splat(0), fold = i8x16.splat(0x20), a = i8x16.splat(0x61), letters = i8x16.splat(26);
  for (let block = address + <usize>from; block < end; block += STEP) {
    let rare: u64 = 0;
    for (let k: usize = 0; k < 64; k += 16) {
      rare |= mask(v128.ne<i8>(lookUpNibbles(v128.load(block + k), RARE_LOW, RARE_HIGH), zero)) << k;
    }
    // A rare byte, and a rare one among the six after the next: in most blocks there is none.
    const two = rare | (rare >> 1), four = two | (two >> 2);
    let grams = rare & ((four >> 2) | (two >> 6)) & 0x00ffffffffffffff;
    if (!grams) continue;
    // And a letter between them.
    let letter: u64 = 0;
    for (let k: usize = 0; k < 64; k += 16) {
      letter |= mask(v128.lt<u8>(v128.sub<i8>(v128.or(v128.load(block + k), fold), a), letters)) << k;
    }
    grams &= letter >> 1;
    while (grams) {
      const p = block + <usize>ctz(grams);
      look(sumAt(p), p, shift);
      grams &= grams - 1;
    }
  }
  return found;
}
