/** Writes packs that git would never write: any headers, any bytes, with an index that fits them. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

export type PackedObject = {
  /** 20 bytes in hex: what the index says. Sorted by the writer. */
  readonly id: string;
  readonly type: number;
  /** What the header says; that of `data` when left out. */
  readonly size?: number;
  /** Unpacked; or as it is to stand in the pack. */
  readonly data?: Buffer;
  readonly packed?: Buffer;
  /** Of an offset delta: how far before; of a delta by id: which. */
  readonly base?: number | string;
};

export const OFS = 6;
export const REF = 7;

export function blobId(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** Writes the pack and its index into the repository; returns the pack's path. */
export function writePack(gitDir: string, objects: readonly PackedObject[]): string {
  const head = Buffer.alloc(12);
  head.write('PACK', 'latin1');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(objects.length, 8);
  const parts = [head];
  const places: { id: Buffer; offset: number; crc: number }[] = [];
  let offset = head.length;
  for (const object of objects) {
    const bytes = Buffer.concat([headerOf(object), object.packed ?? deflateSync(object.data ?? Buffer.alloc(0))]);
    places.push({ id: Buffer.from(object.id, 'hex'), offset, crc: crc32(bytes) });
    parts.push(bytes);
    offset += bytes.length;
  }
  const pack = withSum(Buffer.concat(parts));
  const folder = path.join(gitDir, 'objects', 'pack');
  mkdirSync(folder, { recursive: true });
  const name = path.join(folder, `pack-${pack.subarray(-20).toString('hex')}`);
  writeFileSync(`${name}.pack`, pack);
  writeFileSync(`${name}.idx`, indexOf(places, pack.subarray(-20)));
  return `${name}.pack`;
}

function headerOf({ type, size, data, base }: PackedObject): Buffer {
  let left = size ?? data?.length ?? 0;
  const bytes = [(type << 4) | (left & 15)];
  for (left = Math.floor(left / 16); left > 0; left = Math.floor(left / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push(left & 0x7f);
  }
  if (typeof base === 'string') return Buffer.concat([Buffer.from(bytes), Buffer.from(base, 'hex')]);
  if (base === undefined) return Buffer.from(bytes);
  const digits = [base & 0x7f];
  for (let rest = Math.floor(base / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(0x80 | (--rest & 0x7f));
  return Buffer.from([...bytes, ...digits]);
}

function indexOf(places: readonly { id: Buffer; offset: number; crc: number }[], packSum: Buffer): Buffer {
  const sorted = [...places].sort((a, b) => a.id.compare(b.id));
  const head = Buffer.alloc(8 + 1024);
  head.writeUInt32BE(0xff744f63);
  head.writeUInt32BE(2, 4);
  for (let i = 0; i < 256; i++) head.writeUInt32BE(sorted.filter(({ id }) => (id[0] ?? 0) <= i).length, 8 + 4 * i);
  const words = (values: readonly number[]): Buffer => {
    const out = Buffer.alloc(4 * values.length);
    for (const [i, value] of values.entries()) out.writeUInt32BE(value, 4 * i);
    return out;
  };
  return withSum(
    Buffer.concat([
      head,
      ...sorted.map(({ id }) => id),
      words(sorted.map(({ crc }) => crc)),
      words(sorted.map(({ offset }) => offset)),
      packSum,
    ]),
  );
}

export function withSum(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, createHash('sha1').update(bytes).digest()]);
}

/** A number as git's deltas begin with two. */
export function deltaSize(size: number): Buffer {
  const bytes: number[] = [];
  let left = size;
  do {
    bytes.push((left % 128) | (left >= 128 ? 0x80 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.from(bytes);
}

/** Copies `size` (at most 65,535 × 256) from `offset`. */
export function copyOp(offset: number, size: number): Buffer {
  return Buffer.from([
    0xff,
    offset & 255,
    (offset >> 8) & 255,
    (offset >> 16) & 255,
    offset >>> 24,
    size & 255,
    (size >> 8) & 255,
    (size >> 16) & 255,
  ]);
}
