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

/** One thread's view of the list. */
export class JobList {
  readonly #counters: Int32Array;
  /** Two texts a job, its file and its path: with an object for each there is much more to keep, and to collect. */
  readonly #jobs: string[] = [];
  readonly #port: MessagePort | null;

  /** `port`: where chunks come from; null on the main thread, which adds jobs itself, and takes some when the list is whole. */
  constructor(counters: SharedArrayBuffer, port: MessagePort | null) {
    this.#counters = new Int32Array(counters);
    this.#port = port;
  }

  get length(): number {
    return this.#jobs.length / 2;
  }

  /** Returns the job's number. */
  add(file: string, path: string): number {
    return this.#jobs.push(file, path) / 2 - 1;
  }

  /** Returns the jobs from one on as one text: a message of thousands of objects takes longer to pass on than to scan some of them. */
  pack(from: number): string {
    return this.#jobs.slice(2 * from).join(NUL);
  }

  /** Takes the next few jobs, and returns their numbers [from, to); null when there are none left. May sleep until there are. */
  take(): { readonly from: number; readonly to: number } | null {
    if (this.isStopped()) return null;
    const from = Atomics.add(this.#counters, NEXT_JOB, BATCH);
    this.#await(from + BATCH);
    const to = Math.min(from + BATCH, this.length);
    return to <= from || this.isStopped() ? null : { from, to };
  }

  at(index: number): FileJob | undefined {
    const file = this.#jobs[2 * index];
    const path = this.#jobs[2 * index + 1];
    return file === undefined || path === undefined ? undefined : { file, path };
  }

  /** Sleeps until so many jobs are known, or all. */
  #await(count: number): void {
    while (this.#port && this.length < count && !this.isStopped()) {
      const changes = Atomics.load(this.#counters, CHANGES);
      for (let sent = receiveMessageOnPort(this.#port); sent; sent = receiveMessageOnPort(this.#port))
        for (const field of String(sent.message).split(NUL)) this.#jobs.push(field);
      const total = Atomics.load(this.#counters, TOTAL_AND_ONE);
      if (this.length >= count || (total > 0 && this.length >= total - 1)) return;
      Atomics.wait(this.#counters, CHANGES, changes);
    }
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
