/**
 * Lints rule files: form, compile faults, examples. Bundled and run by src/build/rules-lint.mjs while rules are written; `leakwarden rules lint`
 * offers the same to users.
 */
import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { lintRules } from '../engine/lint.ts';
import { compileKernel } from '../kernel/load.ts';
import { readRules } from '../ruleset/read-rules.ts';
import { listRuleFiles } from './rule-files.ts';

const [kernelFile = '', ...files] = process.argv.slice(2);
const builtIn = listRuleFiles('rules').map((name) => join('rules', name));
const all = files.length > 0 ? files.map((file) => normalize(file)) : builtIn;
const others = builtIn.filter((file) => !all.includes(file));
const read = async (list: string[], isQuiet: boolean) =>
  (
    await Promise.all(
      list.map(async (file) => {
        try {
          return await readRules(readFileSync(file, 'utf8'), file);
        } catch (error) {
          if (!isQuiet) {
            process.stdout.write(`${(error as Error).message}\n`);
            process.exitCode = 1;
          }
          return [];
        }
      }),
    )
  ).flat();
const rules = await read(all, false);
const neighbours = await read(others, true);
const faults = await lintRules(compileKernel(readFileSync(kernelFile)), rules, neighbours);
for (const fault of faults) process.stdout.write(`${fault.rule}: ${fault.reason}\n`);
process.stdout.write(`${rules.length} rules in ${all.length} files (beside ${neighbours.length} others), ${faults.length} faults\n`);
if (faults.length > 0) process.exitCode = 1;
