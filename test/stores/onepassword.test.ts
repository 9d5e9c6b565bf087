/** 1Password Connect: the contract over the fake, and what is special: fields that are no secrets, vaults by name, the server's mistaken 403. */
import { describe, expect, it } from 'vitest';
import { CONNECT_TOKEN, idOf, startConnect } from '../../fixtures/stores/onepassword.ts';
import { reveal } from '../../src/core/secret.ts';
import type { StoredSecret } from '../../src/core/stores.ts';
import { onepassword } from '../../src/stores/onepassword.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import { describeStore } from './contract.ts';
import { createContext } from './store-context.ts';

const signal = new AbortController().signal;
const refOf = (name: string): string => `${name} (${idOf(name)})`;

async function start(settings: StoreSettings = {}) {
  const fake = await startConnect();
  const context = createContext({ env: { OP_CONNECT_TOKEN: CONNECT_TOKEN, OP_CONNECT_HOST: fake.origin } });
  return { fake, context, store: onepassword.create(settings, context) };
}

describeStore(
  '1password, fake',
  async () => {
    const { fake, store } = await start();
    return { store, put: async (ref, fields) => fake.put(ref, fields), play: fake.play };
  },
  {
    refs: [refOf('Shop/db'), refOf('Shop/mail'), refOf('Ops/a/b')],
    hasFields: true,
    oldVersions: 'none',
    manyRefs: (n) => refOf(`Shop/item ${n}`),
    manyCount: 250,
    faults: ['denied', 'denied-one', 'throttled-once', 'throttled', 'unavailable', 'odd-reply'],
  },
);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const one of items) out.push(one);
  return out;
}

const list = async (store: ReturnType<typeof onepassword.create>) => (await all(store.secrets(signal))) as StoredSecret[];

describe('1password', () => {
  it('names fields by their section, and passes over those that are no secrets', async () => {
    const { fake, store } = await start();
    const more = [
      { id: 'f1', type: 'CONCEALED', label: 'key', value: 'key-4', section: { id: 's', label: 'API' } },
      { id: 'f2', type: 'URL', label: 'site', value: 'https://x.example' },
      { id: 'f3', type: 'CONCEALED', label: 'empty' },
    ];
    fake.put(refOf('Shop/db'), { password: 'p-1' }, more);
    const [found] = await list(store);
    const read = found ? await all(store.values(found, found.versions, signal)) : [];
    expect(read.map((one) => 'value' in one && [one.field, reveal(one.value, 'compare')])).toEqual([
      ['password', 'p-1'],
      ['API/key', 'key-4'],
    ]);
  });

  it('finds the vault of an item that another run listed', async () => {
    const { fake, store, context } = await start();
    fake.put(refOf('Shop/db'), { password: 'p-1' });
    const [found] = await list(store);
    const other = onepassword.create({}, context);
    expect(found && (await all(other.values(found, found.versions, signal)))).toHaveLength(1);
  });

  it('reads the vaults that are named, and says which is not there', async () => {
    const { fake, store } = await start({ vault: ['Shop', 'Gone'] });
    fake.put(refOf('Shop/db'), { password: 'p-1' });
    fake.put(refOf('Ops/db'), { password: 'p-2' });
    expect((await all(store.secrets(signal))).map((one) => ('where' in one ? one.where : one.ref))).toEqual(['Gone/*', refOf('Shop/db')]);
  });

  it('asks again when the server says 403 by mistake', async () => {
    const { fake, store } = await start();
    fake.put(refOf('Shop/db'), { password: 'p-1' });
    fake.beSpurious(2);
    expect(await list(store)).toHaveLength(1);
  });

  it('names the vaults that the token opens', async () => {
    const { fake, store } = await start();
    fake.addVault('Shop');
    fake.addVault('Ops');
    expect((await store.access(signal)).identity).toBe('a Connect token for 2 vaults: Shop, Ops');
  });
});
