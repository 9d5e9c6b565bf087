/**
 * Makes a range of commits whole in a checkout that has only part of the history: what continuous integration checks out is one commit deep. In: the commits that
 * the range starts from and those that it leaves out; fetched is what is missing, and the history behind them, until no commit of the range has its parents
 * cut off. Out: the ids that can be left out, or an error; never a range that is shorter than it should be. Called by the Action.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ToolError } from '../core/errors.ts';
import { linesOf } from './object-lines.ts';
import { type GitScope, runGit, streamGit } from './run-git.ts';

export type Remote = GitScope & {
  /** A name that the repository's configuration knows (`origin`), or an address: https, ssh or file. */
  readonly remote: string;
};

/** Where what is fetched can be asked for by name. Removed when the run ends (`forgetFetched`). */
const OWN_REFS = 'refs/leakwarden/';

/** A first look behind what is there, then a long one; what lies deeper is fetched whole. */
const DEEPEN_BY = [200, 5000];
const FETCH_TIMEOUT_MS = 3_600_000;
const PROTOCOLS = 'https:ssh:file';
const ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Returns whether the repository has the commit, or a tag of that id. */
export async function hasCommit(id: string, git: GitScope): Promise<boolean> {
  if (!ID.test(id)) return false;
  const { exitCode } = await runGit(['cat-file', '-e', `${id}^{commit}`], { ...git, accept: [0, 1, 128] });
  return exitCode === 0;
}

/** Returns what a name means as the id of an object, or null. */
export async function resolveRef(name: string, git: GitScope): Promise<string | null> {
  const { exitCode, stdout } = await runGit(['rev-parse', '--verify', '--quiet', '--end-of-options', name], {
    ...git,
    accept: [0, 1, 128],
  });
  const id = stdout.toString('latin1').trim();
  return exitCode === 0 && ID.test(id) ? id : null;
}

/** Returns the best common ancestor, or null where there is none. */
export async function mergeBase(one: string, other: string, git: GitScope): Promise<string | null> {
  const { exitCode, stdout } = await runGit(['merge-base', one, other], { ...git, accept: [0, 1] });
  return exitCode === 0 ? (stdout.toString('latin1').split('\n')[0] ?? null) : null;
}

export async function isShallow(git: GitScope): Promise<boolean> {
  const { stdout } = await runGit(['rev-parse', '--is-shallow-repository'], git);
  return stdout.toString('latin1').trim() === 'true';
}

/** Returns how many commits `tips` have that `not` do not. */
export async function countRange(tips: readonly string[], not: readonly string[], git: GitScope): Promise<number> {
  let count = 0;
  for await (const _ of rangeOf(tips, not, git)) count += 1;
  return count;
}

/** Fetches commits by id; true where the repository then has them all. */
export async function fetchCommits(ids: readonly string[], where: Remote, options: readonly string[] = []): Promise<boolean> {
  const missing: string[] = [];
  for (const id of ids) if (options.length > 0 || !(await hasCommit(id, where))) missing.push(id);
  if (missing.length === 0) return true;
  const depth = options.length === 0 && (await isShallow(where)) ? ['--depth=1'] : options;
  await fetchInto(
    missing.map((id) => `+${id}:${OWN_REFS}commit/${id}`),
    where,
    depth,
  ).catch(passOver);
  for (const id of ids) if (!(await hasCommit(id, where))) return false;
  return true;
}

/** Fetches refs of the remote (`refs/pull/7/head`) under names of our own and returns the id of each that is there now. */
export async function fetchRefs(refs: readonly string[], where: Remote): Promise<Map<string, string>> {
  const depth = (await isShallow(where)) ? ['--depth=1'] : [];
  const found = new Map<string, string>();
  for (const ref of refs) {
    const own = `${OWN_REFS}ref/${ref.replace(/^refs\//, '')}`;
    await fetchInto([`+${ref}:${own}`], where, depth).catch(passOver);
    const id = await resolveRef(own, where);
    if (id !== null) found.set(ref, id);
  }
  return found;
}

/** Fetches all branches and tags with all that is behind them, under the names that they usually have. Throws ToolError git-failed. */
export async function fetchEverything(where: Remote): Promise<void> {
  const depth = (await isShallow(where)) ? ['--unshallow'] : [];
  await fetchInto(['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'], where, depth);
  if (await isShallow(where)) throw new ToolError('git-failed', { command: 'fetch', reason: 'the history is still cut off' });
}

/**
 * Deepens a shallow repository until no commit of the range is one whose parents were left out. Throws ToolError git-failed where that cannot be had: a range with
 * a hole would pass for clean.
 */
export async function completeRange(tips: readonly string[], not: readonly string[], where: Remote): Promise<void> {
  const ids = [...new Set([...tips, ...not])];
  for (const depth of [...DEEPEN_BY.map((by) => `--deepen=${by}`), '--unshallow']) {
    if (!(await hasHole(tips, not, where))) return;
    await fetchInto(
      ids.map((id) => `+${id}:${OWN_REFS}commit/${id}`),
      where,
      [depth],
    );
  }
  if (await hasHole(tips, not, where))
    throw new ToolError('git-failed', { command: 'fetch', reason: 'the history of these commits is still cut off' });
}

/** Removes the names that fetching made; what was fetched stays until git tidies up. */
export async function forgetFetched(git: GitScope): Promise<void> {
  const { stdout } = await runGit(['for-each-ref', '--format=delete %(refname)', OWN_REFS], git);
  if (stdout.length > 0) await runGit(['update-ref', '--stdin'], { ...git, stdin: stdout });
}

async function hasHole(tips: readonly string[], not: readonly string[], git: GitScope): Promise<boolean> {
  const cut = await shallowCommits(git);
  if (cut.size === 0) return false;
  for await (const id of rangeOf(tips, not, git)) if (cut.has(id)) return true;
  return false;
}

async function shallowCommits(git: GitScope): Promise<Set<string>> {
  const { stdout } = await runGit(['rev-parse', '--git-path', 'shallow'], git);
  try {
    const text = readFileSync(path.resolve(git.cwd, stdout.toString().replace(/\n$/, '')), 'latin1');
    return new Set(text.split('\n').filter((line) => line !== ''));
  } catch {
    // There is no such file in a repository that has all its history.
    return new Set();
  }
}

async function* rangeOf(tips: readonly string[], not: readonly string[], git: GitScope): AsyncGenerator<string> {
  const stdin = `${[...tips, ...not.map((id) => `^${id}`)].join('\n')}\n`;
  yield* linesOf(streamGit(['rev-list', '--stdin'], { ...git, stdin }));
}

async function fetchInto(refspecs: readonly string[], { remote, ...git }: Remote, depth: readonly string[]): Promise<void> {
  const args = ['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--no-auto-maintenance', ...depth];
  await runGit([...args, remote, ...refspecs], {
    ...git,
    env: { ...git.env, GIT_ALLOW_PROTOCOL: PROTOCOLS, GIT_SSH_COMMAND: git.env['GIT_SSH_COMMAND'] ?? 'ssh -oBatchMode=yes' },
    timeoutMs: FETCH_TIMEOUT_MS,
  });
}

/** What the remote does not give is told by what is missing afterwards. */
function passOver(error: unknown): void {
  if (!(error instanceof ToolError) || error.code !== 'git-failed') throw error;
}
