#!/usr/bin/env node
/**
 * Validates SARIF reports with Microsoft's validator: the schema, its own rules and those of GitHub's code scanning.
 * Without arguments it takes the reviewed snapshots, which test/reports and test/action keep equal to what is written, and a faulty report that must be refused.
 * `npm ci --prefix .ci/sarif --ignore-scripts` installs the validator. Ends with `N passed, N failed`; exit code 1 when one failed.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const fromRoot = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const validator = fromRoot('.ci/sarif/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool');
const work = mkdtempSync(join(tmpdir(), 'leakwarden-sarif-'));

/** Returns the validator's errors and warnings about one file, one line each. */
function complaints(file) {
  const command = ['validate', file, '--rule-kind', 'Sarif;Ghas', '--output', join(work, 'out.sarif'), '--log', 'ForceOverwrite'];
  const env = { ...process.env, DOTNET_BUNDLE_EXTRACT_BASE_DIR: work, DOTNET_CLI_TELEMETRY_OPTOUT: '1' };
  const { stdout, status, error } = spawnSync(validator, command, { encoding: 'utf8', env, timeout: 120_000 });
  if (error) throw error;
  if (!/1 files scanned/.test(stdout)) throw new Error(`the validator did not run (exit ${status}): ${stdout.slice(-400)}`);
  return stdout.split('\n').flatMap((line) => {
    const match = /\((\d+,\d+)\): (error|warning) (.*)$/.exec(line);
    return match === null ? [] : [{ level: match[2], text: `${match[1]}: ${match[2]} ${match[3]}` }];
  });
}

/** A result that names no rule that there is, without a location: the validator must refuse it. */
function faultyReport() {
  const file = join(work, 'faulty.sarif');
  const run = { tool: { driver: { name: 'x', rules: [] } }, results: [{ ruleId: 'a', ruleIndex: 7, message: { text: 'no location' } }] };
  writeFileSync(file, JSON.stringify({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }));
  return file;
}

let passed = 0;
let failed = 0;

function report(name, isGood, lines) {
  console.log(`${isGood ? 'ok  ' : 'FAIL'} ${name}`);
  for (const line of lines) console.log(`     ${line}`);
  if (isGood) passed += 1;
  else failed += 1;
}

try {
  // npm was told to run no install scripts; this is all that the package's would do.
  chmodSync(validator, 0o755);
  const given = process.argv.slice(2);
  const snapshots = [
    ...['small', 'clean', 'audit'].map((name) => `test/reports/snapshots/${name}.sarif`),
    'test/action/snapshots/upload.sarif',
  ];
  const files = given.length > 0 ? given : snapshots.map(fromRoot);
  for (const file of files) {
    const found = complaints(file);
    report(
      basename(file),
      !found.some(({ level }) => level === 'error'),
      found.map(({ text }) => text),
    );
  }
  if (given.length === 0)
    report(
      'a faulty report is refused',
      complaints(faultyReport()).some(({ level }) => level === 'error'),
      [],
    );
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
