// The kernel alone, over source text that is in memory already, against the plainest pass over the same memory (countByte, which the
// locator uses). Three cuts of the same text: each file a window, as most of a scan is, and windows of 1 MB and 4 MB that overlap as
// src/engine/windows.ts does. Only the calls of the kernel are timed, not the copying.
import { resolve } from 'node:path';
import { loadFromSource } from './from-source.mjs';
import { makeTree } from './make-tree.mjs';
import { median } from './measure.mjs';
import { listFiles, readFiles } from './read-tree.mjs';
import { formatTable } from './table.mjs';

/** Text that is scanned: every n-th file of the tree until there is so much. */
const TEXT_BYTES = 64e6;
/** Larger than the reach of any program of the kernel, so that a window's core sees all that it needs. */
const OVERLAP = 65536 + 4096;
const MB = 1 << 20;
const ROUNDS = 5;
const LINE_FEED = 0x0a;

export async function benchKernel({ folder, checks, print }) {
  const { Kernel, builtInKernel, builtInRuleset, detectEncoding } = await loadFromSource();
  const kernel = new Kernel(builtInKernel(), builtInRuleset().image);
  const { text, ends } = readText(resolve(folder ?? (await makeTree()).folder), detectEncoding);
  const cuts = { 'a file each': windowsOfFiles(ends), '1 MB': windowsOf(text.length, MB), '4 MB': windowsOf(text.length, 4 * MB) };
  for (const windows of Object.values(cuts)) pass(kernel, text, windows);
  const rounds = Array.from({ length: ROUNDS }, () => Object.values(cuts).map((windows) => pass(kernel, text, windows)));
  const runs = Object.keys(cuts).map((name, i) =>
    figuresOf(
      name,
      cuts[name],
      rounds.map((round) => round[i]),
      text.length,
      checks,
    ),
  );
  checks.equal('candidates in windows of 1 MB and of 4 MB', runs[1].candidates, runs[2].candidates);
  for (const { name, candidatesPer10Kb } of runs)
    checks.holds(`candidates per 10 KB below 1 (${name})`, candidatesPer10Kb < 1, candidatesPer10Kb.toFixed(2));
  const figures = { bytes: text.length, files: ends.length, rounds: ROUNDS, runs };
  print(describe(figures));
  return figures;
}

/** Returns the text of files spread over the tree, one after another, and where each ends. */
function readText(cwd, detectEncoding) {
  const from = process.cwd();
  process.chdir(cwd);
  const paths = listFiles();
  const step = 7;
  const spread = Array.from({ length: step }, (_, first) => paths.filter((_, i) => i % step === first)).flat();
  const text = Buffer.alloc(TEXT_BYTES);
  const buffer = Buffer.alloc(4 * MB);
  const ends = [];
  let at = 0;
  for (let i = 0; i < spread.length && at < TEXT_BYTES; i++) {
    const { bytes } = readFiles([spread[i]], buffer);
    const piece = buffer.subarray(0, bytes);
    if (bytes === 0 || bytes >= buffer.length || at + bytes >= TEXT_BYTES || detectEncoding(piece) !== 'bytes') continue;
    text.set(piece, at);
    at += bytes;
    text[at++] = LINE_FEED;
    ends.push(at);
  }
  process.chdir(from);
  return { text: text.subarray(0, at), ends };
}

function windowsOfFiles(ends) {
  return ends.map((end, i) => ({ start: ends[i - 1] ?? 0, end, coreStart: ends[i - 1] ?? 0, coreEnd: end }));
}

/** Windows of `size` bytes whose cores lie side by side. */
function windowsOf(length, size) {
  const windows = [];
  for (let coreStart = 0; coreStart < length; ) {
    const start = Math.max(0, coreStart - OVERLAP);
    const end = Math.min(length, start + size);
    const coreEnd = end === length ? length : end - OVERLAP;
    windows.push({ start, end, coreStart, coreEnd });
    coreStart = coreEnd;
  }
  return windows;
}

/** Scans all windows once. Returns ms of each window, and candidates whose place lies in a core. */
function pass(kernel, text, windows) {
  const out = { scanMs: new Float64Array(windows.length), plainMs: new Float64Array(windows.length), candidates: 0, isOverfull: false };
  for (const [i, { start, end, coreStart, coreEnd }] of windows.entries()) {
    kernel.window.set(text.subarray(start, end));
    const before = performance.now();
    const { pairs, isOverfull } = kernel.scan(end - start);
    const between = performance.now();
    kernel.countByte(0, end - start, LINE_FEED);
    out.plainMs[i] = performance.now() - between;
    out.scanMs[i] = between - before;
    out.candidates += countInCore(pairs, coreStart - start, coreEnd - start);
    out.isOverfull ||= isOverfull;
  }
  return out;
}

/** The same candidate may be reported twice: once for each way that leads to it. */
function countInCore(pairs, coreStart, coreEnd) {
  const distinct = new Set();
  for (let i = 0; i < pairs.length; i += 2) {
    if (pairs[i] >= coreStart && pairs[i] < coreEnd) distinct.add(`${pairs[i]}:${pairs[i + 1]}`);
  }
  return distinct.size;
}

function figuresOf(name, windows, passes, textBytes, checks) {
  const [{ candidates }] = passes;
  checks.equal(`candidates of each round (${name})`, [...new Set(passes.map((one) => one.candidates))], [candidates]);
  checks.holds(`the kernel's list of candidates holds all (${name})`, !passes.some((one) => one.isOverfull), 'it was full');
  const bytes = windows.reduce((sum, { start, end }) => sum + end - start, 0);
  const scanMs = timesOf(passes.map((one) => one.scanMs));
  const plainMs = timesOf(passes.map((one) => one.plainMs));
  const mbPerSecond = { median: bytes / 1000 / scanMs.median, best: bytes / 1000 / scanMs.best };
  return {
    name,
    scanMs,
    plainMs,
    mbPerSecond,
    ratio: scanMs.best / plainMs.best,
    candidates,
    candidatesPer10Kb: (candidates / textBytes) * 10_000,
  };
}

/** `median` of the rounds; `best`: each window's fastest round, summed up, which other processes on the machine disturb least. */
function timesOf(rounds) {
  let best = 0;
  for (let i = 0; i < rounds[0].length; i++) best += Math.min(...rounds.map((times) => times[i]));
  return { median: median(rounds.map((times) => times.reduce((sum, ms) => sum + ms, 0))), best };
}

function describe({ bytes, files, rounds, runs }) {
  const rows = runs.map((run) => [
    run.name,
    run.mbPerSecond.median,
    run.mbPerSecond.best,
    run.scanMs.best,
    run.plainMs.best,
    run.ratio,
    run.candidates,
    run.candidatesPer10Kb.toFixed(3),
  ]);
  const heading = ['windows', 'MB/s', 'best', 'best ms', 'plain ms', '× plain', 'candidates', 'per 10 KB'];
  return `kernel\n  ${(bytes / 1e6).toFixed(1)} MB of ${files.toLocaleString('en-US')} files in memory, one thread, medians of ${rounds} rounds\n${formatTable([heading, ...rows])}`;
}
