/**
 * Looks for stored values in one unpacked object: in all of it, or, where it is a delta of one that was looked at, in what is new (carry-stored.ts). Gives records for
 * the deltas that come after; null where there are so many that the object is hostile. Called by object-scan.ts.
 */
import type { StoredPrints } from '../../core/stored-prints.ts';
import type { Kernel } from '../../kernel/load.ts';
import { confirmHit, eachOnce, hitsOf, MAX_DIGESTS, type StoredHit } from '../stored-confirm.ts';
import { type CarriedStored, carryStored, type StoredRecord } from './carry-stored.ts';
import type { Descent, Unpacked } from './object-scan.ts';

export function findStored(
  kernel: Kernel,
  prints: StoredPrints,
  { address, length }: Unpacked,
  bytes: Buffer,
  descent: Descent | null,
  changes: readonly number[],
): StoredRecord[] | null {
  const { regions, kept, doubtful }: CarriedStored = descent
    ? carryStored(descent.base.stored, descent.runs, changes, length, prints)
    : { regions: [{ from: 0, to: length }], kept: [], doubtful: [] };
  const hits: StoredHit[] = [...doubtful];
  for (const { from, to } of regions) {
    const { pairs, isOverfull } = kernel.scanStoredPart(address, from, to);
    if (isOverfull) return null;
    if (pairs.length > 0) hits.push(...hitsOf(bytes, length, pairs, prints));
    if (hits.length + kept.length > 2 * MAX_DIGESTS) return null;
  }
  const known = new Set(kept.map(({ at, row }) => `${at} ${row}`));
  const found = eachOnce(hits)
    .filter(({ at, row }) => !known.has(`${at} ${row}`))
    .map((hit): StoredRecord => ({ ...hit, place: confirmHit(bytes, length, hit, prints) }));
  const records = eachOnce([...kept, ...found]);
  return records.length > MAX_DIGESTS ? null : records;
}
