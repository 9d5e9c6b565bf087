/** Scanning a text in parts, at any address and cut anywhere, gives what scanning it whole gives; and the reach (src/engine/history/reach.ts) is enough. */
import { describe, expect, it } from 'vitest';
import { OBJECTS, PAD, PAGES_WITH_STORED } from '../../src/core/kernel-layout.ts';
import { reachOf } from '../../src/engine/history/reach.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { Kernel } from '../../src/kernel/load.ts';
import { builtInRules, builtInRuleset } from '../../src/ruleset/load.ts';
import { randomNumbers, randomText } from './random-text.ts';

const ruleset = builtInRuleset();
const kernel = new Kernel(builtInKernel(), ruleset.image, PAGES_WITH_STORED + 100);
const rules = builtInRules();

function place(data: Buffer, address: number): void {
  kernel.memory.fill(0, address - PAD, address + data.length + PAD);
  data.copy(kernel.memory, address);
}

function candidates(address: number, length: number, from: number, to: number): string[] {
  const { pairs } = kernel.scanPart(address, length, from, to);
  return Array.from({ length: pairs.length / 2 }, (_, i) => `${pairs[2 * i]} ${pairs[2 * i + 1]}`);
}

const sorted = (lines: Iterable<string>): string[] => [...new Set(lines)].sort();

describe('scanning parts', () => {
  it('gives what a scan of the whole gives, wherever it is cut', () => {
    const random = randomNumbers(31);
    let count = 0;
    for (let round = 0; round < 60; round++) {
      const data = Buffer.from(randomText(rules, random, 40), 'latin1');
      data.copy(kernel.window);
      const { pairs } = kernel.scan(data.length);
      const whole = sorted(Array.from({ length: pairs.length / 2 }, (_, i) => `${pairs[2 * i]} ${pairs[2 * i + 1]}`));
      count += whole.length;
      for (let cuts = 0; cuts < 10; cuts++) {
        const address = OBJECTS + 512 + 16 * random(64);
        place(data, address);
        const found: string[] = [];
        for (let from = 0; from < data.length; ) {
          const to = Math.min(data.length, from + 1 + random(cuts < 5 ? 100 : 2000));
          found.push(...candidates(address, data.length, from, to));
          from = to;
        }
        expect(sorted(found), `round ${round}`).toEqual(whole);
      }
    }
    expect(count).toBeGreaterThan(1000);
  });

  it('hangs on no byte beyond the reach, but for what is told of', () => {
    const random = randomNumbers(32);
    const reach = reachOf(ruleset.image);
    const address = OBJECTS + 512;
    let compared = 0;
    for (let round = 0; round < 150; round++) {
      const inner = Buffer.from(randomText(rules, random, 6), 'latin1');
      const [before, after, other, another] = Array.from({ length: 4 }, () =>
        Buffer.from(randomText(rules, random, 30).padEnd(900, 'pad '), 'latin1').subarray(0, 900),
      );
      // Tried are the places of which all bytes in reach are the same in both.
      const from = 900 + reach.before;
      const texts = [
        Buffer.concat([before ?? inner, inner, inner, inner, after ?? inner]),
        Buffer.concat([other ?? inner, inner, inner, inner, another ?? inner]),
      ];
      const to = (texts[0]?.length ?? 0) - 900 - reach.after - 64;
      if (to <= from) continue;
      const [first, second] = texts.map((text) => {
        place(text, address);
        const found = candidates(address, text.length, from, to);
        const { long } = kernel.scanPart(address, text.length, from, to);
        return { found: sorted(found), isLong: long.length > 0 };
      });
      if (first?.isLong || second?.isLong) continue;
      compared++;
      expect(second?.found, `round ${round}`).toEqual(first?.found);
    }
    expect(compared).toBeGreaterThan(20);
  });
});
