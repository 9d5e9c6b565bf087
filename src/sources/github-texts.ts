/**
 * What people wrote beside a repository of GitHub, as blobs: issues, pull requests with their reviews, comments of every sort, notes of releases, logs of Actions,
 * and comments of gists. One entry is one blob, whose path says what it is (`acme/api/.git/issue/12`), as docs/audit.md lists them; nothing is kept. A list that
 * GitHub refuses is a problem and the rest goes on; what a repository has switched off (410) is nothing. Called by audits of a GitHub; it
 * is not in the registry, since it needs a client that most runs never load.
 */
import type { BlobRef, Problem, Source } from '../core/contracts.ts';
import { type GitHub, GitHubError } from '../net/github-client.ts';
import { entryOf, type GitHubEntry, listEntries, numberOf, textOf } from '../net/github-list.ts';
import { type LogReader, logsOf } from './github-logs.ts';
import { type GitHubUnit, problemOf } from './github-repositories.ts';
import { INTERRUPTED } from './listing.ts';

/** What may be asked for beside the repositories; wikis and gists have a history of their own (github-repositories.ts). */
export const GITHUB_KINDS = ['issues', 'pulls', 'comments', 'releases', 'wikis', 'gists', 'logs'] as const;
export type GitHubKind = (typeof GITHUB_KINDS)[number];

export type GitHubTextsRequest = {
  readonly github: GitHub;
  readonly units: readonly GitHubUnit[];
  readonly kinds: ReadonlySet<GitHubKind>;
  readonly logs: LogReader;
  /** Told when a repository's turn comes. */
  readonly onUnit?: (unit: GitHubUnit) => void;
};

type Text = { readonly path: string; readonly bytes: Uint8Array };
type Texts = AsyncGenerator<Text | Problem>;

/** A source that gives one at a time. */
type TextsSource = Omit<Source, 'blobs'> & { blobs(signal: AbortSignal): AsyncIterable<BlobRef | Problem> };

/** Returns the source of all texts, repository after repository. */
export function createGitHubTextsSource(request: GitHubTextsRequest): TextsSource {
  return {
    kind: 'github',
    async *blobs(signal: AbortSignal): AsyncGenerator<BlobRef | Problem> {
      for (const unit of request.units) {
        if (signal.aborted) break;
        request.onUnit?.(unit);
        for (const [what, list] of listsOf(unit, request)) yield* told(list, unit, what);
      }
      if (signal.aborted) yield { code: 'interrupted', where: INTERRUPTED, data: {} };
    },
  };
}

function listsOf(unit: GitHubUnit, { github, kinds, logs }: GitHubTextsRequest): (readonly [what: string, list: Texts])[] {
  if (unit.kind === 'wiki') return [];
  if (unit.kind === 'gist') return [['comments', gistComments(unit, github)]];
  const lists: (readonly [string, Texts])[] = [];
  if (kinds.has('issues')) lists.push(['issues', issues(unit, github)]);
  if (kinds.has('pulls')) lists.push(['pull requests', pulls(unit, github)]);
  if (kinds.has('comments')) {
    lists.push(['comments of issues', issueComments(unit, github)]);
    lists.push(['comments of reviews', reviewComments(unit, github)]);
    lists.push(['comments of commits', commitComments(unit, github)]);
  }
  if (kinds.has('releases')) lists.push(['releases', releases(unit, github)]);
  if (kinds.has('logs')) lists.push(['logs of Actions', logsOf(unit, github, logs)]);
  return lists;
}

/** Yields a list until it fails. Where issues are switched off GitHub says 410 to the first question; 404 is what it says to a token without rights. */
async function* told(list: Texts, unit: GitHubUnit, what: string): AsyncGenerator<BlobRef | Problem> {
  let isBegun = false;
  try {
    for await (const item of list) {
      isBegun = true;
      if ('code' in item) yield item;
      else yield { kind: 'bytes', provenance: { kind: 'stdin', path: item.path }, bytes: item.bytes };
    }
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    const isNothing = error.why === 'interrupted' || (error.status === 410 && !isBegun);
    if (!isNothing) yield problemOf(unit.shown, what, error.message);
  }
}

const ROUTE = '/repos/{owner}/{repo}';
/** Closed ones too, in an order that does not change while it is read. */
const EVERY = { state: 'all', sort: 'created', direction: 'asc' } as const;

function parametersOf({ owner, shown }: GitHubUnit): { owner: string; repo: string } {
  return { owner, repo: shown.slice(owner.length + 1) };
}

function textAt(unit: GitHubUnit, path: string, ...parts: readonly string[]): Text {
  return { path: `${unit.shown}/.git/${path}`, bytes: Buffer.from(parts.filter((part) => part !== '').join('\n\n')) };
}

/** Of GitHub's issues some are pull requests; those have a list of their own, which is there also where issues are switched off. */
async function* issues(unit: GitHubUnit, github: GitHub): Texts {
  for await (const issue of listEntries(github, `${ROUTE}/issues`, parametersOf(unit), { query: EVERY })) {
    const number = numberOf(issue, 'number');
    if (number !== null && !('pull_request' in issue)) yield textAt(unit, `issue/${number}`, textOf(issue, 'title'), textOf(issue, 'body'));
  }
}

/** There is no list of all reviews: each pull request is asked for its own. */
async function* pulls(unit: GitHubUnit, github: GitHub): Texts {
  for await (const pull of listEntries(github, `${ROUTE}/pulls`, parametersOf(unit), { query: EVERY })) {
    const number = numberOf(pull, 'number');
    if (number === null) continue;
    yield textAt(unit, `pull/${number}`, textOf(pull, 'title'), textOf(pull, 'body'));
    yield* reviews(unit, number, github);
  }
}

async function* reviews(unit: GitHubUnit, number: number, github: GitHub): Texts {
  const route = `${ROUTE}/pulls/{number}/reviews`;
  for await (const review of listEntries(github, route, { ...parametersOf(unit), number })) {
    const [id, body] = [numberOf(review, 'id'), textOf(review, 'body')];
    if (id !== null && body !== '') yield textAt(unit, `pull/${number}/review/${id}`, body);
  }
}

/** Of issues and of pull requests. Where issues are switched off, pull requests are asked one by one. */
async function* issueComments(unit: GitHubUnit, github: GitHub): Texts {
  try {
    yield* commentsIn(unit, listEntries(github, `${ROUTE}/issues/comments`, parametersOf(unit)));
  } catch (error) {
    if (!(error instanceof GitHubError) || error.why !== 'missing') throw error;
    for await (const pull of listEntries(github, `${ROUTE}/pulls`, parametersOf(unit), { query: EVERY })) {
      const number = numberOf(pull, 'number');
      if (number !== null)
        yield* commentsIn(unit, listEntries(github, `${ROUTE}/issues/{number}/comments`, { ...parametersOf(unit), number }));
    }
  }
}

async function* commentsIn(unit: GitHubUnit, comments: AsyncIterable<GitHubEntry>): Texts {
  for await (const comment of comments) {
    const text = commentAt(unit, comment, `issue/${lastNumber(textOf(comment, 'issue_url'))}/comment`);
    if (text !== null) yield text;
  }
}

/** On lines of a diff, with the lines themselves: they may be of a commit that was never pushed here. */
async function* reviewComments(unit: GitHubUnit, github: GitHub): Texts {
  for await (const comment of listEntries(github, `${ROUTE}/pulls/comments`, parametersOf(unit))) {
    const text = commentAt(
      unit,
      comment,
      `pull/${lastNumber(textOf(comment, 'pull_request_url'))}/diff-comment`,
      textOf(comment, 'diff_hunk'),
    );
    if (text !== null) yield text;
  }
}

async function* commitComments(unit: GitHubUnit, github: GitHub): Texts {
  for await (const comment of listEntries(github, `${ROUTE}/comments`, parametersOf(unit))) {
    const commit = /^[0-9a-f]{40,64}$/.exec(textOf(comment, 'commit_id'))?.[0] ?? 'unknown';
    const text = commentAt(unit, comment, `commit/${commit}/comment`);
    if (text !== null) yield text;
  }
}

async function* gistComments(unit: GitHubUnit, github: GitHub): Texts {
  for await (const comment of listEntries(github, '/gists/{id}/comments', { id: unit.id })) {
    const text = commentAt(unit, comment, 'comment');
    if (text !== null) yield text;
  }
}

function commentAt(unit: GitHubUnit, comment: GitHubEntry, folder: string, ...more: readonly string[]): Text | null {
  const id = numberOf(comment, 'id');
  return id === null ? null : textAt(unit, `${folder}/${id}`, textOf(comment, 'body'), ...more);
}

async function* releases(unit: GitHubUnit, github: GitHub): Texts {
  for await (const release of listEntries(github, `${ROUTE}/releases`, parametersOf(unit))) {
    const id = numberOf(release, 'id');
    if (id === null) continue;
    const assets = Array.isArray(release['assets']) ? release['assets'] : [];
    const names = assets.map((_, index) => textOf(entryOf({ asset: assets[index] }, 'asset'), 'name'));
    yield textAt(unit, `release/${textOf(release, 'tag_name') || id}`, textOf(release, 'name'), textOf(release, 'body'), ...names);
  }
}

/** Of `https://api.github.com/repos/acme/api/issues/12`. */
function lastNumber(url: string): string {
  return /\/(\d{1,12})$/.exec(url)?.[1] ?? '0';
}
