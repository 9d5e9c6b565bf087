/** Where a repository keeps its hooks, and what makes git run other ones: asked of git, so that worktrees and core.hooksPath are right. */
import { isAbsolute, join, resolve } from 'node:path';
import { ToolError } from '../core/errors.ts';
import type { Environment } from '../git/environment.ts';
import { runGit } from '../git/run-git.ts';

export type HookRepository = {
  /** Top of the work tree; of a bare repository its own folder. Absolute, as all paths here. */
  readonly root: string;
  readonly isBare: boolean;
  /** Shared by all worktrees. */
  readonly commonDir: string;
  /** The folder git runs hooks from: `<common dir>/hooks`, or what core.hooksPath says. */
  readonly hooksDir: string;
  /** core.hooksPath as it is set, and where (`local`, `global`, `system` …), or null. */
  readonly hooksPath: { readonly value: string; readonly scope: string } | null;
  /** `[2, 39]`. */
  readonly gitVersion: readonly [number, number];
};

/** Returns the repository round `cwd`. Throws ToolError not-a-repository, git-missing, git-failed. */
export async function findHookRepository(cwd: string, env: Environment): Promise<HookRepository> {
  const git = { cwd, env, signal: new AbortController().signal, timeoutMs: 60_000 };
  const asked = await runGit(['rev-parse', '--is-bare-repository', '--git-common-dir'], { ...git, accept: [0, 128] });
  if (asked.exitCode !== 0) throw new ToolError('not-a-repository', { path: cwd });
  const [bare = '', common = ''] = asked.stdout.toString().split('\n');
  const isBare = bare === 'true';
  const commonDir = resolve(cwd, common);
  const top = isBare ? commonDir : (await runGit(['rev-parse', '--show-toplevel'], git)).stdout.toString().replace(/\n$/, '');
  const hooksPath = await readHooksPath(git);
  const shown = hooksPath?.value.replace(/^~\//, `${env['HOME'] ?? '~'}/`);
  return {
    root: top,
    isBare,
    commonDir,
    // A relative one counts from where git runs hooks: the top of the work tree, or a bare repository itself (git-config(1)).
    hooksDir: shown === undefined ? join(commonDir, 'hooks') : isAbsolute(shown) ? shown : resolve(top, shown),
    hooksPath,
    gitVersion: await readVersion(git),
  };
}

type Git = Parameters<typeof runGit>[1];

/** The last value counts, but the one that our own hardening sets on the command line. */
async function readHooksPath(git: Git): Promise<HookRepository['hooksPath']> {
  const { stdout } = await runGit(['config', '--show-scope', '-z', '--get-all', 'core.hooksPath'], { ...git, accept: [0, 1] });
  const fields = stdout.toString().split('\0');
  const values = fields.flatMap((scope, at) =>
    at % 2 === 0 && fields[at + 1] !== undefined ? [{ scope, value: fields[at + 1] ?? '' }] : [],
  );
  return values.filter(({ scope }) => scope !== 'command').at(-1) ?? null;
}

async function readVersion(git: Git): Promise<readonly [number, number]> {
  const { stdout } = await runGit(['version'], git);
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(stdout.toString()) ?? [];
  return [Number(major), Number(minor)];
}
