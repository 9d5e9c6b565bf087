/**
 * The files below a folder by reading folders, for what lies outside of git work trees or when .gitignore does not count.
 *
 * Depth first with its own stack, in the order of path bytes; 30,000 files in 1,500 folders take 40 ms. `.git` is never entered. Links
 * are not followed: what they lead to is either in the folder, and met anyway, or none of our business.
 */
import { type Dirent, readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { ToolError } from '../core/errors.ts';
import { isLinkLoop, kindOf, shortReason } from '../git/file-kinds.ts';
import { addFile, addProblem, below, type FileListing, type FilesOptions, type Folder, join, nameOf } from './listing.ts';
import { addOddEntries } from './odd-names.ts';

/** Folders read before other work gets its turn (signals, progress): some milliseconds. */
const FOLDERS_A_TURN = 256;

/** What readdir gives for bytes that are not UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * Adds the files below `root` to the listing. Returns the git repositories that it met and did not enter; with `noIgnore` it enters them
 * like any folder. Throws ToolError interrupted.
 */
export async function walk(listing: FileListing, root: Folder, options: FilesOptions): Promise<Folder[]> {
  const repositories: Folder[] = [];
  const stack: Folder[] = [root];
  for (let read = 1; ; read += 1) {
    const folder = stack.pop();
    if (!folder) return repositories;
    if (read % FOLDERS_A_TURN === 0) await setImmediate();
    if (options.signal.aborted) throw new ToolError('interrupted');
    const entries = readFolder(listing, folder, folder === root);
    if (!options.noIgnore && folder !== root && entries.some((entry) => entry.name === '.git')) repositories.push(folder);
    else for (const inner of addEntries(listing, folder, entries).reverse()) stack.push(inner);
  }
}

function readFolder(listing: FileListing, folder: Folder, isRoot: boolean): Dirent[] {
  try {
    const entries = readdirSync(folder.absolute, { withFileTypes: true });
    if (entries.some((entry) => entry.name.includes(REPLACEMENT))) addOddEntries(listing, folder);
    return entries;
  } catch (error) {
    const reason = shortReason(error);
    // It was there when the folder above it was read.
    if (!isRoot && reason.startsWith('ENOENT')) addProblem(listing, 'changed-while-read', nameOf(folder));
    else addProblem(listing, 'unreadable', nameOf(folder), { reason });
    return [];
  }
}

/** Adds the files of one folder; returns the folders in it. */
function addEntries(listing: FileListing, folder: Folder, entries: readonly Dirent[]): Folder[] {
  const folders: Folder[] = [];
  for (const entry of entries) {
    const { name } = entry;
    if (name === '.git' || name.includes(REPLACEMENT)) continue;
    const kind = kindOf(entry);
    if (kind === 'file') addFile(listing, join(folder, name), folder.shown + name);
    else if (kind === 'folder') folders.push(below(folder, name));
    else if (kind === 'link') {
      // One that leads back to itself is a problem, since nobody can mean it.
      if (isLinkLoop(join(folder, name))) addProblem(listing, 'link-loop', folder.shown + name);
    } else addProblem(listing, 'not-a-file', folder.shown + name, { kind });
  }
  return folders;
}
