/** Conjur: the contract over the fake, and what is special: batches that fail as a whole, versions by number, tokens that end, rights. */
import { describe, expect, it } from 'vitest';
import { CONJUR_KEY, startConjur } from '../../fixtures/stores/conjur.ts';
import { reveal } from '../../src/core/secret.ts';
import type { StoredSecret } from '../../src/core/stores.ts';
import { conjur } from '../../src/stores/conjur.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import { describeStore } from './contract.ts';
import { createContext } from './store-context.ts';

const signal = new AbortController().signal;

async function start(settings: StoreSettings = {}) {
  const fake = await startConjur();
  const context = createContext({ env: { CONJUR_AUTHN_API_KEY: CONJUR_KEY } });
  const store = conjur.create({ address: fake.origin, account: 'acme', login: 'host/leakwarden', ...settings }, context);
  return { fake, store, context };
}

describeStore(
  'conjur, fake',
  async () => {
    const { fake, store } = await start();
    return { store, put: async (ref, fields) => fake.put(ref, fields[''] ?? ''), play: fake.play };
  },
  {
    refs: ['prod/db/password', 'prod/mail', 'queue key, with a comma'],
    hasFields: false,
    oldVersions: 'values',
    manyRefs: (n) => `v/${n}`,
    manyCount: 250,
    faults: ['denied', 'denied-one', 'throttled-once', 'throttled', 'unavailable', 'odd-reply', 'paging-loop'],
  },
);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const one of items) out.push(one);
  return out;
}

const read = async (store: ReturnType<typeof conjur.create>) => {
  const found = (await all(store.secrets(signal))) as StoredSecret[];
  const items = (await Promise.all(found.map((one) => all(store.values(one, one.versions, signal))))).flat();
  return items.map((one) =>
    'value' in one ? [one.ref, one.version.split('@')[0], reveal(one.value, 'compare')] : [one.where, one.data['reason']],
  );
};

describe('conjur', () => {
  it('reads current values in batches', async () => {
    const { fake, store } = await start();
    for (let n = 0; n < 45; n++) fake.put(`v/${n}`, `value-${n}`);
    expect(await read(store)).toHaveLength(45);
    expect(fake.asked.filter(({ path }) => path.startsWith('/secrets'))).toHaveLength(3);
  });

  it('reads one by one what a batch refuses as a whole', async () => {
    const { fake, store } = await start();
    fake.put('a', 'value-a');
    fake.put('b', Buffer.from([0xff, 0xfe]));
    fake.put('c', 'value-c');
    fake.play('denied-one', 'c');
    expect(await read(store)).toEqual([
      ['a', '1', 'value-a'],
      ['b', '1', '//4='],
      ['c', 'it may not be read'],
    ]);
  });

  it('reads older versions by number, of which twenty are kept', async () => {
    const { fake, store } = await start();
    for (let n = 1; n <= 22; n++) fake.put('a', `value-${n}`);
    const values = await read(store);
    expect(values).toHaveLength(20);
    expect(values[0]).toEqual(['a', '22', 'value-22']);
    expect(values.at(-1)).toEqual(['a', '3', 'value-3']);
  });

  it('takes a variable that was made anew for another', async () => {
    const { fake, store } = await start();
    fake.put('a', 'value-1');
    const [before] = (await all(store.secrets(signal))) as StoredSecret[];
    fake.makeAnew('a', 'value-2');
    const [after] = (await all(store.secrets(signal))) as StoredSecret[];
    expect(after?.change).not.toBe(before?.change);
    expect(after?.versions[0]?.id).not.toBe(before?.versions[0]?.id);
  });

  it('asks for small pages where the server allows no larger ones', async () => {
    const { fake, store } = await start();
    for (let n = 0; n < 25; n++) fake.put(`v/${n}`, `value-${n}`);
    fake.limitPages(10);
    expect(await all(store.secrets(signal))).toHaveLength(25);
  });

  it('passes over variables without a value, and those outside the paths', async () => {
    const { fake, store } = await start({ path: 'prod' });
    fake.declare('prod/empty');
    fake.put('prod/db', 'x');
    fake.put('production/db', 'x');
    expect((await read(store)).map(([ref]) => ref)).toEqual(['prod/db']);
  });

  it('logs in again when its token has ended, before that by the clock', async () => {
    const { fake, store, context } = await start();
    const logins = () => fake.asked.filter(({ path }) => path.startsWith('/authn/')).length;
    await store.access(signal);
    expect(logins()).toBe(1);
    context.pass(7.6 * 60_000);
    await all(store.secrets(signal));
    expect(logins()).toBe(2);
    fake.endTokens();
    await all(store.secrets(signal));
    expect(logins()).toBe(3);
  });

  it('names rights beyond reading', async () => {
    const { fake, store } = await start();
    fake.put('prod/db', 'x');
    expect(await store.access(signal)).toEqual({ identity: 'host/leakwarden', tooMuch: [] });
    fake.permitChange('prod/db');
    fake.permitChange('root');
    expect((await store.access(signal)).tooMuch).toEqual([
      'it may change variables (update on prod/db)',
      'it may replace the root policy, and so do everything',
    ]);
  });

  it('says which setting is missing', async () => {
    expect(() => conjur.create({ address: 'https://c.example', account: 'a' }, createContext())).toThrow(
      'login is missing, and CONJUR_AUTHN_LOGIN',
    );
    const store = conjur.create({ address: 'https://c.example', account: 'a', login: 'b' }, createContext());
    await expect(store.access(signal)).rejects.toThrow('there is no api-key: CONJUR_AUTHN_API_KEY is not set');
  });
});
