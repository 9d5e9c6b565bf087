/**
 * Reads the small text files that steer a scan: configuration, rules, baselines. Regular files only and up to a size, since a scanned
 * repository may hold links to devices or to files that are none of its business. Throws Error with a reason for the user.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import { reasonOf } from '../core/errors.ts';

/** Bytes. A configuration of a megabyte was not written by a person. */
export const MAX_CONFIG_BYTES = 1 << 20;
/** Bytes. About 300,000 findings. */
export const MAX_BASELINE_BYTES = 64 << 20;

/** `within`: a folder that the file must not lead out of by links; null for files that the user named. */
export function readText(path: string, maxBytes: number, within: string | null): string {
  if (within !== null && !isBelow(realpathSync(path), realpathSync(within))) throw new Error('it lies outside of the repository');
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = checkStat(fstatSync(file));
    if (size > maxBytes) throw new Error(`it is larger than ${maxBytes >> 20} MiB`);
    return readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  } finally {
    closeSync(file);
  }
}

/** Returns the bytes of a regular file as Latin-1, a character a byte; null when it is larger or cannot be read. */
export function readLatin1(path: string, maxBytes: number): string | null {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return checkStat(fstatSync(file)).size <= maxBytes ? readFileSync(file, 'latin1') : null;
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

/** Returns the text, or null when there is no such file. */
export function readTextIfThere(path: string, maxBytes: number, within: string): string | null {
  try {
    lstatSync(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  return readText(path, maxBytes, within);
}

export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Returns a reason without the path that Node puts into its messages. */
export function shortReason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (isMissing(error)) return 'no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'ENOSPC') return 'no space left on the disk';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ELOOP') return 'it is a link that leads back to itself';
  return reasonOf(error);
}

function checkStat<T extends { isFile(): boolean; isDirectory(): boolean }>(stat: T): T {
  if (!stat.isFile()) throw new Error(stat.isDirectory() ? 'it is a folder' : 'it is not a regular file');
  return stat;
}

function isBelow(path: string, folder: string): boolean {
  const fromFolder = relative(folder, path);
  return fromFolder !== '..' && !fromFolder.startsWith('../') && !fromFolder.startsWith('..\\') && !isAbsolute(fromFolder);
}
