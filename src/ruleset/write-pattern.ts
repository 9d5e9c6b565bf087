/**
 * Writes a syntax tree back as a pattern that RE2, re2js and V8 understand alike on Latin-1 text (one character = one byte): every class is
 * spelled out as ranges of \xHH, every group is plain or the named one. Anchored at the start, since the engine knows where a match begins.
 */
import { type ByteSet, hasByte, members } from './byte-set.ts';
import type { Assertion, PatternNode } from './parse-pattern.ts';

const ASSERTIONS: Readonly<Record<Assertion, string>> = {
  'word-boundary': '\\b',
  'no-word-boundary': '\\B',
  start: '^',
  end: '$',
};

/** Returns the source of the tree, without anchor. */
export function writePattern(node: PatternNode): string {
  switch (node.kind) {
    case 'set':
      return writeSet(node.set);
    case 'assertion':
      return ASSERTIONS[node.what];
    case 'sequence':
      return node.items.map((item) => (item.kind === 'choice' ? `(?:${writePattern(item)})` : writePattern(item))).join('');
    case 'choice':
      return node.items.map(writePattern).join('|');
    case 'group':
      return `(${node.name === null ? '?:' : `?<${node.name}>`}${writePattern(node.item)})`;
    case 'repeat': {
      const item = node.item.kind === 'set' || node.item.kind === 'group' ? writePattern(node.item) : `(?:${writePattern(node.item)})`;
      return `${item}${writeCounts(node.min, node.max)}${node.lazy ? '?' : ''}`;
    }
  }
}

function writeCounts(min: number, max: number): string {
  if (min === max) return `{${min}}`;
  if (max !== Number.POSITIVE_INFINITY) return min === 0 && max === 1 ? '?' : `{${min},${max}}`;
  return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
}

function writeSet(set: ByteSet): string {
  const all = members(set);
  const [only] = all;
  if (all.length === 1 && only !== undefined) return writeByte(only);
  let out = '';
  for (let byte = 0; byte < 256; byte++) {
    if (!hasByte(set, byte)) continue;
    let last = byte;
    while (last < 255 && hasByte(set, last + 1)) last++;
    out += last === byte ? writeByte(byte) : `${writeByte(byte)}-${writeByte(last)}`;
    byte = last;
  }
  return `[${out}]`;
}

function writeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[0-9A-Za-z_]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
}
