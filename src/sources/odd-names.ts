/**
 * Files whose names are not valid UTF-8. The engine opens files by text, so these are read here and handed over as bytes: a name must not
 * be a place to hide. There are few of them in honest trees; the limit keeps dishonest ones from filling the memory.
 *
 * A name that truly holds U+FFFD looks like a broken one when read as text; read as bytes, it is told apart.
 */
import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { kindAt, shortReason } from '../git/file-kinds.ts';
import { pathText } from '../git/path-text.ts';
import { addFile, addProblem, type FileListing, type Folder, join } from './listing.ts';

/** All of them together in one scan. */
export const ODD_LIMIT_BYTES = 64 << 20;

const SLASH = Buffer.from('/');

type OddPath = { readonly bytes: Buffer; readonly shown: string };

/** Adds the entries of a folder whose names are broken, or look so as text. */
export function addOddEntries(listing: FileListing, folder: Folder): void {
  const names = readdirSync(folder.absolute, { encoding: 'buffer' });
  addOddPaths(
    listing,
    folder,
    names.filter((name) => !isUtf8(name) || name.includes('\ufffd')),
  );
}

/** Adds what stands at these paths, relative to the folder: files, and folders with all that is in them. */
export function addOddPaths(listing: FileListing, folder: Folder, paths: readonly Buffer[]): void {
  const stack: OddPath[] = paths.map((path) => ({
    bytes: Buffer.concat([Buffer.from(join(folder, '')), path]),
    shown: folder.shown + pathText(path),
  }));
  const seen = new Set<string>();
  for (let path = stack.pop(); path; path = stack.pop()) {
    if (seen.has(path.shown)) continue;
    seen.add(path.shown);
    try {
      for (const inner of addOddPath(listing, path)) stack.push(inner);
    } catch (error) {
      addProblem(listing, 'unreadable', path.shown, { reason: shortReason(error) });
    }
  }
}

/** Adds one file, or returns what is in one folder. */
function addOddPath(listing: FileListing, { bytes, shown }: OddPath): OddPath[] {
  const kind = kindAt(bytes);
  // Tracked by git, but deleted.
  if (kind === null) return [];
  if (kind === 'folder') {
    return readdirSync(bytes, { encoding: 'buffer' })
      .filter((name) => !name.equals(Buffer.from('.git')))
      .map((name) => ({ bytes: Buffer.concat([bytes, SLASH, name]), shown: `${shown}/${pathText(name)}` }));
  }
  if (kind === 'link') return [];
  if (kind !== 'file') addProblem(listing, 'not-a-file', shown, { kind });
  else if (isUtf8(bytes)) addFile(listing, bytes.toString('utf8'), shown);
  else addContent(listing, { bytes, shown });
  return [];
}

function addContent(listing: FileListing, { bytes, shown }: OddPath): void {
  // The kind was right a moment ago; O_NONBLOCK and O_NOFOLLOW keep a fifo or a link that took its place from doing harm.
  const fd = openSync(bytes, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const sizeBytes = fstatSync(fd).size;
    if (listing.oddBytes + sizeBytes > ODD_LIMIT_BYTES) {
      addProblem(listing, 'too-large', shown, { bytes: sizeBytes, limit: ODD_LIMIT_BYTES });
      return;
    }
    const content = Buffer.allocUnsafe(sizeBytes);
    let have = 0;
    for (let got = -1; got !== 0 && have < sizeBytes; have += got) got = readSync(fd, content, have, sizeBytes - have, null);
    listing.oddBytes += have;
    listing.blobs.push({ kind: 'bytes', provenance: { kind: 'file', path: shown }, bytes: content.subarray(0, have) });
  } finally {
    closeSync(fd);
  }
}
