/** A commit message as the commit-msg hook gets it: a file that git made. What stands below the scissors is the diff that `commit -v` shows, and goes away. */
import { readFileSync, statSync } from 'node:fs';
import type { BlobRef, Problem, Source } from '../core/contracts.ts';
import { shortReason } from '../git/file-kinds.ts';
import { INTERRUPTED } from './listing.ts';

/** Larger messages are none that a person wrote. */
export const MESSAGE_LIMIT_BYTES = 16 << 20;

/** As it is called in reports. */
const PATH = 'commit message';
/** git's own line, after whatever the comment character is (git-commit(1), --cleanup=scissors). */
const SCISSORS = /^.{1,10} -{8,} >8 -{8,}\r?$/m;

/** Returns a source of the one blob that is the message. Comment lines stay: with `-m` git keeps them. */
export function createMessageSource(file: string, limitBytes = MESSAGE_LIMIT_BYTES): Source {
  return {
    kind: 'message',
    async *blobs(signal: AbortSignal): AsyncGenerator<BlobRef | Problem> {
      if (signal.aborted) {
        yield { code: 'interrupted', where: INTERRUPTED, data: {} };
        return;
      }
      try {
        const { size } = statSync(file);
        if (size > limitBytes) {
          yield { code: 'too-large', where: PATH, data: { path: PATH, bytes: size, limit: limitBytes } };
          return;
        }
        const text = readFileSync(file, 'latin1');
        const cut = text.search(SCISSORS);
        yield {
          kind: 'bytes',
          provenance: { kind: 'stdin', path: PATH },
          bytes: Buffer.from(cut < 0 ? text : text.slice(0, cut), 'latin1'),
        };
      } catch (error) {
        yield { code: 'unreadable', where: PATH, data: { path: PATH, reason: shortReason(error) } };
      }
    },
  };
}
