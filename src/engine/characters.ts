/**
 * Classes of the 256 byte values, one table look-up each. Text in the engine is Latin-1: one character is one byte, so every code is
 * below 256. Used by the hand-made scanners (assignment, generic); none of them runs a regular expression over text it does not bound.
 */

const WORD = 1;
const BLANK = 2;
const BREAK = 4;
const QUOTE = 8;
const DIGIT = 16;
const UPPER = 32;
const LOWER = 64;

const CLASSES = buildClasses();

function buildClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  const mark = (characters: string, bits: number): void => {
    for (let i = 0; i < characters.length; i++) classes[characters.charCodeAt(i)] = (classes[characters.charCodeAt(i)] ?? 0) | bits;
  };
  mark('abcdefghijklmnopqrstuvwxyz', WORD | LOWER);
  mark('ABCDEFGHIJKLMNOPQRSTUVWXYZ', WORD | UPPER);
  mark('0123456789', WORD | DIGIT);
  mark('_', WORD);
  mark(' \t\f\v', BLANK);
  mark('\r\n', BREAK);
  mark('"\'`', QUOTE);
  // Bytes of UTF-8 letters: names in other scripts are names.
  for (let code = 0x80; code < 0x100; code++) classes[code] = WORD;
  return classes;
}

/** Several at once, computed here and not at each look. */
const SPACE = BLANK | BREAK;
const LETTER = UPPER | LOWER;

/**
 * Each returns whether the character at `at` is of that class; false outside of the text, where the code is NaN and the class that of NUL, none. Written out, since they are
 * asked for every character of names and values, in code that V8 mostly does not optimise.
 */
export const isWord = (text: string, at: number): boolean => ((CLASSES[text.charCodeAt(at) & 0xff] ?? 0) & WORD) !== 0;
export const isBlank = (text: string, at: number): boolean => ((CLASSES[text.charCodeAt(at) & 0xff] ?? 0) & BLANK) !== 0;
export const isBreak = (text: string, at: number): boolean => ((CLASSES[text.charCodeAt(at) & 0xff] ?? 0) & BREAK) !== 0;
export const isSpace = (text: string, at: number): boolean => ((CLASSES[text.charCodeAt(at) & 0xff] ?? 0) & SPACE) !== 0;
export const isQuote = (text: string, at: number): boolean => ((CLASSES[text.charCodeAt(at) & 0xff] ?? 0) & QUOTE) !== 0;
export const isDigit = (text: string, at: number): boolean => ((CLASSES[text.charCodeAt(at) & 0xff] ?? 0) & DIGIT) !== 0;
export const isUpper = (text: string, at: number): boolean => ((CLASSES[text.charCodeAt(at) & 0xff] ?? 0) & UPPER) !== 0;
export const isLetter = (text: string, at: number): boolean => ((CLASSES[text.charCodeAt(at) & 0xff] ?? 0) & LETTER) !== 0;

/**
 * Returns whether a sign of East Asian text begins at `at`, three bytes that are no letter: U+3000 to U+303F (blank, comma, stop, brackets), U+FF01 to U+FF0F
 * and U+FF1A to U+FF1F (wide colon, comma, equals sign).
 */
export function isWideSign(text: string, at: number): boolean {
  const first = text.charCodeAt(at);
  if (first !== 0xe3 && first !== 0xef) return false;
  const [second, third] = [text.charCodeAt(at + 1), text.charCodeAt(at + 2)];
  if (first === 0xe3) return second === 0x80 && third >= 0x80 && third <= 0xbf;
  return second === 0xbc && ((third >= 0x81 && third <= 0x8f) || (third >= 0x9a && third <= 0x9f));
}

/** Returns the first place from `from` that is no blank (`skipSpaces`: nor a line break), at most `end`. */
export function skipBlanks(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isBlank(text, at)) at++;
  return at;
}

export function skipSpaces(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isSpace(text, at)) at++;
  return at;
}

/** Returns what says which of these texts stands at a place: the first of them in their order, or undefined. Most places hold none, and one look at a character tells. */
export function literalFinder(literals: readonly string[]): (text: string, at: number) => string | undefined {
  const openings = new Set(literals.map((literal) => literal.charCodeAt(0)));
  return (text, at) => (openings.has(text.charCodeAt(at)) ? literals.find((literal) => text.startsWith(literal, at)) : undefined);
}
