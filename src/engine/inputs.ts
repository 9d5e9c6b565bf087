/**
 * Which files are inputs, and in which order: sources tell of files as they meet them (each becomes a job at once), and say later which of them count, and in what
 * order. In come both, out goes the place of each job. Used by scan-blobs.ts. Mostly the two orders are the same, so no map is made where they are.
 */
import type { FileBlob } from '../core/contracts.ts';

export class Inputs {
  /** By job. */
  readonly #blobs: FileBlob[] = [];
  readonly #places: number[] = [];
  /** The job that is given next, if the orders are the same. */
  #next = 0;
  #jobs: Map<FileBlob, number> | null = null;
  #size = 0;

  /** Inputs that were given. */
  get size(): number {
    return this.#size;
  }

  /** Notes the blob of the next job: the first is 0. */
  see(blob: FileBlob): void {
    this.#jobs?.set(blob, this.#blobs.length);
    this.#blobs.push(blob);
    this.#places.push(-1);
  }

  /** Returns the place of the next input, which is no file. */
  add(): number {
    return this.#size++;
  }

  /** Gives a file that was seen the place of the next input. Returns false if it was not seen. */
  give(blob: FileBlob): boolean {
    const job = this.#jobOf(blob);
    if (job < 0) return false;
    this.#places[job] = this.#size++;
    this.#next = job + 1;
    return true;
  }

  blobOf(job: number): FileBlob | undefined {
    return this.#blobs[job];
  }

  /** Returns the place of a job, or -1 if its file is no input. */
  placeOf(job: number): number {
    return this.#places[job] ?? -1;
  }

  #jobOf(blob: FileBlob): number {
    if (this.#blobs[this.#next] === blob) return this.#next;
    this.#jobs ??= new Map(this.#blobs.map((seen, job) => [seen, job]));
    return this.#jobs.get(blob) ?? -1;
  }
}
