/**
 * The list that the files source fills: blobs, problems, and what was left out on purpose. Shared by the files that fill it
 * (walk.ts, tree.ts, odd-names.ts, patterns.ts).
 */
import type { BlobRef, OnSeen, Problem } from '../core/contracts.ts';
import { ERRORS, type ErrorData, ToolError } from '../core/errors.ts';
import type { Environment } from '../git/environment.ts';

export type FilesOptions = {
  /** Where the inputs are meant from and the reported paths count from; absolute. */
  readonly cwd: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** Also what .gitignore names; git is then not asked at all. */
  readonly noIgnore: boolean;
};

export type FileListing = {
  readonly blobs: BlobRef[];
  readonly problems: Problem[];
  /** Bytes of files that had to be read at once, because their names are not text. */
  oddBytes: number;
  readonly onSeen: OnSeen;
};

/** What an interruption is about: no single input. */
export const INTERRUPTED = 'the scan';

/** A folder to list. `shown` goes before the reported paths: '' or something that ends with `/`. */
export type Folder = { readonly absolute: string; readonly shown: string };

export function createListing(onSeen: OnSeen = () => undefined): FileListing {
  return { blobs: [], problems: [], oddBytes: 0, onSeen };
}

export function addFile(listing: FileListing, file: string, shown: string): void {
  const blob = { kind: 'file', provenance: { kind: 'file', path: shown }, file } as const;
  listing.onSeen(blob);
  listing.blobs.push(blob);
}

export function addProblem(listing: FileListing, code: Problem['code'], shown: string, data: ErrorData = {}): void {
  listing.problems.push({ code, where: shown, data: { path: shown, ...data } });
}

/** Returns the folder below `folder`. */
export function below(folder: Folder, relative: string): Folder {
  return { absolute: join(folder, relative), shown: `${folder.shown}${relative}/` };
}

/** Returns the absolute path of what is below `folder`. */
export function join(folder: Folder, relative: string): string {
  return folder.absolute.endsWith('/') ? `${folder.absolute}${relative}` : `${folder.absolute}/${relative}`;
}

/** Returns a folder's own path as it is shown to people. */
export function nameOf(folder: Folder): string {
  return folder.shown === '' ? '.' : folder.shown.replace(/(.)\/$/s, '$1');
}

/** Returns an error as the problem that it is, if the scan can go on after it; throws it otherwise. */
export function asProblem(error: unknown, where: string): Problem {
  if (error instanceof ToolError && ERRORS[error.code].kind === 'problem')
    return { code: error.code, where: error.code === 'interrupted' ? INTERRUPTED : where, data: error.data };
  throw error;
}
