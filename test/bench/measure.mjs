// Runs processes and times them: wall by the clock of this process, CPU and memory by usage-hook.cjs inside of theirs. Nothing is kept
// from one run to another, so that what is compared stands in the same run.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cachePath, plainEnvironment, ROOT } from './place.mjs';

const USAGE_HOOK = `${ROOT}/test/bench/usage-hook.cjs`;

/** Runs Node with `args` and returns `{ wallMs, stdout }`. Throws when it ends with another code than 0. */
export function runNode(args, { cwd = ROOT, env = {}, accept = [0] } = {}) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, env: plainEnvironment(env), maxBuffer: 1 << 28 });
  const wallMs = performance.now() - started;
  if (!accept.includes(status)) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
  return { wallMs, stdout: stdout.toString(), stderr: stderr.toString() };
}

/** The same, with `cpuMs` and `memoryMb` (the peak of its resident set). */
export function runNodeWithUsage(args, options = {}) {
  const file = cachePath('bench/usage.json');
  const ran = runNode(['--require', USAGE_HOOK, ...args], { ...options, env: { ...options.env, BENCH_USAGE_FILE: file } });
  return { ...ran, ...JSON.parse(readFileSync(file, 'utf8')) };
}

/**
 * Runs each of `runs` (name → function that returns an object of numbers) once a round, in an order that rotates, so that none always
 * comes first and a slow moment of the machine meets all. Returns name → list of what the rounds gave.
 */
export async function alternate(runs, rounds, onRound = () => undefined) {
  const names = Object.keys(runs);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(round + i) % names.length];
      results[name].push(await runs[name](round));
    }
    onRound(round);
  }
  return results;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Returns `{ median, min }` of one field of all rounds. */
export function summary(rounds, field) {
  const values = rounds.map((one) => one[field]);
  return { median: median(values), min: Math.min(...values) };
}
