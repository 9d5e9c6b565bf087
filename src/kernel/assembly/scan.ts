// The candidate scan: one pass over a window, two filters side by side, and what they find verified on the spot.
//
// Filter 1, token starts: a byte that may begin a token (no letter, digit or `_` before it, or an escape such as \n) and is followed by 15 more
//   bytes of CLASS_RUN. Classes by nibble tables and swizzle (Mula, "SIMD byte lookup"); runs by doubling shifts of the 64-bit masks.
//   There (programs.ts): programs by the first three bytes (ghp_, sk-), by the two bytes before (SG., y=), by the first byte; and, when the value looks like
//   one that a keyword rule takes (GATE), the keywords in the bytes before it (keywords.ts).
// Filter 2, anchors: literals that are not at the start of a long token (password, -----BEGIN), case folded by OR 0x20. Four bytes of each are known, and both trigrams in
//   them, so that looking at every second byte meets one of the two: a hash and a bit each, whatever the number of literals. Where one is met, the four bytes there and
//   those one byte before are looked up by their hash (docs/decisions/0005-anchors-at-every-second-byte.md).
//
// It over-reports and never under-reports; test/kernel/slow-kernel.ts is the same in slow, plain code and the tests hold both together.
import { ANCHOR, ANCHOR_BITS, ANCHOR_QUADS, BEHIND, BEHIND_BITS, DATA, FIRST, FORWARD, FORWARD_BITS, HEADER_ANCHOR_FACTOR, LIST_WINDOW } from '../../core/kernel-layout';
import { hasBit, hash3, hash4 } from './bytes';
import { atRun, beginSpans } from './encoded';
import { atValue, beginKeywords } from './keywords';
import { beginPrograms, found, runList } from './programs';
import { beginText } from './reads';
import { lookUp, mask, RUN_HIGH, RUN_LOW } from './simd';
import { factorAt, FOLD, NOTED, noteTrigrams } from './trigrams';

/** Encoded text is listed on the way. */
let listsEncoded: bool = false;

/** A token of at least RUN_LENGTH bytes begins at p. */
function atToken(p: usize): void {
  if (listsEncoded) atRun(p);
  const opening = hash3(load<u32>(p) & 0xffffff);
  if (hasBit(FORWARD_BITS, opening)) runList(<u32>load<u16>(<usize>FORWARD + (<usize>(opening >> 5) << 1)), p, 0);
  const before = <u32>load<u16>(p - 2);
  if (hasBit(BEHIND_BITS, before)) runList(<u32>load<u16>(<usize>BEHIND + (<usize>(hash3(before) >> 5) << 1)), p, 0);
  const first = <u32>load<u16>(<usize>FIRST + (<usize>load<u8>(p) << 1));
  if (first) runList(first, p, 0);
  atValue(p);
}

/** Places where the hash of an anchor's trigram was seen, until they are looked at: together, since a branch at each is guessed wrong most times that it is taken. */
const SEEN: usize = memory.data(4096);
/** From here on there is no room for those of another block of 64 bytes. */
const SEEN_FULL: usize = 4096 - 4 * NOTED;

/** Runs the programs of an anchor whose four bytes stand at p. */
// @ts-ignore: decorator
@inline
function atQuad(quad: u32, p: usize): void {
  const hash = hash4(quad);
  if (!hasBit(ANCHOR_QUADS, hash)) return;
  const head = <u32>load<u16>(<usize>ANCHOR + (<usize>(hash >> 4) << 1));
  if (head) runList(head, p, FOLD);
}

/** Looks at the places that were noted: the trigram there may be an anchor's first one, or its second. */
function atAnchors(end: usize): void {
  for (let next = SEEN; next < end; next += 4) {
    const p = <usize>load<u32>(next);
    const folded = load<u64>(p - 1) | FOLD;
    atQuad(<u32>folded, p - 1);
    atQuad(<u32>(folded >> 8), p);
  }
}

/**
 * Scans the window of `n` bytes at DATA; PAD zero bytes must stand before and after it. Writes candidates to OUT (place, program; at most
 * OUT_MAX) and returns how many there are, which may be more. About 0.7 to 1 ns a byte on source text.
 */
export function scan(n: i32): i32 {
  listEncoded(DATA, n, LIST_WINDOW);
  const count = scanPart(DATA, n, 0, n);
  stopListing();
  return count;
}

/** From now on scanPart() lists what is encoded in the blob of `n` bytes at `address` (LIST_*), for findEncoded(). */
export function listEncoded(address: usize, n: i32, what: i32): void {
  beginSpans(address, address + <usize>n, what);
  listsEncoded = true;
}

export function stopListing(): void {
  listsEncoded = false;
}

/**
 * As scan(), of the blob of `n` bytes at `address`, but tries the places [from, to) alone (and a few after): what is found there is what a scan of the whole
 * blob finds there. PAD zero bytes must stand before and after the blob.
 */
export function scanPart(address: usize, n: i32, from: i32, to: i32): i32 {
  beginText(address, n);
  beginPrograms();
  beginKeywords();
  const last = address + <usize>to;
  const zero = i8x16.splat(0), one = i8x16.splat(1), backslash = i8x16.splat(0x5c), percent = i8x16.splat(0x25);
  const factor = factorAt(HEADER_ANCHOR_FACTOR);
  let runBefore: u64 = 0, wordBefore: u64 = 0, escapeBefore: u64 = 0, startBefore: u64 = 0;
  let block = address + <usize>from;
  if (from >= 64) {
    // What the block before leaves behind.
    for (let k: usize = 0; k < 64; k += 16) {
      const v = v128.load(block - 64 + k);
      const c = lookUp(v, RUN_LOW, RUN_HIGH);
      const isRun = mask(v128.ne<i8>(c, zero));
      runBefore |= isRun << k;
      wordBefore |= (isRun & ~mask(v128.eq<i8>(c, one))) << k;
      escapeBefore |= (mask(v128.or(v128.eq<i8>(v, backslash), v128.eq<i8>(v, percent)))) << k;
    }
    startBefore = runBefore & (~(wordBefore << 1) | (escapeBefore << 2) | (escapeBefore << 3) | (escapeBefore << 4) | (escapeBefore << 6));
  } else block = address;
  let seen = SEEN;
  for (; block < last; block += 64) {
    if (seen > SEEN + SEEN_FULL) {
      atAnchors(seen);
      seen = SEEN;
    }
    let runs: u64 = 0, joiners: u64 = 0, escapes: u64 = 0;
    for (let k: usize = 0; k < 64; k += 16) {
      const v = v128.load(block + k);
      const c = lookUp(v, RUN_LOW, RUN_HIGH);
      runs |= (mask(v128.ne<i8>(c, zero))) << k;
      joiners |= (mask(v128.eq<i8>(c, one))) << k;
      escapes |= (mask(v128.or(v128.eq<i8>(v, backslash), v128.eq<i8>(v, percent)))) << k;
      seen = noteTrigrams(ANCHOR_BITS, factor, block + k, seen);
    }
    const words = runs & ~joiners;
    // may begin here: mayBegin() in bits, without a look at what the escape is
    const starts = runs & (
      ~((words << 1) | (wordBefore >> 63)) |
      (escapes << 2) | (escapeBefore >> 62) | (escapes << 3) | (escapeBefore >> 61) |
      (escapes << 4) | (escapeBefore >> 60) | (escapes << 6) | (escapeBefore >> 58)
    );
    // ends of 16 in a row
    const b1 = runBefore & (runBefore << 1), b2 = b1 & (b1 << 2), b4 = b2 & (b2 << 4);
    const r1 = runs & ((runs << 1) | (runBefore >> 63));
    const r2 = r1 & ((r1 << 2) | (b1 >> 62));
    const r4 = r2 & ((r2 << 4) | (b2 >> 60));
    const r8 = r4 & ((r4 << 8) | (b4 >> 56));
    let tokens = r8 & ((starts << 15) | (startBefore >> 49));
    while (tokens) {
      atToken(block + <usize>ctz(tokens) - 15);
      tokens &= tokens - 1;
    }
    runBefore = runs;
    wordBefore = words;
    escapeBefore = escapes;
    startBefore = starts;
  }
  atAnchors(seen);
  return found;
}

export { countByte, countUnits } from './count';
export { findEncoded } from './encoded';
export { longReads } from './reads';
