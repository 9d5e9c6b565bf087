// Where among the bytes of a text trigrams are that literals have: a hash and a bit for every second byte, case folded. A literal is known by both trigrams in four of its
// bytes, so one of the two is met wherever it stands (docs/decisions/0005-anchors-at-every-second-byte.md). Used by scan.ts for anchors, by keywords.ts for keywords.

export const FOLD: u64 = 0x2020202020202020;

/** Most places that scan.ts notes in a block of 64 bytes: every second one. */
export const NOTED: usize = 32;

// Four trigrams at every second byte, a lane each: from the first ten of 16 bytes, and from the bytes two further on.
const EVEN: v128 = i8x16(0, 1, 2, -1, 2, 3, 4, -1, 4, 5, 6, -1, 6, 7, 8, -1);
const EVEN_AFTER: v128 = i8x16(6, 7, 8, -1, 8, 9, 10, -1, 10, 11, 12, -1, 12, 13, 14, -1);

/** Loads the factor of a hash from the header. */
// @ts-ignore: decorator
@inline
export function factorAt(header: usize): v128 {
  return i32x4.splat(load<i32>(header));
}

/** The hashes of four trigrams. */
// @ts-ignore: decorator
@inline
function hashes(folded: v128, lanes: v128, factor: v128): v128 {
  return v128.shr<u32>(v128.mul<i32>(v128.swizzle(folded, lanes), factor), 16);
}

/** Writes p at `next`; returns where the next place is to be written: the same, unless the hash has a bit. A branch would be guessed wrong most times that it is taken. */
// @ts-ignore: decorator
@inline
function note(bits: usize, hash: u32, p: usize, next: usize): usize {
  store<u32>(next, <u32>p);
  return next + (<usize>((<u32>load<u8>(bits + (<usize>hash >> 3)) >> (hash & 7)) & 1) << 2);
}

// @ts-ignore: decorator
@inline
function noteFour(bits: usize, four: v128, p: usize, next: usize): usize {
  next = note(bits, v128.extract_lane<u32>(four, 0), p, next);
  next = note(bits, v128.extract_lane<u32>(four, 1), p + 2, next);
  next = note(bits, v128.extract_lane<u32>(four, 2), p + 4, next);
  return note(bits, v128.extract_lane<u32>(four, 3), p + 6, next);
}

/** Writes at `next` which of p, p + 2, … p + 14 begin a trigram whose hash has a bit, rising; returns where the next place is to be written. Needs room for all eight. */
// @ts-ignore: decorator
@inline
export function noteTrigrams(bits: usize, factor: v128, p: usize, next: usize): usize {
  const fold = i8x16.splat(0x20);
  next = noteFour(bits, hashes(v128.or(v128.load(p), fold), EVEN, factor), p, next);
  return noteFour(bits, hashes(v128.or(v128.load(p, 2), fold), EVEN_AFTER, factor), p + 8, next);
}
