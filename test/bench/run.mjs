// The benchmarks: `npm run bench -- [tree|kernel|start|guard|stored|stores|history]… [FOLDER] [--json FILE]`. No name means all but stored, stores and history. What the figures mean stands in
// docs/bench/README.md. Everything is a ratio to, or a difference from, something measured in the same run; exit code 1 when a count is
// not what it must be, 2 when nothing could be measured.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Checks } from './check.mjs';
import { ROOT } from './place.mjs';

const PARTS = {
  tree: async (request) => (await import('./tree.mjs')).benchTree(request),
  kernel: async (request) => (await import('./kernel.mjs')).benchKernel(request),
  start: async (request) => (await import('./start.mjs')).benchStart(request),
  guard: async (request) => (await import('./guard.mjs')).benchGuard(request),
  stored: async (request) => (await import('./stored.mjs')).benchStored(request),
  stores: async (request) => (await import('./stores.mjs')).benchStores(request),
  history: async (request) => (await import('./history.mjs')).benchHistory(request),
};
/** Take minutes, history a download the first time: only when named. */
const NOT_BY_ITSELF = new Set(['stored', 'stores', 'history']);

function readArguments() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } });
  const names = positionals.filter((one) => one in PARTS);
  const folders = positionals.filter((one) => !(one in PARTS));
  const wrong = folders.find((one, i) => i > 0 || !existsSync(one));
  if (wrong !== undefined) throw new Error(`neither a benchmark (${Object.keys(PARTS).join(', ')}) nor the folder to scan: ${wrong}`);
  return {
    names: names.length > 0 ? names : Object.keys(PARTS).filter((name) => !NOT_BY_ITSELF.has(name)),
    folder: folders[0],
    jsonFile: values.json,
  };
}

/** What the figures belong to. */
function describeRun() {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commitOf(),
    node: process.version,
    machine: `${processors.length} cores, ${processors[0]?.model ?? 'unknown'}`,
    load: loadavg()[0],
  };
}

function commitOf() {
  const git = (...args) => spawnSync('git', args, { cwd: ROOT }).stdout.toString().trim();
  const commit = git('rev-parse', '--short=12', 'HEAD');
  if (commit === '') return 'unknown';
  return git('status', '--porcelain') === '' ? commit : `${commit} and changes`;
}

async function main() {
  const { names, folder, jsonFile } = readArguments();
  const checks = new Checks();
  const about = describeRun();
  const print = (text) => process.stdout.write(`${text}\n`);
  print(`${about.date}, commit ${about.commit}, Node ${about.node}, ${about.machine}, load ${about.load.toFixed(1)} before\n`);
  const figures = {};
  for (const name of names) figures[name] = await PARTS[name]({ folder, checks, print });
  for (const failure of checks.failures) print(`FAILED: ${failure}`);
  print(`${checks.passed} checks passed, ${checks.failures.length} failed`);
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify({ ...about, ...figures, failures: checks.failures }, null, 2)}\n`);
  process.exitCode = checks.failures.length > 0 ? 1 : 0;
}

await main().catch((error) => {
  process.stderr.write(`bench: error: ${error.message}\n`);
  process.exitCode = 2;
});
