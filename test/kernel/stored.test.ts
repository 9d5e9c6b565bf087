/** Stored values at every place: the kernel against a slow twin that tries every value, in every form, at every byte. */

import { describe, expect, it } from 'vitest';
import { MAX_PRINTED_VALUES, packPrints, printOf, printsByTag } from '../../src/check/prints.ts';
import { PAGES } from '../../src/core/kernel-layout.ts';
import { GRAM, isSeen, ROW_SUM, ROW_WORDS, type StoredPrints, sumOf } from '../../src/core/stored-prints.ts';
import { confirmStored } from '../../src/engine/stored-confirm.ts';
import { storedTables } from '../../src/engine/stored-tables.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { Kernel } from '../../src/kernel/load.ts';
import { builtInRuleset } from '../../src/ruleset/load.ts';
import { randomNumbers } from './random-text.ts';
import { BASE62, filter, isGuessable, printed, random, VALUES } from './stored-values.ts';

const module = builtInKernel();

const kernelOf = (prints: StoredPrints): Kernel => new Kernel(module, builtInRuleset().image, PAGES, storedTables(prints));

function fast(kernel: Kernel, prints: StoredPrints, data: Buffer): string[] {
  kernel.window.set(data);
  const { pairs } = kernel.scanStored(data.length);
  return confirmStored(kernel.window, data.length, pairs, prints).places.map(
    ({ start, end, value }) => `${start}-${end} ${value.toString('utf8')}`,
  );
}

/** Every form of a value as a text that may hold it, with where it then begins and ends. */
function formsOf(value: string): string[] {
  return [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)];
}

/** Finds values by looking for each form of each, the base64 of three alignments by decoding every run at every place. */
function slow(values: readonly string[], data: Buffer): string[] {
  const out = new Set<string>();
  for (const value of values) {
    for (const form of formsOf(value).map((text) => Buffer.from(text))) {
      for (let at = data.indexOf(form); at >= 0; at = data.indexOf(form, at + 1)) out.add(`${at}-${at + form.length} ${value}`);
    }
    const bytes = Buffer.from(value);
    for (let lead = 0; lead < 3; lead++) {
      const length = Math.ceil((8 * (lead + bytes.length)) / 6) - lead;
      for (let at = 0; at + length <= data.length; at++) {
        const text = data.toString('latin1', at, at + length);
        if (!/^[\w+/-]+$/.test(text)) continue;
        if (
          Buffer.from('A'.repeat(lead) + text, 'base64')
            .subarray(lead)
            .equals(bytes)
        )
          out.add(`${at}-${at + length} ${value}`);
      }
    }
  }
  return [...out].sort();
}

describe('stored values at every place', () => {
  const { prints, found } = printed(VALUES);
  const kernel = kernelOf(prints);

  it('has fingerprints of all values that are long enough', () => {
    expect(found.length).toBe(VALUES.length);
    expect(printOf(random('short', BASE62, 16), Buffer.alloc(16), filter, isGuessable)).toBe(null);
    expect(printOf('correct horse battery staple again', Buffer.alloc(16), filter, isGuessable)).toBe(null);
    expect(MAX_PRINTED_VALUES * 4).toBeLessThan(0.9 * 2 ** 20);
  });

  it('finds each value in each form at each place, and nothing else', () => {
    const numbers = randomNumbers(5);
    let count = 0;
    for (const [n, value] of VALUES.entries()) {
      for (let lead = 0; lead < 12; lead++) {
        const noise = random(`noise ${n} ${lead}`, '\n ={}:"', 40);
        const inner = Buffer.from(`${random(`x${lead}`, BASE62, lead)}${value}${random('y', BASE62, lead % 5)}`);
        const pick = numbers(5);
        const form =
          [value, encodeURIComponent(value), JSON.stringify(value), inner.toString('base64'), inner.toString('base64url')][pick] ?? '';
        const data = Buffer.from(`${noise.slice(0, 5 + lead)}${form}${noise}`);
        const expected = slow([value], data);
        expect(expected.length, `${n} ${lead} ${pick}`).toBeGreaterThan(0);
        expect(fast(kernel, prints, data).sort(), `${n} ${lead} ${pick}`).toEqual(expected);
        count++;
      }
    }
    expect(count).toBeGreaterThan(1000);
  });

  it('finds one at the very edges of a window, and none that is cut', () => {
    const value = VALUES[3] ?? '';
    for (let lead = 0; lead < 20; lead++) {
      const text = ' '.repeat(lead) + value;
      expect(fast(kernel, prints, Buffer.from(text))).toEqual([`${lead}-${lead + value.length} ${value}`]);
      expect(fast(kernel, prints, Buffer.from(text.slice(0, -1)))).toEqual([]);
      expect(fast(kernel, prints, Buffer.from(text.slice(lead + 1)))).toEqual([]);
    }
  });

  it('agrees with the sums as they are written down, byte by byte', () => {
    const data = Buffer.from(VALUES.join('\n').slice(0, 4001));
    const bySum = new Map<number, number[]>();
    for (let row = 0; row * ROW_WORDS < prints.rows.length; row++) {
      const sum = prints.rows[row * ROW_WORDS + ROW_SUM] ?? 0;
      bySum.set(sum, [...(bySum.get(sum) ?? []), row]);
    }
    const expected: string[] = [];
    for (let at = 0; at + GRAM <= data.length; at++) {
      if (!isSeen(data.subarray(at, at + GRAM))) continue;
      for (const row of bySum.get(sumOf(data.readUInt32LE(at), data.readUInt32LE(at + 4), filter, 0)) ?? []) expected.push(`${at} ${row}`);
    }
    kernel.window.set(data);
    const { pairs } = kernel.scanStored(data.length);
    const seen = Array.from({ length: pairs.length / 2 }, (_, i) => `${pairs[2 * i]} ${pairs[2 * i + 1]}`);
    expect(expected.length).toBeGreaterThan(50);
    expect(seen.sort()).toEqual(expected.sort());
  });

  it('survives packing, and keeps what is known by its tag', () => {
    const byTag = printsByTag(packPrints(found));
    expect(byTag.size).toBe(found.length);
    expect(packPrints(byTag.values())).toEqual(packPrints(found));
    expect(printsByTag(Buffer.alloc(0)).size).toBe(0);
  });

  it('holds no byte of a value', () => {
    const section = packPrints(found).toString('latin1');
    for (const value of VALUES)
      for (let at = 0; at + 8 <= value.length; at++) expect(section.includes(value.slice(at, at + 8))).toBe(false);
  });
});
