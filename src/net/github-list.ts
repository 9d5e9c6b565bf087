/**
 * Lists of GitHub's API, page after page, by the links that it gives (`Link: …; rel="next"`, docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api):
 * some count pages, some go on from a cursor. What comes is believed to be nothing: entries are records, and fields are read by `textOf` and `numberOf`. A link leads
 * nowhere but to the API itself, since the client asks no other host. Used by the sources that read a GitHub.
 */
import { type GitHub, GitHubError } from './github-client.ts';

export type GitHubEntry = Readonly<Record<string, unknown>>;

export type ListOptions = {
  readonly query?: Readonly<Record<string, string | number>>;
  /** Where the entries are in an object (`workflow_runs`). */
  readonly member?: string;
};

/** Entries of a page: the most that GitHub gives. */
const PER_PAGE = 100;
/** Of one list. An API that goes on for ever ends here, and says so. */
const MAX_PAGES = 20_000;
const MAX_LINK_CHARACTERS = 16_384;

/** Yields the entries of a list (`/repos/{owner}/{repo}/issues`, with its parameters). Throws GitHubError. */
export async function* listEntries(
  github: GitHub,
  route: string,
  parameters: Readonly<Record<string, string | number>>,
  { query = {}, member }: ListOptions = {},
): AsyncGenerator<GitHubEntry> {
  let reply = await github.request(`GET ${route}`, { ...parameters, ...query, per_page: PER_PAGE });
  for (let page = 1; ; page++) {
    const entries = entriesOf(reply.data, member);
    if (entries === null) throw new GitHubError('server', reply.status, `GET ${route}: the reply is no list`);
    yield* entries;
    const next = nextOf(reply.headers.link);
    if (next === null) return;
    if (page >= MAX_PAGES) throw new GitHubError('too-large', 0, `GET ${route}: more than ${MAX_PAGES} pages`);
    reply = await github.request(`GET ${next}`);
  }
}

/** Returns one entry. Throws GitHubError. */
export async function readEntry(
  github: GitHub,
  route: string,
  parameters: Readonly<Record<string, string | number>> = {},
): Promise<GitHubEntry> {
  const { data, status } = await github.request(`GET ${route}`, { ...parameters });
  if (!isEntry(data)) throw new GitHubError('server', status, `GET ${route}: the reply is no object`);
  return data;
}

/** Returns the text of a field, or '' where there is none. */
export function textOf(entry: GitHubEntry, name: string): string {
  const value = entry[name];
  return typeof value === 'string' ? value : '';
}

/** Returns a whole number that is not negative, or null: an id, a size. */
export function numberOf(entry: GitHubEntry, name: string): number | null {
  const value = entry[name];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Returns the object in a field, or an empty one. */
export function entryOf(entry: GitHubEntry, name: string): GitHubEntry {
  const value = entry[name];
  return isEntry(value) ? value : {};
}

function entriesOf(data: unknown, member: string | undefined): GitHubEntry[] | null {
  const list = member === undefined ? data : isEntry(data) ? data[member] : null;
  return Array.isArray(list) ? list.filter(isEntry) : null;
}

function isEntry(value: unknown): value is GitHubEntry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nextOf(link: string | undefined): string | null {
  if (link === undefined || link.length > MAX_LINK_CHARACTERS) return null;
  for (const part of link.split(',')) {
    const found = /^\s*<([^<>]+)>\s*;/.exec(part);
    if (found && /;\s*rel="next"/.test(part)) return found[1] ?? null;
  }
  return null;
}
