/**
 * Carries what is known of a blob to a delta of it. In: the base's records, what the delta copies. Out: the regions of the result that must be scanned, and the
 * candidates that hold there without. Pure. The heart of the history scan: what it gives must be what a scan of the whole result gives.
 *
 * The kernel's answer at a place hangs on the bytes [place - before, place + after) (reach.ts), on those of a long read from there (long-reads.ts), and on where the blob
 * begins and ends among these. So round every *change* (what is in no run, a seam between two runs, a start or an end that is not the base's) the places
 *
 * ```
 *   [change - after, change + before)
 * ```
 *
 * are tried anew, and so is each place whose long read is not copied whole. A candidate is dropped if the place that it came of is tried again: then it is found again, or
 * is no more. Which place that is its program says (Reach.backs). At all other places of runs all bytes that were read are copied, so the answer there is the base's.
 * A candidate's confirmation holds if the bytes that it read lie in the same run; else it is asked again.
 */
import { carryLong, type LongReads } from './long-reads.ts';
import type { Reach } from './reach.ts';
import type { Candidate, Records } from './records.ts';

/** Places to be tried: from and to of each region, half-open, apart and rising. */
export type Regions = readonly number[];

export type Carried = {
  readonly regions: Regions;
  /** Rising in each run. The proof holds. */
  readonly kept: readonly Candidate[];
  /** The kernel's word holds, but it must be confirmed anew. */
  readonly doubtful: readonly Candidate[];
  /** In the regions: if they are found again, the proof holds. */
  readonly dropped: readonly Candidate[];
  readonly long: LongReads;
  /** From and to of each change, rising, and what lies between; for who carries something else (carry-stored.ts, carry-encoded.ts). */
  readonly changes: readonly number[];
  readonly runs: readonly Run[];
};

/** What a delta copied in one piece: `low` and `high` are beyond the blob where its start and end are the base's. */
export type Run = { readonly base: number; readonly baseEnd: number; readonly shift: number; readonly low: number; readonly high: number };

/** Bytes between two regions that cost less to be scanned than to be passed over: a region begins with a look at the 64 before it, and ends with its block. */
const GAP = 128;

/** Shorter runs are of no use: the regions on both sides cover them. */
export function leastRun({ before, after }: Reach): number {
  return before + after + GAP;
}

/** `runs`: triples of place in the result, place in the base, length, by place in the result (delta.ts); some may be left out. */
export function carry(base: Records, baseLength: number, runs: Uint32Array, length: number, reach: Reach): Carried {
  const list = runsOf(runs, baseLength, length);
  const changes = changesBetween(runs, baseLength, length);
  const { long, again } = carryLong(base.long, list);
  const regions = regionsOf(changes, again, length, reach);
  const out = { regions, kept: [] as Candidate[], doubtful: [] as Candidate[], dropped: [] as Candidate[], long, changes, runs: list };
  if (base.candidates.length > 0) for (const run of list) carryRun(base.candidates, run, reach.backs, length, out);
  return out;
}

function runsOf(runs: Uint32Array, baseLength: number, length: number): Run[] {
  const list: Run[] = [];
  for (let i = 0; i < runs.length; i += 3) {
    const start = runs[i] ?? 0;
    const base = runs[i + 1] ?? 0;
    const size = runs[i + 2] ?? 0;
    const isStart = start === 0 && base === 0;
    const isEnd = start + size === length && base + size === baseLength;
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

function carryRun(
  candidates: readonly Candidate[],
  run: Run,
  backs: Uint8Array,
  length: number,
  out: Pick<Carried, 'regions'> & { readonly kept: Candidate[]; readonly doubtful: Candidate[]; readonly dropped: Candidate[] },
): void {
  const { regions } = out;
  let next = 0;
  let isFirst = true;
  for (let i = lowerBound(candidates, run.base); i < candidates.length; i++) {
    const known = candidates[i];
    if (!known || known.at >= run.baseEnd) break;
    const { program, proof } = known;
    const tried = known.at + (backs[program] ?? 0);
    // It came of a read across the run's end, which is tried again where there is such a place.
    if (tried >= run.baseEnd) continue;
    const at = known.at + run.shift;
    if (isFirst) next = firstEndingAfter(regions, at);
    isFirst = false;
    const isProven =
      (proof.isAtStart ? run.low < 0 : at - proof.before >= run.low) && (proof.isAtEnd ? run.high > length : at + proof.after <= run.high);
    const carried = run.shift === 0 ? known : { at, program, proof };
    while (next < regions.length && (regions[next + 1] ?? 0) <= at) next += 2;
    if (!holds(regions, next, tried + run.shift)) (isProven ? out.kept : out.doubtful).push(carried);
    else if (isProven) out.dropped.push(carried);
  }
}

/** Whether a place is in a region, of which those before `next` end before it. */
function holds(regions: Regions, next: number, place: number): boolean {
  let i = next;
  while (i < regions.length && (regions[i + 1] ?? 0) <= place) i += 2;
  return i < regions.length && place >= (regions[i] ?? 0);
}

/** `again`: single places, rising. */
function regionsOf(changes: readonly number[], again: readonly number[], length: number, { before, after }: Reach): number[] {
  const regions: number[] = [];
  const add = (from: number, to: number): void => addRegion(regions, from, to, GAP);
  let next = 0;
  for (let i = 0; i < changes.length; i += 2) {
    const from = Math.max(0, (changes[i] ?? 0) - after);
    for (let place = again[next]; place !== undefined && place < from; place = again[++next]) add(place, place + 1);
    add(from, Math.min(length, (changes[i + 1] ?? 0) + before));
  }
  for (let place = again[next]; place !== undefined; place = again[++next]) add(place, place + 1);
  return regions;
}

/** Adds a region that begins no earlier than the last one; where no more than `gap` lies between them, they become one. An empty one is left out. */
export function addRegion(regions: number[], from: number, to: number, gap: number): void {
  const last = regions.length - 1;
  if (last > 0 && from <= (regions[last] ?? 0) + gap) regions[last] = Math.max(regions[last] ?? 0, to);
  else if (to > from) regions.push(from, to);
}

/** Returns the index of the first region that ends after a place, or the length. */
export function firstEndingAfter(regions: Regions, at: number): number {
  let low = 0;
  let high = regions.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((regions[2 * middle + 1] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return 2 * low;
}

/** Returns the index of the first with its place at `at` or after. */
export function lowerBound(sorted: readonly { readonly at: number }[], at: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.at ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
