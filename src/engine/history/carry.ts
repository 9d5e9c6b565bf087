/**
 * Carries what is known of a blob to a delta of it. In: the base's records, what the delta copies. Out: the regions of the result that must be scanned, and the
 * candidates that hold there without. Pure. The heart of the history scan: what it gives must be what a scan of the whole result gives.
 *
 * The kernel's answer at a trigger hangs on the bytes [trigger - before, trigger + after) (reach.ts), on those of its long reads, and on where the blob begins and
 * ends; a candidate's place is at most `back` bytes before its trigger. So every *change* (new bytes, a seam between two runs, a start or an end that is not
 * the base's, a long read that is not copied whole) is widened to a region
 *
 * ```
 *   [change - back - after, change + before + back)       its triggers are tried anew
 *   [change - back - after, change + before)              candidates of the base with their place there are dropped: they are found again, or are no more
 * ```
 *
 * and a candidate elsewhere has a trigger whose bytes are all copied. Its confirmation holds if the bytes that it read lie in the same run; else it is asked again.
 */
import type { Reach } from './reach.ts';
import type { Candidate, LongRead, Records } from './records.ts';

/** Half-open. */
export type Region = { readonly from: number; readonly to: number };

export type Carried = {
  /** Apart and rising. */
  readonly regions: readonly Region[];
  /** Rising in each run. The proof holds. */
  readonly kept: readonly Candidate[];
  /** The kernel's word holds, but it must be confirmed anew. */
  readonly doubtful: readonly Candidate[];
  /** In the regions: if they are found again, the proof holds. */
  readonly dropped: readonly Candidate[];
  readonly long: readonly LongRead[];
  /** From and to of each change, rising; for who carries something else (carry-stored.ts). */
  readonly changes: readonly number[];
};

/** A run in which nothing changed: `low` and `high` are beyond the blob where its start and end are the base's. */
type Run = { readonly base: number; readonly baseEnd: number; readonly shift: number; readonly low: number; readonly high: number };

/** `runs`: triples of place in the result, place in the base, length, by place in the result (delta.ts). */
export function carry(base: Records, baseLength: number, runs: Uint32Array, length: number, reach: Reach): Carried {
  const long: LongRead[] = [];
  const list = wideRuns(runs, baseLength, length, reach);
  const changes = changesBetween(runs, baseLength, length);
  if (base.long.length > 0 && carryLong(base.long, list, reach, long, changes)) sortPairs(changes);
  const regions = regionsOf(changes, length, reach);
  const out = { regions, kept: [] as Candidate[], doubtful: [] as Candidate[], dropped: [] as Candidate[], long, changes };
  if (base.candidates.length > 0) for (const run of list) carryRun(base.candidates, run, regions, length, reach, out);
  return out;
}

/** Returns the runs of which more is left than what the changes round them take: most runs of a text that changed a lot are shorter. */
function wideRuns(runs: Uint32Array, baseLength: number, length: number, { before, after, back }: Reach): Run[] {
  const list: Run[] = [];
  for (let i = 0; i < runs.length; i += 3) {
    const [start = 0, base = 0, size = 0] = [runs[i], runs[i + 1], runs[i + 2]];
    const isStart = start === 0 && base === 0;
    const isEnd = start + size === length && base + size === baseLength;
    if (size <= before + back + after && !isStart && !isEnd) continue;
    list.push({
      base,
      baseEnd: base + size,
      shift: start - base,
      low: isStart ? Number.NEGATIVE_INFINITY : start,
      high: isEnd ? Number.POSITIVE_INFINITY : start + size,
    });
  }
  return list;
}

/** Returns from and to of each change, rising: what is not in a run, seams, and a start or an end that is not the base's. */
function changesBetween(runs: Uint32Array, baseLength: number, length: number): number[] {
  const changes: number[] = [];
  let done = 0;
  let baseDone = -1;
  for (let i = 0; i < runs.length; i += 3) {
    const start = runs[i] ?? 0;
    const base = runs[i + 1] ?? 0;
    const size = runs[i + 2] ?? 0;
    if (start !== 0 || base !== 0) changes.push(done, start);
    done = start + size;
    baseDone = base + size;
  }
  if (done !== length || baseDone !== baseLength) changes.push(done, length);
  return changes;
}

/** Carries long reads; one that is not copied whole is a change. Returns whether there was such. A short run has none that is. */
function carryLong(known: readonly LongRead[], list: readonly Run[], reach: Reach, long: LongRead[], changes: number[]): boolean {
  const before = changes.length;
  for (const run of list) {
    for (let i = lowerBound(known, run.base); i < known.length; i++) {
      const one = known[i];
      if (!one || one.at >= run.baseEnd) break;
      const [at, end] = [one.at + run.shift, one.end + run.shift];
      if (at - reach.before >= run.low && end < run.high) long.push({ at, end });
      else changes.push(at, at);
    }
  }
  return changes.length > before;
}

function sortPairs(pairs: number[]): void {
  const sorted = Array.from({ length: pairs.length / 2 }, (_, i) => [pairs[2 * i] ?? 0, pairs[2 * i + 1] ?? 0] as const).sort(
    (a, b) => a[0] - b[0],
  );
  for (const [i, [from, to]] of sorted.entries()) [pairs[2 * i], pairs[2 * i + 1]] = [from, to];
}

function carryRun(
  candidates: readonly Candidate[],
  run: Run,
  regions: readonly Region[],
  length: number,
  reach: Reach,
  out: { readonly kept: Candidate[]; readonly doubtful: Candidate[]; readonly dropped: Candidate[] },
): void {
  let next = firstEndingAfter(regions, run.base + run.shift);
  for (let i = lowerBound(candidates, run.base); i < candidates.length; i++) {
    const known = candidates[i];
    if (!known || known.at >= run.baseEnd) break;
    const { program, proof } = known;
    const at = known.at + run.shift;
    const isProven =
      (proof.isAtStart ? run.low < 0 : at - proof.before >= run.low) && (proof.isAtEnd ? run.high > length : at + proof.after <= run.high);
    const carried = { at, program, proof };
    for (let region = regions[next]; region && region.to <= at; region = regions[next]) next++;
    const region = regions[next];
    const isDropped = region && at >= region.from && (region.to >= length || at < region.to - reach.back);
    if (!isDropped) (isProven ? out.kept : out.doubtful).push(carried);
    else if (isProven) out.dropped.push(carried);
  }
}

function regionsOf(changes: readonly number[], length: number, { before, after, back }: Reach): Region[] {
  const regions: Region[] = [];
  let from = -1;
  let to = -1;
  for (let i = 0; i < changes.length; i += 2) {
    const next = Math.max(0, (changes[i] ?? 0) - back - after);
    const end = Math.min(length, (changes[i + 1] ?? 0) + before + back);
    if (next > to) {
      if (to > from) regions.push({ from, to });
      from = next;
      to = end;
    } else if (end > to) to = end;
  }
  if (to > from) regions.push({ from, to });
  return regions;
}

function firstEndingAfter(regions: readonly Region[], at: number): number {
  let low = 0;
  let high = regions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((regions[middle]?.to ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns the index of the first with its place at `at` or after. */
function lowerBound(sorted: readonly { readonly at: number }[], at: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.at ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
