/** The registry of offline checks: what `checksum.id` of a rule and `{{id:…}}` of its examples may name. */
import { base58check } from './base58.ts';
import { bech32 } from './bech32.ts';
import type { Checksum } from './checksum.ts';
import { crc16XmodemBase32 } from './crc16.ts';
import { crc24Openpgp } from './crc24.ts';
import { CRC32_CHECKSUMS } from './crc32.ts';
import { crc32Interleaved } from './crc32-interleaved.ts';
import { MARVIN32_CHECKSUMS } from './marvin32.ts';
import { sha256Base32Mid } from './sha256-base32.ts';

export type { Checksum, RandomText } from './checksum.ts';

const ALL: readonly Checksum[] = [
  ...CRC32_CHECKSUMS,
  crc32Interleaved,
  ...MARVIN32_CHECKSUMS,
  sha256Base32Mid,
  bech32,
  base58check,
  crc16XmodemBase32,
  crc24Openpgp,
];

export const CHECKSUMS: Readonly<Record<string, Checksum>> = Object.assign(
  Object.create(null) as Record<string, Checksum>,
  Object.fromEntries(ALL.map((checksum) => [checksum.id, checksum])),
);
