/**
 * What `git commit` would commit: `leakwarden scan --staged` and the pre-commit hook. The content comes from the index, so that neither
 * edits after `git add` nor a partly staged file change what is scanned.
 */
import type { BlobRef, Problem, Source } from '../core/contracts.ts';
import { readStaged, type StagedBlob } from '../git/staged.ts';
import { asProblem, type FilesOptions } from './listing.ts';

/** One staged file is in memory at a time. Larger ones are beyond what git hosts accept, unless they are in LFS, where a pointer is staged. */
export const STAGED_LIMIT_BYTES = 512 << 20;

/**
 * Returns a source of the staged contents of the repository round `cwd`, or of the one that the hook's environment names. Git is asked at once, while the caller loads
 * the rules: a hook has people wait for it.
 */
export function createStagedSource(options: Pick<FilesOptions, 'cwd' | 'env'>, limitBytes = STAGED_LIMIT_BYTES): Source {
  const { cwd, env } = options;
  const early = new AbortController();
  let begun: AsyncGenerator<StagedBlob> | null = readStaged({ cwd, env, signal: early.signal, limitBytes });
  return {
    kind: 'staged',
    async *blobs(signal: AbortSignal): AsyncGenerator<BlobRef | Problem> {
      const stop = (): void => early.abort();
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      const contents = begun ?? readStaged({ cwd, env, signal, limitBytes });
      begun = null;
      try {
        for await (const staged of contents) yield toBlob(staged, limitBytes);
      } catch (error) {
        yield asProblem(error, cwd);
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
  };
}

function toBlob({ path, content }: StagedBlob, limitBytes: number): BlobRef | Problem {
  switch (content.state) {
    case 'read': {
      const blob = { kind: 'bytes', provenance: { kind: 'staged', path }, bytes: content.bytes } as const;
      return content.added ? { ...blob, added: content.added } : blob;
    }
    case 'too-large':
      return { code: 'too-large', where: path, data: { path, bytes: content.sizeBytes, limit: limitBytes } };
    case 'unmerged':
      return { code: 'unreadable', where: path, data: { path, reason: 'its merge conflict is not resolved in the index' } };
    case 'missing':
      return { code: 'unreadable', where: path, data: { path, reason: 'git does not have its content here' } };
  }
}
