/** The moments at which git, or a coding assistant, asks leakwarden: names of stages, shared by the guard and by whatever installs it. */

/** git's own names (githooks(5)). */
export const STAGES = ['pre-commit', 'commit-msg', 'pre-push', 'pre-receive'] as const;
export type Stage = (typeof STAGES)[number];

/** What `hooks install` sets up unless told otherwise: the first catches a leak before it is history, the second what `--no-verify` let through. */
export const DEFAULT_STAGES: readonly Stage[] = ['pre-commit', 'pre-push'];

/** git writes the refs that are pushed to standard input, which a hook behind ours wants to read too. */
export function readsStdin(stage: Stage): boolean {
  return stage === 'pre-push' || stage === 'pre-receive';
}
