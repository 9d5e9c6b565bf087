/**
 * Carries what is known of encoded text from a blob to a delta of it, as carry.ts does with candidates. In: the base's records, the delta's runs, where the kernel says
 * that a span may begin. Out: the records that hold, and the zones that must be listed anew. Pure. Called by object-encoded.ts.
 *
 * Whether a span begins at a place hangs on the bytes near it, and on whether the place lies in a span that began before. So spans that are new begin near a change, where
 * the kernel tells of them, or in what is left of a span that was cut. A span holds where all that was read for it is copied in one run; one that holds and touches what
 * is listed anew is listed with it, from its own beginning, so that no zone begins or ends in the middle of one.
 */
import { lastBefore, type SpanOutcome } from '../encoded-text.ts';
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

/** `zones`: apart and rising. Of the records that hold `kept` touch none of them, and `touching` are listed anew all the same. */
export type CarriedEncoded = {
  readonly kept: readonly EncodedRecord[];
  readonly touching: readonly EncodedRecord[];
  readonly zones: Regions;
};

/** `base`: by place. `regions`: places round changes; `fresh`: what the kernel lists there. */
export function carryEncoded(
  base: readonly EncodedRecord[],
  runs: readonly Run[],
  regions: Regions,
  fresh: readonly EncodedRecord[],
  length: number,
): CarriedEncoded {
  /** The furthest end of a record and of all before it. */
  const reached: number[] = [];
  for (const { end } of base) reached.push(Math.max(end, reached.at(-1) ?? 0));
  let looks = 0;
  const intact: EncodedRecord[] = [];
  const anew: Extent[] = [...fresh];
  for (const run of base.length === 0 ? [] : runs) {
    const from = run.low < 0 ? Number.NEGATIVE_INFINITY : run.base + EDGE;
    const to = run.high > length ? Number.POSITIVE_INFINITY : run.baseEnd - EDGE;
    for (let i = lastBefore(reached, run.base - EDGE) + 1; i < base.length; i++) {
      const known = base[i];
      if (!known || known.at - EDGE >= run.baseEnd) break;
      if (++looks > MAX_LOOKS) return { kept: [], touching: [], zones: [0, length] };
      const { at, end } = known;
      if (at >= from && end <= to) {
        const record = run.shift === 0 ? known : { ...known, at: at + run.shift, end: end + run.shift };
        intact.push(record);
        if (isIn(regions, record.at)) anew.push(record);
      } else if (end + EDGE > run.base)
        anew.push({ at: Math.max(at - EDGE, run.base) + run.shift, end: Math.min(end + EDGE, run.baseEnd) + run.shift });
    }
  }
  return anew.length === 0 ? { kept: intact, touching: [], zones: [] } : apart(intact, anew, length);
}

/** Makes zones of extents, with the records that touch them, those that touch these, and so on. By a sweep: dense text has thousands of records that touch each other. */
export function apart(records: readonly EncodedRecord[], anew: readonly Extent[], length: number): CarriedEncoded {
  const [kept, touching] = [[] as EncodedRecord[], [] as EncodedRecord[]];
  const zones: number[] = [];
  let chain: EncodedRecord[] = [];
  let [from, to, isZone] = [0, Number.NEGATIVE_INFINITY, false];
  const close = (): void => {
    for (const record of chain) (isZone ? touching : kept).push(record);
    if (isZone) zones.push(Math.max(0, from), Math.min(length, to));
  };
  const items = [...records.map((record) => ({ extent: record, record })), ...anew.map((extent) => ({ extent, record: null }))];
  for (const { extent, record } of items.sort((a, b) => a.extent.at - b.extent.at)) {
    if (extent.at > to + EDGE) {
      close();
      [chain, from, to, isZone] = [[], extent.at, extent.end, false];
    }
    to = Math.max(to, extent.end);
    if (record) chain.push(record);
    else isZone = true;
  }
  close();
  return { kept, touching, zones };
}

export function extentsOf(zones: Regions): Extent[] {
  return Array.from({ length: zones.length / 2 }, (_, i) => ({ at: zones[2 * i] ?? 0, end: zones[2 * i + 1] ?? 0 }));
}

function isIn(regions: Regions, place: number): boolean {
  return (regions[firstEndingAfter(regions, place)] ?? Number.POSITIVE_INFINITY) <= place;
}
