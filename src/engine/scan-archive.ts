/**
 * Scans what is in an archive: opens the file anew, or takes bytes, has it unpacked (unpack/unpack.ts) and each file in it scanned as any other. Called by the
 * threads and by scan-blobs.ts when scanning a blob says that it is an archive. The results are in the archive's own order.
 */
import { closeSync, fstatSync, readSync } from 'node:fs';
import type { Problem } from '../core/contracts.ts';
import { type BlobResult, type BlobScanner, MAX_MATCHES } from './scan-blob.ts';
import { openForReading, unreadable } from './scan-file.ts';
import { Budget } from './unpack/bounds.ts';
import { HEAD_BYTES, type Input, type RandomBytes } from './unpack/format.ts';
import { recognise } from './unpack/index.ts';
import { fromBytes } from './unpack/pieces.ts';
import { unpack } from './unpack/unpack.ts';

/** One file of an archive, or a problem in it. Crosses threads. */
export type InnerResult = { readonly path: string; readonly result: BlobResult | null; readonly problem: Problem | null };

/** Bytes read from the file at a time. */
const PIECE_BYTES = 256 * 1024;
/** How long the thread works before it lets others through. */
const TURN_MS = 40;

/** `isStopped`: asked between the files of an archive. */
export async function scanArchiveFile(scanner: BlobScanner, file: string, path: string, isStopped: () => boolean): Promise<InnerResult[]> {
  let descriptor: number;
  try {
    descriptor = openForReading(file);
  } catch (error) {
    return [{ path, result: null, problem: unreadable(path, error) }];
  }
  try {
    return await scanArchive(scanner, fromFile(descriptor), path, isStopped);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return [{ path, result: null, problem: unreadable(path, error) }];
  } finally {
    closeSync(descriptor);
  }
}

export async function scanArchiveBytes(
  scanner: BlobScanner,
  bytes: Uint8Array,
  path: string,
  isStopped: () => boolean,
): Promise<InnerResult[]> {
  return scanArchive(scanner, fromBytes(bytes), path, isStopped);
}

async function scanArchive(scanner: BlobScanner, bytes: RandomBytes, path: string, isStopped: () => boolean): Promise<InnerResult[]> {
  const results: InnerResult[] = [];
  const input = inputOf(bytes, path);
  const format = recognise(input.head, path);
  // It changed since it was recognised.
  if (!format) return [{ path, result: null, problem: { code: 'changed-while-read', where: path, data: { path } } }];
  const budget = new Budget(bytes.size, () => performance.now());
  const { archiveDepth: maxDepth, includeBinary } = scanner.setup;
  let turn = performance.now();
  for await (const found of unpack(input, format, path, { maxDepth, includeBinary, budget })) {
    if (found.kind === 'problem') results.push({ path: found.problem.where, result: null, problem: found.problem });
    else if (found.kind === 'binary') results.push({ path: found.path, result: BINARY, problem: null });
    else {
      const result = scanner.scan(found.readAt, found.path, 'content');
      results.push({ path: found.path, result, problem: result.isOverfull ? overfull(found.path) : null });
    }
    if (performance.now() - turn < TURN_MS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    if (isStopped()) break;
    turn = performance.now();
  }
  return results;
}

const BINARY: BlobResult = {
  matches: [],
  bytes: 0,
  candidates: 0,
  isBinary: true,
  isArchive: false,
  isOverfull: false,
  isUndecoded: false,
};

function overfull(path: string): Problem {
  return { code: 'too-many-matches', where: path, data: { path, limit: MAX_MATCHES } };
}

function inputOf(bytes: RandomBytes, name: string): Input {
  return {
    name,
    head: bytes.read(0, HEAD_BYTES),
    async *pieces() {
      for (let at = 0; ; ) {
        const piece = bytes.read(at, PIECE_BYTES);
        if (piece.length === 0) return;
        at += piece.length;
        yield piece;
      }
    },
    random: async () => bytes,
  };
}

function fromFile(descriptor: number): RandomBytes {
  return {
    size: fstatSync(descriptor).size,
    read(position, length) {
      const buffer = Buffer.allocUnsafe(length);
      let have = 0;
      while (have < length) {
        const read = readSync(descriptor, buffer, have, length - have, position + have);
        if (read === 0) break;
        have += read;
      }
      return buffer.subarray(0, have);
    },
  };
}
