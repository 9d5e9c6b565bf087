/**
 * The files of a git work tree as git sees them: tracked, and untracked unless ignored. In comes a folder, out come paths relative to it.
 *
 * Two git processes run side by side: the index (`ls-files --stage`), and the search for untracked files. The index does not know what became of a file: deleted, now a
 * link, a fifo, or below a folder that was replaced by a link. The last is asked here, once a folder; the others show when the file is opened. `ls-files --deleted` sees
 * only the first (and takes 66 ms for 30,000 files, against 35); `diff-files` sees all, but may run the clean filter that a hostile repository configures.
 */
import { ToolError } from '../core/errors.ts';
import type { Environment } from './environment.ts';
import { Folders, type Unreadable } from './file-kinds.ts';
import { splitAtNul } from './path-text.ts';
import { runGit, streamGit } from './run-git.ts';

export type ListOptions = { readonly env: Environment; readonly signal: AbortSignal };

export type WorkTreeFiles = {
  /** `/` between the parts; tracked ones first, each part in git's order. No folder above is a link, but what stands there now, if anything, was not looked at. */
  readonly files: string[];
  /** Paths that are not valid UTF-8: files or folders, tracked or not; what they are was not looked at. */
  readonly oddPaths: Buffer[];
  /** Submodules that are checked out, and repositories inside this one: git shows each as one entry. */
  readonly repositories: string[];
  /** Entries of a forged index that lead out of the folder. */
  readonly outside: string[];
  readonly unreadable: Unreadable[];
};

/** Some minutes for the largest trees on the slowest disks. */
const TIMEOUT_MS = 600_000;

/** A mode of the index, octal. */
const SUBMODULE = '160000';

/**
 * Returns the files of the work tree at or below `folder`, or null if git says that it is in none. `onFile` is told of each of `files` as it is found. Throws
 * ToolError git-failed, git-missing.
 */
export async function listWorkTreeFiles(
  folder: string,
  options: ListOptions,
  onFile: (path: string) => void = () => undefined,
): Promise<WorkTreeFiles | null> {
  const shared = { cwd: folder, env: options.env, signal: options.signal, repository: 'by-path', timeoutMs: TIMEOUT_MS } as const;
  const folders = new Folders(folder);
  const listing: WorkTreeFiles = { files: [], oddPaths: [], repositories: [], outside: [], unreadable: folders.unreadable };
  const addFile = (path: string): void => {
    if (!folders.leadTo(path)) return;
    listing.files.push(path);
    onFile(path);
  };
  const addSubmodule = (path: string): void => {
    if (folders.have(path)) listing.repositories.push(path);
    else addFile(path);
  };
  // The index first: scanning begins with its first paths.
  const tracked = addTracked(listing, addFile, addSubmodule, streamGit(['ls-files', '-z', '--stage'], shared));
  const untracked = runGit(['ls-files', '-z', '--others', '--exclude-standard'], shared);
  untracked.catch(() => {
    // Awaited below; if the index cannot be read, that error comes first.
  });
  try {
    await tracked;
    const { stdout, stderr } = await untracked;
    addUntracked(listing, addFile, stdout);
    addWarnings(listing, stderr);
    return listing;
  } catch (error) {
    if (isNoRepository(error)) return null;
    throw error;
  }
}

/** Returns whether git ignores `folder` itself, so that asking for the files in it would give none. */
export async function isIgnored(folder: string, options: ListOptions): Promise<boolean> {
  const shared = { cwd: folder, env: options.env, signal: options.signal, repository: 'by-path', timeoutMs: TIMEOUT_MS } as const;
  // 1: not ignored. 128: not in a work tree; the listing says more about that.
  const { exitCode } = await runGit(['check-ignore', '--quiet', '--no-index', '.'], { ...shared, accept: [0, 1, 128] });
  return exitCode === 0;
}

async function addTracked(
  listing: WorkTreeFiles,
  addFile: (path: string) => void,
  addSubmodule: (path: string) => void,
  chunks: AsyncIterable<Buffer>,
): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  let last = '';
  for await (const chunk of chunks) {
    const split = splitAtNul(chunk, rest);
    rest = split.rest;
    for (const field of split.fields) {
      if (typeof field !== 'string') {
        listing.oddPaths.push(field.subarray(field.indexOf(0x09) + 1));
        continue;
      }
      // "100644 <object id> <stage>\t<path>"; a conflict lists the same path up to three times.
      const path = field.slice(field.indexOf('\t') + 1);
      if (path === last) continue;
      last = path;
      if (leadsOut(path)) listing.outside.push(path);
      else if (field.startsWith(SUBMODULE)) addSubmodule(path);
      else addFile(path);
    }
  }
}

function addUntracked(listing: WorkTreeFiles, addFile: (path: string) => void, output: Buffer): void {
  for (const path of splitAtNul(output, Buffer.alloc(0)).fields) {
    if (typeof path !== 'string') {
      listing.oddPaths.push(path.at(-1) === 0x2f ? path.subarray(0, -1) : path);
    } else if (path.endsWith('/')) {
      // The folder itself, `./`, comes when it is an empty submodule.
      if (path !== './' && !leadsOut(path)) listing.repositories.push(path.slice(0, -1));
    } else addFile(path);
  }
}

/** git only warns of a folder that it cannot read, and exits 0. The path that it names counts from the top of the work tree. */
function addWarnings(listing: WorkTreeFiles, stderr: string): void {
  for (const [, path = '', reason = ''] of stderr.matchAll(/^warning: could not open directory '(.*)\/': (.*)$/gm)) {
    const isKnown = listing.unreadable.some((known) => path === known.path || path.endsWith(`/${known.path}`));
    if (!isKnown) listing.unreadable.push({ path, reason });
  }
}

/** git never writes such entries, but it does not refuse to read them either. */
function leadsOut(path: string): boolean {
  return path.startsWith('/') || (path.includes('..') && path.split('/').includes('..'));
}

/** Also of a `.git` that is something else than git's, and inside of one: to us those are ordinary folders. */
function isNoRepository(error: unknown): boolean {
  if (!(error instanceof ToolError) || error.code !== 'git-failed') return false;
  return /not a git repository|invalid gitfile format|must be run in a work tree/.test(String(error.data['reason']));
}
