/**
 * The index of the stores on the disk, and its key: below XDG_STATE_HOME and XDG_CONFIG_HOME, in two folders, so that a copy of one is not a copy of both. The key
 * is made by the first `store sync`; LEAKWARDEN_INDEX_KEY_FILE names another, LEAKWARDEN_INDEX_KEY is one. Opened by whoever wants verdicts.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IndexFault, IndexFile, MAX_INDEX_BYTES } from '../check/index-file.ts';
import { KEY_BYTES } from '../check/index-keys.ts';
import { ToolError } from '../core/errors.ts';
import type { Io } from './io.ts';
import { isMissing, shortReason } from './read-text.ts';
import { requiredFolder, userFolder, writePrivateFile } from './user-files.ts';

export function indexFile(env: Io['env']): string {
  return join(requiredFolder('state', 'the index of the stores', env), 'index');
}

/** Returns whether there is an index at all: a look at the disk, nothing is read. */
export function hasIndex(env: Io['env']): boolean {
  const folder = userFolder('state', env);
  return folder !== null && existsSync(join(folder, 'index'));
}

/** Returns the key; `isMade`: makes one where there is none yet. Throws ToolError `index-key-invalid`. */
export function readIndexKey(env: Io['env'], isMade: boolean): Buffer {
  const given = env['LEAKWARDEN_INDEX_KEY'];
  if (given) return keyOf(given.trim(), 'LEAKWARDEN_INDEX_KEY');
  const named = env['LEAKWARDEN_INDEX_KEY_FILE'];
  const path = named || join(requiredFolder('config', 'the key of the index', env), 'index.key');
  const fail = (reason: string, cause?: unknown): ToolError => new ToolError('index-key-invalid', { path, reason }, { cause });
  if (!named && isMade && !existsSync(path)) writePrivateFile(path, `${randomBytes(KEY_BYTES).toString('hex')}\n`);
  let text: string;
  try {
    text = readPrivate(path, 4096).toString('latin1').trim();
  } catch (error) {
    throw fail(shortReason(error), error);
  }
  return keyOf(text, path);
}

function keyOf(text: string, path: string): Buffer {
  if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
  throw new ToolError('index-key-invalid', { path, reason: 'it is not 64 hexadecimal digits' });
}

/** Returns null where there is no index. Throws IndexFault for one that cannot be used, ToolError `index-key-invalid`. */
export function openIndex(env: Io['env'], key: () => Buffer): IndexFile | null {
  let bytes: Buffer;
  try {
    bytes = readPlain(indexFile(env), MAX_INDEX_BYTES);
  } catch (error) {
    if (isMissing(error)) return null;
    throw new IndexFault(shortReason(error), { cause: error });
  }
  return new IndexFile(bytes, key());
}

/** Regular files only, up to a size. */
function readPlain(path: string, maxBytes: number): Buffer {
  return readChecked(path, maxBytes, false);
}

/** As readPlain, and nobody else may read it. */
function readPrivate(path: string, maxBytes: number): Buffer {
  return readChecked(path, maxBytes, true);
}

function readChecked(path: string, maxBytes: number, isPrivate: boolean): Buffer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error('it is not a regular file');
    if (stat.size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
    if (isPrivate && process.platform !== 'win32' && (stat.mode & 0o077) !== 0) throw new Error('others may read it; chmod 600 it');
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}
