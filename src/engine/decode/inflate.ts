/**
 * Unpacks gzip (RFC 1952) and zlib (RFC 1950) to a limit. Compressed bytes cannot be told apart by what they stand for, so the place of anything in them is
 * the whole.
 */
import { constants, gunzipSync, inflateRawSync, inflateSync, type ZlibOptions } from 'node:zlib';
import type { Decoded } from './decoded.ts';

export type Inflated = Decoded & { readonly encoding: 'gzip' | 'zlib' };

/** Optional fields of a gzip header. */
const CHECKED = 2;
const EXTRA = 4;
const NAMED = 8;
const COMMENTED = 16;
const HEADER_BYTES = 10;

/** Returns the unpacked bytes; null for what is not packed so, `too-large` beyond `limitBytes`. What was cut short gives what there is, what stands behind it is passed over. */
export function inflate(outer: Buffer, limitBytes: number): Inflated | null | 'too-large' {
  const isGzip = outer[0] === 0x1f && outer[1] === 0x8b && outer[2] === 8;
  if (!isGzip && !(outer[0] === 0x78 && outer.length > 2 && outer.readUInt16BE(0) % 31 === 0)) return null;
  // Zlib takes no limit of 0.
  if (limitBytes <= 0) return 'too-large';
  const unpack = isGzip ? [gunzipSync, gunzipFirst] : [inflateSync];
  for (const way of unpack) {
    try {
      const bytes = way(outer, { maxOutputLength: limitBytes, finishFlush: constants.Z_SYNC_FLUSH });
      return { bytes, encoding: isGzip ? 'gzip' : 'zlib', outerOf: () => ({ start: 0, end: outer.length }) };
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return 'too-large';
    }
  }
  return null;
}

/** Unpacks the first member alone: gunzip takes what stands behind one for another, be it the EOF of a heredoc that base64 took for its last line. Throws as zlib does. */
function gunzipFirst(outer: Buffer, options: ZlibOptions): Buffer {
  return inflateRawSync(outer.subarray(headerBytes(outer)), options);
}

/** Returns the length of a gzip header (RFC 1952, section 2.3); that of the whole where it is cut. */
function headerBytes(outer: Buffer): number {
  const flags = outer[3] ?? 0;
  let at = HEADER_BYTES;
  if ((flags & EXTRA) !== 0) at += 2 + (outer[at] ?? 0) + 256 * (outer[at + 1] ?? 0);
  for (const field of [NAMED, COMMENTED]) {
    if ((flags & field) === 0) continue;
    const end = outer.indexOf(0, at);
    if (end < 0) return outer.length;
    at = end + 1;
  }
  return (flags & CHECKED) === 0 ? at : at + 2;
}
