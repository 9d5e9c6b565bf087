/** Where the user's own files lie (XDG base directories), and how private ones are written: mode 0600, beside their place and renamed into it. Called by what keeps stores and their index. */
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { ToolError } from '../core/errors.ts';
import { shortReason } from './read-text.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export type UserFolder = 'config' | 'state';

const VARIABLES = { config: 'XDG_CONFIG_HOME', state: 'XDG_STATE_HOME' } as const;
const ON_WINDOWS = { config: 'APPDATA', state: 'LOCALAPPDATA' } as const;
const BELOW_HOME = { config: '.config', state: join('.local', 'state') } as const;

/** Returns leakwarden's folder, or null where the environment tells of none. Relative paths in the variables do not count, as the XDG specification says. */
export function userFolder(which: UserFolder, env: Environment): string | null {
  const named = [env[VARIABLES[which]], env[ON_WINDOWS[which]]].find((path) => path !== undefined && isAbsolute(path));
  if (named !== undefined) return join(named, 'leakwarden');
  const home = env['HOME'] ?? env['USERPROFILE'];
  return home !== undefined && isAbsolute(home) ? join(home, BELOW_HOME[which], 'leakwarden') : null;
}

/** Throws ToolError `no-home`. */
export function requiredFolder(which: UserFolder, what: string, env: Environment): string {
  const folder = userFolder(which, env);
  if (folder !== null) return folder;
  throw new ToolError('no-home', { what, variable: VARIABLES[which] });
}

/** Replaces a file, or makes it and its folder. Throws ToolError `output-failed`. */
export function writePrivateFile(path: string, content: string | Uint8Array): void {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(file, content);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new ToolError('output-failed', { path, reason: shortReason(error) }, { cause: error });
  }
}
