/** Unpacks bytes as scan-archive.ts does, without a kernel: every blob's content, and the problems. */
import type { Problem } from '../../../src/core/contracts.ts';
import { Budget } from '../../../src/engine/unpack/bounds.ts';
import { HEAD_BYTES } from '../../../src/engine/unpack/format.ts';
import { recognise } from '../../../src/engine/unpack/index.ts';
import { fromBytes } from '../../../src/engine/unpack/pieces.ts';
import { unpack } from '../../../src/engine/unpack/unpack.ts';

export type Found = {
  /** Of the registry; null when it is none. */
  readonly format: string | null;
  readonly texts: ReadonlyMap<string, Buffer>;
  readonly binaries: readonly string[];
  readonly problems: readonly Problem[];
};

export async function unpackBytes(bytes: Buffer, name: string, maxDepth = 3, now = () => performance.now()): Promise<Found> {
  const head = bytes.subarray(0, HEAD_BYTES);
  const format = recognise(head, name);
  const texts = new Map<string, Buffer>();
  const binaries: string[] = [];
  const problems: Problem[] = [];
  if (!format) return { format: null, texts, binaries, problems };
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  }
  const input = { name, head, pieces, random: async () => fromBytes(bytes) };
  const options = { maxDepth, includeBinary: false, budget: new Budget(bytes.length, now) };
  for await (const found of unpack(input, format, name, options)) {
    if (found.kind === 'problem') problems.push(found.problem);
    else if (found.kind === 'binary') binaries.push(found.path);
    else texts.set(found.path, readAll(found.readAt));
  }
  return { format: format.id, texts, binaries, problems };
}

function readAll(readAt: (target: Uint8Array, offset: number, length: number, position: number) => number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const part = Buffer.alloc(65_536);
    const read = readAt(part, 0, part.length, at);
    if (read === 0) return Buffer.concat(parts);
    parts.push(part.subarray(0, read));
    at += read;
  }
}
