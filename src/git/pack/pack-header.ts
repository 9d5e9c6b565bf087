/** Reads the header of an object in a pack (gitformat-pack: "type and length", offset or id of the base). Hostile bytes: every length is bounded. */
import { DamagedError } from './damaged.ts';

/** As numbered in a pack. */
export const COMMIT = 1;
export const BLOB = 3;
export const TAG = 4;
export const OFS_DELTA = 6;
export const REF_DELTA = 7;

/** The longest header: 10 bytes of size, and 10 of an offset or 32 of an id. */
export const MAX_HEADER_BYTES = 42;

export type ObjectHeader = {
  readonly type: number;
  /** Of what the stream unpacks to: the object, or the delta. */
  readonly size: number;
  /** Bytes of the header; the zlib stream follows. */
  readonly length: number;
  /** How far before this object its base begins (OFS_DELTA), else 0. */
  readonly baseDistance: number;
};

/** Reads the header at `at`. Of a REF_DELTA the base's id is the last `idBytes` bytes of the header. Throws DamagedError. */
export function readObjectHeader(bytes: Uint8Array, at: number, idBytes: number): ObjectHeader {
  let p = at;
  let byte = byteAt(bytes, p++);
  const type = (byte >> 4) & 7;
  let size = byte & 15;
  for (let scale = 16; byte & 0x80; scale *= 128) {
    if (p - at > 8) throw new DamagedError('its size has too many digits');
    byte = byteAt(bytes, p++);
    size += (byte & 0x7f) * scale;
  }
  if (type === 0 || type === 5) throw new DamagedError(`it is of the unknown type ${type}`);
  let baseDistance = 0;
  if (type === OFS_DELTA) {
    byte = byteAt(bytes, p++);
    baseDistance = byte & 0x7f;
    for (let digits = 1; byte & 0x80; digits++) {
      if (digits > 7) throw new DamagedError("its base's place has too many digits");
      byte = byteAt(bytes, p++);
      baseDistance = (baseDistance + 1) * 128 + (byte & 0x7f);
    }
  } else if (type === REF_DELTA) p += idBytes;
  if (p > bytes.length) throw new DamagedError('it is cut off');
  return { type, size, length: p - at, baseDistance };
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new DamagedError('it is cut off');
  return byte;
}
