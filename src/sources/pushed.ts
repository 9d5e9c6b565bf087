/** What a push would bring to the other side: the pre-push and pre-receive hooks. Every line of their input counts, and every commit of each. */
import type { BlobRef, Problem, Source } from '../core/contracts.ts';
import { type PushedContent, parseUpdates, readPushed } from '../git/pushed.ts';
import { asProblem, type FilesOptions } from './listing.ts';
import { STAGED_LIMIT_BYTES } from './staged.ts';

export type PushedOptions = Pick<FilesOptions, 'cwd' | 'env'> & {
  readonly stage: 'pre-push' | 'pre-receive';
  /** What git wrote to the hook's standard input. */
  readonly input: string;
  /** Name of the remote that is pushed to, for pre-push; an address where it has no name. */
  readonly remote: string;
};

/** Returns a source of what the commits of a push add. */
export function createPushedSource({ stage, input, remote, ...scope }: PushedOptions, limitBytes = STAGED_LIMIT_BYTES): Source {
  return {
    kind: 'pushed',
    async *blobs(signal: AbortSignal): AsyncGenerator<BlobRef | Problem> {
      try {
        const updates = parseUpdates(input, stage);
        // An address has no refs of its own here; then only what the update itself names is known to be there.
        const known = stage === 'pre-receive' ? '' : `refs/remotes/${/^[\w.-]+$/.test(remote) ? remote : '.none'}/`;
        for await (const pushed of readPushed(updates, known, { ...scope, signal, limitBytes })) yield toBlob(pushed, limitBytes);
      } catch (error) {
        yield asProblem(error, scope.cwd);
      }
    },
  };
}

function toBlob({ kind, commit, path, content }: PushedContent, limit: number): BlobRef | Problem {
  if ('sizeBytes' in content) return { code: 'too-large', where: path, data: { path, bytes: content.sizeBytes, limit } };
  if ('missing' in content) return { code: 'unreadable', where: path, data: { path, reason: 'git does not have its content here' } };
  const provenance = { kind: kind === 'file' ? 'commit' : kind, path, commit } as const;
  return { kind: 'bytes', provenance, ...content };
}
