/**
 * Lists and reads loose objects (gitrepository-layout, "objects/xx"): zlib streams of `type size\0contents`, a file each. What is read is what its id says: the id is
 * made again from the contents.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';
import { constants, inflateSync } from 'node:zlib';
import { DamagedError } from './damaged.ts';

export type LooseObject = { readonly id: string; readonly file: string };

/** Longest `type size\0`. */
const HEADER_BYTES = 32;
/** Packed bytes in which the header is for certain; they unpack to 520 KiB at most. */
const PROBE_BYTES = 512;

/** Returns the loose objects of an `objects` folder, by id. */
export function listLooseObjects(folder: string, idBytes: number): LooseObject[] {
  const found: LooseObject[] = [];
  for (const two of namesIn(folder, /^[0-9a-f]{2}$/)) {
    const inner = path.join(folder, two);
    for (const rest of namesIn(inner, /^[0-9a-f]{38}(?:[0-9a-f]{24})?$/)) {
      if (rest.length === 2 * idBytes - 2) found.push({ id: two + rest, file: path.join(inner, rest) });
    }
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function namesIn(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder).filter((name) => pattern.test(name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  }
}

/** Returns the contents of a blob, null of another object. Throws DamagedError, also where it is larger than `limitBytes`, and what the file system throws. */
export function readLooseBlob({ id, file }: LooseObject, limitBytes: number): Buffer | null {
  const descriptor = openSync(file, 'r');
  try {
    const size = fstatSync(descriptor).size;
    if (size > limitBytes) throw new DamagedError('it is too large to be unpacked in memory');
    const packed = Buffer.alloc(size);
    let read = 0;
    for (let got = -1; got !== 0 && read < size; read += got) got = readSync(descriptor, packed, read, size - read, read);
    const header = unpack(() => inflateSync(packed.subarray(0, PROBE_BYTES), { finishFlush: constants.Z_SYNC_FLUSH })).subarray(
      0,
      HEADER_BYTES,
    );
    const end = header.indexOf(0);
    const match = /^(blob|tree|commit|tag) (\d{1,15})$/.exec(header.toString('latin1', 0, Math.max(0, end)));
    if (!match) throw new DamagedError('it has no header of an object');
    // Small ones are unpacked whatever they are: that is how their id is checked.
    const length = Number(match[2]);
    if (length > limitBytes) throw new DamagedError('it is too large to be unpacked in memory');
    const whole = unpack(() => inflateSync(packed, { maxOutputLength: length + end + 2 }));
    if (whole.length !== length + end + 1) throw new DamagedError('it has another size than it says');
    if (
      createHash(id.length === 40 ? 'sha1' : 'sha256')
        .update(whole)
        .digest('hex') !== id
    )
      throw new DamagedError('it is not what its id says');
    return match[1] === 'blob' ? whole.subarray(end + 1) : null;
  } finally {
    closeSync(descriptor);
  }
}

function unpack(inflate: () => Buffer): Buffer {
  try {
    return inflate();
  } catch (error) {
    throw new DamagedError('its packed bytes are damaged', { cause: error });
  }
}
