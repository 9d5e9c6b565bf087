/**
 * Carries what is known of encoded text from a blob to a delta of it, as carry.ts does with candidates. In: the base's records, the delta's runs, where the kernel says
 * that a span may begin. Out: the records that hold, and the zones that must be listed anew. Pure. Called by object-encoded.ts.
 *
 * Whether a span begins at a place hangs on the bytes near it, and on whether the place lies in a span that began before. So spans that are new begin near a change, where
 * the kernel tells of them, or in what is left of a span that was cut. A span holds where all that was read for it is copied in one run; one that holds and touches what
 * is listed anew is listed with it, from its own beginning, so that no zone begins or ends in the middle of one.
 */
import type { SpanOutcome } from '../encoded-text.ts';
import { firstEndingAfter, type Regions, type Run } from './carry.ts';

/** Half-open. */
type Extent = { readonly at: number; readonly end: number };

/** A span that the kernel listed; `kinds` 0: only what was read beside another, or for nothing. */
export type EncodedRecord = Extent & {
  readonly kinds: number;
  /** What it came to, with offsets of the blob in which the span stood at `origin`; null: not decoded. Shared by all blobs that have it. */
  readonly outcome: SpanOutcome | null;
  readonly origin: number;
};

/** Bytes on either side of a span that decide where it begins and ends. */
const EDGE = 2;

/** Looks at a record for a run. With more the blob is listed anew. */
const MAX_LOOKS = 2_000_000;

/** `zones`: apart and rising; none of `kept` touches one. `intact`: also those that hold and are listed anew all the same. */
export type CarriedEncoded = {
  readonly kept: readonly EncodedRecord[];
  readonly zones: Regions;
  readonly intact: readonly EncodedRecord[];
};

/** `regions`: places round changes; `fresh`: what the kernel lists there. */
export function carryEncoded(
  base: readonly EncodedRecord[],
  runs: readonly Run[],
  regions: Regions,
  fresh: readonly EncodedRecord[],
  length: number,
): CarriedEncoded {
  const byPlace = [...base].sort((a, b) => a.at - b.at);
  /** The furthest end of a record and of all before it. */
  const reached: number[] = [];
  for (const { end } of byPlace) reached.push(Math.max(end, reached.at(-1) ?? 0));
  let looks = 0;
  const intact: EncodedRecord[] = [];
  const anew: Extent[] = [...fresh];
  for (const run of base.length === 0 ? [] : runs) {
    const from = run.low < 0 ? Number.NEGATIVE_INFINITY : run.base + EDGE;
    const to = run.high > length ? Number.POSITIVE_INFINITY : run.baseEnd - EDGE;
    for (let i = firstAbove(reached, run.base - EDGE); i < byPlace.length; i++) {
      const known = byPlace[i];
      if (!known || known.at - EDGE >= run.baseEnd) break;
      if (++looks > MAX_LOOKS) return { kept: [], zones: [0, length], intact: [] };
      const { at, end } = known;
      if (at >= from && end <= to) {
        const record = run.shift === 0 ? known : { ...known, at: at + run.shift, end: end + run.shift };
        intact.push(record);
        if (isIn(regions, record.at)) anew.push(record);
      } else if (end + EDGE > run.base)
        anew.push({ at: Math.max(at - EDGE, run.base) + run.shift, end: Math.min(end + EDGE, run.baseEnd) + run.shift });
    }
  }
  if (anew.length === 0) return { kept: intact, zones: [], intact };
  const [kept, zones] = apart(intact, anew, length);
  return { kept, zones, intact };
}

/** Adds what touches the zones to them, until nothing does. Returns the records outside, and the zones. */
export function apart(records: readonly EncodedRecord[], anew: readonly Extent[], length: number): [EncodedRecord[], Regions] {
  let zones = zonesOf(anew, length);
  for (let kept = [...records]; ; ) {
    const [outside, touching] = [[] as EncodedRecord[], [] as EncodedRecord[]];
    for (const record of kept) (touches(zones, record) ? touching : outside).push(record);
    if (touching.length === 0) return [kept, zones];
    zones = zonesOf([...touching, ...extentsOf(zones)], length);
    kept = outside;
  }
}

export function extentsOf(zones: Regions): Extent[] {
  return Array.from({ length: zones.length / 2 }, (_, i) => ({ at: zones[2 * i] ?? 0, end: zones[2 * i + 1] ?? 0 }));
}

function touches(zones: Regions, { at, end }: Extent): boolean {
  const next = firstEndingAfter(zones, at - EDGE);
  return next < zones.length && (zones[next] ?? 0) < end + EDGE;
}

function zonesOf(extents: readonly Extent[], length: number): number[] {
  const zones: number[] = [];
  for (const { at, end } of [...extents].sort((a, b) => a.at - b.at)) {
    const [from, to] = [Math.max(0, at), Math.min(length, end)];
    const last = zones.length - 1;
    if (last > 0 && from <= (zones[last] ?? 0) + EDGE) zones[last] = Math.max(zones[last] ?? 0, to);
    else zones.push(from, to);
  }
  return zones;
}

/** Returns the index of the first of rising numbers that is above a limit, or the length. */
function firstAbove(rising: readonly number[], limit: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] ?? 0) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isIn(regions: Regions, place: number): boolean {
  return (regions[firstEndingAfter(regions, place)] ?? Number.POSITIVE_INFINITY) <= place;
}
