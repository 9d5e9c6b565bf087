/**
 * The log of rotations: one JSON object a line, written and flushed before and after each thing that is done, so that a run that was killed is known up to its last
 * step. A chain of keyed digests whose key moves on with each line (facts/stores.md 6.5): who takes over the machine today can write what comes, but not change what
 * was. In: events of runs, their times and who acted. Out: the same again; `verify-journal.ts` checks them. No line holds a secret.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Canonical, canonicalJson } from '../core/canonical-json.ts';
import { StoreError } from '../core/stores.ts';
import { appendThrough, createWhole, lastLineOf, makeFolder, readWhole, replaceWhole } from '../system/durable-files.ts';
import { withLock } from '../system/lock.ts';
import type { RunEvent } from './progress.ts';

/** Who runs leakwarden; `ci`: the address of the job. */
export type Actor = { readonly user: string; readonly host: string; readonly ci?: string };

export type JournalEntry = {
  readonly seq: number;
  readonly at: string;
  /** Id of the plan: 64 hexadecimal digits. */
  readonly plan: string;
  readonly actor: Actor;
  readonly event: RunEvent;
  /** `mac` of the line before; '' for the first. */
  readonly prev: string;
  readonly mac: string;
};

/** The last line, and the key for the next one. */
export type JournalHead = { readonly seq: number; readonly mac: string; readonly key: string };

/** A line tells one step; the longest have a sentence or a fact of some hundred characters. */
export const MAX_LINE_BYTES = 1 << 16;
/** Some ten thousand rotations. */
export const MAX_JOURNAL_BYTES = 256 << 20;
const MAX_HEAD_BYTES = 1024;
const KEY_BYTES = 32;
/** Entries between two checkpoints of a run; the end of a run is one, too. */
const CHECKPOINT_EVERY = 64;

export type JournalPlaces = {
  /** Holds the log and its head. */
  readonly folder: string;
  /** The first key, to verify with; in another folder, or better on another machine. Made with the first line. */
  readonly keyFile: string;
  /** The last line at the end of the last run, beside the key: an old copy of the folder is told by it. */
  readonly checkpointFile: string;
};

export const journalFile = ({ folder }: JournalPlaces): string => join(folder, 'journal.jsonl');
export const headFile = ({ folder }: JournalPlaces): string => join(folder, 'journal-head.json');

export class Journal {
  readonly #places: JournalPlaces;
  readonly #now: () => Date;

  constructor(places: JournalPlaces, now: () => Date) {
    this.#places = places;
    this.#now = now;
  }

  /** Adds a line and returns its time. When it returns, the line is on the disk. Throws StoreError: odd-reply when the log cannot be gone on with. */
  async append(plan: string, actor: Actor, event: RunEvent): Promise<string> {
    const { folder } = this.#places;
    makeFolder(folder);
    return withLock(folder, () => {
      const { head, size } = this.#tip();
      const at = this.#now().toISOString();
      const body = { seq: head.seq + 1, at, plan, actor, event, prev: head.mac };
      const mac = macOf(body, head.key);
      const line = `${canonicalJson({ ...body, mac } as Canonical)}\n`;
      if (Buffer.byteLength(line) > MAX_LINE_BYTES) throw new StoreError('odd-reply', 'a line of the log of rotations would be too long');
      appendThrough(journalFile(this.#places), line, size);
      replaceWhole(headFile(this.#places), headText({ seq: body.seq, mac, key: nextKey(head.key) }));
      if (event.event === 'end' || body.seq % CHECKPOINT_EVERY === 0)
        replaceWhole(this.#places.checkpointFile, `${JSON.stringify({ seq: body.seq, mac })}\n`);
      return at;
    });
  }

  /** Returns the lines that can be read, oldest first, unverified: who may change them may change the machine's stores too. */
  entries(): readonly JournalEntry[] {
    const text = readWhole(journalFile(this.#places), MAX_JOURNAL_BYTES)?.toString('utf8') ?? '';
    return text
      .split('\n')
      .slice(0, -1)
      .flatMap((line) => parseEntry(line) ?? []);
  }

  /** Where the next line goes. A line that a crash cut short was never promised to anybody, and is written over. */
  #tip(): { readonly head: JournalHead; readonly size: number } {
    const head = readHead(this.#places) ?? this.#newHead();
    const { line, size } = lastLineOf(journalFile(this.#places), MAX_LINE_BYTES);
    const entry = line === null ? null : parseEntry(line);
    if ((entry?.mac ?? '') === head.mac) return { head, size };
    // A crash between the line and the head.
    if (entry !== null && entry.seq === head.seq + 1 && entry.prev === head.mac && macOf(entry, head.key) === entry.mac)
      return { head: { seq: entry.seq, mac: entry.mac, key: nextKey(head.key) }, size };
    throw this.#broken();
  }

  #newHead(): JournalHead {
    const { keyFile } = this.#places;
    if (lastLineOf(journalFile(this.#places), MAX_LINE_BYTES).size > 0) throw this.#broken();
    createWhole(keyFile, `${randomBytes(KEY_BYTES).toString('hex')}\n`);
    const key = readFirstKey(this.#places);
    const seq = readCheckpoint(this.#places)?.seq ?? 0;
    // The log that the key belongs to is gone: a new one must not look like its beginning.
    if (key === null || seq > 0) throw this.#broken();
    // On the disk before the first line: a line without it would look like one of a log that was taken away.
    const head = { seq: 0, mac: '', key };
    replaceWhole(headFile(this.#places), headText(head));
    return head;
  }

  #broken(): StoreError {
    const { folder, keyFile, checkpointFile } = this.#places;
    return new StoreError(
      'odd-reply',
      `the log of rotations in ${folder} was changed or cut off: leakwarden rotate verify-log says where; to begin a new one, move it away together with ${keyFile} and ${checkpointFile}`,
    );
  }
}

/** Returns the digest of an entry (its own `mac` left out) under the key of its number. */
export function macOf({ seq, at, plan, actor, event, prev }: Omit<JournalEntry, 'mac'>, key: string): string {
  const text = canonicalJson({ seq, at, plan, actor, event, prev } as Canonical);
  return createHmac('sha256', Buffer.from(key, 'hex')).update(text).digest('hex');
}

/** Forward only: nobody finds the key before from the one after. */
export function nextKey(key: string): string {
  return createHash('sha256').update(Buffer.from(key, 'hex')).digest('hex');
}

function headText(head: JournalHead): string {
  return `${JSON.stringify(head)}\n`;
}

export function readHead(places: JournalPlaces): JournalHead | null {
  const fields = readJson(headFile(places));
  const { seq, mac, key } = fields;
  return typeof seq === 'number' && typeof mac === 'string' && isKey(key) ? { seq, mac, key } : null;
}

export function readCheckpoint({ checkpointFile }: JournalPlaces): { readonly seq: number; readonly mac: string } | null {
  const { seq, mac } = readJson(checkpointFile);
  return typeof seq === 'number' && typeof mac === 'string' ? { seq, mac } : null;
}

/** Returns null where there is none. */
export function readFirstKey({ keyFile }: Pick<JournalPlaces, 'keyFile'>): string | null {
  const text = readWhole(keyFile, MAX_HEAD_BYTES)?.toString('latin1').trim();
  return isKey(text) ? text : null;
}

function isKey(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

function readJson(path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readWhole(path, MAX_HEAD_BYTES)?.toString('utf8') ?? '');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** Returns null for a line that is no entry. */
export function parseEntry(line: string): JournalEntry | null {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : null;
  } catch {
    // No JSON: whoever verifies says which line.
    return null;
  }
}

function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, at, plan, actor, event, prev, mac } = value as Partial<Record<string, unknown>>;
  const isNamed = typeof event === 'object' && event !== null && 'event' in event && typeof event.event === 'string';
  return typeof seq === 'number' && [at, plan, prev, mac].every((one) => typeof one === 'string') && typeof actor === 'object' && isNamed;
}
