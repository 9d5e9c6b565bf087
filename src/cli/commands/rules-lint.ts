/** `leakwarden rules lint FILE…`: checks rule files as the project checks its own: form, patterns, examples beside the built-in rules. */
import { resolve } from 'node:path';
import { EXIT, printable, reasonOf } from '../../core/errors.ts';
import type { Rule } from '../../core/rule.ts';
import { lintRules } from '../../engine/lint.ts';
import { builtInKernel } from '../../kernel/built-in.ts';
import { compileRules } from '../../ruleset/compile.ts';
import { builtInRules } from '../../ruleset/load.ts';
import { RuleFileError, readRules } from '../../ruleset/read-rules.ts';
import { loadLinearEngine } from '../../ruleset/regex-engine.ts';
import { RuleView } from '../../ruleset/rule-view.ts';
import { type Given, isSet } from '../given.ts';
import { type Io, note } from '../io.ts';
import { checkFile } from '../load-rules.ts';
import { MAX_CONFIG_BYTES, readText } from '../read-text.ts';
import { counted } from '../settings.ts';
import { writeToStream } from '../write-output.ts';

/** Exit 1 when there are faults. */
export async function run(given: Given, io: Io): Promise<number> {
  const faults: string[] = [];
  const rules: Rule[] = [];
  for (const shown of given.operands) {
    const path = resolve(io.cwd, shown);
    checkFile({ path, shown, within: null });
    try {
      rules.push(...(await readRules(readText(path, MAX_CONFIG_BYTES, null), shown)));
    } catch (error) {
      if (!(error instanceof RuleFileError)) throw error;
      faults.push(error.message);
    }
  }
  const builtIn = builtInRules();
  const ids = new Set(rules.map(({ id }) => id));
  faults.push(...builtIn.filter(({ id }) => ids.has(id)).map(({ id }) => `${id}: there is a built-in rule with this id`));
  const refused = await refusedPatterns(rules);
  faults.push(...Array.from(refused, ([id, reason]) => `${id}: ${reason}`));
  const sound = rules.filter(({ id }) => !refused.has(id));
  const beside = builtIn.filter(({ id }) => !ids.has(id));
  faults.push(...(await lintRules(builtInKernel(), sound, beside, true)).map(({ rule, reason }) => `${rule}: ${reason}`));
  await writeToStream(
    io.stdout,
    faults.map((fault) => `${printable(fault)}\n`),
  );
  if (!isSet(given, 'quiet')) note(io, `${counted(rules.length, 'rule', 'rules')}, ${counted(faults.length, 'fault', 'faults')}`);
  return faults.length > 0 ? EXIT.findings : EXIT.clean;
}

/** Returns the rules whose patterns the linear engine does not take, and why. Those that do not even compile are left to the linter. */
async function refusedPatterns(rules: readonly Rule[]): Promise<Map<string, string>> {
  const engine = await loadLinearEngine();
  const refused = new Map<string, string>();
  const { ruleset } = compileRules(rules);
  const view = new RuleView(ruleset);
  for (const [index, id] of ruleset.ids.entries()) {
    try {
      engine.make(view.at(index)?.source ?? '');
    } catch (error) {
      refused.set(id, reasonOf(error));
    }
  }
  return refused;
}
