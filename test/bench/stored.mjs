// What an index of the stores costs: the same scan of the same tree with 20,000 values in the index and with none, the kernel's pass for stored values beside its
// scan, and a history by deltas with and without. Two indexes: of values that cannot be guessed, and of such where some can, which are compared slowly.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadFromSource } from './from-source.mjs';
import { makeTree } from './make-tree.mjs';
import { alternate, median, runNodeWithUsage, summary } from './measure.mjs';
import { BIN, cachePath } from './place.mjs';
import { createRandom } from './random.mjs';
import { listFiles, readFiles } from './read-tree.mjs';
import { formatTable } from './table.mjs';

const VALUES = 20_000;
const GUESSABLE = 200;
const ROUNDS = 9;
const BASE62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** What stores hold: characters, and how many of them. */
const KINDS = [
  [BASE62, 40],
  [BASE62, 32],
  ['0123456789abcdef', 64],
  [`${BASE62}-_`, 43],
  [`${BASE62}+/`, 88],
];

export async function benchStored({ folder, checks, print }) {
  const source = await loadFromSource();
  const cwd = resolve(folder ?? (await makeTree()).folder);
  const homes = { 'no index': null, '20,000 values': makeIndex(source, 0), 'with 200 that can be guessed': makeIndex(source, GUESSABLE) };
  const runs = Object.fromEntries(Object.entries(homes).map(([name, home]) => [name, () => scan(cwd, home)]));
  const rounds = await alternate(runs, ROUNDS);
  const findings = Object.values(rounds).map((made) => made[0].findings);
  checks.equal('findings with the indexes, which hold nothing of the tree', new Set(findings).size, 1);
  const plain = rounds['no index'];
  const rows = Object.entries(rounds).map(([name, made]) => {
    const cpu = summary(made, 'cpuMs');
    const wall = summary(made, 'wallMs');
    const paired = median(made.map(({ cpuMs }, i) => cpuMs / plain[i].cpuMs));
    return [name, wall.median, wall.min, cpu.median, cpu.min, cpu.min / summary(plain, 'cpuMs').min, paired];
  });
  const figures = { values: VALUES, rounds: ROUNDS, rows, kernel: benchPass(source, homes['20,000 values'], cwd) };
  print(`stored\n  scan of the tree, one thread, ${ROUNDS} rounds; × is CPU against no index: of the fastest rounds, and the median of the rounds' own
${formatTable([['', 'wall ms', 'min', 'CPU ms', 'min', 'min ×', 'paired ×'], ...rows])}
  the kernel over ${(figures.kernel.bytes / 1e6).toFixed(0)} MB in memory: scan ${figures.kernel.scanMs.toFixed(0)} ms, stored values ${figures.kernel.storedMs.toFixed(0)} ms (× ${(figures.kernel.storedMs / figures.kernel.scanMs).toFixed(2)}), ${figures.kernel.pairs} places seen`);
  return figures;
}

/** Returns a folder that is HOME to an index of so many values, of which so many can be guessed (their tags are noise: no value is ever equal). */
function makeIndex({ encodeIndex, IndexKeys, packPrints, printOf }, guessable) {
  const home = cachePath(`bench/stored-${guessable}`);
  const [key, epoch] = [randomBytes(32), randomBytes(16)];
  const keys = new IndexKeys(key, epoch, epoch);
  const random = createRandom(VALUES);
  const now = new Date();
  const prints = [];
  const entries = Array.from({ length: VALUES }, (_, n) => {
    const [characters, length] = KINDS[n % KINDS.length];
    const value = Array.from({ length }, () => characters[random(characters.length)]).join('');
    const isSlow = n < guessable;
    const tag = isSlow ? randomBytes(16) : keys.fastTag(value);
    const print = isSlow ? null : printOf(value, tag, keys.filter(), () => false);
    if (print) prints.push(print);
    const record = { store: 'bench', ref: `team/app-${n}`, field: 'password', version: '1', state: 'current' };
    return { tag, isSlow, record: { ...record, createdAt: now.toISOString(), endedAt: null, expiresAt: null, seenAt: now.toISOString() } };
  });
  mkdirSync(join(home, '.local/state/leakwarden'), { recursive: true });
  mkdirSync(join(home, '.config/leakwarden'), { recursive: true });
  const content = { epoch, stores: [], entries, prints: packPrints(prints) };
  const times = { writtenAt: now, expiresAt: new Date(now.getTime() + 86_400_000) };
  writeFileSync(join(home, '.local/state/leakwarden/index'), encodeIndex(content, key, times), { mode: 0o600 });
  writeFileSync(join(home, '.config/leakwarden/index.key'), `${key.toString('hex')}\n`, { mode: 0o600 });
  return home;
}

function scan(cwd, home) {
  const output = cachePath('bench/report-stored.json');
  const args = ['scan', '--no-config', '--no-progress', '--fail-on', 'never', '--threads', '1', '--format', 'json', '--output', output];
  const used = runNodeWithUsage([BIN, ...args], { cwd, accept: [0, 3], env: home ? { HOME: home } : {} });
  const { findings } = JSON.parse(readFileSync(output, 'utf8'));
  return { ...used, findings: JSON.stringify(findings.map(({ rule, places }) => [rule, places])) };
}

/** The kernel alone: each file a window, the fastest of five passes. */
function benchPass({ Kernel, builtInKernel, builtInRuleset, storedTables, IndexFile, PAGES }, home, cwd) {
  const key = Buffer.from(readFileSync(join(home, '.config/leakwarden/index.key'), 'latin1').trim(), 'hex');
  const prints = new IndexFile(readFileSync(join(home, '.local/state/leakwarden/index')), key).storedPrints();
  const kernel = new Kernel(builtInKernel(), builtInRuleset().image, PAGES, storedTables(prints));
  const from = process.cwd();
  process.chdir(cwd);
  const buffer = Buffer.alloc(4 << 20);
  const files = listFiles().filter((_, i) => i % 4 === 0);
  const best = { scanMs: Number.POSITIVE_INFINITY, storedMs: Number.POSITIVE_INFINITY, bytes: 0, pairs: 0 };
  for (let round = 0; round < 5; round++) {
    const made = { scanMs: 0, storedMs: 0, bytes: 0, pairs: 0 };
    for (const file of files) {
      const { bytes } = readFiles([file], buffer);
      if (bytes === 0 || bytes >= buffer.length) continue;
      kernel.window.set(buffer.subarray(0, bytes));
      const started = performance.now();
      kernel.scan(bytes);
      const between = performance.now();
      made.pairs += kernel.scanStored(bytes).pairs.length / 2;
      made.storedMs += performance.now() - between;
      made.scanMs += between - started;
      made.bytes += bytes;
    }
    best.scanMs = Math.min(best.scanMs, made.scanMs);
    best.storedMs = Math.min(best.storedMs, made.storedMs);
    Object.assign(best, { bytes: made.bytes, pairs: made.pairs });
  }
  process.chdir(from);
  return best;
}
