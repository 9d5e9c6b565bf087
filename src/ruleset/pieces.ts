/**
 * Straightens a pattern's tree into alternatives, each a row of pieces (a byte set and how often): the form from which the kernel's programs
 * are made. Where a construct has no such form, or there would be too many alternatives, the row is cut there: what the kernel then looks for is
 * only the opening of the pattern. A cut row over-reports and never under-reports.
 */
import { type ByteSet, hexOf } from './byte-set.ts';
import type { PatternNode } from './parse-pattern.ts';

export type Piece = { readonly set: ByteSet; readonly min: number; readonly max: number };

export type Row = { readonly pieces: readonly Piece[]; readonly isCut: boolean };

const MAX_ROWS = 64;
const MAX_UNROLLED = 16;
const MAX_PIECES = 200;

/** Returns the alternatives of a tree; together they match at least what the tree matches. */
export function toRows(node: PatternNode): readonly Row[] {
  return mergeRows(extend([{ pieces: [], isCut: false }], node));
}

/** Returns the most bytes a tree can match, `cap` when there is no limit. */
export function maxLength(node: PatternNode, cap: number): number {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'assertion':
      return 0;
    case 'group':
      return maxLength(node.item, cap);
    case 'choice':
      return Math.max(...node.items.map((item) => maxLength(item, cap)));
    case 'sequence':
      return Math.min(
        cap,
        node.items.reduce((sum, item) => sum + maxLength(item, cap), 0),
      );
    case 'repeat':
      return node.max === Number.POSITIVE_INFINITY ? cap : Math.min(cap, node.max * maxLength(node.item, cap));
  }
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
      );
    case 'repeat':
      return extendRepeat(rows, node);
  }
}

function extendRepeat(rows: readonly Row[], node: PatternNode & { kind: 'repeat' }): readonly Row[] {
  const set = asSet(node.item);
  if (set) return append(rows, { set, min: node.min, max: node.max });
  if (node.min === 0 && node.max === 1) return limited(rows, [...open(rows), ...extend(open(rows), node.item)]);
  if (node.min > MAX_UNROLLED) return cut(rows);
  let out = rows;
  for (let i = 0; i < node.min; i++) out = extend(out, node.item);
  return node.min === node.max ? out : cut(out);
}

function asSet(node: PatternNode): ByteSet | null {
  if (node.kind === 'set') return node.set;
  if (node.kind === 'group') return asSet(node.item);
  return null;
}

function open(rows: readonly Row[]): readonly Row[] {
  return rows.filter((row) => !row.isCut);
}

/** Joins closed rows with the grown ones, or cuts where there would be too many. */
function limited(before: readonly Row[], grown: readonly Row[]): readonly Row[] {
  const closed = before.filter((row) => row.isCut);
  return closed.length + grown.length > MAX_ROWS ? cut(before) : [...closed, ...grown];
}

function append(rows: readonly Row[], piece: Piece): readonly Row[] {
  return rows.map((row) => {
    if (row.isCut) return row;
    if (row.pieces.length >= MAX_PIECES) return { ...row, isCut: true };
    return { pieces: [...row.pieces, piece], isCut: false };
  });
}

function cut(rows: readonly Row[]): readonly Row[] {
  return rows.map((row) => ({ ...row, isCut: true }));
}

/** Joins neighbours with the same set, so that `\d\d` and `\d{2}` compile alike; drops rows that say the same. */
function mergeRows(rows: readonly Row[]): readonly Row[] {
  const seen = new Map<string, Row>();
  for (const row of rows) {
    const merged: Piece[] = [];
    for (const piece of row.pieces) {
      const last = merged.at(-1);
      if (last && sameSet(last.set, piece.set))
        merged[merged.length - 1] = { set: last.set, min: last.min + piece.min, max: last.max + piece.max };
      else merged.push(piece);
    }
    const key = `${row.isCut}${merged.map((p) => `${hexOf(p.set)}{${p.min},${p.max}}`).join('')}`;
    seen.set(key, { pieces: merged, isCut: row.isCut });
  }
  return [...seen.values()];
}

function sameSet(a: ByteSet, b: ByteSet): boolean {
  return a.every((bits, i) => bits === b[i]);
}
