/**
 * Which commits an audit is about: all that refs reach, some branches, a range, a time, or what is new since the last audit. Names in, ids
 * out; what a user writes never reaches git but as the end of `--end-of-options`.
 */
import { ToolError } from '../../core/errors.ts';
import { typesOf } from '../../git/object-lines.ts';
import { type GitScope, runGit } from '../../git/run-git.ts';
import type { Tip, Tips } from '../../git/tips.ts';
import type { AuditState } from './state.ts';

export type SelectionOptions = {
  /** `A..B`: what B has and A has not. */
  readonly range: { readonly from: string; readonly to: string } | null;
  /** Seconds since 1970, or null. */
  readonly since: number | null;
  readonly branches: readonly string[];
  readonly unreachable: boolean;
  readonly reflog: boolean;
};

export type Selection = {
  readonly tips: readonly string[];
  readonly not: readonly string[];
  /** Seconds since 1970 before which commits do not count. */
  readonly since: number;
  /**
   * `all`: everything that refs reach. `new`: the same, but what the last audit scanned is known. `chosen`: these commits only.
   * `added`: only the lines that these commits add.
   */
  readonly mode: 'all' | 'new' | 'chosen' | 'added';
};

/** Returns the selection. `state` null: there is none, or it is of another engine. Throws ToolError bad-revision. */
export async function selectCommits(
  options: SelectionOptions,
  tips: Tips,
  state: AuditState | null,
  git: GitScope,
  shown: string,
): Promise<Selection> {
  const { range, since, branches, unreachable } = options;
  const chosen = branches.length > 0 ? branches.map((name) => tipOf(name, tips, shown)) : tips.commits.map(({ id }) => id);
  if (range !== null) {
    const [from, to] = await Promise.all([commitOf(range.from, git, shown), commitOf(range.to, git, shown)]);
    return { tips: [to], not: [from], since: since ?? 0, mode: 'added' };
  }
  if (since !== null) return { tips: chosen, not: [], since, mode: 'added' };
  if (branches.length > 0) return { tips: chosen, not: [], since: 0, mode: 'chosen' };
  // What no commit reaches is not known to the state.
  if (state === null || unreachable) return { tips: chosen, not: [], since: 0, mode: 'all' };
  return { tips: chosen, not: await commitsAmong(state.tips, git), since: 0, mode: 'new' };
}

/** `main` is refs/heads/main, `origin/main` refs/remotes/origin/main; a whole ref is itself. */
function tipOf(name: string, tips: Tips, shown: string): string {
  const wanted = ['', 'refs/heads/', 'refs/remotes/', 'refs/tags/'].map((prefix) => prefix + name);
  const tip = wanted.flatMap((ref) => tips.commits.filter((one: Tip) => one.name === ref))[0];
  if (!tip) throw new ToolError('bad-revision', { revision: name, path: shown });
  return tip.id;
}

async function commitOf(revision: string, git: GitScope, shown: string): Promise<string> {
  const { exitCode, stdout } = await runGit(['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`], {
    ...git,
    accept: [0, 1, 128],
  });
  const id = stdout.toString('latin1').trim();
  if (exitCode !== 0 || !/^[0-9a-f]{40,64}$/.test(id)) throw new ToolError('bad-revision', { revision, path: shown });
  return id;
}

/** After a force-push and gc old commits are gone: then more is scanned, never less. */
async function commitsAmong(ids: readonly string[], git: GitScope): Promise<string[]> {
  try {
    const types = await typesOf(ids, git);
    return ids.filter((id) => types.get(id) === 'commit');
  } catch (error) {
    // A partial clone in which one of them is missing.
    if (error instanceof ToolError && error.code === 'git-failed') return [];
    throw error;
  }
}
