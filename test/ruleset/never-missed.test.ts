/**
 * The kernel's programs against the patterns they were made from: whatever a rule's pattern matches, the kernel must propose. Text is generated from each
 * pattern's own syntax tree, so this covers what pieces.ts and programs.ts make of it; test/kernel holds the kernel against its twin.
 */
import { describe, expect, it } from 'vitest';
import { type ByteText, Confirmer } from '../../src/engine/confirm.ts';
import type { RawMatch } from '../../src/engine/raw-match.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { Kernel } from '../../src/kernel/load.ts';
import { builtInRules, builtInRuleset } from '../../src/ruleset/load.ts';
import { parsePattern } from '../../src/ruleset/parse-pattern.ts';
import { V8 } from '../../src/ruleset/regex-engine.ts';
import { RuleView } from '../../src/ruleset/rule-view.ts';
import { randomNumbers } from '../kernel/random-text.ts';
import { randomMatch } from './random-match.ts';

const ruleset = builtInRuleset();
const view = new RuleView(ruleset);
const kernel = new Kernel(builtInKernel(), ruleset.image);
const confirmer = new Confirmer(view, V8);

/** What stands before a value, and after it. */
const SETTINGS: readonly (readonly [(keyword: string) => string, string])[] = [
  [() => '', ''],
  [() => ' ', '\n'],
  [(keyword) => `${keyword} = "`, '"'],
  [(keyword) => `"${keyword}": "`, '",'],
  [(keyword) => `export ${keyword.toUpperCase()}=`, '\n'],
  [() => 'say "\\n', '\\n"'],
];

/** Where an assignment that is read forwards from its keyword has a certain end. */
const QUOTED = SETTINGS.slice(2, 4);

/** Whether a rule's values are read forwards from a keyword, since nothing in them can be looked for. */
function readsAssignments(rule: number): boolean {
  for (let i = 0; ; i++) {
    const program = view.program(i);
    if (!program) return false;
    if (program.rule === rule) return program.kind === 'keyword';
  }
}

function proposed(data: Buffer, text: ByteText): RawMatch[] {
  kernel.window.set(data);
  const { pairs } = kernel.scan(data.length);
  return Array.from({ length: pairs.length / 2 }, (_, i) => {
    const program = view.program(pairs[2 * i + 1] ?? 0);
    return program ? confirmer.confirm(text, pairs[2 * i] ?? 0, program) : null;
  }).filter((match) => match !== null);
}

describe('the kernel proposes', () => {
  it('every match of every pattern that is not generic', () => {
    const random = randomNumbers(31);
    let checked = 0;
    for (const [index, rule] of builtInRules().entries()) {
      if (rule.generic) continue;
      const tree = parsePattern(rule.pattern);
      for (const [before, after] of readsAssignments(index) ? QUOTED : SETTINGS) {
        const value = randomMatch(tree, random);
        // Control characters are no text, and a quote or a backslash would end the literal elsewhere.
        if (readsAssignments(index) && !/^[ !#-&(-[\]-_a-~]+$/.test(value)) continue;
        const opening = before(rule.keywords[random(rule.keywords.length)] ?? '');
        const data = Buffer.from(`${opening}${value}${after}`, 'latin1');
        const text: ByteText = {
          length: data.length,
          slice: (start, end) => data.toString('latin1', Math.max(0, start), Math.max(0, end)),
        };
        const direct =
          rule.context === 'none' ? confirmer.matchAt(text, opening.length, index) : confirmer.confirmValue(text, opening.length, index);
        if (!direct) continue;
        checked++;
        // A pattern with an open beginning may take in the letter of an escape before it (\nhttps://…).
        const covers = (match: RawMatch): boolean =>
          match.rule === index && match.secretStart <= direct.secretStart && match.secretEnd === direct.secretEnd;
        expect(proposed(data, text).some(covers), `${rule.id}: ${JSON.stringify(data.toString('latin1'))}`).toBe(true);
      }
    }
    expect(checked).toBeGreaterThan(2 * ruleset.ids.length);
  }, 120_000);

  it('a quoted value that opens with a sign, before a comma inside it', () => {
    const data = Buffer.from('"password": "?T_IkYd,F-H4VJji9",');
    const text: ByteText = { length: data.length, slice: (start, end) => data.toString('latin1', Math.max(0, start), Math.max(0, end)) };
    expect(proposed(data, text)).not.toEqual([]);
  });
});
