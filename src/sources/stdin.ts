/**
 * Standard input: `leakwarden scan -`. What arrives becomes one blob, read to the end; what goes beyond the limit is not read, and said.
 * It is never spooled to a file: secrets do not go to disk.
 */
import { addAbortSignal, type Readable } from 'node:stream';
import type { BlobRef, Problem, Source } from '../core/contracts.ts';
import { shortReason } from '../git/file-kinds.ts';
import { INTERRUPTED } from './listing.ts';

/** The pieces and the whole are in memory together for a moment, so twice as much is needed. */
export const STDIN_LIMIT_BYTES = 512 << 20;

const PATH = 'stdin';

/** Returns a source of the one blob that `stream` holds. An empty stream is an empty blob. */
export function createStdinSource(stream: Readable, limitBytes = STDIN_LIMIT_BYTES): Source {
  return {
    kind: 'stdin',
    async *blobs(signal: AbortSignal): AsyncGenerator<BlobRef | Problem> {
      const { chunks, problem } = await readUpTo(stream, limitBytes, signal);
      yield { kind: 'bytes', provenance: { kind: 'stdin', path: PATH }, bytes: Buffer.concat(chunks) };
      if (problem) yield problem;
    },
  };
}

type Read = { readonly chunks: readonly Buffer[]; readonly problem: Problem | null };

async function readUpTo(stream: Readable, limitBytes: number, signal: AbortSignal): Promise<Read> {
  const chunks: Buffer[] = [];
  let have = 0;
  try {
    for await (const chunk of addAbortSignal(signal, stream)) {
      const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      chunks.push(bytes.subarray(0, limitBytes - have));
      have += bytes.length;
      if (have > limitBytes) {
        return { chunks, problem: { code: 'too-large', where: PATH, data: { path: PATH, bytes: have, limit: limitBytes } } };
      }
    }
    return { chunks, problem: null };
  } catch (error) {
    if (signal.aborted) return { chunks, problem: { code: 'interrupted', where: INTERRUPTED, data: {} } };
    return { chunks, problem: { code: 'unreadable', where: PATH, data: { path: PATH, reason: shortReason(error) } } };
  }
}
