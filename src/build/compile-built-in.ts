/** Reads rules/ and writes what the bundle embeds (src/ruleset/builtin.d.mts). Run by build.mjs with the kernel's file and the output folder. */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rule } from '../core/rule.ts';
import { compileRules } from '../ruleset/compile.ts';
import { packRuleset } from '../ruleset/packed.ts';
import { readRules } from '../ruleset/read-rules.ts';
import { listRuleFiles } from './rule-files.ts';

const [kernelFile = '', outFolder = ''] = process.argv.slice(2);
const rules: Rule[] = [];
for (const name of listRuleFiles('rules')) rules.push(...(await readRules(readFileSync(join('rules', name), 'utf8'), name)));
const { ruleset, faults } = compileRules(rules);
for (const fault of faults) process.stderr.write(`rule ${fault.rule}: ${fault.reason}\n`);
// A rule set with a faulty rule is not installed over a good one.
if (faults.length > 0) process.exit(1);

const kernel = readFileSync(kernelFile).toString('base64');
const build = createHash('sha256').update(kernel).update(JSON.stringify(rules)).digest('hex').slice(0, 16);
write('rules.compiled', packRuleset(ruleset, build));
// A rule a line, its id first: a report's few rules are found without parsing them all (src/ruleset/load.ts).
write('rules.json', `[\n${rules.map((rule) => JSON.stringify(rule)).join(',\n')}\n]\n`);
write(
  'builtin.mjs',
  [
    "import { readFileSync } from 'node:fs';",
    "import { dirname, join } from 'node:path';",
    "import { fileURLToPath } from 'node:url';",
    `export const build = ${JSON.stringify(build)};`,
    `export const kernel = ${JSON.stringify(kernel)};`,
    "const folder = typeof __dirname === 'string' ? __dirname : dirname(fileURLToPath(import.meta.url));",
    'export const readBuilt = (name) => readFileSync(join(folder, name));',
    '',
  ].join('\n'),
);

/** Beside and renamed, so that nobody reads half a file. */
function write(name: string, content: string | Uint8Array): void {
  const beside = join(outFolder, `.${process.pid}-${name}`);
  writeFileSync(beside, content);
  renameSync(beside, join(outFolder, name));
}
