/** Records of SQLite: from the bytes of a cell to values, from values to lines of text. Used by sqlite.ts and sqlite-pages.ts. */
import { isUtf8 } from 'node:buffer';

/** Numbers only where they are small (page numbers of the schema); what is no text is null. */
export type Value = string | number | null;

export type TextEncoding = 'utf8' | 'utf16le' | 'utf16be';

/** Values of one record: more columns than SQLite can have (32,767) are not looked at. */
const MAX_COLUMNS = 32_767;

/** Returns a number of one to nine bytes, seven bits each, the highest first; and where the next thing begins. */
export function readVarint(bytes: Uint8Array, from: number): { value: number; next: number } {
  let value = 0;
  for (let at = from; at < from + 8; at++) {
    const byte = bytes[at] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: at + 1 };
  }
  return { value: value * 256 + (bytes[from + 8] ?? 0), next: from + 9 };
}

/** Returns the values of a record. Its kinds stand before it: 0 null, 1 to 6 whole numbers, 7 a float, 8 and 9 the bits, then blobs and texts. */
export function readRecord(payload: Buffer, encoding: TextEncoding): Value[] {
  const values: Value[] = [];
  const head = readVarint(payload, 0);
  let at = head.value;
  for (let kindAt = head.next; kindAt < head.value && kindAt < payload.length && values.length < MAX_COLUMNS; ) {
    const { value: kind, next } = readVarint(payload, kindAt);
    kindAt = next;
    const length = kind >= 12 ? Math.floor((kind - 12) / 2) : ([0, 1, 2, 3, 4, 6, 8, 8, 0, 0][kind] ?? 0);
    const bytes = payload.subarray(at, at + length);
    at += length;
    if (kind >= 12) values.push(textOf(bytes, kind % 2 === 1 ? encoding : null));
    else values.push(kind >= 1 && kind <= 4 && bytes.length === length ? bytes.readIntBE(0, length) : kind === 9 ? 1 : null);
  }
  return values;
}

/** `encoding` null: a blob, which is text if it looks like it. */
function textOf(bytes: Buffer, encoding: TextEncoding | null): string | null {
  if (encoding === null) return bytes.length > 0 && !bytes.includes(0) && isUtf8(bytes) ? bytes.toString('utf8') : null;
  if (encoding === 'utf8') return bytes.toString('utf8');
  const units = Buffer.from(bytes.subarray(0, bytes.length & ~1));
  return (encoding === 'utf16be' ? units.swap16() : units).toString('utf16le');
}

const KEY = /^(?:key|name|setting|variable|option_name|meta_key|config_key|property)$/i;
const VALUE = /^(?:value|val|data|content|option_value|meta_value|config_value)$/i;

/** Returns a line for each text of a row: `column: text`. Where columns are called key and value, the key is the name. */
export function rowText(row: readonly Value[], columns: readonly string[]): string {
  const key = row[columns.findIndex((column) => KEY.test(column))];
  let lines = '';
  for (const [index, value] of row.entries()) {
    if (typeof value !== 'string' || value === '') continue;
    const column = columns[index] ?? '';
    const name = typeof key === 'string' && key.length <= 200 && VALUE.test(column) ? key : column;
    lines += `${name === '' ? '' : `${name}: `}${value}\n`.replaceAll('\0', ' ');
  }
  return lines;
}

/** Characters of a table's definition that are looked at. */
const MAX_SQL_CHARACTERS = 64 * 1024;

/** Returns the names of the columns of `CREATE TABLE t (a TEXT, "b" …)`, in order; a name that is not understood costs its line a label only. */
export function columnsOf(sql: string): string[] {
  const columns: string[] = [];
  let depth = 0;
  let start = -1;
  let quote = '';
  const add = (text: string): void => {
    const name = /^\s*(?:"([^"]*)"|`([^`]*)`|\[([^\]]*)\]|'([^']*)'|([^\s(,]+))/.exec(text);
    const found = name?.slice(1).find((part) => part !== undefined) ?? '';
    if (!/^(?:constraint|primary|unique|check|foreign)$/i.test(found)) columns.push(found);
  };
  for (let at = 0; at < Math.min(sql.length, MAX_SQL_CHARACTERS); at++) {
    const character = sql[at] ?? '';
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (`"'\``.includes(character)) quote = character;
    else if (character === '(' && depth++ === 0) start = at + 1;
    else if (start >= 0 && ((character === ')' && --depth === 0) || (character === ',' && depth === 1))) {
      add(sql.slice(start, at));
      start = at + 1;
      if (character === ')') return columns;
    }
  }
  return columns;
}
