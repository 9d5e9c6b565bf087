/**
 * Which lines of a changed file are new, from git's own patch: the only diff that agrees with what the author sees.
 *
 * A pair of object ids is the key, not a path: the ids stand in each section's `index` line, whereas paths come quoted and may hold
 * anything. Lines of content are counted, not kept, so that memory does not depend on their length.
 */
import type { LineRange } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { streamGit } from './run-git.ts';
import { STAGED_DIFF, type StagedOptions } from './staged-changes.ts';

/** Key: `<id before>..<id after>`. Null: git takes the file for binary, so which lines are new is unknown. */
export type AddedLines = ReadonlyMap<string, readonly LineRange[] | null>;

/** A header line is a path or two, quoted, and a few words; longer ones are not git's. */
const MAX_HEADER_BYTES = 1 << 20;

const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;

/** Returns the new lines of files that are changed or renamed in the index. Errors as `streamGit`. */
export async function readAddedLines(options: StagedOptions): Promise<AddedLines> {
  const args = [...STAGED_DIFF, '--patch', '--full-index', '--unified=0', '--inter-hunk-context=0', '--find-renames', '--diff-filter=MR'];
  return parseAddedLines(streamGit(args, options));
}

/** Returns the new lines that a patch without context lines tells of, as `readAddedLines`. */
export async function parseAddedLines(chunks: AsyncIterable<Buffer>): Promise<AddedLines> {
  const added = new Map<string, LineRange[] | null>();
  let pair = '';
  /** Lines of the current hunk that are still to come. */
  let left = 0;
  let isLineStart = true;
  let isCounted = true;
  let held: Buffer = Buffer.alloc(0);

  const readHeader = (line: string): void => {
    const index = /^index ([0-9a-f]+\.\.[0-9a-f]+)/.exec(line);
    const hunk = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (line.startsWith('diff --git ')) pair = '';
    else if (index?.[1] !== undefined) {
      pair = index[1];
      if (!added.has(pair)) added.set(pair, []);
    } else if (line.startsWith('Binary files ')) added.set(pair, null);
    else if (hunk) {
      const lines = Number(hunk[3] ?? 1);
      const first = Number(hunk[2]);
      left = Number(hunk[1] ?? 1) + lines;
      if (lines > 0) added.get(pair)?.push({ first, last: first + lines - 1 });
    }
  };

  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const found = chunk.indexOf(NEWLINE, at);
      const end = found < 0 ? chunk.length : found + 1;
      if (left > 0) {
        // "\ No newline at end of file" is no line of the file.
        if (isLineStart) isCounted = chunk[at] !== BACKSLASH;
        isLineStart = found >= 0;
        if (isLineStart && isCounted) left -= 1;
      } else {
        const line = held.length === 0 ? chunk.subarray(at, end) : Buffer.concat([held, chunk.subarray(at, end)]);
        if (line.length > MAX_HEADER_BYTES) throw new ToolError('git-failed', { command: 'diff', reason: 'its patch has no end of line' });
        if (found >= 0) readHeader(line.toString('latin1', 0, line.length - 1));
        held = found >= 0 ? Buffer.alloc(0) : Buffer.from(line);
      }
      at = end;
    }
  }
  return added;
}
