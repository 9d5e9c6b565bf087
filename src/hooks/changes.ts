/** What installing or uninstalling will do to files, as data: shown first, then applied. Nothing is applied when a file changed in between. */
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf, ToolError } from '../core/errors.ts';

export type Change =
  /** `before` null: the file is new; `after` null: it goes. */
  | {
      readonly kind: 'write';
      readonly path: string;
      readonly before: string | null;
      readonly after: string | null;
      readonly isExecutable: boolean;
    }
  | { readonly kind: 'move'; readonly path: string; readonly to: string };

/** Larger hooks and configuration files are none that a person wrote. */
const MAX_FILE_BYTES = 1 << 20;

/** Returns a file's text, or null where there is none. Throws ToolError output-failed for what is no plain file, or cannot be read. */
export function readFileOrNull(path: string): string | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  if (!stats.isFile()) throw new ToolError('output-failed', { path, reason: 'it is not a plain file' });
  if (stats.size > MAX_FILE_BYTES)
    throw new ToolError('output-failed', { path, reason: 'it is too large to be a hook or a configuration' });
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ToolError('output-failed', { path, reason: reasonOf(error) }, { cause: error });
  }
}

/** Returns the change that makes a file's text `after`, or none where it is so already. */
export function writing(path: string, after: string | null, isExecutable: boolean): Change[] {
  const before = readFileOrNull(path);
  if (before === after && (before === null || !isExecutable || isRunnable(path))) return [];
  return [{ kind: 'write', path, before, after, isExecutable }];
}

/** Applies changes in order. Throws ToolError output-failed. */
export function applyChanges(changes: readonly Change[]): void {
  for (const change of changes) {
    try {
      applyChange(change);
    } catch (error) {
      if (error instanceof ToolError) throw error;
      throw new ToolError('output-failed', { path: change.path, reason: reasonOf(error) }, { cause: error });
    }
  }
}

function applyChange(change: Change): void {
  if (change.kind === 'move') {
    if (existsSync(change.to)) throw new ToolError('output-failed', { path: change.to, reason: 'there is such a file already' });
    renameSync(change.path, change.to);
    return;
  }
  const { path, after, isExecutable } = change;
  if (after === null) {
    rmSync(path, { force: true });
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  const mode = isExecutable ? 0o755 : 0o644;
  const beside = `${path}.leakwarden-${process.pid}`;
  writeFileSync(beside, after, { mode, flag: 'wx' });
  if (isExecutable) chmodSync(beside, mode);
  renameSync(beside, path);
}

/** Whether git would run the file: it silently passes over one that is not executable. Everything is on Windows. */
export function isRunnable(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && (process.platform === 'win32' || (stats.mode & 0o111) !== 0);
}
