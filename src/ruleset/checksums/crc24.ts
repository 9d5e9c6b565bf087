/** The CRC-24 line of OpenPGP armour (RFC 4880 section 6.1). Optional since RFC 9580, so that its absence says nothing. */
import type { Checksum } from './checksum.ts';

export function crc24(bytes: Uint8Array): number {
  let sum = 0xb704ce;
  for (const byte of bytes) {
    sum ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      sum <<= 1;
      if (sum & 0x1000000) sum ^= 0x1864cfb;
    }
  }
  return sum;
}

/** Longer armour is a key ring, not worth the time. */
const MAX_CHARACTERS = 65_536;

export const crc24Openpgp: Checksum = {
  id: 'crc24-openpgp',
  mismatch: 'lower',
  verify(secret) {
    if (secret.length > MAX_CHARACTERS) return null;
    const lines = secret.replaceAll('\\r', '').replaceAll('\\n', '\n').split('\n').map(trimMargin);
    const sumAt = lines.findIndex((line) => /^=[A-Za-z0-9+/]{4}$/.test(line));
    if (sumAt < 0) return null;
    const body = lines
      .slice(0, sumAt)
      .filter((line) => /^[A-Za-z0-9+/]{2,}={0,2}$/.test(line))
      .join('');
    const stored = Buffer.from((lines[sumAt] ?? '').slice(1), 'base64').readUIntBE(0, 3);
    return crc24(Buffer.from(body, 'base64')) === stored;
  },
};

/** Removes what code puts round the lines of an armour: indentation, quotes, commas, plus signs, comment marks. */
function trimMargin(line: string): string {
  return line.replace(/^[\s"'+#*]{1,40}/, '').replace(/[\s"',+\\]{1,40}$/, '');
}
