/** Scans all blobs of a scan: files by the threads, bytes at hand here; gives matches in the blobs' order, with counts and problems. */
import type { BlobRef, Match, Problem } from '../core/contracts.ts';
import { builtInKernel } from '../kernel/built-in.ts';
import { Kernel } from '../kernel/load.ts';
import type { Ruleset } from '../ruleset/load.ts';
import { type BlobResult, BlobScanner, MAX_MATCHES, type ScanSetup } from './scan-blob.ts';
import { type FileJob, loadForeignEngine, scanFiles } from './threads.ts';
import { toMatches } from './to-matches.ts';
import { readFromBytes } from './windows.ts';

export type ScanBlobsRequest = {
  readonly ruleset: Ruleset;
  readonly threads: number;
  readonly workerFile: string | null;
  readonly binary: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: { files: number; bytes: number; totalFiles: number }) => void;
};

export type ScannedBlobs = {
  readonly matches: readonly Match[];
  readonly problems: readonly Problem[];
  readonly counts: { readonly files: number; readonly bytes: number; readonly binaryFiles: number; readonly candidates: number; readonly regexEngine: string };
};

export async function scanBlobs(blobs: readonly BlobRef[], request: ScanBlobsRequest): Promise<ScannedBlobs> {
  const module = builtInKernel();
  const setup: ScanSetup = { ruleset: request.ruleset.compiled, off: request.ruleset.off, includeBinary: request.binary };
  const files = blobs.flatMap((blob, index) => (blob.kind === 'file' ? [{ index, file: blob.file, path: blob.provenance.path }] : []));
  const foreign = await loadForeignEngine(setup.ruleset);
  const tally = new Tally();
  const results = new Map<number, BlobResult>();

  const jobs: FileJob[] = files.map(({ file, path }) => ({ file, path }));
  const outcomes = await scanFiles(jobs, module, setup, {
    threads: request.threads,
    workerFile: request.workerFile,
    signal: request.signal,
    onProgress: (done, bytes) => request.onProgress?.({ files: done, bytes, totalFiles: blobs.length }),
  });
  for (const { index, result, problem } of outcomes) {
    const at = files[index]?.index;
    if (problem) tally.problems.push(problem);
    if (result && at !== undefined) results.set(at, result);
  }

  const inMemory = blobs.flatMap((blob, index) => (blob.kind === 'bytes' ? [{ blob, index }] : []));
  const scanner = inMemory.length > 0 ? new BlobScanner(new Kernel(module, setup.ruleset.image), setup, foreign) : null;
  for (const { blob, index } of inMemory) {
    if (request.signal.aborted || !scanner) break;
    const result = scanner.scan(readFromBytes(blob.bytes), blob.provenance.path);
    if (result.isOverfull) tally.problems.push({ code: 'too-many-matches', where: blob.provenance.path, data: { path: blob.provenance.path, limit: MAX_MATCHES } });
    results.set(index, result);
  }

  const matches = blobs.flatMap((blob, index) => {
    const result = results.get(index);
    if (!result) return [];
    tally.add(result);
    return toMatches(result.matches, setup.ruleset.rules, blob.provenance, blob.kind === 'bytes' ? blob.added : undefined);
  });
  return { matches, problems: tally.problems, counts: { ...tally.counts(), regexEngine: setup.ruleset.rules.some((rule) => rule.isForeign) ? `v8, ${foreign.name}` : 'v8' } };
}

class Tally {
  readonly problems: Problem[] = [];
  #files = 0;
  #bytes = 0;
  #binaryFiles = 0;
  #candidates = 0;

  add(result: BlobResult): void {
    this.#bytes += result.bytes;
    this.#candidates += result.candidates;
    if (result.isBinary) this.#binaryFiles++;
    else this.#files++;
  }

  counts(): Omit<ScannedBlobs['counts'], 'regexEngine'> {
    return { files: this.#files, bytes: this.#bytes, binaryFiles: this.#binaryFiles, candidates: this.#candidates };
  }
}
