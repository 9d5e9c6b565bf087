/**
 * The one review of a pull request and its comments, over all pushes: a value that is found gets one comment on its line; on the next push the review's text and the
 * comments are brought up to date; a comment whose value is gone says so and its thread is resolved; nothing is said twice. In: an outcome and GitHub's API.
 * Interfaces: docs.github.com/rest/pulls (reviews, comments, files); threads are resolved by GraphQL alone. Limits: a body has at most 65,536 characters.
 */
import { type GitHub, GitHubError, type GitHubFailure } from '../net/github-client.ts';
import { linesOfPatch, lineWithin } from './diff-lines.ts';
import { type Links, renderComment, renderFixed, renderPage } from './markdown.ts';
import type { Outcome } from './outcome.ts';
import { commentKey, isReview, isSameAuthor, keyOfComment, markComment, markFixed, markMore, markReview } from './review-marks.ts';
import { setResolved, viewerLogin } from './review-threads.ts';

export type PullRequestPlace = { readonly owner: string; readonly repo: string; readonly number: number; readonly head: string };

export type ReviewDone = {
  /** Comments that are there now, of findings that are there now. */
  readonly commented: ReadonlySet<string>;
  readonly made: number;
  readonly updated: number;
  readonly fixed: number;
  /** Sentences for people: what could not be done. */
  readonly notes: readonly string[];
};

/** A request with more is slow, and GitHub may refuse it; the page of the review names the others. */
const MOST_COMMENTS = 50;
/** Of 65,536 characters; the mark goes before it. */
const MAX_BODY_BYTES = 60_000;
const PER_PAGE = 100;
const REPLY_LOST: readonly GitHubFailure[] = ['server', 'unreachable', 'timed-out'];

type OwnComment = { readonly id: number; readonly key: string; readonly isFixed: boolean; readonly body: string };
type Draft = { readonly key: string; readonly path: string; readonly line: number; readonly body: string };

/** Throws GitHubError, `forbidden` where the token may only read. */
export async function keepReview(github: GitHub, place: PullRequestPlace, outcome: Outcome, links: Links): Promise<ReviewDone> {
  return new ReviewKeeper(github, place, outcome, links).run();
}

class ReviewKeeper {
  readonly #github: GitHub;
  readonly #place: { readonly owner: string; readonly repo: string; readonly pull_number: number };
  readonly #head: string;
  readonly #outcome: Outcome;
  readonly #links: Links;
  readonly #notes: string[] = [];

  constructor(github: GitHub, { owner, repo, number, head }: PullRequestPlace, outcome: Outcome, links: Links) {
    this.#github = github;
    this.#place = { owner, repo, pull_number: number };
    this.#head = head;
    this.#outcome = outcome;
    this.#links = links;
  }

  async run(): Promise<ReviewDone> {
    const own = await viewerLogin(this.#github);
    const review = await this.#findReview(own);
    const comments = await this.#ownComments(own);
    const page = markReview(renderPage(this.#outcome, this.#links, MAX_BODY_BYTES));
    const drafts = this.#outcome.shown.length === 0 ? [] : await this.#drafts();
    const fresh = drafts.filter(({ key }) => !comments.some((comment) => comment.key === key));
    let made = 0;
    if (review === null && this.#outcome.shown.length > 0) made = await this.#create(page, fresh);
    else if (review !== null) {
      if (review.body !== page) await this.#github.rest.pulls.updateReview({ ...this.#place, review_id: review.id, body: page });
      if (fresh.length > 0) made = await this.#create(markMore(`More places; the whole list is in [the review](${review.url}).`), fresh);
    }
    const { updated, fixed } = await this.#bringUpToDate(comments, drafts);
    const commented = new Set([...comments, ...(made > 0 ? fresh : [])].map(({ key }) => key));
    return { commented, made, updated, fixed, notes: this.#notes };
  }

  async #findReview(own: string): Promise<{ id: number; body: string; url: string } | null> {
    const all = await this.#github.paginate(this.#github.rest.pulls.listReviews, { ...this.#place, per_page: PER_PAGE });
    const found = all.find(({ body, user }) => isReview(body) && isSameAuthor(user?.login, own));
    return found === undefined ? null : { id: found.id, body: found.body, url: found.html_url };
  }

  async #ownComments(own: string): Promise<OwnComment[]> {
    const all = await this.#github.paginate(this.#github.rest.pulls.listReviewComments, { ...this.#place, per_page: PER_PAGE });
    return all.flatMap(({ id, body, user }) => {
      const known = isSameAuthor(user?.login, own) ? keyOfComment(body) : null;
      return known === null ? [] : [{ id, ...known, body }];
    });
  }

  /** One for each finding and file, on the first of its lines that GitHub shows. */
  async #drafts(): Promise<Draft[]> {
    const files = await this.#github.paginate(this.#github.rest.pulls.listFiles, { ...this.#place, per_page: PER_PAGE });
    const ranges = new Map(files.map(({ filename, patch }) => [filename, linesOfPatch(patch)]));
    const drafts = new Map<string, Draft>();
    for (const one of this.#outcome.shown) {
      for (const { path, line, endLine } of one.here) {
        const key = commentKey(one.finding.id, path);
        const at = lineWithin(line, endLine, ranges.get(path) ?? []);
        if (at !== null && !drafts.has(key))
          drafts.set(key, { key, path, line: at, body: markComment(key, renderComment(one, this.#links)) });
      }
    }
    return [...drafts.values()].slice(0, MOST_COMMENTS);
  }

  /** Returns how many comments were made. What GitHub refuses to put on a line is in the page all the same. */
  async #create(body: string, drafts: readonly Draft[]): Promise<number> {
    const request = { ...this.#place, commit_id: this.#head, event: 'COMMENT' as const, body };
    const comments = drafts.map(({ path, line, body: text }) => ({ path, line, side: 'RIGHT', body: text }));
    try {
      await this.#github.rest.pulls.createReview({ ...request, comments });
      return drafts.length;
    } catch (error) {
      if (error instanceof GitHubError && REPLY_LOST.includes(error.why) && (await this.#isThere(body))) return drafts.length;
      // 422: the pull request moved on under us, or its diff is too large to be commented.
      if (!(error instanceof GitHubError) || error.status !== 422 || drafts.length === 0) throw error;
      this.#notes.push(`GitHub took no comments on lines (${error.message}); the review names the places`);
      await this.#github.rest.pulls.createReview(request);
      return 0;
    }
  }

  /** GitHub may have done what it did not answer: sent again, it would be there twice. */
  async #isThere(body: string): Promise<boolean> {
    const all = await this.#github.paginate(this.#github.rest.pulls.listReviews, { ...this.#place, per_page: PER_PAGE });
    return all.some((review) => review.body === body && review.commit_id === this.#head);
  }

  async #bringUpToDate(comments: readonly OwnComment[], drafts: readonly Draft[]): Promise<{ updated: number; fixed: number }> {
    const wanted = new Map(drafts.map((draft) => [draft.key, draft]));
    const stillThere = new Map(
      this.#outcome.shown.flatMap((one) => one.here.map(({ path }) => [commentKey(one.finding.id, path), one] as const)),
    );
    const reopened: number[] = [];
    const resolved: number[] = [];
    let updated = 0;
    for (const { id, key, body, isFixed } of comments) {
      const shown = stillThere.get(key);
      if (shown === undefined) {
        if (isFixed) continue;
        await this.#update(id, markFixed(key, renderFixed(this.#head)));
        resolved.push(id);
        continue;
      }
      const text = wanted.get(key)?.body ?? markComment(key, renderComment(shown, this.#links));
      if (text !== body) {
        await this.#update(id, text);
        updated += 1;
      }
      if (isFixed) reopened.push(id);
    }
    for (const [ids, isResolved] of [
      [resolved, true],
      [reopened, false],
    ] as const) {
      const refusal = ids.length === 0 ? null : await setResolved(this.#github, this.#place, ids, isResolved);
      if (refusal !== null) this.#notes.push(`threads of the review were not ${isResolved ? 'resolved' : 'reopened'}: ${refusal}`);
    }
    return { updated, fixed: resolved.length };
  }

  async #update(id: number, body: string): Promise<void> {
    const { owner, repo } = this.#place;
    await this.#github.rest.pulls.updateReviewComment({ owner, repo, comment_id: id, body });
  }
}
