/**
 * The contents that `git commit` would commit: the blobs of the index that differ from HEAD, each with its new lines. Read from git's
 * object store, never from the work tree, which may hold something else (`git add -p`, edits after `git add`).
 *
 * Three git processes run side by side (changes, patch, where we are in the work tree), then one gives the blobs.
 */
import path from 'node:path';
import type { LineRange } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { type AddedLines, readAddedLines } from './added-lines.ts';
import { readObjects } from './cat-file.ts';
import { holdsRepository } from './find-work-tree.ts';
import { listStagedChanges, readPrefix, type StagedChange, type StagedOptions } from './staged-changes.ts';

/** `path` is relative to the working directory, `/` between the parts. */
export type StagedBlob = {
  readonly path: string;
  readonly content:
    | { readonly state: 'read'; readonly bytes: Buffer; readonly added?: readonly LineRange[] }
    | { readonly state: 'unmerged' }
    | { readonly state: 'missing' }
    | { readonly state: 'too-large'; readonly sizeBytes: number };
};

/**
 * Gives the staged contents in git's order of paths; git begins with the call, so that it runs while the caller loads what it needs to look at them. `added` is left out where all lines are new, or where git cannot say (binary
 * files); a file that only lost lines is not yielded. Throws ToolError: not-a-repository, git-failed, git-missing, interrupted.
 */
export function readStaged({ limitBytes, ...git }: StagedOptions & { readonly limitBytes: number }): AsyncGenerator<StagedBlob> {
  const told = Promise.all([listStagedChanges(git), readAddedLinesOrNone(git), prefixOf(git)]);
  // Awaited with the first content, if that is ever asked for.
  told.catch(() => undefined);
  return contents(told, git, limitBytes);
}

async function* contents(
  told: Promise<[changes: StagedChange[], added: AddedLines, prefix: string]>,
  git: StagedOptions,
  limitBytes: number,
): AsyncGenerator<StagedBlob> {
  const [changes, added, prefix] = await told;
  const shown = (change: StagedChange): string => (prefix === '' ? change.path : path.posix.relative(prefix, change.path));
  const wanted: { readonly change: StagedChange; readonly lines: readonly LineRange[] | undefined }[] = [];
  for (const change of changes) {
    if (change.status === 'U') {
      yield { path: shown(change), content: { state: 'unmerged' } };
      continue;
    }
    const lines = newLines(change, added);
    if (lines === undefined || lines.length > 0) wanted.push({ change, lines });
  }
  let next = 0;
  for await (const object of readObjects(
    wanted.map(({ change }) => change.after),
    { ...git, limitBytes },
  )) {
    const entry = wanted[next];
    next += 1;
    if (!entry) return;
    const path = shown(entry.change);
    if (object.state !== 'read') yield { path, content: object };
    else yield { path, content: entry.lines === undefined ? object : { ...object, added: entry.lines } };
  }
}

/** Returns the new lines of a change, or undefined for all of them. */
function newLines(change: StagedChange, added: AddedLines): readonly LineRange[] | undefined {
  if (change.status !== 'M' && change.status !== 'R') return undefined;
  return added.get(`${change.before}..${change.after}`) ?? undefined;
}

/** Without a patch (an old file is missing in a partial clone) all lines count as new: more is reported, never less. */
async function readAddedLinesOrNone(git: StagedOptions): Promise<AddedLines> {
  try {
    return await readAddedLines(git);
  } catch (error) {
    if (error instanceof ToolError && error.code === 'git-failed') return new Map();
    throw error;
  }
}

/** Returns the same as `readPrefix`, without a process in the usual case: a hook runs at the top of the work tree. */
async function prefixOf(git: StagedOptions): Promise<string> {
  const isNamed = git.env['GIT_DIR'] !== undefined || git.env['GIT_WORK_TREE'] !== undefined;
  return !isNamed && holdsRepository(git.cwd) ? '' : await readPrefix(git);
}
