/**
 * From what an event is about to ids of commits that the checkout has: in comes a subject (event.ts), out what is scanned. What a checkout lacks is fetched; what
 * cannot be had widens the range or fails, it never shortens it.
 *
 * | subject | scanned | left out |
 * |---|---|---|
 * | push to a branch | after | before, and what the default branch has |
 * | new branch, tag | after | what the default branch has |
 * | forced push | after | before, which is fetched by its id; where GitHub has forgotten it, as for a new branch |
 * | pull request | head, never the merge commit of GITHUB_SHA | base, and what its branch has by now |
 *
 * Other branches are not left out: two that are pushed together would each leave out what the other brings.
 */
import { ToolError } from '../core/errors.ts';
import {
  completeRange,
  fetchCommits,
  fetchEverything,
  fetchRefs,
  hasCommit,
  mergeBase,
  type Remote,
  resolveRef,
} from '../git/complete-range.ts';
import type { Subject } from './event.ts';

export type Found =
  | {
      readonly kind: 'commits';
      /** A commit, or an annotated tag. */
      readonly after: string;
      readonly ref: string;
      readonly not: readonly string[];
      /** What the files of `head` are compared with; null: nothing was there before. */
      readonly base: string | null;
      readonly head: string;
    }
  /** `tip` null: all refs. */
  | { readonly kind: 'history'; readonly tip: string | null; readonly head: string }
  | { readonly kind: 'tree'; readonly head: string }
  | { readonly kind: 'nothing'; readonly why: string };

/** Throws ToolError bad-revision, git-failed. */
export async function findRange(subject: Subject, where: Remote): Promise<Found> {
  switch (subject.kind) {
    case 'nothing':
      return subject;
    case 'tree':
      return { kind: 'tree', head: await commitOf('HEAD', where) };
    case 'history':
      return findHistory(subject.ref, where);
    case 'push':
      return findPush(subject, where);
    case 'pull-request': {
      const { base, baseRef, head, number } = subject.pull;
      // The head of a fork is no branch of this repository, but GitHub keeps a ref for it.
      if (!(await hasCommit(head, where))) await fetchRefs([`refs/pull/${number}/head`], where);
      await demand([head, base], where);
      const branch = await newestOf(baseRef, where);
      const not = branch === null ? [base] : [base, branch];
      return commits({ after: head, ref: `refs/pull/${number}/head`, not }, base, where);
    }
    case 'range': {
      const [from, to] = [await idOf(subject.from, where), await idOf(subject.to, where)];
      await demand([from, to], where);
      return commits({ after: to, ref: subject.ref ?? 'HEAD', not: [from] }, from, where);
    }
  }
}

async function findPush({ ref, before, after, defaultBranch }: Extract<Subject, { kind: 'push' }>, where: Remote): Promise<Found> {
  await demand([after], where);
  const isDefault = defaultBranch !== null && ref === `refs/heads/${defaultBranch}`;
  const known = before !== null && (await fetchCommits([before], where)) ? before : null;
  // What the default branch has was looked at when it came there.
  const branch = isDefault || defaultBranch === null ? null : await newestOf(defaultBranch, where);
  const not = [known, branch].filter((id) => id !== null);
  return commits({ after, ref, not }, known ?? branch, where);
}

async function findHistory(ref: string | null, where: Remote): Promise<Found> {
  await fetchEverything(where);
  if (ref === null) return { kind: 'history', tip: null, head: await commitOf('HEAD', where) };
  return { kind: 'history', tip: ref, head: await commitOf(ref, where) };
}

async function commits(
  { after, ref, not }: { readonly after: string; readonly ref: string; readonly not: readonly string[] },
  from: string | null,
  where: Remote,
): Promise<Found> {
  await completeRange([after], not, where);
  const head = await commitOf(after, where);
  const base = from === null ? null : await mergeBase(from, head, where);
  return { kind: 'commits', after, ref, not, base, head };
}

/** Returns the newest commit of a branch, of the remote or as the checkout knows it; null where there is none, and then nothing is left out for it. */
async function newestOf(branch: string, where: Remote): Promise<string | null> {
  if (branch === '') return null;
  const ref = `refs/heads/${branch}`;
  return (await fetchRefs([ref], where)).get(ref) ?? (await resolveRef(`refs/remotes/origin/${branch}`, where));
}

async function demand(ids: readonly string[], where: Remote): Promise<void> {
  if (await fetchCommits(ids, where)) return;
  for (const id of ids) if (!(await hasCommit(id, where))) throw new ToolError('bad-revision', { revision: id, path: where.cwd });
}

async function commitOf(name: string, where: Remote): Promise<string> {
  const id = await resolveRef(`${name}^{commit}`, where);
  if (id !== null) return id;
  throw new ToolError('bad-revision', { revision: name, path: where.cwd });
}

/** Ids as they are; names as the checkout knows them, else as branches of the remote. */
async function idOf(name: string, where: Remote): Promise<string> {
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(name)) return name;
  const found = (await resolveRef(`${name}^{commit}`, where)) ?? (await newestOf(name, where));
  if (found !== null) return found;
  throw new ToolError('bad-revision', { revision: name, path: where.cwd });
}
