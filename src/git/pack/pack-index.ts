/**
 * Reads a pack's index: which objects it has and where (gitformat-pack: pack-*.idx version 1 and 2, multi-pack-index). In: a file's bytes. Out: ids in their
 * order, the place of each, its checksum where there is one. Everything is checked: sizes, the fan-out's order, ids' order, the checksum at the end.
 */
import { createHash } from 'node:crypto';
import { DamagedError } from './damaged.ts';

export type PackIndex = {
  readonly count: number;
  readonly idBytes: number;
  /** `idBytes` for each object, ascending. */
  readonly ids: Uint8Array;
  /** Where each begins in the pack, in the order of ids. */
  readonly offsets: Float64Array;
  /** CRC-32 of each object's packed bytes; null in version 1 and in a multi-pack-index. */
  readonly crcs: Uint32Array | null;
  /** The checksum that the pack must end with, or null where the index does not have it. */
  readonly packChecksum: Uint8Array | null;
};

const FAN_OUT = 1024;
/** An offset of 2 GiB or more stands in a table of its own. */
const LARGE = 0x80000000;

/** Returns the index that the bytes of a .idx file are. Throws DamagedError. */
export function readPackIndex(file: Buffer, idBytes: number): PackIndex {
  if (file.length < FAN_OUT + 2 * idBytes) throw new DamagedError('the index is too short');
  checkSum(file, idBytes, 'the index');
  return file.readUInt32BE(0) === 0xff744f63 ? readVersion2(file, idBytes) : readVersion1(file, idBytes);
}

function readVersion1(file: Buffer, idBytes: number): PackIndex {
  const count = readFanOut(file, 0, file.length);
  const entry = 4 + idBytes;
  if (file.length !== FAN_OUT + count * entry + 2 * idBytes) throw new DamagedError('the index has a wrong size');
  const ids = new Uint8Array(count * idBytes);
  const offsets = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const at = FAN_OUT + i * entry;
    offsets[i] = file.readUInt32BE(at);
    ids.set(file.subarray(at + 4, at + entry), i * idBytes);
  }
  checkIds(ids, idBytes);
  return { count, idBytes, ids, offsets, crcs: null, packChecksum: file.subarray(-2 * idBytes, -idBytes) };
}

function readVersion2(file: Buffer, idBytes: number): PackIndex {
  if (file.readUInt32BE(4) !== 2) throw new DamagedError('the index is of an unknown version');
  const count = readFanOut(file, 8, file.length);
  const idsAt = 8 + FAN_OUT;
  const crcsAt = idsAt + count * idBytes;
  const offsetsAt = crcsAt + 4 * count;
  const largeAt = offsetsAt + 4 * count;
  const largeCount = (file.length - 2 * idBytes - largeAt) / 8;
  if (!Number.isInteger(largeCount) || largeCount < 0 || largeCount > count) throw new DamagedError('the index has a wrong size');
  const ids = file.subarray(idsAt, crcsAt);
  checkIds(ids, idBytes);
  const crcs = new Uint32Array(count);
  const offsets = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    crcs[i] = file.readUInt32BE(crcsAt + 4 * i);
    const offset = file.readUInt32BE(offsetsAt + 4 * i);
    offsets[i] = offset < LARGE ? offset : readLarge(file, largeAt, largeCount, offset - LARGE);
  }
  return { count, idBytes, ids, offsets, crcs, packChecksum: file.subarray(-2 * idBytes, -idBytes) };
}

/** Returns the indexes of the packs that a multi-pack-index is about, by the names of their .idx files. Throws DamagedError. */
export function readMultiPackIndex(file: Buffer, idBytes: number): Map<string, PackIndex> {
  if (file.length < 12 + idBytes || file.toString('latin1', 0, 4) !== 'MIDX')
    throw new DamagedError('the multi-pack-index has no such header');
  if (file[4] !== 1 || (file[5] === 2 ? 32 : 20) !== idBytes) throw new DamagedError('the multi-pack-index is of an unknown version');
  checkSum(file, idBytes, 'the multi-pack-index');
  const chunks = readChunks(file);
  const chunk = (id: string): Buffer => {
    const found = chunks.get(id);
    if (!found) throw new DamagedError(`the multi-pack-index lacks its chunk ${id}`);
    return found;
  };
  const names = chunk('PNAM').toString('utf8').split('\0').slice(0, file.readUInt32BE(8));
  const count = readFanOut(chunk('OIDF'), 0, file.length);
  const ids = chunk('OIDL');
  const places = chunk('OOFF');
  const large = chunks.get('LOFF') ?? Buffer.alloc(0);
  if (ids.length !== count * idBytes || places.length !== 8 * count)
    throw new DamagedError('the multi-pack-index has chunks of wrong sizes');
  checkIds(ids, idBytes);
  const members: number[][] = names.map(() => []);
  for (let i = 0; i < count; i++) {
    const member = members[places.readUInt32BE(8 * i)];
    if (!member) throw new DamagedError('the multi-pack-index names a pack it does not have');
    member.push(i);
  }
  return new Map(
    members.map((own, pack) => {
      const offsets = Float64Array.from(own, (i) => {
        const offset = places.readUInt32BE(8 * i + 4);
        return offset < LARGE || large.length === 0 ? offset : readLarge(large, 0, Math.floor(large.length / 8), offset - LARGE);
      });
      const ownIds = new Uint8Array(own.length * idBytes);
      for (const [at, i] of own.entries()) ownIds.set(ids.subarray(i * idBytes, (i + 1) * idBytes), at * idBytes);
      return [names[pack] ?? '', { count: own.length, idBytes, ids: ownIds, offsets, crcs: null, packChecksum: null }];
    }),
  );
}

function readChunks(file: Buffer): Map<string, Buffer> {
  const chunks = new Map<string, Buffer>();
  const count = file[6] ?? 0;
  if (12 + 12 * (count + 1) > file.length) throw new DamagedError('the multi-pack-index is too short');
  for (let i = 0; i < count; i++) {
    const at = 12 + 12 * i;
    const [from, to] = [Number(file.readBigUInt64BE(at + 4)), Number(file.readBigUInt64BE(at + 16))];
    if (from > to || to > file.length) throw new DamagedError('the multi-pack-index has chunks outside of it');
    chunks.set(file.toString('latin1', at, at + 4), file.subarray(from, to));
  }
  return chunks;
}

function readFanOut(file: Buffer, at: number, bytesOfIndex: number): number {
  if (at + FAN_OUT > file.length) throw new DamagedError('the index has no fan-out');
  let last = 0;
  for (let i = 0; i < 256; i++) {
    const next = file.readUInt32BE(at + 4 * i);
    if (next < last) throw new DamagedError("the index's fan-out does not rise");
    last = next;
  }
  // So that no array is made of what a few bytes claim.
  if (last * 20 > bytesOfIndex) throw new DamagedError('the index has a wrong size');
  return last;
}

function readLarge(file: Buffer, at: number, count: number, index: number): number {
  const offset = index < count ? file.readBigUInt64BE(at + 8 * index) : null;
  if (offset === null || offset > BigInt(Number.MAX_SAFE_INTEGER)) throw new DamagedError('the index has a place outside of any pack');
  return Number(offset);
}

function checkIds(ids: Uint8Array, idBytes: number): void {
  const view = Buffer.from(ids.buffer, ids.byteOffset, ids.length);
  for (let at = idBytes; at < ids.length; at += idBytes) {
    if (view.compare(view, at, at + idBytes, at - idBytes, at) >= 0) throw new DamagedError("the index's ids do not rise");
  }
}

function checkSum(file: Buffer, idBytes: number, what: string): void {
  const sum = createHash(idBytes === 20 ? 'sha1' : 'sha256')
    .update(file.subarray(0, -idBytes))
    .digest();
  if (!sum.equals(file.subarray(-idBytes))) throw new DamagedError(`${what} is not what its checksum says`);
}

/** Returns the position of an id in the index, or -1. */
export function findId(index: Pick<PackIndex, 'ids' | 'idBytes' | 'count'>, id: Uint8Array): number {
  const { ids, idBytes } = index;
  let low = 0;
  let high = index.count - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const order = compareAt(ids, middle * idBytes, id, idBytes);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function compareAt(ids: Uint8Array, at: number, id: Uint8Array, length: number): number {
  for (let i = 0; i < length; i++) {
    const difference = (ids[at + i] ?? 0) - (id[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
