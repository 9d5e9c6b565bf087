/**
 * Patterns that a user wrote and the shell left alone: `'src/*.{ts,js}'`. fast-glob says which paths match; the listing of the folder
 * that the pattern starts from says which of them count (.gitignore, links), so that a pattern never finds what its folder would not.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { ToolError } from '../core/errors.ts';
import { addFile, createListing, type FileListing, type FilesOptions } from './listing.ts';
import { addTree } from './tree.ts';

/** Characters without which no path is a pattern; saves loading fast-glob (9 ms). */
const PATTERN_CHARACTERS = /[*?[{(]/;

/** Adds the files that match. Throws ToolError no-such-path if nothing does, or if `pattern` is no pattern. */
export async function addMatches(listing: FileListing, pattern: string, options: FilesOptions): Promise<void> {
  const missing = new ToolError('no-such-path', { path: pattern });
  if (!PATTERN_CHARACTERS.test(pattern)) throw missing;
  const { default: glob } = await import('fast-glob');
  if (!glob.isDynamicPattern(pattern)) throw missing;
  const { cwd } = options;
  const found = await glob(pattern, {
    cwd,
    dot: true,
    followSymbolicLinks: false,
    ignore: ['**/.git', '**/.git/**'],
    suppressErrors: true,
  });
  if (found.length === 0) throw missing;

  const counted = createListing();
  const bases = new Set(glob.generateTasks(pattern, { cwd }).map((task) => path.resolve(cwd, task.base)));
  for (const base of bases) {
    if (statSync(base, { throwIfNoEntry: false })?.isDirectory()) await addTree(counted, { absolute: base, shown: `${base}/` }, options);
  }
  const files = new Set(counted.blobs.flatMap((blob) => (blob.kind === 'file' ? [blob.file] : [])));
  for (const match of found) {
    const file = path.resolve(cwd, match);
    if (files.has(file)) addFile(listing, file, path.posix.normalize(match));
  }
  // A fifo or a link elsewhere in the folder is none of the pattern's business; what could not be looked into may have held a match.
  for (const problem of counted.problems) {
    if (problem.code === 'unreadable' || problem.code === 'git-failed') listing.problems.push(problem);
  }
}
