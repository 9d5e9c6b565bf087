/**
 * Fingerprints of stored values, so that the kernel finds them at any place of any text. In: a value and its tag. Out: rows (src/core/stored-prints.ts), for the value
 * as it stands (and so percent-encoded and in a JSON string too) and for base64 in its three alignments. Called by `store sync`; kept sealed in the index.
 *
 * What a fingerprint gives away: whoever has the key can find the bytes that it is made of by trying. So all of a value's fingerprints are made of one stretch of
 * EXPOSED bytes, and only values of which the rest alone cannot be guessed have any.
 */
import { GRAM, isSeen, RAW, ROW_WORDS, STRIDE, sumOf, TAG_BYTES, WINDOW } from '../core/stored-prints.ts';

/** Bytes of a value that its fingerprints are made of: a window, and what base64 shares between its characters. */
export const EXPOSED = WINDOW + 1;
/** Values that have fingerprints: the kernel's table has room for them (src/core/kernel-layout.ts). */
export const MAX_PRINTED_VALUES = 60_000;

export type Print = { readonly tag: Buffer; readonly rows: Uint32Array };

/** Returns the fingerprints of a value, or null for one that is too short or of which too little would be left to guess. */
export function printOf(value: string, tag: Buffer, filter: Uint32Array, isGuessable: (value: string) => boolean): Print | null {
  const bytes = Buffer.from(value, 'utf8');
  for (const at of placesOfWindow(bytes)) {
    const windows = [rawWindow(value, bytes, at), ...[0, 1, 2].flatMap((lead) => base64Windows(bytes, at, lead))];
    if (!windows.every(({ window }) => isSeen(window))) continue;
    const rest = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + EXPOSED)]).toString('latin1');
    if (isGuessable(rest)) continue;
    const rows = windows.map(({ lead, window, slices }) => [0, lead, ...sumsOf(window, filter), ...slices]);
    return { tag, rows: Uint32Array.from(rows.flat()) };
  }
  return null;
}

/** A window, the lead of its base64 or RAW, and where it stands in the slices of the value's forms. */
type Window = { readonly lead: number; readonly window: Buffer; readonly slices: readonly number[] };

/** Returns the stretches of plain characters that are rarest, by how many different ones they have: a few, since what is left of the value differs with each. */
function placesOfWindow(bytes: Buffer): number[] {
  const places: { at: number; kinds: number }[] = [];
  for (let at = 0; at + EXPOSED <= bytes.length && at < MAX_SEARCHED; at++) {
    const stretch = bytes.subarray(at, at + EXPOSED);
    if (stretch.every(isBare)) places.push({ at, kinds: new Set(stretch).size + (stretch.some((byte) => byte < 58) ? 3 : 0) });
  }
  return places
    .sort((a, b) => b.kinds - a.kinds || a.at - b.at)
    .slice(0, TRIES)
    .map(({ at }) => at);
}

/** Bytes in which a window is looked for. */
const MAX_SEARCHED = 4096;
const TRIES = 40;

/** Letters, digits, `-` and `_`, which no escape changes: then the same window stands in every escaped form. */
function isBare(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte === 45 || byte === 95;
}

function sumsOf(window: Buffer, filter: Uint32Array): number[] {
  const sums = (from: 0 | 4): number[] =>
    Array.from({ length: STRIDE }, (_, shift) => sumOf(window.readUInt32LE(shift), window.readUInt32LE(shift + GRAM / 2), filter, from));
  return [...sums(0), ...sums(4)];
}

function rawWindow(value: string, bytes: Buffer, at: number): Window {
  const before = bytes.subarray(0, at).toString('utf8');
  const slice = (encoded: (text: string) => string): [number, number] => {
    const whole = Buffer.byteLength(encoded(value));
    return whole === bytes.length ? [0, 0] : [Buffer.byteLength(encoded(before)), whole];
  };
  const json = slice((text) => JSON.stringify(text).slice(1, -1));
  return { lead: RAW, window: bytes.subarray(at, at + WINDOW), slices: [at, bytes.length, ...slice(percentEncoded), ...json] };
}

/** Lone halves of surrogate pairs cannot be encoded, and stand in no file either. */
function percentEncoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}

/** One for each alphabet in which the window differs. */
function base64Windows(bytes: Buffer, at: number, lead: number): Window[] {
  const text = Buffer.concat([Buffer.alloc(lead), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  // The characters that hold bits of the value alone: the first and the last may hold a neighbour's.
  const first = lead;
  const last = Math.ceil((8 * (lead + bytes.length)) / 6);
  const window = Math.ceil((8 * (lead + at)) / 6);
  if (window + WINDOW > Math.floor((8 * (lead + bytes.length)) / 6)) return [];
  const standard = Buffer.from(text.slice(window, window + WINDOW));
  const url = Buffer.from(standard.toString('latin1').replaceAll('+', '-').replaceAll('/', '_'));
  const windows = standard.equals(url) ? [standard] : [standard, url];
  return windows.map((one) => ({ lead, window: one, slices: [window - first, last - first, 0, 0, 0, 0] }));
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
  const rows = Uint8Array.from(section.subarray(tagsEnd, section.length - ((section.length - tagsEnd) % (4 * ROW_WORDS))));
  return { tags: Uint8Array.from(section.subarray(4, tagsEnd)), rows: new Uint32Array(rows.buffer) };
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
