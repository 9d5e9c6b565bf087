/** Decodes the escapes of JSON and of the languages that write strings like it: `\u003d`, `\u{3d}`, `\x3d`, `\n`, `\"`, `\/`. What follows no known letter stays. */
import type { Decode } from './decoded.ts';
import { type Escape, hexAt, rewrite, utf8Of } from './rewrite.ts';

const SINGLE: ReadonlyMap<number, string> = new Map(
  Object.entries({ 'n': '\n', 'r': '\r', 't': '\t', '"': '"', "'": "'", '/': '/', '\\': '\\' }).map(([letter, is]) => [
    letter.charCodeAt(0),
    is,
  ]),
);

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** Digits between braces: the highest character has six. */
const MOST_DIGITS = 6;

export const decodeBackslash: Decode = (outer) =>
  rewrite(outer, 0x5c, (at) => {
    const letter = outer[at + 1] ?? 0;
    if (letter === 0x75) return outer[at + 2] === OPEN_BRACE ? braced(outer, at) : unit(outer, at);
    if (letter === 0x78) {
      const byte = hexAt(outer, at + 2, 2);
      return byte < 0 ? null : { length: 4, bytes: String.fromCharCode(byte) };
    }
    const single = SINGLE.get(letter);
    return single === undefined ? null : { length: 2, bytes: single };
  });

/** `\u003d`, or two of them that make a surrogate pair. */
function unit(outer: Buffer, at: number): Escape | null {
  const high = hexAt(outer, at + 2, 4);
  if (high < 0) return null;
  const low = high >= 0xd800 && high < 0xdc00 && outer[at + 6] === 0x5c && outer[at + 7] === 0x75 ? hexAt(outer, at + 8, 4) : -1;
  if (low >= 0xdc00 && low < 0xe000) return { length: 12, bytes: utf8Of(0x10000 + ((high - 0xd800) << 10) + low - 0xdc00) };
  return { length: 6, bytes: utf8Of(high) };
}

function braced(outer: Buffer, at: number): Escape | null {
  const end = outer.indexOf(CLOSE_BRACE, at);
  if (end <= at + 3 || end > at + 3 + MOST_DIGITS) return null;
  const code = hexAt(outer, at + 3, end - at - 3);
  return code < 0 ? null : { length: end + 1 - at, bytes: utf8Of(code) };
}
