/** Tells from a blob's opening bytes how to read it: text as it is, UTF-16, UTF-32, or binary. */

export type WideEncoding = 'utf-16le' | 'utf-16be' | 'utf-32le' | 'utf-32be';

export type TextEncoding = 'bytes' | 'binary' | WideEncoding;

/** As git does: a NUL among the first bytes makes a file binary. Fewer than HEAD_BYTES (unpack/format.ts), which are all that it is asked about. */
export const PROBE_BYTES = 8000;
/** Share of NULs in one parity, and none in the other, that makes UTF-16 without a mark. */
const UTF16_SHARE = 0.3;

/** `hasNul`: whether there is a NUL among the first PROBE_BYTES, where that is known. */
export function detectEncoding(bytes: Uint8Array, hasNul?: boolean): TextEncoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes[2] === 0 && bytes[3] === 0 ? 'utf-32le' : 'utf-16le';
  if (bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 0xfe && bytes[3] === 0xff) return 'utf-32be';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (hasNul === false) return 'bytes';
  const probe = bytes.length <= PROBE_BYTES ? bytes : bytes.subarray(0, PROBE_BYTES);
  if (probe.indexOf(0) < 0) return 'bytes';
  const nulls: [number, number] = [0, 0];
  for (let i = 0; i < probe.length; i++) if (probe[i] === 0) nulls[(i & 1) as 0 | 1]++;
  const half = probe.length / 2;
  if (nulls[1] / half > UTF16_SHARE && nulls[0] / half < UTF16_SHARE / 10) return 'utf-16le';
  if (nulls[0] / half > UTF16_SHARE && nulls[1] / half < UTF16_SHARE / 10) return 'utf-16be';
  return 'binary';
}

/** Bytes of the smallest unit. */
export function unitBytes(encoding: WideEncoding): 2 | 4 {
  return encoding === 'utf-16le' || encoding === 'utf-16be' ? 2 : 4;
}

/**
 * Returns the text of whole units. Not fatal: half a pair at an edge, and what is no character, becomes U+FFFD in the end, which no pattern looks for. By
 * hand, since Node may lack the big-endian decoders.
 */
export function decodeUnits(raw: Uint8Array, encoding: WideEncoding): string {
  if (unitBytes(encoding) === 4) return decodeUtf32(raw, encoding === 'utf-32le');
  const units = Buffer.from(raw.subarray(0, raw.length & ~1));
  if (encoding === 'utf-16be') units.swap16();
  return units.toString('utf16le');
}

const REPLACEMENT = 0xfffd;

function decodeUtf32(raw: Uint8Array, isLittle: boolean): string {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const units = Buffer.alloc(raw.length & ~3);
  let length = 0;
  for (let at = 0; at + 4 <= raw.length; at += 4) {
    const said = view.getUint32(at, isLittle);
    const code = said > 0x10ffff || (said >= 0xd800 && said < 0xe000) ? REPLACEMENT : said;
    if (code > 0xffff) length = units.writeUInt16LE(0xd800 + ((code - 0x10000) >> 10), length);
    length = units.writeUInt16LE(code > 0xffff ? 0xdc00 + (code & 0x3ff) : code, length);
  }
  return units.toString('utf16le', 0, length);
}
