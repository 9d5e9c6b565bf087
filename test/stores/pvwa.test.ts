/** CyberArk PVWA: the contract over the fake, and what is special: versions and reasons, keys, sessions, safes, old servers. */
import { describe, expect, it } from 'vitest';
import { PVWA_PASSWORD, startPvwa } from '../../fixtures/stores/pvwa.ts';
import { reveal } from '../../src/core/secret.ts';
import type { StoredSecret } from '../../src/core/stores.ts';
import { pvwa } from '../../src/stores/pvwa.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import { describeStore } from './contract.ts';
import { createContext } from './store-context.ts';

const signal = new AbortController().signal;

async function start(settings: StoreSettings = {}, password = PVWA_PASSWORD) {
  const fake = await startPvwa();
  const store = pvwa.create(
    { address: fake.origin, username: 'leakwarden', ...settings },
    createContext({ env: { PVWA_PASSWORD: password } }),
  );
  return { fake, store };
}

describeStore(
  'pvwa, fake',
  async () => {
    const { fake, store } = await start();
    return { store, put: async (ref, fields) => fake.put(ref, fields[''] ?? ''), play: fake.play };
  },
  {
    refs: ['Shop/Database-db (12_3)', 'Shop/Unix-mail (12_4)', 'Ops Safe/Unix-queue (13_1)'],
    hasFields: false,
    oldVersions: 'values',
    manyRefs: (n) => `Shop/Unix-${n} (9_${n})`,
    manyCount: 250,
    faults: ['denied', 'denied-one', 'throttled-once', 'throttled', 'unavailable', 'odd-reply', 'paging-loop'],
  },
);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const one of items) out.push(one);
  return out;
}

const list = async (store: ReturnType<typeof pvwa.create>) => (await all(store.secrets(signal))) as StoredSecret[];
const read = async (store: ReturnType<typeof pvwa.create>) =>
  (await Promise.all((await list(store)).map((one) => all(store.values(one, one.versions, signal)))))
    .flat()
    .map((one) => ('value' in one ? [one.version, reveal(one.value, 'compare')] : [one.where, one.data['reason']]));

describe('pvwa', () => {
  it('knows when each version came and ended, and passes over temporary ones', async () => {
    const { fake, store } = await start();
    fake.put('Shop/db (1_1)', 'old-1');
    fake.put('Shop/db (1_1)', 'new-2');
    expect((await list(store))[0]?.versions).toEqual([
      { id: '2', state: 'current', createdAt: '2026-01-01T00:02:00.000Z', endedAt: null },
      { id: '1', state: 'superseded', createdAt: '2026-01-01T00:01:00.000Z', endedAt: '2026-01-01T00:02:00.000Z' },
    ]);
  });

  it('gives the reason with each retrieval, and the number with older versions', async () => {
    const { fake, store } = await start({ reason: 'index of week 3' });
    fake.put('Shop/db (1_1)', 'old-1');
    fake.put('Shop/db (1_1)', 'new-2');
    await read(store);
    expect(fake.asked.filter(({ path }) => path.endsWith('/Retrieve')).map(({ body }) => JSON.parse(body))).toEqual([
      { reason: 'index of week 3' },
      { reason: 'index of week 3', Version: 1 },
    ]);
  });

  it('retrieves keys where keys are', async () => {
    const { fake, store } = await start();
    fake.put('Shop/key (1_1)', 'KEY-1', 'key');
    expect(await read(store)).toEqual([['1', 'KEY-1']]);
  });

  it('makes do with one version where the server knows none', async () => {
    const { fake, store } = await start();
    fake.put('Shop/db (1_1)', 'new-2');
    fake.forgetVersions();
    expect((await list(store))[0]?.versions).toEqual([
      { id: '2026-01-01T00:01:00.000Z', state: 'current', createdAt: '2026-01-01T00:01:00.000Z', endedAt: null },
    ]);
    expect(await read(store)).toEqual([['2026-01-01T00:01:00.000Z', 'new-2']]);
  });

  it('reads the safes that are named, and says what may be changed in them', async () => {
    const { fake, store } = await start({ safe: ['Ops Safe'] });
    fake.put('Ops Safe/db (1_1)', 'a');
    fake.put('Shop/db (1_2)', 'b');
    expect((await list(store)).map(({ ref }) => ref)).toEqual(['Ops Safe/db (1_1)']);
    expect((await store.access(signal)).tooMuch).toEqual([]);
    fake.permit({ listAccounts: true, updateAccountContent: true, manageSafe: true, addAccounts: false });
    expect((await store.access(signal)).tooMuch).toEqual(['it may change safe Ops Safe (manageSafe, updateAccountContent)']);
  });

  it('logs in again when its session has ended, and off at the end', async () => {
    const { fake, store } = await start();
    await store.access(signal);
    fake.endSessions();
    fake.put('Shop/db (1_1)', 'a');
    expect(await list(store)).toHaveLength(1);
    expect([...fake.tokens]).toEqual(['fake-session-2']);
    await store.close();
    expect([...fake.tokens]).toEqual([]);
  });

  it('tells a wrong password at once', async () => {
    await expect((await start({}, 'wrong-77')).store.access(signal)).rejects.toMatchObject({ why: 'denied' });
    await expect((await start({ safe: 'Shop' }, 'wrong-77')).store.access(signal)).rejects.toMatchObject({ why: 'denied' });
  });
});
