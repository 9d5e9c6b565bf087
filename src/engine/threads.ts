/**
 * Scans files on several threads, this one among them. The threads take files from one list by a shared counter, so none waits for another, and the
 * results are put back in the list's order: any number of threads gives the same report.
 */

import { Worker } from 'node:worker_threads';
import type { Problem } from '../core/contracts.ts';
import { PAGES } from '../core/kernel-layout.ts';
import { Kernel } from '../kernel/load.ts';
import type { CompiledRuleset } from '../ruleset/compiled.ts';
import { loadLinearEngine } from '../ruleset/regex-engine.ts';
import { type InnerResult, scanArchiveFile } from './scan-archive.ts';
import { type BlobResult, BlobScanner, type ScanSetup } from './scan-blob.ts';
import { scanFile } from './scan-file.ts';

export type FileJob = { readonly file: string; readonly path: string };

export type FileOutcome = {
  readonly index: number;
  readonly result: BlobResult | null;
  readonly problem: Problem | null;
  /** What is in it, when it is an archive. */
  readonly inner?: readonly InnerResult[];
};

/** What a worker is started with (worker.ts). */
export type WorkerTask = {
  readonly setup: ScanSetup;
  readonly module: WebAssembly.Module;
  readonly jobs: readonly FileJob[];
  readonly counters: SharedArrayBuffer;
};

/** Places in the shared counters. Bytes are counted in KiB, so that 32 bits reach for 4 TiB. */
export const NEXT_JOB = 0;
export const FILES_DONE = 1;
export const KIBIBYTES_DONE = 2;
export const STOP = 3;
const COUNTERS = 4;

/** Files that a thread takes at once: few, so that signals and progress get through between big ones. */
const BATCH = 4;
/** A worker costs about 35 ms to start: not worth it for less. */
const FILES_WORTH_A_WORKER = 400;
/** How long the main thread works before it lets timers and signals through. */
const TURN_MS = 40;

export type ThreadOptions = {
  readonly threads: number;
  /** Compiled worker.ts, or null where there is none (running from sources): then everything is done here. */
  readonly workerFile: string | null;
  readonly signal: AbortSignal;
  readonly onProgress: (files: number, bytes: number) => void;
};

/** Returns the outcome of each job that was reached, in order. Stops early when the signal is aborted. */
export async function scanFiles(
  jobs: readonly FileJob[],
  module: WebAssembly.Module,
  setup: ScanSetup,
  options: ThreadOptions,
): Promise<FileOutcome[]> {
  // A hook's staged blobs are no files: a kernel for nothing would cost it a start.
  if (jobs.length === 0) return [];
  const counters = new Int32Array(new SharedArrayBuffer(4 * COUNTERS));
  const count = Math.min(options.threads - 1, Math.floor(jobs.length / FILES_WORTH_A_WORKER));
  const file = options.workerFile;
  const workers =
    file === null
      ? []
      : Array.from({ length: Math.max(0, count) }, () => runWorker(file, { setup, module, jobs, counters: counters.buffer }));
  const scanner = new BlobScanner(
    new Kernel(module, setup.ruleset.image, PAGES, setup.stored?.image),
    setup,
    await loadForeignEngine(setup.ruleset),
  );
  const own: FileOutcome[] = [];
  const isStopped = (): boolean => {
    if (options.signal.aborted) Atomics.store(counters, STOP, 1);
    return options.signal.aborted;
  };
  let turn = performance.now();
  for (;;) {
    const batch = await scanBatch(scanner, jobs, counters, isStopped);
    if (!batch) break;
    own.push(...batch);
    if (performance.now() - turn < TURN_MS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    isStopped();
    options.onProgress(Atomics.load(counters, FILES_DONE), Atomics.load(counters, KIBIBYTES_DONE) * 1024);
    turn = performance.now();
  }
  const others = await Promise.all(workers);
  return [own, ...others].flat().sort((a, b) => a.index - b.index);
}

/** Loads the engine for foreign patterns only where a rule needs it: it is never on the way of the built-in rules. */
export async function loadForeignEngine(ruleset: CompiledRuleset): ReturnType<typeof loadLinearEngine> {
  if (ruleset.hasForeign) return loadLinearEngine();
  const refuse = (): never => {
    throw new Error('a foreign pattern without its engine');
  };
  return { name: 're2js', make: refuse };
}

/** Takes the next few jobs and scans them; null when there are none left. Waits for nothing unless one is an archive. */
export async function scanBatch(
  scanner: BlobScanner,
  jobs: readonly FileJob[],
  counters: Int32Array,
  isStopped: () => boolean = () => Atomics.load(counters, STOP) === 1,
): Promise<FileOutcome[] | null> {
  if (Atomics.load(counters, STOP) === 1) return null;
  const first = Atomics.add(counters, NEXT_JOB, BATCH);
  if (first >= jobs.length) return null;
  const out: FileOutcome[] = [];
  let bytes = 0;
  for (let index = first; index < Math.min(first + BATCH, jobs.length); index++) {
    const job = jobs[index];
    if (!job) continue;
    const { result, problem } = scanFile(scanner, job.file, job.path);
    bytes += result?.bytes ?? 0;
    if (!result?.isArchive) {
      out.push({ index, result, problem });
      continue;
    }
    const inner = await scanArchiveFile(scanner, job.file, job.path, isStopped);
    for (const { result } of inner) bytes += result?.bytes ?? 0;
    out.push({ index, result, problem, inner });
  }
  Atomics.add(counters, FILES_DONE, out.length);
  Atomics.add(counters, KIBIBYTES_DONE, Math.round(bytes / 1024));
  return out;
}

function runWorker(file: string, task: WorkerTask): Promise<FileOutcome[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, { workerData: task });
    worker.once('message', (outcomes: FileOutcome[]) => resolve(outcomes));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a scanning thread ended with ${code}`)));
  });
}
