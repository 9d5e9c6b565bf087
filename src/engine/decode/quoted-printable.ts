/** Decodes quoted-printable (RFC 2045, 6.7): `=3D`, and lines that end in `=` go on in the next. */
import type { Decode } from './decoded.ts';
import { hexAt, rewrite } from './rewrite.ts';

const LINE_FEED = 0x0a;
const RETURN = 0x0d;

export const decodeQuotedPrintable: Decode = (outer) =>
  rewrite(outer, 0x3d, (at) => {
    if (outer[at + 1] === LINE_FEED) return { length: 2, bytes: '' };
    if (outer[at + 1] === RETURN && outer[at + 2] === LINE_FEED) return { length: 3, bytes: '' };
    const byte = hexAt(outer, at + 1, 2);
    return byte < 0 ? null : { length: 3, bytes: String.fromCharCode(byte) };
  });
