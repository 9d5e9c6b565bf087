/**
 * Keys written as arrays of bytes (`{ 0x2B, 0x7E, … }`, `[59, 219, …]`, `($A2, $A1, …)`). Tables, masks, lengths and text have the same form;
 * a key differs by its length and by looking random.
 */
import { createHash } from 'node:crypto';
import { details, type Structure } from './structure.ts';

/** From DES's 8 bytes, of which nothing can be said, to 64: 128-bit keys, two keys of 256 bits. */
const FEWEST = 16;
const MOST = 64;
/** Of 16 random bytes 15.5 are different in the mean, of 64 some 57; fewer than three quarters come by chance once in 10 million arrays. */
const DISTINCT_SHARE = 0.75;
/** Steps from a byte to the next one that occur again: 00 01 02 …, 10 20 30 …. */
const MOST_EQUAL_STEPS = 0.3;
/** Bits that are set: 0.5 in the mean; masks, lengths and small numbers have fewer. Five deviations of 128 bits. */
const BITS_SET = { least: 0.28, most: 0.72 } as const;
/** SHA-256 of keys in hex that standards use in their own examples. */
const DOCUMENTED: ReadonlySet<string> = new Set([
  // FIPS 197 and SP 800-38A: AES-128, which libraries for LoRaWAN hand out as their default
  '2ef2503d964e9668092e6878d3c390ca7909bbbffabd781857115e3be4bb3e5a',
  // SP 800-38A: AES-192
  'c12ce25303a023aa1317614428c0ac8ef707c5a370d7c766353c66df5d2cb46f',
  // SP 800-38A: AES-256
  '837e8e636d452b6133d5a5c56de1eb57c08a94bbe632804fa621a49014c5c034',
]);

export const byteArray: Structure = {
  id: 'byte-array',
  mismatch: 'reject',
  read: (value) => {
    const bytes = bytesOf(value);
    return bytes && isRandom(bytes) && !isDer(bytes) && !isDocumented(bytes) ? details([['bytes', bytes.length]]) : null;
  },
};

function bytesOf(text: string): number[] | null {
  const bytes: number[] = [];
  for (const [, hex, decimal] of text.matchAll(/(?:0[xX]|\$)([0-9A-Fa-f]{1,2})(?![0-9A-Fa-f])|(?<![\w$])(-?\d{1,3})(?!\w)/g)) {
    const byte = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    if (byte > 255 || byte < -128 || bytes.length === MOST) return null;
    bytes.push(byte & 0xff);
  }
  return bytes.length >= FEWEST ? bytes : null;
}

function isRandom(bytes: readonly number[]): boolean {
  if (new Set(bytes).size < bytes.length * DISTINCT_SHARE) return false;
  const steps = new Map<number, number>();
  let bits = 0;
  for (const [at, byte] of bytes.entries()) {
    for (let rest = byte; rest !== 0; rest >>= 1) bits += rest & 1;
    const step = (byte - (bytes[at - 1] ?? byte)) & 0xff;
    if (at > 0) steps.set(step, (steps.get(step) ?? 0) + 1);
  }
  const share = bits / (8 * bytes.length);
  return share > BITS_SET.least && share < BITS_SET.most && Math.max(...steps.values()) <= bytes.length * MOST_EQUAL_STEPS;
}

/** A SEQUENCE with an INTEGER, a SEQUENCE or an OBJECT IDENTIFIER in it: a key in DER has a name round it, a public one as well. */
function isDer([first, , third]: readonly number[]): boolean {
  return first === 0x30 && (third === 0x02 || third === 0x30 || third === 0x06);
}

function isDocumented(bytes: readonly number[]): boolean {
  return DOCUMENTED.has(createHash('sha256').update(Buffer.from(bytes).toString('hex')).digest('hex'));
}
