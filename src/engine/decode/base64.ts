/**
 * Decodes base64 (RFC 4648) of either alphabet, padded or not, over lines that are broken as such or by `\n`. Places are those of whole groups of four
 * characters: what stands for a secret is what one must take away.
 */
import type { Decode } from './decoded.ts';

/** The letters of `\r` and `\n`. */
const LETTERS: readonly (number | undefined)[] = [0x72, 0x6e];
const BACKSLASH = 0x5c;

export const decodeBase64: Decode = (outer) => {
  const text = outer.toString('latin1');
  const hasEscapes = text.includes('\\');
  // Node passes over blanks and line breaks.
  const bytes = Buffer.from(hasEscapes ? text.replace(/\\[rn]/g, '') : text, 'base64');
  if (bytes.length === 0) return null;
  const isWhole = !hasEscapes && !text.includes('\n');
  // Where the n-th character stands; looked for only when there is something to tell of.
  let known: readonly number[] | null = null;
  const placeOf = (character: number): number => {
    if (isWhole) return Math.min(character, outer.length - 1);
    known ??= places(outer);
    return known[Math.min(character, known.length - 1)] ?? 0;
  };
  return {
    bytes,
    outerOf: (start, end) => ({ start: placeOf(4 * Math.floor(start / 3)), end: placeOf(4 * Math.ceil(end / 3) - 1) + 1 }),
  };
};

/** Returns the places of the characters, breaks and indentation left out. */
function places(outer: Buffer): number[] {
  const out: number[] = [];
  for (let at = 0; at < outer.length; at++) {
    const byte = outer[at] ?? 0;
    if (byte === BACKSLASH && LETTERS.includes(outer[at + 1])) at++;
    else if (byte > 0x20) out.push(at);
  }
  return out;
}
