import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeIndex, type IndexContent, IndexFault, IndexFile, type StoreState } from '../../src/check/index-file.ts';
import { EPOCH_BYTES, IndexKeys } from '../../src/check/index-keys.ts';
import { type SyncOutcome, syncStore } from '../../src/check/index-sync.ts';
import { isOfStore, withoutStale, withStore } from '../../src/check/index-upkeep.ts';
import { StoreChecker } from '../../src/check/look-up.ts';
import type { Verdict } from '../../src/core/contracts.ts';
import { Secret } from '../../src/core/secret.ts';
import { StoreError } from '../../src/core/stores.ts';
import { estimatedBits } from '../../src/engine/entropy.ts';
import { MemoryStore } from './memory-store.ts';

const KEY = createHash('sha256').update('a key for tests').digest();
const NOW = new Date('2026-03-01T12:00:00Z');
const HOUR = 3_600_000;
const signal = new AbortController().signal;
const isGuessable = (value: string): boolean => estimatedBits(value) < 64;
/** Not to be guessed, and the same in each run. */
const random = (seed: string): string => createHash('sha256').update(seed).digest('base64').slice(0, 32);

const EMPTY: IndexContent = { epoch: Buffer.alloc(EPOCH_BYTES, 7), stores: [], entries: [], prints: Buffer.alloc(0) };

async function sync(store: MemoryStore, content: IndexContent, now = NOW): Promise<{ outcome: SyncOutcome; content: IndexContent }> {
  const state = content.stores.find(({ id }) => id === store.id);
  const previous = state ? { state, entries: content.entries.filter((entry) => isOfStore(entry, state)) } : null;
  store.reads = [];
  const keys = new IndexKeys(KEY, content.epoch, Buffer.alloc(EPOCH_BYTES));
  const outcome = await syncStore({ store, name: 'test', previous, keys, isGuessable, now, signal });
  return { outcome, content: withStore(content, outcome) };
}

const encode = (content: IndexContent): Buffer =>
  encodeIndex(content, KEY, { writtenAt: NOW, expiresAt: new Date(NOW.getTime() + 24 * HOUR) });

async function verdictOf(content: IndexContent, value: string, now = NOW, mostSlow = 8): Promise<Verdict> {
  const checker = new StoreChecker(new IndexFile(encode(content), KEY), { bitsOf: estimatedBits, guessableBelowBits: 64, mostSlow, now });
  const found = { secret: new Secret(value), parts: {} };
  await checker.prepare([found]);
  return checker.verdictOf(found);
}

describe('the file of the index', () => {
  const state: StoreState = {
    id: 'memory:test',
    name: 'test',
    kind: 'memory',
    syncedAt: NOW.toISOString(),
    failure: null,
    problems: [],
    secrets: [],
  };
  const entry = (n: number): IndexContent['entries'][number] => ({
    tag: createHash('sha256')
      .update(`tag ${n % 90}`)
      .digest()
      .subarray(0, 16),
    isSlow: n % 3 === 0,
    record: {
      store: 'memory:test',
      ref: `r/${n}`,
      field: '',
      version: '1',
      state: 'current',
      createdAt: null,
      endedAt: null,
      expiresAt: null,
      seenAt: NOW.toISOString(),
    },
  });
  const content: IndexContent = {
    ...EMPTY,
    stores: [state],
    entries: Array.from({ length: 100 }, (_, n) => entry(n)),
    prints: randomBytes(100),
  };

  it('gives back what was written, by tag and whole', () => {
    const file = new IndexFile(encode(content), KEY);
    expect(file.header).toMatchObject({ records: 100, guessable: 34, writtenAt: NOW.toISOString() });
    for (let n = 0; n < 100; n++) expect(file.recordsOf(entry(n).tag).map(({ ref }) => ref)).toContain(`r/${n}`);
    expect(file.recordsOf(entry(0).tag)).toHaveLength(2);
    expect(file.recordsOf(Buffer.alloc(16))).toEqual([]);
    expect(file.recordsOf(Buffer.alloc(16, 255))).toEqual([]);
    const again = file.content();
    expect(again.stores).toEqual([state]);
    expect(again.prints).toEqual(content.prints);
    expect(new Set(again.entries.map(({ record }) => record.ref))).toEqual(new Set(content.entries.map(({ record }) => record.ref)));
    expect(again.entries.filter(({ isSlow }) => isSlow)).toHaveLength(34);
  });

  it('tells nobody without the key where a value is', () => {
    const bytes = encode(content).toString('latin1');
    for (const word of ['r/1', 'memory', 'current']) expect(bytes).not.toContain(word);
    expect(() => new IndexFile(encode(content), randomBytes(32))).toThrow(IndexFault);
  });

  it('refuses every damage: each byte, each cut, more at the end', () => {
    const bytes = encode({ ...content, entries: content.entries.slice(0, 3), prints: Buffer.alloc(0) });
    for (let at = 0; at < bytes.length; at++) {
      const bad = Buffer.from(bytes);
      bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8));
      expect(() => new IndexFile(bad, KEY), `byte ${at}`).toThrow(IndexFault);
      expect(() => new IndexFile(bytes.subarray(0, at), KEY), `cut at ${at}`).toThrow(IndexFault);
    }
    expect(() => new IndexFile(Buffer.concat([bytes, Buffer.alloc(1)]), KEY)).toThrow(IndexFault);
    for (let n = 0; n < 300; n++)
      expect(() => new IndexFile(Buffer.concat([Buffer.from('LKWINDEX'), randomBytes(n)]), KEY)).toThrow(IndexFault);
  });
});

describe('reading a store into the index', () => {
  it('reads only what moved, and knows the state of what did not', async () => {
    const store = new MemoryStore();
    for (let n = 0; n < 30; n++) store.put(`app/${n}`, { password: random(`p${n}`), user: 'somebody' });
    const first = await sync(store, EMPTY);
    expect(first.outcome.counts).toMatchObject({ secrets: 30, read: 30, values: 30 });
    expect(first.outcome.state).toMatchObject({ failure: null, problems: [], syncedAt: NOW.toISOString() });
    const second = await sync(store, first.content);
    expect(store.reads).toEqual(['closed']);
    expect(second.content.entries).toHaveLength(30);

    store.put('app/3', { password: random('newer') });
    const third = await sync(store, second.content);
    expect(store.reads).toEqual(['app/3@2', 'closed']);
    expect(await verdictOf(third.content, random('newer'))).toMatchObject({
      state: 'live',
      where: 'app/3#password',
      version: '2',
      by: 'memory:test',
    });
    expect(await verdictOf(third.content, random('p3'))).toMatchObject({
      state: 'superseded',
      version: '1',
      since: '2026-01-01T00:00:00.000Z',
    });
    expect(await verdictOf(third.content, random('nowhere'))).toEqual({ state: 'unknown', why: 'not-in-store' });
  });

  it('survives the file', async () => {
    const store = new MemoryStore();
    store.put('a', { '': random('a') });
    const { content } = await sync(store, EMPTY);
    const { outcome } = await sync(store, new IndexFile(encode(content), KEY).content());
    expect(store.reads).toEqual(['closed']);
    expect(outcome.entries).toHaveLength(1);
  });

  it('keeps versions that the store forgot, and secrets that are gone, as ended', async () => {
    const store = new MemoryStore();
    store.put('a', { '': random('a1') });
    store.put('b', { '': random('b1') });
    let { content } = await sync(store, EMPTY);
    store.put('a', { '': random('a2') });
    store.prune('a');
    store.remove('b');
    ({ content } = await sync(store, content));
    expect(await verdictOf(content, random('a1'))).toMatchObject({ state: 'superseded', where: 'a' });
    expect(await verdictOf(content, random('b1'))).toMatchObject({ state: 'superseded', where: 'b', since: NOW.toISOString() });
  });

  it('names what cannot be read, goes on, and tries again the next time', async () => {
    const store = new MemoryStore();
    store.put('a', { '': random('a') });
    store.put('b', { '': random('b') });
    store.refused.add('a');
    const first = await sync(store, EMPTY);
    expect(first.outcome.state.problems).toMatchObject([{ code: 'store-unreadable', where: 'a' }]);
    expect(await verdictOf(first.content, random('b'))).toMatchObject({ state: 'live' });
    store.refused.clear();
    const second = await sync(store, first.content);
    expect(store.reads).toEqual(['a@1', 'closed']);
    expect(await verdictOf(second.content, random('a'))).toMatchObject({ state: 'live' });
  });

  it('keeps what it knew when a store cannot be reached, until that is too old', async () => {
    const store = new MemoryStore();
    store.put('a', { '': random('a') });
    const first = await sync(store, EMPTY);
    store.failure = new StoreError('sealed', 'the store is sealed');
    const later = new Date(NOW.getTime() + 10 * HOUR);
    const second = await sync(store, first.content, later);
    expect(second.outcome.state).toMatchObject({ failure: 'the store is sealed', syncedAt: NOW.toISOString() });
    expect(await verdictOf(second.content, random('a'))).toMatchObject({ state: 'live' });
    expect(withoutStale(second.content, later, 24 * HOUR)).toMatchObject({ oldest: NOW, content: { entries: [{}] } });
    const stale = withoutStale(second.content, later, 5 * HOUR).content;
    expect([stale.entries, stale.stores[0]?.secrets]).toEqual([[], []]);
  });

  it('never holds a guessable value under a fast tag', async () => {
    const store = new MemoryStore();
    store.put('a', { password: 'Winter2024!' });
    store.put('b', { password: 'Winter2024!' });
    const { content, outcome } = await sync(store, EMPTY);
    expect(outcome.counts.guessable).toBe(1);
    expect(content.entries.map(({ isSlow }) => isSlow)).toEqual([true, true]);
    const keys = new IndexKeys(KEY, content.epoch, Buffer.alloc(EPOCH_BYTES));
    expect(content.entries.some(({ tag }) => tag.equals(keys.fastTag('Winter2024!')))).toBe(false);
    expect(await verdictOf(content, 'Winter2024!')).toMatchObject({ state: 'live', also: ['b#password'] });
    expect(await verdictOf(content, 'Winter2024!', NOW, 0)).toEqual({ state: 'unknown', why: 'not-looked-up' });
  });
});

describe('verdicts', () => {
  it('current and previous are live, disabled is superseded, leases end', async () => {
    const store = new MemoryStore();
    for (const [ref, state] of [
      ['p', 'previous'],
      ['d', 'disabled'],
      ['x', 'destroyed'],
    ] as const) {
      store.put(ref, { '': random(ref) });
      store.set(ref, '1', state === 'destroyed' ? 'current' : state);
    }
    store.put('lease', { '': random('lease') }, '2026-03-01T13:00:00.000Z');
    store.put('over', { '': random('over') }, '2026-03-01T11:00:00.000Z');
    store.put('revoked', { '': random('revoked') }, '2026-03-01T20:00:00.000Z');
    let { content } = await sync(store, EMPTY);
    store.set('x', '1', 'destroyed');
    store.set('revoked', '1', 'destroyed');
    ({ content } = await sync(store, content));
    expect(await verdictOf(content, random('p'))).toMatchObject({ state: 'live' });
    expect(await verdictOf(content, random('d'))).toMatchObject({ state: 'superseded' });
    expect(await verdictOf(content, random('x'))).toMatchObject({ state: 'superseded' });
    expect(await verdictOf(content, random('lease'))).toMatchObject({ state: 'live', expiresAt: '2026-03-01T13:00:00.000Z' });
    expect(await verdictOf(content, random('lease'), new Date('2026-03-01T14:00:00Z'))).toMatchObject({ state: 'superseded' });
    expect(await verdictOf(content, random('over'))).toMatchObject({ state: 'retired' });
    expect(await verdictOf(content, random('revoked'))).toMatchObject({
      state: 'retired',
      exposure: { from: '2026-01-01T00:00:00.000Z', until: '2026-01-01T00:00:00.000Z' },
    });
  });

  it('of several places the live one counts', async () => {
    const store = new MemoryStore();
    store.put('old', { '': random('same') });
    store.put('old', { '': random('other') });
    store.put('now', { '': random('same') });
    const { content } = await sync(store, EMPTY);
    expect(await verdictOf(content, random('same'))).toMatchObject({ state: 'live', where: 'now' });
  });

  it('sees the password of an address, trimmed and escaped values, and a JSON document', async () => {
    const store = new MemoryStore();
    store.put('dsn', { '': `postgres://app:${encodeURIComponent(random('db'))}@db.example/x` });
    store.put('json', { '': JSON.stringify({ password: random('js') }) });
    const { content } = await sync(store, EMPTY);
    for (const value of [
      random('db'),
      encodeURIComponent(random('db')),
      ` ${random('db')}\n`,
      `mysql://x:${encodeURIComponent(random('db'))}@other/y`,
      random('js'),
    ])
      expect(await verdictOf(content, value), value).toMatchObject({ state: 'live' });
  });
});
