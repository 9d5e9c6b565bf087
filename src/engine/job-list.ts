/**
 * The list of files that threads share while it still grows: the main thread adds, in chunks of text, and every thread takes the next few by a shared counter. In come
 * files as the sources meet them, out go jobs; a thread that is ahead of the list sleeps. Used by threads.ts and worker.ts.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';

export type FileJob = { readonly file: string; readonly path: string };

/** Places in the shared counters. Bytes are counted in KiB, so that 32 bits reach for 4 TiB. */
const NEXT_JOB = 0;
const FILES_DONE = 1;
const KIBIBYTES_DONE = 2;
const STOP = 3;
/** Rises with each chunk and at the list's end: who waits is woken. */
const CHANGES = 4;
/** Jobs in all and one more, once that is known; 0 before. */
const TOTAL_AND_ONE = 5;
const COUNTERS = 6;

/** Files that a thread takes at once: few, so that signals and progress get through between big ones. */
const BATCH = 4;

/** Between the paths of a chunk, which have none in them. */
const NUL = '\0';

export function newCounters(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * COUNTERS);
}

/** Returns the jobs from one on as one text: a message of thousands of objects takes longer to pass on than to scan some of them. */
export function packJobs(jobs: readonly FileJob[], from = 0): string {
  const fields: string[] = [];
  for (let i = from; i < jobs.length; i++) {
    const job = jobs[i];
    if (job) fields.push(job.file, job.path);
  }
  return fields.join(NUL);
}

/** One thread's view of the list. */
export class JobList {
  readonly #counters: Int32Array;
  readonly #jobs: FileJob[];
  readonly #port: MessagePort | null;

  /** `jobs`: the list itself on the main thread, which takes jobs when it is whole. `port`: where chunks come from, on any other. */
  constructor(counters: SharedArrayBuffer, jobs: FileJob[], port: MessagePort | null) {
    this.#counters = new Int32Array(counters);
    this.#jobs = jobs;
    this.#port = port;
  }

  /** Takes the next few jobs, and returns their numbers [from, to); null when there are none left. May sleep until there are. */
  take(): { readonly from: number; readonly to: number } | null {
    if (this.isStopped()) return null;
    const from = Atomics.add(this.#counters, NEXT_JOB, BATCH);
    this.#await(from + BATCH);
    const to = Math.min(from + BATCH, this.#jobs.length);
    return to <= from || this.isStopped() ? null : { from, to };
  }

  at(index: number): FileJob | undefined {
    return this.#jobs[index];
  }

  /** Sleeps until so many jobs are known, or all. */
  #await(count: number): void {
    while (this.#port && this.#jobs.length < count && !this.isStopped()) {
      const changes = Atomics.load(this.#counters, CHANGES);
      for (let sent = receiveMessageOnPort(this.#port); sent; sent = receiveMessageOnPort(this.#port)) this.#add(sent.message);
      const total = Atomics.load(this.#counters, TOTAL_AND_ONE);
      if (this.#jobs.length >= count || (total > 0 && this.#jobs.length >= total - 1)) return;
      Atomics.wait(this.#counters, CHANGES, changes);
    }
  }

  #add(chunk: string): void {
    const fields = chunk.split(NUL);
    for (let i = 0; i + 1 < fields.length; i += 2) this.#jobs.push({ file: fields[i] ?? '', path: fields[i + 1] ?? '' });
  }

  /** Tells sleepers that the list has changed. `total`: it is whole, with so many jobs. */
  announce(total?: number): void {
    if (total !== undefined) Atomics.store(this.#counters, TOTAL_AND_ONE, total + 1);
    Atomics.add(this.#counters, CHANGES, 1);
    Atomics.notify(this.#counters, CHANGES);
  }

  /** Lets no thread take another job. */
  stop(): void {
    Atomics.store(this.#counters, STOP, 1);
    this.announce();
  }

  isStopped(): boolean {
    return Atomics.load(this.#counters, STOP) === 1;
  }

  countDone(files: number, bytes: number): void {
    Atomics.add(this.#counters, FILES_DONE, files);
    Atomics.add(this.#counters, KIBIBYTES_DONE, Math.round(bytes / 1024));
  }

  done(): { readonly files: number; readonly bytes: number } {
    return { files: Atomics.load(this.#counters, FILES_DONE), bytes: Atomics.load(this.#counters, KIBIBYTES_DONE) * 1024 };
  }
}
