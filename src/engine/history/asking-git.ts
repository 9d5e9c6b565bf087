/**
 * Asks git for the objects that the pack reader could not read, and scans each whole. Git ends at the first object that is damaged for it too, so it is started again
 * behind that one. What git gives is believed only if the object's id can be made from it.
 */
import { createHash } from 'node:crypto';
import type { Problem } from '../../core/contracts.ts';
import { ToolError } from '../../core/errors.ts';
import { type GitObject, readObjects } from '../../git/cat-file.ts';
import { IN_CIRCLE } from '../../git/pack/pack-table.ts';
import { WRONG_SUM } from './pack-input.ts';
import { addBlob, type HistorySink, type HistoryWork } from './work.ts';

/** `file`: the pack in which it was to be read. */
export type Unread = { readonly id: string; readonly reason: string; readonly file?: string };

/** Larger ones are not scanned. */
const LIMIT_BYTES = 128 * 1024 * 1024;
/** A git that ends so often is not started again. */
const MAX_STARTS = 500;
/** All of it: a hostile pack can make git unpack gigabytes for each of many objects. */
const MAX_ASKING_MS = 300_000;
/** A git that gives nothing for so long hangs on what it was asked for. Unpacking the largest object takes a second or two. */
const SILENCE_MS = 30_000;
/** Problems of single objects that are told one by one. */
const MAX_TOLD = 1000;

/** Scans what git can read of these; the rest become problems. `isWanted` says which blobs are to be scanned. */
export async function scanThroughGit(
  all: readonly Unread[],
  request: { readonly gitDir: string; readonly signal: AbortSignal; readonly env: Readonly<Record<string, string | undefined>> },
  work: HistoryWork,
  sink: HistorySink,
): Promise<void> {
  const faulty: Problem[] = all.filter(({ reason }) => reason === IN_CIRCLE).map(damaged);
  const unread = all.filter(({ reason }) => reason !== IN_CIRCLE);
  let next = 0;
  let starts = 0;
  const began = performance.now();
  const isOver = (): boolean => starts >= MAX_STARTS || performance.now() - began > MAX_ASKING_MS;
  for (; next < unread.length && !request.signal.aborted; starts++) {
    const rest = unread.slice(next);
    const first = next;
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const signal = AbortSignal.any([request.signal, silence.signal]);
    try {
      if (isOver()) throw new ToolError('git-failed', { command: 'cat-file', reason: 'it ended too often' });
      const ids = rest.map(({ id }) => id);
      for await (const object of readObjects(ids, { cwd: request.gitDir, env: environmentOf(request), signal, limitBytes: LIMIT_BYTES })) {
        timer.refresh();
        if (isOver()) throw new ToolError('git-failed', { command: 'cat-file', reason: 'it took too long' });
        const asked = unread[next++];
        if (asked) take(asked, object, work, sink, faulty);
      }
    } catch (error) {
      if (request.signal.aborted) break;
      if (!(error instanceof ToolError) || (error.code !== 'git-failed' && !silence.signal.aborted)) throw error;
      // All that were not answered where nothing comes any more; else the one it stumbled over.
      const given = isOver() ? unread.slice(next) : unread.slice(next, next + 1);
      faulty.push(...given.map(damaged));
      next = Math.max(first, next) + Math.max(1, given.length);
    } finally {
      clearTimeout(timer);
    }
  }
  const { outcome } = sink;
  outcome.problems.push(...faulty.slice(0, MAX_TOLD));
  const untold = faulty.length - MAX_TOLD;
  if (untold > 0) outcome.problems.push({ code: 'objects-damaged', where: request.gitDir, data: { path: request.gitDir, count: untold } });
}

function take(asked: Unread, object: GitObject, work: HistoryWork, sink: HistorySink, faulty: Problem[]): void {
  const { id, reason, file } = asked;
  if (object.state === 'too-large')
    faulty.push({ code: 'object-too-large', where: id, data: { id, size: object.sizeBytes, limit: LIMIT_BYTES } });
  else if (object.state === 'missing') faulty.push(damaged(asked));
  else {
    const type = typeOf(id, object.bytes);
    if (type === null) faulty.push(damaged(asked));
    else if (reason === WRONG_SUM && file !== undefined) faulty.push(recovered(id, file));
    if (type !== 'blob') return;
    addBlob(sink, id, object.bytes.length, work.scanBytes(object.bytes));
  }
}

/** Returns what the object must be to have its id; null where it is nothing of that id. */
function typeOf(id: string, bytes: Buffer): string | null {
  const isIt = (type: string): boolean =>
    createHash(id.length === 40 ? 'sha1' : 'sha256')
      .update(`${type} ${bytes.length}\0`)
      .update(bytes)
      .digest('hex') === id;
  return ['blob', 'commit', 'tree', 'tag'].find(isIt) ?? null;
}

/** The object is whole, but what lies in the pack is not what was written there. */
export function recovered(id: string, file: string): Problem {
  return {
    code: 'pack-damaged',
    where: file,
    data: { path: file, reason: `the object ${id}: ${WRONG_SUM}, but it could be read in another way` },
  };
}

function damaged({ id, reason }: Unread): Problem {
  return { code: 'object-damaged', where: id, data: { id, reason } };
}

/** Of the repository that is audited, whatever repository the environment is about. */
function environmentOf({
  gitDir,
  env,
}: {
  gitDir: string;
  env: Readonly<Record<string, string | undefined>>;
}): Record<string, string | undefined> {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_') || name.startsWith('GIT_CONFIG')));
  return { ...own, GIT_DIR: gitDir };
}
