/** Doppler: the contract over the fake, with configs as secrets, and what is special: references, restricted values, logs that may not be read, kinds of tokens. */
import { describe, expect, it } from 'vitest';
import { DOPPLER_TOKEN, startDoppler } from '../../fixtures/stores/doppler.ts';
import { reveal } from '../../src/core/secret.ts';
import type { StoredSecret } from '../../src/core/stores.ts';
import { doppler } from '../../src/stores/doppler.ts';
import { describeStore } from './contract.ts';
import { createContext } from './store-context.ts';

const signal = new AbortController().signal;

async function start(token = DOPPLER_TOKEN) {
  const fake = await startDoppler(token);
  const config: string[] = [];
  const context = createContext({ env: { DOPPLER_TOKEN: token } });
  const store = doppler.create({ address: fake.origin, config }, context);
  const put = (ref: string, fields: Readonly<Record<string, string | null>>): void => {
    if (!config.includes(ref)) config.push(ref);
    fake.put(ref, fields);
  };
  return { fake, store, put, context, config };
}

describeStore(
  'doppler, fake',
  async () => {
    const { fake, store, put, config } = await start();
    return {
      store,
      put: async (ref, fields) => put(ref, fields),
      play: (fault, ref) => {
        if (fault === 'denied') config.push('shop/prd');
        fake.play(fault, ref);
      },
    };
  },
  {
    refs: ['shop/prd', 'shop/stg', 'mail/prd'],
    hasFields: true,
    oldVersions: 'none',
    faults: ['denied', 'denied-one', 'throttled-once', 'throttled', 'unavailable', 'odd-reply'],
  },
);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const one of items) out.push(one);
  return out;
}

const list = async (store: ReturnType<typeof doppler.create>) => (await all(store.secrets(signal))) as StoredSecret[];

describe('doppler', () => {
  it('gives values as applications get them, and says which are restricted', async () => {
    const { store, put } = await start();
    put('shop/prd', { URL: `postgres://a:b@\${HOST}/c`, KEY: null });
    const [found] = await list(store);
    const read = found ? await all(store.values(found, found.versions, signal)) : [];
    expect(read.map((one) => ('value' in one ? reveal(one.value, 'compare') : one))).toEqual([
      'postgres://a:b@db.example/c',
      {
        code: 'store-unreadable',
        where: 'shop/prd/KEY',
        data: { store: store.id, ref: 'shop/prd/KEY', reason: 'its visibility is restricted' },
      },
    ]);
  });

  it('takes every listing for a change where the log may not be read', async () => {
    const { fake, store, put, context } = await start();
    put('shop/prd', { KEY: 'a' });
    fake.closeLog();
    const [before] = await list(store);
    context.pass(1000);
    expect((await list(store))[0]?.change).not.toBe(before?.change);
  });

  it('says which config is not there, or is closed', async () => {
    const { store, put, config } = await start();
    put('shop/prd', { KEY: 'a' });
    config.push('shop/gone');
    expect((await all(store.secrets(signal))).map((one) => ('where' in one ? [one.where, one.data['reason']] : one.ref))).toEqual([
      'shop/prd',
      ['shop/gone', 'it is gone'],
    ]);
    expect(() => doppler.create({ config: 'prd' }, createContext())).toThrow('is not PROJECT/CONFIG');
  });

  it('warns of a personal token, and refuses a wrong one', async () => {
    const { store } = await start(['dp', 'pt', 'x'].join('.'));
    expect((await store.access(signal)).tooMuch).toEqual([expect.stringContaining('personal token')]);
    const { fake } = await start();
    const other = doppler.create({ address: fake.origin, config: 'a/b' }, createContext({ env: { DOPPLER_TOKEN: 'wrong' } }));
    await expect(other.access(signal)).rejects.toMatchObject({ why: 'denied' });
  });
});
