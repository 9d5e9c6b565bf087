/**
 * The places of a blob for which the kernel looked further than it mostly does (LONG_OUT), and how they are carried to a delta of it: one whose bytes are all copied
 * in one run holds, any other place is to be tried again. A big file has thousands of them, so they are numbers, not objects. Pure. Used by carry.ts and object-scan.ts.
 */
import type { Run } from './carry.ts';

/** Triples, by place, each once: the place, the first byte that was read (below zero where the blob's start was in the way), the last one. */
export type LongReads = Int32Array;

export const NO_LONG_READS: LongReads = new Int32Array(0);

/** A blob with more is scanned whole, and so are its deltas. 2.4 MB; a megabyte of source text has some thousand. */
export const MAX_LONG_READS = 200_000;

/** A place in a blob is less than MAX_OBJECT_BYTES. */
const INDICES = 2 ** 24;

/** Returns the reads that hold, by place, and the places in runs at which one does not, rising. */
export function carryLong(known: LongReads, runs: readonly Run[]): { readonly long: LongReads; readonly again: number[] } {
  const again: number[] = [];
  if (known.length === 0) return { long: NO_LONG_READS, again };
  let total = 0;
  for (const { base, baseEnd } of runs) total += lowerBound(known, baseEnd) - lowerBound(known, base);
  const long = new Int32Array(total);
  let count = 0;
  for (const { base, baseEnd, shift, low, high } of runs) {
    const end = lowerBound(known, baseEnd);
    for (let n = lowerBound(known, base); n < end; n += 3) {
      const place = (known[n] ?? 0) + shift;
      const first = (known[n + 1] ?? 0) + shift;
      const last = (known[n + 2] ?? 0) + shift;
      if (first >= low && last < high) {
        long[count] = place;
        long[count + 1] = first;
        long[count + 2] = last;
        count += 3;
      } else again.push(place);
    }
  }
  return { long: long.subarray(0, count), again };
}

/** Returns both together, by place. `fresh` may come in any order, and a place in both; then what was read is all that was. null: there are more than are kept. */
export function withFresh(known: LongReads, fresh: readonly number[]): LongReads | null {
  if (fresh.length === 0) return known.length > 3 * MAX_LONG_READS ? null : known;
  if (known.length + fresh.length > 6 * MAX_LONG_READS) return null;
  const order = Float64Array.from({ length: fresh.length / 3 }, (_, i) => (fresh[3 * i] ?? 0) * INDICES + i).sort();
  const all = new Int32Array(known.length + fresh.length);
  let count = 0;
  const add = (place: number, first: number, last: number): void => {
    if (count > 0 && all[count - 3] === place) {
      all[count - 2] = Math.min(all[count - 2] ?? 0, first);
      all[count - 1] = Math.max(all[count - 1] ?? 0, last);
      return;
    }
    all[count] = place;
    all[count + 1] = first;
    all[count + 2] = last;
    count += 3;
  };
  let next = 0;
  for (const key of order) {
    const i = 3 * (key % INDICES);
    const place = fresh[i] ?? 0;
    for (; next < known.length && (known[next] ?? 0) <= place; next += 3) add(known[next] ?? 0, known[next + 1] ?? 0, known[next + 2] ?? 0);
    add(place, fresh[i + 1] ?? 0, fresh[i + 2] ?? 0);
  }
  for (; next < known.length; next += 3) add(known[next] ?? 0, known[next + 1] ?? 0, known[next + 2] ?? 0);
  return count > 3 * MAX_LONG_READS ? null : all.slice(0, count);
}

/** Returns the index of the first read at `at` or after. */
function lowerBound(sorted: LongReads, at: number): number {
  let low = 0;
  let high = sorted.length / 3;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[3 * middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return 3 * low;
}
