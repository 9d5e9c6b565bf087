/**
 * Fingerprints of stored values, so that the kernel finds them at any place of any text. In: a value and its tag. Out: rows (src/core/stored-prints.ts), for the value
 * as it stands (and so percent-encoded and in a JSON string too) and for base64 in its three alignments. Called by `store sync`; kept sealed in the index.
 *
 * What a fingerprint gives away: whoever has the key can find the bytes that it is made of by trying. So all of a value's fingerprints are made of one stretch of
 * EXPOSED bytes, and only values of which the rest alone cannot be guessed have any.
 */
import { GRAM, isSeen, RAW, ROW_WORDS, sumOf, TAG_BYTES } from '../core/stored-prints.ts';

/** Bytes of a value that its fingerprints are made of: the fewest in which each of its forms has a gram. 98 of 100 random values of 40 letters and digits do with 12. */
const EXPOSED: readonly number[] = [12, 16, 20, 24];
/** Values that have fingerprints: the kernel's table has room for them (src/core/kernel-layout.ts). */
export const MAX_PRINTED_VALUES = 200_000;

export type Print = { readonly tag: Buffer; readonly rows: Uint32Array };

/** Returns the fingerprints of a value, or null for one that is too short or of which too little would be left to guess. */
export function printOf(value: string, tag: Buffer, filter: Uint32Array, isGuessable: (value: string) => boolean): Print | null {
  const bytes = Buffer.from(value, 'utf8');
  const encoded = [0, 1, 2].map((lead) => Buffer.from(Buffer.concat([Buffer.alloc(lead), bytes]).toString('base64')));
  for (const { from, to } of EXPOSED.flatMap((size) => stretchesOf(bytes, size))) {
    const grams = [rawGram(value, bytes, from, to), ...encoded.map((text, lead) => base64Gram(text, bytes.length, from, to, lead))];
    const rest = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]).toString('latin1');
    if (grams.includes(null) || isGuessable(rest)) continue;
    const rows = grams.flatMap((one) => (one ? [0, one.lead, sumsOf(one.gram, filter), one.slices] : []).flat());
    return { tag, rows: Uint32Array.from(rows) };
  }
  return null;
}

/** A gram, the lead of its base64 or RAW, and where it stands in the slices of the value's forms. */
type Gram = { readonly lead: number; readonly gram: Buffer; readonly slices: readonly number[] };

type Stretch = { readonly from: number; readonly to: number };

/** Returns the stretches of bare characters that are rarest, by how many different ones they have: a few, since what is left of the value differs with each. */
function stretchesOf(bytes: Buffer, size: number): Stretch[] {
  const places: (Stretch & { kinds: number })[] = [];
  for (let from = 0; from + size <= bytes.length && from < MAX_SEARCHED; from++) {
    const stretch = bytes.subarray(from, from + size);
    if (stretch.every(isBare))
      places.push({ from, to: from + size, kinds: new Set(stretch).size + (stretch.some((byte) => byte < 58) ? 3 : 0) });
  }
  return places.sort((a, b) => b.kinds - a.kinds || a.from - b.from).slice(0, TRIES);
}

/** Bytes in which a stretch is looked for. */
const MAX_SEARCHED = 4096;
const TRIES = 40;

/** Letters, digits, `-` and `_`, which no escape changes: then the same gram stands in every escaped form. */
function isBare(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte === 45 || byte === 95;
}

function sumsOf(gram: Buffer, filter: Uint32Array): number[] {
  const [low, high] = [gram.readUInt32LE(0), gram.readUInt32LE(GRAM / 2)];
  return [sumOf(low, high, filter, 0), sumOf(low, high, filter, 4)];
}

/** Returns the place in [from, to) of the first gram that the kernel looks at and that no escape and no alphabet of base64 changes, or -1. */
function firstGram(text: Buffer, from: number, to: number): number {
  for (let at = from; at + GRAM <= to; at++)
    if (isSeen(text.subarray(at, at + GRAM)) && text.subarray(at, at + GRAM).every(isBare)) return at;
  return -1;
}

function rawGram(value: string, bytes: Buffer, from: number, to: number): Gram | null {
  const at = firstGram(bytes, from, to);
  if (at < 0) return null;
  const before = bytes.subarray(0, at).toString('utf8');
  const slice = (encoded: (text: string) => string): [number, number] => {
    const whole = Buffer.byteLength(encoded(value));
    return whole === bytes.length ? [0, 0] : [Buffer.byteLength(encoded(before)), whole];
  };
  const json = slice((text) => JSON.stringify(text).slice(1, -1));
  return { lead: RAW, gram: bytes.subarray(at, at + GRAM), slices: [at, bytes.length, ...slice(percentEncoded), ...json] };
}

/** Lone halves of surrogate pairs cannot be encoded, and stand in no file either. */
function percentEncoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `text`: the base64 of `lead` zero bytes and the value of `length` bytes; a gram of the characters that hold bits of the stretch alone. */
function base64Gram(text: Buffer, length: number, from: number, to: number, lead: number): Gram | null {
  // A slice's first and last character may hold a neighbour's bits too.
  const last = Math.ceil((8 * (lead + length)) / 6);
  const at = firstGram(text, Math.ceil((8 * (lead + from)) / 6), Math.floor((8 * (lead + to)) / 6));
  return at < 0 ? null : { lead, gram: text.subarray(at, at + GRAM), slices: [at - lead, last - lead, 0, 0, 0, 0] };
}

/** Returns the section of the index. Values beyond MAX_PRINTED_VALUES have none. */
export function packPrints(prints: Iterable<Print>): Buffer {
  const kept = [...prints].slice(0, MAX_PRINTED_VALUES);
  const count = Buffer.alloc(4);
  count.writeUInt32LE(kept.length);
  const rows = kept.map(({ rows: own }, value) => {
    const numbered = Uint32Array.from(own);
    for (let row = 0; row < numbered.length; row += ROW_WORDS) numbered[row] = value;
    return Buffer.from(numbered.buffer);
  });
  return Buffer.concat([count, ...kept.map(({ tag }) => tag), ...rows]);
}

/** Returns tags and rows of a section; an empty one has none. */
export function unpackPrints(section: Buffer): { tags: Uint8Array; rows: Uint32Array } {
  if (section.length < 4) return { tags: new Uint8Array(0), rows: new Uint32Array(0) };
  const tagsEnd = 4 + TAG_BYTES * section.readUInt32LE(0);
  // A copy, since words must lie at multiples of four.
  const rows = new Uint8Array(section.subarray(tagsEnd, section.length - ((section.length - tagsEnd) % (4 * ROW_WORDS))));
  return { tags: new Uint8Array(section.subarray(4, tagsEnd)), rows: new Uint32Array(rows.buffer) };
}

/** Returns the prints of a section by tag (hexadecimal), so that they live on while their values do. */
export function printsByTag(section: Buffer): Map<string, Print> {
  const { tags, rows } = unpackPrints(section);
  const byTag = new Map<string, Print>();
  for (let start = 0; start < rows.length; ) {
    let end = start;
    while (end < rows.length && rows[end] === rows[start]) end += ROW_WORDS;
    const value = rows[start] ?? 0;
    const tag = Buffer.from(tags.subarray(TAG_BYTES * value, TAG_BYTES * (value + 1)));
    byTag.set(tag.toString('hex'), { tag, rows: rows.slice(start, end) });
    start = end;
  }
  return byTag;
}
