// The history scan against `git cat-file --batch --batch-all-objects --unordered`, which unpacks the same objects and scans nothing, and against scanning each
// blob whole. All as processes of their own, in turns.
import { spawnSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { makeHistory } from './make-history.mjs';
import { plainEnvironment } from './place.mjs';

const ROUNDS = 3;

/** Prints the table; checks counts and that all ways of scanning come to the same. */
export async function benchHistory({ folder, checks, print }) {
  const gitDir = gitDirOf(folder ?? makeHistory(print));
  const counts = countBlobs(gitDir);
  print(`history: ${counts.blobs.toLocaleString()} blobs, ${(counts.bytes / 1e6).toFixed(0)} MB unpacked`);
  const ways = {
    'git cat-file': () => runGit(gitDir),
    'by deltas, 1 thread': () => runScan(gitDir, 'delta', 1),
    'by deltas, 2 threads': () => runScan(gitDir, 'delta', 2),
    'each blob whole, 2 threads': () => runScan(gitDir, 'whole', 2),
  };
  const rounds = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(ways)) if (round === 0 || !name.startsWith('each')) rounds[name].push(run());
  }
  const scans = Object.entries(rounds).filter(([name]) => name !== 'git cat-file');
  const digests = new Set(scans.flatMap(([, made]) => made.map(({ digest }) => digest)));
  checks.equal('results of all history scans', digests.size, 1);
  for (const [name, made] of scans) {
    checks.equal(`blobs, ${name}`, made[0].blobs, counts.blobs);
    checks.equal(`bytes, ${name}`, made[0].bytes, counts.bytes);
    checks.equal(`problems, ${name}`, made[0].problems, 0);
  }
  const figures = Object.fromEntries(Object.entries(rounds).map(([name, made]) => [name, best(made)]));
  const plain = figures['git cat-file'];
  print('| | wall s | CPU s | peak MB | scanned MB | matches | wall × | CPU × |\n|---|---|---|---|---|---|---|---|');
  for (const [name, { wallMs, cpuMs, peakMB, scannedBytes, matches }] of Object.entries(figures)) {
    const ratio = (value, of) => (value / of).toFixed(2);
    const own = [peakMB?.toFixed(0) ?? '', scannedBytes ? (scannedBytes / 1e6).toFixed(0) : '', matches ?? ''];
    print(
      `| ${[name, ratio(wallMs, 1000), ratio(cpuMs, 1000), ...own, ratio(wallMs, plain.wallMs), ratio(cpuMs, plain.cpuMs)].join(' | ')} |`,
    );
  }
  return { ...counts, ...figures };
}

function gitDirOf(folder) {
  return existsSync(join(folder, '.git')) ? join(folder, '.git') : folder;
}

/** The fastest round: other programs on the machine only ever make one slower. */
function best(made) {
  const least = (key) => Math.min(...made.map((one) => one[key]));
  return {
    ...made[0],
    wallMs: least('wallMs'),
    cpuMs: least('cpuMs'),
    peakMB: made[0].peakMB && Math.max(...made.map((one) => one.peakMB)),
  };
}

function countBlobs(gitDir) {
  const { stdout } = spawnSync('git', ['cat-file', '--batch-check=%(objecttype) %(objectsize)', '--batch-all-objects', '--unordered'], {
    cwd: gitDir,
    env: plainEnvironment(),
    maxBuffer: 1 << 30,
  });
  const sizes = stdout
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('blob '));
  return { blobs: sizes.length, bytes: sizes.reduce((sum, line) => sum + Number(line.slice(5)), 0) };
}

/** A shell's `times` would do; this needs none: the children's time before and after. */
function runGit(gitDir) {
  const script = `
    const { spawnSync } = require('node:child_process');
    const started = performance.now();
    const run = spawnSync('git', ['cat-file', '--batch', '--batch-all-objects', '--unordered'], { stdio: ['ignore', Number(process.argv[1]), 'inherit'] });
    const wallMs = performance.now() - started;
    const fields = require('node:fs').readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
    process.stdout.write(JSON.stringify({ wallMs, cpuMs: 10 * (Number(fields[13]) + Number(fields[14])), status: run.status }));`;
  const { stdout } = spawnSync(process.execPath, ['-e', script, '3'], {
    cwd: gitDir,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit', openSync('/dev/null', 'w')],
  });
  return JSON.parse(stdout.toString());
}

function runScan(gitDir, how, threads) {
  const run = spawnSync(process.execPath, [join(import.meta.dirname, 'history-run.mjs'), gitDir, how, String(threads)], {
    env: plainEnvironment(),
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(`the history scan failed: ${run.stderr}`);
  return JSON.parse(run.stdout.toString());
}
