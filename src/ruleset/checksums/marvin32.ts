/**
 * Microsoft's keys with a sum inside ("identifiable" and "common annotated" security keys): Marvin32 with a published 64-bit seed
 * for each service. Read in microsoft/security-utilities and computed on published samples. Eight ASCII characters name a seed.
 */
import type { Checksum, RandomText } from './checksum.ts';
import { ALPHABETS, encodeNumber, littleEndian } from './encoding.ts';

const DEFAULT_SEED = 'Default0';
const ENTRA_SEED = 'AadPwd00';

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Returns the 32-bit Marvin hash of bytes under a seed of 8 ASCII characters, read as a big-endian number. */
export function marvin32(bytes: Uint8Array, seed: string): number {
  const key = Buffer.from(seed.padEnd(8, '0').slice(0, 8), 'latin1');
  let low = key.readUInt32BE(4);
  let high = key.readUInt32BE(0);
  const mix = (word: number): void => {
    low = (low + word) | 0;
    high ^= low;
    low = (rotateLeft(low, 20) + high) | 0;
    high = rotateLeft(high, 9) ^ low;
    low = (rotateLeft(low, 27) + high) | 0;
    high = rotateLeft(high, 19);
  };
  const view = Buffer.from(bytes);
  const whole = bytes.length - (bytes.length % 4);
  for (let at = 0; at < whole; at += 4) mix(view.readUInt32LE(at));
  let tail = 0x80;
  for (let at = bytes.length - 1; at >= whole; at--) tail = (tail << 8) | (bytes[at] ?? 0);
  mix(tail);
  mix(0);
  return (low ^ high) >>> 0;
}

function seedsOf(seed: string | undefined, fallback: string): readonly string[] {
  return (seed ?? fallback).split(' ').filter((one) => one !== '');
}

const BASE64_KEY = /^[A-Za-z0-9+/_-]{24,512}={0,2}$/;

/** A base64 key whose last four bytes are the sum of those before. */
const tail: Checksum = {
  id: 'marvin32-tail',
  mismatch: 'reject',
  verify(secret, seed) {
    if (!BASE64_KEY.test(secret)) return null;
    const bytes = Buffer.from(secret, 'base64');
    const covered = bytes.subarray(0, -4);
    const stored = bytes.readUInt32LE(bytes.length - 4);
    return seedsOf(seed, DEFAULT_SEED).some((one) => marvin32(covered, one) === stored);
  },
  /**
   * `prefix` is the four-character signature, `bodyLength` its offset (76, 44, 42 or 33). Functions use the URL-safe alphabet,
   * Search none but letters and digits.
   */
  make(prefix, bodyLength, random, seed) {
    const isAlnum = prefix === 'AzSe';
    for (;;) {
      const key = keyWithTail(random(ALPHABETS.alnum, bodyLength) + prefix, seedsOf(seed, DEFAULT_SEED)[0] ?? DEFAULT_SEED);
      if (!isAlnum || !/[+/]/.test(key)) return prefix === 'AzFu' ? key.replaceAll('+', '-').replaceAll('/', '_') : key;
    }
  },
};

function keyWithTail(signed: string, seed: string): string {
  const size = Math.ceil((signed.length * 6) / 8);
  const covered = Buffer.alloc(size);
  Buffer.from(`${signed}AA`, 'base64').copy(covered, 0, 0, size);
  return Buffer.concat([covered, littleEndian(marvin32(covered, seed))]).toString('base64');
}

/** 84 characters: 80 that stand for 60 bytes, then four digits of the sum. The 88-character form is not understood: no verdict. */
const cask: Checksum = {
  id: 'marvin32-cask',
  mismatch: 'reject',
  verify(secret, seed) {
    if (secret.length !== 84) return null;
    return seedsOf(seed, DEFAULT_SEED).some((one) => caskDigits(secret.slice(0, 80), one) === secret.slice(80));
  },
  /** `prefix` is the provider's signature at offset 76; `bodyLength` is always 52. */
  make(prefix, _bodyLength, random, seed) {
    const fixed = 'JQQJ99';
    const made = random(ALPHABETS.alnum, 1) + random(ALPHABETS.upper.slice(0, 12), 1);
    const head = random(ALPHABETS.alnum, 52) + fixed + made + random(ALPHABETS.alnum, 16) + prefix.padEnd(4, 'A').slice(0, 4);
    return head + caskDigits(head, seedsOf(seed, DEFAULT_SEED)[0] ?? DEFAULT_SEED);
  },
};

function caskDigits(head: string, seed: string): string {
  const sum = Buffer.from(littleEndian(marvin32(Buffer.from(head, 'base64'), seed))).readUInt32BE(0);
  return encodeNumber(sum, ALPHABETS.alnum, 1).padEnd(6, '0').slice(0, 4);
}

const BASE66 = `${ALPHABETS.lower}${ALPHABETS.upper}1234567890.-_~`;

/** Client secrets of Entra ID: the first three of six digits of the sum stand at the end. Other samples fail, so only a hint. */
const base66: Checksum = {
  id: 'marvin32-base66',
  mismatch: 'lower',
  verify(secret, seed) {
    return secret.length > 3 && seedsOf(seed, ENTRA_SEED).some((one) => base66Digits(secret.slice(0, -3), one) === secret.slice(-3));
  },
  /** `prefix` is what the secret opens with, three characters and `8Q~`; `bodyLength` is 31. */
  make(prefix: string, bodyLength: number, random: RandomText, seed?: string) {
    const head = prefix + random(ALPHABETS.alnum, bodyLength);
    return head + base66Digits(head, seedsOf(seed, ENTRA_SEED)[0] ?? ENTRA_SEED);
  },
};

function base66Digits(head: string, seed: string): string {
  return encodeNumber(marvin32(Buffer.from(head, 'latin1'), seed), BASE66, 6).slice(0, 3);
}

export const MARVIN32_CHECKSUMS: readonly Checksum[] = [tail, cask, base66];
