/** Texts that are in memory already, each with the name that reports give it: what a coding assistant is about to send or to run. */
import type { BlobRef, Problem, Source } from '../core/contracts.ts';
import { INTERRUPTED } from './listing.ts';

export type NamedText = { readonly path: string; readonly text: string };

/** Returns a source of one blob for each text. */
export function createTextsSource(texts: readonly NamedText[]): Source {
  return {
    kind: 'texts',
    async *blobs(signal: AbortSignal): AsyncGenerator<BlobRef | Problem> {
      if (signal.aborted) yield { code: 'interrupted', where: INTERRUPTED, data: {} };
      else for (const { path, text } of texts) yield { kind: 'bytes', provenance: { kind: 'stdin', path }, bytes: Buffer.from(text) };
    },
  };
}
