/** Alphabets and number encodings that the checksum families and the seeded examples share. */

const DIGITS = '0123456789';
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();

export const ALPHABETS = {
  digit: DIGITS,
  lower: LOWER,
  upper: UPPER,
  alpha: UPPER + LOWER,
  /** Also the digits of base 62 in the usual order. */
  alnum: DIGITS + UPPER + LOWER,
  hex: `${DIGITS}abcdef`,
  HEX: `${DIGITS}ABCDEF`,
  loweralnum: DIGITS + LOWER,
  upperalnum: DIGITS + UPPER,
  base32: `${UPPER}234567`,
  base64: `${UPPER}${LOWER}${DIGITS}+/`,
  base64url: `${UPPER}${LOWER}${DIGITS}_-`,
  word: `${UPPER}${LOWER}${DIGITS}_`,
} as const;

/** Base 62 with the lower case first. */
export const BASE62_LOWER_FIRST = DIGITS + LOWER + UPPER;

/** Returns a number below 2^32 in the given digits, most significant first, padded on the left with the first digit. */
export function encodeNumber(value: number, digits: string, width: number): string {
  let text = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / digits.length)) text = digits.charAt(rest % digits.length) + text;
  return text.padStart(width, digits.charAt(0));
}

/** Returns the four bytes of a number below 2^32, least significant first. */
export function littleEndian(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
}

/** Returns the whole bytes that base32 text (RFC 4648, any case, no padding) holds, or null for a character outside of it. */
export function decodeBase32(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let buffer = 0;
  let bits = 0;
  let at = 0;
  for (const character of text.toUpperCase()) {
    const digit = ALPHABETS.base32.indexOf(character);
    if (digit < 0) return null;
    buffer = ((buffer << 5) | digit) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (buffer >>> bits) & 0xff;
    }
  }
  return bytes;
}

/** Returns bytes as base32 text, upper case, without padding. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABETS.base32.charAt((buffer >>> bits) & 31);
    }
  }
  return bits > 0 ? text + ALPHABETS.base32.charAt((buffer << (5 - bits)) & 31) : text;
}
