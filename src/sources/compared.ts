/** The files of a commit as they stand in it, all of them or those in which it differs from another: what a pull request would leave behind, with its new lines. */
import type { BlobRef, Problem, Source } from '../core/contracts.ts';
import { readObjects } from '../git/cat-file.ts';
import { listChangedFiles } from '../git/changed-files.ts';
import { asProblem, type FilesOptions } from './listing.ts';
import { STAGED_LIMIT_BYTES } from './staged.ts';

export type ComparedOptions = Pick<FilesOptions, 'cwd' | 'env'> & {
  /** Id of a commit; null: all files of `to`, all their lines. */
  readonly from: string | null;
  /** Id of a commit. */
  readonly to: string;
};

/** Returns a source of those files. */
export function createComparedSource({ from, to, ...scope }: ComparedOptions, limit = STAGED_LIMIT_BYTES): Source {
  return {
    kind: 'compared',
    async *blobs(signal: AbortSignal): AsyncGenerator<BlobRef | Problem> {
      try {
        const git = { ...scope, signal };
        const files = (await listChangedFiles(from, to, git)).filter(({ added }) => added === undefined || added.length > 0);
        let next = 0;
        for await (const object of readObjects(
          files.map(({ blob }) => blob),
          { ...git, limitBytes: limit },
        )) {
          const file = files[next++];
          if (!file) return;
          const { path, added } = file;
          if (object.state === 'read')
            yield { kind: 'bytes', provenance: { kind: 'file', path }, bytes: object.bytes, ...(added === undefined ? {} : { added }) };
          else if (object.state === 'too-large') yield { code: 'too-large', where: path, data: { path, bytes: object.sizeBytes, limit } };
          else yield { code: 'unreadable', where: path, data: { path, reason: 'git does not have its content here' } };
        }
      } catch (error) {
        yield asProblem(error, scope.cwd);
      }
    },
  };
}
