/**
 * The directory of a zip: found from the end, zip64 or not, whatever stands before the archive. Where there is none (the end is missing) the headers
 * before the entries are read instead, as far as they say where the next one is, and the archive is called broken all the same. Used by zip.ts.
 */
import { type Budget, MAX_ENTRIES } from './bounds.ts';
import { broken, Fault, nameOf, type RandomBytes } from './format.ts';

export type ZipEntry = {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  /** Bytes in the archive, and unpacked. */
  readonly packed: number;
  readonly size: number;
  /** Of its header. */
  readonly offset: number;
  /** Where the next header begins, or the directory: it must end before that. */
  end: number;
  /** It begins where another one does. */
  overlaps: boolean;
};

export type ZipDirectory = { readonly entries: readonly ZipEntry[]; readonly fault: Fault | null; readonly held: number };

const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;
/** Bytes of a directory: about 300 for each of MAX_ENTRIES. */
export const MAX_DIRECTORY_BYTES = 64 << 20;
const HEADER = 0x04034b50;
const IN_DIRECTORY = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const HAS_SIZES_BEHIND = 8;
const MAX32 = 0xffffffff;

/** Returns the entries in the directory's order; `held`: bytes that the caller releases. Throws a Fault when nothing can be read. */
export function readDirectory(bytes: RandomBytes, budget: Budget): ZipDirectory {
  const end = findEnd(bytes);
  const read = end ? readEntries(bytes, end, budget) : readHeaders(bytes);
  markOverlaps(read.entries, end ? end.at : bytes.size);
  return read;
}

type End = { readonly at: number; readonly count: number; readonly length: number };

/** Returns where the directory is; null where the archive has no end. */
function findEnd(bytes: RandomBytes): End | null {
  const from = Math.max(0, bytes.size - END_BYTES - MAX_COMMENT_BYTES);
  const tail = bytes.read(from, bytes.size - from);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail[at] !== 0x50 || tail.readUInt32LE(at) !== END || at + END_BYTES + tail.readUInt16LE(at + 20) > tail.length) continue;
    const found = atEnd(bytes, from + at, tail.subarray(at));
    if (found) return found;
  }
  return null;
}

/** Bytes before the archive (an installer, a key) shift all places: so the directory is looked for just before its end. */
function atEnd(bytes: RandomBytes, endAt: number, end: Buffer): End | null {
  const small = { count: end.readUInt16LE(10), length: end.readUInt32LE(12), offset: end.readUInt32LE(16) };
  const is64 = small.count === 0xffff || small.length === MAX32 || small.offset === MAX32;
  const { count, length, offset, at: before } = (is64 ? zip64End(bytes, endAt) : null) ?? { ...small, at: endAt };
  const isDirectory = (at: number): boolean =>
    at >= 0 && at + length <= endAt && (count === 0 || bytes.read(at, 4).equals(Buffer.from([0x50, 0x4b, 1, 2])));
  const at = [before - length, offset].find(isDirectory);
  return at === undefined ? null : { at, count, length };
}

function zip64End(bytes: RandomBytes, endAt: number): { at: number; count: number; length: number; offset: number } | null {
  const locator = endAt < 20 ? Buffer.alloc(0) : bytes.read(endAt - 20, 20);
  if (locator.length < 20 || locator.readUInt32LE(0) !== LOCATOR64) return null;
  // Mostly just before the locator; else where it says.
  for (const at of [endAt - 20 - 56, Number(locator.readBigUInt64LE(8))]) {
    const end = at >= 0 && Number.isSafeInteger(at) ? bytes.read(at, 56) : Buffer.alloc(0);
    if (end.length < 56 || end.readUInt32LE(0) !== END64) continue;
    const [count, length, offset] = [32, 40, 48].map((field) => Number(end.readBigUInt64LE(field)));
    return { at, count: count ?? 0, length: length ?? 0, offset: offset ?? 0 };
  }
  return null;
}

function readEntries(bytes: RandomBytes, { at, count, length }: End, budget: Budget): ZipDirectory {
  if (length > MAX_DIRECTORY_BYTES) throw new Fault('archive-limit', 'the size of its directory in bytes', { limit: MAX_DIRECTORY_BYTES });
  budget.hold(length);
  const directory = bytes.read(at, length);
  const entries: ZipEntry[] = [];
  const fault = (reason: string): ZipDirectory => ({ entries, fault: broken(reason), held: length });
  let shift: number | null = null;
  for (let from = 0; from < directory.length; ) {
    if (from + 46 > directory.length || directory.readUInt32LE(from) !== IN_DIRECTORY) return fault('its directory is damaged');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => directory.readUInt16LE(from + field)) as [
      number,
      number,
      number,
    ];
    const next = from + 46 + nameBytes + extraBytes + commentBytes;
    if (next > directory.length) return fault('its directory is damaged');
    if (entries.length >= MAX_ENTRIES) break;
    const extra = directory.subarray(from + 46 + nameBytes, next - commentBytes);
    const [size, packed, offset] = zip64Fields(
      extra,
      directory.readUInt32LE(from + 24),
      directory.readUInt32LE(from + 20),
      directory.readUInt32LE(from + 42),
    );
    shift ??= shiftOf(bytes, offset, at, length);
    entries.push({
      name: nameOf(directory.subarray(from + 46, from + 46 + nameBytes)),
      flags: directory.readUInt16LE(from + 8),
      method: directory.readUInt16LE(from + 10),
      crc: directory.readUInt32LE(from + 16),
      packed,
      size,
      offset: offset + shift,
      end: 0,
      overlaps: false,
    });
    from = next;
  }
  if (count > MAX_ENTRIES)
    return { entries, fault: new Fault('archive-limit', 'the number of entries', { limit: MAX_ENTRIES }), held: length };
  // Of more than 65,535 entries some writers store the lower 16 bits only.
  return (entries.length & 0xffff) === (count & 0xffff)
    ? { entries, fault: null, held: length }
    : fault('its directory has other entries than it says');
}

/** Bytes before the archive: places count from its own start, or from that of the file. Told by the first entry. */
function shiftOf(bytes: RandomBytes, offset: number, directoryAt: number, length: number): number {
  const isHeader = (at: number): boolean => bytes.read(at, 4).equals(Buffer.from([0x50, 0x4b, 3, 4]));
  const end = bytes.read(directoryAt + length, END_BYTES);
  const said = end.length === END_BYTES && end.readUInt32LE(0) === END ? end.readUInt32LE(16) : directoryAt;
  const shift = directoryAt - said;
  return shift > 0 && isHeader(offset + shift) ? shift : 0;
}

/** Fields that do not fit into 32 bits stand in the extra field 1, in this order, each only if needed. */
function zip64Fields(extra: Buffer, ...fields: [size: number, packed: number, offset: number]): [number, number, number] {
  if (!fields.includes(MAX32)) return fields;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    const end = Math.min(extra.length, next + extra.readUInt16LE(at + 2));
    return fields.map((field) => {
      if (field !== MAX32 || next + 8 > end) return field;
      next += 8;
      return Number(extra.readBigUInt64LE(next - 8));
    }) as [number, number, number];
  }
  return fields;
}

/** An entry ends before the next begins. Overlaps make small bombs (one piece of data, thousands of names). */
function markOverlaps(entries: readonly ZipEntry[], directoryAt: number): void {
  const inOrder = [...entries].sort((a, b) => a.offset - b.offset);
  for (const [index, entry] of inOrder.entries()) {
    const next = inOrder[index + 1];
    entry.end = next && next.offset < directoryAt ? next.offset : directoryAt;
    entry.overlaps = index > 0 && inOrder[index - 1]?.offset === entry.offset;
  }
  // All but the first of those at one place overlap it; the first may use the bytes up to the next place.
  for (let index = inOrder.length - 2; index >= 0; index--) {
    const [entry, next] = [inOrder[index], inOrder[index + 1]];
    if (entry && next && entry.offset === next.offset) entry.end = next.end;
  }
}

/** Without a directory: header after header. */
function readHeaders(bytes: RandomBytes): ZipDirectory {
  const entries: ZipEntry[] = [];
  const fault = broken('its directory is missing');
  for (let at = 0; entries.length < MAX_ENTRIES; ) {
    const header = bytes.read(at, 30);
    if (header.length < 30 || header.readUInt32LE(0) !== HEADER) break;
    const [nameBytes, extraBytes] = [header.readUInt16LE(26), header.readUInt16LE(28)];
    const flags = header.readUInt16LE(6);
    const extra = bytes.read(at + 30 + nameBytes, extraBytes);
    const [size, packed] = zip64Fields(extra, header.readUInt32LE(22), header.readUInt32LE(18), 0);
    const name = nameOf(bytes.read(at + 30, nameBytes));
    if (flags & HAS_SIZES_BEHIND) break;
    entries.push({
      name,
      flags,
      method: header.readUInt16LE(8),
      crc: header.readUInt32LE(14),
      packed,
      size,
      offset: at,
      end: 0,
      overlaps: false,
    });
    at += 30 + nameBytes + extraBytes + packed;
  }
  return { entries, fault, held: 0 };
}
