/** Takes the colours of terminals out of logs (ECMA-48, 8.3.117 and 8.3.41: `ESC [ 1;32 m`, `ESC [ K`), which stand between a name and its value or in the middle of a token. */
import type { Decode } from './decoded.ts';
import { rewrite } from './rewrite.ts';

const ESCAPE = 0x1b;
const BRACKET = 0x5b;
/** Digits and semicolons of a sequence; 24-bit colours (`38;2;255;255;255`) have 16. */
const MOST_PARAMETERS = 16;

export const decodeAnsi: Decode = (outer) =>
  rewrite(outer, ESCAPE, (at) => {
    if (outer[at + 1] !== BRACKET) return null;
    let end = at + 2;
    while (end < at + 2 + MOST_PARAMETERS && isParameter(outer[end] ?? 0)) end++;
    const last = outer[end];
    return last === 0x6d || last === 0x4b ? { length: end + 1 - at, bytes: '' } : null;
  });

/** A digit or a semicolon. */
function isParameter(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x3b;
}
