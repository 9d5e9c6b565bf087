/** `leakwarden rules list`: one line a rule, or all of it as JSON. */
import { printable } from '../../core/errors.ts';
import type { Rule } from '../../core/rule.ts';
import { type Given, isSet } from '../given.ts';
import { type Io, note } from '../io.ts';
import { loadRules, rulesInUse } from '../load-rules.ts';
import { settingOptionsOf } from '../run-scan.ts';
import { counted, loadSettings } from '../settings.ts';
import { writeToStream } from '../write-output.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const settings = await loadSettings(settingOptionsOf(given), io.env, io.cwd);
  const rules = rulesInUse(await loadRules(settings));
  for (const notice of settings.notices) note(io, notice);
  const text = isSet(given, 'json') ? `${JSON.stringify(rules, null, 2)}\n` : tableOf(rules);
  await writeToStream(io.stdout, [text]);
  if (!isSet(given, 'quiet') && !isSet(given, 'json')) note(io, counted(rules.length, 'rule', 'rules'));
  return 0;
}

function tableOf(rules: readonly Rule[]): string {
  const rows = rules.map(({ id, severity, confidence, name }) => [id, severity, confidence, printable(name)]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`).join('');
}
