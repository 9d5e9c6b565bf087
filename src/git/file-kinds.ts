/**
 * What stands at a path: a file, a folder, a link, nothing … and whether a path leads out of a folder. Of tracked files the listing asks the second only, once a folder
 * (src/git/list-files.ts); what each of them is shows when it is opened (src/engine/scan-file.ts), since asking before costs half as much as reading it.
 */
import { type Dirent, lstatSync, statSync } from 'node:fs';
import { reasonOf } from '../core/errors.ts';

export type FileKind = 'file' | 'folder' | 'link' | 'fifo' | 'socket' | 'device';

/** Returns what an entry of a folder is. */
export function kindOf(entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isFIFO' | 'isSocket'>): FileKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  if (entry.isSymbolicLink()) return 'link';
  if (entry.isFIFO()) return 'fifo';
  return entry.isSocket() ? 'socket' : 'device';
}

/** A folder, relative to the listed one, and why it could not be read. */
export type Unreadable = { readonly path: string; readonly reason: string };

/** Returns an error of the file system without the call and the path: `EACCES: permission denied`. */
export function shortReason(error: unknown): string {
  return reasonOf(error).replace(/, \w+( '.*)?$/s, '');
}

/** Returns what stands at a path, not following a link, or null if there is nothing. Throws what the file system says. */
export function kindAt(path: string | Buffer): FileKind | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats ? kindOf(stats) : null;
}

/** Returns whether a link leads back to itself. One that leads to nothing does not. */
export function isLinkLoop(path: string): boolean {
  try {
    statSync(path, { throwIfNoEntry: false });
    return false;
  } catch (error) {
    return shortReason(error).startsWith('ELOOP');
  }
}

/** Answers for the tree below one folder, as it stood when each part of it was first asked for. */
export class Folders {
  /** Those that could not be looked at. */
  readonly unreadable: Unreadable[] = [];
  readonly #root: string;
  readonly #known = new Map<string, boolean>();
  /** What was asked last: paths come in order, so most are in the same folder. */
  #last = '';
  #isLastThere = true;

  constructor(root: string) {
    this.#root = root;
  }

  /** Returns whether all that `path` (relative, `/` between the parts) leads through are folders. What is below a link, a file or nothing is nothing. */
  leadTo(path: string): boolean {
    const slash = path.lastIndexOf('/');
    if (slash < 0) return true;
    if (slash !== this.#last.length || !path.startsWith(this.#last)) {
      this.#last = path.slice(0, slash);
      this.#isLastThere = this.have(this.#last);
    }
    return this.#isLastThere;
  }

  /** Returns whether `folder`, relative as well, is one, and all above it. */
  have(folder: string): boolean {
    // From above: hostile paths may have any number of further parts.
    for (let end = 0; end < folder.length; ) {
      const slash = folder.indexOf('/', end + 1);
      end = slash < 0 ? folder.length : slash;
      const above = folder.slice(0, end);
      let isThere = this.#known.get(above);
      if (isThere === undefined) {
        isThere = this.#look(above);
        this.#known.set(above, isThere);
      }
      if (!isThere) return false;
    }
    return true;
  }

  #look(folder: string): boolean {
    try {
      return kindAt(`${this.#root}/${folder}`) === 'folder';
    } catch (error) {
      this.unreadable.push({ path: folder, reason: shortReason(error) });
      return false;
    }
  }
}
