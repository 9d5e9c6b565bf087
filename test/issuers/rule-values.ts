/** The built-in rules and values in their form, made from seeds. */
import type { Rule } from '../../src/core/rule.ts';
import { type PatternNode, parsePattern } from '../../src/ruleset/parse-pattern.ts';
import { randomNumbers } from '../kernel/random-text.ts';
import { randomMatch } from '../ruleset/random-match.ts';
import { readRuleFiles } from '../ruleset/rule-files.ts';

/** Small seeds lie too close together. */
const SPREAD = 7919;

export const rules: readonly Rule[] = await readRuleFiles();

export function ruleNamed(id: string): Rule {
  const rule = rules.find((one) => one.id === id);
  if (!rule) throw new Error(`there is no rule ${id}`);
  return rule;
}

/** Returns a value in the form of a rule. */
export function makeValue(rule: Rule, seed: number): string {
  const node = secretNode(parsePattern(rule.pattern));
  return node === null ? '' : randomMatch(node, randomNumbers(seed * SPREAD));
}

function secretNode(node: PatternNode): PatternNode | null {
  if (node.kind === 'group' && node.name === 'secret') return node;
  const below = node.kind === 'sequence' || node.kind === 'choice' ? node.items : 'item' in node ? [node.item] : [];
  return below.reduce<PatternNode | null>((found, one) => found ?? secretNode(one), null);
}
