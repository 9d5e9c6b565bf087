/**
 * Reads columns: a name in the header of a table gives its meaning to what stands below it. CSV and its kin (`user,password`, tabs, semicolons, quoted or not), tables of
 * Markdown, Org, AsciiDoc and wikis (`| User | Password |`). Used by assignment-after.ts; the kernel asks the same of a place, in short (assembly/assign.ts).
 */
import { isBlank, isQuote } from './characters.ts';

/** The operator of an assignment by a column. */
export const COLUMN = 'column';

export type Cell = { readonly start: number; readonly end: number; readonly quote: string };

/** What names a column: a word or a few, with a number behind them at most. Text with digits among its letters is a value. */
const COLUMN_NAME = /^(?=.{1,42}$)[A-Za-z\x80-\xff]+(?:[ _.:/()#-]+[A-Za-z\x80-\xff]*)*\d{0,2}\)?$/;
/** The line between header and rows: `|---|:--:|`. */
const RULE_LINE = /^[\s|:+=-]+$/;
/** Rows that may have nothing in the column before one that has. */
const MAX_ROWS = 3;
/** Bytes of a header before the name. */
const HEADER_BYTES = 300;

/** Returns the first cell below the name that is a cell of a header, or null where the name is none. Reads at most HEADER_BYTES back, and to `high`. */
export function readColumn(text: string, name: { readonly start: number; readonly end: number }, high: number): Cell | null {
  const separator = separatorRound(text, name);
  if (separator === null) return null;
  const from = text.lastIndexOf('\n', name.start - 1) + 1;
  const to = lineEnd(text, name.end, high);
  if (name.start - from > HEADER_BYTES || to >= high) return null;
  const header = cellsOf(text, from, to, separator);
  const column = header.findIndex(({ start, end }) => start <= name.start && name.end <= end);
  const named = header.map(({ start, end }) => text.slice(start, end)).filter((each) => each !== '');
  if (column < 0 || header.length < 2 || named.length < 2 || !named.every((each) => COLUMN_NAME.test(each))) return null;
  if (header[column]?.end !== name.end) return null;
  let at = to + 1;
  for (let rows = 0; rows < MAX_ROWS && at < high; rows++) {
    const end = lineEnd(text, at, high);
    if (separator === '|' && RULE_LINE.test(text.slice(at, end))) rows--;
    else {
      const cells = cellsOf(text, at, end, separator);
      if (cells.length !== header.length) return null;
      const cell = cells[column];
      if (cell && cell.end > cell.start) return cell;
    }
    at = end + 1;
  }
  return null;
}

/** Returns what separates the name from what is beside it, or null. Blanks stand round the cells of a table alone. */
function separatorRound(text: string, { start, end }: { readonly start: number; readonly end: number }): string | null {
  let behind = isQuote(text, end) ? end + 1 : end;
  const isPadded = text[behind] === ' ';
  while (text[behind] === ' ') behind++;
  const sign = text[behind] ?? '';
  if (',;|\t'.includes(sign) && sign !== '') return isPadded && sign !== '|' ? null : sign;
  if (sign !== '\n' && sign !== '\r') return null;
  let before = isQuote(text, start - 1) ? start - 1 : start;
  const hasBlank = text[before - 1] === ' ';
  while (text[before - 1] === ' ') before--;
  const left = text[before - 1] ?? '';
  return left !== '' && ',;|\t'.includes(left) && (!hasBlank || left === '|') ? left : null;
}

/** Returns the cells of a line, without blanks, quotes and marks of code round them; those of a table without what stands outside of it. `||` separates as `|` does. */
function cellsOf(text: string, from: number, to: number, separator: string): Cell[] {
  const cells: Cell[] = [];
  let start = from;
  let isQuoted = false;
  for (let at = from; at <= to; at++) {
    if (text[at] === '"' && separator !== '|' && (isQuoted || at === start)) isQuoted = !isQuoted;
    if (at < to && (isQuoted || text[at] !== separator)) continue;
    cells.push(trimmed(text, start, at));
    if (separator === '|' && text[at + 1] === '|' && at < to) at++;
    start = at + 1;
  }
  if (separator !== '|') return cells;
  const isEmpty = (cell: Cell | undefined): boolean => cell !== undefined && cell.start === cell.end;
  return cells.slice(isEmpty(cells[0]) ? 1 : 0, isEmpty(cells.at(-1)) && cells.length > 1 ? -1 : undefined);
}

function trimmed(text: string, from: number, to: number): Cell {
  let [start, end] = [from, to];
  while (start < end && (isBlank(text, start) || text[start] === '\r')) start++;
  while (end > start && (isBlank(text, end - 1) || text[end - 1] === '\r')) end--;
  const quote = text[start] ?? '';
  if (end - start < 2 || !isQuote(text, start) || text[end - 1] !== quote) return { start, end, quote: '' };
  return { start: start + 1, end: end - 1, quote };
}

/** Where the line ends that `at` is in, its break left out, or `high`. */
function lineEnd(text: string, at: number, high: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 || end > high ? Math.min(high, text.length) : end;
}
