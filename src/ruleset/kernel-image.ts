/** Lays out the kernel's tables (src/core/kernel-layout.ts): programs, lists, hashes, the gate. Used by compile.ts alone. */
import {
  ANCHOR,
  ANCHOR_BITS,
  ANCHOR_QUADS,
  BEHIND,
  BEHIND_BITS,
  CLASS,
  CLASS_DIGIT,
  CLASS_JOINER,
  CLASS_LOWER,
  CLASS_UPPER,
  FIRST,
  FORWARD,
  FORWARD_BITS,
  GATE_TOKEN,
  GATE_WIDE,
  HEADER_ANCHOR_FACTOR,
  HEADER_CODE,
  HEADER_KEYWORD_FACTOR,
  HEADER_KEYWORD_LISTS,
  HEADER_KEYWORDS,
  HEADER_LAST,
  HEADER_LISTS,
  HEADER_PROGRAM_COUNT,
  HEADER_PROGRAMS,
  HEADER_SETS,
  KEYWORD,
  KEYWORD_BITS,
  KEYWORD_ENTRY,
  KEYWORD_QUADS,
  KEYWORD_STEP,
  LIST_ENTRY,
  TABLES,
  TABLES_END,
} from '../core/kernel-layout.ts';
import { CHECK_BYTES, type Check, checkOf } from './anchor-check.ts';
import { type ByteSet, foldedBytes, hasByte, isSubset, members, setOf, sizeOf } from './byte-set.ts';
import { hash3, hash4, hashBy } from './hash3.ts';
import { PatternError } from './parse-pattern.ts';
import { isExact, type Row } from './pieces.ts';
import { type Anchor, anchorOfKeyword, CLASSES_BY_SET, TOKEN_SET, WIDE_SET } from './programs.ts';
import { trigramsOfQuad } from './trigram.ts';
import { bestFactor } from './trigram-cost.ts';

const NONE = 65535;

/** A program in a list, and what the bytes round the anchor that it is looked for by must be. */
type ListEntry = Check & { readonly program: number };
/** Four bytes that tell that a keyword may stand there, and which. */
type KeywordEntry = { readonly quad: number; readonly index: number };
/** The four bytes by which a keyword is looked for, where they stand in it, and the programs that are run when it is met. */
type Keyword = { readonly quads: readonly number[]; readonly offset: number; readonly programs: Set<number> };

const KINDS = ['forward', 'behind', 'first', 'quad'] as const;
const HEADS = { forward: FORWARD, behind: BEHIND, first: FIRST, quad: ANCHOR } as const;
/** Heads of lists of each kind. */
const SLOTS = { forward: 2048, behind: 2048, first: 256, quad: 4096 } as const;

/** Tables of bits, which may only get more of them. */
const BIT_TABLES = [ANCHOR_QUADS, ANCHOR_BITS, KEYWORD_QUADS, KEYWORD_BITS, FORWARD_BITS, BEHIND_BITS];
const BIT_TABLE_BYTES = 8192;
const GATE_BYTES = 4096;

export class KernelImage {
  /** The image that this one goes on from. */
  #base: Uint8Array | null = null;
  readonly #sets: ByteSet[] = [];
  readonly #setNumbers = new Map<string, number>();
  readonly #code: number[] = [];
  readonly #programAt: number[] = [];
  /** Slot → entries, by kind of list. */
  readonly #lists: Record<Anchor['kind'], Map<number, Map<string, ListEntry>>> = {
    forward: new Map(),
    behind: new Map(),
    first: new Map(),
    quad: new Map(),
  };
  readonly #keys: Record<Anchor['kind'], Set<number>> = {
    forward: new Set(),
    behind: new Set(),
    first: new Set(),
    quad: new Set(),
  };
  /** By folded keyword. */
  readonly #keywords = new Map<string, Keyword>();
  readonly #gates = { token: new Uint8Array(GATE_BYTES), wide: new Uint8Array(GATE_BYTES) };

  /** Returns what finish() made an image of, to add to it: a tenth of the time that compiling all of it again takes. Hashes keep their factors. */
  static from(image: Uint8Array): KernelImage {
    const made = new KernelImage();
    made.#base = image;
    const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
    const at = (header: number): number => view.getUint32(header, true);
    made.#gates.token.set(image.subarray(GATE_TOKEN, GATE_TOKEN + GATE_BYTES));
    made.#gates.wide.set(image.subarray(GATE_WIDE, GATE_WIDE + GATE_BYTES));
    for (let set = at(HEADER_SETS); set < at(HEADER_CODE); set += 32) made.numberOf(image.slice(set, set + 32));
    for (let i = 0; i < at(HEADER_PROGRAM_COUNT); i++) made.#programAt.push(view.getUint32(at(HEADER_PROGRAMS) + 4 * i, true));
    for (const byte of image.subarray(at(HEADER_CODE), at(HEADER_KEYWORD_LISTS))) made.#code.push(byte);
    for (const kind of KINDS) for (let slot = 0; slot < SLOTS[kind]; slot++) made.#readList(view, kind, slot);
    made.#readKeywords(view);
    return made;
  }

  #readList(view: DataView, kind: Anchor['kind'], slot: number): void {
    const head = view.getUint16(HEADS[kind] + 2 * slot, true);
    if (head === 0) return;
    const list = new Map<string, ListEntry>();
    const bytes = (from: number): number[] => Array.from({ length: CHECK_BYTES }, (_, i) => view.getUint8(from + i));
    for (let at = view.getUint32(HEADER_LISTS, true) + LIST_ENTRY * head; view.getUint16(at, true) !== NONE; at += LIST_ENTRY) {
      const check = { shift: view.getUint8(at + 2), mask: bytes(at + 4), value: bytes(at + 4 + CHECK_BYTES) };
      const entry = { program: view.getUint16(at, true), ...check };
      list.set(JSON.stringify(entry), entry);
    }
    this.#lists[kind].set(slot, list);
  }

  #readKeywords(view: DataView): void {
    const quads = new Map<number, number[]>();
    const [lists, from, end] = [HEADER_KEYWORD_LISTS, HEADER_KEYWORDS, HEADER_LAST].map((header) => view.getUint32(header, true)) as [
      number,
      number,
      number,
    ];
    for (let at = lists; at < from; at += KEYWORD_ENTRY) {
      const index = view.getUint16(at + 4, true);
      quads.set(index, [...(quads.get(index) ?? []), view.getUint32(at, true)]);
    }
    for (let at = from + KEYWORD_STEP; at < end; ) {
      const entry = { quads: quads.get((at - from) / KEYWORD_STEP) ?? [], offset: view.getUint8(at) };
      const length = view.getUint8(at + 1);
      const keyword = String.fromCharCode(...Array.from({ length }, (_, i) => view.getUint8(at + 2 + i)));
      const programs = new Set<number>();
      for (at += 2 + length; view.getUint16(at, true) !== NONE; at += 2) programs.add(view.getUint16(at, true));
      this.#keywords.set(keyword, { ...entry, programs });
      at += 2;
      while ((at - from) % KEYWORD_STEP !== 0) at++;
    }
  }

  /** Returns the number of a byte set, the same for the same set. */
  numberOf(set: ByteSet): number {
    const key = Buffer.from(set).toString('latin1');
    const known = this.#setNumbers.get(key);
    if (known !== undefined) return known;
    this.#setNumbers.set(key, this.#sets.length);
    return this.#sets.push(set) - 1;
  }

  /** Adds a program and returns its number. */
  program(code: readonly number[]): number {
    this.#programAt.push(this.#code.length);
    this.#code.push(...code);
    if (this.#programAt.length >= NONE) throw new PatternError('too many rules');
    return this.#programAt.length - 1;
  }

  /** Lists a program under every key of its anchor. */
  list(anchor: Anchor, program: number): void {
    for (const key of anchor.keys) {
      const slot = anchor.kind === 'first' ? key : anchor.kind === 'quad' ? hash4(key) >> 4 : hash3(key) >> 5;
      const list = this.#lists[anchor.kind].get(slot) ?? new Map<string, ListEntry>();
      const entry = { program, ...checkOf(anchor, key) };
      this.#lists[anchor.kind].set(slot, list.set(JSON.stringify(entry), entry));
      this.#keys[anchor.kind].add(key);
    }
  }

  /** Lists a value's program under a keyword that must stand before it. */
  keyword(keyword: string, program: number): void {
    const key = String.fromCharCode(...foldedBytes(keyword));
    const { anchor, offset } = anchorOfKeyword(keyword);
    const known = this.#keywords.get(key) ?? { quads: anchor.keys, offset, programs: new Set() };
    known.programs.add(program);
    this.#keywords.set(key, known);
  }

  /**
   * Opens the gate for the lengths and kinds of characters that a row can have. `needsDigit`: values of the rule without one do not count.
   * `within`: bytes before the value in which keywords count.
   */
  gate(row: Row, needsDigit: boolean, within: number): void {
    const hasNeeded = (seen: number): boolean => !needsDigit || (seen & CLASS_DIGIT) !== 0;
    const kinds = row.pieces.reduce((bits, piece) => bits | kindsOf(piece.set), 0);
    const least = row.pieces.reduce((sum, piece) => sum + piece.min, 0);
    const most = row.pieces.reduce((sum, piece) => sum + piece.max, 0);
    // A value of token characters alone is a whole token, since nothing of the kind may follow it.
    if (isExact(row) && row.pieces.every((piece) => isSubset(piece.set, TOKEN_SET)))
      this.#open('token', least, most, (seen) => (seen & ~kinds) === 0 && hasNeeded(seen), within);
    else if (isExact(row) && row.pieces.every((piece) => isSubset(piece.set, WIDE_SET))) this.#open('wide', least, 255, hasNeeded, within);
    else this.#open('wide', 0, 255, () => true, within);
  }

  #open(which: 'token' | 'wide', least: number, most: number, accepts: (seen: number) => boolean, within: number): void {
    const gate = this.#gates[which];
    for (let seen = 0; seen < 16; seen++) {
      if (!accepts(seen)) continue;
      for (let n = Math.min(255, least); n <= Math.min(255, most); n++) gate[seen * 256 + n] = Math.max(gate[seen * 256 + n] ?? 0, within);
    }
  }

  /** Returns the image from address 0. */
  finish(): Uint8Array {
    const image = new Uint8Array(TABLES_END);
    const view = new DataView(image.buffer);
    let end = TABLES;
    const place = (header: number, bytes: number): number => {
      const at = end;
      end = (end + bytes + 3) & ~3;
      if (end > TABLES_END) throw new PatternError('too many rules for the kernel’s memory');
      view.setUint32(header, at, true);
      return at;
    };
    for (const table of BIT_TABLES) if (this.#base) image.set(this.#base.subarray(table, table + BIT_TABLE_BYTES), table);
    writeClasses(image);
    image.set(this.#gates.token, GATE_TOKEN);
    image.set(this.#gates.wide, GATE_WIDE);
    this.#writeLists(view, place);
    const programs = place(HEADER_PROGRAMS, 4 * this.#programAt.length);
    for (const [i, at] of this.#programAt.entries()) view.setUint32(programs + 4 * i, at, true);
    const sets = place(HEADER_SETS, 32 * this.#sets.length);
    for (const [i, set] of this.#sets.entries()) image.set(set, sets + 32 * i);
    image.set(this.#code, place(HEADER_CODE, this.#code.length));
    this.#writeKeywords(view, image, place);
    place(HEADER_LAST, 4 * this.#programAt.length);
    view.setUint32(HEADER_PROGRAM_COUNT, this.#programAt.length, true);
    this.#writeBits(view, image, this.#keys.quad, { factor: HEADER_ANCHOR_FACTOR, trigrams: ANCHOR_BITS, quads: ANCHOR_QUADS });
    for (const key of this.#keys.forward) setBit(image, FORWARD_BITS, hash3(key));
    for (const key of this.#keys.behind) setBit(image, BEHIND_BITS, key);
    return image.slice(0, end);
  }

  #writeLists(view: DataView, place: (header: number, bytes: number) => number): void {
    const end: ListEntry = { program: NONE, shift: 0, mask: [], value: [] };
    const entries: ListEntry[] = [end];
    for (const kind of KINDS) {
      for (const [slot, list] of this.#lists[kind]) {
        if (entries.length >= NONE) throw new PatternError('too many rules for the kernel’s lists');
        view.setUint16(HEADS[kind] + 2 * slot, entries.length, true);
        entries.push(...list.values(), end);
      }
    }
    const at = place(HEADER_LISTS, LIST_ENTRY * entries.length);
    for (const [i, { program, shift, mask, value }] of entries.entries()) {
      const entry = at + LIST_ENTRY * i;
      view.setUint16(entry, program, true);
      view.setUint8(entry + 2, shift);
      for (const [k, byte] of mask.entries()) view.setUint8(entry + 4 + k, byte);
      for (const [k, byte] of value.entries()) view.setUint8(entry + 4 + CHECK_BYTES + k, byte);
    }
  }

  /** Lists by slot, and behind them the keywords, at multiples of KEYWORD_STEP: what both hold, src/core/kernel-layout.ts and keywords.ts (atKeyword) say. */
  #writeKeywords(view: DataView, image: Uint8Array, place: (header: number, bytes: number) => number): void {
    const bytes: number[] = Array.from({ length: KEYWORD_STEP }, () => 0);
    const lists = new Map<number, KeywordEntry[]>();
    const quads = new Set<number>();
    for (const [keyword, { quads: own, offset, programs }] of this.#keywords) {
      const index = bytes.length / KEYWORD_STEP;
      if (index >= NONE) throw new PatternError('too many keywords for the kernel’s memory');
      for (const quad of own) {
        quads.add(quad);
        lists.set(hash4(quad) >> 4, [...(lists.get(hash4(quad) >> 4) ?? []), { quad, index }]);
      }
      bytes.push(offset, keyword.length, ...Buffer.from(keyword, 'latin1'));
      for (const program of [...programs, NONE]) bytes.push(program & 0xff, program >> 8);
      while (bytes.length % KEYWORD_STEP !== 0) bytes.push(0);
    }
    const end: KeywordEntry = { quad: 0, index: 0 };
    const entries = [end];
    for (const [slot, list] of lists) {
      view.setUint16(KEYWORD + 2 * slot, entries.length, true);
      entries.push(...list, end);
    }
    if (entries.length >= NONE) throw new PatternError('too many keywords for the kernel’s lists');
    const at = place(HEADER_KEYWORD_LISTS, KEYWORD_ENTRY * entries.length);
    for (const [i, { quad, index }] of entries.entries()) {
      view.setUint32(at + KEYWORD_ENTRY * i, quad, true);
      view.setUint16(at + KEYWORD_ENTRY * i + 4, index, true);
    }
    image.set(bytes, place(HEADER_KEYWORDS, bytes.length));
    this.#writeBits(view, image, quads, { factor: HEADER_KEYWORD_FACTOR, trigrams: KEYWORD_BITS, quads: KEYWORD_QUADS });
  }

  /** Marks the four bytes that are looked for, and the trigrams in them, hashed by a factor that is chosen for them. */
  #writeBits(
    view: DataView,
    image: Uint8Array,
    quads: ReadonlySet<number>,
    at: { readonly factor: number; readonly trigrams: number; readonly quads: number },
  ): void {
    const trigrams = new Set([...quads].flatMap(trigramsOfQuad));
    const factor = this.#base ? new DataView(this.#base.buffer, this.#base.byteOffset).getUint32(at.factor, true) : bestFactor(trigrams);
    view.setUint32(at.factor, factor, true);
    for (const quad of quads) setBit(image, at.quads, hash4(quad));
    for (const trigram of trigrams) setBit(image, at.trigrams, hashBy(factor, trigram));
  }
}

/**
 * Returns whether a random value of every row has a digit but for one case in 200: a value without is a word or a path, no secret of that form. Not asked of
 * the case of letters: classes are often written wider than what a provider really issues.
 */
export function isDigitCertain(rows: readonly Row[]): boolean {
  return rows.every((row) => chanceWithoutDigit(row) < MISSING_DIGIT_LIMIT);
}

const MISSING_DIGIT_LIMIT = 0.005;

function chanceWithoutDigit(row: Row): number {
  return row.pieces.reduce((chance, { set, min, isLoose }) => {
    if (isLoose) return chance;
    const digits = members(set).filter((byte) => kindOf(byte) === CLASS_DIGIT).length;
    return chance * (1 - digits / sizeOf(set)) ** min;
  }, 1);
}

function setBit(image: Uint8Array, table: number, bit: number): void {
  image[table + (bit >> 3)] = (image[table + (bit >> 3)] ?? 0) | (1 << (bit & 7));
}

function kindsOf(set: ByteSet): number {
  let kinds = 0;
  for (const byte of members(set)) kinds |= kindOf(byte);
  return kinds;
}

function kindOf(byte: number): number {
  const character = String.fromCharCode(byte);
  if (/[0-9]/.test(character)) return CLASS_DIGIT;
  if (/[A-Z]/.test(character)) return CLASS_UPPER;
  if (/[a-z]/.test(character)) return CLASS_LOWER;
  return hasByte(setOf('_-'), byte) ? CLASS_JOINER : 0;
}

function writeClasses(image: Uint8Array): void {
  for (let byte = 0; byte < 256; byte++) {
    let bits = kindOf(byte);
    for (const [bit, set] of CLASSES_BY_SET) if (hasByte(set, byte)) bits |= bit;
    image[CLASS + byte] = bits;
  }
}
