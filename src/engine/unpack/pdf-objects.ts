/**
 * Objects of a PDF (ISO 32000-1, 7.3 to 7.5), found by reading the file from front to back rather than by its table of places, which is often wrong in damaged
 * files and hides objects in hostile ones. Dictionaries stay text: what is asked of them is little. Used by pdf.ts.
 */
import { type Budget, MAX_ENTRY_BYTES } from './bounds.ts';
import { Fault } from './format.ts';
import { inflateWhole } from './inflate.ts';

export type PdfObject = {
  readonly number: number;
  /** The dictionary, or whatever the object is, as text (Latin-1). */
  readonly text: string;
  /** Bytes of its stream in the file; null where it has none. */
  readonly stream: { readonly start: number; readonly end: number } | null;
};

/** Characters of an object without its stream. */
export const MAX_OBJECT_CHARACTERS = 1 << 20;

/** Returns all objects in the order of the file. `text`: the file as Latin-1. */
export function readObjects(text: string): PdfObject[] {
  const objects: PdfObject[] = [];
  const opening = /(?<!\d)(\d{1,10})[ \t\r\n]{1,4}\d{1,5}[ \t\r\n]{1,4}obj\b/g;
  for (let found = opening.exec(text); found; found = opening.exec(text)) {
    const start = opening.lastIndex;
    const end = closingOf(text, start);
    const stream = streamAt(text, end, text.slice(start, end));
    objects.push({ number: Number(found[1]), text: text.slice(start, end), stream });
    opening.lastIndex = stream ? stream.end : end;
  }
  return objects;
}

/** Returns where an object's own text ends: before `stream`, `endobj`, or where it is too long. Strings may hold those words. */
function closingOf(text: string, start: number): number {
  const most = Math.min(text.length, start + MAX_OBJECT_CHARACTERS);
  for (let at = start; at < most; at++) {
    const character = text[at];
    if (character === '(') at = stringEnd(text, at, most);
    else if ((character === 's' && text.startsWith('stream', at)) || (character === 'e' && text.startsWith('endobj', at))) return at;
  }
  return most;
}

/** Returns where the string that begins here closes; parentheses in it may be nested. */
export function stringEnd(text: string, start: number, most: number): number {
  let depth = 0;
  for (let at = start; at < most; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return at;
  }
  return most;
}

function streamAt(text: string, at: number, dictionary: string): PdfObject['stream'] {
  if (!text.startsWith('stream', at)) return null;
  const start = at + 6 + (text[at + 6] === '\r' ? 1 : 0) + (text[at + 6] === '\n' || text[at + 7] === '\n' ? 1 : 0);
  const length = Number(/\/Length\s{0,4}(\d{1,10})(?!\d|\s{1,4}\d{1,5}\s{1,4}R)/.exec(dictionary)?.[1] ?? Number.NaN);
  // The length is believed where it leads to the end; else the end is looked for.
  if (/^\s{0,2}endstream/.test(text.slice(start + length, start + length + 11))) return { start, end: start + length };
  const end = text.indexOf('endstream', start);
  return { start, end: end < 0 ? text.length : end };
}

/** Returns a stream's content, or null where its filters are not read (images, mostly). Throws a Fault where it is damaged. */
export function decodeStream(file: Buffer, { text, stream }: PdfObject, budget: Budget): Buffer | null {
  if (!stream) return null;
  let bytes = file.subarray(stream.start, stream.end);
  for (const filter of filtersOf(text)) {
    if (filter === 'FlateDecode' || filter === 'Fl') bytes = inflateWhole(bytes, 'zlib', MAX_ENTRY_BYTES);
    else if (filter === 'ASCIIHexDecode' || filter === 'AHx')
      bytes = Buffer.from(bytes.toString('latin1').replace(/[^0-9A-Fa-f]/g, ''), 'hex');
    else if (filter === 'ASCII85Decode' || filter === 'A85') bytes = fromAscii85(bytes);
    else return null;
  }
  budget.countBytes(bytes.length);
  return bytes;
}

function filtersOf(dictionary: string): string[] {
  const found = /\/Filter\s{0,4}(?:\/(\w{1,20})|\[([^\]]{0,200})\])/.exec(dictionary);
  return found?.[1] ? [found[1]] : (found?.[2]?.match(/\w+/g) ?? []);
}

/** Five characters of 85 are four bytes; `z` is four zeros; the last group may be short. */
function fromAscii85(bytes: Buffer): Buffer {
  const out = Buffer.alloc(bytes.length * 4 + 8);
  let length = 0;
  let value = 0;
  let count = 0;
  for (const byte of bytes) {
    if (byte === 0x7e) break;
    if (byte === 0x7a && count === 0) length += 4;
    if (byte < 0x21 || byte > 0x75) continue;
    value = value * 85 + byte - 0x21;
    if (++count < 5) continue;
    length = out.writeUInt32BE(value % 2 ** 32, length);
    value = 0;
    count = 0;
  }
  if (count < 2) return out.subarray(0, length);
  for (let missing = count; missing < 5; missing++) value = value * 85 + 84;
  out.writeUInt32BE(value % 2 ** 32, length);
  return out.subarray(0, length + count - 1);
}

/** Returns the objects of an object stream: pairs of number and place, then the objects. */
export function objectsIn(dictionary: string, content: Buffer): PdfObject[] {
  const count = Number(/\/N\s{0,4}(\d{1,8})/.exec(dictionary)?.[1] ?? 0);
  const first = Number(/\/First\s{0,4}(\d{1,8})/.exec(dictionary)?.[1] ?? 0);
  const text = content.toString('latin1');
  const numbers = text
    .slice(0, first)
    .trim()
    .split(/\s+/, 2 * count)
    .map(Number);
  const objects: PdfObject[] = [];
  for (let index = 0; index + 1 < numbers.length; index += 2) {
    const start = first + (numbers[index + 1] ?? 0);
    const next = numbers[index + 3];
    objects.push({ number: numbers[index] ?? 0, text: text.slice(start, next === undefined ? undefined : first + next), stream: null });
  }
  return objects;
}

export function damagedStreams(count: number): Fault {
  return new Fault('archive-broken', `${count} of its streams are damaged`);
}
