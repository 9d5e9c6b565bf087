/**
 * Pages of a SQLite database: walks the trees of tables and indexes, puts together records that are continued on overflow pages, and tells which bytes no
 * tree uses. A tree that leads in a circle or out of the file is cut there, and counted. Used by sqlite.ts.
 */
import { MAX_ENTRY_BYTES } from './bounds.ts';
import { broken, type RandomBytes } from './format.ts';
import { readRecord, readVarint, type TextEncoding, type Value } from './sqlite-record.ts';

const FILE_HEADER_BYTES = 100;
const INDEX_INNER = 2;
const TABLE_INNER = 5;
const INDEX_LEAF = 10;
const TABLE_LEAF = 13;
/** Trees of 2^31 pages are not deeper. */
const MAX_TREE_DEPTH = 40;

type Cell = {
  readonly start: number;
  readonly end: number;
  readonly child: number;
  readonly payloadAt: number;
  readonly payloadBytes: number;
};

type Page = {
  readonly bytes: Buffer;
  readonly kind: number;
  readonly cells: readonly Cell[];
  readonly last: number;
  readonly from: number;
};

export class Pages {
  readonly #file: RandomBytes;
  readonly #pageBytes: number;
  /** Without what is reserved at each page's end. */
  readonly #usable: number;
  readonly #encoding: TextEncoding;
  readonly #count: number;
  /** A bit for each page: it belongs to a tree. */
  readonly #used: Uint8Array;
  damaged = 0;

  constructor(file: RandomBytes) {
    this.#file = file;
    const header = file.read(0, FILE_HEADER_BYTES);
    const stored = header.length < FILE_HEADER_BYTES ? 0 : header.readUInt16BE(16);
    this.#pageBytes = stored === 1 ? 65_536 : stored;
    this.#usable = this.#pageBytes - (header[20] ?? 0);
    if (this.#pageBytes < 512 || (this.#pageBytes & (this.#pageBytes - 1)) !== 0 || this.#usable < 480)
      throw broken('its header is damaged');
    this.#encoding = (['utf8', 'utf8', 'utf16le', 'utf16be'] as const)[header.readUInt32BE(56)] ?? 'utf8';
    this.#count = Math.ceil(file.size / this.#pageBytes);
    this.#used = new Uint8Array(Math.ceil(this.#count / 8) + 1);
  }

  /** Gives the records of a tree. */
  *rows(root: number): Generator<Value[]> {
    for (const { page } of this.#walk(root, new Set())) {
      for (const cell of page.kind === TABLE_INNER ? [] : page.cells) {
        const payload = this.#payload(page, cell);
        if (payload) yield readRecord(payload, this.#encoding);
      }
    }
  }

  /** Notes which pages a tree uses, its overflow pages too. */
  mark(root: number): void {
    for (const { page, number } of this.#walk(root, new Set())) {
      this.#use(number);
      for (const cell of page.kind === TABLE_INNER ? [] : page.cells) this.#markOverflow(page, cell);
    }
  }

  /** Gives the bytes of pages that no tree uses, and of those between the cells of pages that one does. Zeros become line ends. */
  *unused(): Generator<Uint8Array> {
    for (let number = 1; number <= this.#count; number++) {
      const ranges = this.#isUsed(number) ? this.#gaps(number) : [[0, this.#pageBytes] as const];
      const bytes = ranges.length === 0 ? null : this.#read(number);
      for (const [start, end] of bytes ? ranges : []) {
        const part = Buffer.from(bytes?.subarray(start, end) ?? []);
        if (part.every((byte) => byte === 0)) continue;
        for (let at = part.indexOf(0); at >= 0; at = part.indexOf(0, at)) part[at] = 0x0a;
        yield Buffer.concat([part, Buffer.from('\n')]);
      }
    }
  }

  #use(number: number): void {
    this.#used[number >> 3] = (this.#used[number >> 3] ?? 0) | (1 << (number & 7));
  }

  #isUsed(number: number): boolean {
    return ((this.#used[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }

  #read(number: number): Buffer {
    return this.#file.read((number - 1) * this.#pageBytes, this.#pageBytes);
  }

  *#walk(root: number, seen: Set<number>, depth = 0): Generator<{ page: Page; number: number }> {
    const page = root < 1 || root > this.#count || seen.has(root) || depth > MAX_TREE_DEPTH ? null : this.#page(root);
    seen.add(root);
    if (!page) {
      this.damaged++;
      return;
    }
    yield { page, number: root };
    if (page.kind !== TABLE_INNER && page.kind !== INDEX_INNER) return;
    for (const { child } of page.cells) yield* this.#walk(child, seen, depth + 1);
    yield* this.#walk(page.last, seen, depth + 1);
  }

  /** Null where the page is not one of a tree. */
  #page(number: number): Page | null {
    const bytes = this.#read(number);
    const from = number === 1 ? FILE_HEADER_BYTES : 0;
    const kind = bytes[from] ?? 0;
    if (bytes.length < this.#usable || ![INDEX_INNER, TABLE_INNER, INDEX_LEAF, TABLE_LEAF].includes(kind)) return null;
    const isInner = kind === INDEX_INNER || kind === TABLE_INNER;
    const pointersAt = from + (isInner ? 12 : 8);
    const count = bytes.readUInt16BE(from + 3);
    if (pointersAt + 2 * count > this.#usable) return null;
    const cells: Cell[] = [];
    for (let index = 0; index < count; index++) {
      const cell = this.#cell(bytes, kind, bytes.readUInt16BE(pointersAt + 2 * index));
      if (!cell) return null;
      cells.push(cell);
    }
    return { bytes, kind, cells, last: isInner ? bytes.readUInt32BE(from + 8) : 0, from: pointersAt + 2 * count };
  }

  #cell(bytes: Buffer, kind: number, start: number): Cell | null {
    const isInner = kind === INDEX_INNER || kind === TABLE_INNER;
    if (start < 8 || start + (isInner ? 4 : 1) > this.#usable) return null;
    const child = isInner ? bytes.readUInt32BE(start) : 0;
    const at = isInner ? start + 4 : start;
    if (kind === TABLE_INNER) return { start, end: readVarint(bytes, at).next, child, payloadAt: at, payloadBytes: 0 };
    const length = readVarint(bytes, at);
    const payloadAt = kind === TABLE_LEAF ? readVarint(bytes, length.next).next : length.next;
    const local = this.#localBytes(kind, length.value);
    const end = payloadAt + local + (local < length.value ? 4 : 0);
    return end > this.#usable ? null : { start, end, child, payloadAt, payloadBytes: length.value };
  }

  /** Bytes of a record that stand in its own page; the file format's own arithmetic. */
  #localBytes(kind: number, payloadBytes: number): number {
    const most = kind === TABLE_LEAF ? this.#usable - 35 : Math.floor(((this.#usable - 12) * 64) / 255) - 23;
    if (payloadBytes <= most) return payloadBytes;
    const least = Math.floor(((this.#usable - 12) * 32) / 255) - 23;
    const local = least + ((payloadBytes - least) % (this.#usable - 4));
    return local <= most ? local : least;
  }

  /** Null where it is longer than an entry may be. */
  #payload({ bytes, kind }: Page, cell: Cell): Buffer | null {
    const local = this.#localBytes(kind, cell.payloadBytes);
    const first = bytes.subarray(cell.payloadAt, cell.payloadAt + local);
    if (local === cell.payloadBytes) return first;
    if (cell.payloadBytes > MAX_ENTRY_BYTES || cell.payloadBytes > this.#file.size) {
      this.damaged++;
      return null;
    }
    const parts = [first, ...[...this.#overflow(bytes, cell, local)].map((page) => this.#read(page).subarray(4, this.#usable))];
    const payload = Buffer.concat(parts).subarray(0, cell.payloadBytes);
    if (payload.length < cell.payloadBytes) this.damaged++;
    return payload;
  }

  #markOverflow({ bytes, kind }: Page, cell: Cell): void {
    const local = this.#localBytes(kind, cell.payloadBytes);
    if (local < cell.payloadBytes && cell.payloadBytes <= this.#file.size)
      for (const page of this.#overflow(bytes, cell, local)) this.#use(page);
  }

  /** Gives the numbers of the pages on which a record goes on: as many as its length needs, so a circle ends. */
  *#overflow(bytes: Buffer, { payloadAt, payloadBytes }: Cell, local: number): Generator<number> {
    let next = bytes.readUInt32BE(payloadAt + local);
    for (let left = payloadBytes - local; left > 0 && next >= 1 && next <= this.#count; left -= this.#usable - 4) {
      yield next;
      const head = this.#file.read((next - 1) * this.#pageBytes, 4);
      next = head.length === 4 ? head.readUInt32BE(0) : 0;
    }
  }

  /** Places between the cells of a page: what was deleted there stays until something new needs it. */
  #gaps(number: number): (readonly [number, number])[] {
    const page = this.#page(number);
    // Of an overflow page only the last has room left; it is not worth the list of all of them.
    if (!page) return [];
    const gaps: [number, number][] = [];
    let at = page.from;
    for (const { start, end } of [...page.cells].sort((a, b) => a.start - b.start)) {
      if (start > at) gaps.push([at, start]);
      at = Math.max(at, end);
    }
    if (at < this.#usable) gaps.push([at, this.#usable]);
    return gaps;
  }
}
