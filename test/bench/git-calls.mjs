// The git calls that a command makes: learned from one run with git-shim.cjs in PATH, then done again without the command, to time them.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runNode } from './measure.mjs';
import { cachePath, plainEnvironment, ROOT } from './place.mjs';

/** Returns the calls that `node ARGS` makes, in groups: those of one group ran side by side. */
export function recordGitCalls(args, options) {
  const log = cachePath('bench/git-calls.jsonl');
  const folder = cachePath('bench/shim');
  rmSync(log, { force: true });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  symlinkSync(join(ROOT, 'test', 'bench', 'git-shim.cjs'), join(folder, 'git'));
  const { PATH: path } = plainEnvironment();
  runNode(args, { ...options, env: { PATH: `${folder}${delimiter}${path}`, BENCH_GIT_LOG: log, BENCH_REAL_PATH: path } });
  const calls = readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return groupBySide(calls.sort((a, b) => a.started - b.started));
}

/** A call that began before an earlier one ended ran beside it. */
function groupBySide(calls) {
  const groups = [];
  let end = 0;
  for (const call of calls) {
    if (call.started < end) groups.at(-1).push(call);
    else groups.push([call]);
    end = Math.max(end, call.ended);
  }
  return groups;
}

/** Makes the calls again and reads what they give. Returns `{ wallMs }`. */
export async function replayGitCalls(groups) {
  const started = performance.now();
  for (const group of groups) await Promise.all(group.map(replay));
  return { wallMs: performance.now() - started };
}

function replay({ args, input, cwd }) {
  return new Promise((done, fail) => {
    const child = spawn('git', args, {
      cwd,
      env: plainEnvironment({ GIT_OPTIONAL_LOCKS: '0' }),
      stdio: [input === null ? 'ignore' : 'pipe', 'pipe', 'ignore'],
    });
    child.stdin?.end(Buffer.from(input, 'latin1'));
    child.stdout.resume();
    child.on('error', fail);
    child.on('close', (code) => (code === 0 ? done() : fail(new Error(`git ${args.join(' ')} ended with ${code}`))));
  });
}
