/** The built-in rules as a whole: what docs/rules.md promises of each of them, checked on the rule's own data. */
import { describe, expect, it } from 'vitest';
import type { Rule } from '../../src/core/rule.ts';
import { lintRules, scannerOf } from '../../src/engine/lint.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { byteText } from '../../src/ruleset/byte-set.ts';
import { CHECKSUMS } from '../../src/ruleset/checksums/index.ts';
import { compileRules } from '../../src/ruleset/compile.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { loadRuleset } from '../../src/ruleset/load.ts';
import { parsePattern } from '../../src/ruleset/parse-pattern.ts';
import { loadLinearEngine } from '../../src/ruleset/regex-engine.ts';
import { randomNumbers } from '../kernel/random-text.ts';
import { randomMatch } from './random-match.ts';
import { readRuleFiles } from './rule-files.ts';

const rules = await readRuleFiles();

const LEAST_RULES = 1000;
/** Random matches of each pattern. */
const TRIES = 20;

const idsOf = (some: readonly Rule[]): string[] => some.map((rule) => rule.id);

describe('the built-in rules', () => {
  it('are many, each with an id of its own', () => {
    expect(rules.length).toBeGreaterThanOrEqual(LEAST_RULES);
    expect(new Set(idsOf(rules)).size).toBe(rules.length);
  });

  it('are found by their ids without the others', async () => {
    const { named, rules: all } = await loadRuleset();
    expect(all.map(({ id }) => named(new Set([id])))).toEqual(all.map((rule) => [rule]));
    expect(named(new Set(['no-such-rule', all[3]?.id ?? '']))).toEqual([all[3]]);
  });

  it('have no fault that lint finds', { timeout: 120_000 }, async () => {
    expect(await lintRules(builtInKernel(), rules)).toEqual([]);
  });

  it('have two examples and a counter-example with its reason, at least', () => {
    expect(idsOf(rules.filter((rule) => rule.examples.length < 2 || new Set(rule.examples).size < rule.examples.length))).toEqual([]);
    expect(idsOf(rules.filter((rule) => rule.not.length < 1 || rule.not.some((one) => one.because.length < 5)))).toEqual([]);
  });

  it('say what each is in a sentence, and name pages that describe it', () => {
    const isSentence = (rule: Rule): boolean => /^[A-Z0-9'"(].*\.$/.test(rule.description) && rule.description.length < 400;
    expect(idsOf(rules.filter((rule) => !isSentence(rule)))).toEqual([]);
    expect(
      idsOf(rules.filter((rule) => ![...rule.references, rule.guide ?? 'https://x'].every((page) => page.startsWith('https://')))),
    ).toEqual([]);
  });

  it('hold no value that looks real: examples are filled from seeds', () => {
    const texts = (rule: Rule): string[] => [...rule.examples, ...rule.not.map((one) => one.text)];
    const isBare = (rule: Rule): boolean =>
      texts(rule).some((text) => /\b(?!eyJ)(?=[A-Za-z]*[0-9])[A-Za-z0-9]{40}/.test(text.replace(/\{\{[^{}]*\}\}/g, '')));
    expect(idsOf(rules.filter(isBare))).toEqual([]);
  });

  it('cannot match without a keyword where the pattern says it all', () => {
    const strays = rules.flatMap((rule, i) => {
      if (rule.context !== 'none') return [];
      const random = randomNumbers(i + 1);
      const tree = parsePattern(rule.pattern);
      const texts = Array.from({ length: TRIES }, () => randomMatch(tree, random).toLowerCase());
      return texts.some((text) => !rule.keywords.some((keyword) => text.includes(byteText(keyword).toLowerCase()))) ? [rule.id] : [];
    });
    expect(strays).toEqual([]);
  });
});

describe('the checksums of the built-in rules', async () => {
  const summed = rules.filter((rule) => rule.checksum !== null);
  const { ruleset } = compileRules(rules);
  const scan = scannerOf(builtInKernel(), ruleset, await loadLinearEngine());

  for (const rule of summed) {
    const sum = CHECKSUMS[rule.checksum?.id ?? ''];
    it(`${rule.id}: the examples are right, and wrong with one character changed`, () => {
      expect(sum).toBeDefined();
      for (const example of rule.examples) {
        const text = fillExample(example, rule.id);
        const secret = scan(text).find((match) => match.rule === rule.id)?.secret ?? '';
        expect(secret).not.toBe('');
        expect(sum?.verify(secret, rule.checksum?.seed)).toBe(true);
        const broken = text.replace(secret, flipped(secret));
        const left = scan(broken).filter((match) => match.rule === rule.id && match.secret === flipped(secret));
        if (sum?.mismatch === 'reject') expect(left).toEqual([]);
        else expect(sum?.verify(flipped(secret), rule.checksum?.seed)).not.toBe(true);
      }
    });
  }

  it('are on many rules', () => {
    expect(summed.length).toBeGreaterThan(50);
  });
});

/** Alphabets within which one character is changed for another. */
const KINDS = ['0123456789', 'bcdf', 'rstv', 'BCDF', 'RSTV', 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/** Returns the secret with one letter or digit before its middle changed to another of the same kind. */
function flipped(secret: string): string {
  const at = [...secret].findLastIndex((character, i) => i <= secret.length / 2 && /[0-9A-Za-z]/.test(character));
  const kind = KINDS.find((letters) => letters.includes(secret.charAt(at))) ?? '';
  return secret.slice(0, at) + kind.charAt((kind.indexOf(secret.charAt(at)) + 1) % kind.length) + secret.slice(at + 1);
}
