/**
 * Lists a tree of Vault or OpenBao, as far down as it goes, each level's folders together. In: a way to list one folder; out: what is in it, folder by folder.
 * Called for keys and for leases. A server that invents folders without end is stopped by two bounds.
 */
import { StoreError } from '../core/stores.ts';
import { mapAhead } from './map-ahead.ts';
import type { Json } from './store-http.ts';

/** Names below a folder; `info` is what the list says of them beside the name. A folder ends in a slash. */
export type Listed = { readonly key: string; readonly info: Json | null };

export type Folder =
  | { readonly folder: string; readonly leaves: readonly Listed[] }
  /** It may not be listed. */
  | { readonly folder: string; readonly denied: StoreError };

/** Requests at a time: as many as the HTTP client keeps connections. */
export const WIDTH = 8;
/** Deeper than anybody files secrets. */
const MAX_DEPTH = 64;
const MAX_FOLDERS = 100_000;

/** Yields the folders from `root` down (`''`, `app/`), with the leaves in them. Throws StoreError, odd-reply at a bound. */
export async function* walk(root: string, list: (folder: string) => Promise<readonly Listed[]>): AsyncIterable<Folder> {
  let level = [root];
  let folders = 0;
  for (let depth = 0; level.length > 0; depth++) {
    folders += level.length;
    if (depth > MAX_DEPTH) throw new StoreError('odd-reply', `a tree of more than ${MAX_DEPTH} levels`);
    if (folders > MAX_FOLDERS) throw new StoreError('odd-reply', `a tree of more than ${MAX_FOLDERS} folders`);
    const below: string[] = [];
    for await (const found of mapAhead(level, WIDTH, (folder) => listOrDenied(folder, list))) {
      if ('denied' in found) {
        yield found;
        continue;
      }
      for (const { key } of found.leaves) if (key.endsWith('/')) below.push(`${found.folder}${key}`);
      yield { folder: found.folder, leaves: found.leaves.filter(({ key }) => !key.endsWith('/')) };
    }
    level = below;
  }
}

async function listOrDenied(folder: string, list: (folder: string) => Promise<readonly Listed[]>): Promise<Folder> {
  try {
    return { folder, leaves: await list(folder) };
  } catch (error) {
    if (error instanceof StoreError && error.why === 'denied') return { folder, denied: error };
    throw error;
  }
}
