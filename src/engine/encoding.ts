/** Tells from a blob's opening bytes how to read it: text as it is, UTF-16, or binary. */

export type TextEncoding = 'bytes' | 'utf-16le' | 'utf-16be' | 'binary';

/** As git does: a NUL among the first bytes makes a file binary. */
const PROBE_BYTES = 8000;
/** Share of NULs in one parity, and none in the other, that makes UTF-16 without a mark. */
const UTF16_SHARE = 0.3;

export function detectEncoding(bytes: Uint8Array): TextEncoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const probe = bytes.subarray(0, PROBE_BYTES);
  if (probe.indexOf(0) < 0) return 'bytes';
  const nulls: [number, number] = [0, 0];
  for (let i = 0; i < probe.length; i++) if (probe[i] === 0) nulls[(i & 1) as 0 | 1]++;
  const half = probe.length / 2;
  if (nulls[1] / half > UTF16_SHARE && nulls[0] / half < UTF16_SHARE / 10) return 'utf-16le';
  if (nulls[0] / half > UTF16_SHARE && nulls[1] / half < UTF16_SHARE / 10) return 'utf-16be';
  return 'binary';
}
