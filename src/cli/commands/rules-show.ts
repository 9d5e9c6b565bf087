/** `leakwarden rules show RULE`: what one rule finds, how it is matched, and what to do about a finding. */
import { printable, ToolError } from '../../core/errors.ts';
import type { Rule } from '../../core/rule.ts';
import { type Given, isSet } from '../given.ts';
import type { Io } from '../io.ts';
import { loadRules } from '../load-rules.ts';
import { didYouMean } from '../nearest-word.ts';
import { settingOptionsOf } from '../run-scan.ts';
import { loadSettings } from '../settings.ts';
import { writeToStream } from '../write-output.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const { rules } = await loadRules(await loadSettings(settingOptionsOf(given), io.env, io.cwd));
  const id = given.operands[0] ?? '';
  const rule = rules.find((one) => one.id === id);
  if (rule === undefined) {
    throw new ToolError('unknown-rule', {
      rule:
        id +
        didYouMean(
          id,
          rules.map((one) => one.id),
        ),
    });
  }
  await writeToStream(io.stdout, [isSet(given, 'json') ? `${JSON.stringify(rule, null, 2)}\n` : describeRule(rule)]);
  return 0;
}

function describeRule(rule: Rule): string {
  const facts: readonly (readonly [string, string])[] = [
    ['provider', `${rule.provider} (${rule.category})`],
    ['severity', `${rule.severity}, of a live one`],
    ['confidence', `${rule.confidence}, of a match`],
    ['keywords', rule.keywords.join('  ')],
    ['pattern', rule.pattern],
    ['context', contextWords(rule)],
    ['entropy', rule.entropy > 0 ? `at least ${rule.entropy} bits per character` : ''],
    ['checksum', rule.checksum === null ? '' : `${rule.checksum.id}, checked offline`],
    ['structure', rule.structure === null ? '' : `${rule.structure.id}, read offline`],
    [
      'with',
      rule.with.map((part) => `${part.rule} as ${part.as}, within ${part.lines} lines${part.required ? ', required' : ''}`).join('; '),
    ],
    ['alone', rule.alone ? '' : 'never reported by itself, only as a part of another finding'],
    ['overlaps', rule.overlaps.join(', ')],
    ['rotate', rule.guide ?? ''],
    ['references', rule.references.join('\n              ')],
    ['not', rule.not.map((negative) => negative.because).join('; ')],
  ];
  const lines = facts
    .filter(([, words]) => words !== '')
    .map(([label, words]) => `  ${label.padEnd(12)}${words.split('\n').map(printable).join('\n')}\n`);
  return `${rule.id} · ${printable(rule.name)}\n${printable(rule.description)}\n\n${lines.join('')}`;
}

function contextWords({ context, within }: Rule): string {
  if (context === 'assignment') return 'a keyword in the name that the value is assigned to';
  return context === 'nearby' ? `a keyword in the ${within} bytes before the value` : '';
}
