/**
 * Lays a pack out as tables in shared memory: its objects in the order in which they lie in the pack (their *rank*), what each is, which object it is a delta of
 * and which are deltas of it. In: the pack's file and its index. One pass over the objects' headers; nothing is unpacked. Threads read the tables at the
 * same time (src/engine/history).
 *
 * About 45 bytes an object with a 20-byte id.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { DamagedError } from './damaged.ts';
import { MAX_HEADER_BYTES, OFS_DELTA, REF_DELTA, readObjectHeader } from './pack-header.ts';
import { findId, type PackIndex } from './pack-index.ts';

export type PackTable = {
  readonly file: string;
  readonly count: number;
  readonly idBytes: number;
  /** Sorted ids, and the rank's position among them. */
  readonly ids: Uint8Array;
  readonly positions: Uint32Array;
  /** Where each object begins, by rank, and at last where the last one ends. */
  readonly offsets: Float64Array;
  /** CRC-32 of each object's packed bytes, by rank; null where the whole pack was checked instead. */
  readonly crcs: Uint32Array | null;
  /** The type of each object, that of its root for a delta: COMMIT, 2 (tree), BLOB, TAG; 0: it has no root, or no readable header. */
  readonly types: Uint8Array;
  /** Ranks: of the base (-1: none), of the first delta of this one, of the next delta of the same base (-1: none). The delta with most below it comes last. */
  readonly bases: Int32Array;
  readonly firstChildren: Int32Array;
  readonly nextChildren: Int32Array;
};

export type Fault = { readonly rank: number; readonly reason: string };

export type OpenedPack = {
  readonly table: PackTable;
  /** Objects that have no readable header or no base in this pack. */
  readonly faults: readonly Fault[];
  /** What is wrong with the pack as a whole, though its objects may be read. */
  readonly packFaults: readonly string[];
};

/** The reason of objects of which a circle of deltas is the base: git would look for their root for ever. */
export const IN_CIRCLE = 'it is a delta of itself, by way of others';

const PACK_HEADER_BYTES = 12;
/** Read at once for headers: most objects are smaller. */
const CHUNK_BYTES = 16384;

/** Reads the headers of a pack. Throws DamagedError where the file is no pack or does not belong to the index, and what the file system throws. */
export function openPack(file: string, index: PackIndex): OpenedPack {
  const descriptor = openSync(file, 'r');
  try {
    const packBytes = fstatSync(descriptor).size;
    const packFaults = checkFrame(descriptor, packBytes, index);
    const table = emptyTable(file, index, packBytes);
    const faults = readHeaders(descriptor, table);
    return { table, faults: [...faults, ...resolveTypes(table)], packFaults };
  } finally {
    closeSync(descriptor);
  }
}

function checkFrame(descriptor: number, packBytes: number, index: PackIndex): string[] {
  const header = readPart(descriptor, 0, PACK_HEADER_BYTES);
  if (header.length < PACK_HEADER_BYTES || header.toString('latin1', 0, 4) !== 'PACK') throw new DamagedError('it has no header of a pack');
  const version = header.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw new DamagedError(`it is of the unknown version ${version}`);
  const faults: string[] = [];
  // A multi-pack-index lists an object that two packs have in one of them only.
  const count = header.readUInt32BE(8);
  const isComplete = index.packChecksum !== null;
  if (isComplete ? count !== index.count : count < index.count) faults.push(`it says it has ${count} objects, its index ${index.count}`);
  const end = readPart(descriptor, packBytes - index.idBytes, index.idBytes);
  if (index.packChecksum && !end.equals(index.packChecksum)) faults.push('its checksum is not the one in its index');
  if (!index.crcs && !isWhole(descriptor, packBytes, index.idBytes, end)) throw new DamagedError('it is not what its checksum says');
  return faults;
}

function isWhole(descriptor: number, packBytes: number, idBytes: number, end: Buffer): boolean {
  const hash = createHash(idBytes === 20 ? 'sha1' : 'sha256');
  for (let at = 0; at < packBytes - idBytes; at += 1 << 20)
    hash.update(readPart(descriptor, at, Math.min(1 << 20, packBytes - idBytes - at)));
  return hash.digest().equals(end);
}

function emptyTable(file: string, index: PackIndex, packBytes: number): PackTable {
  const { count, idBytes } = index;
  const offsets = new Float64Array(new SharedArrayBuffer(8 * (count + 1)));
  offsets.set(index.offsets);
  offsets[count] = Number.POSITIVE_INFINITY;
  offsets.sort();
  offsets[count] = Math.max(0, packBytes - idBytes);
  const table: PackTable = {
    file,
    count,
    idBytes,
    ids: new Uint8Array(new SharedArrayBuffer(index.ids.length)),
    positions: new Uint32Array(new SharedArrayBuffer(4 * count)),
    offsets,
    crcs: index.crcs && new Uint32Array(new SharedArrayBuffer(4 * count)),
    types: new Uint8Array(new SharedArrayBuffer(count)),
    bases: new Int32Array(new SharedArrayBuffer(4 * count)).fill(-1),
    firstChildren: new Int32Array(new SharedArrayBuffer(4 * count)).fill(-1),
    nextChildren: new Int32Array(new SharedArrayBuffer(4 * count)).fill(-1),
  };
  table.ids.set(index.ids);
  for (let i = 0; i < count; i++) {
    const rank = rankAt(table, index.offsets[i] ?? -1);
    table.positions[rank] = i;
    if (table.crcs) table.crcs[rank] = index.crcs?.[i] ?? 0;
  }
  return table;
}

/** Returns the rank of the object that begins at a place of the pack, or -1. */
export function rankAt({ offsets, count }: Pick<PackTable, 'offsets' | 'count'>, offset: number): number {
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = offsets[middle] ?? 0;
    if (found === offset) return middle;
    if (found < offset) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Notes each object's type, 6 and 7 for deltas, and base. */
function readHeaders(descriptor: number, table: PackTable): Fault[] {
  const { offsets, count, idBytes, types, bases, ids } = table;
  const rankOfPosition = inverse(table.positions);
  const faults: Fault[] = [];
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let [from, to] = [0, 0];
  const end = offsets[count] ?? 0;
  for (let rank = 0; rank < count; rank++) {
    const at = offsets[rank] ?? 0;
    const limit = offsets[rank + 1] ?? 0;
    if (at < PACK_HEADER_BYTES || limit <= at || at >= end) {
      faults.push({ rank, reason: at >= end ? 'the pack ends before it' : 'its place is not one' });
      continue;
    }
    if (at < from || at + MAX_HEADER_BYTES > to) {
      from = at;
      to = at + readSync(descriptor, chunk, 0, CHUNK_BYTES, at);
    }
    try {
      const { type, baseDistance, length } = readObjectHeader(chunk.subarray(0, Math.min(to, limit) - from), at - from, idBytes);
      types[rank] = type;
      if (type === OFS_DELTA) bases[rank] = baseDistance > 0 ? rankAt(table, at - baseDistance) : -1;
      if (type === REF_DELTA) {
        const position = findId({ ids, idBytes, count }, chunk.subarray(at - from + length - idBytes, at - from + length));
        bases[rank] = position < 0 ? -1 : (rankOfPosition[position] ?? -1);
      }
    } catch (error) {
      if (!(error instanceof DamagedError)) throw error;
      faults.push({ rank, reason: error.message });
    }
  }
  return faults;
}

function inverse(positions: Uint32Array): Int32Array {
  const out = new Int32Array(positions.length);
  for (const [rank, position] of positions.entries()) out[position] = rank;
  return out;
}

/** Gives each delta the type of its root. A delta without one, in a circle too, gets 0. */
function resolveTypes({ count, types, bases }: PackTable): Fault[] {
  const faults: Fault[] = [];
  const path: number[] = [];
  const circles = new Set<number>();
  const isOnPath = new Uint8Array(count);
  for (let rank = 0; rank < count; rank++) {
    let at = rank;
    while (at >= 0 && (types[at] ?? 0) >= OFS_DELTA && isOnPath[at] === 0) {
      isOnPath[at] = 1;
      path.push(at);
      at = bases[at] ?? -1;
    }
    const isCircle = at >= 0 && (isOnPath[at] === 1 || circles.has(at));
    const type = at < 0 || isCircle ? 0 : (types[at] ?? 0);
    for (const one of path) {
      types[one] = type;
      isOnPath[one] = 0;
      if (type !== 0) continue;
      if (isCircle) circles.add(one);
      faults.push({ rank: one, reason: isCircle ? IN_CIRCLE : 'its base is missing' });
    }
    path.length = 0;
  }
  return faults;
}

/** Links the deltas of each base, the heaviest at the end of the list, and returns the weight of each object: packed bytes of it and of all below it that `isWanted`. */
export function linkChildren(table: PackTable, isWanted: (rank: number) => boolean): Float64Array {
  const { count, types, bases, offsets, firstChildren, nextChildren } = table;
  const weights = new Float64Array(count);
  const order = basesFirst(table);
  for (let i = order.length - 1; i >= 0; i--) {
    const rank = order[i] ?? 0;
    if (types[rank] === 0) continue;
    const own = isWanted(rank) || (weights[rank] ?? 0) > 0 ? (offsets[rank + 1] ?? 0) - (offsets[rank] ?? 0) : 0;
    weights[rank] = (weights[rank] ?? 0) + own;
    const base = bases[rank] ?? -1;
    if (base >= 0) weights[base] = (weights[base] ?? 0) + (weights[rank] ?? 0);
  }
  const heaviest = new Int32Array(count).fill(-1);
  const isChild = (rank: number): boolean => (bases[rank] ?? -1) >= 0 && types[rank] !== 0 && (weights[rank] ?? 0) > 0;
  for (let rank = 0; rank < count; rank++) {
    const base = bases[rank] ?? -1;
    if (!isChild(rank)) continue;
    const known = heaviest[base] ?? -1;
    if (known < 0 || (weights[known] ?? 0) < (weights[rank] ?? 0)) heaviest[base] = rank;
  }
  firstChildren.set(heaviest);
  for (let rank = count - 1; rank >= 0; rank--) {
    const base = bases[rank] ?? -1;
    if (!isChild(rank) || heaviest[base] === rank) continue;
    nextChildren[rank] = firstChildren[base] ?? -1;
    firstChildren[base] = rank;
  }
  return weights;
}

/** Ranks with every base before its deltas: ranks as they are, but for deltas by id, whose base may lie behind them. */
function basesFirst({ count, bases, types }: PackTable): Int32Array {
  const order = new Int32Array(count);
  let filled = 0;
  const isDone = new Uint8Array(count);
  const path: number[] = [];
  for (let rank = 0; rank < count; rank++) {
    for (let at = rank; at >= 0 && isDone[at] === 0; at = types[at] === 0 ? -1 : (bases[at] ?? -1)) {
      isDone[at] = 1;
      path.push(at);
    }
    for (let at = path.pop(); at !== undefined; at = path.pop()) order[filled++] = at;
  }
  return order;
}

/** Reads up to `length` bytes; fewer at the end. */
function readPart(descriptor: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return at < 0 ? bytes.subarray(0, 0) : bytes.subarray(0, readSync(descriptor, bytes, 0, length, at));
}
