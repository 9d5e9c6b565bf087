/**
 * Replaces escapes in text and keeps where each stood. In come bytes, the byte that opens an escape and a function that reads one; the percent, backslash,
 * HTML and quoted-printable decoders are that function.
 */
import type { Decoded } from './decoded.ts';

/** An escape: how many bytes it takes, and what it stands for (never more bytes than it takes). */
export type Escape = { readonly length: number; readonly bytes: string };

/** Returns the text with its escapes replaced, null where there are none. `read` gets a place where `opening` stands; null: it is no escape. */
export function rewrite(outer: Buffer, opening: number, read: (at: number) => Escape | null): Decoded | null {
  const out = Buffer.alloc(outer.length);
  const pieces: Piece[] = [];
  let from = 0;
  let length = 0;
  for (let at = outer.indexOf(opening); at >= 0; ) {
    const found = read(at);
    if (found) {
      length += outer.copy(out, length, from, at);
      const inner = length;
      length += out.write(found.bytes, length, 'latin1');
      from = at + found.length;
      pieces.push({ inner, innerEnd: length, outer: at, outerEnd: from });
    }
    at = outer.indexOf(opening, found ? from : at + 1);
  }
  if (pieces.length === 0) return null;
  length += outer.copy(out, length, from);
  const spanAt = (at: number): { start: number; end: number } => {
    const piece = lastBefore(pieces, at);
    if (!piece) return { start: at, end: at + 1 };
    if (at < piece.innerEnd) return { start: piece.outer, end: piece.outerEnd };
    const start = piece.outerEnd + at - piece.innerEnd;
    return { start, end: start + 1 };
  };
  return {
    bytes: out.subarray(0, length),
    outerOf: (start, end) => ({ start: spanAt(start).start, end: end > start ? spanAt(end - 1).end : spanAt(start).start }),
  };
}

type Piece = { readonly inner: number; readonly innerEnd: number; readonly outer: number; readonly outerEnd: number };

/** Returns the last piece that begins at a place or before it. */
function lastBefore(pieces: readonly Piece[], at: number): Piece | undefined {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.inner ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return pieces[low - 1];
}

/** Returns the number that `digits` digits at a place make, -1 where they are none. */
export function hexAt(outer: Buffer, at: number, digits: number): number {
  let value = 0;
  for (let i = at; i < at + digits; i++) {
    const digit = hexDigit(outer[i] ?? 0);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const folded = byte | 0x20;
  return folded >= 0x61 && folded <= 0x66 ? folded - 87 : -1;
}

/** Returns a character as UTF-8, a byte a character; '' for what is no character. */
export function utf8Of(code: number): string {
  return code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? '' : Buffer.from(String.fromCodePoint(code)).toString('latin1');
}
