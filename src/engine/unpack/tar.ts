/**
 * tar as POSIX (ustar, pax) and GNU write it, read from front to back in blocks of 512 bytes; also the old form without a mark, by its checksum.
 * Links and folders have no content; sparse files give what is stored of them. After the closing zeros more archives may follow (`tar -A`).
 */
import type { Budget } from './bounds.ts';
import { ByteStream } from './byte-stream.ts';
import { broken, type Entry, Fault, type Format, type Input, nameOf } from './format.ts';

const BLOCK = 512;
/** Names and other attributes that stand before an entry. */
export const MAX_ATTRIBUTE_BYTES = 1 << 20;
const PIECE_BYTES = 256 * 1024;

export const tar: Format = {
  id: 'tar',
  kind: 'archive',
  recognises: (head) => head.length >= BLOCK && head[0] !== 0 && hasChecksumField(head) && isHeader(head.subarray(0, BLOCK)),
  items: (input: Input, budget: Budget) => readTar(input, budget),
};

type Attributes = { path?: string; size?: number };

async function* readTar(input: Input, budget: Budget): AsyncGenerator<Entry | Fault> {
  const stream = new ByteStream(input.pieces());
  let own: Attributes = {};
  let common: Attributes = {};
  let isAfterEnd = false;
  try {
    for (let block = await nextBlock(stream); block; block = await nextBlock(stream)) {
      if (block.every((byte) => byte === 0)) {
        isAfterEnd = true;
        continue;
      }
      if (!isHeader(block)) throw broken(isAfterEnd ? 'other bytes stand behind its end' : 'a header is damaged');
      const type = String.fromCharCode(block[156] ?? 0);
      const stored = numberAt(block, 124, 12);
      if ('xgLK'.includes(type)) {
        budget.countEntry();
        if (stored > MAX_ATTRIBUTE_BYTES)
          throw new Fault('archive-limit', 'the attributes of an entry in bytes', { limit: MAX_ATTRIBUTE_BYTES });
        const bytes = await stream.take(stored);
        if (type === 'x') own = { ...own, ...paxAttributes(bytes) };
        if (type === 'g') common = { ...common, ...paxAttributes(bytes) };
        if (type === 'L') own = { ...own, path: nameOf(bytes.subarray(0, endOf(bytes))) };
        await skipPadding(stream, stored);
        continue;
      }
      const { path = nameIn(block), size = stored } = { ...common, ...own };
      own = {};
      if (!Number.isSafeInteger(size) || size < 0) throw broken('a size is out of range');
      if (type === 'S' && block[482] === 1) await skipSparseMaps(stream);
      // Links and folders: some writers give links the size of what they lead to, and no content.
      const length = '123456'.includes(type) ? 0 : size;
      const content = { left: length, isCut: false };
      if (length > 0) yield { name: path, pieces: () => contentOf(stream, content) };
      else budget.countEntry();
      // Told already, by the entry.
      if (content.isCut) return;
      await stream.skip(content.left);
      await skipPadding(stream, length);
    }
    // All that came was read, but who knows what should have followed.
    if (!isAfterEnd) throw broken('its end is missing');
  } finally {
    await stream.close();
  }
}

async function* contentOf(stream: ByteStream, content: { left: number; isCut: boolean }): AsyncGenerator<Uint8Array> {
  while (content.left > 0) {
    const bytes = await stream.some(Math.min(content.left, PIECE_BYTES));
    if (bytes === null) {
      content.isCut = true;
      throw broken('it ends too early');
    }
    content.left -= bytes.length;
    yield bytes;
  }
}

/** Returns null at the end of the bytes. */
async function nextBlock(stream: ByteStream): Promise<Buffer | null> {
  return (await stream.peek(1)).length === 0 ? null : stream.take(BLOCK);
}

async function skipPadding(stream: ByteStream, length: number): Promise<void> {
  await stream.skip((BLOCK - (length % BLOCK)) % BLOCK);
}

/** Blocks with more of the map of holes; each says at byte 504 whether another follows. */
async function skipSparseMaps(stream: ByteStream): Promise<void> {
  while ((await stream.take(BLOCK))[504] === 1);
}

/** Octal digits with spaces or zeros round them: nearly every text fails here at the first byte. */
function hasChecksumField(head: Uint8Array): boolean {
  for (let at = 148; at < 156; at++) {
    const byte = head[at] ?? 0;
    if (byte !== 0 && byte !== 0x20 && (byte < 0x30 || byte > 0x37)) return false;
  }
  return true;
}

/** The sum of the block with its own field taken as spaces; some writers added signed bytes. */
function isHeader(block: Uint8Array): boolean {
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < BLOCK; at++) {
    const byte = at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
    unsigned += byte;
    signed += (byte << 24) >> 24;
  }
  const stored = numberAt(block, 148, 8);
  return stored === unsigned || stored === signed;
}

/** Octal text, or with the highest bit set a big-endian number (GNU, for sizes from 8 GiB on). NaN where it is neither. */
function numberAt(block: Uint8Array, at: number, length: number): number {
  const field = block.subarray(at, at + length);
  if (((field[0] ?? 0) & 0x80) !== 0) return field.reduce((sum, byte, index) => sum * 256 + (index === 0 ? byte & 0x7f : byte), 0);
  const text = nameOf(field.subarray(0, endOf(field))).trim();
  return /^[0-7]*$/.test(text) ? Number.parseInt(text || '0', 8) : Number.NaN;
}

function endOf(field: Uint8Array): number {
  const end = field.indexOf(0);
  return end < 0 ? field.length : end;
}

function nameIn(block: Uint8Array): string {
  const name = block.subarray(0, 100);
  const prefix = block.subarray(345, 500);
  const isPosix = nameOf(block.subarray(257, 263)) === 'ustar\0';
  const text = nameOf(name.subarray(0, endOf(name)));
  return isPosix && prefix[0] !== 0 ? `${nameOf(prefix.subarray(0, endOf(prefix)))}/${text}` : text;
}

/** Lines of `length keyword=value`, the length counting itself. */
function paxAttributes(bytes: Buffer): Attributes {
  const found: Attributes = {};
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = space < 0 || space - at > 10 ? 0 : Number(bytes.toString('latin1', at, space));
    if (!Number.isSafeInteger(length) || length < space - at + 3 || at + length > bytes.length) throw broken('its attributes are damaged');
    const line = nameOf(bytes.subarray(space + 1, at + length - 1));
    const value = line.slice(line.indexOf('=') + 1);
    // GNU's sparse files say their true name so.
    if (line.startsWith('path=') || line.startsWith('GNU.sparse.name=')) found.path = value;
    if (line.startsWith('size=')) found.size = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
    at += length;
  }
  return found;
}
