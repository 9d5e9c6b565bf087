/** CyberArk's Central Credential Provider: the contract over the fake, and what is special: named objects only, one read an object, unmanaged accounts. */
import { describe, expect, it } from 'vitest';
import { startCcp } from '../../fixtures/stores/ccp.ts';
import { reveal } from '../../src/core/secret.ts';
import type { StoredSecret } from '../../src/core/stores.ts';
import { ccp } from '../../src/stores/ccp.ts';
import { describeStore } from './contract.ts';
import { createContext } from './store-context.ts';

const signal = new AbortController().signal;

async function start() {
  const fake = await startCcp();
  const object: string[] = [];
  const store = ccp.create({ 'address': fake.origin, 'app-id': 'leakwarden', object }, createContext());
  const put = (ref: string, value: string, isManaged = true): void => {
    if (!object.includes(ref)) object.push(ref);
    fake.put(ref, value, isManaged);
  };
  return { fake, store, put, object };
}

describeStore(
  'ccp, fake',
  async () => {
    const { fake, store, put, object } = await start();
    return {
      store,
      put: async (ref, fields) => put(ref, fields[''] ?? ''),
      play: (fault, ref) => {
        // Nothing is asked where nothing is named.
        if (fault === 'denied') object.push('Shop/db');
        fake.play(fault, ref);
      },
    };
  },
  {
    refs: ['Shop/db', 'Shop/mail', 'Shop/Root\\old/queue'],
    hasFields: false,
    oldVersions: 'none',
    faults: ['denied', 'denied-one', 'throttled-once', 'throttled', 'unavailable', 'odd-reply'],
  },
);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const one of items) out.push(one);
  return out;
}

describe('ccp', () => {
  it('asks once for an object that is listed and read, with the reason', async () => {
    const { fake, store, put } = await start();
    put('Shop/db', 'value-1');
    const [found] = (await all(store.secrets(signal))) as StoredSecret[];
    const read = found ? await all(store.values(found, found.versions, signal)) : [];
    expect(read.map((one) => 'value' in one && reveal(one.value, 'compare'))).toEqual(['value-1']);
    expect(fake.asked.map(({ path }) => path)).toEqual([
      '/AIMWebService/api/Accounts?AppID=leakwarden&Safe=Shop&Folder=Root&Object=db&Reason=leakwarden',
    ]);
    if (found) expect(await all(store.values(found, found.versions, signal))).toHaveLength(1);
    expect(fake.asked).toHaveLength(2);
  });

  it('says which of the named objects is not there', async () => {
    const { store, put, object } = await start();
    put('Shop/db', 'value-1');
    object.push('Shop/gone');
    expect((await all(store.secrets(signal))).map((one) => ('where' in one ? one : one.ref))).toEqual([
      'Shop/db',
      { code: 'store-unreadable', where: 'Shop/gone', data: { store: store.id, ref: 'Shop/gone', reason: 'it is gone' } },
    ]);
  });

  it('takes an account that nobody manages for changed each time', async () => {
    const fake = await startCcp();
    const context = createContext();
    const store = ccp.create({ 'address': fake.origin, 'app-id': 'leakwarden', 'object': 'Shop/db' }, context);
    fake.put('Shop/db', 'value-1', false);
    const [before] = (await all(store.secrets(signal))) as StoredSecret[];
    context.pass(1000);
    const [after] = (await all(store.secrets(signal))) as StoredSecret[];
    expect(after?.change).not.toBe(before?.change);
  });

  it('shows its certificate', async () => {
    const files = { 'c.pem': 'CERT', 'k.pem': 'KEY' };
    const context = createContext({ files });
    const settings = { 'address': 'https://127.0.0.1:1', 'app-id': 'a', 'object': 'S/o', 'cert-file': 'c.pem', 'key-file': 'k.pem' };
    await expect(all(ccp.create(settings, context).secrets(signal))).rejects.toMatchObject({ why: 'unreachable' });
    expect(context.clients[0]?.tls).toEqual({ cert: 'CERT', key: 'KEY' });
  });

  it('wants whole names', () => {
    expect(() => ccp.create({ 'address': 'https://x.example', 'app-id': 'a', 'object': 'db' }, createContext())).toThrow(
      'is not SAFE/OBJECT',
    );
  });
});
