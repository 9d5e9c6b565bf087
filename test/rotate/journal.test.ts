/** The log of rotations: what it takes, what survives a crash, and what a check of it sees. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { headFile, Journal, type JournalPlaces, journalFile } from '../../src/rotate/journal.ts';
import type { RunEvent } from '../../src/rotate/progress.ts';
import { verifyJournal } from '../../src/rotate/verify-journal.ts';

const root = mkdtempSync(join(tmpdir(), 'leakwarden-journal-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const PLAN = 'a'.repeat(64);
const actor = { user: 'alice', host: 'here' };
let count = 0;
let places: JournalPlaces;
let journal: Journal;
const open = (): Journal => new Journal(places, () => new Date('2026-03-01T12:00:00Z'));
const fact = (value: string): RunEvent => ({ event: 'fact', name: 'n', value });
const lines = (): string[] => readFileSync(journalFile(places), 'utf8').split('\n').slice(0, -1);
const write = (changed: readonly string[]): void => writeFileSync(journalFile(places), changed.map((line) => `${line}\n`).join(''));

beforeEach(() => {
  const folder = join(root, String(++count));
  places = { folder: join(folder, 'log'), keyFile: join(folder, 'first.key'), checkpointFile: join(folder, 'checkpoint') };
  journal = open();
});

async function fill(entries: number): Promise<void> {
  for (let at = 1; at <= entries; at++) await journal.append(PLAN, actor, fact(String(at)));
}

describe('the log', () => {
  it('keeps what it is given, in order, for the next process', async () => {
    await fill(3);
    await open().append(PLAN, { ...actor, ci: 'https://ci.example/4' }, { event: 'end', end: 'CLOSED', reason: 'r' });
    expect(
      open()
        .entries()
        .map(({ seq, plan, event }) => [seq, plan, event.event]),
    ).toEqual([
      [1, PLAN, 'fact'],
      [2, PLAN, 'fact'],
      [3, PLAN, 'fact'],
      [4, PLAN, 'end'],
    ]);
    expect(verifyJournal(places)).toMatchObject({ entries: 4, last: { seq: 4 }, faults: [] });
    for (const file of [journalFile(places), headFile(places), places.keyFile, places.checkpointFile])
      expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
  });

  it('lets many write at the same time', async () => {
    await Promise.all(Array.from({ length: 12 }, (_, at) => open().append(PLAN, actor, fact(String(at)))));
    expect(verifyJournal(places)).toMatchObject({ entries: 12, faults: [] });
  });

  it('does not keep the keys of lines that were written', async () => {
    await fill(2);
    const first = readFileSync(places.keyFile, 'utf8').trim();
    expect(readFileSync(headFile(places), 'utf8')).not.toContain(first);
  });

  it('writes over a line that a crash cut short', async () => {
    await fill(2);
    appendFileSync(journalFile(places), '{"seq":3,"at":"2026');
    await journal.append(PLAN, actor, fact('3'));
    expect(verifyJournal(places)).toMatchObject({ entries: 3, faults: [] });
  });

  it('goes on where a crash came between a line and its head', async () => {
    await fill(2);
    const head = readFileSync(headFile(places), 'utf8');
    await fill(1);
    writeFileSync(headFile(places), head);
    await journal.append(PLAN, actor, fact('4'));
    expect(verifyJournal(places)).toMatchObject({ entries: 4, faults: [] });
  });

  it('does not go on with a log that was changed', async () => {
    await fill(3);
    write(lines().slice(0, 2));
    await expect(journal.append(PLAN, actor, fact('4'))).rejects.toThrow('was changed or cut off');
    rmSync(journalFile(places));
    await expect(journal.append(PLAN, actor, fact('4'))).rejects.toThrow('was changed or cut off');
  });

  it('does not begin anew where a log has been', async () => {
    await journal.append(PLAN, actor, { event: 'end', end: 'CLOSED', reason: 'r' });
    rmSync(places.folder, { recursive: true });
    await expect(journal.append(PLAN, actor, fact('1'))).rejects.toThrow('was changed or cut off');
    expect(verifyJournal(places).faults).not.toEqual([]);
  });
});

describe('a check of the log', () => {
  beforeEach(() => fill(5));

  it.each([
    [
      'a changed line',
      () => write(lines().map((line, at) => (at === 2 ? line.replace('"value":"3"', '"value":"9"') : line))),
      'line 3 was changed',
    ],
    ['another actor', () => write(lines().map((line, at) => (at === 0 ? line.replace('alice', 'mallory') : line))), 'line 1 was changed'],
    ['a missing line', () => write(lines().filter((_, at) => at !== 1)), 'before line 2 1 entries are missing'],
    ['a line twice', () => write([...lines(), lines()[4] ?? '']), 'line 6 was moved or put in twice'],
    ['lines in another order', () => write([1, 0, 2, 3, 4].map((at) => lines()[at] ?? '')), 'entries are missing'],
    ['a cut end', () => write(lines().slice(0, 4)), 'it should go on to line 5'],
    ['rubbish', () => write([...lines(), 'rubbish']), 'line 6 is damaged'],
    ['a line from nowhere', () => write([...lines(), (lines()[4] ?? '').replace('"seq":5', '"seq":6')]), 'line 6 was changed'],
    ['no log at all', () => rmSync(journalFile(places)), 'it should go on to line 5'],
    ['no key', () => rmSync(places.keyFile), 'is gone or damaged: nothing can be checked'],
    ['another key', () => writeFileSync(places.keyFile, `${'0'.repeat(64)}\n`), 'line 1 was changed'],
    [
      'a changed head',
      () => writeFileSync(headFile(places), readFileSync(headFile(places), 'utf8').replace('"seq":5', '"seq":4')),
      'was changed',
    ],
    ['no head', () => rmSync(headFile(places)), 'the end of the log is gone'],
    ['bytes that are cut off', () => truncateSync(journalFile(places), 100), 'it should go on to line 5'],
  ])('sees %s', (_what, change, fault) => {
    expect(verifyJournal(places).faults).toEqual([]);
    change();
    expect(verifyJournal(places).faults.join('\n')).toContain(fault);
  });

  it('sees an old copy of the whole folder, by the checkpoint and by one that is kept elsewhere', async () => {
    const [log, head] = [readFileSync(journalFile(places)), readFileSync(headFile(places))];
    await journal.append(PLAN, actor, { event: 'end', end: 'CLOSED', reason: 'r' });
    const { last } = verifyJournal(places);
    writeFileSync(journalFile(places), log);
    writeFileSync(headFile(places), head);
    expect(verifyJournal(places).faults.join()).toContain('line 6 is missing');
    rmSync(places.checkpointFile);
    expect(verifyJournal(places).faults).toEqual([]);
    expect(verifyJournal(places, last ? [last] : []).faults.join()).toContain('line 6 is missing');
  });

  it('does not believe a line number that nobody could have written', () => {
    write([...lines(), (lines()[4] ?? '').replace('"seq":5', '"seq":4000000000')]);
    expect(verifyJournal(places).faults.join()).toContain('line 6 was changed');
    expect(existsSync(journalFile(places))).toBe(true);
  });
});
