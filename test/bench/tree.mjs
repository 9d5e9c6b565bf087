// The scan of a source tree, all rules, everything in the page cache, against processes that list and read the same files and do nothing
// else (read-tree.mjs). The real command line as a process of its own, with one thread and with two, in turns with the baselines.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadFromSource } from './from-source.mjs';
import { makeTree } from './make-tree.mjs';
import { alternate, runNodeWithUsage, summary } from './measure.mjs';
import { BIN, cachePath, ROOT } from './place.mjs';
import { listFiles, readFiles } from './read-tree.mjs';
import { formatTable } from './table.mjs';

const READER = `${ROOT}/test/bench/read-tree.mjs`;
const ROUNDS = 7;
/** What the baselines are called in the table. */
const INTO_MEMORY = 'read into memory';
const ONE_BUFFER = 'read, one buffer';
const ONE_THREAD = 'scan, 1 thread';
const TWO_THREADS = 'scan, 2 threads';

/** Returns the figures; `folder` undefined: the tree that this makes. */
export async function benchTree({ folder, checks, print }) {
  const made = folder === undefined ? await makeTree() : null;
  const cwd = resolve(folder ?? made.folder);
  const census = await takeCensus(cwd);
  const rounds = await alternate(
    {
      [INTO_MEMORY]: () => readOnly(cwd, 'memory'),
      [ONE_BUFFER]: () => readOnly(cwd, 'buffer'),
      [TWO_THREADS]: () => scan(cwd, 2),
      [ONE_THREAD]: () => scan(cwd, 1),
    },
    ROUNDS,
  );
  const { report } = rounds[TWO_THREADS][0];
  checkCounts(checks, census, rounds, report);
  const planted = made ? { digest: made.digest, plants: made.plants.length, byOtherRules: checkPlants(checks, made.plants, report) } : {};
  const figures = { ...census, ...sizesOf(report), ...planted, rounds: ROUNDS, runs: figuresOf(rounds, census.bytes) };
  print(describe(figures));
  return figures;
}

/** What a scan must come to: counts of all files, and of those that hold text. Reads everything, so it fills the page cache too. */
async function takeCensus(cwd) {
  const { detectEncoding } = await loadFromSource();
  const buffer = Buffer.alloc(4 * 1024 * 1024);
  const binary = { files: 0, bytes: 0 };
  let isBinary = false;
  const from = process.cwd();
  process.chdir(cwd);
  const all = readFiles(listFiles(), buffer, (length, position) => {
    if (position === 0) {
      isBinary = detectEncoding(buffer.subarray(0, length)) === 'binary';
      if (isBinary) binary.files += 1;
    }
    if (isBinary) binary.bytes += length;
  });
  process.chdir(from);
  return { ...all, binaryFiles: binary.files, textFiles: all.files - binary.files, textBytes: all.bytes - binary.bytes };
}

function readOnly(cwd, into) {
  const { stdout, ...used } = runNodeWithUsage([READER, into], { cwd });
  return { ...used, counts: JSON.parse(stdout) };
}

function scan(cwd, threads) {
  const output = cachePath(`bench/report-${threads}.json`);
  const args = [
    'scan',
    '--no-config',
    '--no-progress',
    // The baselines open no archives either.
    '--max-archive-depth',
    '0',
    '--fail-on',
    'never',
    '--threads',
    String(threads),
    '--format',
    'json',
    '--output',
    output,
  ];
  const used = runNodeWithUsage([BIN, ...args], { cwd, accept: [0, 3] });
  return { ...used, report: JSON.parse(readFileSync(output, 'utf8')) };
}

function checkCounts(checks, census, rounds, report) {
  for (const { counts } of [...rounds[INTO_MEMORY], ...rounds[ONE_BUFFER]])
    checks.equal('files and bytes that a baseline reads', counts, { files: census.files, bytes: census.bytes });
  const { stats } = report;
  checks.equal('files that are scanned', stats.files, census.textFiles);
  checks.equal('bytes that are scanned', stats.bytes, census.textBytes);
  checks.equal('binary files', stats.binaryFiles, census.binaryFiles);
  checks.equal('problems', report.problems, []);
  const perRun = [...rounds[ONE_THREAD], ...rounds[TWO_THREADS]].map((one) => withoutTimes(one.report));
  checks.equal('different reports of all scans, with one thread and with two', new Set(perRun).size, 1);
  const density = sizesOf(report).candidatesPer10Kb;
  checks.holds('candidates per 10 KB below 1', density < 1, density.toFixed(2));
}

/** Returns the report's text without what may differ between two runs. */
function withoutTimes({ started: _started, stats: { seconds: _seconds, threads: _threads, ...stats }, ...report }) {
  return JSON.stringify({ ...report, stats });
}

/** Each plant is found at its place. By which rule is the business of the rules' own tests; how many by another one is said. */
function checkPlants(checks, plants, report) {
  const found = new Map();
  for (const { rule, places } of report.findings) {
    for (const { path, line } of places) found.set(path, [...(found.get(path) ?? []), { rule, line }]);
  }
  const rulesAt = ({ path, line, endLine }) =>
    (found.get(path) ?? []).filter((one) => one.line >= line && one.line <= endLine).map(({ rule }) => rule);
  const missed = plants.filter((plant) => rulesAt(plant).length === 0);
  checks.equal('planted credentials that are found', plants.length - missed.length, plants.length);
  for (const { path, line, rules } of missed.slice(0, 10)) checks.holds(`plant of ${rules[0]} in ${path}:${line}`, false, 'not found');
  const byOthers = plants.filter((plant) => !missed.includes(plant) && !rulesAt(plant).some((rule) => plant.rules.includes(rule)));
  return byOthers.map((plant) => `${plant.rules[0]} by ${rulesAt(plant).join(', ')}`);
}

function sizesOf({ stats, findings }) {
  return {
    rules: stats.rules,
    candidates: stats.candidates,
    candidatesPer10Kb: (stats.candidates / stats.bytes) * 10_000,
    findings: findings.length,
  };
}

/** Each run with its wall time as a multiple of either baseline's. */
function figuresOf(rounds, bytes) {
  const wallOf = (name) => summary(rounds[name], 'wallMs');
  return Object.entries(rounds).map(([name, runs]) => {
    const wallMs = wallOf(name);
    const timesOf = (baseline) => ({ median: wallMs.median / wallOf(baseline).median, min: wallMs.min / wallOf(baseline).min });
    return {
      name,
      wallMs,
      cpuMs: summary(runs, 'cpuMs'),
      memoryMb: summary(runs, 'memoryMb').median,
      mbPerSecond: bytes / 1000 / wallMs.median,
      intoMemory: timesOf(INTO_MEMORY),
      oneBuffer: timesOf(ONE_BUFFER),
    };
  });
}

function describe(figures) {
  const { files, bytes, binaryFiles, rules, candidates, candidatesPer10Kb, findings, plants, digest, byOtherRules, rounds } = figures;
  const rows = figures.runs.map((run) => [
    run.name,
    run.wallMs.median,
    run.wallMs.min,
    run.cpuMs.median,
    run.cpuMs.min,
    run.memoryMb,
    run.mbPerSecond,
    run.intoMemory.median,
    run.intoMemory.min,
    run.oneBuffer.median,
    run.oneBuffer.min,
  ]);
  const heading = ['', 'wall ms', 'min', 'CPU ms', 'min', 'peak MB', 'MB/s', '× memory', 'min', '× buffer', 'min'];
  const about = [
    `${files.toLocaleString('en-US')} files, ${(bytes / 1e6).toFixed(1)} MB (${binaryFiles} binary files), ${rules} rules`,
    `${candidates.toLocaleString('en-US')} candidates (${candidatesPer10Kb.toFixed(3)} per 10 KB), ${findings} findings`,
    ...(plants === undefined
      ? []
      : [`tree ${digest}: ${plants} planted credentials, ${byOtherRules.length} of them reported by another rule than theirs`]),
    `medians and minima of ${rounds} rounds; × memory, × buffer: wall time against either way of reading only`,
  ];
  return `tree\n${about.map((line) => `  ${line}\n`).join('')}${formatTable([heading, ...rows])}`;
}
