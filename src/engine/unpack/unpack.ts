/**
 * Walks an archive, and archives in it, and gives what is to be scanned, one after another in the archive's own order: nothing is written anywhere, and
 * one entry is in memory at a time. Called by scan-archive.ts. Paths are `outer.zip!inner.tar.gz!file`; names of entries are only shown.
 */
import type { Problem } from '../../core/contracts.ts';
import { printable } from '../../core/errors.ts';
import { detectEncoding } from '../encoding.ts';
import type { ReadAt } from '../windows.ts';
import { type Budget, MAX_NAME_CHARACTERS } from './bounds.ts';
import { type Entry, Fault, type Format, fileNameOf, HEAD_BYTES, type Input } from './format.ts';
import { recognise } from './index.ts';
import { EntryBytes, inputOf, readFromPieces } from './pieces.ts';

export type Unpacked =
  | { readonly kind: 'blob'; readonly path: string; readonly readAt: ReadAt }
  | { readonly kind: 'binary'; readonly path: string }
  | { readonly kind: 'problem'; readonly problem: Problem };

export type UnpackOptions = {
  /** Levels of archives that are opened; the outermost is the first. */
  readonly maxDepth: number;
  readonly includeBinary: boolean;
  readonly budget: Budget;
};

/** Gives what is in the archive at `path`. A blob can be read until the next is asked for. Throws only bugs and errors of the file system. */
export async function* unpack(input: Input, format: Format, path: string, options: UnpackOptions): AsyncGenerator<Unpacked> {
  try {
    yield* unpackLevel(input, format, path, 1, options);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    yield problemOf(error, path);
  }
}

async function* unpackLevel(input: Input, format: Format, path: string, level: number, options: UnpackOptions): AsyncGenerator<Unpacked> {
  try {
    for await (const item of format.items(input, options.budget)) {
      if (item instanceof Fault) yield faultOf(item, item.entry === null ? path : innerPath(path, item.entry), options);
      else yield* unpackEntry(item, format, path, level, options);
    }
  } catch (error) {
    if (!(error instanceof Fault) || error.isFinal) throw error;
    yield faultOf(error, path, options);
  }
}

async function* unpackEntry(entry: Entry, outer: Format, path: string, level: number, options: UnpackOptions): AsyncGenerator<Unpacked> {
  const { budget } = options;
  budget.countEntry();
  const inner = innerPath(path, entry.name);
  if (entry.name.length > MAX_NAME_CHARACTERS) {
    const fault = new Fault('archive-limit', 'the length of a name in characters', { limit: MAX_NAME_CHARACTERS });
    yield faultOf(fault, inner, options);
  }
  const bytes = new EntryBytes(entry.pieces(), budget);
  try {
    const head = await bytes.head(HEAD_BYTES);
    // What a notebook or a store of keys gives is no archive, whatever it looks like: else it could be its own content.
    const isLeaf = outer.kind === 'text' || outer.kind === 'key';
    const format = isLeaf ? null : recognise(head, entry.name);
    if (head.length === 0 && bytes.fault) {
      // Nothing of it could be read: the problem says so.
    } else if (format) {
      // A tar in a gzip is one archive to people: one name, one level.
      const isOne = outer.kind === 'compressed' && format.kind === 'archive';
      const isArchive = format.kind === 'archive' || format.kind === 'compressed';
      if (!isOne && isArchive && level >= options.maxDepth) {
        const fault = new Fault('archive-limit', 'the nesting of archives', { limit: options.maxDepth });
        yield faultOf(fault, inner, options);
        return;
      }
      const next = inputOf(bytes, head, fileNameOf(entry.name));
      yield* unpackLevel(next, format, isOne ? path : inner, isOne ? level : level + 1, options);
    } else if (detectEncoding(head) === 'binary' && !options.includeBinary) {
      yield { kind: 'binary', path: inner };
    } else {
      yield { kind: 'blob', path: inner, readAt: readFromPieces(await bytes.gather()) };
    }
    if (bytes.fault) yield faultOf(bytes.fault, inner, options);
  } finally {
    await bytes.close();
  }
}

/** An entry's name stands behind a `!`, as Java writes it, whatever is in it: `..` and drive letters mean nothing here. */
function innerPath(path: string, name: string): string {
  const cut = name.length > MAX_NAME_CHARACTERS ? `${name.slice(0, MAX_NAME_CHARACTERS)}…` : name;
  return `${path}!${printable(cut)}`;
}

function faultOf(fault: Fault, path: string, { budget }: UnpackOptions): Unpacked {
  budget.countFault();
  return problemOf(fault, path);
}

function problemOf({ code, message, limit }: Fault, path: string): Unpacked {
  return { kind: 'problem', problem: { code, where: path, data: { path, reason: message, limit } } };
}
