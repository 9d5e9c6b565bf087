// Where things lie: the project, its real entry file, the ignored folder for whatever a benchmark makes.
import { mkdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** What `leakwarden` starts when it is installed. */
export const BIN = join(ROOT, JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).bin.leakwarden);

/** Returns the path of a file or folder that a benchmark makes; the folder above it is there. */
export function cachePath(name) {
  const folder = join(ROOT, '.cache');
  mkdirSync(join(folder, 'bench', 'home'), { recursive: true });
  return join(folder, name);
}

/**
 * Returns the environment of every process that is measured: nothing of the user's settings. NODE_EXTRA_CA_CERTS alone costs each Node
 * some milliseconds, and a git configuration may start anything.
 */
export function plainEnvironment(extra = {}) {
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  return { PATH: path, HOME: cachePath('bench/home'), GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C', ...extra };
}
