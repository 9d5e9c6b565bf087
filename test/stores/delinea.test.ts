/** Delinea Secret Server: the contract over the fake, and what is special: the audit as change token, files, check-outs, folders, the token given back. */
import { describe, expect, it } from 'vitest';
import { DELINEA_PASSWORD, startDelinea } from '../../fixtures/stores/delinea.ts';
import { reveal } from '../../src/core/secret.ts';
import type { StoredSecret } from '../../src/core/stores.ts';
import { delinea } from '../../src/stores/delinea.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import { describeStore } from './contract.ts';
import { createContext } from './store-context.ts';

const signal = new AbortController().signal;

async function start(settings: StoreSettings = {}, password = DELINEA_PASSWORD) {
  const fake = await startDelinea();
  const context = createContext({ env: { TSS_PASSWORD: password } });
  const store = delinea.create({ address: fake.address, username: 'leakwarden', ...settings }, context);
  return { fake, store, context };
}

describeStore(
  'delinea, fake',
  async () => {
    const { fake, store } = await start();
    return { store, put: async (ref, fields) => fake.put(ref, fields), play: fake.play };
  },
  {
    refs: ['Shop\\db (11)', 'Shop\\mail (12)', 'Ops\\db (13)'],
    hasFields: true,
    oldVersions: 'none',
    manyRefs: (n) => `Shop\\s-${n} (${n + 100})`,
    manyCount: 250,
    faults: ['denied', 'denied-one', 'throttled-once', 'throttled', 'unavailable', 'odd-reply', 'paging-loop'],
  },
);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const one of items) out.push(one);
  return out;
}

const list = async (store: ReturnType<typeof delinea.create>) => (await all(store.secrets(signal))) as StoredSecret[];
const read = async (store: ReturnType<typeof delinea.create>) =>
  (await Promise.all((await list(store)).map((one) => all(store.values(one, one.versions, signal)))))
    .flat()
    .map((one) => ('value' in one ? [one.field, reveal(one.value, 'compare')] : [one.where, one.data['reason']]));

describe('delinea', () => {
  it('tells a change from a reading, by the audit', async () => {
    const { fake, store } = await start();
    fake.put('Shop\\db (1)', { password: 'a' });
    const [before] = await list(store);
    expect(before?.versions[0]?.createdAt).toBe('2026-01-01T00:00:01.000Z');
    await read(store);
    expect(await list(store)).toEqual([before]);
    fake.put('Shop\\db (1)', { password: 'a' });
    expect((await list(store))[0]?.versions[0]?.createdAt).toBe('2026-01-01T00:00:03.000Z');
  });

  it('takes every listing for a change where the audit may not be read', async () => {
    const { fake, store, context } = await start();
    fake.put('Shop\\db (1)', { password: 'a' });
    fake.closeAudit();
    const [before] = await list(store);
    context.pass(1000);
    const [after] = await list(store);
    expect(after?.change).not.toBe(before?.change);
    expect(after?.versions).toEqual([{ id: 'unknown at 2026-01-01T00:00:01.000Z', state: 'current', createdAt: null, endedAt: null }]);
  });

  it('reads files by their slug', async () => {
    const { fake, store } = await start();
    fake.put('Shop\\key (1)', { 'username': 'u', 'private-key': Buffer.from('KEY-OF-FILE') });
    expect(await read(store)).toEqual([
      ['username', 'u'],
      ['private-key', 'KEY-OF-FILE'],
    ]);
  });

  it('checks nothing out, and says what it did not read', async () => {
    const { fake, store } = await start();
    fake.put('Shop\\root (1)', { password: 'a' });
    fake.lock('Shop\\root (1)');
    expect(await read(store)).toEqual([['Shop\\root (1)', 'it may not be read, or only after a check-out, a comment or an approval']]);
    expect(fake.asked.filter(({ path }) => /check-?out/i.test(path))).toEqual([]);
  });

  it('reads the folders that are named, each secret once', async () => {
    const { fake, store } = await start({ folder: ['4', '42'] });
    fake.put('Shop\\a (1)', { password: 'a' }, 4);
    fake.put('Shop\\b (2)', { password: 'b' }, 42);
    fake.put('Ops\\c (3)', { password: 'c' }, 5);
    expect((await list(store)).map(({ ref }) => ref)).toEqual(['Shop\\a (1)', 'Shop\\b (2)']);
    expect(() => delinea.create({ address: 'https://x.example', username: 'u', folder: '\\Shop' }, createContext())).toThrow(
      'number of a folder',
    );
  });

  it('gives its token back, and gets another before it ends', async () => {
    const { fake, store, context } = await start();
    await store.access(signal);
    context.pass(1_180_000);
    await list(store);
    expect(fake.asked.filter(({ path }) => path.endsWith('/oauth2/token'))).toHaveLength(2);
    await store.close();
    expect([...fake.tokens]).toEqual(['fake-bearer-1']);
  });

  it('says that a wrong password is refused, and does not say it', async () => {
    const { store } = await start({}, 'not-the-password-7');
    const error = await store.access(signal).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ why: 'denied' });
    expect(String(error)).not.toContain('not-the-password-7');
  });

  it('names role permissions beyond reading', async () => {
    const { fake, store } = await start();
    expect((await store.access(signal)).tooMuch).toEqual([]);
    fake.give(['ViewSecret', 'EditSecret', 'Edit Secret', 'AdministerUsers', 'ViewFolder']);
    expect((await store.access(signal)).tooMuch).toEqual([
      'its role has the permission AdministerUsers',
      'its role has the permission Edit Secret',
      'its role has the permission EditSecret',
    ]);
  });
});
