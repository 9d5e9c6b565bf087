/**
 * Carries what is known of stored values from a blob to a delta of it, as carry.ts does with candidates, and more simply: whether a gram of a stored value stands at a
 * place hangs on its GRAM bytes and nothing else, whether the whole value does, on the bytes round it. In: the base's hits, what the delta copies. Out: where the
 * kernel must look anew, hits that hold, and hits that must be confirmed anew. Pure. Called by object-stored.ts.
 */
import { GRAM, type StoredPrints } from '../../core/stored-prints.ts';
import { reachOfRow, type StoredHit, type StoredPlace } from '../stored-confirm.ts';
import { addRegion, lowerBound } from './carry.ts';

/** Half-open. */
export type Region = { readonly from: number; readonly to: number };

/** A hit and what confirming it came to, with offsets of its blob. */
export type StoredRecord = StoredHit & { readonly place: StoredPlace | null };

/** Bytes between two regions that cost less to be looked at again than a call of the kernel's does. */
const GAP = 64;

export type CarriedStored = {
  /** Apart and rising: grams that begin there are looked for. */
  readonly regions: readonly Region[];
  readonly kept: readonly StoredRecord[];
  readonly doubtful: readonly StoredHit[];
};

/** `runs`: triples of place in the result, place in the base, length, by place in the result (delta.ts). `changes`: Carried.changes. */
export function carryStored(
  base: readonly StoredRecord[],
  runs: Uint32Array,
  changes: readonly number[],
  length: number,
  prints: StoredPrints,
): CarriedStored {
  const kept: StoredRecord[] = [];
  const doubtful: StoredHit[] = [];
  for (let i = 0; base.length > 0 && i < runs.length; i += 3) {
    const [start = 0, from = 0, size = 0] = [runs[i], runs[i + 1], runs[i + 2]];
    for (let n = lowerBound(base, from); n < base.length; n++) {
      const known = base[n];
      if (!known || known.at + GRAM > from + size) break;
      const by = start - from;
      const { before, after } = reachOfRow(known.row, prints);
      const hit = { at: known.at + by, row: known.row };
      if (known.at - before >= from && known.at + after <= from + size) kept.push({ ...hit, place: moved(known.place, by) });
      else doubtful.push(hit);
    }
  }
  return { regions: regionsOf(changes, length), kept, doubtful };
}

function moved(place: StoredPlace | null, by: number): StoredPlace | null {
  return place && by !== 0 ? { start: place.start + by, end: place.end + by, value: place.value } : place;
}

function regionsOf(changes: readonly number[], length: number): Region[] {
  const regions: number[] = [];
  for (let i = 0; i < changes.length; i += 2)
    addRegion(regions, Math.max(0, (changes[i] ?? 0) - GRAM), Math.min(length, (changes[i + 1] ?? 0) + 1), GAP);
  return Array.from({ length: regions.length / 2 }, (_, i) => ({ from: regions[2 * i] ?? 0, to: regions[2 * i + 1] ?? 0 }));
}
