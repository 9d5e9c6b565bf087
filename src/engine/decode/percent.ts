/** Decodes `%3D` (RFC 3986): every byte that is written so; `+` stays, since only forms write a blank so. */
import type { Decode } from './decoded.ts';
import { hexAt, rewrite } from './rewrite.ts';

export const decodePercent: Decode = (outer) =>
  rewrite(outer, 0x25, (at) => {
    const byte = hexAt(outer, at + 1, 2);
    return byte < 0 ? null : { length: 3, bytes: String.fromCharCode(byte) };
  });
