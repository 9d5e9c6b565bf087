/**
 * Unpacks gzip (RFC 1952) and zlib (RFC 1950) to a limit. Compressed bytes cannot be told apart by what they stand for, so the place of anything in them is
 * the whole.
 */
import { constants, gunzipSync, inflateSync } from 'node:zlib';
import type { Decoded } from './decoded.ts';

export type Inflated = Decoded & { readonly encoding: 'gzip' | 'zlib' };

/** Returns the unpacked bytes; null for what is not packed so, `too-large` beyond `limitBytes`. What was cut short gives what there is. */
export function inflate(outer: Buffer, limitBytes: number): Inflated | null | 'too-large' {
  const isGzip = outer[0] === 0x1f && outer[1] === 0x8b && outer[2] === 8;
  if (!isGzip && !(outer[0] === 0x78 && outer.length > 2 && outer.readUInt16BE(0) % 31 === 0)) return null;
  // Zlib takes no limit of 0.
  if (limitBytes <= 0) return 'too-large';
  try {
    const options = { maxOutputLength: limitBytes, finishFlush: constants.Z_SYNC_FLUSH };
    const bytes = isGzip ? gunzipSync(outer, options) : inflateSync(outer, options);
    return { bytes, encoding: isGzip ? 'gzip' : 'zlib', outerOf: () => ({ start: 0, end: outer.length }) };
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : null;
  }
}
