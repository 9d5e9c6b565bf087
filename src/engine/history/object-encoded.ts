/**
 * Scans what is encoded in one unpacked object: in all of it, or, where it is a delta of one that was looked at, no more than what is new (carry-encoded.ts). In come the
 * kernel's spans, out go matches in decoded text, with offsets of the object, and records for the deltas that come after. Called by object-scan.ts.
 *
 * What comes out is what EncodedText.scan() gives for a window that holds the object: where a budget of that would be reached, there is no outcome, and the object is scanned so.
 */
import { LIST_BLOB, LIST_CHANGES, RUN_LENGTH, SPANS_MAX, WINDOW_MAX } from '../../core/kernel-layout.ts';
import type { Kernel } from '../../kernel/load.ts';
import { MAX_INFLATED_BYTES } from '../decode/decode-span.ts';
import { type DecodedText, newDecodeBudget } from '../decoded-text.ts';
import { type DecodedRaw, type EncodedText, inDecodingOrder } from '../encoded-text.ts';
import type { Carried, Regions } from './carry.ts';
import { apart, carryEncoded, type EncodedRecord, extentsOf } from './carry-encoded.ts';
import type { Unpacked } from './object-scan.ts';

/** How often zones may grow before all of the object is one. */
const MAX_TRIES = 8;

export type ObjectEncoded = {
  readonly records: readonly EncodedRecord[];
  readonly found: readonly DecodedRaw[];
  readonly isUndecoded: boolean;
  /** That were not known of the base. */
  readonly unpackedBytes: number;
};

export class ObjectEncodedText {
  readonly #kernel: Kernel;
  readonly #encoded: EncodedText;

  constructor(kernel: Kernel, encoded: EncodedText) {
    this.#kernel = kernel;
    this.#encoded = encoded;
  }

  /**
   * Calls `scanParts`, which has the kernel scan the regions, and gives what is encoded in the object beside what it returns; null: it must be scanned whole. `base`:
   * the records of what the object is a delta of, or null.
   */
  scan<Found>(
    { address, length }: Unpacked,
    bytes: Buffer,
    { regions, runs }: Pick<Carried, 'regions' | 'runs'>,
    base: readonly EncodedRecord[] | null,
    scanParts: () => Found,
  ): { readonly scanned: Found; readonly encoded: ObjectEncoded | null } {
    if (this.#encoded.maxDepth === 0) return { scanned: scanParts(), encoded: NOTHING };
    const what = base ? LIST_CHANGES : LIST_BLOB;
    const { scanned, spans, isOverfull } = this.#kernel.listEncoded(address, length, what, regions, scanParts);
    // With more than are told some would be missing: there are more in the object, then.
    if (isOverfull) return { scanned, encoded: null };
    if (!base) return { scanned, encoded: this.#outcomes(bytes, recordsOf(spans)) };
    const { kept, touching, zones } = carryEncoded(base, runs, regions, recordsOf(spans), length);
    if (zones.length === 0) return { scanned, encoded: kept.length === 0 ? NOTHING : this.#outcomes(bytes, kept) };
    const records = this.#listAnew({ address, length }, kept, touching, zones);
    return { scanned, encoded: records && this.#outcomes(bytes, records) };
  }

  /**
   * Returns the records outside of the zones, and those inside, with the outcomes of such as held there (`touching`); null: too many. What is listed may reach beyond its
   * zone: then that is listed with it.
   */
  #listAnew(
    { address, length }: Unpacked,
    records: readonly EncodedRecord[],
    touching: readonly EncodedRecord[],
    dirty: Regions,
  ): EncodedRecord[] | null {
    const known = new Map(touching.map((record) => [keyOf(record), record]));
    let [kept, zones] = [records, dirty];
    for (let tries = 0; ; tries++) {
      if (tries === MAX_TRIES) [kept, zones] = [[], [0, length]];
      const { spans, isOverfull } = this.#kernel.listEncoded(address, length, LIST_BLOB, zones, () => {
        for (const { at, end } of extentsOf(zones)) this.#kernel.scanPart(address, length, at, Math.min(length, end + RUN_LENGTH));
      });
      if (isOverfull) return null;
      const listed = recordsOf(spans);
      const grown = apart(kept, [...extentsOf(zones), ...listed], length);
      if (grown.touching.length === 0 && grown.zones.length === zones.length) {
        return [...kept, ...listed.map((record) => known.get(keyOf(record)) ?? record)].sort(byPlace);
      }
      for (const record of grown.touching) known.set(keyOf(record), record);
      [kept, zones] = [grown.kept, grown.zones];
    }
  }

  /** Decodes and scans the spans of which no outcome is known yet. */
  #outcomes(bytes: Buffer, spans: readonly EncodedRecord[]): ObjectEncoded | null {
    if (spans.length > SPANS_MAX) return null;
    const left = newDecodeBudget();
    const records: EncodedRecord[] = [];
    const telling: EncodedRecord[] = [];
    let unpackedBytes = 0;
    for (const span of spans) {
      const { at, end, kinds } = span;
      if (end - at > WINDOW_MAX) return null;
      const isKnown = kinds === 0 || span.outcome !== null;
      const record = isKnown ? span : { ...span, outcome: this.#encoded.scanSpan(bytes, kinds, at, end) };
      records.push(record);
      const { outcome } = record;
      if (!outcome) continue;
      if (!isKnown) unpackedBytes += outcome.unpackedBytes;
      left.unpackedBytes -= outcome.unpackedBytes;
      left.candidates -= outcome.candidates;
      if (left.unpackedBytes < MAX_INFLATED_BYTES || left.candidates < 0) return null;
      if (outcome.isExhausted) left.isExhausted = true;
      if (outcome.found.length > 0) telling.push(record);
    }
    return { records, found: foundIn(telling), isUndecoded: left.isExhausted, unpackedBytes };
  }
}

/** Returns what is found in records, with offsets of the object, in the order in which a window's are found: level by level, and in each as they are decoded. */
function foundIn(records: readonly EncodedRecord[]): DecodedRaw[] {
  const inOrder = [...records].sort((a, b) => inDecodingOrder(a.kinds, a.at, b.kinds, b.at));
  const found = inOrder.flatMap(({ outcome, at, origin }) => movedBy(outcome?.found ?? [], at - origin));
  return found
    .map((one) => ({ one, depth: depthOf(one.text) }))
    .sort((a, b) => a.depth - b.depth)
    .map(({ one }) => one);
}

const NOTHING: ObjectEncoded = { records: [], found: [], isUndecoded: false, unpackedBytes: 0 };

/** By place; what is read beside a span may be told twice, where two parts of an object meet. */
function recordsOf(spans: Uint32Array): EncodedRecord[] {
  if (spans.length === 0) return [];
  const records = Array.from({ length: spans.length / 3 }, (_, i): EncodedRecord => {
    const at = spans[3 * i + 1] ?? 0;
    return { at, end: spans[3 * i + 2] ?? 0, kinds: spans[3 * i] ?? 0, outcome: null, origin: at };
  });
  return [...new Map(records.map((record) => [keyOf(record), record])).values()].sort(byPlace);
}

function byPlace(a: EncodedRecord, b: EncodedRecord): number {
  return a.at - b.at || a.kinds - b.kinds || a.end - b.end;
}

function keyOf({ kinds, at, end }: EncodedRecord): string {
  return `${kinds} ${at} ${end}`;
}

function movedBy(found: readonly DecodedRaw[], by: number): readonly DecodedRaw[] {
  if (by === 0) return found;
  const moved = new Map<DecodedText, DecodedText>();
  const move = (text: DecodedText): DecodedText => {
    const known = moved.get(text);
    if (known) return known;
    const { parent, outerOf } = text;
    const made: DecodedText = parent
      ? { ...text, parent: move(parent) }
      : {
          ...text,
          outerOf: (start, end) => {
            const span = outerOf(start, end);
            return { start: span.start + by, end: span.end + by };
          },
        };
    moved.set(text, made);
    return made;
  };
  // What is settled is told apart by identity, and a delta may copy the same span twice.
  return found.map(({ text, raw }) => ({ text: move(text), raw: raw.map((match) => ({ ...match })) }));
}

function depthOf({ parent }: DecodedText): number {
  return parent ? depthOf(parent) + 1 : 0;
}
