/**
 * Where the configuration lies: from the working directory up to the root of its repository, the first leakwarden.toml or .leakwarden.toml.
 * Outside of a repository only the working directory is looked at, since anybody may write to the folders above (/tmp). Called by settings.ts.
 */
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { ToolError } from '../core/errors.ts';

export const CONFIG_NAMES = ['leakwarden.toml', '.leakwarden.toml'] as const;

export type ConfigPlace = {
  /** Absolute. */
  readonly path: string;
  /** As messages show it. */
  readonly shown: string;
  /** False: it was found, so it came with the repository; true: the user named it. */
  readonly isTrusted: boolean;
};

export type FoundConfig = {
  /** Absolute: the root of the repository, or the folder of the configuration. Paths in files that are found count from here. */
  readonly root: string;
  readonly config: ConfigPlace | null;
};

/** `named` is the file of --config or LEAKWARDEN_CONFIG, or null; `isSearched` false: --no-config. */
export function findConfig(cwd: string, named: string | null, isSearched: boolean): FoundConfig {
  const folders = foldersUp(cwd);
  const root = folders.at(-1) ?? cwd;
  if (named !== null) return { root, config: { path: resolve(cwd, named), shown: named, isTrusted: true } };
  if (!isSearched) return { root, config: null };
  for (const folder of folders) {
    const paths = CONFIG_NAMES.map((name) => join(folder, name)).filter((path) => existsSync(path));
    const [path] = paths;
    if (path === undefined) continue;
    const shown = relative(cwd, path);
    if (paths.length > 1)
      throw new ToolError('config-invalid', { path: shown, line: 1, reason: `there is ${CONFIG_NAMES[1]} beside it; keep one` });
    return { root, config: { path, shown, isTrusted: false } };
  }
  return { root, config: null };
}

/** Returns the working directory and those above it up to the root of the repository; outside of one, the working directory alone. */
function foldersUp(cwd: string): string[] {
  const folders: string[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    folders.push(folder);
    if (existsSync(join(folder, '.git'))) return folders;
    if (dirname(folder) === folder) return [cwd];
  }
}
