// Encoded text that is worth decoding: lists spans (SPANS: kinds, start, end). Ordinary source must give almost none, since a span costs microseconds
// afterwards: the tests are for what a secret can hide in, not for all that could be decoded.
//
// Blocks: where a token of 16 bytes begins (scan.ts calls atRun), base64 or hexadecimal whose first twelve bytes are text, UTF-16 LE, or open gzip or zlib
//   (a random run passes one time in 100,000); then the whole of it, line breaks included.
// Escapes: a pass of their own, by pairs of neighbouring bytes in two nibble tables, then what follows them. They make spans of whole lines, so that a name
//   before a value is there too; neighbouring lines become one. Escapes that hide nothing are passed over: of blanks, ', < > and &, which end tokens as they
//   stand. Bytes written as 0x41, 0x42, if the first eight are text, are a block of their own.
//
// Of a blob of a history the spans are listed once and carried to its deltas (src/engine/history/carry-encoded.ts). That needs two things more. What was read beyond a
//   span's own bytes, or read and found to be none, is a span of no kind (noteRead). And nothing else may hang on what lies far off: where a span begins, LONG_BACK bytes
//   before the place and LONG_REACH from there on say, so that a change is looked at in a region round it. There (LIST_CHANGES) it is told whether one may begin.
//
// test/kernel/slow-encoded.ts says the same in slow, plain code.
import {
  CLASS, CLASS_RUN, CLASS_WORD, DATA, ENCODED_ANSI, ENCODED_BACKSLASH, ENCODED_BASE64, ENCODED_BYTES, ENCODED_HEX, ENCODED_HTML, ENCODED_PERCENT, ENCODED_QUOTED, LIST_CHANGES, LIST_WINDOW, SPANS, SPANS_MAX,
} from '../../core/kernel-layout';
import { lookUp, mask } from './simd';

/** Least characters of base64, digits of hexadecimal, bytes of a list: a shorter one holds no secret with its name. */
const BASE64_LEAST: usize = 20;
const HEX_LEAST: usize = 24;
const BYTES_LEAST: i32 = 16;
/** Bytes of a list that must be text. */
const BYTES_SAMPLE: i32 = 8;
/** Bytes between two bytes of a list. */
const BYTES_GAP: usize = 64;
/** A second sample, for text after a binary header: so far into a run of base64, a whole number of groups. */
const SAMPLE_AT: usize = 48;
/** Within so many bytes of a run's start base64 may begin behind a joiner: sha512-…, host/path/…. Less than LONG_BACK, as all looks back from a place are. */
const JOINED: usize = 90;
/** A line of base64 that goes on in the next has at least so many characters. */
const WRAPPED_LEAST: usize = 32;
/** Characters of a full line of PEM or MIME. */
const FULL_LINE: usize = 60;
/** Bytes of a line before an escape and after it that are taken with it, and of a span of lines. */
const LINE_BEFORE: usize = 512;
const LINE_AFTER: usize = 1024;
const LINES_MOST: usize = 16384;
/** Characters of a token with `\/` in it. */
const SLASHED_LEAST: usize = 36;
/** Lengths of a line that quoted-printable breaks. */
const SOFT_LEAST: usize = 70;
const SOFT_MOST: usize = 77;

let found: i32 = 0;
/** What is listed: LIST_*. */
let listing: i32 = LIST_WINDOW;
let textStart: usize = DATA;
let windowEnd: usize = 0;
/** Blocks and lists are looked for from here on. */
let blocksFrom: usize = 0;
let listsFrom: usize = 0;
/** The span of lines that is not reported yet; no kinds: there is none. */
let openKinds: u32 = 0;
let openStart: usize = 0;
let openEnd: usize = 0;

// Pairs of bytes that may open an escape. bit 0: \ and u x; 1: % and a digit; 2: & and # q (and ! s); 3: = and 3; 4: 0 and x; 5: \ and / "; 6: = and a line's end; 7: ESC and [.
const PAIR_LOW: v128 = i8x16(0x10, 0, 0, 0, 0, 0x02, 0x04, 0, 0, 0, 0, -128, 0x21, 0x48, 0, 0);
const PAIR_HIGH: v128 = i8x16(0, -128, 0x06, 0x58, 0, 0x21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
const NEXT_LOW: v128 = i8x16(0x02, 0x06, 0x22, 0x0e, 0x02, 0x03, 0x02, 0x02, 0x11, 0, 0x40, -128, 0, 0x40, 0, 0x20);
const NEXT_HIGH: v128 = i8x16(0x40, 0, 0x24, 0x0a, 0, -128, 0, 0x15, 0, 0, 0, 0, 0, 0, 0, 0);

// @ts-ignore: decorator
@inline
function isWord(p: usize): bool {
  return ((<u32>load<u8>(<usize>CLASS + <usize>load<u8>(p))) & CLASS_WORD) != 0;
}

// @ts-ignore: decorator
@inline
function isRun(p: usize): bool {
  return ((<u32>load<u8>(<usize>CLASS + <usize>load<u8>(p))) & CLASS_RUN) != 0;
}

/** Values of the characters of base64 in either alphabet, 64 for all others; made by the first scan. */
const SEXTETS: usize = memory.data(256);

function makeSextets(): void {
  for (let c: u32 = 0; c < 256; c++) {
    const isLower = c - 0x61 < 26, isUpper = c - 0x41 < 26, isDigit = c - 0x30 < 10;
    const own: u32 = c == 0x2b || c == 0x2d ? 62 : c == 0x2f || c == 0x5f ? 63 : 64;
    store<u8>(SEXTETS + <usize>c, <u8>(isLower ? c - 71 : isUpper ? c - 65 : isDigit ? c + 4 : own));
  }
}

// @ts-ignore: decorator
@inline
function sextet(p: usize): u32 {
  return <u32>load<u8>(SEXTETS + <usize>load<u8>(p));
}

/** Returns the value of a hexadecimal digit; 256 for any other byte. */
function digit(p: usize): u32 {
  const c = <u32>load<u8>(p);
  if (c - 0x30 < 10) return c - 0x30;
  const folded = c | 0x20;
  return folded - 0x61 < 6 ? folded - 87 : 256;
}

/** Returns the byte that two hexadecimal digits make; 256 and more where they are none. */
// @ts-ignore: decorator
@inline
function pair(p: usize): u32 {
  return digit(p) << 4 | digit(p + 1);
}

// @ts-ignore: decorator
@inline
function isText(byte: u32): bool {
  return byte - 0x20 < 0x5f || byte == 9 || byte == 10 || byte == 13;
}

/** Whether bytes open gzip or zlib. */
// @ts-ignore: decorator
@inline
function isCompressed(a: u32, b: u32, c: u32): bool {
  return (a == 0x1f && b == 0x8b && c == 8) || (a == 0x78 && (b == 0x01 || b == 0x5e || b == 0x9c || b == 0xda));
}

/** Whether 16 characters of base64 at p are twelve bytes of text, in ASCII or UTF-16 LE; at the start (`isFirst`) what opens gzip or zlib, or a mark of UTF-8. */
function isBase64Text(p: usize, isFirst: bool): bool {
  let plain = true, wide = true;
  for (let group: usize = 0; group < 16; group += 4) {
    const a = sextet(p + group), b = sextet(p + group + 1), c = sextet(p + group + 2), d = sextet(p + group + 3);
    if ((a | b | c | d) & 64) return false;
    const x = a << 2 | b >> 4, y = (b & 15) << 4 | c >> 2, z = (c & 3) << 6 | d;
    if (isFirst && group == 0 && isCompressed(x, y, z)) return true;
    const isMark = isFirst && group == 0 && x == 0xef && y == 0xbb && z == 0xbf;
    plain = plain && (isMark || (isText(x) && isText(y) && isText(z)));
    wide = wide && (group & 4 ? x == 0 && isText(y) && z == 0 : isText(x) && y == 0 && isText(z));
    if (!plain && !wide) return false;
  }
  return true;
}

/** The same for 24 hexadecimal digits. */
function isHexText(p: usize): bool {
  if (isCompressed(pair(p), pair(p + 2), pair(p + 4))) return true;
  for (let i: usize = 0; i < 24; i += 2) if (!isText(pair(p + i))) return false;
  return true;
}

function report(kinds: u32, start: usize, end: usize): void {
  if (found < SPANS_MAX) {
    const out = <usize>SPANS + <usize>found * 12;
    store<u32>(out, kinds);
    store<u32>(out, <u32>(start - textStart), 4);
    store<u32>(out, <u32>(end - textStart), 8);
  }
  found++;
}

/** Lists what was read as a span of no kind, where that is wanted. */
function noteRead(start: usize, end: usize): void {
  if (listing != LIST_WINDOW) report(0, max(start, textStart), min(end, windowEnd));
}

/** Returns the end of the base64 at p: characters of one alphabet, whichever the first of its own belongs to. */
function base64End(p: usize): usize {
  let alphabet: u32 = 0;
  for (; p < windowEnd; p++) {
    if (sextet(p) == 64) return p;
    const c = load<u8>(p);
    const own: u32 = c == 0x2b || c == 0x2f ? 1 : c == 0x2d || c == 0x5f ? 2 : 0;
    if (!own) continue;
    if (alphabet && alphabet != own) return p;
    alphabet = own;
  }
  return p;
}

/** Returns where the next line begins after a break at p, written as such or as \n, and its indentation; 0 when there is no break. */
function afterBreak(p: usize): usize {
  let q = p;
  if (load<u8>(q) == 0x5c && load<u8>(q + 1) == 0x72) q += 2;
  if (load<u8>(q) == 0x5c && load<u8>(q + 1) == 0x6e) return q + 2;
  if (q != p) return 0;
  if (load<u8>(q) == 0x0d) q++;
  if (load<u8>(q) != 0x0a) return 0;
  q++;
  while (load<u8>(q) == 0x20 || load<u8>(q) == 0x09) q++;
  return q;
}

/** Whether what follows the last line of wrapped base64 lets it be one. */
function endsLine(p: usize): bool {
  const c = load<u8>(p);
  return p >= windowEnd || c <= 0x20 || c == 0x22 || c == 0x27 || c == 0x60 || c == 0x3c || c == 0x3d || c == 0x5c;
}

/** Reports base64 from p to its end: lines of one length and a last one that is not longer, as MIME, PEM and YAML blocks have them. It was read up to `read` at least. */
function takeBase64(start: usize, read: usize): void {
  let end = base64End(start);
  let characters = end - start;
  let width = characters;
  read = max(end, read);
  for (let line = 1; characters >= WRAPPED_LEAST && load<u8>(end) != 0x3d; line++) {
    const next = afterBreak(end);
    if (!next) break;
    const nextEnd = base64End(next);
    const length = nextEnd - next;
    read = max(read, nextEnd + 1);
    // What stands before the first line makes it shorter than the others.
    if (line == 1 && length > width) width = length;
    if (!length || length > width || (length < width && !endsLine(nextEnd))) break;
    end = nextEnd;
    characters += length;
    if (length < width) break;
  }
  blocksFrom = end;
  if (characters < BASE64_LEAST || read > end) noteRead(start, read);
  if (characters < BASE64_LEAST) return;
  if (load<u8>(end) == 0x3d) end += load<u8>(end + 1) == 0x3d ? 2 : 1;
  report(ENCODED_BASE64, start, min(end, windowEnd));
}

/** Whether the line before p is base64 too and not shorter than what stands at p: the inside of a certificate, whose opening was no text. */
function goesOnFromBinary(p: usize): bool {
  let end = p;
  while (load<u8>(end - 1) == 0x20 || load<u8>(end - 1) == 0x09) end--;
  if (load<u8>(end - 1) != 0x0a) {
    if (p - end > 1) noteRead(end - 1, p);
    return false;
  }
  end -= load<u8>(end - 2) == 0x0d ? 2 : 1;
  let start = end;
  while (isRun(start - 1)) start--;
  noteRead(start, base64End(p));
  return end - start >= FULL_LINE && end - start >= base64End(p) - p;
}

/** Whether the run that p stands in begins not too far before it. */
function isJoined(p: usize): bool {
  let start = p;
  while (isRun(start - 1)) if (p - --start > JOINED) return false;
  return true;
}

/** Looks at the token of at least 16 bytes at p. */
export function atRun(p: usize): void {
  if (p < blocksFrom) return;
  const first = load<u8>(p);
  // The digits that text and what opens gzip begin with.
  if (first - 0x30 < 8 && digit(p + 1) < 16 && isHexText(p) && isJoined(p)) {
    let end = p;
    while (end < windowEnd && digit(end) < 16) end++;
    if (!isWord(end) && end - p >= HEX_LEAST && ((end - p) & 1) == 0) {
      report(ENCODED_HEX, p, end);
      blocksFrom = end;
      return;
    }
    noteRead(p, end);
  }
  const isText = isBase64Text(p, true);
  if (!isText && !(isRun(p + SAMPLE_AT + 15) && isBase64Text(p + SAMPLE_AT, false))) return;
  // The second sample may stand behind what it speaks for.
  if (isJoined(p) && !goesOnFromBinary(p)) takeBase64(p, isText ? p : p + SAMPLE_AT + 16);
}

// @ts-ignore: decorator
@inline
function isBetweenBytes(p: usize): bool {
  const c = load<u8>(p);
  return c == 0x2c || c == 0x20 || c == 0x09 || c == 0x0a || c == 0x0d;
}

/** Whether a byte is written at p as 0x41. */
function isByte(p: usize): bool {
  return p + 4 <= windowEnd && load<u8>(p) == 0x30 && load<u8>(p + 1) == 0x78 && pair(p + 2) < 256 && !isWord(p + 4);
}

/** Reports the bytes written as 0x41, 0x42 … from p, when they are text. */
function takeByteList(p: usize): void {
  const start = p;
  let end = p, count = 0;
  while (isByte(p) && (count >= BYTES_SAMPLE || isText(pair(p + 2)))) {
    count++;
    p += 4;
    end = p;
    while (p - end < BYTES_GAP && isBetweenBytes(p)) p++;
  }
  if (count < BYTES_LEAST) return;
  listsFrom = end;
  report(ENCODED_BYTES, start, end);
  noteRead(start, p + 5);
}

/** Looks at the byte written at p. */
function atByteList(p: usize): void {
  if (p < listsFrom) return;
  if (listing == LIST_CHANGES) {
    // What changed may have made a list of bytes that begins before: so many before, or it was one already.
    let start = p;
    for (let i = 1; i < BYTES_LEAST; i++) {
      let before = start;
      while (start - before < BYTES_GAP && isBetweenBytes(before - 1)) before--;
      if (before == start || before - 4 < textStart || !isByte(before - 4)) break;
      start = before - 4;
      takeByteList(start);
    }
  }
  takeByteList(p);
}

// @ts-ignore: decorator
@inline
function isLineEnd(p: usize): bool {
  return load<u8>(p) == 0x0a || load<u8>(p) == 0;
}

function closeLines(): void {
  if (openKinds) report(openKinds, openStart, openEnd);
  openKinds = 0;
}

/** An escape stands at p: its line is worth decoding; for quoted-printable (`isBroken`) the next one too. */
function atEscape(kind: u32, p: usize, isBroken: bool): void {
  const most = min(p + LINE_AFTER, windowEnd);
  if (openKinds && p < openEnd && !isBroken) {
    // On from where the span ends, so that a long line of nothing but escapes is walked once.
    let end = openEnd;
    while (end < most && !isLineEnd(end)) end++;
    if (end - openStart <= LINES_MOST) {
      openKinds |= kind;
      openEnd = end;
      return;
    }
  }
  const least = p - textStart > LINE_BEFORE ? p - LINE_BEFORE : textStart;
  let start = p;
  while (start > least && !isLineEnd(start - 1)) start--;
  let end = p;
  while (end < most && !isLineEnd(end)) end++;
  if (isBroken && end < most) for (end++; end < most && !isLineEnd(end); end++);
  if (openKinds && start <= openEnd + 1 && end - openStart <= LINES_MOST) {
    openKinds |= kind;
    openEnd = max(end, openEnd);
    return;
  }
  closeLines();
  openKinds = kind;
  openStart = start;
  openEnd = end;
}

/** Whether a byte that was escaped may be part of a secret, or stand between a name and its value. */
function hides(byte: u32): bool {
  return byte > 0x20 && byte < 0x7f && byte != 0x26 && byte != 0x27 && byte != 0x3c && byte != 0x3e;
}

/** Whether %3D at p is an escape, and not how C writes a number (%3d). */
function isPercent(p: usize): bool {
  const byte = pair(p + 1);
  if (!hides(byte) && byte != 0x0a) return false;
  const isBefore = isWord(p - 1);
  const isAfter = isWord(p + 3) || load<u8>(p + 3) == 0x25;
  return load<u8>(p + 2) >= 0x61 ? isBefore && isAfter : isBefore || isAfter;
}

/** Whether \/ at p stands in a token with all kinds of characters: PHP writes keys so into JSON. */
function isSlashed(p: usize): bool {
  if (!isWord(p - 1) || !isWord(p + 2)) return false;
  let start = p, end = p, kinds: u32 = 0;
  while (p - start < 80 && (isRun(start - 1) || (load<u8>(start - 1) == 0x5c && load<u8>(start) == 0x2f))) start--;
  while (end - p < 80 && (isRun(end) || (load<u8>(end) == 0x5c && load<u8>(end + 1) == 0x2f))) end++;
  if (end - start < SLASHED_LEAST) return false;
  for (; start < end; start++) kinds |= <u32>load<u8>(<usize>CLASS + <usize>load<u8>(start));
  return (kinds & 7) == 7;
}

/** Whether a key of JSON ends at p with a quote that has `length` bytes, and a string begins: \":\" or &quot;:&quot; */
function isInnerKey(p: usize, length: usize): bool {
  if (!isWord(p - 1) && load<u8>(p - 1) != 0x5c) return false;
  if (load<u8>(p + length) != 0x3a) return false;
  const value = p + length + (load<u8>(p + length + 1) == 0x20 ? 2 : 1);
  return load<u8>(value) == load<u8>(p) && load<u8>(value + 1) == load<u8>(p + 1);
}

/** Whether an entity at p hides something: a number that stands in a token, or a quote in JSON. */
function isEntity(p: usize): bool {
  if (load<u32>(p + 1) == 0x746f7571) return load<u8>(p + 5) == 0x3b && isInnerKey(p, 6);
  if (load<u8>(p + 1) != 0x23) return false;
  const isHex = (load<u8>(p + 2) | 0x20) == 0x78;
  const first = p + (isHex ? 3 : 2);
  let q = first, byte: u32 = 0;
  for (; q < first + 7 && digit(q) < (isHex ? 16 : 10); q++) byte = byte * (isHex ? 16 : 10) + digit(q);
  if (q == first || load<u8>(q) != 0x3b) return false;
  if (byte == 0x22) return isInnerKey(p, q + 1 - p);
  return hides(byte) && (isWord(p - 1) || isWord(q + 1) || load<u8>(q + 1) == 0x26);
}

/** Whether = at p breaks a line of quoted-printable inside of a word. */
function isSoftBreak(p: usize): bool {
  const next = p + (load<u8>(p + 1) == 0x0d ? 3 : 2);
  if (load<u8>(next - 1) != 0x0a || !isWord(p - 1) || !isWord(next)) return false;
  let start = p;
  while (p - start < SOFT_MOST && !isLineEnd(start - 1)) start--;
  const length = p + 1 - start;
  return length >= SOFT_LEAST && length <= SOFT_MOST;
}

/** Whether the escape that ends at p begins a colour of terminals with a word behind it: ESC [ 1;32 m. */
function isColour(p: usize): bool {
  if (load<u8>(p + 1) != 0x5b) return false;
  let q = p + 2;
  while (q < p + 18 && (load<u8>(q) - 0x30 < 10 || load<u8>(q) == 0x3b)) q++;
  return (load<u8>(q) == 0x6d || load<u8>(q) == 0x4b) && isWord(q + 1);
}

/** A pair of bytes that may open an escape stands at p. */
function atPair(p: usize): void {
  const first = load<u8>(p), second = load<u8>(p + 1);
  if (first == 0x5c) {
    if (second == 0x22) {
      if (isInnerKey(p, 2)) atEscape(ENCODED_BACKSLASH, p, false);
    } else if (second == 0x2f) {
      if (isSlashed(p)) atEscape(ENCODED_BACKSLASH, p, false);
    } else if (second == 0x75 ? load<u16>(p + 2) == 0x3030 : second == 0x78) {
      const length: usize = second == 0x75 ? 6 : 4;
      const byte = pair(p + length - 2);
      if (byte == 0x1b && isColour(p + length - 1)) atEscape(ENCODED_BACKSLASH, p, false);
      if (hides(byte) && (isWord(p - 1) || isWord(p + length) || load<u8>(p + length) == 0x5c)) atEscape(ENCODED_BACKSLASH, p, false);
    }
  } else if (first == 0x25) {
    if (isPercent(p)) atEscape(ENCODED_PERCENT, p, false);
  } else if (first == 0x1b) {
    if (isColour(p)) atEscape(ENCODED_ANSI, p, false);
  } else if (first == 0x26) {
    if (isEntity(p)) atEscape(ENCODED_HTML, p, false);
  } else if (first == 0x3d) {
    if (second == 0x33) {
      if (load<u8>(p + 2) == 0x44 && (isWord(p - 1) || isWord(p + 3))) atEscape(ENCODED_QUOTED, p, false);
    } else if (isSoftBreak(p)) atEscape(ENCODED_QUOTED, p, true);
  } else atByteList(p);
}

/** Begins the list of a text: LIST_*. Blocks are listed from now on, as scan.ts meets them. */
export function beginSpans(start: usize, end: usize, what: i32): void {
  if (load<u8>(SEXTETS) != 64) makeSextets();
  found = 0;
  listing = what;
  openKinds = 0;
  textStart = start;
  windowEnd = end;
  blocksFrom = listsFrom = start;
}

/**
 * Adds the escapes and lists of bytes at the places [from, to) of the text to the blocks that were met. Writes spans to SPANS (kinds, start, end; at most
 * SPANS_MAX) and returns how many there are so far, which may be more. NUL ends a line, as a line feed does. About 0.2 ns a byte on source text.
 */
export function findEncoded(from: i32, to: i32): i32 {
  const last = textStart + <usize>to;
  for (let p = textStart + <usize>from; p < last; p += 32) {
    const t = v128.and(lookUp(v128.load(p), PAIR_LOW, PAIR_HIGH), lookUp(v128.load(p, 1), NEXT_LOW, NEXT_HIGH));
    const u = v128.and(lookUp(v128.load(p, 16), PAIR_LOW, PAIR_HIGH), lookUp(v128.load(p, 17), NEXT_LOW, NEXT_HIGH));
    if (!v128.any_true(v128.or(t, u))) continue;
    const zero = i8x16.splat(0);
    let hits = <u32>(mask(v128.ne<i8>(t, zero)) | mask(v128.ne<i8>(u, zero)) << 16);
    if (last - p < 32) hits &= (<u32>1 << <u32>(last - p)) - 1;
    while (hits) {
      atPair(p + <usize>ctz(hits));
      hits &= hits - 1;
    }
  }
  closeLines();
  return found;
}
