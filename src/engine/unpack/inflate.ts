/** Inflates with node:zlib, in pieces or at once; what zlib says of hostile bytes becomes a Fault. Used by gzip, zip, pdf. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createInflateRaw, inflateRawSync, inflateSync } from 'node:zlib';
import { broken, Fault, type Pieces } from './format.ts';

/** Bytes that come out at a time. */
const CHUNK_BYTES = 256 * 1024;

/** Gives what `pieces` inflates to. Throws a Fault when it is broken, and what `pieces` throws. */
export async function* inflatePieces(pieces: Pieces, kind: 'gzip' | 'raw'): AsyncGenerator<Uint8Array> {
  const inflater = kind === 'gzip' ? createGunzip({ chunkSize: CHUNK_BYTES }) : createInflateRaw({ chunkSize: CHUNK_BYTES });
  const input = Readable.from(pieces, { objectMode: true, highWaterMark: 1 });
  // Its failure is the inflater's failure, which the loop below meets.
  const flow = pipeline(input, inflater).catch(() => undefined);
  try {
    yield* inflater;
  } catch (error) {
    throw error instanceof Fault ? error : asFault(error);
  } finally {
    inflater.destroy();
    await flow;
  }
}

/** Returns what `bytes` inflates to, at most `limit` bytes. Throws a Fault when it is broken or larger. */
export function inflateWhole(bytes: Uint8Array, kind: 'zlib' | 'raw', limit: number): Buffer {
  try {
    return (kind === 'raw' ? inflateRawSync : inflateSync)(bytes, { maxOutputLength: Math.max(1, limit) });
  } catch (error) {
    throw asFault(error);
  }
}

function asFault(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_BUFFER_TOO_LARGE') return broken('it is larger than it says', error);
  if (code === 'Z_BUF_ERROR') return broken('it ends too early', error);
  return code.startsWith('Z_') ? broken('its compressed data is damaged', error) : error;
}
