/**
 * Which repositories an audit of a GitHub is about. In come what the user named (`acme`, `acme/api`) and filters, out go repositories, wikis and gists, each with
 * what is needed to clone it and to tell of it, in the order of their names; what could not be listed is a problem. Names from replies become parts of addresses and
 * paths only if they are such names. docs.github.com/rest/repos/repos, /rest/gists/gists, /rest/orgs/members.
 */
import type { Problem } from '../core/contracts.ts';
import type { GitHubAddress } from '../net/github-address.ts';
import { type GitHub, GitHubError } from '../net/github-client.ts';
import { type GitHubEntry, listEntries, numberOf, readEntry, textOf } from '../net/github-list.ts';

export const TAKEN = ['all', 'none', 'only'] as const;
export const VISIBILITIES = ['public', 'private', 'internal'] as const;

export type RepositoryFilter = {
  readonly forks: (typeof TAKEN)[number];
  readonly archived: (typeof TAKEN)[number];
  /** One of these; any when there are none. */
  readonly topics: readonly string[];
  readonly visibilities: readonly string[];
};

/** Something with a history to clone. */
export type GitHubUnit = {
  readonly kind: 'repository' | 'wiki' | 'gist';
  /** For names of files: digits, or the hexadecimal id of a gist. */
  readonly id: string;
  readonly owner: string;
  /** As reports call it: `acme/api`, `acme/api.wiki`, `acme/gist:1f2e…`. Paths begin with it. */
  readonly shown: string;
  /** What git clones: made from the owner's address, not from a reply. */
  readonly url: string;
  /** What GitHub says of its size; null where it says nothing. */
  readonly bytes: number | null;
};

export type GitHubListing = {
  readonly units: readonly GitHubUnit[];
  readonly problems: readonly Problem[];
  /** Repositories that the filters left out. */
  readonly leftOut: number;
};

export type ListingRequest = {
  readonly github: GitHub;
  readonly address: GitHubAddress;
  /** `OWNER` or `OWNER/REPO`; the latter are taken whatever the filters say. */
  readonly names: readonly string[];
  readonly filter: RepositoryFilter;
  readonly hasWikis: boolean;
  readonly hasGists: boolean;
  readonly maxRepositories: number;
};

const OWNER = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;
const REPOSITORY = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;
const GIST = /^[0-9a-f]{1,64}$/;

/** Returns the parts of what a user named, or null where it is no such name. */
export function parseGitHubName(text: string): { readonly owner: string; readonly repository: string | null } | null {
  const [owner = '', repository, ...rest] = text.split('/');
  if (!OWNER.test(owner) || rest.length > 0 || (repository !== undefined && !REPOSITORY.test(repository))) return null;
  return { owner, repository: repository ?? null };
}

/** Throws nothing but what is a bug: what GitHub refuses is a problem. */
export async function listRepositories(request: ListingRequest): Promise<GitHubListing> {
  const { names, maxRepositories } = request;
  const units = new Map<string, GitHubUnit>();
  const problems: Problem[] = [];
  const repositories = new Map<string, GitHubEntry>();
  let leftOut = 0;
  for (const name of names) {
    const parsed = parseGitHubName(name);
    if (parsed === null) continue;
    const { owner, repository } = parsed;
    await tried(name, 'the list of repositories', problems, async () => {
      if (repository !== null) {
        const one = await readEntry(request.github, '/repos/{owner}/{repo}', { owner, repo: repository });
        repositories.set(textOf(one, 'full_name').toLowerCase(), one);
        return;
      }
      const route = await listOf(request.github, owner);
      for await (const one of listEntries(request.github, route.route, route.parameters, { query: route.query })) {
        if (isTaken(one, request.filter)) repositories.set(textOf(one, 'full_name').toLowerCase(), one);
        else leftOut++;
      }
    });
    if (request.hasGists && repository === null) {
      await tried(name, 'the list of gists', problems, async () => {
        for await (const gist of gistsOf(owner, request)) units.set(gist.shown, gist);
      });
    }
  }
  const sorted = [...repositories].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  for (const [name, entry] of sorted.slice(0, maxRepositories)) {
    const made = unitsOf(entry, request);
    if (made.length === 0) problems.push(problemOf(name, 'the repository', 'its name is none that a repository can have'));
    for (const unit of made) units.set(unit.shown, unit);
  }
  if (sorted.length > maxRepositories) {
    const where = names.join(' ');
    const data = { name: where, what: 'repositories', count: sorted.length, limit: maxRepositories };
    problems.push({ code: 'github-limit', where, data });
  }
  return { units: [...units.values()].sort(byName), problems, leftOut };
}

/** Makes a problem of what GitHub refuses; an interruption is told once, by the report. */
async function tried(name: string, what: string, problems: Problem[], doing: () => Promise<void>): Promise<void> {
  try {
    await doing();
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    if (error.why !== 'interrupted') problems.push(problemOf(name, what, error.message));
  }
}

/** Returns the problem of something that GitHub did not give. */
export function problemOf(name: string, what: string, reason: string): Problem {
  return { code: 'github-failed', where: name, data: { name, what, reason } };
}

type Route = {
  readonly route: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
};

/** Of an organisation all that the token may see; of the token's own user private ones too, of another the public ones. */
async function listOf(github: GitHub, owner: string): Promise<Route> {
  const account = await readEntry(github, '/users/{owner}', { owner });
  if (textOf(account, 'type') === 'Organization') return { route: '/orgs/{owner}/repos', parameters: { owner }, query: { type: 'all' } };
  if (await isOwn(github, owner)) return { route: '/user/repos', parameters: {}, query: { affiliation: 'owner' } };
  return { route: '/users/{owner}/repos', parameters: { owner }, query: { type: 'owner' } };
}

/** A token of an app, or none, has no user. */
async function isOwn(github: GitHub, owner: string): Promise<boolean> {
  try {
    return textOf(await readEntry(github, '/user'), 'login').toLowerCase() === owner.toLowerCase();
  } catch (error) {
    if (error instanceof GitHubError && ['unauthorized', 'forbidden', 'missing'].includes(error.why)) return false;
    throw error;
  }
}

/** Of a user; of an organisation those of its members that the token may see. */
async function* gistsOf(owner: string, { github, address }: ListingRequest): AsyncGenerator<GitHubUnit> {
  const account = await readEntry(github, '/users/{owner}', { owner });
  const users: string[] = [];
  if (textOf(account, 'type') === 'Organization') {
    for await (const member of listEntries(github, '/orgs/{owner}/members', { owner })) users.push(textOf(member, 'login'));
  } else users.push(owner);
  for (const user of users.filter((login) => OWNER.test(login))) {
    const isOwnUser = await isOwn(github, user);
    const list = listEntries(github, isOwnUser ? '/gists' : '/users/{user}/gists', isOwnUser ? {} : { user });
    for await (const gist of list) {
      const id = textOf(gist, 'id');
      if (GIST.test(id))
        yield { kind: 'gist', id, owner: user, shown: `${user}/gist:${id}`, url: `${address.gists}/${id}.git`, bytes: null };
    }
  }
}

function isTaken(entry: GitHubEntry, { forks, archived, topics, visibilities }: RepositoryFilter): boolean {
  const passes = (which: (typeof TAKEN)[number], isOne: boolean): boolean => which === 'all' || (which === 'only') === isOne;
  const has = Array.isArray(entry['topics']) ? entry['topics'] : [];
  const visibility = textOf(entry, 'visibility') || (entry['private'] === true ? 'private' : 'public');
  return (
    passes(forks, entry['fork'] === true) &&
    passes(archived, entry['archived'] === true) &&
    (topics.length === 0 || topics.some((topic) => has.includes(topic))) &&
    (visibilities.length === 0 || visibilities.includes(visibility))
  );
}

function unitsOf(entry: GitHubEntry, { address, hasWikis }: ListingRequest): GitHubUnit[] {
  const shown = textOf(entry, 'full_name');
  const id = numberOf(entry, 'id');
  const parsed = parseGitHubName(shown);
  if (parsed === null || parsed.repository === null || id === null) return [];
  const { owner } = parsed;
  const kilobytes = numberOf(entry, 'size');
  const bytes = kilobytes === null ? null : 1024 * kilobytes;
  const repository: GitHubUnit = { kind: 'repository', id: String(id), owner, shown, url: `${address.web}/${shown}.git`, bytes };
  if (!hasWikis || entry['has_wiki'] !== true) return [repository];
  return [
    repository,
    { kind: 'wiki', id: String(id), owner, shown: `${shown}.wiki`, url: `${address.web}/${shown}.wiki.git`, bytes: null },
  ];
}

function byName(a: GitHubUnit, b: GitHubUnit): number {
  const [one, other] = [a.shown.toLowerCase(), b.shown.toLowerCase()];
  return one < other ? -1 : one > other ? 1 : 0;
}
