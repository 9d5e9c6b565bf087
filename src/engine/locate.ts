/** Turns bytes of a window into lines and columns. One for each window; asks of rising places cost no more than one pass over the window. */
import { isUtf8 } from 'node:buffer';
import type { TextInKernel } from '../kernel/load.ts';

/** Where a window begins: its line, and the UTF-16 units of that line that stand before it. */
export type LineState = { readonly line: number; readonly units: number };

export const FIRST_LINE: LineState = { line: 1, units: 0 };

const LINE_FEED = 10;

export class Locator {
  readonly #text: TextInKernel;
  readonly #length: number;
  readonly #start: LineState;
  #at = 0;
  #line: number;
  #isUtf8: boolean | null = null;

  constructor(text: TextInKernel, length: number, start: LineState) {
    this.#text = text;
    this.#length = length;
    this.#start = start;
    this.#line = start.line;
  }

  /** Returns the line of a byte, from 1. */
  lineAt(at: number): number {
    if (at < this.#at) [this.#at, this.#line] = [0, this.#start.line];
    this.#line += this.#text.countByte(this.#at, at, LINE_FEED);
    this.#at = at;
    return this.#line;
  }

  /** Returns the column of a byte in UTF-16 units, from 1; bytes where the text is not UTF-8. */
  columnAt(at: number): number {
    const lineStart = this.lineStart(at);
    return this.#unitsBetween(lineStart, at) + 1 + (lineStart === 0 ? this.#start.units : 0);
  }

  /** Returns where the line of a byte begins in this window (0 when it began before). */
  lineStart(at: number): number {
    return this.#text.window.subarray(0, at).lastIndexOf(LINE_FEED) + 1;
  }

  /** Returns where the line of a byte ends: the place of its line feed, or the window's end. */
  lineEnd(at: number): number {
    const found = this.#text.window.subarray(0, this.#length).indexOf(LINE_FEED, at);
    return found < 0 ? this.#length : found;
  }

  /** Returns the bytes [start, end) as Latin-1. */
  textBetween(start: number, end: number): string {
    return this.#text.window.toString('latin1', start, end);
  }

  /** Returns the state at a later place, for the window that begins there. */
  stateAt(at: number): LineState {
    return { line: this.lineAt(at), units: this.columnAt(at) - 1 };
  }

  #unitsBetween(start: number, end: number): number {
    this.#isUtf8 ??= isUtf8(trimToCharacters(this.#text.window.subarray(0, this.#length)));
    return this.#isUtf8 ? this.#text.countUnits(start, end) : end - start;
  }
}

/** Cuts the halves of characters that a window's edges may have split. */
function trimToCharacters(bytes: Uint8Array): Uint8Array {
  const isContinuation = (at: number): boolean => ((bytes[at] ?? 0) & 0xc0) === 0x80;
  let start = 0;
  while (start < 3 && isContinuation(start)) start++;
  let end = bytes.length;
  while (end > start && bytes.length - end < 4 && isContinuation(end - 1)) end--;
  if (end > start && (bytes[end - 1] ?? 0) >= 0xc0) end--;
  return bytes.subarray(start, end);
}
