/**
 * Reads one file straight into the kernel's memory and scans it; what cannot be read becomes a problem. Whether a path that git named is a file shows here: a link and a
 * socket cannot be opened so, a folder and a fifo cannot be read at a place, and a device gives nothing or all it was asked for. Synchronous: the threads' inner loop.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Problem } from '../core/contracts.ts';
import { reasonOf, ToolError } from '../core/errors.ts';
import { type FileKind, isLinkLoop, kindAt, kindOf } from '../git/file-kinds.ts';
import type { BlobResult, BlobScanner } from './scan-blob.ts';
import { MAX_MATCHES } from './scan-blob.ts';

export type FileResult = { readonly result: BlobResult | null; readonly problem: Problem | null };

/** Not through a link, not waiting for the other end of a fifo, and no terminal that listens to us, whatever a file became since it was listed or tracked. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/** Scans `file`; `path` is how reports call it. A file that was deleted meanwhile, or is a link now, is neither scanned nor a problem. */
export function scanFile(scanner: BlobScanner, file: string, path: string): FileResult {
  let descriptor: number;
  try {
    descriptor = openForReading(file);
  } catch (error) {
    return { result: null, problem: whyNotRead(file, path, error) };
  }
  try {
    const readAt = (target: Uint8Array, offset: number, length: number, position: number): number => {
      const got = readSync(descriptor, target, offset, length, position);
      if (position === 0 && (got === 0 || got === length)) refuseDevice(descriptor, path);
      return got;
    };
    const result = scanner.scan(readAt, path);
    return { result, problem: problemOf(result, path) };
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return { result: null, problem: whyNotRead(file, path, error) };
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
  // Windows cannot refuse a link as it opens it.
  if (constants.O_NOFOLLOW === undefined && kindAt(file) === 'link') throw new ToolError('not-a-file', { path: file, kind: 'link' });
  return openSync(file, OPEN_FLAGS);
}

function refuseDevice(descriptor: number, path: string): void {
  const kind = kindOf(fstatSync(descriptor));
  if (kind !== 'file') throw new ToolError('not-a-file', { path, kind });
}

/** Returns what is wrong with a file that was not read, or null: it is gone, what a link leads to is none of our business, and what is in a folder was listed itself. */
function whyNotRead(file: string, path: string, error: unknown): Problem | null {
  if (codeOf(error) === 'ENOENT') return null;
  let kind: FileKind | null;
  try {
    kind = kindAt(file);
  } catch {
    // A folder above may not be searched; the first error says so too.
    return unreadable(path, error);
  }
  if (kind === 'file') return unreadable(path, error);
  if (kind === null || kind === 'folder') return null;
  if (kind !== 'link') return { code: 'not-a-file', where: path, data: { path, kind } };
  return isLinkLoop(file) ? { code: 'link-loop', where: path, data: { path } } : null;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function unreadable(path: string, error: unknown): Problem {
  return { code: 'unreadable', where: path, data: { path, reason: (codeOf(error) ?? reasonOf(error)).toLowerCase() } };
}
