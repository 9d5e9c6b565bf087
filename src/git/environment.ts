/**
 * What every git process is given beside its arguments: hardened settings and an environment.
 *
 * The repositories we read are hostile. Their own configuration must not make git run a command (core.fsmonitor, diff.external, hooks,
 * pagers, `ext::` remotes), ask for a password, take a lock, or fetch missing objects: GIT_NO_LAZY_FETCH is what stops a partial clone
 * from talking to the server that its configuration names. Measured and sourced in facts/ecosystem.md, section 6.
 */
import path from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Which repository git looks at. `inherited`: the one that a hook's environment names (GIT_DIR, GIT_INDEX_FILE, quarantine …), else
 * the one round the folder. `by-path`: the one round the folder, whatever the environment says.
 */
export type RepositoryChoice = 'inherited' | 'by-path';

/**
 * Goes before the subcommand. Options on the command line win over every configuration file. An empty diff.external makes git fail where
 * `--no-ext-diff` was forgotten.
 */
export const HARDENED_SETTINGS: readonly string[] = [
  // A forged one hides commits.
  'core.commitGraph=false',
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.pager=cat',
  'core.quotePath=true',
  'diff.external=',
  'diff.orderFile=/dev/null',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
].flatMap((setting) => ['-c', setting]);

/**
 * The variables that say which repository is meant: `git rev-parse --local-env-vars` without those that carry settings, since a user may
 * have put safe.directory there.
 */
const REPOSITORY_VARIABLES = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_DIR',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_NAMESPACE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_QUARANTINE_PATH',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
];

/** Relative ones are meant from where the hook was started; git would take them from the folder it runs in. */
const FOLDER_VARIABLES = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_COMMON_DIR'];

/** They would change what a listing or a patch looks like. */
const FORMAT_VARIABLES = ['GIT_EXTERNAL_DIFF', 'GIT_DIFF_OPTS', 'GIT_LITERAL_PATHSPECS', 'GIT_ICASE_PATHSPECS', 'GIT_NOGLOB_PATHSPECS'];

/** Returns the environment of a git process. `startedIn` is the folder that relative paths in `env` are meant from. */
export function gitEnvironment(env: Environment, repository: RepositoryChoice, startedIn: string): Record<string, string | undefined> {
  const own: Record<string, string | undefined> = { ...env };
  for (const name of FORMAT_VARIABLES) delete own[name];
  if (repository === 'by-path') {
    for (const name of REPOSITORY_VARIABLES) delete own[name];
  }
  for (const name of FOLDER_VARIABLES) {
    const folder = own[name];
    if (folder) own[name] = path.resolve(startedIn, folder);
  }
  return { ...own, GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', GIT_NO_LAZY_FETCH: '1', GIT_PAGER: 'cat', LC_ALL: 'C' };
}

/**
 * Returns an environment in which every git process looks at the repository of `gitDir` (absolute), whatever else the variables named, and
 * at its objects as they are: refs/replace would show others.
 */
export function environmentFor(gitDir: string, env: Environment): Environment {
  const own: Record<string, string | undefined> = { ...env };
  for (const name of REPOSITORY_VARIABLES) delete own[name];
  return { ...own, GIT_DIR: gitDir, GIT_NO_REPLACE_OBJECTS: '1' };
}
