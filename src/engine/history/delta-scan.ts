/**
 * Scans every blob of a repository, or those that are asked for, from its object store: each object is unpacked once, and of a delta only what is new in it is scanned
 * (carry.ts). The result is that of scanning each blob whole, which `scanHistoryWhole` does: `--no-delta`, and the twin in the tests.
 *
 * store.ts opens, plan.ts divides, work.ts does it on each thread, asking-git.ts tries what is left; here it is put together, in the order of ids.
 */
import { Worker } from 'node:worker_threads';
import type { Problem } from '../../core/contracts.ts';
import { BLOB } from '../../git/pack/pack-header.ts';
import { findId } from '../../git/pack/pack-index.ts';
import { builtInKernel } from '../../kernel/built-in.ts';
import { recovered, scanThroughGit, type Unread } from './asking-git.ts';
import type { HistoryBlob, HistoryRequest, HistoryScan } from './contract.ts';
import { WRONG_SUM } from './pack-input.ts';
import { planJobs } from './plan.ts';
import { type ObjectStore, openStore } from './store.ts';
import {
  COUNTERS,
  emptyOutcome,
  type HistoryOutcome,
  type HistorySink,
  type HistoryTask,
  type HistoryWork,
  idOf,
  JOB_FIELDS,
  KIBIBYTES_DONE,
  OBJECTS_DONE,
  prepareWork,
  STOP,
  STOP_ASKED,
  STOP_TOO_MUCH,
  sinkInto,
} from './work.ts';

/** Memory for unpacked objects, of all threads together. */
const ARENAS_BYTES = 384 * 1024 * 1024;
/** Of one thread: two objects of the largest size that is kept, and a delta. */
const ARENA_MIN_BYTES = 96 * 1024 * 1024;
const PAGE_BYTES = 65536;

/** What may be unpacked: more than any repository that people work with, less than keeps a machine busy for an hour. Linux has some 100 times its packs. */
const UNPACKED_BASE_BYTES = 16_384 * 1024 * 1024;
const UNPACKED_A_PACKED_BYTE = 2000;

/** Jobs that are worth a thread of its own, which takes some 50 ms to start. */
const JOBS_A_WORKER = 50;
/** How long the main thread works before it lets timers and signals through. */
const TURN_MS = 40;

/** Scans what is new in each delta. When the signal is aborted the result is what was found so far; to say so is the caller's. */
export const scanHistoryByDeltas: HistoryScan = (request) => scanHistory(request, false);

/** Scans each blob whole. */
export const scanHistoryWhole: HistoryScan = (request) => scanHistory(request, true);

async function scanHistory(request: HistoryRequest, isWhole: boolean): ReturnType<HistoryScan> {
  const store = openStore(request.gitDir, request.wanted);
  const { jobs, objects } = planJobs(store, request.wanted === null);
  const counters = new Int32Array(new SharedArrayBuffer(4 * COUNTERS));
  const threads = Math.max(1, Math.min(request.threads, Math.ceil(jobs.length / JOB_FIELDS / JOBS_A_WORKER)));
  const limit = Math.min(UNPACKED_BASE_BYTES + UNPACKED_A_PACKED_BYTE * store.packedBytes, 2 ** 40);
  const task: HistoryTask = {
    module: builtInKernel(),
    setup: request.setup,
    packs: store.packs,
    reported: store.reported,
    loose: store.loose,
    jobs,
    counters,
    arenaPages: Math.floor(Math.max(ARENA_MIN_BYTES, ARENAS_BYTES / threads) / PAGE_BYTES),
    isWhole,
    limitKibibytes: limit / 1024,
  };
  const outcome = emptyOutcome();
  const sink = sinkInto(outcome);
  outcome.problems.push(...store.problems);
  const work = await prepareWork(task);
  for (const part of await runThreads(task, work, threads, objects, request)) merge(sink, part);
  if (Atomics.load(counters, STOP) === STOP_TOO_MUCH) {
    outcome.problems.push({ code: 'too-much-to-unpack', where: request.gitDir, data: { limit } });
  } else if (!request.signal.aborted) {
    const unread = unreadOf(store, outcome, request.wanted);
    if (unread.length > 0) await scanThroughGit(unread, { ...request, env: process.env }, work, sink);
    outcome.problems.push(...missingOf(store, request.wanted));
  }
  const blobs = outcome.blobs.sort(byId);
  return { blobs, problems: outcome.problems.sort(byPlace), texts: sink.inBlobs, stats: outcome.stats };
}

async function runThreads(
  task: HistoryTask,
  work: HistoryWork,
  threads: number,
  objects: number,
  request: HistoryRequest,
): Promise<HistoryOutcome[]> {
  const { signal, workerFile: file, onProgress } = request;
  const workers = file === null ? [] : Array.from({ length: threads - 1 }, () => runWorker(file, task));
  if (signal.aborted) Atomics.store(task.counters, STOP, STOP_ASKED);
  let turn = performance.now();
  const report = (): void =>
    onProgress?.({
      objects: Atomics.load(task.counters, OBJECTS_DONE),
      totalObjects: objects,
      bytes: Atomics.load(task.counters, KIBIBYTES_DONE) * 1024,
    });
  const breathe = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) Atomics.compareExchange(task.counters, STOP, 0, STOP_ASKED);
    report();
    turn = performance.now();
  };
  for (const _ of work.run()) if (performance.now() - turn > TURN_MS) await breathe();
  const ended = Promise.all(workers);
  const timer = setInterval(() => {
    if (signal.aborted) Atomics.compareExchange(task.counters, STOP, 0, STOP_ASKED);
    report();
  }, TURN_MS);
  try {
    return [work.outcome, ...(await ended)];
  } finally {
    clearInterval(timer);
  }
}

function runWorker(file: string, task: HistoryTask): Promise<HistoryOutcome> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, { workerData: task });
    worker.once('message', (outcome: HistoryOutcome) => resolve(outcome));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a scanning thread ended with ${code}`)));
  });
}

function merge({ outcome: into, texts, inBlobs }: HistorySink, from: HistoryOutcome): void {
  // What came from another thread has texts of its own.
  for (const blob of from.blobs)
    into.blobs.push({ ...blob, byRole: texts.share(blob.byRole), ...(blob.values ? { values: texts.shareList(blob.values) } : {}) });
  for (const [text, blobs] of from.texts) inBlobs.add(text, blobs);
  inBlobs.untold += from.untoldTexts;
  for (const failure of from.failures) into.failures.push(failure);
  into.looseFailures.push(...from.looseFailures);
  into.problems.push(...from.problems);
  into.stats.blobs += from.stats.blobs;
  into.stats.bytes += from.stats.bytes;
  into.stats.scannedBytes += from.stats.scannedBytes;
  into.stats.candidates += from.stats.candidates;
  into.stats.binaryBlobs += from.stats.binaryBlobs;
}

/** Returns what was not read and is wanted, each id once and in order. An object that is only a base, or another's copy, is another's business. */
function unreadOf(store: ObjectStore, outcome: HistoryOutcome, wanted: ReadonlySet<string> | null): Unread[] {
  const unread = new Map<string, Unread>();
  const add = (one: Unread): void => {
    if ((!wanted || wanted.has(one.id)) && !unread.has(one.id)) unread.set(one.id, one);
  };
  const failures = [...store.failures, ...outcome.failures];
  const failed = new Set(failures.map(({ pack, rank }) => `${pack} ${rank}`));
  const isReadElsewhere = (id: string): boolean =>
    store.packs.some((table, pack) => {
      const position = findId(table, Buffer.from(id, 'hex'));
      const rank = position < 0 ? -1 : table.positions.indexOf(position);
      return rank >= 0 && store.reported[pack]?.[rank] === 1 && !failed.has(`${pack} ${rank}`);
    });
  for (const { pack, rank, reason } of failures) {
    const table = store.packs[pack];
    const id = idOf(table, rank);
    const isBlob = table?.types[rank] === BLOB;
    const file = table?.file ?? '';
    if (store.reported[pack]?.[rank] === 1 || (!isBlob && (table?.types[rank] !== 0 || !isReadElsewhere(id)))) add({ id, reason, file });
    else if (reason === WRONG_SUM) outcome.problems.push(recovered(id, file));
  }
  for (const one of [...store.unopened, ...outcome.looseFailures]) add(one);
  const scanned = new Set(outcome.blobs.map(({ id }) => id));
  return [...unread.values()].filter(({ id }) => !scanned.has(id)).sort(byId);
}

/** Of the blobs that were asked for, those that lie nowhere. */
function missingOf({ packs, loose, unopened }: ObjectStore, wanted: ReadonlySet<string> | null): Problem[] {
  if (!wanted) return [];
  const elsewhere = new Set([...loose, ...unopened].map(({ id }) => id));
  const isHere = (id: string): boolean => elsewhere.has(id) || packs.some((pack) => findId(pack, Buffer.from(id, 'hex')) >= 0);
  return [...wanted].filter((id) => !isHere(id)).map((id) => ({ code: 'object-missing', where: id, data: { id } }));
}

function byId(a: Pick<HistoryBlob, 'id'>, b: Pick<HistoryBlob, 'id'>): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function byPlace(a: Problem, b: Problem): number {
  const [left, right] = [`${a.where}\0${a.code}`, `${b.where}\0${b.code}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
