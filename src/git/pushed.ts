/**
 * What a push brings: the versions of files that its commits made, with the lines that they added, and the messages of commits and tags. In come the lines that
 * git writes to a pre-push or pre-receive hook (githooks(5)), out go contents, oldest commit first. What the other side has already is left out: its refs for
 * a push, all refs of the repository for what it receives.
 */
import type { LineRange } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { readAddedLinesOf } from './added-lines.ts';
import { readObjects } from './cat-file.ts';
import { type LogChange, type LogCommit, walkLog } from './log.ts';
import { typesOf } from './object-lines.ts';
import { pathText } from './path-text.ts';
import { type GitScope, runGit } from './run-git.ts';

/** One ref: what is to be there, and what is there now (all zeros: nothing). */
export type RefUpdate = { readonly ref: string; readonly after: string; readonly before: string };

export type PushedContent = {
  readonly kind: 'file' | 'commit-message' | 'tag-message';
  readonly commit: string;
  readonly path: string;
  readonly content:
    | { readonly bytes: Buffer; readonly added?: readonly LineRange[] }
    | { readonly missing: 'missing' }
    | { readonly sizeBytes: number };
};

/** A push with more changes than this is read by an audit, not by a hook. */
export const MAX_PUSHED_CHANGES = 500_000;

const SUBMODULE = '160000';
const ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Returns the updates in a hook's input. pre-push gives `<local ref> <local id> <remote ref> <remote id>`, and a local ref may hold blanks (`HEAD~2 `…), so a line
 * is read from its end; pre-receive gives `<old> <new> <ref>`. Throws ToolError git-failed for a line that is neither.
 */
export function parseUpdates(text: string, stage: 'pre-push' | 'pre-receive'): RefUpdate[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const words = line.split(' ');
    const [ref, after, before] =
      stage === 'pre-push' ? [words.at(-2), words.at(-3), words.at(-1)] : [words.slice(2).join(' '), words[1], words[0]];
    if (ref && after && before && ID.test(after) && ID.test(before)) return { ref, after, before };
    throw new ToolError('git-failed', { command: stage, reason: 'its input is not what git writes to that hook' });
  });
}

/** `known`: refs whose commits are on the other side (`refs/remotes/origin/`; '' for all). Throws ToolError git-failed, git-missing, interrupted. */
export async function* readPushed(
  updates: readonly RefUpdate[],
  known: string,
  git: GitScope & { readonly limitBytes: number },
): AsyncGenerator<PushedContent> {
  const { limitBytes, ...scope } = git;
  const wanted = updates.filter(({ after }) => !isNothing(after));
  if (wanted.length === 0) return;
  const not = await knownIds(updates, known, scope);
  const types = await typesOf(
    wanted.map(({ after }) => after),
    scope,
  );
  for (const { ref, after } of wanted.filter(({ after }) => !not.includes(after))) {
    if (types.get(after) !== 'tag' && types.get(after) !== 'commit') yield* readNaked(ref, after, types.get(after), git);
    else if (types.get(after) === 'tag') yield* readTag(ref, after, git);
  }
  const tips = wanted.filter(({ after }) => types.get(after) === 'commit' || types.get(after) === 'tag').map(({ after }) => after);
  const { commits, changes } = await walk(tips, not, scope);
  for (const { id, message, author, committer } of commits.toReversed()) {
    const people = Buffer.from(`${author.name} <${author.email}>\n${committer.name} <${committer.email}>\n\n`);
    yield { kind: 'commit-message', commit: id, path: `.git/commit/${id}`, content: { bytes: Buffer.concat([people, message]) } };
  }
  const added = await readAddedLinesOf(
    commits.map(({ id }) => id),
    scope,
  );
  const files = changes.toReversed().filter((change) => added.get(keyOf(change))?.length !== 0);
  let next = 0;
  for await (const object of readObjects(
    files.map(({ after }) => after),
    { ...scope, limitBytes },
  )) {
    const change = files[next++];
    if (!change) return;
    const lines = added.get(keyOf(change)) ?? undefined;
    yield {
      kind: 'file',
      commit: change.commit,
      path: pathText(change.path),
      content:
        object.state === 'read'
          ? { bytes: object.bytes, ...(lines === undefined ? {} : { added: lines }) }
          : object.state === 'too-large'
            ? { sizeBytes: object.sizeBytes }
            : { missing: 'missing' },
    };
  }
}

type Change = LogChange & { readonly commit: string };

async function walk(tips: readonly string[], not: readonly string[], git: GitScope): Promise<{ commits: LogCommit[]; changes: Change[] }> {
  const commits: LogCommit[] = [];
  const changes: Change[] = [];
  await walkLog(
    { ...git, tips, not, findRenames: true },
    {
      commit: (commit) => commits.push(commit),
      change(change) {
        const commit = commits.at(-1)?.id;
        if (commit === undefined || isNothing(change.after) || change.mode === SUBMODULE || change.before.includes(change.after)) return;
        if (changes.length >= MAX_PUSHED_CHANGES)
          throw new ToolError('git-failed', {
            command: 'log',
            reason: `the push changes more than ${MAX_PUSHED_CHANGES} files; audit it instead`,
          });
        // The parser's buffers are its own.
        changes.push({ ...change, path: Buffer.from(change.path), commit });
      },
    },
  );
  return { commits, changes };
}

/** What a ref points at without a commit: a blob, or the files of a tree. */
async function* readNaked(
  ref: string,
  id: string,
  type: string | undefined,
  { limitBytes, ...git }: GitScope & { readonly limitBytes: number },
): AsyncGenerator<PushedContent> {
  const ids = type === 'tree' ? await blobsOfTree(id, git) : [id];
  for await (const object of readObjects(ids, { ...git, limitBytes })) {
    const content =
      object.state === 'read'
        ? { bytes: object.bytes }
        : object.state === 'too-large'
          ? { sizeBytes: object.sizeBytes }
          : { missing: 'missing' as const };
    yield { kind: 'file', commit: id, path: ref, content };
  }
}

async function blobsOfTree(id: string, git: GitScope): Promise<string[]> {
  const { stdout } = await runGit(['ls-tree', '-r', '-z', id], git);
  return [...stdout.toString('latin1').matchAll(/(?:^|\0)[0-7]{6} blob ([0-9a-f]{40,64})\t/g)].map(([, blob = '']) => blob);
}

async function* readTag(
  ref: string,
  id: string,
  { limitBytes, ...git }: GitScope & { readonly limitBytes: number },
): AsyncGenerator<PushedContent> {
  for await (const object of readObjects([id], { ...git, limitBytes }))
    if (object.state === 'read')
      yield { kind: 'tag-message', commit: id, path: `.git/tag/${ref.replace(/^refs\/tags\//, '')}`, content: { bytes: object.bytes } };
}

/** Ids that the other side has, and that are here too: what is not here cannot be left out, so more is looked at. */
async function knownIds(updates: readonly RefUpdate[], known: string, git: GitScope): Promise<string[]> {
  const { stdout } = await runGit(['for-each-ref', '--format=%(objectname)', ...(known === '' ? [] : [known])], git);
  const named = [...stdout.toString().split('\n'), ...updates.map(({ before }) => before)].filter((id) => ID.test(id) && !isNothing(id));
  const types = await typesOf([...new Set(named)], git);
  return [...types].filter(([, type]) => type === 'commit' || type === 'tag').map(([id]) => id);
}

function keyOf({ before, after }: Change): string {
  return `${before.join(',')}..${after}`;
}

function isNothing(id: string): boolean {
  return /^0+$/.test(id);
}
