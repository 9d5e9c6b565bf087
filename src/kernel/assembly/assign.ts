// Whether what follows a keyword looks like the assignment of a literal: OP_ASSIGN, the last word of the programs of generic rules (programs.ts). From the name's rest over
// closers, operators and types to the value, which must not be code.
import { CLASS_DIGIT, CLASS_JOINER, CLASS_LOWER, CLASS_UPPER, CLASS_WORD, DIGIT_BYTES } from '../../core/kernel-layout';
import { classOf, isQuote } from './bytes';
import { readFrom, readTo, windowEnd, windowStart } from './reads';

/** What random text has, and names in code seldom: engine/value-forms.ts tells them apart. */
const ANY_KIND: u32 = CLASS_DIGIT | CLASS_UPPER | CLASS_LOWER;
/** Shorter text of all kinds is a name that a minifier made. */
const RANDOM_BYTES: usize = 12;
/** Bytes of a line's rest that are looked at. */
const LONE_MOST: usize = 64;

/** Whether an unquoted value is code. */
function isReference(p: usize): bool {
  return opensCode(p) && !isLoneText(p);
}

/** ) ; , { ( [ } ] */
function endsCode(c: u32): bool {
  return c == 0x29 || c == 0x3b || c == 0x2c || c == 0x7b || c == 0x28 || c == 0x5b || c == 0x7d || c == 0x5d;
}

/** Whether what begins at p is all that its line has, in one piece, with digits, capitals and small letters, and does not end as code does. */
function isLoneText(p: usize): bool {
  const limit = min(p + LONE_MOST, windowEnd);
  const start = p;
  let kinds: u32 = 0;
  let last: u32 = 0;
  while (p < limit) {
    const c = <u32>load<u8>(p);
    if (c == 0x0a || c == 0x0d) break;
    readTo(p + 1);
    if (c <= 0x20 || isQuote(c)) return false;
    kinds |= classOf(c);
    last = c;
    p++;
  }
  readTo(p + 1);
  if (p == start + LONE_MOST || p < start + RANDOM_BYTES || (kinds & ANY_KIND) != ANY_KIND) return false;
  return !endsCode(last);
}

/**
 * Whether a name stands at p, and then a call, an index, or (letters alone) what ends an expression (`. ; , ) }`). But not the call of a path of names with a
 * literal: that may be what the literal is wrapped in.
 */
function opensCode(p: usize): bool {
  const limit = min(p + 64, windowEnd);
  const start = p;
  let kinds: u32 = 0;
  while (p < limit && (classOf(load<u8>(p)) & CLASS_WORD)) kinds |= classOf(load<u8>(p++));
  readTo(p);
  if (p == start || (classOf(load<u8>(start)) & CLASS_DIGIT)) return false;
  const c = load<u8>(p);
  if (c == 0x2e || c == 0x28) {
    let all: u32 = kinds;
    while (p < limit) {
      const next = load<u8>(p);
      if (classOf(next) & CLASS_WORD || next == 0x2e) all |= classOf(load<u8>(p++));
      else if (isEmptyCall(p)) p += 2;
      else break;
    }
    readTo(p + 1);
    const end = load<u8>(p);
    if (end == 0x28 && (literalIn(p) || literalBehind(p))) return false;
    // On both sides of a dot, as in random text.
    if (c == 0x2e && (all & ANY_KIND) == ANY_KIND && p >= start + RANDOM_BYTES && end != 0x28 && end != 0x5b) return false;
  }
  if (c == 0x28 || c == 0x5b) return (kinds & ANY_KIND) != ANY_KIND;
  return !(kinds & CLASS_DIGIT) && (c == 0x2e || c == 0x3b || c == 0x2c || c == 0x29 || c == 0x7d);
}

/** Whether a call without arguments stands at p, and another one behind it: `().` */
function isEmptyCall(p: usize): bool {
  if (load<u8>(p) != 0x28) return false;
  readTo(p + 3);
  return p + 2 < windowEnd && load<u8>(p + 1) == 0x29 && load<u8>(p + 2) == 0x2e;
}

/** Returns where the value begins when a type stands between name and operator (`string = "…"`, `u8; 32] = "…"` behind the bracket), else p. */
function afterType(p: usize): usize {
  const limit = min(p + 40, windowEnd);
  let q = p;
  while (q < limit && isOfType(load<u8>(q))) q++;
  if (q == p) return p;
  // Rust's `[u8; 32]`: a size
  if (q < limit && load<u8>(q) == 0x3b && load<u8>(p - 1) == 0x5b) {
    q++;
    while (q < limit && (load<u8>(q) == 0x20 || isOfType(load<u8>(q)))) q++;
  }
  // `As String =`, `const u8 =`, `constant String :=`: a second word
  const isDouble = q == p + 2 ? (load<u8>(p) | 0x20) == 0x61 && (load<u8>(p + 1) | 0x20) == 0x73 : load<u32>(p) == 0x736e6f63; // as, cons
  while (q < limit && load<u8>(q) == 0x20) q++;
  if (isDouble) {
    while (q < limit && classOf(load<u8>(q)) & CLASS_WORD) q++;
    while (q < limit && load<u8>(q) == 0x20) q++;
  }
  if (q < limit && load<u8>(q) == 0x3a) q++;
  readTo(q + 1);
  return load<u8>(q) == 0x3d && load<u8>(q + 1) != 0x3d ? q : p;
}

/** Letters, digits and _ . ? * & ] */
function isOfType(c: u8): bool {
  return (classOf(c) & CLASS_WORD) != 0 || c == 0x2e || c == 0x3f || c == 0x2a || c == 0x26 || c == 0x5d;
}

/** Bytes of a size in brackets, of a cast. */
const BRACKET_MOST: usize = 24;

/** Returns where the size ends that stands behind a name: `password[32] = …`; p when there is none. */
function afterSize(p: usize): usize {
  if (load<u8>(p) != 0x5b) return p;
  const limit = min(p + BRACKET_MOST, windowEnd);
  let q = p + 1;
  while (q < limit && classOf(load<u8>(q)) & CLASS_WORD) q++;
  readTo(q + 1);
  return q > p + 1 && q < limit && load<u8>(q) == 0x5d ? q + 1 : p;
}

/** Bytes of a property's accessors, of the attributes behind a name. */
const ACCESSORS_MOST: usize = 40;
const ATTRIBUTES_MOST: usize = 96;

/** Returns where a property's accessors end: `Password { get; set; } = …`; p when there are none. */
function afterAccessors(p: usize): usize {
  let q = load<u8>(p) == 0x20 ? p + 1 : p;
  readTo(q + 6);
  if (load<u8>(q) != 0x7b || load<u8>(q + 1) != 0x20 || load<u32>(q + 2) != 0x3b746567) return p; // { get;
  const limit = min(p + ACCESSORS_MOST, windowEnd);
  while (q < limit && load<u8>(q) != 0x7d) q++;
  readTo(q + 1);
  return q < limit ? q + 1 : p;
}

/** Returns where the tag closes that has more attributes behind the name: `<string name="password" translatable="false">`; p when there is none. */
function afterAttributes(p: usize): usize {
  const first = isQuote(load<u8>(p)) ? p + 1 : p;
  const limit = min(p + ATTRIBUTES_MOST, windowEnd);
  let q = first;
  while (q < limit && load<u8>(q) == 0x20) {
    q++;
    while (q < limit && isOfPath(load<u8>(q))) q++;
    readTo(q + 2);
    const quote = load<u8>(q + 1);
    if (load<u8>(q) != 0x3d || !isQuote(quote)) return p;
    q += 2;
    while (q < limit && load<u8>(q) != quote && load<u8>(q) != 0x3c && load<u8>(q) != 0x0a) q++;
    readTo(q + 1);
    if (q >= limit || load<u8>(q) != quote) return p;
    q++;
  }
  readTo(q + 1);
  return q > first && q < limit && load<u8>(q) == 0x3e ? q : p;
}

/** Returns where the literal begins, behind its quote, that the cast at p is of, whose bracket stands before p: `char *)"…`; p when there is none. */
function afterCast(p: usize): usize {
  if (load<u8>(p - 1) != 0x28) return p;
  const limit = min(p + BRACKET_MOST, windowEnd);
  let q = p;
  while (q < limit && (isOfType(load<u8>(q)) || load<u8>(q) == 0x20)) q++;
  if (q == p || q >= limit || load<u8>(q) != 0x29) {
    readTo(q + 1);
    return p;
  }
  q++;
  if (load<u8>(q) == 0x20) q++;
  readTo(q + 1);
  return q < windowEnd && isQuote(load<u8>(q)) ? q + 1 : p;
}

/** android: */
const ANDROID: u64 = 0x3a64696f72646e61;

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
  if (q == p) return p;
  if (load<u64>(q) == ANDROID) q += 8;
  readTo(q + 5);
  if (q + 5 > limit) return p;
  const word = load<u32>(q) | 0x20202020;
  return word == 0x756c6176 || word == 0x61666564 || word == 0x746e6f63 ? q : p; // valu, defa, cont
}

/** Returns where a literal begins behind the letters of its opening quote (`b'`, `N'`, `rb"`, Rust's `r#"`), else p. */
function afterStringPrefix(p: usize): usize {
  let q = p;
  while (q < p + 2 && isPrefixLetter(load<u8>(q))) q++;
  if (q == p) return p;
  while (q < p + 5 && load<u8>(q) == 0x23) q++; // #
  readTo(q);
  return isQuote(load<u8>(q)) ? q + 1 : p;
}

/** Returns where a literal begins that the bracket at p opens with, behind its quote and at most one letter before that; 0 when there is none. */
function literalIn(p: usize): usize {
  const quote = isPrefixLetter(load<u8>(p + 1)) ? p + 2 : p + 1;
  readTo(quote);
  return isQuote(load<u8>(quote)) ? quote + 1 : 0;
}

/** Bytes of an expression in which an alternative is looked for. */
const EXPRESSION_MOST: usize = 80;

/** Whether a literal, with a digit where one is needed, stands behind `|| `, `?? `, `? `, ` : `, ` or `, ` else `, `or(`, `Else(`, `default=` in the expression at p and on its line. */
function hasAlternative(p: usize, needsDigit: bool): bool {
  const limit = min(p + EXPRESSION_MOST, windowEnd);
  while (p < limit) {
    const c = load<u8>(p);
    if (c == 0x0a || c == 0x0d) break;
    if (isQuote(c) && isAlternative(p) && (!needsDigit || hasDigitWithin(p + 1, min(p + 1 + DIGIT_BYTES, windowEnd)))) {
      readTo(p + 1);
      return true;
    }
    p++;
  }
  readTo(p + 1);
  return false;
}

/** Whether what separates alternatives stands before the quote at p. */
function isAlternative(p: usize): bool {
  const last = load<u8>(p - 1);
  if (last == 0x7c || last == 0x3f) return true; // | ?
  if (last == 0x28) return load<u16>(p - 3) == 0x726f || load<u16>(p - 3) == 0x6573; // value_or(, orElse(
  if (last == 0x3d) return load<u32>(p - 5) == 0x746c7561; // default=
  if (last != 0x20) return false;
  const before = load<u8>(p - 2);
  if (before == 0x7c || before == 0x3f || before == 0x3a) return true; // | ? :
  return (load<u8>(p - 4) == 0x20 && load<u8>(p - 3) == 0x6f && before == 0x72) || load<u32>(p - 5) == 0x65736c65; // or, else
}

/** Bytes of a first argument, with what stands behind it. */
const ARGUMENT_MOST: usize = 52;

/** Returns where the literal begins that is the second argument of the call that opens at p, behind a path of names: `coalesce(var.x, "…")`; 0 when there is none. */
function literalBehind(p: usize): usize {
  const limit = min(p + ARGUMENT_MOST, windowEnd);
  const start = ++p;
  while (p < limit && isOfPath(load<u8>(p))) p++;
  if (p > start && p < limit && load<u8>(p) == 0x2c) {
    p++;
    while (p < limit && load<u8>(p) == 0x20) p++;
    readTo(p + 1);
    return p < windowEnd && isQuote(load<u8>(p)) ? p + 1 : 0;
  }
  readTo(p + 1);
  return 0;
}

/** Letters, digits and _ . $ : [ ] - */
function isOfPath(c: u8): bool {
  return (classOf(c) & CLASS_WORD) != 0 || c == 0x2e || c == 0x24 || c == 0x3a || c == 0x5b || c == 0x5d || c == 0x2d;
}

/** b B r R u U f F L N $ */
function isPrefixLetter(c: u8): bool {
  const small = c | 0x20;
  return c == 0x24 || small == 0x62 || small == 0x72 || small == 0x75 || small == 0x66 || c == 0x4c || c == 0x4e;
}

let isAssigned: bool = false;
let isQuoted: bool = false;

/** Returns where an HTML entity for a quote ends (its `;`), 0 when there is none at p: &quot; &#34; &apos; &#39; */
function entityEnd(p: usize): usize {
  readTo(p + 7);
  for (let end = p + 1; end < min(p + 7, windowEnd); end++) if (load<u8>(end) == 0x3b) return end > p + 3 ? end : 0;
  return 0;
}

/** Whether the quote at p opens a literal that is not empty and that holds no other quote: the value is what follows, whatever signs it begins with. */
function opensLiteral(p: usize): bool {
  readTo(p + 2);
  const next = load<u8>(p + 1);
  return next > 0x20 && !isQuote(next) && !isQuote(load<u8>(p - 1)) && (next != 0x5c || load<u8>(p + 2) == 0x5c);
}

/** Whether the wide colon or equals sign of East Asian text stands at p: U+FF1A, U+FF1D. */
function isWideOperator(p: usize): bool {
  if (load<u8>(p) != 0xef) return false;
  readTo(p + 3);
  return load<u8>(p + 1) == 0xbc && (load<u8>(p + 2) == 0x9a || load<u8>(p + 2) == 0x9d);
}

/** Whether an arrow or a long dash stands at p, as in notes: U+2192, U+2014. */
function isArrow(p: usize): bool {
  if (load<u8>(p) != 0xe2) return false;
  readTo(p + 3);
  return (load<u8>(p + 1) == 0x86 && load<u8>(p + 2) == 0x92) || (load<u8>(p + 1) == 0x80 && load<u8>(p + 2) == 0x94);
}

/** Whether a name goes on at p. Letters of other scripts are two bytes and more of 0x80 and above. */
function isOfName(p: usize): bool {
  const c = load<u8>(p);
  return (classOf(c) & (CLASS_WORD | CLASS_JOINER)) != 0 || c == 0x2e || (c >= 0x80 && !isWideOperator(p) && !isArrow(p));
}

/** Whether Kotlin's `"name" to "value"` stands at p. */
function isInfix(p: usize): bool {
  readTo(p + 4);
  return load<u8>(p + 1) == 0x6f && load<u8>(p + 2) == 0x20 && isQuote(load<u8>(p + 3));
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
    else if (isQuote(c)) {
      isQuoted = true;
      if ((isAssigned || hasParen) && opensLiteral(p)) {
        p++;
        break;
      }
    } else if (c == 0x3c && isAssigned && load<u8>(p + 1) == 0x2f) { // Password:</b>
      while (p < limit && load<u8>(p) != 0x3e) p++;
    } else if (c == 0x74 && isQuoted && isInfix(p)) {
      isAssigned = true;
      p += 2;
    } else if (c == 0x28) hasParen = true;
    else if (c == 0x0a) hasBreak = true;
    else if (isWideOperator(p) || isArrow(p)) {
      isAssigned = true;
      p += 2;
    } else if (c == 0x26 && entityEnd(p)) {
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

/** Whether the literal whose first byte is at p has a digit before `limit`. */
function hasDigitWithin(p: usize, limit: usize): bool {
  const quote = load<u8>(p - 1);
  for (; p < limit; p++) {
    const c = load<u8>(p);
    readTo(p + 1);
    if (classOf(c) & CLASS_DIGIT) return true;
    if (c == 0x0a || (c == quote && load<u8>(p - 1) != 0x5c)) return false;
  }
  return false;
}

/** Bytes of indentation that are walked over. */
const INDENT_MOST: usize = 24;

/** Whether a name opens its line, and a word with a digit in it is all that follows on it: `password v`, as services are configured. */
function isDirective(name: usize, value: usize): bool {
  const back = max(name - INDENT_MOST, windowStart);
  let p = name;
  while (p > back && (load<u8>(p - 1) == 0x20 || load<u8>(p - 1) == 0x09)) p--;
  readFrom(p - 1);
  if (p > windowStart && load<u8>(p - 1) != 0x0a) return false;
  const limit = min(value + LONE_MOST, windowEnd);
  let kinds: u32 = 0;
  p = value;
  while (p < limit && load<u8>(p) > 0x20) kinds |= classOf(load<u8>(p++));
  readTo(p + 1);
  return (kinds & CLASS_DIGIT) != 0 && (p == windowEnd || load<u8>(p) == 0x0a || load<u8>(p) == 0x0d);
}

/** Bytes of a header behind a name, and of the row below it, that are looked at. */
const ROW_MOST: usize = 200;
/** Blanks round a cell. */
const CELL_BLANKS: usize = 24;

/** , ; | tab */
function isSeparator(c: u32): bool {
  return c == 0x2c || c == 0x3b || c == 0x7c || c == 0x09;
}

/**
 * Whether the name round a keyword is a whole cell of a header, a row of names and separators, above a row with such a separator: `user,password`, `| User | Password |`.
 * `name` is any place of it, `end` where it ends.
 */
function isColumn(name: usize, end: usize): bool {
  let q = end;
  if (isQuote(load<u8>(q))) q++;
  const far = min(q + CELL_BLANKS, windowEnd);
  const cell = q;
  while (q < far && load<u8>(q) == 0x20) q++;
  readTo(q + 1);
  const behind = <u32>load<u8>(q);
  const isLast = behind == 0x0a || behind == 0x0d;
  if (!(isSeparator(behind) || isLast) || (q > cell && behind != 0x7c)) return false;
  let b = name;
  const back = max(name - 40, windowStart);
  while (b > back && (classOf(load<u8>(b - 1)) & (CLASS_WORD | CLASS_JOINER))) b--;
  readFrom(b - 2);
  if (b > windowStart && isQuote(load<u8>(b - 1))) b--;
  const inner = b;
  const low = b > windowStart + CELL_BLANKS ? b - CELL_BLANKS : windowStart;
  while (b > low && load<u8>(b - 1) == 0x20) b--;
  readFrom(b - 1);
  const before: u32 = b == windowStart ? 0x0a : load<u8>(b - 1);
  const separator = isLast ? before : behind;
  if (!isSeparator(separator) || !(before == separator || before == 0x0a) || (b < inner && before != 0x7c)) return false;
  const limit = min(q + ROW_MOST, windowEnd);
  while (q < limit && load<u8>(q) != 0x0a) {
    const c = <u32>load<u8>(q++);
    if (c == 0x28 || c == 0x3d || c == 0x7b || c == 0x3c) { // ( = { <
      readTo(q);
      return false;
    }
  }
  q++;
  const below = min(q + ROW_MOST, windowEnd);
  while (q < below && load<u8>(q) != 0x0a && load<u8>(q) != separator) q++;
  readTo(q + 1);
  return q < below && load<u8>(q) == separator;
}

/** Whether what follows a keyword looks like the assignment of a literal: what the generic rules ask of a place (docs/rules.md). */
export function mayAssign(start: usize, needsDigit: bool): bool {
  let p = start;
  let limit = min(p + 48, windowEnd);
  // the rest of the name
  while (p < limit && isOfName(p)) p++;
  readTo(p);
  if (isColumn(start, p)) return true;
  const carrier = afterCarrier(p);
  if (carrier != p) {
    p = carrier;
    limit = min(p + 16, windowEnd);
    while (p < limit && classOf(load<u8>(p)) & (CLASS_WORD | CLASS_JOINER)) p++;
    readTo(p);
  }
  const nameEnd = p;
  isAssigned = false;
  isQuoted = false;
  p = skipOperator(afterAttributes(afterAccessors(afterSize(nameEnd))));
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
  p = afterStringPrefix(afterCast(p));
  if (!isAssigned && !isQuoted && load<u8>(start - 1) >= 0x61 && load<u8>(start - 1) <= 0x7a) {
    // Only space between: `--password x`, `PASSWORD x`, `IDENTIFIED BY x`, `password x7` on a line of its own: not English prose
    let name = start;
    const back = max(start - 40, windowStart);
    readFrom(start - 41);
    while (name > back && (classOf(load<u8>(name - 1)) & (CLASS_WORD | CLASS_JOINER) || load<u8>(name - 1) == 0x2e)) name--;
    if (load<u8>(name) != 0x2d && !isDirective(name, p)) return false;
  }
  const value = p;
  // A password may open with a sign that was walked over: "?T_…
  const isLiteral = isQuote(load<u8>(value - 1)) || (isQuote(load<u8>(value - 2)) && load<u8>(value - 1) > 0x20);
  const opening = isQuote(load<u8>(value - 1)) ? load<u8>(value - 1) : load<u8>(value - 2);
  const mayEscape = isLiteral && load<u8>(value - 2) != 0x5c;
  // at least four bytes of value; a literal may have quotes of the other kinds among them, and its own escaped (\") or doubled ('')
  limit = min(p + 4, windowEnd);
  readTo(p + 4);
  while (p < limit) {
    const c = load<u8>(p);
    readTo(p + 1);
    if (c < 0x20 || (c == 0x20 && !isLiteral && load<u8>(p + 1) != 0x28)) return false; // if (
    if (isQuote(c) && (!isLiteral || c == opening)) {
      // What the value is wrapped in has a short name: F("…"), _T("…")
      if (!isLiteral && p > value && load<u8>(p - 1) == 0x28) {
        p = value + 4;
        break;
      }
      const isEscaped = p > value && mayEscape && (load<u8>(p - 1) == 0x5c || load<u8>(p + 1) == c);
      readTo(p + 1);
      if (!isEscaped) return false;
      if (load<u8>(p + 1) == c) p++;
    }
    p++;
  }
  if (p < value + 4) return false;
  if (isLiteral) return !needsDigit || hasDigit(value, isLiteral, opening);
  if (!isReference(value) && (!needsDigit || hasDigit(value, isLiteral, opening))) return true;
  return hasAlternative(value, needsDigit);
}

/** Whether the value has a digit, or what it is wrapped in has a literal with one. */
function hasDigit(value: usize, isLiteral: bool, opening: u32): bool {
  let hasBlank = false;
  let p = value;
  const limit = min(p + DIGIT_BYTES, windowEnd);
  while (p < limit) {
    const c = load<u8>(p);
    readTo(p + 1);
    if (classOf(c) & CLASS_DIGIT) return true;
    // A quote ends the value, unless it is one in a string inside a string: \"
    if (c == 0x0a || (isQuote(c) && (!isLiteral || c == opening) && load<u8>(p - 1) != 0x5c)) return false;
    // What the value is wrapped in: []byte("…"), decode("…")
    if (!isLiteral && isEmptyCall(p)) {
      p += 2;
      continue;
    }
    if (!isLiteral && c == 0x28) {
      const inner = literalIn(p) || literalBehind(p);
      return inner != 0 && hasDigitWithin(inner, limit);
    }
    // One blank may stand after a scheme: Authorization: Token …
    if (!isLiteral && c == 0x20 && !hasBlank) hasBlank = true;
    else if (!isLiteral && (c <= 0x20 || c == 0x2c || c == 0x3b || c == 0x29 || c == 0x5b)) return false;
    p++;
  }
  return false;
}
