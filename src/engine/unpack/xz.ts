/**
 * xz (The .xz File Format 1.2): one compressed file, or a tar. Streams, blocks, sums; what is in a block: lzma2.ts. Own code, since the kept library
 * waits for itself when one xz is in another, and refuses SHA-256 (docs/decisions/0009-archive-libraries.md).
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Budget } from './bounds.ts';
import { ByteStream } from './byte-stream.ts';
import { Crc64 } from './crc64.ts';
import { withoutEnding } from './endings.ts';
import { broken, type Entry, Fault, type Format, hasBytes, type Pieces } from './format.ts';
import { decodeLzma2 } from './lzma2.ts';

const MARK = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0];
const LZMA2 = 0x21;
/** What `xz -9` writes. */
export const MAX_DICTIONARY_BYTES = 64 << 20;
/** Bytes of a block's sum, by its kind. */
const SUM_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

export const xz: Format = {
  id: 'xz',
  kind: 'compressed',
  recognises: (head) => hasBytes(head, 0, MARK),
  *items(input, budget): Iterable<Entry> {
    yield { name: withoutEnding(input.name), pieces: () => decodeXz(input.pieces(), budget) };
  },
};

/** Gives what `pieces` unpack to: one stream after another. Throws a Fault where it is broken. */
export async function* decodeXz(pieces: Pieces, budget: Budget): AsyncGenerator<Uint8Array> {
  const stream = new ByteStream(pieces);
  try {
    do yield* decodeStream(stream, budget);
    while (await hasAnother(stream));
  } finally {
    await stream.close();
  }
}

/** Between streams and behind the last there may be zeros, four at a time. */
async function hasAnother(stream: ByteStream): Promise<boolean> {
  for (let next = await stream.peek(4); next.length > 0; next = await stream.peek(4)) {
    if (next.length < 4) throw broken('other bytes stand behind its end');
    if (next.readUInt32LE(0) !== 0) return true;
    stream.drop(4);
  }
  return false;
}

async function* decodeStream(stream: ByteStream, budget: Budget): AsyncGenerator<Uint8Array> {
  const header = await stream.take(12);
  if (!hasBytes(header, 0, MARK)) throw broken('other bytes stand behind its end');
  if (header[6] !== 0 || ((header[7] ?? 0) & 0xf0) !== 0 || header.readUInt32LE(8) !== crc32(header.subarray(6, 8)))
    throw broken('its header is damaged');
  const sumKind = header[7] ?? 0;
  let blocks = 0;
  for (; (await stream.peek(1))[0] !== 0; blocks++) yield* decodeBlock(stream, sumKind, budget);
  const indexBytes = await readIndex(stream, blocks);
  const footer = await stream.take(12);
  const isRight =
    hasBytes(footer, 10, [0x59, 0x5a]) &&
    footer.readUInt32LE(0) === crc32(footer.subarray(4, 10)) &&
    4 * (footer.readUInt32LE(4) + 1) === indexBytes &&
    footer[8] === 0 &&
    footer[9] === sumKind;
  if (!isRight) throw broken('its end is damaged');
}

async function* decodeBlock(stream: ByteStream, sumKind: number, budget: Budget): AsyncGenerator<Uint8Array> {
  const { dictionaryBytes } = blockHeader(await stream.take(4 * (((await stream.peek(1))[0] ?? 0) + 1)));
  if (dictionaryBytes > MAX_DICTIONARY_BYTES)
    throw new Fault('archive-limit', 'the size of its dictionary in bytes', { limit: MAX_DICTIONARY_BYTES });
  budget.hold(dictionaryBytes);
  const sum = createSum(sumKind);
  const packed = { bytes: 0 };
  try {
    for await (const piece of decodeLzma2(stream, dictionaryBytes, packed)) {
      sum?.update(piece);
      yield piece;
    }
  } finally {
    budget.release(dictionaryBytes);
  }
  const padding = await stream.take((4 - (packed.bytes % 4)) % 4);
  const stored = await stream.take(SUM_BYTES[sumKind] ?? 0);
  if (padding.some((byte) => byte !== 0)) throw broken('its compressed data is damaged');
  if (sum && !sum.digest().equals(stored)) throw broken('its checksum is wrong');
}

type Sum = { update(bytes: Uint8Array): void; digest(): Buffer };

/** Null for none, and for the kinds that were never given a meaning. */
function createSum(kind: number): Sum | null {
  if (kind === 1) {
    let sum = 0;
    return {
      update: (bytes) => {
        sum = crc32(bytes, sum);
      },
      digest: () => Buffer.from(Uint32Array.of(sum).buffer),
    };
  }
  if (kind === 4) return new Crc64();
  if (kind !== 10) return null;
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
}

function blockHeader(header: Buffer): { dictionaryBytes: number } {
  const fields = header.subarray(0, -4);
  if (header.readUInt32LE(fields.length) !== crc32(fields)) throw broken('its header is damaged');
  const flags = fields[1] ?? 0;
  let at = 2;
  const number = (): number => {
    const { value, next } = readNumber(fields, at);
    at = next;
    return value;
  };
  if (flags & 0x40) number();
  if (flags & 0x80) number();
  const filter = number();
  const propertyBytes = number();
  if ((flags & 3) !== 0 || filter !== LZMA2 || propertyBytes !== 1) throw new Fault('archive-method', 'its filters are not read');
  const bits = fields[at] ?? 0xff;
  if (bits > 40) throw broken('its header is damaged');
  return { dictionaryBytes: bits === 40 ? 0xffffffff : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11) };
}

/** Seven bits a byte, the lowest first. */
function readNumber(bytes: Uint8Array, from: number): { value: number; next: number } {
  let value = 0;
  for (let at = from; at < Math.min(bytes.length, from + 9); at++) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * (at - from));
    if (byte < 0x80) return { value, next: at + 1 };
  }
  throw broken('its header is damaged');
}

/** Reads the list of blocks, which closes a stream. Returns its bytes. */
async function readIndex(stream: ByteStream, blocks: number): Promise<number> {
  let sum = 0;
  let length = 0;
  const take = async (count: number): Promise<Buffer> => {
    const bytes = await stream.take(count);
    sum = crc32(bytes, sum);
    length += count;
    return bytes;
  };
  const number = async (): Promise<number> => {
    const { value, next } = readNumber(await stream.peek(9), 0);
    await take(next);
    return value;
  };
  await take(1);
  if ((await number()) !== blocks) throw broken('its list of blocks is damaged');
  for (let block = 0; block < 2 * blocks; block++) await number();
  await take((4 - (length % 4)) % 4);
  if ((await stream.take(4)).readUInt32LE(0) !== sum) throw broken('its list of blocks is damaged');
  return length + 4;
}
