/**
 * What must stand somewhere in the bytes behind the opening that a program of the kernel verifies: the literals of OP_NEAR (src/core/kernel-layout.ts).
 * `strcmp(…password…, "x")` is met as `strcmp(` far more often than with a password in it, `://host/` more often than `://user:password@`.
 * Pieces in; out come literals, how far off they may be, and of what the bytes before them are. programs.ts and compile.ts write them.
 */
import { OP_NEAR } from '../core/kernel-layout.ts';
import { type ByteSet, commonBits, countBits, emptySet, unite } from './byte-set.ts';
import type { Piece } from './pieces.ts';

/** Bits of four bytes in a row, folded, little-endian. */
type Literal = { readonly mask: number; readonly value: number };

/** One of the literals begins at most `distance` bytes further on, and all bytes before it are of the set. */
export type Near = { readonly set: ByteSet; readonly distance: number; readonly literals: readonly Literal[] };

/** To look further costs more than to confirm a candidate. */
const MAX_DISTANCE = 640;
const MAX_LITERALS = 16;
const LITERAL_BYTES = 4;
/** Bits of a literal: one byte that is certain. */
const LEAST_BITS = 8;

/** Returns the most telling literal that the pieces must come to, counted from where the first piece has its least length; null where there is none, or far off. */
export function nearAhead(pieces: readonly Piece[]): Near | null {
  let best: { near: Near; bits: number } | null = null;
  let set = emptySet();
  let distance = 0;
  for (const [i, piece] of pieces.entries()) {
    const { bits, ...literal } = i === 0 ? NOTHING : literalOf(pieces.slice(i));
    if (bits >= LEAST_BITS && bits > (best?.bits ?? 0)) best = { near: { set, distance, literals: [literal] }, bits };
    set = unite(set, piece.set);
    distance += i === 0 ? piece.max - piece.min : piece.max;
    if (distance > MAX_DISTANCE) break;
  }
  return best?.near ?? null;
}

/** Returns what holds where one of both does; null where too much does. */
export function nearEither(a: Near | null, b: Near | null): Near | null {
  if (!a || !b) return null;
  const literals = new Map([...a.literals, ...b.literals].map((literal) => [`${literal.mask} ${literal.value}`, literal]));
  if (literals.size > MAX_LITERALS) return null;
  return { set: unite(a.set, b.set), distance: Math.max(a.distance, b.distance), literals: [...literals.values()] };
}

/** Writes it as an instruction; nothing for null. */
export function writeNear(near: Near | null, numberOf: (set: ByteSet) => number): number[] {
  if (!near) return [];
  const { set, distance, literals } = near;
  const operands = literals.flatMap(({ mask, value }) => [...bytesOf(mask, 4), ...bytesOf(value, 4)]);
  return [OP_NEAR, ...bytesOf(numberOf(set), 2), ...bytesOf(distance, 2), literals.length, ...operands];
}

const NOTHING = { mask: 0, value: 0, bits: 0 };

/** Returns what is certain of the next bytes: the bits that all members of their sets agree in, case folded. */
function literalOf(pieces: readonly Piece[]): Literal & { bits: number } {
  const certain = pieces.findIndex(({ min, max }) => min !== max);
  const sets = pieces
    .slice(0, certain < 0 ? pieces.length : certain)
    .flatMap(({ set, min }) => Array.from({ length: Math.min(min, LITERAL_BYTES) }, () => set));
  return sets.slice(0, LITERAL_BYTES).reduce((literal, set, i) => {
    const { mask, value } = commonBits(set, true);
    // A byte that is known tells eight bits; of others the one of their case, which is folded, tells none.
    const bits = literal.bits + (mask === 0xff ? 8 : countBits(mask & ~0x20));
    return { mask: literal.mask + mask * 256 ** i, value: literal.value + value * 256 ** i, bits };
  }, NOTHING);
}

function bytesOf(n: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor(n / 256 ** i) & 0xff);
}
