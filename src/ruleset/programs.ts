/**
 * Chooses how the kernel looks for a row of pieces, and writes the program that verifies it (instructions: src/core/kernel-layout.ts).
 *
 * In order of preference:
 *  - `token`: somewhere in the row a token of at least RUN_LENGTH bytes begins, and its first three bytes, the two before it or its first byte
 *    are known. Costs nothing on bytes that begin no token.
 *  - `quad`: three bytes in a row are known (in any case), and what the fourth may be: of the two trigrams in them the kernel, looking at every second byte, sees one.
 *  - null: neither; such a pattern cannot be looked for quickly.
 */
import { CLASS_RUN, CLASS_WIDE, CLASS_WORD, OP_BACK, OP_BYTE, OP_LEFT, OP_SET, RUN_LENGTH } from '../core/kernel-layout.ts';
import {
  areDisjoint,
  type ByteSet,
  byteText,
  complement,
  emptySet,
  foldedBytes,
  isSubset,
  members,
  setOf,
  sizeOf,
  unite,
  WORD,
} from './byte-set.ts';
import { type Near, nearAhead } from './near.ts';
import { PatternError } from './parse-pattern.ts';
import type { Piece, Row } from './pieces.ts';
import { packQuad, trigramsOfQuad } from './trigram.ts';
import { trigramCost } from './trigram-cost.ts';

export const RUN_SET: ByteSet = unite(WORD, setOf('-+/'));

/** What a value with a keyword is not followed by: it would go on. */
export const TOKEN_SET: ByteSet = unite(WORD, setOf('-'));

/** What an encoded value may be made of. */
export const WIDE_SET: ByteSet = unite(RUN_SET, setOf('=.~:'));

/** The classes that the kernel's CLASS table holds beside the kinds of characters. */
export const CLASSES_BY_SET: readonly (readonly [number, ByteSet])[] = [
  [CLASS_RUN, RUN_SET],
  [CLASS_WORD, WORD],
  [CLASS_WIDE, WIDE_SET],
];

/** A byte at a fixed distance from an anchor's place, and what the program that hangs on it asks of that byte. */
export type NearByte = { readonly offset: number; readonly set: ByteSet };

/** `keys`: three bytes, two, one or four as a number, the first lowest. */
export type Anchor = {
  readonly kind: 'forward' | 'behind' | 'first' | 'quad';
  readonly keys: readonly number[];
  readonly near: readonly NearByte[];
};

export type PlannedProgram = {
  readonly anchor: Anchor;
  /** Bytes from the start of the pattern to the place that the kernel reports. */
  readonly beforeMin: number;
  readonly beforeMax: number;
  /** All but what ends a program. */
  readonly code: readonly number[];
  /** What must stand in the bytes behind those that `code` looks at; null where nothing is certain. */
  readonly near: Near | null;
  /** How much the program verifies: bits, if all printable characters were as likely. */
  readonly bits: number;
};

/** Most keys under which one program is listed. */
const MAX_KEYS = 320;
/** A byte set gets its number when it is first used. */
export type SetNumbers = (set: ByteSet) => number;

/** Bits that a program verifies from which on a token's start is worth more than a literal somewhere else. */
const STRONG_BITS = 36;

/** Returns the cheapest way to look for a row, or null. `hasLeftBoundary`: a match begins where a token may begin. */
export function planRow(row: Row, hasLeftBoundary: boolean, numberOf: SetNumbers): PlannedProgram | null {
  const token = planToken(row, hasLeftBoundary, numberOf);
  if (token && token.bits >= STRONG_BITS) return token;
  const literal = planLiteral(row, hasLeftBoundary, numberOf);
  return token && (!literal || token.bits >= literal.bits) ? token : literal;
}

function planToken(row: Row, hasLeftBoundary: boolean, numberOf: SetNumbers): PlannedProgram | null {
  for (let at = 0; at < row.pieces.length; at++) {
    if (!beginsToken(row.pieces, at, hasLeftBoundary) || runLength(row.pieces, at) < RUN_LENGTH) continue;
    const anchor = tokenAnchor(row.pieces, at);
    if (anchor) return planAt(row, at, anchor, hasLeftBoundary, numberOf);
  }
  return null;
}

function beginsToken(pieces: readonly Piece[], at: number, hasLeftBoundary: boolean): boolean {
  if (at === 0) return hasLeftBoundary;
  const before = pieces[at - 1];
  return before !== undefined && before.min > 0 && areDisjoint(before.set, WORD);
}

/** Least number of bytes of RUN_SET in a row from piece `at`. */
export function runLength(pieces: readonly Piece[], at: number): number {
  let sum = 0;
  for (let i = at; i < pieces.length; i++) {
    const piece = pieces[i];
    if (!piece || !isSubset(piece.set, RUN_SET)) break;
    sum += piece.min;
  }
  return sum;
}

/** Returns how to look for a value by its own opening, where that is telling enough; null where the keywords before it must do. */
export function openingAnchor(row: Row): Anchor | null {
  const ahead = setsAhead(row.pieces, 0, 3);
  const keys = ahead.length === 3 ? combine(ahead) : null;
  return keys && keys.length <= MAX_OPENING_KEYS ? { kind: 'forward', keys, near: nearBytes(row.pieces, 0) } : null;
}

/** `sk_`, `AC` and a hexadecimal digit: yes; three letters: no. */
const MAX_OPENING_KEYS = 64;

/** Bytes on either side of an anchor that are compared with it, at most (anchor-check.ts). */
const NEAR_BYTES = 8;

/** Returns the bytes round piece `at` whose distance from it is fixed: what the program of planAt() asks of them all. */
function nearBytes(pieces: readonly Piece[], at: number): NearByte[] {
  const ahead = setsAhead(pieces, at, NEAR_BYTES).map((set, offset) => ({ offset, set }));
  const fixed = pieces.slice(firstFixed(pieces, at), at);
  const before = fixed.flatMap(({ set, min }) => Array.from({ length: min }, () => set)).slice(-NEAR_BYTES);
  return [...before.map((set, i) => ({ offset: i - before.length, set })), ...ahead];
}

function tokenAnchor(pieces: readonly Piece[], at: number): Anchor | null {
  const near = nearBytes(pieces, at);
  const ahead = setsAhead(pieces, at, 3);
  if (ahead.length === 3) {
    const keys = combine(ahead);
    if (keys) return { kind: 'forward', keys, near };
  }
  const behind = setsBehind(pieces, at, 2);
  if (behind.length === 2) {
    const keys = combine(behind);
    if (keys) return { kind: 'behind', keys, near };
  }
  const [first] = ahead;
  return first && sizeOf(first) <= 4 ? { kind: 'first', keys: members(first), near } : null;
}

/** Returns the sets of the next `count` bytes from piece `at`, as far as they are certain. */
function setsAhead(pieces: readonly Piece[], at: number, count: number): ByteSet[] {
  const out: ByteSet[] = [];
  for (let i = at; i < pieces.length && out.length < count; i++) {
    const piece = pieces[i];
    if (!piece) break;
    for (let k = 0; k < piece.min && out.length < count; k++) out.push(piece.set);
    if (piece.max !== piece.min) break;
  }
  return out;
}

function setsBehind(pieces: readonly Piece[], at: number, count: number): ByteSet[] {
  const out: ByteSet[] = [];
  for (let i = at - 1; i >= 0 && out.length < count; i--) {
    const piece = pieces[i];
    if (!piece) break;
    for (let k = 0; k < piece.min && out.length < count; k++) out.unshift(piece.set);
    if (piece.max !== piece.min) break;
  }
  return out;
}

/** Returns every little-endian number that the sets can spell, or null where there are too many. */
function combine(sets: readonly ByteSet[]): number[] | null {
  let keys = [0];
  for (const [i, set] of sets.entries()) {
    const bytes = members(set);
    if (keys.length * bytes.length > MAX_KEYS) return null;
    keys = keys.flatMap((key) => bytes.map((byte) => key + byte * 2 ** (8 * i)));
  }
  return keys;
}

function planAt(row: Row, at: number, anchor: Anchor, hasLeftBoundary: boolean, numberOf: SetNumbers): PlannedProgram {
  const first = firstFixed(row.pieces, at);
  const back = row.pieces.slice(first, at).reduce((sum, piece) => sum + piece.min, 0);
  const before = row.pieces.slice(0, first);
  const code: number[] = back > 0 ? [OP_BACK, back] : [];
  if (first === 0 && hasLeftBoundary) code.push(OP_LEFT);
  const written = writePieces(row.pieces.slice(first), numberOf);
  return {
    anchor,
    beforeMin: before.reduce((sum, piece) => sum + piece.min, 0),
    beforeMax: before.reduce((sum, piece) => sum + piece.max, 0),
    code: [...code, ...written.code],
    near: written.near,
    bits:
      row.pieces.slice(first, first + written.count).reduce((sum, piece) => sum + piece.min * bitsOf(piece.set), 0) +
      (written.near ? NEAR_BITS : 0),
  };
}

/** Returns the first piece from which on all before `at` have one length, so that the program can go back there: at most 255 bytes. */
function firstFixed(pieces: readonly Piece[], at: number): number {
  let first = at;
  let back = 0;
  for (let i = at - 1; i >= 0; i--) {
    const piece = pieces[i];
    if (!piece || piece.min !== piece.max || back + piece.min > 255) break;
    back += piece.min;
    first = i;
  }
  return first;
}

const PRINTABLE = 95;
/** Three or four letters at one of some hundred places. */
const NEAR_BITS = 16;

function bitsOf(set: ByteSet): number {
  return Math.max(0, Math.log2(PRINTABLE / sizeOf(set)));
}

export type Written = { readonly code: readonly number[]; readonly count: number; readonly isWhole: boolean; readonly near: Near | null };

/**
 * Writes pieces as instructions, as far as taking as many bytes as possible is certain to be right. A piece with a choice of lengths whose bytes may also begin
 * what follows ends the program: of the rest only a literal is looked for, if it has one (`near`).
 */
export function writePieces(pieces: readonly Piece[], numberOf: SetNumbers): Written {
  const code: number[] = [];
  for (const [i, piece] of pieces.entries()) {
    const [only] = members(piece.set);
    if (piece.min === 1 && piece.max === 1 && sizeOf(piece.set) === 1 && only !== undefined) {
      code.push(OP_BYTE, only);
      continue;
    }
    const isOpen = piece.min !== piece.max && !isCertain(piece, pieces.slice(i + 1));
    const near = isOpen ? nearAhead(pieces.slice(i)) : null;
    // The literal may stand in what the piece would take.
    const most = near ? piece.min : piece.max;
    if (most > 0) code.push(OP_SET, ...u16(numberOf(piece.set)), ...u16(Math.min(piece.min, 65534)), ...u16(Math.min(most, 65535)));
    if (isOpen) return { code, count: i + 1, isWhole: false, near };
  }
  return { code, count: pieces.length, isWhole: true, near: null };
}

function isCertain(piece: Piece, rest: readonly Piece[]): boolean {
  for (const next of rest) {
    if (!areDisjoint(piece.set, next.set)) return false;
    if (next.min > 0) return true;
  }
  return true;
}

export function u16(n: number): [number, number] {
  return [n & 0xff, (n >> 8) & 0xff];
}

/** Anchors of a row that are planned in full, the rarest first. */
const MAX_PLANNED = 8;
/** So many verified bits are worth as much as an anchor that is half as frequent: text is far from random, so few of them count. */
const BITS_WORTH_HALF = 4;

function planLiteral(row: Row, hasLeftBoundary: boolean, numberOf: SetNumbers): PlannedProgram | null {
  const anchors = row.pieces.flatMap((_, at) => {
    const anchor = literalAnchor(fourAhead(row.pieces, at), nearBytes(row.pieces, at));
    return anchor ? [{ at, anchor, cost: costOf(anchor) }] : [];
  });
  let best: { plan: PlannedProgram; cost: number } | null = null;
  for (const { at, anchor, cost } of anchors.sort((a, b) => a.cost - b.cost).slice(0, MAX_PLANNED)) {
    const plan = planAt(row, at, anchor, hasLeftBoundary, numberOf);
    const expected = cost / 2 ** (plan.bits / BITS_WORTH_HALF);
    if (!best || expected < best.cost) best = { plan, cost: expected };
  }
  return best?.plan ?? null;
}

/** Returns the sets of the next four bytes from piece `at`; where three are certain, what the fourth may be. */
function fourAhead(pieces: readonly Piece[], at: number): ByteSet[] {
  const sets = setsAhead(pieces, at, 4);
  if (sets.length !== 3) return sets;
  let taken = 0;
  let next = emptySet();
  for (const { set, min, max } of pieces.slice(at)) {
    if (taken + max > 3) next = unite(next, set);
    taken += min;
    if (taken > 3) return [...sets, next];
  }
  return [...sets, ALL];
}

/** Returns the anchor of the four bytes that the sets take, case folded: three of them must be certain. */
function literalAnchor(sets: readonly ByteSet[], near: readonly NearByte[]): Anchor | null {
  const [first, second, third, fourth] = sets.map(folded);
  if (!first || !second || !third || first.length !== 1 || second.length !== 1 || third.length !== 1 || !fourth) return null;
  const [a = 0, b = 0, c = 0] = [...first, ...second, ...third];
  return { kind: 'quad', keys: fourth.map((d) => packQuad(a, b, c, d)), near };
}

function folded(set: ByteSet): number[] {
  return [...new Set(members(set).map((byte) => byte | 0x20))];
}

const ALL: ByteSet = complement(emptySet());

function costOf(anchor: Anchor): number {
  const trigrams = new Set(anchor.keys.flatMap((key) => trigramsOfQuad(key)));
  return [...trigrams].reduce((total, trigram) => total + trigramCost(trigram), 0);
}

const MIN_KEYWORD = 3;
const MAX_KEYWORD = 60;

/** Throws a PatternError where the kernel cannot look for a keyword. */
export function checkKeyword(keyword: string): void {
  const { length } = byteText(keyword);
  if (length >= MIN_KEYWORD && length <= MAX_KEYWORD) return;
  const shown = length > MAX_KEYWORD ? `${keyword.slice(0, 20)}…` : keyword;
  throw new PatternError(`the keyword ${shown} must have ${MIN_KEYWORD} to ${MAX_KEYWORD} bytes`);
}

/** Returns the cheapest anchor of a keyword and where it stands in it. `next`: what may follow a keyword. */
export function anchorOfKeyword(keyword: string, next: ByteSet = ALL): { anchor: Anchor; offset: number } {
  checkKeyword(keyword);
  const sets = foldedBytes(keyword).map((byte) => setOf(String.fromCharCode(byte)));
  let best: { anchor: Anchor; offset: number } | null = null;
  for (let offset = 0; offset + Math.min(4, sets.length) <= sets.length; offset++) {
    const near = sets.map((set, i) => ({ offset: i - offset, set }));
    const anchor = literalAnchor([...sets, next].slice(offset, offset + 4), near);
    if (anchor && (!best || costOf(anchor) < costOf(best.anchor))) best = { anchor, offset };
  }
  if (!best) throw new Error('a keyword of three characters has an anchor');
  return best;
}
