/** Which files a sops store is about: those that a setting names, and in a folder that it names those with endings that sops knows. Follows no links. */
import { type Dirent, readdirSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import { StoreError } from '../core/stores.ts';

const MAX_ENTRIES = 20_000;
const ENDING = /\.(?:ya?ml|json|env)$/;
const PASSED_OVER = new Set(['node_modules', '.git']);

/** `isNamed`: by itself, so that it is a fault when sops did not encrypt it. */
export type ListedFile = { readonly path: string; readonly isNamed: boolean };

/** Returns paths relative to `root`, sorted within each setting. Throws StoreError misconfigured for a folder of too many entries. */
export function listSopsFiles(root: string, named: readonly string[]): readonly ListedFile[] {
  return named.flatMap((path): ListedFile[] => {
    const inside = filesBelow(resolve(root, path));
    return inside === null ? [{ path, isNamed: true }] : inside.map((name) => ({ path: posix.join(path, name), isNamed: false }));
  });
}

/** Returns null for what is no folder. */
function filesBelow(folder: string): string[] | null {
  const found: string[] = [];
  const folders = [''];
  let entries = 0;
  for (let at = folders.shift(); at !== undefined; at = folders.shift()) {
    const inside = entriesOf(join(folder, at));
    if (inside === null && at === '') return null;
    for (const entry of inside ?? []) {
      entries += 1;
      if (entries > MAX_ENTRIES)
        throw new StoreError('misconfigured', `${folder} holds more than ${MAX_ENTRIES} files: name a smaller folder`);
      const path = posix.join(at, entry.name);
      if (entry.isDirectory() && !PASSED_OVER.has(entry.name)) folders.push(path);
      else if (entry.isFile() && ENDING.test(entry.name)) found.push(path);
    }
  }
  return found.sort();
}

function entriesOf(folder: string): Dirent[] | null {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOTDIR' || code === 'ENOENT') return null;
    throw new StoreError('misconfigured', `the folder ${folder} cannot be listed`, { cause: error });
  }
}
