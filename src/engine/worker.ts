/** Entry of a scanning thread: takes jobs until none is left and posts what it found once, at the end. Started by threads.ts and history/delta-scan.ts. */

import { parentPort, workerData } from 'node:worker_threads';
import { PAGES } from '../core/kernel-layout.ts';
import { Kernel } from '../kernel/load.ts';
import { type HistoryTask, prepareWork } from './history/work.ts';
import { BlobScanner } from './scan-blob.ts';
import { type FileOutcome, loadForeignEngine, scanBatch, type WorkerTask } from './threads.ts';

async function main(task: WorkerTask | HistoryTask): Promise<void> {
  if ('packs' in task) {
    const work = await prepareWork(task);
    for (const _ of work.run());
    parentPort?.postMessage(work.outcome);
    return;
  }
  const { module, setup, jobs } = task;
  const scanner = new BlobScanner(
    new Kernel(module, setup.ruleset.image, PAGES, setup.stored?.image),
    setup,
    await loadForeignEngine(setup.ruleset),
  );
  const counters = new Int32Array(task.counters);
  const outcomes: FileOutcome[] = [];
  for (let batch = await scanBatch(scanner, jobs, counters); batch; batch = await scanBatch(scanner, jobs, counters))
    outcomes.push(...batch);
  parentPort?.postMessage(outcomes);
}

main(workerData as WorkerTask | HistoryTask).catch((error: unknown) => {
  // Thrown where the main thread hears it as the worker's 'error'.
  setImmediate(() => {
    throw error;
  });
});
