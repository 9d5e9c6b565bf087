// Looks for stored values: every fourth byte, eight bytes there, a keyed sum of them, a bit; where the bit is set, the sum in a table. What it finds is a place where a
// stored value's window may stand, and which; src/engine/stored-confirm.ts says whether it does. The idea and the sums: src/core/stored-prints.ts.
//
// Most of a text is passed over before that: a window is WINDOW bytes of letters, digits and - _ + / with a rare one among them (a digit, Q, z …), and a digit or a capital in every gram
// (src/check/prints.ts sees to it). By masks of 64 bits, as in scan.ts.
import {
  DATA, OUT, OUT_MAX, STORED_BITS, STORED_BITS_SHIFT, STORED_FACTORS, STORED_SLOTS, STORED_SLOTS_MASK,
} from '../../core/kernel-layout';

let found: i32 = 0;
/** Where the blob begins that is scanned. */
let blob: usize = DATA;

// Bits 0 to 4 as in scan.ts: letters, digits, - _ + /, digits by bit 1. Bit 5: Q V W X Y Z; 6: J K; 7: q z.
const PLAIN_LOW: v128 = i8x16(
  0x1a, -0x42, 0x1e, 0x1e, 0x1e, 0x1e, 0x3e, 0x3e, 0x3e, 0x3e, -0x04, 0x45, 0x04, 0x05, 0x04, 0x0d,
);
const PLAIN_HIGH: v128 = i8x16(0, 0, 0x01, 0x02, 0x44, 0x28, 0x04, -0x70, 0, 0, 0, 0, 0, 0, 0, 0);
/** Bit 1 and bits 5 to 7: digits and those letters. (Negative: a signed byte cannot be written otherwise.) */
const RARE: i8 = -0x1e;

/** Three bits of one word of 64: one load, and one place in several hundred is looked at again (Putze et al., "Cache-, hash- and space-efficient Bloom filters"). */
// @ts-ignore: decorator
@inline
function look(sum: u32, p: usize, shift: u32): void {
  const word = load<u64>(<usize>STORED_BITS + (<usize>(sum >> shift) << 3));
  const bits = ((<u64>1) << (sum & 63)) | ((<u64>1) << ((sum >> 6) & 63)) | ((<u64>1) << ((sum >> 9) & 63));
  if ((word & bits) == bits) lookUp(sum, p);
}

/** Writes every window whose gram has this sum: place of the gram, 4 · row + shift. Slots: sum u32, that number + 1 u32; a free one ends the search. */
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

// @ts-ignore: decorator
@inline
function mask(v: v128): u64 {
  return <u64>(<u32>v128.bitmask<i8>(v) & 0xffff);
}

/** The bits of a block `n` places on, with those of the next block after them. */
// @ts-ignore: decorator
@inline
function next(mask: u64, after: u64, n: u64): u64 {
  return (mask >> n) | (after << (64 - n));
}

/**
 * Looks for the windows of stored values that begin in the bytes [from, to) of the blob at `address`; PAD bytes must be readable after them, zeros where the blob ends.
 * Writes pairs to OUT, at most OUT_MAX, and returns how many there are, which may be more. Must not be called without tables (Kernel.hasStored).
 * About a quarter of what scan() costs.
 */
export function scanStored(address: usize, from: i32, to: i32): i32 {
  found = 0;
  blob = address;
  const first = address + <usize>from;
  const end = address + <usize>to;
  const shift = load<u32>(STORED_BITS_SHIFT);
  const zero = i8x16.splat(0), low = i8x16.splat(0x0f), rare = i8x16.splat(RARE), before = i8x16.splat(0x2f), after = i8x16.splat(0x5b);
  let plain: u64 = 0, rares: u64 = 0, marked: u64 = 0, startsBefore: u64 = 0;
  for (let block = first - 64; block < end; block += 64) {
    // The masks of the next block, so that windows at the end of this one are seen whole.
    let nextPlain: u64 = 0, nextRare: u64 = 0, nextMarked: u64 = 0;
    for (let k: usize = 0; k < 64; k += 16) {
      const v = v128.load(block + 64 + k);
      const c = v128.and(v128.swizzle(PLAIN_LOW, v128.and(v, low)), v128.swizzle(PLAIN_HIGH, v128.shr<u8>(v, 4)));
      nextPlain |= mask(v128.ne<i8>(c, zero)) << k;
      nextRare |= mask(v128.ne<i8>(v128.and(c, rare), zero)) << k;
      nextMarked |= mask(v128.and(v128.gt<i8>(v, before), v128.lt<i8>(v, after))) << k;
    }
    // 2, 4, 8 and 11 in a row that are plain; one of as many that is rare, or marked.
    const p1 = plain & next(plain, nextPlain, 1), n1 = nextPlain & (nextPlain >> 1);
    const p2 = p1 & next(p1, n1, 2), n2 = n1 & (n1 >> 2);
    const p4 = p2 & next(p2, n2, 4), n4 = n2 & (n2 >> 4);
    const d1 = rares | next(rares, nextRare, 1), e1 = nextRare | (nextRare >> 1);
    const d2 = d1 | next(d1, e1, 2), e2 = e1 | (e1 >> 2);
    const d4 = d2 | next(d2, e2, 4), e4 = e2 | (e2 >> 4);
    const m1 = marked | next(marked, nextMarked, 1), o1 = nextMarked | (nextMarked >> 1);
    const m2 = m1 | next(m1, o1, 2), o2 = o1 | (o1 >> 2);
    const starts = p4 & next(p4, n4, 3) & (d4 | next(d4, e4, 3));
    const inWindow = starts | (starts << 1) | (starts << 2) | (starts << 3) | (startsBefore >> 63) | (startsBefore >> 62) | (startsBefore >> 61);
    let grams = inWindow & (m2 | next(m2, o2, 4)) & 0x1111111111111111;
    while (grams) {
      const p = block + <usize>ctz(grams);
      look(sumAt(p), p, shift);
      grams &= grams - 1;
    }
    plain = nextPlain;
    rares = nextRare;
    marked = nextMarked;
    startsBefore = starts;
  }
  return found;
}
