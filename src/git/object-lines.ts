/**
 * Short answers about many objects: which there are, of what type. `git cat-file --batch-check`, with ids or names in and a line for each
 * out; `listObjects` asks for all objects of the store, without unpacking any.
 */
import { type GitScope, streamGit } from './run-git.ts';

const NEWLINE = 0x0a;
/** `<id> <type> <size>`; names that were asked for come back when they are missing, so lines have no limit of ours: the asker's bounds do. */
const MAX_LINE_BYTES = 1 << 16;

/** Type of each id that is there; ids that are missing are not in the map. Throws ToolError git-failed. */
export async function typesOf(ids: readonly string[], options: GitScope): Promise<Map<string, string>> {
  const types = new Map<string, string>();
  if (ids.length === 0) return types;
  const stdin = `${ids.join('\n')}\n`;
  for await (const line of linesOf(streamGit(['cat-file', '--batch-check=%(objectname) %(objecttype)'], { ...options, stdin }))) {
    const [id = '', type = ''] = line.split(' ');
    if (type !== '' && type !== 'missing') types.set(id, type);
  }
  return types;
}

/** Yields the id and type of every object of the store, sorted by id. With sizes deltas must be read: as slow again. */
export async function* listObjects(options: GitScope): AsyncGenerator<{ readonly id: string; readonly type: string }> {
  const args = ['cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)'];
  for await (const line of linesOf(streamGit(args, options))) {
    const space = line.indexOf(' ');
    yield { id: line.slice(0, space), type: line.slice(space + 1) };
  }
}

/** Yields the id of every object of the store; faster, since no object is looked at. */
export async function* listObjectIds(options: GitScope): AsyncGenerator<string> {
  yield* linesOf(streamGit(['cat-file', '--batch-all-objects', '--unordered', '--batch-check=%(objectname)'], options));
}

/** Yields the lines of a stream as Latin-1, without their ends; an overlong one is cut. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let held = '';
  for await (const chunk of chunks) {
    let at = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      yield held + chunk.toString('latin1', at, end);
      held = '';
      at = end + 1;
    }
    if (held.length < MAX_LINE_BYTES) held += chunk.toString('latin1', at, Math.min(chunk.length, at + MAX_LINE_BYTES));
  }
  if (held !== '') yield held;
}
