/**
 * The local store's audit log: one JSON object a line, refs and actions, never a value. Each line is bound to the one before by a keyed digest, and a small file
 * beside it, replaced with each line, holds the last digest: so a changed, missing or cut-off line is seen. Who puts back an old copy of everything is not.
 */
import { readSync } from 'node:fs';
import { join } from 'node:path';
import { StoreError } from '../core/stores.ts';
import { appendThrough, lastLineOf, readWhole, replaceWhole, withFile } from '../system/durable-files.ts';
import type { StoreKeys } from './local-key.ts';

export const ACTIONS = ['create', 'put', 'rotate', 'read', 'index', 'disable', 'enable', 'drop', 'gap'] as const;
export type Action = (typeof ACTIONS)[number];

/** `ref` and `version` are '' where the action is about the whole store. */
export type LogEntry = {
  readonly seq: number;
  readonly at: string;
  readonly action: Action;
  readonly ref: string;
  readonly version: string;
  /** The digest of the entry before, '' for the first. */
  readonly prev: string;
  readonly mac: string;
};

type Tip = { readonly seq: number; readonly mac: string };

/** Longer than the longest line: a ref has 512 characters, of which JSON makes 3,072 at most. */
const MAX_LINE_BYTES = 8192;
const CHUNK_BYTES = 1 << 16;
const MAX_HEAD_BYTES = 1024;

const logFile = (folder: string): string => join(folder, 'log.jsonl');
const headFile = (folder: string): string => join(folder, 'log-head.json');

/** Adds an entry; the caller holds the lock, and writes only after it: so nothing is done that is not in the log. */
export function record(folder: string, keys: StoreKeys, at: Date, action: Action, ref = '', version = ''): void {
  const { tip, size, isBroken } = findTip(folder, keys);
  const entries =
    isBroken && action !== 'create'
      ? [{ action: 'gap', ref: '', version: '' } as const, { action, ref, version }]
      : [{ action, ref, version }];
  let last = tip;
  let lines = '';
  for (const entry of entries) {
    const body = { seq: last.seq + 1, at: at.toISOString(), ...entry, prev: last.mac };
    const mac = keys.mac('log', bodyText(body));
    lines += `${JSON.stringify({ ...body, mac })}\n`;
    last = { seq: body.seq, mac };
  }
  appendThrough(logFile(folder), lines, size);
  replaceWhole(headFile(folder), `${JSON.stringify({ ...last, head: keys.mac('log', headText(last)) })}\n`);
}

/** Yields the entries, oldest first, and a sentence at each place where the chain does not hold. */
export function* readLog(folder: string, keys: StoreKeys): Generator<LogEntry | string> {
  const head = readHead(folder, keys);
  let last: Tip = { seq: 0, mac: '' };
  let isHeadMet = head?.seq === 0;
  for (const { text, number } of linesOf(logFile(folder))) {
    const entry = parseEntry(text, keys);
    if (entry === null) {
      yield `line ${number} is damaged, or was changed`;
      continue;
    }
    if (entry.prev !== last.mac || entry.seq !== last.seq + 1) yield `before line ${number} something is missing or was moved`;
    if (entry.action === 'gap') yield `at line ${number} the store met a log without its end`;
    yield entry;
    last = entry;
    isHeadMet ||= entry.mac === head?.mac;
  }
  if (head === null) yield 'the file that holds the end of the log is gone or was changed';
  else if (!isHeadMet) yield `the log was cut off: its last entry should be number ${head.seq}`;
}

/** Where the next entry goes. A line that a crash cut short was never promised to anybody, and is written over. */
function findTip(folder: string, keys: StoreKeys): { readonly tip: Tip; readonly size: number; readonly isBroken: boolean } {
  const { line, size } = lastLineOf(logFile(folder), MAX_LINE_BYTES);
  const entry = line === null ? null : parseEntry(line, keys);
  const head = readHead(folder, keys);
  if (head === null) return { tip: entry ?? { seq: 0, mac: '' }, size, isBroken: true };
  // A crash between the line and the head.
  const isAhead = entry !== null && entry.seq === head.seq + 1 && entry.prev === head.mac;
  return { tip: isAhead ? entry : head, size, isBroken: !isAhead && entry?.mac !== head.mac };
}

function readHead(folder: string, keys: StoreKeys): Tip | null {
  const text = readWhole(headFile(folder), MAX_HEAD_BYTES)?.toString('utf8') ?? '';
  try {
    const { seq, mac, head } = JSON.parse(text) as Partial<Record<string, unknown>>;
    if (typeof seq !== 'number' || typeof mac !== 'string' || typeof head !== 'string') return null;
    return keys.isMac('log', headText({ seq, mac }), head) ? { seq, mac } : null;
  } catch {
    // None, or no JSON: both mean that the end is not known.
    return null;
  }
}

function parseEntry(text: string, keys: StoreKeys): LogEntry | null {
  try {
    const value: unknown = JSON.parse(text);
    return isEntry(value) && keys.isMac('log', bodyText(value), value.mac) ? value : null;
  } catch {
    // No JSON: the caller says which line.
    return null;
  }
}

function isEntry(value: unknown): value is LogEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, at, action, ref, version, prev, mac } = value as Partial<Record<string, unknown>>;
  return (
    typeof seq === 'number' &&
    ACTIONS.some((known) => known === action) &&
    [at, ref, version, prev, mac].every((one) => typeof one === 'string')
  );
}

function bodyText({ seq, at, action, ref, version, prev }: Omit<LogEntry, 'mac'>): string {
  return JSON.stringify(['entry', seq, at, action, ref, version, prev]);
}

function headText({ seq, mac }: Tip): string {
  return JSON.stringify(['head', seq, mac]);
}

/** Yields the lines that end; a log of any size is read piece by piece. */
function* linesOf(path: string): Generator<{ readonly text: string; readonly number: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  for (let at = 0; ; ) {
    const chunk = readAt(path, at);
    if (chunk.length === 0) return;
    at += chunk.length;
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      number += 1;
      yield { text: rest.toString('utf8', 0, end), number };
      rest = rest.subarray(end + 1);
    }
    if (rest.length > MAX_LINE_BYTES)
      throw new StoreError('odd-reply', `${path} is not a log of leakwarden: line ${number + 1} has no end`);
  }
}

function readAt(path: string, at: number): Buffer {
  return withFile(path, Buffer.alloc(0), (file) => {
    const bytes = Buffer.alloc(CHUNK_BYTES);
    return bytes.subarray(0, readSync(file, bytes, 0, CHUNK_BYTES, at));
  });
}
