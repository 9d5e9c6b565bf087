/**
 * The local store as its commands use it (store put, get, versions, rotate, disable, log): opens the one that --path or the default names, reads a value from a
 * pipe or a hidden prompt, and turns what the store throws into an error for people.
 */
import { isUtf8 } from 'node:buffer';
import { type ErrorCode, ToolError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { StoreError, type StoreFailure } from '../core/stores.ts';
import { openLocalStore } from '../stores/local.ts';
import type { LocalStore } from '../stores/local-store.ts';
import { askHidden } from './ask-hidden.ts';
import { type Given, isSet, optionOf } from './given.ts';
import { type Io, note } from './io.ts';
import { MAX_CONFIG_BYTES, readText, shortReason } from './read-text.ts';

/** Bytes; more than a secret holds, so that the store says what is too large. */
const MAX_STDIN_BYTES = 1 << 20;

const CODES: Readonly<Partial<Record<StoreFailure, ErrorCode>>> = {
  'not-found': 'secret-not-found',
  'denied': 'passphrase-wrong',
  'sealed': 'passphrase-needed',
  'odd-reply': 'local-store-broken',
  'timed-out': 'local-store-in-use',
};

/** Runs `doing` with the local store. Throws ToolError where the store throws StoreError. */
export async function withLocalStore<T>(given: Given, io: Io, doing: (store: LocalStore) => Promise<T>): Promise<T> {
  try {
    const path = optionOf(given, 'path');
    return await doing(
      openLocalStore(path === undefined ? {} : { path }, {
        env: io.env,
        folder: io.cwd,
        readFile: readSettingFile,
        now: io.now,
        askHidden: (question) => askHidden(io, question),
      }),
    );
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new ToolError(CODES[error.why] ?? 'local-store-refused', { reason: error.message }, { cause: error });
  }
}

/** A note on stderr, unless --quiet was given. */
export function say(given: Given, io: Io, sentence: string): void {
  if (!isSet(given, 'quiet')) note(io, sentence);
}

/** Returns the new value: all of standard input without its last line break, or what is typed on the terminal. */
export async function readValue(io: Io, ref: string): Promise<Secret> {
  const isTyped = 'isTTY' in io.stdin && io.stdin.isTTY === true;
  const text = isTyped ? await askHidden(io, `value of ${ref}: `) : await readStdin(io);
  if (text === null || text === '') throw new StoreError('misconfigured', 'the value is empty; nothing was stored');
  return new Secret(text, 'local');
}

async function readStdin(io: Io): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of io.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_STDIN_BYTES) throw new StoreError('misconfigured', 'the value is too large; nothing was stored');
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (!isUtf8(bytes)) throw new StoreError('misconfigured', 'the value is no UTF-8 text; encode it first, as base64 for example');
  return bytes.toString('utf8').replace(/\r?\n$/, '');
}

async function readSettingFile(path: string): Promise<string> {
  try {
    return readText(path, MAX_CONFIG_BYTES, null);
  } catch (error) {
    throw new StoreError('misconfigured', `${path} cannot be read: ${shortReason(error)}`, { cause: error });
  }
}
