/** Base58Check: base 58 text whose last four bytes open the double SHA-256 of the rest. Bitcoin, BIP-32 and Tezos keys. */
import { createHash } from 'node:crypto';
import type { Checksum } from './checksum.ts';
import { ALPHABETS } from './encoding.ts';

const DIGITS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const SUM_BYTES = 4;
/** Longer text is no key; decoding costs the square of the length. */
const MAX_CHARACTERS = 200;

function decode(text: string): Uint8Array | null {
  const bytes: number[] = [];
  for (const character of text) {
    let carry = DIGITS.indexOf(character);
    if (carry < 0) return null;
    for (let at = 0; at < bytes.length; at++) {
      carry += (bytes[at] ?? 0) * 58;
      bytes[at] = carry & 0xff;
      carry >>>= 8;
    }
    for (; carry > 0; carry >>>= 8) bytes.push(carry & 0xff);
  }
  const zeros = /^1*/.exec(text)?.[0].length ?? 0;
  return Uint8Array.from([...new Array<number>(zeros).fill(0), ...bytes.reverse()]);
}

function encode(bytes: Uint8Array): string {
  let number = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  for (; number > 0n; number /= 58n) text = DIGITS.charAt(Number(number % 58n)) + text;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return '1'.repeat(Math.max(0, zeros)) + text;
}

function sumOf(bytes: Uint8Array): Buffer {
  const once = createHash('sha256').update(bytes).digest();
  return createHash('sha256').update(once).digest().subarray(0, SUM_BYTES);
}

export const base58check: Checksum = {
  id: 'base58check',
  mismatch: 'reject',
  verify(secret) {
    if (secret.length > MAX_CHARACTERS) return null;
    const bytes = decode(secret);
    if (bytes === null || bytes.length <= SUM_BYTES) return false;
    return sumOf(bytes.subarray(0, -SUM_BYTES)).equals(bytes.subarray(-SUM_BYTES));
  },
  /** `prefix` is the version bytes in hexadecimal (`80`, `0488ade4`), `bodyLength` the random bytes after them, `seed` closing bytes in hexadecimal. */
  make(prefix, bodyLength, random, seed = '') {
    const bytes = Buffer.from(prefix + random(ALPHABETS.hex, bodyLength * 2) + seed, 'hex');
    return encode(Buffer.concat([bytes, sumOf(bytes)]));
  },
};
