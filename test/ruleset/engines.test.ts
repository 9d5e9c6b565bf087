/** The whole rule set on each engine: the built-in patterns run on V8, a user's on re2 or re2js, and all three must find the same. */
import { describe, expect, it } from 'vitest';
import type { Rule } from '../../src/core/rule.ts';
import { scannerOf } from '../../src/engine/lint.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { builtInRules, builtInRuleset } from '../../src/ruleset/load.ts';
import { type Engine, loadEngine, V8 } from '../../src/ruleset/regex-engine.ts';
import { randomNumbers, randomText } from '../kernel/random-text.ts';

const module = builtInKernel();
const ruleset = builtInRuleset();
const rules: readonly Rule[] = builtInRules();
const re2 = await loadEngine('re2');
const re2js = await loadEngine('re2js');

function findings(engine: Engine): (text: string) => string {
  const scan = scannerOf(module, ruleset, engine, engine);
  return (text) => JSON.stringify(scan(text));
}

if (!re2) process.stdout.write('SKIPPED: re2 is not installed here, so its engine was not compared\n');

const others: readonly (readonly [string, Engine | null])[] = [
  ['re2js', re2js],
  ['re2', re2],
];

describe.each(others)('%s finds what V8 finds', (_name, engine) => {
  it.skipIf(!engine)(
    'in every example and every negative example',
    () => {
      const [ours, theirs] = [findings(V8), findings(engine ?? V8)];
      let matched = 0;
      for (const rule of rules) {
        for (const text of [...rule.examples, ...rule.not.map((one) => one.text)]) {
          const filled = fillExample(text, rule.id);
          const expected = ours(filled);
          if (expected !== '[]') matched++;
          expect(theirs(filled), `${rule.id}: ${text}`).toBe(expected);
        }
      }
      expect(matched).toBeGreaterThan(2 * rules.length);
    },
    120_000,
  );

  it.skipIf(!engine)(
    'in random text made of all rules',
    () => {
      const [ours, theirs] = [findings(V8), findings(engine ?? V8)];
      const random = randomNumbers(404);
      for (let round = 0; round < 60; round++) {
        const text = randomText(rules, random, 15);
        expect(theirs(text), `round ${round}`).toBe(ours(text));
      }
    },
    120_000,
  );
});

describe('built-in patterns on V8', () => {
  it('stay fast on text that invites backtracking', () => {
    const scan = scannerOf(module, ruleset, V8);
    const random = randomNumbers(1);
    // Openings of every rule with their own characters repeated, cut before they can match.
    for (const rule of rules) {
      const example = fillExample(rule.examples[0] ?? '', rule.id);
      const hostile = Array.from({ length: 6 }, () => example.slice(0, random(example.length) + 1).repeat(20)).join('\n');
      const started = performance.now();
      scan(hostile);
      expect(performance.now() - started, rule.id).toBeLessThan(5000);
    }
  }, 240_000);
});
