/** Reads rules/ and writes what the bundle embeds (src/ruleset/builtin.d.mts). Run by build.mjs with the kernel's file and the output. */
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rule } from '../core/rule.ts';
import { compileRules } from '../ruleset/compile.ts';
import { readRules } from '../ruleset/read-rules.ts';

const [kernelFile = '', outFile = ''] = process.argv.slice(2);
const rules: Rule[] = [];
for (const name of readdirSync('rules').filter((one) => one.endsWith('.yml')).sort()) rules.push(...(await readRules(readFileSync(join('rules', name), 'utf8'), name)));
const { ruleset, faults } = compileRules(rules);
for (const fault of faults) process.stderr.write(`rule ${fault.rule}: ${fault.reason}\n`);
if (faults.length > 0) process.exitCode = 1;
const { image, ...compiled } = ruleset;
const text = (value: string): string => JSON.stringify(value);
writeFileSync(`${outFile}.${process.pid}`, [
  `export const kernel = ${text(readFileSync(kernelFile).toString('base64'))};`,
  `export const image = ${text(Buffer.from(image).toString('base64'))};`,
  `export const compiled = ${text(JSON.stringify(compiled))};`,
  `export const sources = ${text(JSON.stringify(rules))};`,
  '',
].join('\n'));
renameSync(`${outFile}.${process.pid}`, outFile);
