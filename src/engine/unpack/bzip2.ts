/**
 * bzip2: one compressed file, or a tar, read block by block with all sums checked. The blocks themselves: bzip2-block.ts. Own code, since the kept libraries
 * keep a block's output as an array of numbers or want all input at once (docs/decisions/0009-archive-libraries.md).
 */

import { ByteStream } from './byte-stream.ts';
import { Bits, BlockDecoder } from './bzip2-block.ts';
import { withoutEnding } from './endings.ts';
import { broken, type Entry, type Format, hasBytes, type Pieces } from './format.ts';

const MARK = [0x42, 0x5a, 0x68];
const BLOCK_MARK = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
const END_MARK = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90];
/** A block's symbols take at most 20 bits each; its tables come on top. */
const packedBlockBytes = (level: number): number => level * 250_000 + 65_536;

export const bzip2: Format = {
  id: 'bzip2',
  kind: 'compressed',
  recognises: (head) => isHeader(head) && (hasBytes(head, 4, BLOCK_MARK) || hasBytes(head, 4, END_MARK)),
  *items(input): Iterable<Entry> {
    yield { name: withoutEnding(input.name), pieces: () => decodeBzip2(input.pieces()) };
  },
};

function isHeader(head: Uint8Array): boolean {
  const level = head[3] ?? 0;
  return hasBytes(head, 0, MARK) && level >= 0x31 && level <= 0x39;
}

/** Gives what `pieces` unpack to: one stream after another, as `cat` may have joined them. Throws a Fault where it is broken. */
export async function* decodeBzip2(pieces: Pieces): AsyncGenerator<Uint8Array> {
  const stream = new ByteStream(pieces);
  try {
    let head = await stream.peek(4);
    if (head.length === 0) throw broken('it is empty');
    for (; head.length > 0; head = await stream.peek(4)) {
      if (!isHeader(head)) throw broken('other bytes stand behind its end');
      stream.drop(4);
      yield* decodeStream(stream, (head[3] ?? 0) - 0x30);
    }
  } finally {
    await stream.close();
  }
}

async function* decodeStream(stream: ByteStream, level: number): AsyncGenerator<Uint8Array> {
  const decoder = new BlockDecoder(level * 100_000);
  // Blocks follow each other bit by bit.
  let bitsDone = 0;
  let sum = 0;
  for (;;) {
    const bits = new Bits(await stream.peek(packedBlockBytes(level)), bitsDone);
    const mark = Array.from({ length: 6 }, () => bits.take(8));
    const wanted = bits.take32();
    if (mark.every((byte, index) => byte === END_MARK[index])) {
      bits.checkEnd();
      if (wanted !== sum) throw broken('its checksum is wrong');
      stream.drop(Math.ceil(bits.at / 8));
      return;
    }
    if (!mark.every((byte, index) => byte === BLOCK_MARK[index])) throw broken('its compressed data is damaged');
    yield* decoder.decode(bits);
    if (decoder.sum !== wanted) throw broken('its checksum is wrong');
    sum = (((sum << 1) | (sum >>> 31)) ^ wanted) >>> 0;
    stream.drop(bits.at >>> 3);
    bitsDone = bits.at & 7;
  }
}
