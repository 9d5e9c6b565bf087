// The baselines of the tree benchmark: one thread lists the files of the working directory and reads them, and does nothing with the bytes.
// Plainly, each whole into memory of its own (`memory`); or, the least that reading can cost, all into the same buffer, which stays in the
// processor's caches (`buffer`). Lists as the scanner does: through git in a repository, else by reading folders; links are not followed.
// Started by tree.mjs as a process of its own; prints how many files and bytes it read.
import { spawnSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

const BUFFER_BYTES = 4 * 1024 * 1024;
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** A link, a folder, gone since it was listed, a socket: nothing to read. */
const NO_FILE = new Set(['ELOOP', 'EISDIR', 'ENOENT', 'ENXIO']);

/** Returns the paths of the files below the working directory. In a repository links and submodules are among them. */
export function listFiles() {
  return existsSync('.git') ? listByGit() : listByFolders();
}

function listByGit() {
  const { status, stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error('git ls-files failed');
  return stdout.toString().split('\0').slice(0, -1);
}

function listByFolders() {
  const files = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(folder || '.', { withFileTypes: true })) {
      if (entry.isDirectory() && entry.name !== '.git') folders.push(`${folder}${entry.name}/`);
      else if (entry.isFile()) files.push(folder + entry.name);
    }
  }
  return files;
}

/** Reads each file piece by piece into `buffer`; `onPiece(length, position)` sees the pieces. Returns `{ files, bytes }`. */
export function readFiles(paths, buffer, onPiece) {
  let files = 0;
  let bytes = 0;
  for (const path of paths) {
    const size = readOne(path, buffer, onPiece);
    if (size === null) continue;
    files += 1;
    bytes += size;
  }
  return { files, bytes };
}

function readOne(path, buffer, onPiece) {
  let descriptor;
  try {
    descriptor = openSync(path, OPEN_FLAGS);
    let position = 0;
    for (;;) {
      const length = readSync(descriptor, buffer, 0, buffer.length, null);
      onPiece?.(length, position);
      position += length;
      if (length < buffer.length) return position;
    }
  } catch (error) {
    if (NO_FILE.has(error.code)) return null;
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Reads each file into a buffer of its own and holds them all. Returns `{ files, bytes }`. */
function readIntoMemory(paths) {
  const texts = [];
  for (const path of paths) {
    try {
      texts.push(readFileSync(path, { flag: OPEN_FLAGS }));
    } catch (error) {
      if (!NO_FILE.has(error.code)) throw error;
    }
  }
  return { files: texts.length, bytes: texts.reduce((sum, text) => sum + text.length, 0) };
}

if (process.argv[1]?.endsWith('read-tree.mjs')) {
  const paths = listFiles();
  const counts = process.argv[2] === 'memory' ? readIntoMemory(paths) : readFiles(paths, Buffer.alloc(BUFFER_BYTES));
  process.stdout.write(JSON.stringify(counts));
}
