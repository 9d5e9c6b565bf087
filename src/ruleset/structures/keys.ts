/** Raw symmetric and curve keys in base64: their size, and for X25519 the bits that clamping fixes (RFC 7748 §5). */
import { decodeBase32 } from '../checksums/encoding.ts';
import { decodeBase64 } from './base64.ts';
import { details, type Structure } from './structure.ts';

export const fernet: Structure = {
  id: 'fernet',
  mismatch: 'reject',
  read: (value) => (decodeBase64(value)?.length === 32 ? details([]) : null),
};

/** One random key in 32 passes; a generator other than `wg genkey` may leave the clamping to its user. */
export const wireguard: Structure = {
  id: 'wireguard',
  mismatch: 'lower',
  read: (value) => {
    const key = decodeBase64(value);
    const [first = 1, last = 0] = [key?.[0], key?.[31]];
    return key?.length === 32 && (first & 7) === 0 && (last & 0xc0) === 0x40 ? details([]) : null;
  },
};

/** NuGet's keys decode to bytes that open with `v4`. */
export const nuget: Structure = {
  id: 'nuget',
  mismatch: 'lower',
  read: (value) => {
    const bytes = decodeBase32(value);
    return bytes?.[0] === 0x76 && bytes[1] === 0x34 ? details([]) : null;
  },
};
