// Values without a mark of their own (32 hexadecimal digits): whether some rule takes a token of such a length and mix of characters (GATE), and then the keywords in the
// bytes before it. Called by scan.ts where a token begins.
import {
  CLASS_DIGIT, CLASS_JOINER, CLASS_LOWER, CLASS_RUN, CLASS_UPPER, CLASS_WIDE, CLASS_WORD, GATE_TOKEN, GATE_WIDE, HEADER_KEYWORD_FACTOR, HEADER_KEYWORD_LISTS, HEADER_KEYWORDS, HEADER_LAST,
  HEADER_PROGRAM_COUNT, KEYWORD, KEYWORD_BITS, KEYWORD_ENTRY, KEYWORD_QUADS,
  KEYWORD_STEP,
} from '../../core/kernel-layout';
import { classOf, hasBit, hash4, mayBegin } from './bytes';
import { run } from './programs';
import { beginPlace, noteLong, readFrom, readTo, windowStart } from './reads';
import { lookUp } from './simd';
import { factorAt, FOLD, noteTrigrams } from './trigrams';

let keywordsAt: usize = 0;
let keywordListsAt: usize = 0;
let lastAt: usize = 0;
/** The number of the last look-back: what the table of last places holds. */
let looked: u32 = 0;

/** Begins with a text. */
// @ts-ignore: decorator
@inline
export function beginKeywords(): void {
  keywordsAt = <usize>load<u32>(HEADER_KEYWORDS);
  keywordListsAt = <usize>load<u32>(HEADER_KEYWORD_LISTS);
  lastAt = <usize>load<u32>(HEADER_LAST);
}

/** Whether a value with a keyword may begin at p: no byte of CLASS_RUN before it, so never inside base64; or an escape. */
function mayBeValue(p: usize): bool {
  const before = classOf(load<u8>(p - 1));
  if (!(before & CLASS_RUN)) return true;
  return (before & CLASS_WORD) != 0 && mayBegin(p);
}

/** Whether a token is a name by its looks (src/engine/boundary.ts says the same): CamelCase, snake_case, kebab-case, with hardly a digit. */
function isName(kinds: u32, length: u32, upper: u32, digits: u32, joiners: u32): bool {
  const isMixed = (kinds & (CLASS_UPPER | CLASS_LOWER)) == (CLASS_UPPER | CLASS_LOWER);
  if (digits) return !isMixed && joiners >= 2 && digits * 8 <= length;
  return isMixed ? upper * 4 <= length : joiners != 0;
}

// As RUN_LOW and RUN_HIGH (simd.ts), by kind. bit 0: `-`; 1: digits; 2, 3: capitals; 4: `_`; 5, 6: small letters.
const KIND_LOW: v128 = i8x16(
  0x4a, 0x6e, 0x6e, 0x6e, 0x6e, 0x6e, 0x6e, 0x6e, 0x6e, 0x6e, 0x6c, 0x24, 0x24, 0x25, 0x24, 0x34,
);
const KIND_HIGH: v128 = i8x16(0, 0, 0x01, 0x02, 0x04, 0x18, 0x20, 0x40, 0, 0, 0, 0, 0, 0, 0, 0);

// @ts-ignore: decorator
@inline
function maskOf(kinds: v128, bits: i8): u32 {
  return <u32>v128.bitmask<i8>(v128.ne<i8>(v128.and(kinds, i8x16.splat(bits)), i8x16.splat(0)));
}

/** How many bytes before the token at p keywords are to be looked for, by its lengths and the kinds of characters in it; 0 = not at all. */
function gate(p: usize): usize {
  let kinds: u32 = 0;
  let upper: u32 = 0, digits: u32 = 0, joiners: u32 = 0;
  let n: usize = 0;
  // 16 bytes at a time, 256 at most
  while (n < 256) {
    const v = lookUp(v128.load(p + n), KIND_LOW, KIND_HIGH);
    const inToken = <u32>v128.bitmask<i8>(v128.ne<i8>(v, i8x16.splat(0)));
    const length = ctz(~inToken);
    const limit = ((<u32>1) << length) - 1;
    upper += popcnt(maskOf(v, 0x0c) & limit);
    digits += popcnt(maskOf(v, 0x02) & limit);
    joiners += popcnt(maskOf(v, 0x11) & limit);
    if (maskOf(v, 0x60) & limit) kinds |= CLASS_LOWER;
    n += <usize>length;
    if (length < 16) break;
  }
  if (upper) kinds |= CLASS_UPPER;
  if (digits) kinds |= CLASS_DIGIT;
  if (joiners) kinds |= CLASS_JOINER;
  // The first loop may go one byte beyond what counts.
  readTo(p + n + 1);
  if (!(classOf(load<u8>(p + n)) & CLASS_WIDE) && isName(kinds, <u32>n, upper, digits, joiners)) return 0;
  n = min(n, 255);
  const back = <usize>load<u8>(<usize>GATE_TOKEN + (<usize>kinds << 8) + n);
  while (n < 255) {
    const c = classOf(load<u8>(p + n));
    if (!(c & CLASS_WIDE)) break;
    kinds |= c & 15;
    n++;
  }
  readTo(p + n + 1);
  return max(back, <usize>load<u8>(<usize>GATE_WIDE + (<usize>kinds << 8) + n));
}

/** Runs the programs of a keyword's entry at p, each once for this p. */
function runKeyword(list: usize, p: usize): void {
  for (let program = <u32>load<u16>(list); program != 65535; program = <u32>load<u16>(list)) {
    const last = lastAt + ((<usize>program) << 2);
    if (load<u32>(last) != looked) {
      store<u32>(last, looked);
      run(program, p);
    }
    list += 2;
  }
}

/** Places of trigrams that keywords have, of one look-back. */
const SEEN: usize = memory.data(1024);

/** Looks for keywords in the bytes before p, and runs their programs at p. */
function lookBack(p: usize, bytes: usize): void {
  const from = max(p - bytes, windowStart);
  if (++looked == 0) {
    memory.fill(lastAt, 0, <usize>load<u32>(HEADER_PROGRAM_COUNT) << 2);
    looked = 1;
  }
  const factor = factorAt(HEADER_KEYWORD_FACTOR);
  let end = SEEN;
  for (let q = from; q < p; q += 16) end = noteTrigrams(KEYWORD_BITS, factor, q, end);
  for (let next = SEEN; next < end; next += 4) {
    const q = <usize>load<u32>(next);
    if (q + 3 > p) return;
    const folded = load<u64>(q - 1) | FOLD;
    atQuad(<u32>folded, q - 1, from, p);
    atQuad(<u32>(folded >> 8), q, from, p);
  }
}

/** Runs the programs of the keywords that are known by the four bytes at q, where all of a keyword stands there. */
function atQuad(quad: u32, q: usize, from: usize, p: usize): void {
  const hash = hash4(quad);
  if (!hasBit(KEYWORD_QUADS, hash)) return;
  const list = <usize>load<u16>(<usize>KEYWORD + (<usize>(hash >> 4) << 1));
  if (!list) return;
  let at = keywordListsAt + list * KEYWORD_ENTRY;
  for (let keyword = <usize>load<u16>(at, 4); keyword; keyword = <usize>load<u16>(at, 4)) {
    if (quad == load<u32>(at)) atKeyword(keywordsAt + keyword * KEYWORD_STEP, q, from, p);
    at += KEYWORD_ENTRY;
  }
}

/** Four bytes of a keyword were seen at q: runs its programs at p where all of it stands there. Its entry: bytes from its start to q u8, length u8, folded bytes, programs u16 … 65535. */
function atKeyword(entry: usize, q: usize, from: usize, p: usize): void {
  const start = q - <usize>load<u8>(entry);
  const length = <usize>load<u8>(entry, 1);
  if (start < from || start + length > p) return;
  for (let i: usize = 0; i < length; i++) if ((load<u8>(start + i) | 0x20) != load<u8>(entry + 2 + i)) return;
  runKeyword(entry + 2 + length, p);
}

/** Where a token begins at p that may be a value with a keyword: looks for keywords before it, and runs their programs. */
// @ts-ignore: decorator
@inline
export function atValue(p: usize): void {
  if (mayBeValue(p)) {
    beginPlace(p);
    const bytes = gate(p);
    readFrom(p - bytes);
    noteLong(p);
    if (bytes) lookBack(p, bytes);
  }
}
