/**
 * Files that survive a crash: replaced whole (written beside, fsync, rename, fsync of the folder), so that the old one or the new one is there, or appended to with
 * fsync; mode 0600 below folders of 0700; reads are bounded, of regular files only. Used by the local store, and by what is kept of rotations. Throws StoreError
 * with the path and a reason of ours.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StoreError } from '../core/stores.ts';

/** What a crash may leave behind begins so; such files hold nothing that was promised to anybody. */
export const DRAFT_PREFIX = '.draft-';

/** Windows has no modes: a folder of the user's profile is private there by inheritance. */
const HAS_MODES = process.platform !== 'win32';

/** Returns the file's bytes, or null when there is none. */
export function readWhole(path: string, maxBytes: number): Buffer | null {
  let file: number;
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw failureAt(path, error);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new StoreError('odd-reply', `${path} is not a regular file`);
    if (stat.size > maxBytes) throw new StoreError('odd-reply', `${path} is larger than anything that leakwarden writes there`);
    return readFileSync(file);
  } catch (error) {
    throw error instanceof StoreError ? error : failureAt(path, error);
  } finally {
    closeSync(file);
  }
}

/** Opens a regular file for `doing`; returns `missing` when there is none. */
export function withFile<T>(path: string, missing: T, doing: (file: number) => T): T {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return missing;
    throw failureAt(path, error);
  }
  try {
    if (!fstatSync(file).isFile()) throw new StoreError('odd-reply', `${path} is not a regular file`);
    return doing(file);
  } finally {
    closeSync(file);
  }
}

/** Returns the last whole line of a log, and the bytes up to its end. Lines are of at most `maxLineBytes`. */
export function lastLineOf(path: string, maxLineBytes: number): { readonly line: string | null; readonly size: number } {
  return withFile(path, { line: null, size: 0 }, (file) => {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, 2 * maxLineBytes));
    readSync(file, bytes, 0, bytes.length, size - bytes.length);
    const end = bytes.lastIndexOf(0x0a);
    if (end < 0) return { line: null, size: bytes.length === size ? 0 : size };
    const start = end === 0 ? 0 : bytes.lastIndexOf(0x0a, end - 1) + 1;
    return { line: bytes.toString('utf8', start, end), size: size - bytes.length + end + 1 };
  });
}

/** Replaces or makes a file of mode 0600. */
export function replaceWhole(path: string, content: string): void {
  const draft = draftOf(path);
  try {
    writeThrough(draft, content);
    renameSync(draft, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(draft, { force: true });
    throw failureAt(path, error);
  }
}

/** Makes a file of mode 0600, with all of its content from the first moment; returns false, and changes nothing, where one is. */
export function createWhole(path: string, content: string): boolean {
  const draft = draftOf(path);
  try {
    writeThrough(draft, content);
    return linkNew(draft, path, content);
  } catch (error) {
    throw failureAt(path, error);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Renaming would replace what is there; making a second name does not. */
function linkNew(draft: string, path: string, content: string): boolean {
  try {
    linkSync(draft, path);
  } catch (error) {
    const code = codeOf(error);
    // ENOENT: a writer took the draft for a dead one's.
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    return createPlain(path, content);
  }
  syncFolder(dirname(path));
  return true;
}

/** For file systems on which a file has one name only: here a crash can leave it empty. */
function createPlain(path: string, content: string): boolean {
  try {
    writeThrough(path, content);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Writes at the end of the first `keepBytes` of a file of mode 0600; what stood after them is cut off. */
export function appendThrough(path: string, content: string, keepBytes: number): void {
  let file: number | null = null;
  try {
    file = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o600);
    ftruncateSync(file, keepBytes);
    const bytes = Buffer.from(content);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, keepBytes + at);
    fsyncSync(file);
  } catch (error) {
    throw failureAt(path, error);
  } finally {
    if (file !== null) closeSync(file);
  }
}

export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw failureAt(path, error);
  }
}

/** Returns the mode's last three digits where others than the owner may do something there, else null. */
export function modeForOthers(path: string): string | null {
  const mode = HAS_MODES ? (statSync(path, { throwIfNoEntry: false })?.mode ?? 0) : 0;
  return (mode & 0o077) === 0 ? null : (mode & 0o777).toString(8).padStart(3, '0');
}

/** A missing right is `misconfigured` here: `denied` is kept for the wrong passphrase. */
export function failureAt(path: string, error: unknown): StoreError {
  const code = codeOf(error);
  const reason =
    code === 'EACCES' || code === 'EPERM'
      ? 'permission denied'
      : code === 'EROFS'
        ? 'the disk is read-only'
        : code === 'ENOSPC' || code === 'EDQUOT'
          ? 'no space left on the disk'
          : code === 'EISDIR'
            ? 'it is a folder'
            : code === 'ENOTDIR' || code === 'EEXIST'
              ? 'a file is where a folder should be'
              : `the system says ${code === '' ? 'no' : code}`;
  return new StoreError('misconfigured', `${path}: ${reason}`, { cause: error });
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function draftOf(path: string): string {
  return join(dirname(path), `${DRAFT_PREFIX}${basename(path)}-${randomBytes(6).toString('hex')}`);
}

/** Throws EEXIST where a file is. */
function writeThrough(path: string, content: string): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    const bytes = Buffer.from(content);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Without it a rename may be lost with the power. Windows cannot open a folder, and needs no such call. */
function syncFolder(path: string): void {
  if (!HAS_MODES) return;
  const folder = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
