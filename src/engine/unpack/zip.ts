/**
 * zip, and all that is one inside: jar, war, whl, egg, nupkg, apk, ipa, docx, xlsx, pptx, odt, crx, xpi, vsix … APPNOTE.TXT 6.3, with zip64. The directory
 * decides what is in it (zip-directory.ts); here entries are read, and held against what the directory says of them: size, sum, place.
 */
import { crc32 } from 'node:zlib';
import type { Budget } from './bounds.ts';
import { decodeBzip2 } from './bzip2.ts';
import { broken, type Entry, Fault, type Format, hasBytes, type Input, type Pieces, type RandomBytes } from './format.ts';
import { inflatePieces, inflateWhole } from './inflate.ts';
import { decodeXz } from './xz.ts';
import { readDirectory, type ZipEntry } from './zip-directory.ts';
import { decodeZstd } from './zstd.ts';

/** Read and inflated at once, which spares a stream: most entries of most archives. */
const SMALL_BYTES = 1 << 20;
const PIECE_BYTES = 256 * 1024;
const IS_ENCRYPTED = 1;

export const zip: Format = {
  id: 'zip',
  kind: 'archive',
  recognises: (head) =>
    (head[0] === 0x50 && (hasBytes(head, 0, [0x50, 0x4b, 3, 4]) || hasBytes(head, 0, [0x50, 0x4b, 5, 6]))) || isChromeExtension(head),
  items: (input: Input, budget: Budget) => readZip(input, budget),
};

/** An extension of Chrome: a header with keys, then a zip, whose directory is found from the end as ever. */
function isChromeExtension(head: Uint8Array): boolean {
  return (
    head[0] === 0x43 && hasBytes(head, 0, [0x43, 0x72, 0x32, 0x34]) && (head[4] === 2 || head[4] === 3) && hasBytes(head, 5, [0, 0, 0])
  );
}

async function* readZip(input: Input, budget: Budget): AsyncGenerator<Entry | Fault> {
  const bytes = await input.random();
  const { entries, fault, held } = readDirectory(bytes, budget);
  let encrypted = 0;
  try {
    for (const entry of entries) {
      if (entry.flags & IS_ENCRYPTED) {
        budget.countEntry();
        encrypted++;
      } else if (entry.name.endsWith('/') && entry.size === 0) budget.countEntry();
      else yield { name: entry.name, pieces: () => readEntry(bytes, entry, budget) };
    }
    if (encrypted > 0) yield new Fault('archive-encrypted', `${encrypted} of ${entries.length} entries`);
    if (fault) yield fault;
  } finally {
    budget.release(held);
  }
}

/** Gives the content, and throws a Fault at its end when size or sum are others than the directory says. */
async function* readEntry(bytes: RandomBytes, entry: ZipEntry, budget: Budget): AsyncGenerator<Uint8Array> {
  const start = contentStart(bytes, entry);
  let size = 0;
  let sum = 0;
  for await (const piece of decoded(bytes, entry, start, budget)) {
    size += piece.length;
    if (size > entry.size) throw broken('it is larger than it says');
    sum = crc32(piece, sum);
    yield piece;
  }
  if (size !== entry.size) throw broken('it is smaller than it says');
  if (sum !== entry.crc) throw broken('its checksum is wrong');
}

function contentStart(bytes: RandomBytes, entry: ZipEntry): number {
  if (entry.overlaps) throw broken('it overlaps another entry');
  const header = bytes.read(entry.offset, 30);
  if (header.length < 30 || !hasBytes(header, 0, [0x50, 0x4b, 3, 4])) throw broken('it is not where the directory says');
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  // What is missing at the end of a cut archive is said when that place is reached.
  if (start + entry.packed > entry.end && entry.end < bytes.size) throw broken('it overlaps another entry');
  return start;
}

function decoded(bytes: RandomBytes, entry: ZipEntry, start: number, budget: Budget): Pieces {
  const { method, packed, size } = entry;
  switch (method) {
    case 0:
      return packedPieces(bytes, start, packed);
    case 8:
      if (packed <= SMALL_BYTES && size <= SMALL_BYTES && start + packed <= bytes.size)
        return [inflateWhole(bytes.read(start, packed), 'raw', size)];
      return inflatePieces(packedPieces(bytes, start, packed), 'raw');
    case 12:
      return decodeBzip2(packedPieces(bytes, start, packed));
    case 93:
      return decodeZstd(packedPieces(bytes, start, packed), budget);
    case 95:
      return decodeXz(packedPieces(bytes, start, packed), budget);
    default:
      throw new Fault('archive-method', `compression method ${method} is not read`);
  }
}

function* packedPieces(bytes: RandomBytes, start: number, length: number): Iterable<Uint8Array> {
  for (let at = 0; at < length; at += PIECE_BYTES) {
    const piece = bytes.read(start + at, Math.min(PIECE_BYTES, length - at));
    if (piece.length === 0) throw broken('it ends too early');
    yield piece;
  }
}
