/** Reads the built-in rules as they stand in rules/, not as they were built. */
import { readFileSync } from 'node:fs';
import { listRuleFiles } from '../../src/build/rule-files.ts';
import type { Rule } from '../../src/core/rule.ts';
import { readRules } from '../../src/ruleset/read-rules.ts';

const RULES = new URL('../../rules/', import.meta.url);

/** The rule files, as `category/provider.yml`. */
export const RULE_FILES: readonly string[] = listRuleFiles(RULES);

export function textOfRuleFile(name: string): string {
  return readFileSync(new URL(name, RULES), 'utf8');
}

export async function readRuleFiles(): Promise<readonly Rule[]> {
  return (await Promise.all(RULE_FILES.map((name) => readRules(textOfRuleFile(name), name)))).flat();
}
