/**
 * Zstandard (RFC 8878): one compressed file, or a tar. fzstd unpacks the blocks; frames are walked here, since fzstd would take any size of window from a
 * hostile header, and checks neither the length nor the checksum of what comes out (docs/decisions/0009-archive-libraries.md).
 */
import type { Budget } from './bounds.ts';
import { ByteStream } from './byte-stream.ts';
import { withoutEnding } from './endings.ts';
import { broken, type Entry, Fault, type Format, hasBytes, type Pieces } from './format.ts';
import { XxHash64 } from './xxhash64.ts';

const MARK = [0x28, 0xb5, 0x2f, 0xfd];
const SKIPPABLE = 0x184d2a50;
/** What zstd itself accepts without being told: `--long=27`. */
export const MAX_WINDOW_BYTES = 128 << 20;
const MAX_BLOCK_BYTES = 128 * 1024;

export const zstd: Format = {
  id: 'zstd',
  kind: 'compressed',
  recognises: (head) => hasBytes(head, 0, MARK),
  *items(input, budget): Iterable<Entry> {
    yield { name: withoutEnding(input.name), pieces: () => decodeZstd(input.pieces(), budget) };
  },
};

type Decompress = import('fzstd').Decompress;
type Fzstd = { readonly Decompress: new (ondata: (bytes: Uint8Array) => void) => Decompress };

/** Gives what `pieces` unpack to: one frame after another. Throws a Fault where it is broken. */
export async function* decodeZstd(pieces: Pieces, budget: Budget): AsyncGenerator<Uint8Array> {
  const library: Fzstd = await import('fzstd');
  const stream = new ByteStream(pieces);
  try {
    for (let mark = await stream.peek(4); mark.length > 0; mark = await stream.peek(4)) {
      if (mark.length < 4) throw broken('other bytes stand behind its end');
      const number = mark.readUInt32LE(0);
      if ((number & 0xfffffff0) >>> 0 === SKIPPABLE) await stream.skip((await stream.take(8)).readUInt32LE(4));
      else if (hasBytes(mark, 0, MARK)) yield* decodeFrame(stream, library, budget);
      else throw broken('other bytes stand behind its end');
    }
  } finally {
    await stream.close();
  }
}

async function* decodeFrame(stream: ByteStream, library: Fzstd, budget: Budget): AsyncGenerator<Uint8Array> {
  const { bytes, windowBytes, contentBytes, hasSum } = await frameHeader(stream);
  if (windowBytes > MAX_WINDOW_BYTES) throw new Fault('archive-limit', 'the size of its window in bytes', { limit: MAX_WINDOW_BYTES });
  budget.hold(windowBytes);
  const out: Uint8Array[] = [];
  const decoder = new library.Decompress((piece) => void out.push(piece));
  const hash = new XxHash64();
  let size = 0;
  try {
    push(decoder, bytes);
    for (let isLast = false; !isLast; ) {
      const header = await stream.take(3);
      const word = header.readUIntLE(0, 3);
      isLast = (word & 1) === 1;
      const kind = (word >> 1) & 3;
      const blockBytes = word >> 3;
      if (kind === 3 || blockBytes > MAX_BLOCK_BYTES) throw broken('its compressed data is damaged');
      push(decoder, Buffer.concat([header, await stream.take(kind === 1 ? 1 : blockBytes)]));
      for (const piece of out.splice(0)) {
        hash.update(piece);
        size += piece.length;
        yield piece;
      }
    }
  } finally {
    budget.release(windowBytes);
  }
  if (contentBytes !== null && size !== contentBytes)
    throw broken(size < contentBytes ? 'it is smaller than it says' : 'it is larger than it says');
  if (hasSum && (await stream.take(4)).readUInt32LE(0) !== hash.low32()) throw broken('its checksum is wrong');
}

function push(decoder: Decompress, bytes: Uint8Array): void {
  try {
    decoder.push(bytes);
  } catch (error) {
    // Whatever it stumbles over in hostile bytes, a range error among it.
    throw broken('its compressed data is damaged', error);
  }
}

type FrameHeader = {
  readonly bytes: Buffer;
  readonly windowBytes: number;
  /** Null where the frame does not say. */
  readonly contentBytes: number | null;
  readonly hasSum: boolean;
};

async function frameHeader(stream: ByteStream): Promise<FrameHeader> {
  const flags = (await stream.peek(5))[4] ?? 0;
  const isSingle = (flags & 0x20) !== 0;
  const dictionaryIdBytes = [0, 1, 2, 4][flags & 3] ?? 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  const bytes = await stream.take(5 + (isSingle ? 0 : 1) + dictionaryIdBytes + sizeBytes);
  if (flags & 8) throw broken('its header is damaged');
  const sizeAt = bytes.length - sizeBytes;
  if (bytes.subarray(sizeAt - dictionaryIdBytes, sizeAt).some((byte) => byte !== 0))
    throw new Fault('archive-method', 'it needs a dictionary');
  const contentBytes = sizeOf(bytes.subarray(sizeAt));
  const descriptor = bytes[5] ?? 0;
  const base = 2 ** (10 + (descriptor >> 3));
  const windowBytes = isSingle ? (contentBytes ?? 0) : base + (base / 8) * (descriptor & 7);
  return { bytes, windowBytes, contentBytes, hasSum: (flags & 4) !== 0 };
}

function sizeOf(field: Buffer): number | null {
  if (field.length === 0) return null;
  if (field.length === 8) return Number(field.readBigUInt64LE(0));
  return field.readUIntLE(0, field.length) + (field.length === 2 ? 256 : 0);
}
