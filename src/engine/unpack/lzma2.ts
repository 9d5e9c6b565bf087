/**
 * LZMA2, the chunks of an xz block: each says how long it is, packed and unpacked, and what of the decoder's state begins anew. Used by xz.ts; what is
 * in a chunk: lzma.ts.
 */
import type { ByteStream } from './byte-stream.ts';
import { broken } from './format.ts';
import { LzmaDecoder } from './lzma.ts';

/** Gives the content of a block, and counts the bytes that it took. Throws a Fault where it is broken. */
export async function* decodeLzma2(stream: ByteStream, dictionaryBytes: number, packed: { bytes: number }): AsyncGenerator<Uint8Array> {
  const decoder = new LzmaDecoder(Math.max(4096, dictionaryBytes));
  const take = async (count: number): Promise<Buffer> => {
    packed.bytes += count;
    return stream.take(count);
  };
  // The first chunk must set up all that it uses.
  let needs: 'dictionary' | 'properties' | null = 'dictionary';
  for (;;) {
    const control = (await take(1))[0] ?? 0;
    if (control === 0) return;
    if (control >= 0xe0 || control === 1) {
      if (needs === 'dictionary') needs = 'properties';
      decoder.resetDictionary();
    } else if (needs === 'dictionary') throw broken('its compressed data is damaged');
    if (control >= 0x80) {
      const sizes = await take(4);
      const unpackedBytes = ((control & 0x1f) << 16) + sizes.readUInt16BE(0) + 1;
      const packedBytes = sizes.readUInt16BE(2) + 1;
      if (control >= 0xc0) {
        decoder.setProperties((await take(1))[0] ?? 0xff);
        needs = null;
      } else if (needs === 'properties') throw broken('its compressed data is damaged');
      if (control >= 0xa0) decoder.resetState();
      yield decoder.decode(await take(packedBytes), unpackedBytes);
    } else if (control <= 2) {
      const count = (await take(2)).readUInt16BE(0) + 1;
      const bytes = await take(count);
      decoder.store(bytes);
      yield bytes;
    } else throw broken('its compressed data is damaged');
  }
}
