/**
 * Where history begins: refs, HEADs of all worktrees, the stash with its older entries, the reflog if asked for. Refs may also point to
 * tags (whose messages are read), to blobs and to trees. What a ref names and the store lacks is told apart.
 */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { readObjects } from './cat-file.ts';
import { linesOf, typesOf } from './object-lines.ts';
import { pathText } from './path-text.ts';
import type { Repository } from './repository.ts';
import { type GitScope, runGit, streamGit } from './run-git.ts';

/** A name for a commit. `stash@{1}`, `HEAD` and `reflog` are names too. */
export type Tip = { readonly name: string; readonly id: string };

export type TagObject = { readonly id: string; readonly name: string; readonly object: string; readonly text: Buffer };

export type Tips = {
  /** Refs and the like that lead to commits, tags followed; in order of name. */
  readonly commits: readonly Tip[];
  /** Refs that lead to a blob or a tree. */
  readonly blobs: readonly Tip[];
  readonly trees: readonly Tip[];
  readonly tags: readonly TagObject[];
  /** Names whose object is not there. */
  readonly missing: readonly Tip[];
  readonly head: string | null;
  /** `refs/heads/main`, or null when HEAD names a commit. */
  readonly headRef: string | null;
};

type Options = { readonly signal: AbortSignal; readonly reflog: boolean };

/** A tag of a tag of a tag: nobody goes deeper in earnest. */
const MAX_TAG_DEPTH = 16;

/** A tag's text that is read. */
const TAG_LIMIT_BYTES = 16 << 20;

/** Lines of names and ids: a million refs. */
const MAX_BYTES = 256 << 20;

/** Reads where history begins. Throws ToolError git-failed, interrupted. */
export async function readTips(repository: Repository, { signal, reflog }: Options): Promise<Tips> {
  const git = { ...repository.git, signal };
  const named = [
    ...(await readRefs(git)),
    ...(await readHeads(repository, git)),
    ...(await readReflog(repository, git, ['--walk-reflogs', 'refs/stash'], 'stash', 'refs/stash')),
    ...(reflog ? await readReflog(repository, git, ['--no-walk=unsorted', '--reflog'], 'reflog', null) : []),
  ];
  return { ...(await follow(named, git)), ...(await readHead(git)) };
}

async function readRefs(git: GitScope): Promise<Tip[]> {
  const tips: Tip[] = [];
  for await (const line of linesOf(streamGit(['for-each-ref', '--format=%(objectname) %(refname)'], { ...git, maxBytes: MAX_BYTES }))) {
    tips.push({ id: line.slice(0, line.indexOf(' ')), name: pathText(Buffer.from(line.slice(line.indexOf(' ') + 1), 'latin1')) });
  }
  return tips;
}

/** HEADs of all worktrees: a detached one may hold what no branch has. */
async function readHeads(repository: Repository, git: GitScope): Promise<Tip[]> {
  const head = await runGit(['rev-parse', '--verify', '--quiet', 'HEAD'], { ...git, accept: [0, 1, 128] });
  const id = head.stdout.toString('latin1').trim();
  const tips: Tip[] = head.exitCode === 0 ? [{ name: 'HEAD', id }] : [];
  if (!existsSync(path.join(repository.gitDir, 'worktrees'))) return tips;
  const { stdout } = await runGit(['worktree', 'list', '--porcelain'], { ...git, maxBytes: MAX_BYTES });
  for (const [, worktree] of stdout.toString('latin1').matchAll(/^HEAD ([0-9a-f]+)$/gm)) {
    if (worktree !== undefined && !/^0+$/.test(worktree) && worktree !== id) tips.push({ name: 'HEAD', id: worktree });
  }
  return tips;
}

/** The older entries of the stash are nowhere but in its reflog. */
async function readReflog(
  repository: Repository,
  git: GitScope,
  what: readonly string[],
  name: string,
  log: string | null,
): Promise<Tip[]> {
  if (log !== null && !existsSync(path.join(repository.gitDir, 'logs', log))) return [];
  const tips: Tip[] = [];
  for await (const id of linesOf(streamGit(['rev-list', ...what], { ...git, maxBytes: MAX_BYTES }))) {
    tips.push({ name: name === 'stash' ? `stash@{${tips.length}}` : name, id });
  }
  return tips;
}

async function readHead(git: GitScope): Promise<Pick<Tips, 'head' | 'headRef'>> {
  const [head, ref] = await Promise.all([
    runGit(['rev-parse', '--verify', '--quiet', 'HEAD'], { ...git, accept: [0, 1, 128] }),
    runGit(['symbolic-ref', '--quiet', 'HEAD'], { ...git, accept: [0, 1, 128] }),
  ]);
  return {
    head: head.exitCode === 0 ? head.stdout.toString('latin1').trim() : null,
    headRef: ref.exitCode === 0 ? pathText(ref.stdout).trim() : null,
  };
}

/** Sorts names by what they lead to, tags followed to their end. */
async function follow(named: readonly Tip[], git: GitScope): Promise<Pick<Tips, 'commits' | 'blobs' | 'trees' | 'tags' | 'missing'>> {
  const sorted = { commit: [] as Tip[], blob: [] as Tip[], tree: [] as Tip[] };
  const missing: Tip[] = [];
  const tags = new Map<string, TagObject>();
  let left = named;
  for (let depth = 0; left.length > 0 && depth < MAX_TAG_DEPTH; depth++) {
    const types = await typesOf([...new Set(left.map(({ id }) => id))], git);
    const toTags: Tip[] = [];
    for (const tip of left) {
      const type = types.get(tip.id);
      if (type === 'commit' || type === 'blob' || type === 'tree') sorted[type].push(tip);
      else if (type === 'tag') toTags.push(tip);
      else missing.push(tip);
    }
    await readTags(toTags, tags, git);
    left = toTags.flatMap((tip) => {
      const object = tags.get(tip.id)?.object ?? '';
      return object === '' ? [] : [{ name: tip.name, id: object }];
    });
  }
  return { commits: sorted.commit, blobs: sorted.blob, trees: sorted.tree, tags: [...tags.values()], missing: [...missing, ...left] };
}

async function readTags(tips: readonly Tip[], tags: Map<string, TagObject>, git: GitScope): Promise<void> {
  const fresh = [...new Map(tips.filter(({ id }) => !tags.has(id)).map((tip) => [tip.id, tip])).values()];
  let next = 0;
  for await (const object of readObjects(
    fresh.map(({ id }) => id),
    { ...git, limitBytes: TAG_LIMIT_BYTES },
  )) {
    const tip = fresh[next++];
    if (!tip || object.state !== 'read') continue;
    const target = /^object ([0-9a-f]{40,64})\n/.exec(object.bytes.toString('latin1', 0, 100))?.[1] ?? '';
    tags.set(tip.id, { id: tip.id, name: tip.name, object: target, text: textOf(object.bytes) });
  }
}

/** What people wrote: the message first, so that its lines keep their numbers, then who tagged. */
function textOf(tag: Buffer): Buffer {
  const end = tag.indexOf('\n\n');
  if (end < 0) return tag;
  return Buffer.concat([tag.subarray(end + 2), Buffer.from('\n'), tag.subarray(0, end), Buffer.from('\n')]);
}
