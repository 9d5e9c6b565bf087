/**
 * Which lines of a changed file are new, from git's own patch: the only diff that agrees with what the author sees. For what is staged and
 * for the commits of a range; of a merge, the lines that none of its parents has.
 *
 * A pair of object ids is the key, not a path: the ids stand in each section's `index` line, whereas paths come quoted and may hold
 * anything. Lines of content are counted, not kept, so that memory does not depend on their length.
 */
import type { LineRange } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { LOG_OPTIONS } from './log.ts';
import { type GitScope, streamGit } from './run-git.ts';
import { STAGED_DIFF, type StagedOptions } from './staged-changes.ts';

/** Key: `<id before>..<id after>`, for a merge `<id>,<id>..<id after>`. Null: git takes the file for binary, so which lines are new is unknown. */
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

/**
 * Returns the new lines of what each of the commits changes, without the commits before them. Errors as `streamGit`.
 */
export async function readAddedLinesOf(commits: readonly string[], git: GitScope): Promise<AddedLines> {
  if (commits.length === 0) return new Map();
  const args = ['log', ...LOG_OPTIONS, '--no-walk=unsorted', '--stdin', '--format=%H', '--patch', '--full-index', '--unified=0'];
  return parseAddedLines(streamGit([...args, '--inter-hunk-context=0', '--find-renames'], { ...git, stdin: `${commits.join('\n')}\n` }));
}

/** Returns the new lines that a patch without context lines tells of, as `readAddedLines`. */
export async function parseAddedLines(chunks: AsyncIterable<Buffer>): Promise<AddedLines> {
  const added = new Map<string, LineRange[] | null>();
  let pair = '';
  /** Lines of the current hunk that are still to come. */
  let left = 0;
  let isLineStart = true;
  let isCounted = true;
  /** Of a merge's hunk: its parents, the number of the next line, and whether that one is new to all parents. */
  let parents = 0;
  let number = 0;
  let columns = '';
  let held: Buffer = Buffer.alloc(0);

  const readHeader = (line: string): void => {
    const index = /^index ([0-9a-f]+(?:,[0-9a-f]+)*\.\.[0-9a-f]+)/.exec(line);
    const hunk = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    const merged = /^@@@+ (?:-\d+(?:,\d+)? )+\+(\d+)(?:,\d+)? @@@+/.exec(line);
    if (line.startsWith('diff --')) pair = '';
    else if (index?.[1] !== undefined) {
      pair = index[1];
      if (!added.has(pair)) added.set(pair, []);
    } else if (line.startsWith('Binary files ')) added.set(pair, null);
    else if (hunk) {
      const lines = Number(hunk[3] ?? 1);
      const first = Number(hunk[2]);
      left = Number(hunk[1] ?? 1) + lines;
      if (lines > 0) added.get(pair)?.push({ first, last: first + lines - 1 });
    } else if (merged) {
      parents = line.search(/[^@]/) - 1;
      number = Number(merged[1]);
    }
  };

  /** A line of a merge's hunk: a column for each parent, `+` where the line is new to it, `-` where it is gone. */
  const readMerged = (): void => {
    if (columns.includes('-')) return;
    const ranges = added.get(pair);
    const last = ranges?.at(-1);
    if (columns === '+'.repeat(parents)) {
      if (last && last.last === number - 1) ranges?.splice(-1, 1, { first: last.first, last: number });
      else ranges?.push({ first: number, last: number });
    }
    number += 1;
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
      } else if (parents > 0 && (columns !== '' || isColumn(chunk[at]))) {
        columns += chunk.toString('latin1', at, Math.min(end, at + parents - columns.length));
        if (found >= 0) {
          if (!columns.startsWith('\\')) readMerged();
          columns = '';
        }
      } else {
        parents = 0;
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

/** What a line in a merge's hunk begins with; every other line begins with a word or an @. */
function isColumn(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x2b || byte === 0x2d || byte === BACKSLASH;
}
