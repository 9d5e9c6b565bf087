/** Entry of a scanning thread: takes jobs until none is left and posts what it found once, at the end. Started by threads.ts and history/delta-scan.ts. */

import { parentPort, workerData } from 'node:worker_threads';
import { type HistoryTask, prepareWork } from './history/work.ts';
import { JobList } from './job-list.ts';
import { optimizeLess } from './optimize-less.ts';
import { makeScanner, OutcomeNotes, scanBatch, type WorkerTask } from './threads.ts';

async function main(task: WorkerTask | HistoryTask): Promise<void> {
  if ('packs' in task) {
    const work = await prepareWork(task);
    for (const _ of work.run());
    parentPort?.postMessage(work.outcome);
    return;
  }
  optimizeLess();
  const scanner = await makeScanner(task.module, task.setup);
  const list = new JobList(task.counters, task.port);
  const notes = new OutcomeNotes();
  while (await scanBatch(scanner, list, notes));
  const outcomes = notes.outcomes();
  parentPort?.postMessage(outcomes, [outcomes.quiet.buffer as ArrayBuffer]);
  task.port.close();
}

main(workerData as WorkerTask | HistoryTask).catch((error: unknown) => {
  // Thrown where the main thread hears it as the worker's 'error'.
  setImmediate(() => {
    throw error;
  });
});
