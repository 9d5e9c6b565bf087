/**
 * Writes what a reporter renders. Files are written beside their place and renamed into it, so that nobody ever reads half a report; with
 * secrets in clear they have mode 0600 from their first byte. A closed pipe (`| head`) is no error. Called by the commands.
 */

import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ToolError } from '../core/errors.ts';
import { isMissing, shortReason } from './read-text.ts';

/** Characters that are gathered before each write. */
const CHUNK_CHARS = 1 << 16;

const PRIVATE_MODE = 0o600;
const USUAL_MODE = 0o666;

/** Replaces the file. Throws ToolError `output-failed`; `reveal-needs-file` when secrets would go into something that is no regular file. */
export function writeFileAtomically(path: string, pieces: Iterable<string>, { isPrivate }: { readonly isPrivate: boolean }): void {
  try {
    const place = placeOf(path);
    if (place.isRegular) replaceFile(place.path, pieces, isPrivate ? PRIVATE_MODE : USUAL_MODE);
    else if (isPrivate) throw new ToolError('reveal-needs-file');
    else fillFile(openSync(place.path, 'w'), pieces);
  } catch (error) {
    if (error instanceof ToolError || !(error instanceof Error) || !('code' in error)) throw error;
    throw new ToolError('output-failed', { path, reason: shortReason(error) }, { cause: error });
  }
}

/** Replaces the content of a file that is there, with its mode, whole or not at all. Throws ToolError `output-failed`. */
export function replaceBytes(path: string, bytes: Uint8Array): void {
  try {
    const real = realpathSync(path);
    const { mode } = statSync(real);
    const draft = draftBeside(real);
    try {
      writeFileSync(draft, bytes, { flag: 'wx', mode: PRIVATE_MODE });
      chmodSync(draft, mode & 0o7777);
      renameSync(draft, real);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw new ToolError('output-failed', { path, reason: shortReason(error) }, { cause: error });
  }
}

/** Follows links, so that a link stays one. What is neither a file nor missing (a pipe, /dev/null) is written to directly. */
function placeOf(path: string): { path: string; isRegular: boolean } {
  try {
    const real = realpathSync(path);
    const stat = statSync(real);
    if (stat.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
    return { path: real, isRegular: stat.isFile() };
  } catch (error) {
    if (isMissing(error)) return { path, isRegular: true };
    throw error;
  }
}

function replaceFile(path: string, pieces: Iterable<string>, mode: number): void {
  const draft = draftBeside(path);
  const file = openSync(draft, 'wx', mode);
  try {
    fillFile(file, pieces);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function draftBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
}

/** Closes the file in any case. */
function fillFile(file: number, pieces: Iterable<string>): void {
  try {
    for (const chunk of inChunks(pieces)) {
      const bytes = Buffer.from(chunk);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    }
  } finally {
    closeSync(file);
  }
}

/** Returns false when the reader is gone. */
export async function writeToStream(stream: NodeJS.WritableStream, pieces: Iterable<string>): Promise<boolean> {
  // The stream tells of a failure twice: to the one who wrote, and as an event that would end the process if nobody listened.
  const ignore = (): void => undefined;
  stream.on('error', ignore);
  for (const chunk of inChunks(pieces)) {
    const error = await new Promise<Error | null>((resolve) => {
      stream.write(chunk, (reason) => resolve(reason ?? null));
    });
    if (error === null) continue;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') return false;
    throw new ToolError('output-failed', { path: 'stdout', reason: shortReason(error) }, { cause: error });
  }
  stream.removeListener('error', ignore);
  return true;
}

function* inChunks(pieces: Iterable<string>): Iterable<string> {
  let chunk = '';
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK_CHARS) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
