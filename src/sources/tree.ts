/**
 * The files below a folder: through git where the folder lies in a work tree, so that .gitignore counts; by reading folders elsewhere.
 * Both meet repositories inside, which are listed in their own right: submodules, clones inside a work tree, a folder full of clones.
 */
import { findWorkTree, holdsRepository } from '../git/find-work-tree.ts';
import { isIgnored, listWorkTreeFiles, type WorkTreeFiles } from '../git/list-files.ts';
import { addFile, addProblem, asProblem, below, type FileListing, type FilesOptions, type Folder, join, nameOf } from './listing.ts';
import { addOddPaths } from './odd-names.ts';
import { walk } from './walk.ts';

/**
 * Adds the files below a folder that the user named. If git ignores that very folder it is scanned all the same, with everything in it.
 * Where git fails, that is a problem and the folder is read without it. Throws ToolError: git-missing, interrupted.
 */
export async function addTree(listing: FileListing, root: Folder, options: FilesOptions): Promise<void> {
  if (options.noIgnore) {
    await walk(listing, root, options);
    return;
  }
  const pending = [root];
  for (let folder = pending.pop(); folder; folder = pending.pop()) {
    const add = folder === root ? adderOf(root) : holdsRepository(folder.absolute) ? addRepository : walk;
    for (const inner of await add(listing, folder, options)) pending.push(inner);
  }
}

/** Adds the files of a folder; returns the repositories inside, which are listed next. */
type Adder = (listing: FileListing, folder: Folder, options: FilesOptions) => Promise<Folder[]>;

function adderOf(root: Folder): Adder {
  const workTree = findWorkTree(root.absolute);
  if (workTree === null) return walk;
  return workTree === root.absolute ? addRepository : addPartOfWorkTree;
}

async function addPartOfWorkTree(listing: FileListing, root: Folder, options: FilesOptions): Promise<Folder[]> {
  // Asked side by side: both take the few milliseconds of a process.
  const part: FileListing = { ...listing, blobs: [], problems: [] };
  const [ignored, repositories] = await Promise.all([isIgnored(root.absolute, options), addRepository(part, root, options)]);
  if (ignored) return await walk(listing, root, options);
  for (const blob of part.blobs) listing.blobs.push(blob);
  for (const problem of part.problems) listing.problems.push(problem);
  listing.oddBytes = part.oddBytes;
  return repositories;
}

/** Adds what git lists below a folder. */
async function addRepository(listing: FileListing, folder: Folder, options: FilesOptions): Promise<Folder[]> {
  let files: WorkTreeFiles | null = null;
  const own: FileListing = { ...listing, blobs: [] };
  const root = join(folder, '');
  try {
    files = await listWorkTreeFiles(folder.absolute, options, (path) => addFile(own, root + path, folder.shown + path));
  } catch (error) {
    const problem = asProblem(error, nameOf(folder));
    if (problem.code === 'interrupted') throw error;
    listing.problems.push(problem);
  }
  if (!files) return await walk(listing, folder, options);
  for (const blob of own.blobs) listing.blobs.push(blob);
  for (const path of files.outside) addProblem(listing, 'outside-root', folder.shown + path);
  for (const { path, reason } of files.unreadable)
    addProblem(listing, 'unreadable', path === '' ? nameOf(folder) : folder.shown + path, { reason });
  addOddPaths(listing, folder, files.oddPaths);
  return files.repositories.map((path) => below(folder, path));
}
