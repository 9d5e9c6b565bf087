/**
 * Straightens a pattern's tree into alternatives, each a row of pieces (a byte set and how often): the form from which the kernel's programs
 * are made. Where a construct has no such form, or there would be too many alternatives, a *loose* piece stands for it: any bytes that it can have, as few and as
 * many. Where a row grows too long it is cut: what the kernel then looks for is only the opening of the pattern. Both over-report and never under-report.
 */
import { type ByteSet, emptySet, hexOf, unite } from './byte-set.ts';
import type { PatternNode } from './parse-pattern.ts';

/** `isLoose`: not all that it takes is what the pattern takes. */
export type Piece = { readonly set: ByteSet; readonly min: number; readonly max: number; readonly isLoose?: true };

export type Row = { readonly pieces: readonly Piece[]; readonly isCut: boolean };

const MAX_ROWS = 64;
const MAX_UNROLLED = 16;
const MAX_PIECES = 200;
/** No piece is longer: a match is not (MAX_MATCH_BYTES). */
const MAX_BYTES = 65536;

/** Whether the row takes what the pattern takes, and no more. */
export function isExact(row: Row): boolean {
  return !row.isCut && row.pieces.every((piece) => !piece.isLoose);
}

/** Returns the alternatives of a tree; together they match at least what the tree matches. */
export function toRows(node: PatternNode): readonly Row[] {
  return mergeRows(extend([{ pieces: [], isCut: false }], node));
}

/** Returns the most bytes a tree can match, `cap` when there is no limit. */
export function maxLength(node: PatternNode, cap: number): number {
  return lengthsOf(node, cap).most;
}

/** Returns the fewest and the most bytes a tree can match, `cap` when there is no limit. */
function lengthsOf(node: PatternNode, cap: number): { least: number; most: number } {
  switch (node.kind) {
    case 'set':
      return { least: 1, most: 1 };
    case 'assertion':
      return { least: 0, most: 0 };
    case 'group':
      return lengthsOf(node.item, cap);
    case 'choice': {
      const all = node.items.map((item) => lengthsOf(item, cap));
      return { least: Math.min(...all.map(({ least }) => least)), most: Math.max(...all.map(({ most }) => most)) };
    }
    case 'sequence': {
      const all = node.items.map((item) => lengthsOf(item, cap));
      const sum = all.reduce((total, { most }) => total + most, 0);
      return { least: all.reduce((total, { least }) => total + least, 0), most: Math.min(cap, sum) };
    }
    case 'repeat': {
      const { least, most } = lengthsOf(node.item, cap);
      return { least: node.min * least, most: node.max === Number.POSITIVE_INFINITY ? cap : Math.min(cap, node.max * most) };
    }
  }
}

/** Returns all bytes that a match of a tree can have. */
function bytesOf(node: PatternNode): ByteSet {
  switch (node.kind) {
    case 'set':
      return node.set;
    case 'assertion':
      return emptySet();
    case 'choice':
    case 'sequence':
      return node.items.map(bytesOf).reduce(unite, emptySet());
    case 'group':
    case 'repeat':
      return bytesOf(node.item);
  }
}

function loosePiece(node: PatternNode): Piece {
  const { least, most } = lengthsOf(node, MAX_BYTES);
  return { set: bytesOf(node), min: Math.min(MAX_BYTES, least), max: most, isLoose: true };
}

function extend(rows: readonly Row[], node: PatternNode): readonly Row[] {
  switch (node.kind) {
    case 'assertion':
      return rows;
    case 'set':
      return append(rows, { set: node.set, min: 1, max: 1 });
    case 'group':
      return extend(rows, node.item);
    case 'sequence':
      return node.items.reduce(extend, rows);
    case 'choice':
      return limited(
        rows,
        node.items.flatMap((item) => extend(open(rows), item)),
        node,
      );
    case 'repeat':
      return extendRepeat(rows, node);
  }
}

function extendRepeat(rows: readonly Row[], node: PatternNode & { kind: 'repeat' }): readonly Row[] {
  const set = asSet(node.item);
  if (set) return append(rows, { set, min: node.min, max: node.max });
  if (node.min === 0 && node.max === 1) return limited(rows, [...open(rows), ...extend(open(rows), node.item)], node);
  if (node.min > MAX_UNROLLED) return append(rows, loosePiece(node));
  let out = rows;
  for (let i = 0; i < node.min; i++) out = extend(out, node.item);
  return node.min === node.max ? out : append(out, loosePiece({ ...node, min: 0, max: node.max - node.min }));
}

function asSet(node: PatternNode): ByteSet | null {
  if (node.kind === 'set') return node.set;
  if (node.kind === 'group') return asSet(node.item);
  return null;
}

function open(rows: readonly Row[]): readonly Row[] {
  return rows.filter((row) => !row.isCut);
}

/** Joins closed rows with those that `node` made grow; where these would be too many, a loose piece stands for it. */
function limited(before: readonly Row[], grown: readonly Row[], node: PatternNode): readonly Row[] {
  const closed = before.filter((row) => row.isCut);
  return closed.length + grown.length > MAX_ROWS ? append(before, loosePiece(node)) : [...closed, ...grown];
}

function append(rows: readonly Row[], piece: Piece): readonly Row[] {
  return rows.map((row) => {
    if (row.isCut) return row;
    if (row.pieces.length >= MAX_PIECES) return { ...row, isCut: true };
    return { pieces: [...row.pieces, piece], isCut: false };
  });
}

/** Joins neighbours with the same set, so that `\d\d` and `\d{2}` compile alike; drops rows that say the same. */
function mergeRows(rows: readonly Row[]): readonly Row[] {
  const seen = new Map<string, Row>();
  for (const row of rows) {
    const merged: Piece[] = [];
    for (const piece of row.pieces) {
      const last = merged.at(-1);
      if (last && sameSet(last.set, piece.set) && last.isLoose === piece.isLoose)
        merged[merged.length - 1] = { ...last, min: last.min + piece.min, max: last.max + piece.max };
      else merged.push(piece);
    }
    const key = `${row.isCut}${merged.map((p) => `${hexOf(p.set)}{${p.min},${p.max}}${p.isLoose === true}`).join('')}`;
    seen.set(key, { pieces: merged, isCut: row.isCut });
  }
  return [...seen.values()];
}

function sameSet(a: ByteSet, b: ByteSet): boolean {
  return a.every((bits, i) => bits === b[i]);
}
