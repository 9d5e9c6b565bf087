/** Reads one file straight into the kernel's memory and scans it; what cannot be read becomes a problem. Synchronous: the threads' inner loop. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { Problem } from '../core/contracts.ts';
import { reasonOf } from '../core/errors.ts';
import type { BlobResult, BlobScanner } from './scan-blob.ts';
import { MAX_MATCHES } from './scan-blob.ts';

export type FileResult = { readonly result: BlobResult | null; readonly problem: Problem | null };

/** Not through a link and not waiting for the other end of a fifo, whatever a file became since it was listed. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Scans `file`; `path` is how reports call it. A file that was deleted meanwhile is neither scanned nor a problem. */
export function scanFile(scanner: BlobScanner, file: string, path: string): FileResult {
  let descriptor: number;
  try {
    descriptor = openForReading(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { result: null, problem: null };
    return { result: null, problem: unreadable(path, error) };
  }
  try {
    const result = scanner.scan((target, offset, length, position) => readSync(descriptor, target, offset, length, position), path);
    return { result, problem: problemOf(result, path) };
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return { result: null, problem: unreadable(path, error) };
  } finally {
    closeSync(descriptor);
  }
}

/** Returns what keeps the result from being all that there is, or null. */
export function problemOf({ isOverfull, isUndecoded }: BlobResult, path: string): Problem | null {
  if (isOverfull) return { code: 'too-many-matches', where: path, data: { path, limit: MAX_MATCHES } };
  return isUndecoded ? { code: 'decode-limit', where: path, data: { path } } : null;
}

/** Throws what the file system says. */
export function openForReading(file: string): number {
  return openSync(file, OPEN_FLAGS);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function unreadable(path: string, error: unknown): Problem {
  return { code: 'unreadable', where: path, data: { path, reason: (codeOf(error) ?? reasonOf(error)).toLowerCase() } };
}
