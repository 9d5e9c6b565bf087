// The candidate scan: one pass over a window, two filters side by side, and what they find verified on the spot.
//
// Filter 1, token starts: a byte that may begin a token (no letter, digit or `_` before it, or an escape such as \n) and is followed by 15 more
//   bytes of CLASS_RUN. Classes by nibble tables and swizzle (Mula, "SIMD byte lookup"); runs by doubling shifts of the 64-bit masks.
//   There: programs by the first three bytes (ghp_, sk-), by the two bytes before (SG., y=), by the first byte; and, when the value looks like
//   one that a keyword rule takes (GATE), the keywords in the bytes before it.
// Filter 2, anchors: literals that are not at the start of a long token (password, -----BEGIN), case folded by OR 0x20. A literal of four bytes or more
//   is listed under two neighbouring trigrams, so that looking at every second byte finds one of them: a hash and a bit each, whatever the number of
//   literals. Teddy (three-byte fingerprints in 8 buckets: Intel Hyperscan; aho-corasick src/packed/teddy/README.md) is left for the few literals of three
//   bytes (://); with 170 of them its buckets were full and every third byte a hit (docs/decisions/0005-anchors-at-every-second-byte.md).
//
// It over-reports and never under-reports; test/kernel/slow-kernel.ts is the same in slow, plain code and the tests hold both together.
import {
  ANCHOR, ANCHOR_BITS, BEHIND, BEHIND_BITS, CLASS, CLASS_DIGIT, CLASS_JOINER, CLASS_UPPER, CLASS_LOWER, CLASS_RUN, CLASS_WIDE, CLASS_WORD, DATA, DIGIT_BYTES, FIRST, FORWARD, FORWARD_BITS, GATE_TOKEN, GATE_WIDE, HEADER_CODE, HEADER_KEYWORD_LISTS, HEADER_KEYWORDS, HEADER_LAST, HEADER_LISTS, HEADER_PROGRAM_COUNT,
  HEADER_PROGRAMS, HEADER_SETS, KEYWORD, KEYWORD_BITS, KEYWORD_ENTRY, KEYWORD_STEP, LIST_ENTRY, LONG_BACK, LONG_MAX, LONG_OUT, LONG_REACH, OP_ASSIGN, OP_BACK, OP_BYTE, OP_FOLD, OP_LEFT, OP_NOT_NEXT, OP_REPORT, OP_SET, OUT, OUT_MAX, TEDDY, TRIGRAM,
} from '../../core/kernel-layout';
import { atRun, beginSpans } from './encoded';
import { lookUp, mask, RUN_HIGH, RUN_LOW } from './simd';

let found: i32 = 0;
let long: i32 = 0;
let windowStart: usize = 0;
let windowEnd: usize = 0;
let listsAt: usize = 0;
let programsAt: usize = 0;
let setsAt: usize = 0;
let codeAt: usize = 0;
let keywordsAt: usize = 0;
let keywordListsAt: usize = 0;
let lastAt: usize = 0;
/** The number of the last look-back: what the table of last places holds. */
let looked: u32 = 0;
/** The pass is one over the window, in which encoded text is noted. */
let isWindow: bool = false;
/** The first byte that was read for the place that is being tried, and the last one, or more than these. */
let lowest: usize = 0;
let reached: usize = 0;

// @ts-ignore: decorator
@inline
export function hash3(bytes: u32): u32 {
  return (bytes * 0x9e3779b1) >> 16;
}

// @ts-ignore: decorator
@inline
function inSet(set: usize, byte: usize): bool {
  return ((<u32>load<u8>(set + (byte >> 3)) >> (<u32>byte & 7)) & 1) != 0;
}

// @ts-ignore: decorator
@inline
function classOf(byte: usize): u32 {
  return <u32>load<u8>(<usize>CLASS + byte);
}

// @ts-ignore: decorator
@inline
function hasBit(table: usize, bit: u32): bool {
  return ((<u32>load<u8>(table + (<usize>bit >> 3)) >> (bit & 7)) & 1) != 0;
}

/** Whether a token may begin at p: no word byte before it, or one that is the end of an escape (\n, %3D, \x3d, \u003d). */
function mayBegin(p: usize): bool {
  if (!(classOf(load<u8>(p - 1)) & CLASS_WORD)) return true;
  return load<u8>(p - 2) == 0x5c || load<u8>(p - 3) == 0x25 || load<u8>(p - 4) == 0x5c || load<u8>(p - 6) == 0x5c;
}

// @ts-ignore: decorator
@inline
function isQuote(c: u32): bool {
  return c == 0x22 || c == 0x27 || c == 0x60;
}

/** Notes that no byte after p was read. */
// @ts-ignore: decorator
@inline
function readTo(p: usize): void {
  if (p > reached) reached = p;
}

/** Notes a place for which bytes from `lowest` to `reached` were read, if these are far off. Notes of one place that follow each other become one. */
function noteLong(at: usize): void {
  if (reached < at + LONG_REACH && lowest + LONG_BACK >= at) return;
  const place = <u32>(at - windowStart);
  const low = <i32>(<u32>lowest - <u32>windowStart), high = <u32>(reached - windowStart);
  if (long > 0 && long <= LONG_MAX) {
    const last = <usize>LONG_OUT + <usize>(long - 1) * 12;
    if (load<u32>(last) == place) {
      store<i32>(last, min(load<i32>(last, 4), low), 4);
      store<u32>(last, max(load<u32>(last, 8), high), 8);
      return;
    }
  }
  if (long < LONG_MAX) {
    const out = <usize>LONG_OUT + <usize>long * 12;
    store<u32>(out, place);
    store<i32>(out, low, 4);
    store<u32>(out, high, 8);
  }
  long++;
}

/**
 * Whether an unquoted value is code: a name, and then a call, an index, or (letters alone) what ends an expression (`. ; , ) }`). But not the call of a path of
 * names with a literal: that may be what the literal is wrapped in.
 */
function isReference(p: usize): bool {
  const limit = min(p + 64, windowEnd);
  const start = p;
  let kinds: u32 = 0;
  while (p < limit && (classOf(load<u8>(p)) & CLASS_WORD)) kinds |= classOf(load<u8>(p++));
  readTo(p);
  if (p == start || (classOf(load<u8>(start)) & CLASS_DIGIT)) return false;
  const c = load<u8>(p);
  if (c == 0x2e || c == 0x28) {
    while (p < limit && (classOf(load<u8>(p)) & CLASS_WORD || load<u8>(p) == 0x2e)) p++;
    readTo(p + 1);
    if (load<u8>(p) == 0x28 && isQuote(load<u8>(p + 1))) return false;
  }
  if (c == 0x28 || c == 0x5b) return true;
  return !(kinds & CLASS_DIGIT) && (c == 0x2e || c == 0x3b || c == 0x2c || c == 0x29 || c == 0x7d);
}

/** Returns where the value begins when a type stands between name and operator (`string = "…"`), else p. */
function afterType(p: usize): usize {
  const limit = min(p + 40, windowEnd);
  let q = p;
  while (q < limit && (classOf(load<u8>(q)) & CLASS_WORD || load<u8>(q) == 0x2e || load<u8>(q) == 0x3f || load<u8>(q) == 0x2a || load<u8>(q) == 0x26)) q++;
  if (q == p) return p;
  // `As String =`: a second word
  const isAs = q == p + 2 && (load<u8>(p) | 0x20) == 0x61 && (load<u8>(p + 1) | 0x20) == 0x73;
  while (q < limit && load<u8>(q) == 0x20) q++;
  if (isAs) {
    while (q < limit && classOf(load<u8>(q)) & CLASS_WORD) q++;
    while (q < limit && load<u8>(q) == 0x20) q++;
  }
  readTo(q + 1);
  return load<u8>(q) == 0x3d && load<u8>(q + 1) != 0x3d ? q : p;
}

/** Returns where a carrier ends that the name stands before: `name: X` above `value: v`, `<key>X</key><string>v`; else p. */
function afterCarrier(p: usize): usize {
  const limit = min(p + 40, windowEnd);
  let q = p;
  if (load<u8>(q) == 0x3c && load<u8>(q + 1) == 0x2f) { // </
    while (q < limit && load<u8>(q) != 0x3e) q++;
    q++;
    while (q < limit && load<u8>(q) <= 0x20) q++;
    readTo(q + 1);
    return q < limit && load<u8>(q) == 0x3c && load<u8>(q + 1) != 0x2f ? q + 1 : p;
  }
  while (q < limit) {
    const c = load<u8>(q);
    if (!(c == 0x20 || c == 0x09 || c == 0x0d || c == 0x0a || c == 0x2c || c == 0x5c || c == 0x7b || isQuote(c))) break;
    q++;
  }
  readTo(q + 5);
  if (q == p || q + 5 > limit) return p;
  const word = load<u32>(q) | 0x20202020;
  return word == 0x756c6176 || word == 0x61666564 ? q : p; // valu, defa
}

/** Returns where a literal begins behind the letters of its opening quote (`b'`, `N'`, `rb"`), else p. */
function afterStringPrefix(p: usize): usize {
  let q = p;
  while (q < p + 2 && isPrefixLetter(load<u8>(q))) q++;
  readTo(q);
  return q > p && isQuote(load<u8>(q)) ? q + 1 : p;
}

/** b B r R u U f F L N */
function isPrefixLetter(c: u8): bool {
  const small = c | 0x20;
  return small == 0x62 || small == 0x72 || small == 0x75 || small == 0x66 || c == 0x4c || c == 0x4e;
}

let isAssigned: bool = false;
let isQuoted: bool = false;

/** Returns where an HTML entity for a quote ends (its `;`), 0 when there is none at p: &quot; &#34; &apos; &#39; */
function entityEnd(p: usize): usize {
  readTo(p + 7);
  for (let end = p + 1; end < min(p + 7, windowEnd); end++) if (load<u8>(end) == 0x3b) return end > p + 3 ? end : 0;
  return 0;
}

/** Walks over closers, operators and openers; what it met stands in isAssigned and isQuoted. Returns where the value begins, 0 when none can. */
function skipOperator(start: usize): usize {
  const limit = min(start + 40, windowEnd);
  let hasParen = false, hasBreak = false, equals = 0;
  let p = start;
  while (p < limit) {
    const c = load<u8>(p);
    if (c == 0x3d) { isAssigned = true; equals++; } // =
    else if (c == 0x3a || c == 0x3e || c == 0x7c) isAssigned = true; // : > |
    else if (c == 0x2c) isAssigned = isAssigned || isQuoted; // , after "name"
    else if (isQuote(c)) isQuoted = true;
    else if (c == 0x28) hasParen = true;
    else if (c == 0x0a) hasBreak = true;
    else if (c == 0x26 && entityEnd(p)) {
      isQuoted = true;
      p = entityEnd(p);
    } else if (
      !(c == 0x2a || c == 0x21 || c == 0x20 || c == 0x09 || c == 0x0d || c == 0x5c || c == 0x5d || c == 0x29 || c == 0x7d || c == 0x5b || c == 0x7b || c == 0x3f || c == 0x2b || c == 0x2d || c == 0x40 || c == 0x26 || c == 0x3c)
    ) break;
    p++;
  }
  readTo(p);
  if (hasParen && isQuote(load<u8>(p - 1))) isAssigned = true;
  if (hasBreak && !isAssigned) return 0;
  // `==` compares, unless with a literal
  if (equals > 1 && !isQuoted && load<u8>(start) != 0x3a) return 0;
  return p;
}

/** Whether what follows a keyword looks like the assignment of a literal: what the generic rules ask of a place (docs/rules.md). */
function mayAssign(start: usize, needsDigit: bool): bool {
  let p = start;
  let limit = min(p + 48, windowEnd);
  // the rest of the name
  while (p < limit && (classOf(load<u8>(p)) & (CLASS_WORD | CLASS_JOINER) || load<u8>(p) == 0x2e)) p++;
  readTo(p);
  const carrier = afterCarrier(p);
  if (carrier != p) {
    p = carrier;
    limit = min(p + 16, windowEnd);
    while (p < limit && classOf(load<u8>(p)) & CLASS_WORD) p++;
    readTo(p);
  }
  const nameEnd = p;
  isAssigned = false;
  isQuoted = false;
  p = skipOperator(nameEnd);
  if (!p) return false;
  // Behind an equals sign no type follows: `key=v&page=1`.
  if (!isQuote(load<u8>(p - 1)) && load<u8>(p - 1) != 0x3d) {
    const typed = afterType(p);
    if (typed != p) {
      p = skipOperator(typed);
      if (!p) return false;
    }
  }
  if (p == nameEnd) return false;
  p = afterStringPrefix(p);
  if (!isAssigned && !isQuoted && load<u8>(start - 1) >= 0x61 && load<u8>(start - 1) <= 0x7a) {
    // Only space between: `--password x`, `PASSWORD x`, `IDENTIFIED BY x`: not English prose
    let name = start;
    const back = max(start - 40, windowStart);
    lowest = min(lowest, start - 41);
    while (name > back && (classOf(load<u8>(name - 1)) & (CLASS_WORD | CLASS_JOINER))) name--;
    if (load<u8>(name) != 0x2d) return false;
  }
  const value = p;
  // A password may open with a sign that was walked over: "?T_…
  const isLiteral = isQuote(load<u8>(value - 1)) || (isQuote(load<u8>(value - 2)) && load<u8>(value - 1) > 0x20);
  // at least four bytes of value
  limit = min(p + 4, windowEnd);
  readTo(p + 4);
  while (p < limit) {
    const c = load<u8>(p);
    if (c < 0x20 || isQuote(c) || (c == 0x20 && !isLiteral)) return false;
    p++;
  }
  if (p < value + 4) return false;
  if (!isLiteral && isReference(value)) return false;
  if (!needsDigit) return true;
  let hasBlank = false;
  p = value;
  limit = min(p + DIGIT_BYTES, windowEnd);
  while (p < limit) {
    const c = load<u8>(p);
    readTo(p + 1);
    if (classOf(c) & CLASS_DIGIT) return true;
    // A quote ends the value, unless it is one in a string inside a string: \"
    if (c == 0x0a || (isQuote(c) && load<u8>(p - 1) != 0x5c)) return false;
    // One blank may stand after a scheme: Authorization: Token …
    if (!isLiteral && c == 0x20 && !hasBlank) hasBlank = true;
    else if (!isLiteral && (c <= 0x20 || c == 0x2c || c == 0x3b || c == 0x29 || c == 0x28 || c == 0x5b)) return false;
    p++;
  }
  return false;
}

/** Runs a program at p; notes those whose outcome hangs on bytes far off. */
function run(program: u32, at: usize): void {
  lowest = reached = at;
  readTo(follow(program, at));
  noteLong(at);
}

/** Follows a program from p; reports when it comes to its end. Returns how far it got: no byte after that one was read but by OP_ASSIGN, which says so itself. */
function follow(program: u32, at: usize): usize {
  const entry = programsAt + ((<usize>program) << 2);
  let pc = codeAt + <usize>load<u32>(entry);
  let p = at;
  let start = at;
  while (true) {
    const op = load<u8>(pc);
    if (op == OP_BYTE) {
      if (p >= windowEnd || load<u8>(p) != load<u8>(pc + 1)) return p;
      p++;
      pc += 2;
    } else if (op == OP_SET) {
      const set = setsAt + (<usize>load<u16>(pc + 1) << 5);
      const least = <usize>load<u16>(pc + 3);
      const most = <usize>load<u16>(pc + 5);
      let end = most == 65535 ? windowEnd : min(p + most, windowEnd);
      const from = p;
      while (p < end && inSet(set, load<u8>(p))) p++;
      if (p - from < least) return p;
      pc += 7;
    } else if (op == OP_REPORT) {
      if (found < OUT_MAX) {
        const out = <usize>OUT + (<usize>found << 3);
        store<u32>(out, <u32>(start - windowStart));
        store<u32>(out, program, 4);
      }
      found++;
      return p;
    } else if (op == OP_BACK) {
      const back = <usize>load<u8>(pc + 1);
      // An escape may stand before it.
      lowest = p - back - 6;
      if (p < windowStart + back) return p;
      p -= back;
      start = p;
      pc += 2;
    } else if (op == OP_FOLD) {
      const length = <usize>load<u8>(pc + 1);
      if (p + length > windowEnd) return p + length;
      for (let i: usize = 0; i < length; i++) if ((load<u8>(p + i) | 0x20) != load<u8>(pc + 2 + i)) return p + length;
      p += length;
      pc += 2 + length;
    } else if (op == OP_LEFT) {
      if (!mayBegin(p)) return p;
      pc += 1;
    } else if (op == OP_NOT_NEXT) {
      if (p < windowEnd && inSet(setsAt + (<usize>load<u16>(pc + 1) << 5), load<u8>(p))) return p;
      pc += 3;
    } else if (op == OP_ASSIGN) {
      if (!mayAssign(p, load<u8>(pc + 1) != 0)) return p;
      pc += 2;
    } else return p;
  }
}

/**
 * Runs the programs of a list, each so many bytes before p as its entry says, where the eight bytes there or round there (case folded by `fold`) are what the entry
 * says too (src/ruleset/anchor-check.ts): most are not, and a program costs some 30 ns.
 */
function runList(head: u32, p: usize, fold: u64): void {
  let entry = listsAt + <usize>head * LIST_ENTRY;
  while (true) {
    const program = load<u16>(entry);
    if (program == 65535) return;
    const at = p - <usize>load<u8>(entry, 2);
    if (((load<u64>(at - <usize>load<u8>(entry, 3)) | fold) & load<u64>(entry, 4)) == load<u64>(entry, 12) && at >= windowStart) run(program, at);
    entry += LIST_ENTRY;
  }
}

/** Whether a value with a keyword may begin at p: no byte of CLASS_RUN before it, so never inside base64; or an escape. */
function mayBeValue(p: usize): bool {
  const before = load<u8>(p - 1);
  if (!(classOf(before) & CLASS_RUN)) return true;
  return (classOf(before) & CLASS_WORD) != 0 && mayBegin(p);
}

/** Whether a token is a name by its looks (src/engine/boundary.ts says the same): CamelCase, snake_case, kebab-case, with hardly a digit. */
function isName(kinds: u32, length: u32, upper: u32, digits: u32, joiners: u32): bool {
  const isMixed = (kinds & (CLASS_UPPER | CLASS_LOWER)) == (CLASS_UPPER | CLASS_LOWER);
  if (digits) return !isMixed && joiners >= 2 && digits * 8 <= length;
  return isMixed ? upper * 4 <= length : joiners != 0;
}

// As RUN_LOW and RUN_HIGH, by kind. bit 0: `-`; 1: digits; 2, 3: capitals; 4: `_`; 5, 6: small letters.
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

/**
 * Looks for keywords in the bytes before p, and runs their programs at p. At every second byte, since a keyword is listed under two neighbouring trigrams;
 * costs about a nanosecond a byte.
 */
function lookBack(p: usize, bytes: usize): void {
  const from = max(p - bytes, windowStart);
  if (++looked == 0) {
    memory.fill(lastAt, 0, <usize>load<u32>(HEADER_PROGRAM_COUNT) << 2);
    looked = 1;
  }
  for (let q = from; q + 3 <= p; q += 2) {
    const here = load<u32>(q) | 0x20202020;
    const hash = hash3(here & 0xffffff);
    if (!hasBit(KEYWORD_BITS, hash)) continue;
    const list = <usize>load<u16>(<usize>KEYWORD + (<usize>(hash >> 4) << 1));
    if (!list) continue;
    const before = load<u32>(q - 1) | 0x20202020;
    let at = keywordListsAt + list * KEYWORD_ENTRY;
    for (let keyword = <usize>load<u16>(at, 8); keyword; keyword = <usize>load<u16>(at, 8)) {
      if (((load<u8>(at, 10) ? before : here) & load<u32>(at)) == load<u32>(at, 4)) atKeyword(keywordsAt + keyword * KEYWORD_STEP, q, from, p);
      at += KEYWORD_ENTRY;
    }
  }
}

/** Four bytes of a keyword were seen at q: runs its programs at p where all of it stands there. Its entry: bytes from its start to q u8 (one more than that), length u8, folded bytes, programs u16 … 65535. */
function atKeyword(entry: usize, q: usize, from: usize, p: usize): void {
  const start = q + 1 - <usize>load<u8>(entry);
  const length = <usize>load<u8>(entry, 1);
  if (start < from || start + length > p) return;
  for (let i: usize = 0; i < length; i++) if ((load<u8>(start + i) | 0x20) != load<u8>(entry + 2 + i)) return;
  runKeyword(entry + 2 + length, p);
}

/** A token of at least RUN_LENGTH bytes begins at p. */
function atToken(p: usize): void {
  if (isWindow) atRun(p);
  const opening = hash3(load<u32>(p) & 0xffffff);
  if (hasBit(FORWARD_BITS, opening)) runList(<u32>load<u16>(<usize>FORWARD + (<usize>(opening >> 5) << 1)), p, 0);
  const before = <u32>load<u16>(p - 2);
  if (hasBit(BEHIND_BITS, before)) runList(<u32>load<u16>(<usize>BEHIND + (<usize>(hash3(before) >> 5) << 1)), p, 0);
  const first = <u32>load<u16>(<usize>FIRST + (<usize>load<u8>(p) << 1));
  if (first) runList(first, p, 0);
  if (mayBeValue(p)) {
    reached = p;
    const bytes = gate(p);
    lowest = p - bytes;
    noteLong(p);
    if (bytes) lookBack(p, bytes);
  }
}

/** A fingerprint was seen at p. */
function atFingerprint(p: usize): void {
  const hash = hash3((load<u32>(p) & 0xffffff) | 0x202020);
  const head = <u32>load<u16>(<usize>TRIGRAM + (<usize>(hash >> 5) << 1));
  if (head) runList(head, p, 0x2020202020202020);
}

// Four trigrams at every second byte, a lane each: from a block's first ten bytes, and from the block two bytes on.
const EVEN: v128 = i8x16(0, 1, 2, -1, 2, 3, 4, -1, 4, 5, 6, -1, 6, 7, 8, -1);
const EVEN_AFTER: v128 = i8x16(6, 7, 8, -1, 8, 9, 10, -1, 10, 11, 12, -1, 12, 13, 14, -1);

/** hash3() of four trigrams. */
// @ts-ignore: decorator
@inline
function trigrams(folded: v128, lanes: v128): v128 {
  return v128.shr<u32>(v128.mul<i32>(v128.swizzle(folded, lanes), i32x4.splat(0x9e3779b1)), 16);
}

/** Places where the hash of an anchor's trigram was seen, until they are looked at: together, since a branch at each is guessed wrong most times that it is taken. */
const SEEN: usize = memory.data(4096);
/** From here on there is no room for those of another block of 64 bytes. */
const SEEN_FULL: usize = 4096 - 32 * 4;

/** Writes p at `next`; returns where the next place is to be written: the same, unless the hash is an anchor's. */
// @ts-ignore: decorator
@inline
function note(hash: u32, p: usize, next: usize): usize {
  store<u32>(next, <u32>p);
  return next + (<usize>((<u32>load<u8>(<usize>ANCHOR_BITS + (<usize>hash >> 3)) >> (hash & 7)) & 1) << 2);
}

/** Notes where among p, p + 2, p + 4, p + 6 hashes of anchors are. */
// @ts-ignore: decorator
@inline
function noteAnchors(hashes: v128, p: usize, next: usize): usize {
  next = note(v128.extract_lane<u32>(hashes, 0), p, next);
  next = note(v128.extract_lane<u32>(hashes, 1), p + 2, next);
  next = note(v128.extract_lane<u32>(hashes, 2), p + 4, next);
  return note(v128.extract_lane<u32>(hashes, 3), p + 6, next);
}

/** Looks at the places that were noted. */
function atAnchors(end: usize): void {
  for (let next = SEEN; next < end; next += 4) {
    const p = <usize>load<u32>(next);
    const hash = hash3((load<u32>(p) & 0xffffff) | 0x202020);
    const head = <u32>load<u16>(<usize>ANCHOR + (<usize>(hash >> 4) << 1));
    if (head) runList(head, p, 0x2020202020202020);
  }
}

/**
 * Scans the window of `n` bytes at DATA; PAD zero bytes must stand before and after it. Writes candidates to OUT (place, program; at most
 * OUT_MAX) and returns how many there are, which may be more. About 0.7 to 1 ns a byte on source text.
 */
export function scan(n: i32): i32 {
  beginSpans(<usize>DATA + <usize>n);
  isWindow = true;
  const count = scanPart(DATA, n, 0, n);
  isWindow = false;
  return count;
}

/**
 * How many places of the last scan stand in LONG_OUT: place u32, first byte read i32 (below zero where the text's start was in the way), last byte read u32; may
 * be more than LONG_MAX. All that is not noted hangs on [place - LONG_BACK, place + LONG_REACH) alone.
 */
export function longReads(): i32 {
  return long;
}

/**
 * As scan(), of the blob of `n` bytes at `address`, but tries the places [from, to) alone (and a few after): what is found there is what a scan of the whole
 * blob finds there. PAD zero bytes must stand before and after the blob.
 */
export function scanPart(address: usize, n: i32, from: i32, to: i32): i32 {
  found = 0;
  long = 0;
  windowStart = address;
  windowEnd = address + <usize>n;
  const last = address + <usize>to;
  listsAt = <usize>load<u32>(HEADER_LISTS);
  programsAt = <usize>load<u32>(HEADER_PROGRAMS);
  setsAt = <usize>load<u32>(HEADER_SETS);
  codeAt = <usize>load<u32>(HEADER_CODE);
  keywordsAt = <usize>load<u32>(HEADER_KEYWORDS);
  keywordListsAt = <usize>load<u32>(HEADER_KEYWORD_LISTS);
  lastAt = <usize>load<u32>(HEADER_LAST);
  const l0 = v128.load(TEDDY), h0 = v128.load(TEDDY, 16), l1 = v128.load(TEDDY, 32), h1 = v128.load(TEDDY, 48), l2 = v128.load(TEDDY, 64), h2 = v128.load(TEDDY, 80);
  const zero = i8x16.splat(0), one = i8x16.splat(1), fold = i8x16.splat(0x20), backslash = i8x16.splat(0x5c), percent = i8x16.splat(0x25);
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
      const f0 = v128.or(v, fold), f1 = v128.or(v128.load(block + k, 1), fold), f2 = v128.or(v128.load(block + k, 2), fold);
      seen = noteAnchors(trigrams(f0, EVEN), block + k, seen);
      seen = noteAnchors(trigrams(f2, EVEN_AFTER), block + k + 8, seen);
      // fingerprints
      const t = v128.and(v128.and(lookUp(f0, l0, h0), lookUp(f1, l1, h1)), lookUp(f2, l2, h2));
      if (v128.any_true(t)) {
        let hits = <u32>mask(v128.ne<i8>(t, zero));
        while (hits) {
          atFingerprint(block + k + <usize>ctz(hits));
          hits &= hits - 1;
        }
      }
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

export { findEncoded } from './encoded';

/** Counts a byte in `n` bytes at `p`. PAD readable bytes must follow. */
export function countByte(p: usize, n: i32, byte: i32): i32 {
  const wanted = i8x16.splat(<i8>byte);
  const end = p + <usize>n;
  let count = 0;
  for (; p + 16 <= end; p += 16) count += popcnt(v128.bitmask<i8>(v128.eq<i8>(v128.load(p), wanted)));
  for (; p < end; p++) if (load<u8>(p) == <u8>byte) count++;
  return count;
}

/** Counts the UTF-16 units of `n` bytes of UTF-8 at `p`: one for each byte that continues nothing, one more for each that opens four. */
export function countUnits(p: usize, n: i32): i32 {
  const end = p + <usize>n;
  const top = i8x16.splat(<i8>0xc0), continued = i8x16.splat(<i8>0x80), four = i8x16.splat(<i8>0xf0);
  let count = 0;
  for (; p + 16 <= end; p += 16) {
    const v = v128.load(p);
    count += 16 - popcnt(v128.bitmask<i8>(v128.eq<i8>(v128.and(v, top), continued)));
    count += popcnt(v128.bitmask<i8>(v128.ge<u8>(v, four)));
  }
  for (; p < end; p++) {
    const c = load<u8>(p);
    if ((c & 0xc0) != 0x80) count++;
    if (c >= 0xf0) count++;
  }
  return count;
}
