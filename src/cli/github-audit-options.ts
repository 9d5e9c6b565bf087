/** The options of `leakwarden audit --github`, read and checked before anything is asked: what, which of it, and how much at most. Called by the audit command. */

import { ToolError } from '../core/errors.ts';
import { CLONE_LIMIT_BYTES, CLONE_TIMEOUT_MS } from '../git/clone.ts';
import { type GitHubAddress, gitHubAddress, gitHubToken } from '../net/github-address.ts';
import { parseGitHubName, type RepositoryFilter, TAKEN, VISIBILITIES } from '../sources/github-repositories.ts';
import { GITHUB_KINDS, type GitHubKind } from '../sources/github-texts.ts';
import { GITHUB_OPTIONS } from './github-options.ts';
import { type Given, optionOf, optionsNamed } from './given.ts';
import type { Io } from './io.ts';

export type GitHubPlan = {
  /** `OWNER` and `OWNER/REPO`, as given. */
  readonly names: readonly string[];
  readonly address: GitHubAddress;
  readonly token: string | null;
  readonly filter: RepositoryFilter;
  readonly kinds: ReadonlySet<GitHubKind>;
  readonly maxRepositories: number;
  readonly maxCloneBytes: number;
  readonly cloneTimeoutMs: number;
};

const MAX_REPOSITORIES = 10_000;

/** Returns null where no GitHub is named. Throws ToolError bad-option. */
export function gitHubPlanOf(given: Given, io: Pick<Io, 'env'>): GitHubPlan | null {
  const names = optionsNamed(given, 'github');
  if (names.length === 0) {
    const alone = GITHUB_OPTIONS.find(({ name }) => optionOf(given, name) !== undefined);
    if (alone !== undefined) refuse(`--${alone.name} belongs to --github`);
    return null;
  }
  for (const name of names) if (parseGitHubName(name) === null) refuse(`--github takes OWNER or OWNER/REPO, not ${name}`);
  if (given.operands.length > 0) refuse('--github takes no REPO: audit those by themselves');
  for (const name of ['range', 'branch', 'unreachable', 'reflog'])
    if (optionOf(given, name) !== undefined) refuse(`--${name} is for repositories that are here: leave it out with --github`);
  const url = optionOf(given, 'github-url');
  const address = gitHubAddress(url, io.env);
  if (address === null)
    return refuse(`${url === undefined ? 'GITHUB_API_URL or GITHUB_SERVER_URL' : '--github-url'} is no https address of a GitHub`);
  const kinds = new Set(
    optionsNamed(given, 'also').flatMap((kind) => (kind === 'all' ? GITHUB_KINDS : GITHUB_KINDS.filter((one) => one === kind))),
  );
  if (optionsNamed(given, 'also').includes('gists') && names.every((name) => name.includes('/')))
    refuse('gists belong to users, not to repositories: name an owner');
  return {
    names: [...new Set(names)],
    address,
    token: gitHubToken(address, io.env),
    filter: {
      forks: TAKEN.find((which) => which === optionOf(given, 'forks')) ?? 'all',
      archived: TAKEN.find((which) => which === optionOf(given, 'archived')) ?? 'all',
      topics: optionsNamed(given, 'topic'),
      visibilities: VISIBILITIES.filter((one) => optionsNamed(given, 'visibility').includes(one)),
    },
    kinds,
    maxRepositories: numberOf(given, 'max-repositories', MAX_REPOSITORIES) ?? MAX_REPOSITORIES,
    maxCloneBytes: (numberOf(given, 'max-clone-size', CLONE_LIMIT_BYTES / (1 << 20)) ?? CLONE_LIMIT_BYTES / (1 << 20)) * (1 << 20),
    cloneTimeoutMs: (numberOf(given, 'max-clone-time', 24 * 60) ?? CLONE_TIMEOUT_MS / 60_000) * 60_000,
  };
}

function numberOf(given: Given, name: string, most: number): number | null {
  const text = optionOf(given, name);
  if (text === undefined) return null;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= most ? number : refuse(`--${name} must be a whole number from 1 to ${most}, not ${text}`);
}

function refuse(message: string): never {
  throw new ToolError('bad-option', { message });
}
