/**
 * Files and folders by their paths: what `leakwarden scan PATH…` names. Nothing is opened here, the engine reads.
 *
 * A named file counts even if git ignores it; in a named folder .gitignore decides, unless told otherwise. A named link is followed
 * within the working directory only; links met inside a folder never are. The list is sorted by the bytes of the reported paths, and a
 * file that several inputs name stands in it once.
 */
import { lstatSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { BlobRef, Given, OnSeen, Source } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import { kindOf, shortReason } from '../git/file-kinds.ts';
import { addFile, addProblem, asProblem, createListing, type FileListing, type FilesOptions } from './listing.ts';
import { addMatches } from './patterns.ts';
import { addTree } from './tree.ts';

export type { FileListing, FilesOptions } from './listing.ts';

/** Returns a source of the files that the inputs (paths and patterns) name. */
export function createFilesSource(inputs: readonly string[], options: Omit<FilesOptions, 'signal'>): Source {
  return {
    kind: 'files',
    async *blobs(signal: AbortSignal, onSeen?: OnSeen): AsyncGenerator<Given> {
      const listing = await listFiles(inputs, { ...options, signal }, onSeen);
      yield* listing.problems;
      yield listing.blobs;
    },
  };
}

/**
 * Returns all files that the inputs name, at once. Throws ToolError no-such-path and git-missing; anything else that goes wrong is in
 * the list's problems, an interruption too.
 */
export async function listFiles(inputs: readonly string[], options: FilesOptions, onSeen?: OnSeen): Promise<FileListing> {
  const listing = createListing(onSeen);
  try {
    for (const input of inputs) await addInput(listing, input, options);
  } catch (error) {
    listing.problems.push(asProblem(error, ''));
  }
  // Within one input the same file has the same path.
  const blobs = inputs.length > 1 ? withoutRepeats(listing.blobs) : listing.blobs;
  return { ...listing, blobs: isInOrder(blobs) ? blobs : sortByPath(blobs).filter(isNoRepeat) };
}

async function addInput(listing: FileListing, input: string, options: FilesOptions): Promise<void> {
  const absolute = path.resolve(options.cwd, input);
  const shown = shownPath(input, absolute, options.cwd);
  try {
    // With a slash at its end a link stands for the folder it leads to, as everywhere in POSIX.
    const stats = input === '' ? undefined : lstatSync(/[/\\]$/.test(input) ? `${absolute}/` : absolute, { throwIfNoEntry: false });
    if (!stats) await addMatches(listing, input, options);
    else if (kindOf(stats) === 'link') await addNamedLink(listing, absolute, shown, options);
    else await addNamed(listing, kindOf(stats), absolute, shown, options);
  } catch (error) {
    if (error instanceof ToolError || !(error instanceof Error) || !('syscall' in error)) throw error;
    if (shortReason(error).startsWith('ENOTDIR')) throw new ToolError('no-such-path', { path: input }, { cause: error });
    addProblem(listing, 'unreadable', shown, { reason: shortReason(error) });
  }
}

async function addNamed(listing: FileListing, kind: string, absolute: string, shown: string, options: FilesOptions): Promise<void> {
  if (kind === 'file') addFile(listing, absolute, shown);
  else if (kind === 'folder')
    await addTree(listing, { absolute, shown: shown === '' || shown.endsWith('/') ? shown : `${shown}/` }, options);
  else addProblem(listing, 'not-a-file', shown, { kind });
}

async function addNamedLink(listing: FileListing, absolute: string, shown: string, options: FilesOptions): Promise<void> {
  let target: string;
  try {
    target = realpathSync.native(absolute);
  } catch {
    // Whatever the reason, it leads to nothing that could be read.
    addProblem(listing, 'link-loop', shown);
    return;
  }
  const inside = path.relative(realpathSync.native(options.cwd), target);
  if (path.isAbsolute(inside) || inside.split(path.sep)[0] === '..') addProblem(listing, 'outside-root', shown);
  else await addNamed(listing, kindOf(statSync(target)), target, shown, options);
}

/** Returns a path as the user would write it: absolute ones stay so, others count from the working directory. '' is that directory. */
function shownPath(input: string, absolute: string, cwd: string): string {
  return (path.isAbsolute(input) ? absolute : path.relative(cwd, absolute)).replaceAll(path.sep, '/');
}

function withoutRepeats(blobs: readonly BlobRef[]): BlobRef[] {
  const seen = new Set<string>();
  return blobs.filter((blob) => {
    const key = blob.kind === 'file' ? blob.file : `\0${blob.provenance.path}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Of blobs in order: says whether this one is another than the one before. */
function isNoRepeat({ kind, provenance }: BlobRef, index: number, blobs: readonly BlobRef[]): boolean {
  const before = blobs[index - 1];
  return before === undefined || before.provenance.path !== provenance.path || before.kind !== kind;
}

/** JavaScript compares UTF-16 units, which differs from the order of UTF-8 bytes above the surrogates only. */
const OTHER_ORDER = /[\ud800-\uffff]/;

/** Whether the order is right already, and no path comes twice: what git tracks comes so. */
function isInOrder(blobs: readonly BlobRef[]): boolean {
  let before = '';
  for (const { provenance } of blobs) {
    if (provenance.path <= before || OTHER_ORDER.test(provenance.path)) return false;
    before = provenance.path;
  }
  return true;
}

function sortByPath(blobs: BlobRef[]): BlobRef[] {
  if (blobs.some((blob) => OTHER_ORDER.test(blob.provenance.path))) {
    return blobs
      .map((blob) => ({ blob, key: Buffer.from(blob.provenance.path) }))
      .sort((a, b) => a.key.compare(b.key))
      .map(({ blob }) => blob);
  }
  return blobs.sort((a, b) => (a.provenance.path < b.provenance.path ? -1 : a.provenance.path > b.provenance.path ? 1 : 0));
}
