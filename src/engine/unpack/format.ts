/**
 * What a format of archives is: something that is recognised by its first bytes and gives entries. Each format is a file of this folder and a line
 * in index.ts. Nothing is ever written to disk, and names are for showing only.
 */
import type { Budget } from './bounds.ts';

/** Bytes that a format may look at to recognise its own, and that tell text from binary. */
export const HEAD_BYTES = 8192;

export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Bytes at any place; fewer than asked for only at the end. What is returned is not changed by later reads. */
export type RandomBytes = { readonly size: number; read(position: number, length: number): Buffer };

/** What a format reads from. It uses one of the two, once. */
export type Input = {
  /** Its own file name, of which a compressed file's name is made. */
  readonly name: string;
  readonly head: Uint8Array;
  /** From the first byte on; a piece stays as it is until the next but one is asked for. */
  pieces(): AsyncIterable<Uint8Array>;
  /** A file is read in place; anything else is held in memory. Throws a Fault when it is too large for that. */
  random(): Promise<RandomBytes>;
};

/** A file in an archive. `pieces` throws a Fault where it is broken, when what is whole has been given. */
export type Entry = { readonly name: string; pieces(): Pieces };

export interface Format {
  readonly id: string;
  /**
   * `compressed`: one file without a directory; an archive in it counts as one with it (`a.tar.gz!b`). `text`: text by its bytes, a document by its
   * name; `key`: a store of keys. These two are no archives to people, and opened at any depth. */
  readonly kind: 'archive' | 'compressed' | 'text' | 'key';
  /** Cheap: asked for every file that is scanned. `name` is a path or file name. */
  recognises(head: Uint8Array, name: string): boolean;
  /** Gives entries, and Faults of single ones; throws a Fault when nothing more can be read. An entry is read before the next is asked for, or not at all. */
  items(input: Input, budget: Budget): AsyncIterable<Entry | Fault> | Iterable<Entry | Fault>;
}

export type FaultCode = 'archive-broken' | 'archive-encrypted' | 'archive-limit' | 'archive-method';

/** Something in an archive that cannot be read: a problem in the report, not a bug. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly limit: number;
  /** Nothing more of the outermost file is to be read. */
  readonly isFinal: boolean;
  /** Of the entry that it is about; null: the archive. */
  readonly entry: string | null;

  /** `reason` goes on from the path: no characters of what was read may stand in it. */
  constructor(
    code: FaultCode,
    reason: string,
    options: { readonly limit?: number; readonly isFinal?: boolean; readonly entry?: string; readonly cause?: unknown } = {},
  ) {
    super(reason, { cause: options.cause });
    this.name = 'Fault';
    this.code = code;
    this.limit = options.limit ?? 0;
    this.isFinal = options.isFinal ?? false;
    this.entry = options.entry ?? null;
  }
}

export function broken(reason: string, cause?: unknown): Fault {
  return new Fault('archive-broken', reason, { cause });
}

/** Returns whether `bytes` has these bytes at a place. */
export function hasBytes(bytes: Uint8Array, at: number, wanted: readonly number[]): boolean {
  // Nearly every file that is asked about differs in the first byte.
  if (bytes[at] !== wanted[0] || bytes.length < at + wanted.length) return false;
  return wanted.every((byte, index) => bytes[at + index] === byte);
}

/** Returns a name as text: UTF-8 where it is that, else Latin-1, which has a character for every byte. */
export function nameOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const utf8 = text.toString('utf8');
  return utf8.includes('\ufffd') ? text.toString('latin1') : utf8;
}

/** Returns the last part of a path, of an entry too. */
export function fileNameOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('!')) + 1);
}
