/**
 * Which git work tree a path lies in, without starting git: a process costs 3 to 8 ms, a look at each parent folder some microseconds.
 * What is found is a good guess; git itself has the last word when it is asked to list files.
 */
import { existsSync, lstatSync } from 'node:fs';
import path from 'node:path';

/** Returns the nearest folder at or above `folder` (absolute) that holds a `.git`, or null. */
export function findWorkTree(folder: string): string | null {
  for (let at = folder; ; ) {
    if (holdsRepository(at)) return at;
    const parent = path.dirname(at);
    if (parent === at) return null;
    at = parent;
  }
}

/** Returns whether `folder` holds a `.git` that git would accept: a folder with a HEAD, or the file of a worktree or submodule. */
export function holdsRepository(folder: string): boolean {
  const git = path.join(folder, '.git');
  try {
    const stats = lstatSync(git, { throwIfNoEntry: false });
    return stats !== undefined && (stats.isFile() || existsSync(path.join(git, 'HEAD')));
  } catch {
    // A folder that may not be searched: whoever lists it will say so.
    return false;
  }
}
