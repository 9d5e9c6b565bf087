/** Decodes UTF-16 LE inside of base64, as PowerShell's -EncodedCommand has it, to UTF-8. Null where the bytes are something else. */
import type { Decode } from './decoded.ts';

/** Units that are looked at: as many as the kernel did. */
const PROBE = 6;

export const decodeWideText: Decode = (outer) => {
  if (!isWide(outer)) return null;
  const text = outer.toString('utf16le', 0, outer.length & ~1);
  const bytes = Buffer.from(text);
  const unitsTo = (at: number): number => bytes.toString('utf8', 0, at).length;
  return { bytes, outerOf: (start, end) => ({ start: 2 * unitsTo(start), end: 2 * unitsTo(end) }) };
};

/** Whether the first units are all ASCII. */
function isWide(bytes: Buffer): boolean {
  const units = Math.min(PROBE, bytes.length >> 1);
  for (let i = 0; i < units; i++) if (bytes[2 * i + 1] !== 0 || (bytes[2 * i] ?? 0) === 0 || (bytes[2 * i] ?? 0) > 0x7e) return false;
  return units >= 4;
}
