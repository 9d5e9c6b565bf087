/**
 * The files of one commit, or those in which it differs from another: paths, blobs, and which lines are new. For what stands at the head of a pull request:
 * commits tell how a secret came in, this tells where it is now. Two ids in, a list out; contents are read by whoever wants them (cat-file.ts).
 * Formats: gitdiffcore "raw output format", git-ls-tree(1).
 */
import type { LineRange } from '../core/contracts.ts';
import { parseAddedLines } from './added-lines.ts';
import { pathText, splitAtNul } from './path-text.ts';
import { type GitScope, runGit, streamGit } from './run-git.ts';

export type ChangedFile = {
  /** From the top of the repository; after a rename the new name. */
  readonly path: string;
  readonly blob: string;
  /** undefined: all lines, or git cannot say (binary files). */
  readonly added?: readonly LineRange[];
};

/** Ten million paths of a hundred bytes each. */
const MAX_LIST_BYTES = 1 << 30;

const SUBMODULE = '160000';

const DIFF = ['diff-tree', '-r', '--no-ext-diff', '--no-textconv', '--no-color', '--no-relative', '--submodule=short', '--find-renames'];

/** Returns the files of `to`, all of them or those that differ from `from`, in git's order. Both are ids of commits. Throws ToolError git-failed, interrupted. */
export async function listChangedFiles(from: string | null, to: string, git: GitScope): Promise<ChangedFile[]> {
  return from === null ? listTree(to, git) : listDifferences(from, to, git);
}

async function listTree(commit: string, git: GitScope): Promise<ChangedFile[]> {
  const fields = await fieldsOf(['ls-tree', '-r', '-z', '--full-tree', commit], git);
  return fields.flatMap((field) => {
    const tab = field.indexOf('\t');
    const [, type = '', blob = ''] = field.slice(0, tab).split(' ');
    return type === 'blob' ? [{ path: field.slice(tab + 1), blob }] : [];
  });
}

async function listDifferences(from: string, to: string, git: GitScope): Promise<ChangedFile[]> {
  const [fields, added] = await Promise.all([
    fieldsOf([...DIFF, '--raw', '-z', '--no-abbrev', from, to], git),
    parseAddedLines(streamGit([...DIFF, '--patch', '--full-index', '--unified=0', '--inter-hunk-context=0', from, to], git)),
  ]);
  const files: ChangedFile[] = [];
  for (let at = 0; at < fields.length; ) {
    const [, mode = '', before = '', blob = '', status = ''] = (fields[at] ?? '').split(' ');
    const paths = /^[RC]/.test(status) ? 2 : 1;
    const path = fields[at + paths];
    at += 1 + paths;
    if (path === undefined || status === 'D' || mode === SUBMODULE) continue;
    const lines = /^:?0+$/.test(before) ? null : (added.get(`${before}..${blob}`) ?? null);
    files.push({ path, blob, ...(lines === null ? {} : { added: lines }) });
  }
  return files;
}

async function fieldsOf(args: readonly string[], git: GitScope): Promise<string[]> {
  const { stdout } = await runGit(args, { ...git, maxBytes: MAX_LIST_BYTES });
  return splitAtNul(stdout, Buffer.alloc(0)).fields.map((field) => (typeof field === 'string' ? field : pathText(field)));
}
