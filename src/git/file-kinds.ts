/**
 * What stands at a path below a folder: a file, a folder, a link, nothing … Each folder is read once (1.1 µs an entry, against 3.4 µs for
 * one lstat a file), and a link in the middle of a path counts as nothing, so that no path leads out of the folder.
 */
import { type Dirent, readdirSync } from 'node:fs';
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

type Entries = ReadonlyMap<string, Dirent>;

const NOTHING: Entries = new Map();

/** Answers for the tree below one folder, as it stood when each part of it was first asked for. */
export class FileKinds {
  /** The folders that could not be read. */
  readonly unreadable: Unreadable[] = [];
  readonly #root: string;
  readonly #folders = new Map<string, Entries>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Returns the kind of what stands at `path` (relative, `/` between the parts), or null if there is nothing. */
  of(path: string): FileKind | null {
    const slash = path.lastIndexOf('/');
    const entry = this.#entries(path.slice(0, Math.max(slash, 0))).get(path.slice(slash + 1));
    return entry ? kindOf(entry) : null;
  }

  #entries(folder: string): Entries {
    const known = this.#folders.get(folder);
    if (known) return known;
    let entries = this.#folders.get('') ?? this.#read('');
    for (let end = 0; end < folder.length; ) {
      const start = end === 0 ? 0 : end + 1;
      const slash = folder.indexOf('/', start);
      end = slash < 0 ? folder.length : slash;
      const isFolder = entries.get(folder.slice(start, end))?.isDirectory() ?? false;
      // What is below a link, a file or nothing is nothing; hostile paths may have any number of further parts.
      if (!isFolder) return NOTHING;
      const above = folder.slice(0, end);
      entries = this.#folders.get(above) ?? this.#read(above);
    }
    return entries;
  }

  #read(folder: string): Entries {
    const entries = new Map<string, Dirent>();
    try {
      for (const entry of readdirSync(folder === '' ? this.#root : `${this.#root}/${folder}`, { withFileTypes: true })) {
        entries.set(entry.name, entry);
      }
    } catch (error) {
      this.unreadable.push({ path: folder, reason: shortReason(error) });
    }
    this.#folders.set(folder, entries);
    return entries;
  }
}
