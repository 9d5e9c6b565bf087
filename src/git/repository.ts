/**
 * Opens a repository for an audit: a work tree, a worktree of one, a bare repository, a `.git`. Out comes where its objects lie, an
 * environment in which git looks there and nowhere else, and what is missing in it on purpose: shallow, partial, grafted.
 */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { reasonOf, ToolError } from '../core/errors.ts';
import { type Environment, environmentFor } from './environment.ts';
import { pathText } from './path-text.ts';
import { type GitOptions, runGit } from './run-git.ts';

export type Repository = {
  /** Absolute: the folder of objects and refs, shared by all worktrees. */
  readonly gitDir: string;
  /** For every git process about it. */
  readonly git: Pick<GitOptions, 'cwd' | 'env'>;
  /** Commits whose parents were left out when it was cloned. */
  readonly shallow: ReadonlySet<string>;
  /** Its configuration names a server that holds what is missing here. */
  readonly isPartial: boolean;
  readonly isGrafted: boolean;
  /** Without credentials. */
  readonly origin: string | null;
};

type Options = { readonly env: Environment; readonly signal: AbortSignal };

/** A few paths and settings. */
const MAX_BYTES = 1 << 20;

/** Returns the repository at or round `folder` (absolute). Throws ToolError: not-auditable, git-missing, interrupted. */
export async function openRepository(folder: string, shown: string, { env, signal }: Options): Promise<Repository> {
  const refuse = (reason: string, cause?: unknown): ToolError => new ToolError('not-auditable', { path: shown, reason }, { cause });
  if (!existsSync(folder)) throw refuse('there is no such file or folder');
  if (!statSync(folder).isDirectory()) throw refuse('it is neither a folder nor a bundle');
  const named = isGitDir(folder) ? { cwd: folder, env: environmentFor(folder, env) } : { cwd: folder, env };
  let own: string;
  try {
    const where = await runGit(['rev-parse', '--git-dir', '--git-common-dir'], {
      ...named,
      signal,
      repository: isGitDir(folder) ? 'inherited' : 'by-path',
      maxBytes: MAX_BYTES,
    });
    const [gitDir = '', commonDir = ''] = pathText(where.stdout).split('\n');
    own = realpathSync(path.resolve(folder, gitDir));
    const gitDirOfAll = realpathSync(path.resolve(folder, commonDir || gitDir));
    const git = { cwd: gitDirOfAll, env: environmentFor(gitDirOfAll, env) };
    const settings = await readSettings(git, signal);
    return {
      gitDir: gitDirOfAll,
      // HEAD is that of the worktree that was named.
      git: own === gitDirOfAll ? git : { cwd: own, env: environmentFor(own, env) },
      shallow: new Set(
        textIn(path.join(gitDirOfAll, 'shallow'))
          .split(/\s+/)
          .filter((id) => id !== ''),
      ),
      isPartial: settings.some(([name]) => /^remote\..*\.promisor$|^extensions\.partialclone$/s.test(name)),
      isGrafted: textIn(path.join(gitDirOfAll, 'info', 'grafts')).trim() !== '',
      origin: withoutCredentials(settings.find(([name]) => name === 'remote.origin.url')?.[1] ?? ''),
    };
  } catch (error) {
    if (error instanceof ToolError && error.code === 'git-failed') throw refuse(String(error.data['reason'] ?? ''), error);
    if (error instanceof ToolError) throw error;
    throw refuse(reasonOf(error), error);
  }
}

/** A folder that is itself what `.git` is elsewhere. git alone refuses these where safe.bareRepository is `explicit`. */
function isGitDir(folder: string): boolean {
  return ['HEAD', 'objects', 'refs'].every((name) => existsSync(path.join(folder, name)));
}

async function readSettings(git: Repository['git'], signal: AbortSignal): Promise<(readonly [string, string])[]> {
  const pattern = '^(remote\\..*\\.(promisor|url)|extensions\\.partialclone)$';
  const { stdout } = await runGit(['config', '-z', '--get-regexp', pattern], { ...git, signal, maxBytes: MAX_BYTES, accept: [0, 1] });
  return pathText(stdout)
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const end = entry.indexOf('\n');
      return end < 0 ? [entry, ''] : [entry.slice(0, end), entry.slice(end + 1)];
    });
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not there, which is the usual case.
    return '';
  }
}

/** Returns an address without user, password and query; null for folders, since those are of the machine. */
export function withoutCredentials(url: string): string | null {
  const scp = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/\/)(.+)$/s.exec(url);
  if (scp?.[1] && scp[2] && scp[1].length > 1) return `ssh://${scp[1]}/${scp[2].replace(/^\/+/, '')}`;
  try {
    const { protocol, host, pathname } = new URL(url);
    return /^(?:https?|ssh|git):$/.test(protocol) && host !== '' ? `${protocol}//${host}${pathname}` : null;
  } catch {
    return null;
  }
}
