/**
 * The older kind of Azure DevOps token: 32 bytes in lower-case base32 (52 characters). Four of the bytes hold a CRC-32 of the other
 * 28, XORed with a constant that names the kind. Read in microsoft/security-utilities.
 */
import type { Checksum } from './checksum.ts';
import { crc32 } from './crc32.ts';
import { ALPHABETS, decodeBase32, encodeBase32 } from './encoding.ts';

const USER_TOKEN = 0xe0b9692d;
const APPLICATION_TOKEN = 0x1019f92e;

/** Where the bytes of the sum stand, least significant first. */
const SUM_AT = [22, 8, 7, 2] as const;

const TOKEN_CHARACTERS = 52;
const TOKEN_BYTES = 32;

export const crc32Interleaved: Checksum = {
  id: 'crc32-interleaved',
  mismatch: 'reject',
  verify(secret) {
    const bytes = secret.length === TOKEN_CHARACTERS ? decodeBase32(secret) : null;
    if (bytes === null) return null;
    const stored = SUM_AT.reduce((sum, at, index) => sum + (bytes[at] ?? 0) * 256 ** index, 0);
    const sum = coveredSum(bytes);
    return (sum ^ USER_TOKEN) >>> 0 === stored || (sum ^ APPLICATION_TOKEN) >>> 0 === stored;
  },
  /** Prefix and length are of no account: there is one form. */
  make(_prefix, _bodyLength, random) {
    const bytes = (decodeBase32(random(ALPHABETS.base32, TOKEN_CHARACTERS)) ?? new Uint8Array()).slice(0, TOKEN_BYTES);
    const sum = (coveredSum(bytes) ^ USER_TOKEN) >>> 0;
    SUM_AT.forEach((at, index) => {
      bytes[at] = (sum >>> (8 * index)) & 0xff;
    });
    return encodeBase32(bytes).toLowerCase();
  },
};

function coveredSum(bytes: Uint8Array): number {
  return crc32(bytes.filter((_, at) => !SUM_AT.some((place) => place === at)));
}
