/** Infisical: the contract over the fake, and what is special: values by folder, older versions by number, hidden values, tokens that end. */
import { describe, expect, it } from 'vitest';
import { INFISICAL_SECRET, startInfisical } from '../../fixtures/stores/infisical.ts';
import { reveal } from '../../src/core/secret.ts';
import type { StoredSecret } from '../../src/core/stores.ts';
import { infisical } from '../../src/stores/infisical.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import { describeStore } from './contract.ts';
import { createContext } from './store-context.ts';

const signal = new AbortController().signal;

async function start(settings: StoreSettings = {}) {
  const fake = await startInfisical();
  const context = createContext({ env: { INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET: INFISICAL_SECRET } });
  const store = infisical.create(
    { 'address': fake.origin, 'project': 'p1', 'environment': 'prod', 'client-id': 'client-1', ...settings },
    context,
  );
  return { fake, store, context };
}

describeStore(
  'infisical, fake',
  async () => {
    const { fake, store } = await start();
    return { store, put: async (ref, fields) => fake.put(ref, fields[''] ?? ''), play: fake.play };
  },
  {
    refs: ['prod/DB_PASSWORD', 'prod/shop/MAIL', 'prod/shop/api/KEY'],
    hasFields: false,
    oldVersions: 'values',
    manyRefs: (n) => `prod/many/V_${n}`,
    manyCount: 250,
    faults: ['denied', 'denied-one', 'throttled-once', 'throttled', 'unavailable', 'odd-reply'],
  },
);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const one of items) out.push(one);
  return out;
}

const list = async (store: ReturnType<typeof infisical.create>) => (await all(store.secrets(signal))) as StoredSecret[];
const read = async (store: ReturnType<typeof infisical.create>) =>
  (await Promise.all((await list(store)).map((one) => all(store.values(one, one.versions, signal)))))
    .flat()
    .map((one) => ('value' in one ? [one.ref, one.version.split('@')[0], reveal(one.value, 'compare')] : [one.where, one.data['reason']]));

describe('infisical', () => {
  it('reads current values by one request a folder', async () => {
    const { fake, store } = await start();
    for (let n = 0; n < 30; n++) fake.put(`prod/f${n % 2}/V_${n}`, `value-${n}`);
    expect(await read(store)).toHaveLength(30);
    expect(fake.asked.filter(({ path }) => path.includes('viewSecretValue=true'))).toHaveLength(2);
  });

  it('reads a few older versions by number, and takes one that was pruned for gone', async () => {
    const { fake, store } = await start();
    for (let n = 1; n <= 6; n++) fake.put('prod/KEY', `value-${n}`);
    fake.prune('prod/KEY', 4);
    expect(await read(store)).toEqual([
      ['prod/KEY', '6', 'value-6'],
      ['prod/KEY', '5', 'value-5'],
      ['prod/KEY', '3', 'value-3'],
    ]);
    expect((await list(store))[0]?.versions.map(({ createdAt, endedAt }) => [createdAt, endedAt]).slice(0, 2)).toEqual([
      ['2026-01-01T00:00:06.000Z', null],
      [null, '2026-01-01T00:00:06.000Z'],
    ]);
  });

  it('takes no hidden value for a value', async () => {
    const { fake, store } = await start();
    fake.put('prod/KEY', 'value-1');
    fake.play('denied-one', 'prod/KEY');
    expect(await read(store)).toEqual([['prod/KEY', 'it may not be read']]);
  });

  it('passes over personal overrides and other environments, and reads below a path', async () => {
    const { fake, store } = await start({ path: '/shop' });
    fake.put('prod/shop/KEY', 'team');
    fake.put('prod/shop/KEY', 'mine', 'personal');
    fake.put('prod/shop/a/KEY', 'below');
    fake.put('prod/shopping/KEY', 'beside');
    fake.put('dev/shop/KEY', 'dev');
    expect(await read(store)).toEqual([
      ['prod/shop/KEY', '1', 'team'],
      ['prod/shop/a/KEY', '1', 'below'],
    ]);
  });

  it('logs in again when its token has ended', async () => {
    const { fake, store, context } = await start();
    await store.access(signal);
    fake.endTokens();
    await list(store);
    context.pass(7200_000);
    await list(store);
    expect(fake.asked.filter(({ path }) => path.endsWith('/login'))).toHaveLength(3);
  });

  it('says what is missing, and that a wrong secret is refused', async () => {
    const { fake } = await start();
    const settings = { address: fake.origin, project: 'p1', environment: 'prod' };
    await expect(infisical.create(settings, createContext()).access(signal)).rejects.toThrow('neither a client-id');
    const env = { INFISICAL_UNIVERSAL_AUTH_CLIENT_ID: 'client-1', INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET: 'wrong-881' };
    await expect(infisical.create(settings, createContext({ env })).access(signal)).rejects.toMatchObject({ why: 'denied' });
    expect(() => infisical.create({ project: 'p1' }, createContext())).toThrow('environment is missing');
  });
});
