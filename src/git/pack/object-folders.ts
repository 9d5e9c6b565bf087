/**
 * Finds where a repository's objects lie: its own folder `objects` and the alternates it names (gitrepository-layout), and how long their ids are. Called by
 * src/engine/history. The folders are only read; that an alternate leads elsewhere is what alternates are for, git follows them too.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';

export type ObjectFolders = {
  /** `objects` folders, the repository's own first, each once. */
  readonly folders: readonly string[];
  /** Bytes of an object id: 20, or 32 in a SHA-256 repository. */
  readonly idBytes: 20 | 32;
  /** Alternates that were not followed, and why. */
  readonly faults: readonly { readonly folder: string; readonly reason: string }[];
};

/** As deep as git follows them (object-file.c, link_alt_odb_entries). */
const MAX_ALTERNATE_DEPTH = 5;
const MAX_ALTERNATES = 100;

/** Returns the folders of the repository whose git directory this is (a linked work tree's has its objects elsewhere). */
export function findObjectFolders(gitDir: string): ObjectFolders {
  const common = commonFolder(gitDir);
  const faults: { folder: string; reason: string }[] = [];
  const folders: string[] = [];
  const follow = (folder: string, depth: number): void => {
    let real: string;
    try {
      real = realpathSync(folder);
    } catch {
      faults.push({ folder, reason: 'there is no such folder' });
      return;
    }
    if (folders.includes(real)) return;
    if (depth > MAX_ALTERNATE_DEPTH || folders.length >= MAX_ALTERNATES) {
      faults.push({
        folder,
        reason: depth > MAX_ALTERNATE_DEPTH ? 'alternates of alternates go too deep' : 'there are too many alternates',
      });
      return;
    }
    folders.push(real);
    for (const line of readText(path.join(real, 'info', 'alternates')).split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      follow(path.resolve(real, unquote(line)), depth + 1);
    }
  };
  follow(path.join(common, 'objects'), 0);
  return { folders, idBytes: isSha256(common) ? 32 : 20, faults };
}

function commonFolder(gitDir: string): string {
  const link = readText(path.join(gitDir, 'commondir')).trim();
  return link === '' ? gitDir : path.resolve(gitDir, link);
}

function isSha256(common: string): boolean {
  return /^\s*objectformat\s*=\s*"?sha256/im.test(readText(path.join(common, 'config')));
}

/** A path with unusual characters stands in quotes, as in C. */
function unquote(line: string): string {
  if (!line.startsWith('"') || !line.endsWith('"')) return line;
  const latin1 = line.slice(1, -1).replace(/\\([0-7]{3}|.)/g, (_, escaped: string) => {
    if (escaped.length === 3) return String.fromCharCode(Number.parseInt(escaped, 8) & 0xff);
    return { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }[escaped] ?? escaped;
  });
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

/** Returns a small file's text, '' where there is none. */
function readText(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
