/**
 * Checks the log of rotations against its first key: every line, their order, none missing, none cut off the end. In: the places of the log. Out: how many lines hold,
 * and a sentence for each thing that is wrong. What it cannot see: that somebody put back an older copy of log, head and checkpoint together; hence `expected`.
 */
import { readWhole } from '../system/durable-files.ts';
import {
  type JournalEntry,
  type JournalPlaces,
  journalFile,
  MAX_JOURNAL_BYTES,
  macOf,
  nextKey,
  parseEntry,
  readCheckpoint,
  readFirstKey,
  readHead,
} from './journal.ts';

/** A line of the log that somebody kept elsewhere. */
export type Checkpoint = { readonly seq: number; readonly mac: string };

export type JournalCheck = { readonly entries: number; readonly last: Checkpoint | null; readonly faults: readonly string[] };

/** A log that is all wrong needs no list of a million lines. */
const MOST_FAULTS = 50;
/** Far beyond MAX_JOURNAL_BYTES of the shortest lines: a number that a line claims costs no more hashing than this. */
const MAX_SEQ = 2_000_000;

/** `expected`: what must be in it still. Throws StoreError where the log cannot be read. */
export function verifyJournal(places: JournalPlaces, expected: readonly Checkpoint[] = []): JournalCheck {
  const text = readWhole(journalFile(places), MAX_JOURNAL_BYTES)?.toString('utf8') ?? '';
  const head = readHead(places);
  const checkpoint = readCheckpoint(places);
  const first = readFirstKey(places);
  const faults: string[] = [];
  if (first === null) {
    const isNothing = text === '' && head === null && checkpoint === null;
    return { entries: 0, last: null, faults: isNothing ? [] : [`the key ${places.keyFile} is gone or damaged: nothing can be checked`] };
  }
  const keys = new KeyLine(first);
  const macs = new Map<number, string>();
  let last: Checkpoint = { seq: 0, mac: '' };
  // What stands after the last line break was never whole.
  for (const [index, line] of text.split('\n').slice(0, -1).entries()) {
    const entry = parseEntry(line);
    const fault = faultOf(entry, last, keys, index + 1);
    if (fault !== null) faults.push(fault);
    if (entry === null || !holds(entry, keys)) continue;
    macs.set(entry.seq, entry.mac);
    if (entry.seq > last.seq) last = { seq: entry.seq, mac: entry.mac };
  }
  if (head === null) faults.push('the file that holds the end of the log is gone or damaged');
  else if (keys.at(head.seq + 1) !== head.key) faults.push('the file that holds the end of the log was changed');
  else if (head.seq > 0 && macs.get(head.seq) !== head.mac) faults.push(`the log was cut off: it should go on to line ${head.seq}`);
  for (const { seq, mac } of [...(checkpoint === null ? [] : [checkpoint]), ...expected])
    if (macs.get(seq) !== mac) faults.push(`the log is not the one of the checkpoint: line ${seq} is missing or another one`);
  return { entries: macs.size, last: last.seq === 0 ? null : last, faults: faults.slice(0, MOST_FAULTS) };
}

function faultOf(entry: JournalEntry | null, last: Checkpoint, keys: KeyLine, number: number): string | null {
  if (entry === null) return `line ${number} is damaged`;
  if (!holds(entry, keys)) return `line ${number} was changed`;
  if (entry.seq <= last.seq) return `line ${number} was moved or put in twice: it is entry ${entry.seq}`;
  if (entry.seq !== last.seq + 1) return `before line ${number} ${entry.seq - last.seq - 1} entries are missing`;
  return entry.prev === last.mac ? null : `line ${number} does not follow the one before it`;
}

function holds(entry: JournalEntry, keys: KeyLine): boolean {
  const key = keys.at(entry.seq);
  return key !== null && macOf(entry, key) === entry.mac;
}

/** The keys of the lines, in order; each is made once. */
class KeyLine {
  readonly #keys: string[];

  constructor(first: string) {
    this.#keys = [first];
  }

  /** Of line `seq`, from 1; null for numbers that no line has. */
  at(seq: number): string | null {
    if (!Number.isInteger(seq) || seq < 1 || seq > MAX_SEQ) return null;
    for (let last = this.#keys.at(-1) ?? ''; this.#keys.length < seq; this.#keys.push(last)) last = nextKey(last);
    return this.#keys[seq - 1] ?? null;
  }
}
