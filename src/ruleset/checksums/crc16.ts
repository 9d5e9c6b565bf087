/** CRC-16/XMODEM (polynomial 1021, initial value 0) at the end of base32 text, little-endian: NATS nkeys, Stellar seeds (SEP-23). */
import type { Checksum } from './checksum.ts';
import { ALPHABETS, decodeBase32, encodeBase32 } from './encoding.ts';

/** NATS seeds have 58. */
const MAX_CHARACTERS = 64;

export function crc16Xmodem(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) sum = sum & 0x8000 ? (sum << 1) ^ 0x1021 : sum << 1;
    sum &= 0xffff;
  }
  return sum;
}

export const crc16XmodemBase32: Checksum = {
  id: 'crc16-xmodem-base32',
  mismatch: 'reject',
  verify(secret) {
    const bytes = secret.length <= MAX_CHARACTERS ? decodeBase32(secret) : null;
    if (bytes === null || bytes.length < 3) return null;
    const stored = (bytes[bytes.length - 2] ?? 0) | ((bytes[bytes.length - 1] ?? 0) << 8);
    return crc16Xmodem(bytes.subarray(0, -2)) === stored;
  },
  /** `prefix` and `bodyLength` give the covered bytes: `SUA` and 52 for a NATS user seed, `SA` and 51 for Stellar. */
  make(prefix, bodyLength, random) {
    const covered = decodeBase32(prefix + random(ALPHABETS.base32, bodyLength)) ?? new Uint8Array();
    const sum = crc16Xmodem(covered);
    return encodeBase32(Uint8Array.of(...covered, sum & 0xff, sum >>> 8));
  },
};
