/** Decodes bytes written as hexadecimal digits: `6768705f`, and lists as `0x67, 0x68`. */
import type { Decode } from './decoded.ts';
import { hexAt } from './rewrite.ts';

export const decodeHex: Decode = (outer) => {
  const bytes = Buffer.from(outer.toString('latin1'), 'hex');
  return bytes.length === 0 ? null : { bytes, outerOf: (start, end) => ({ start: 2 * start, end: 2 * end }) };
};

/** Bytes of `0x41`. */
const ITEM = 4;

export const decodeByteList: Decode = (outer) => {
  const places: number[] = [];
  for (let at = outer.indexOf('0x'); at >= 0; at = outer.indexOf('0x', at + ITEM)) if (hexAt(outer, at + 2, 2) >= 0) places.push(at);
  if (places.length === 0) return null;
  return {
    bytes: Buffer.from(places.map((at) => hexAt(outer, at + 2, 2))),
    outerOf: (start, end) => ({ start: places[start] ?? outer.length, end: (places[end - 1] ?? outer.length - ITEM) + ITEM }),
  };
};
