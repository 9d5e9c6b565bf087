/** Some built-in rules, as they stand in rules/, and values in the form of any, made from seeds. */
import type { Rule } from '../../src/core/rule.ts';
import { type PatternNode, parsePattern } from '../../src/ruleset/parse-pattern.ts';
import { readRules } from '../../src/ruleset/read-rules.ts';
import { randomNumbers } from '../kernel/random-text.ts';
import { randomMatch } from '../ruleset/random-match.ts';
import { RULE_FILES, textOfRuleFile } from '../ruleset/rule-files.ts';

/** Small seeds lie too close together. */
const SPREAD = 7919;

/** The files of the rules that tests name: to read all takes seconds. */
const NAMED =
  /(?:aws|azure|confluent|gcp|aiven|linode|elastic|infisical|kubernetes|meraki|cloudflare|discord|github|gitlab|vault|heroku|mailchimp|npm|sendgrid|slack|stripe|tailscale)\.yml$/;
const files = RULE_FILES.filter((name) => NAMED.test(name));
const rules: readonly Rule[] = (await Promise.all(files.map((name) => readRules(textOfRuleFile(name), name)))).flat();

export function ruleNamed(id: string): Rule {
  const rule = rules.find((one) => one.id === id);
  if (!rule) throw new Error(`there is no rule ${id} in the files that are read`);
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
