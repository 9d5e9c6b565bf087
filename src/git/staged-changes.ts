/**
 * What `git commit` would commit, as a list: the index against HEAD, or against nothing before the first commit.
 *
 * Hooks run in the environment that git gives them, and GIT_INDEX_FILE in it may name a temporary index (`commit -a`, `commit -- path`):
 * that one is what counts, so the environment is inherited. Format: gitdiffcore "raw output format".
 */
import { ToolError } from '../core/errors.ts';
import { pathText, splitAtNul } from './path-text.ts';
import { type GitOptions, runGit } from './run-git.ts';

export type StagedOptions = Pick<GitOptions, 'cwd' | 'env' | 'signal' | 'startedIn'>;

export type StagedChange = {
  /** From the top of the work tree; after a rename the new name. */
  readonly path: string;
  /** A: new, M: changed, R: renamed and perhaps changed, T: of another type, U: unmerged. Deletions are not listed. */
  readonly status: 'A' | 'M' | 'R' | 'T' | 'U';
  /** Object ids, hexadecimal. `before` is all zeros for a new file. */
  readonly before: string;
  readonly after: string;
  /** The content is the target of a symbolic link. */
  readonly isLink: boolean;
};

/** Ample for a rename search over a large commit. */
const TIMEOUT_MS = 600_000;

/** Options that make `git diff --cached` independent of the user's and the repository's configuration. */
export const STAGED_DIFF: readonly string[] = [
  'diff',
  '--cached',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--no-relative',
  '--submodule=short',
  '--ita-invisible-in-index',
];

/** Returns the staged changes that bring content, in git's order. Throws ToolError: not-a-repository, git-failed, git-missing. */
export async function listStagedChanges(options: StagedOptions): Promise<StagedChange[]> {
  const run = async (renames: string): Promise<Buffer> =>
    (await runGit([...STAGED_DIFF, '--raw', '-z', '--no-abbrev', renames], { ...options, timeoutMs: TIMEOUT_MS })).stdout;
  try {
    return parseRawChanges(await run('--find-renames'));
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'git-failed') throw error;
    // Outside of repositories `git diff` turns into another program, whose complaints are about its options.
    await readPrefix(options);
    // In a partial clone the search for renames may need old files that are not here. Without it a renamed file is a new one.
    return parseRawChanges(await run('--no-renames'));
  }
}

/**
 * Returns where the working directory is below the top of the work tree: `src/core/`, or ''. Throws ToolError not-a-repository, also for
 * a bare one: it has no index, and git would say that nothing differs from nothing.
 */
export async function readPrefix(options: StagedOptions): Promise<string> {
  const { stdout } = await runGit(['rev-parse', '--is-bare-repository', '--show-prefix'], { ...options, accept: [0, 128] });
  if (!stdout.toString('latin1').startsWith('false\n')) throw new ToolError('not-a-repository', { path: options.cwd });
  return pathText(stdout.subarray('false\n'.length, -1));
}

/** Returns the changes in the output of `git diff --raw -z --no-abbrev`, those apart that bring no content: deletions, submodules, modes. */
export function parseRawChanges(output: Buffer): StagedChange[] {
  const fields = splitAtNul(output, Buffer.alloc(0)).fields;
  const changes: StagedChange[] = [];
  for (let at = 0; at + 1 < fields.length; ) {
    const [, mode = '', before = '', after = '', score = ''] = String(fields[at]).split(' ');
    const status = score.charAt(0);
    const isPair = status === 'R' || status === 'C';
    const name = fields[at + (isPair ? 2 : 1)] ?? '';
    at += isPair ? 3 : 2;
    if (status !== 'A' && status !== 'M' && status !== 'R' && status !== 'T' && status !== 'U') continue;
    if (status !== 'U' && (mode === '160000' || before === after)) continue;
    changes.push({ path: typeof name === 'string' ? name : pathText(name), status, before, after, isLink: mode === '120000' });
  }
  return changes;
}
