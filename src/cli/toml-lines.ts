/**
 * On which line of a TOML text a key stands, so that errors can say `leakwarden.toml:12`. The parser does not tell. A reader of the outline
 * only: headers, keys at the start of a line, and where strings and lists that span lines end. The text has been parsed before, so it is valid;
 * what the outline does not resolve (a key inside of an inline table) gets the line of what is around it.
 */
import type { KeyPath } from './check-schema.ts';

/** Returns a function from key path to line (from 1). Cost: length of the text, once. */
export function findLines(text: string): (at: KeyPath) => number {
  const lineOf = readOutline(text);
  return (at) => {
    for (let length = at.length; length > 0; length--) {
      const line = lineOf.get(keyOf(at.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  };
}

const keyOf = (at: KeyPath): string => JSON.stringify(at);

function readOutline(text: string): Map<string, number> {
  const lineOf = new Map<string, number>();
  const counts = new Map<string, number>();
  let table: KeyPath = [];
  let open: OpenValue | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    if (open !== null) {
      open = readValue(line, 0, open, (entry) => note(lineOf, [...(open?.at ?? []), entry], index + 1));
      continue;
    }
    const header = /^\s*(\[\[?)\s*([^\]]+?)\s*\]/.exec(line);
    if (header !== null) {
      table = splitKey(header[2] ?? '');
      if (header[1] === '[[') {
        const count = counts.get(keyOf(table)) ?? 0;
        counts.set(keyOf(table), count + 1);
        table = [...table, count];
      }
      note(lineOf, table, index + 1);
      continue;
    }
    const key = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/.exec(line);
    if (key === null) continue;
    const at = [...table, ...splitKey(key[1] ?? '')];
    note(lineOf, at, index + 1);
    const start: OpenValue = { at, quote: '', depth: 0, entry: 0 };
    open = readValue(line, key[0].length, start, (entry) => note(lineOf, [...at, entry], index + 1));
  }
  return lineOf;
}

function note(lineOf: Map<string, number>, at: KeyPath, line: number): void {
  const key = keyOf(at);
  if (!lineOf.has(key)) lineOf.set(key, line);
}

function splitKey(text: string): string[] {
  return Array.from(text.matchAll(/[\w-]+|"([^"]*)"|'([^']*)'/g), (part) => part[1] ?? part[2] ?? part[0]);
}

/** Where a value that goes on on the next line stands: inside which quotes, how many brackets deep, at which entry of the outermost list. */
type OpenValue = { readonly at: KeyPath; readonly quote: '' | "'''" | '"""'; readonly depth: number; readonly entry: number };

/** Reads on to the end of the line; returns null when the value ends there. `onEntry` is told of entries of the outermost list that begin here. */
function readValue(line: string, from: number, value: OpenValue, onEntry: (entry: number) => void): OpenValue | null {
  let { quote, depth, entry } = value;
  for (let at = from; at < line.length; at++) {
    const character = line.charAt(at);
    if (quote !== '') {
      if (quote === '"""' && character === '\\') at++;
      else if (line.startsWith(quote, at)) [quote, at] = ['', at + 2];
      continue;
    }
    if (character === '#') break;
    if (depth === 1 && !/[\s,\]}]/.test(character)) onEntry(entry);
    if (character === '"' || character === "'") {
      const triple = character === '"' ? '"""' : "'''";
      if (line.startsWith(triple, at)) [quote, at] = [triple, at + 2];
      else at = endOfString(line, at);
    } else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    else if (character === ',' && depth === 1) entry++;
  }
  return quote !== '' || depth > 0 ? { at: value.at, quote, depth, entry } : null;
}

/** Returns the index of the quote that closes the one at `at`. */
function endOfString(line: string, at: number): number {
  const quote = line.charAt(at);
  for (let end = at + 1; end < line.length; end++) {
    if (quote === '"' && line.charAt(end) === '\\') end++;
    else if (line.charAt(end) === quote) return end;
  }
  return line.length;
}
