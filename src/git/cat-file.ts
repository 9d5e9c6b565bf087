/**
 * Contents of git objects, by their ids, through one `git cat-file --batch`. One object is in memory at a time, and one that is larger
 * than the limit never is. Format: git-cat-file "BATCH OUTPUT".
 */
import { ToolError } from '../core/errors.ts';
import { type GitOptions, streamGit } from './run-git.ts';

/** In the order asked for. `missing`: git does not have it. `too-large`: passed over, its size is known. */
export type GitObject =
  | { readonly state: 'read'; readonly bytes: Buffer }
  | { readonly state: 'missing' }
  | { readonly state: 'too-large'; readonly sizeBytes: number };

export type ReadObjectsOptions = Pick<GitOptions, 'cwd' | 'env' | 'signal' | 'startedIn' | 'repository'> & { readonly limitBytes: number };

/** "<id> <type> <size>\n", with a SHA-256 id. */
const MAX_HEADER_BYTES = 200;

const NEWLINE = 0x0a;

/** Yields the object of each id. Throws ToolError git-failed when git ends early or answers with something else. */
export async function* readObjects(ids: readonly string[], options: ReadObjectsOptions): AsyncGenerator<GitObject> {
  if (ids.length === 0) return;
  const { limitBytes, ...git } = options;
  let answered = 0;
  for await (const object of parseObjects(streamGit(['cat-file', '--batch'], { ...git, stdin: `${ids.join('\n')}\n` }), limitBytes)) {
    answered += 1;
    yield object;
  }
  if (answered !== ids.length)
    throw new ToolError('git-failed', { command: 'cat-file', reason: `it gave ${answered} of ${ids.length} objects` });
}

/** Yields the objects in the output of `git cat-file --batch`; an unfinished last one is left out. */
export async function* parseObjects(chunks: AsyncIterable<Buffer>, limitBytes: number): AsyncGenerator<GitObject> {
  let header = '';
  let object: { readonly sizeBytes: number; readonly bytes: Buffer | null } | null = null;
  /** Bytes of the object that are here; the newline after it counts as one more. */
  let have = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      if (object === null) {
        const found = chunk.indexOf(NEWLINE, at);
        const end = found < 0 ? chunk.length : found;
        header += chunk.toString('latin1', at, Math.min(end, at + MAX_HEADER_BYTES));
        if (header.length > MAX_HEADER_BYTES) throw unexpected(header);
        at = end + 1;
        if (found < 0) continue;
        if (header.endsWith(' missing')) yield { state: 'missing' };
        else {
          const sizeBytes = sizeIn(header);
          object = { sizeBytes, bytes: sizeBytes <= limitBytes ? Buffer.allocUnsafeSlow(sizeBytes) : null };
          have = 0;
        }
        header = '';
      } else {
        const take = Math.min(object.sizeBytes + 1 - have, chunk.length - at);
        object.bytes?.set(chunk.subarray(at, Math.min(at + take, at + object.sizeBytes - have)), have);
        have += take;
        at += take;
        if (have <= object.sizeBytes) continue;
        yield object.bytes ? { state: 'read', bytes: object.bytes } : { state: 'too-large', sizeBytes: object.sizeBytes };
        object = null;
      }
    }
  }
}

function sizeIn(header: string): number {
  const size = /^[0-9a-f]+ [a-z]+ (\d{1,15})$/.exec(header)?.[1];
  if (size === undefined) throw unexpected(header);
  return Number(size);
}

function unexpected(header: string): ToolError {
  return new ToolError('git-failed', { command: 'cat-file', reason: `it answered ${JSON.stringify(header.slice(0, 80))}` });
}
