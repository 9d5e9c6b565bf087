/**
 * Tokens that end in a CRC-32 of themselves (IEEE 802.3: reflected, initial value and final XOR all ones). The issuers differ in
 * what the sum covers, how it is written and how wide it is: a row each. Sources: issuers' code or sums computed on published samples.
 */
import type { Checksum, RandomText } from './checksum.ts';
import { ALPHABETS, BASE62_LOWER_FIRST, encodeNumber, littleEndian } from './encoding.ts';

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** Returns the CRC-32 of bytes, or of text with one byte a character. */
export function crc32(input: string | Uint8Array): number {
  let sum = 0xffffffff;
  for (let at = 0; at < input.length; at++) {
    const byte = typeof input === 'string' ? input.charCodeAt(at) : (input[at] ?? 0);
    sum = (sum >>> 8) ^ (TABLE[(sum ^ byte) & 0xff] ?? 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

type Row = {
  readonly id: string;
  readonly mismatch: 'reject' | 'lower';
  /** Characters of the sum, at the end of the token. */
  readonly width: number;
  readonly encode: (sum: number) => string;
  /** What the sum covers, given everything before it; null when this form carries no sum. */
  readonly covered: (head: string) => string | null;
  /** Of the random characters in examples. */
  readonly alphabet: string;
  /** What stands between the random characters and the sum in examples. */
  readonly joint: (prefix: string, body: string) => string;
};

const base62 = (sum: number): string => encodeNumber(sum, ALPHABETS.alnum, 6);
const hex = (sum: number): string => encodeNumber(sum, ALPHABETS.hex, 8);
const everything = (head: string): string => head;
const nothing = (): string => '';

/** The last `length` characters, with at least one character of prefix before them. */
const last =
  (length: number) =>
  (head: string): string | null =>
    head.length > length ? head.slice(-length) : null;

/** What follows the last underscore, when it has one of these lengths (any length, if none is given). */
const afterUnderscore =
  (...lengths: readonly number[]) =>
  (head: string): string | null => {
    const body = head.slice(head.lastIndexOf('_') + 1);
    return lengths.length === 0 || lengths.includes(body.length) ? body : null;
  };

const plain = { width: 6, encode: base62, alphabet: ALPHABETS.alnum, joint: nothing } as const;

const ROWS: readonly Row[] = [
  // 70 characters are covered in GitHub's refresh tokens, 30 in all other kinds.
  { ...plain, id: 'crc32-base62-body', mismatch: 'reject', covered: afterUnderscore(30, 70) },
  // The body may hold underscores itself, so it is counted from the end.
  { ...plain, id: 'crc32-base62-body-vercel', mismatch: 'reject', covered: last(50) },
  { ...plain, id: 'crc32-base62-body-polar', mismatch: 'reject', covered: last(37) },
  { ...plain, id: 'crc32-base62-body-salad', mismatch: 'lower', covered: afterUnderscore() },
  { ...plain, id: 'crc32-base62-body-chief', mismatch: 'lower', covered: afterUnderscore() },
  { ...plain, id: 'crc32-base62-all', mismatch: 'lower', covered: everything },
  {
    ...plain,
    id: 'crc32-base62lower-all',
    mismatch: 'lower',
    encode: (sum) => encodeNumber(sum, BASE62_LOWER_FIRST, 6),
    covered: everything,
  },
  { ...plain, id: 'crc32-hex-body', mismatch: 'reject', width: 8, encode: hex, covered: last(40) },
  {
    ...plain,
    id: 'crc32-hex-body-underscore',
    mismatch: 'reject',
    width: 8,
    encode: hex,
    covered: (head) => (head.endsWith('_') ? last(32)(head.slice(0, -1)) : null),
    alphabet: ALPHABETS.hex,
    joint: () => '_',
  },
  { ...plain, id: 'crc32-hex-all', mismatch: 'lower', width: 8, encode: hex, covered: everything },
  {
    ...plain,
    id: 'crc32-hexupper-all',
    mismatch: 'reject',
    width: 8,
    encode: (sum) => encodeNumber(sum, ALPHABETS.HEX, 8),
    covered: everything,
    // Atlassian's long tokens have an equals sign before the sum, Bitbucket's short passwords have none.
    joint: (prefix) => (prefix === 'ATBB' ? '' : '='),
  },
  {
    ...plain,
    id: 'crc32-hex-le-all',
    mismatch: 'reject',
    width: 8,
    encode: (sum) => Buffer.from(littleEndian(sum)).toString('hex'),
    covered: (head) => (head.endsWith('_') ? head.slice(0, -1) : null),
    joint: () => '_',
  },
  {
    ...plain,
    id: 'crc32-base64-le-body',
    mismatch: 'reject',
    encode: (sum) => Buffer.from(littleEndian(sum)).toString('base64').slice(0, 6),
    covered: last(54),
  },
  {
    ...plain,
    id: 'crc32-base36-all',
    mismatch: 'reject',
    width: 7,
    encode: (sum) => encodeNumber(sum, ALPHABETS.loweralnum, 7),
    // Only routable tokens have the dot, the payload's length in two digits and the sum.
    covered: (head) => (/\.[0-9a-z]{2}$/.test(head) ? head : null),
    joint: (_prefix, body) => `.01.${encodeNumber(body.length, ALPHABETS.loweralnum, 2)}`,
  },
  {
    ...plain,
    id: 'crc32-hex-sanctum',
    mismatch: 'reject',
    width: 8,
    encode: hex,
    // Tokens made before Sanctum had the sum are shorter; an application's own prefix may stand before the 40 characters.
    covered: (head) => (head.length - head.indexOf('|') > 40 ? head.slice(-40) : null),
  },
];

function fromRow(row: Row): Checksum {
  return {
    id: row.id,
    mismatch: row.mismatch,
    verify(secret) {
      const covered = row.covered(secret.slice(0, -row.width));
      return covered === null || secret.length <= row.width ? null : sumOf(row, covered) === normalised(row, secret.slice(-row.width));
    },
    make(prefix: string, bodyLength: number, random: RandomText) {
      const body = random(row.alphabet, bodyLength);
      const head = prefix + body + row.joint(prefix, body);
      return head + sumOf(row, row.covered(head) ?? body);
    },
  };
}

function sumOf(row: Row, covered: string): string {
  return row.encode(crc32(covered));
}

/** Grafana's sum occurs in both cases. */
function normalised(row: Row, sum: string): string {
  return row.id === 'crc32-hex-le-all' ? sum.toLowerCase() : sum;
}

export const CRC32_CHECKSUMS: readonly Checksum[] = ROWS.map(fromRow);
