/** Regions that lie close together become one: what both who carry over a delta make of its changes, against a twin that marks every place. */
import { describe, expect, it } from 'vitest';
import { GRAM, type StoredPrints } from '../../../src/core/stored-prints.ts';
import { addRegion, carry } from '../../../src/engine/history/carry.ts';
import { carryStored } from '../../../src/engine/history/carry-stored.ts';
import { NO_LONG_READS } from '../../../src/engine/history/long-reads.ts';
import { randomNumbers } from '../../kernel/random-text.ts';

const NOTHING_KNOWN = { candidates: [], long: NO_LONG_READS, stored: [], encoded: [] };
const NO_PRINTS: StoredPrints = {
  rows: new Uint32Array(0),
  tags: new Uint8Array(0),
  filter: new Uint32Array(0),
  tagKey: new Uint8Array(0),
};
const REACH = { before: 5, after: 11, backs: new Uint8Array(0), ahead: 0 };

/** Regions from marked places: a gap of `gap` or fewer unmarked ones between two is filled. */
function marked(spans: readonly (readonly [number, number])[], length: number, gap: number): number[] {
  const places = Array.from({ length }, () => false);
  for (const [from, to] of spans) for (let at = Math.max(0, from); at < Math.min(length, to); at++) places[at] = true;
  const regions: number[] = [];
  for (const [at, isMarked] of places.entries()) {
    if (!isMarked) continue;
    const end = regions.at(-1);
    if (end !== undefined && at - end <= gap) regions[regions.length - 1] = at + 1;
    else regions.push(at, at + 1);
  }
  return regions;
}

/** A delta: a base's length, a result's, and what is copied, as triples; pieces, gaps and ends of every size, none included. */
function randomDelta(random: (limit: number) => number): { baseLength: number; length: number; runs: Uint32Array } {
  const baseLength = random(1200);
  const runs: number[] = [];
  let length = random(3) === 0 ? random(300) : 0;
  for (let count = random(5); count > 0 && baseLength > 0; count--) {
    const from = random(3) === 0 ? 0 : random(baseLength);
    const size = 1 + (random(3) === 0 ? baseLength - from - 1 : random(baseLength - from));
    runs.push(length, from, size);
    length += size + (random(2) === 0 ? random(300) : 0);
  }
  return { baseLength, length, runs: Uint32Array.from(runs) };
}

describe('regions that are tried again', () => {
  it('are, for candidates and for stored values, the places near a change and small gaps between them', () => {
    const random = randomNumbers(71);
    for (let round = 0; round < 2000; round++) {
      const { baseLength, length, runs } = randomDelta(random);
      const { regions, changes } = carry(NOTHING_KNOWN, baseLength, runs, length, REACH);
      const pairs = Array.from({ length: changes.length / 2 }, (_, i) => [changes[2 * i] ?? 0, changes[2 * i + 1] ?? 0] as const);
      const near = (before: number, after: number): (readonly [number, number])[] => pairs.map(([from, to]) => [from - before, to + after]);
      expect(regions).toEqual(marked(near(REACH.after, REACH.before), length, 128));
      const stored = carryStored([], runs, changes, length, NO_PRINTS).regions;
      expect(stored.flatMap(({ from, to }) => [from, to])).toEqual(marked(near(GRAM, 1), length, 64));
    }
  });

  it('begin where they are said to, from the first place on, and are none where there is no place', () => {
    const regions: number[] = [];
    addRegion(regions, 0, 0, 64);
    expect(regions).toEqual([]);
    for (const [from, to] of [
      [20, 30],
      [20, 25],
      [94, 95],
      [160, 161],
    ] as const)
      addRegion(regions, from, to, 64);
    expect(regions).toEqual([20, 95, 160, 161]);
  });
});
