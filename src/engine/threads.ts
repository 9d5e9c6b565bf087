/**
 * Scans files on several threads, this one among them. Files may be added while they are still being listed: a worker begins then, and this thread helps when all are
 * known. The threads take files from one list by a shared counter (job-list.ts), so none waits for another, and what came of them is put back in the list's order by
 * whoever asked: any number of threads gives the same report.
 */

import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Problem } from '../core/contracts.ts';
import { PAGES } from '../core/kernel-layout.ts';
import { Kernel } from '../kernel/load.ts';
import type { CompiledRuleset } from '../ruleset/compiled.ts';
import { loadLinearEngine } from '../ruleset/regex-engine.ts';
import { type FileJob, JobList, newCounters } from './job-list.ts';
import { type InnerResult, scanArchiveFile } from './scan-archive.ts';
import { type BlobResult, BlobScanner, type ScanSetup } from './scan-blob.ts';
import { scanFile } from './scan-file.ts';

export type FileOutcome = {
  /** The job's number. */
  readonly index: number;
  readonly result: BlobResult | null;
  readonly problem: Problem | null;
  /** What is in it, when it is an archive. */
  readonly inner?: readonly InnerResult[];
};

/** What came of files: of most nothing is to be told but numbers, QUIET_FIELDS for each: job, bytes, candidates, 1 for a binary file. */
export type FileOutcomes = { readonly told: readonly FileOutcome[]; readonly quiet: Float64Array };

export const QUIET_FIELDS = 4;

/** What a worker is started with (worker.ts). */
export type WorkerTask = {
  readonly setup: ScanSetup;
  readonly module: WebAssembly.Module;
  readonly counters: SharedArrayBuffer;
  readonly port: MessagePort;
};

/** A worker costs about 35 ms to start: not worth it for less. */
const FILES_WORTH_A_WORKER = 400;
/** Files that are passed on to the workers at a time, while they are listed. */
const CHUNK = 200;
/** How long the main thread works before it lets timers and signals through. */
const TURN_MS = 40;

export type ThreadOptions = {
  readonly threads: number;
  /** Compiled worker.ts, or null where there is none (running from sources): then everything is done here. */
  readonly workerFile: string | null;
  readonly signal: AbortSignal;
  readonly onProgress: (files: number, bytes: number) => void;
};

type RunningWorker = { readonly port: MessagePort; readonly outcomes: Promise<FileOutcomes>; passedOn: number };

/** A scan of files: add them, then ask for what came of them, or give up. */
export class FileScan {
  readonly #module: WebAssembly.Module;
  readonly #setup: ScanSetup;
  readonly #options: ThreadOptions;
  readonly #counters = newCounters();
  readonly #list = new JobList(this.#counters, null);
  readonly #workers: RunningWorker[] = [];

  constructor(module: WebAssembly.Module, setup: ScanSetup, options: ThreadOptions) {
    this.#module = module;
    this.#setup = setup;
    this.#options = options;
  }

  /** Returns the number of the job. */
  add(file: string, path: string): number {
    const index = this.#list.add(file, path);
    const { threads, workerFile } = this.#options;
    if (workerFile !== null && this.#workers.length < threads - 1 && index + 1 >= FILES_WORTH_A_WORKER * (this.#workers.length + 1))
      this.#workers.push(this.#startWorker(workerFile));
    if ((index + 1) % CHUNK === 0) this.#passOn();
    return index;
  }

  job(index: number): FileJob | undefined {
    return this.#list.at(index);
  }

  /** Returns what came of each job that was reached. Stops early when the signal is aborted. Called once. */
  async finish(): Promise<FileOutcomes> {
    // A hook's staged blobs are no files: a kernel for nothing would cost it a start.
    if (this.#list.length === 0) return { told: [], quiet: new Float64Array(0) };
    try {
      this.#passOn();
      this.#list.announce(this.#list.length);
      const own = await this.#scanHere();
      const all = [own, ...(await Promise.all(this.#workers.map(({ outcomes }) => outcomes)))];
      return { told: all.flatMap(({ told }) => told), quiet: joined(all.map(({ quiet }) => quiet)) };
    } finally {
      this.abandon();
    }
  }

  /** Ends the workers: nobody will ask what they found. */
  abandon(): void {
    this.#list.stop();
    for (const { port } of this.#workers) port.close();
  }

  async #scanHere(): Promise<FileOutcomes> {
    const scanner = await makeScanner(this.#module, this.#setup);
    const { signal, onProgress } = this.#options;
    const notes = new OutcomeNotes();
    const isStopped = (): boolean => {
      if (signal.aborted) this.#list.stop();
      return signal.aborted;
    };
    let turn = performance.now();
    isStopped();
    while (await scanBatch(scanner, this.#list, notes, isStopped)) {
      if (performance.now() - turn < TURN_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      isStopped();
      const { files, bytes } = this.#list.done();
      onProgress(files, bytes);
      turn = performance.now();
    }
    return notes.outcomes();
  }

  #startWorker(file: string): RunningWorker {
    const { port1: port, port2 } = new MessageChannel();
    port.unref();
    const task: WorkerTask = { setup: this.#setup, module: this.#module, counters: this.#counters, port: port2 };
    const worker = new Worker(file, { workerData: task, transferList: [port2] });
    const outcomes = new Promise<FileOutcomes>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`a scanning thread ended with ${code}`)));
    });
    outcomes.catch(() => {
      // Awaited in finish(), if that is ever called.
    });
    return { port, outcomes, passedOn: 0 };
  }

  #passOn(): void {
    for (const worker of this.#workers) {
      if (worker.passedOn === this.#list.length) continue;
      worker.port.postMessage(this.#list.pack(worker.passedOn));
      worker.passedOn = this.#list.length;
    }
    this.#list.announce();
  }
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Gathers what comes of a thread's files. */
export class OutcomeNotes {
  readonly #told: FileOutcome[] = [];
  readonly #quiet: number[] = [];

  add(outcome: FileOutcome): void {
    const { index, result, problem, inner } = outcome;
    if (!result && !problem) return;
    if (!result || problem || inner || result.matches.length > 0 || result.values || result.texts) this.#told.push(outcome);
    else this.#quiet.push(index, result.bytes, result.candidates, result.isBinary ? 1 : 0);
  }

  outcomes(): FileOutcomes {
    return { told: this.#told, quiet: Float64Array.from(this.#quiet) };
  }
}

export async function makeScanner(module: WebAssembly.Module, setup: ScanSetup): Promise<BlobScanner> {
  const kernel = new Kernel(module, setup.ruleset.image, PAGES, setup.stored?.image);
  return new BlobScanner(kernel, setup, await loadForeignEngine(setup.ruleset));
}

/** Loads the engine for foreign patterns only where a rule needs it: it is never on the way of the built-in rules. */
export async function loadForeignEngine(ruleset: CompiledRuleset): ReturnType<typeof loadLinearEngine> {
  if (ruleset.hasForeign) return loadLinearEngine();
  const refuse = (): never => {
    throw new Error('a foreign pattern without its engine');
  };
  return { name: 're2js', make: refuse };
}

/** Takes the next few jobs and scans them; false when there are none left. Waits for nothing unless one is an archive, or the list still grows. */
export async function scanBatch(
  scanner: BlobScanner,
  list: JobList,
  notes: OutcomeNotes,
  isStopped: () => boolean = () => list.isStopped(),
): Promise<boolean> {
  const taken = list.take();
  if (!taken) return false;
  let bytes = 0;
  for (let index = taken.from; index < taken.to; index++) {
    const job = list.at(index);
    if (!job) continue;
    const { result, problem } = scanFile(scanner, job.file, job.path);
    bytes += result?.bytes ?? 0;
    if (!result?.isArchive) {
      notes.add({ index, result, problem });
      continue;
    }
    const inner = await scanArchiveFile(scanner, job.file, job.path, isStopped);
    for (const { result } of inner) bytes += result?.bytes ?? 0;
    notes.add({ index, result, problem, inner });
  }
  list.countDone(taken.to - taken.from, bytes);
  return true;
}
