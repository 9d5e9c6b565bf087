/** Azure Key Vault over the fake: the contract, then versions, deleted secrets, tokens, and pages that lead elsewhere. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type AzureFake, CLIENT, CLIENT_SECRET, FEDERATED, startAzure, TENANT } from '../../fixtures/stores/azure.ts';
import type { Problem } from '../../src/core/contracts.ts';
import { type SecretStore, type StoredSecret, StoreError } from '../../src/core/stores.ts';
import { azure } from '../../src/stores/azure.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import { describeStore } from './contract.ts';
import { createContext, realTime } from './store-context.ts';

const signal = new AbortController().signal;
const BY_SECRET = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT, AZURE_CLIENT_SECRET: CLIENT_SECRET };

type Given = {
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
  readonly settings?: StoreSettings;
  readonly now?: () => Date;
};

function storeOf(fake: AzureFake, { env = BY_SECRET, files = {}, settings = {}, now }: Given = {}): SecretStore {
  return azure.create({ vault: fake.origin, authority: fake.origin, ...settings }, createContext({ env, files, now: now ?? realTime }));
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

const isStored = (one: StoredSecret | Problem): one is StoredSecret => 'ref' in one;
const listed = async (store: SecretStore) => (await all(store.secrets(signal))).filter(isStored);

async function failureOf(doing: Promise<unknown>): Promise<StoreError> {
  const thrown = await doing.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof StoreError) return thrown;
  throw new Error(`no StoreError: ${inspect(thrown)}`);
}

describeStore(
  'Azure Key Vault (fake)',
  async () => {
    const fake = await startAzure();
    return {
      store: storeOf(fake),
      put: async (ref, fields) => {
        fake.put(ref, fields[''] ?? '');
      },
      play: (fault, ref) => fake.play(fault, ref),
    };
  },
  {
    refs: ['app-db', 'app-mail', 'other'],
    hasFields: false,
    oldVersions: 'values',
    manyRefs: (n) => `many-${n}`,
    manyCount: 60,
    faults: ['denied', 'denied-one', 'throttled-once', 'throttled', 'unavailable', 'odd-reply', 'paging-loop'],
  },
);

describe('Azure Key Vault', () => {
  it('tells versions that are switched off, and reads no value of them', async () => {
    const fake = await startAzure();
    for (const value of ['v1', 'v2', 'v3']) fake.put('a', value);
    const [first, second, third] = fake.versions('a');
    Object.assign(second ?? {}, { enabled: false });
    const store = storeOf(fake);
    const [secret] = await listed(store);
    expect(secret?.versions.map(({ id, state }) => [id, state])).toEqual([
      [third?.id, 'current'],
      [second?.id, 'disabled'],
      [first?.id, 'superseded'],
    ]);
    expect(secret?.versions[2]?.endedAt).toBe(secret?.versions[1]?.createdAt);
    const read = secret ? await all(store.values(secret, secret.versions, signal)) : [];
    expect(read.map((one) => ('version' in one ? one.version : one))).toEqual([third?.id, first?.id]);
    Object.assign(third ?? {}, { enabled: false, updated: (third?.created ?? 0) + 60 });
    const [off] = await listed(store);
    expect(off?.versions.map(({ state }) => state)).toEqual(['disabled', 'disabled', 'superseded']);
    expect(off?.change).not.toBe(secret?.change);
  });

  it('takes none of two newest versions for replaced when their times are the same', async () => {
    const fake = await startAzure();
    fake.put('a', 'v1');
    fake.isClockStopped = true;
    fake.put('a', 'v2');
    expect((await listed(storeOf(fake)))[0]?.versions.map(({ state }) => state)).toEqual(['current', 'previous']);
  });

  it('shows deleted secrets as switched off, and says when it may not see them', async () => {
    const fake = await startAzure();
    for (const name of ['a', 'b']) fake.put(name, name);
    fake.remove('a');
    const store = storeOf(fake);
    expect((await listed(store)).map(({ ref, versions }) => [ref, versions[0]?.state])).toEqual([
      ['b', 'current'],
      ['a', 'disabled'],
    ]);
    fake.forbidden.add('/deletedsecrets');
    expect(await all(store.secrets(signal))).toMatchObject([{ ref: 'b' }, { code: 'store-unreadable', where: store.id }]);
  });

  it('goes on when the versions of one secret may not be listed', async () => {
    const fake = await startAzure();
    for (const name of ['a', 'b']) fake.put(name, name);
    fake.forbidden.add('/secrets/a/versions');
    expect(await all(storeOf(fake).secrets(signal))).toMatchObject([{ code: 'store-unreadable', where: 'a' }, { ref: 'b' }]);
  });

  it('follows no page to another host', async () => {
    const [fake, other] = [await startAzure(), await startAzure()];
    for (let n = 0; n < 30; n++) fake.put(`n${n}`, 'v');
    fake.nextOrigin = other.origin;
    expect((await failureOf(listed(storeOf(fake)))).why).toBe('odd-reply');
    expect(other.asked).toEqual([]);
  });
});

describe('Azure tokens', () => {
  const sources: Record<string, (fake: AzureFake) => Given> = {
    'a client secret': () => ({}),
    'a federated token': () => ({
      env: { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT, AZURE_FEDERATED_TOKEN_FILE: '/token' },
      files: { '/token': `${FEDERATED}\n` },
    }),
    'a federated token that the settings name': () => ({
      env: {},
      settings: { 'auth': 'workload-identity', 'tenant': TENANT, 'client-id': CLIENT, 'token-file': '/t' },
      files: { '/t': FEDERATED },
    }),
    'the machine': ({ origin }) => ({ env: { AZURE_POD_IDENTITY_AUTHORITY_HOST: origin } }),
    'the app service': ({ origin }) => ({ env: { IDENTITY_ENDPOINT: `${origin}/msi/token`, IDENTITY_HEADER: 'identity-header' } }),
    'a variable': (fake) => {
      fake.tokens.add('from-a-variable');
      return { env: { MY_TOKEN: 'from-a-variable' }, settings: { 'token-variable': 'MY_TOKEN' } };
    },
  };

  it.each(Object.keys(sources))('come from %s', async (name) => {
    const fake = await startAzure();
    fake.put('a', 'v');
    const store = storeOf(fake, sources[name]?.(fake) ?? {});
    await store.access(signal);
    expect((await listed(store)).map(({ ref }) => ref)).toEqual(['a']);
  });

  it('say whose they are', async () => {
    expect((await storeOf(await startAzure()).access(signal)).identity).toBe(`client-secret ${CLIENT}`);
  });

  it('are renewed before they end, and when the vault refuses them', async () => {
    const fake = await startAzure();
    fake.put('a', 'v');
    let now = Date.now();
    const store = storeOf(fake, { now: () => new Date(now) });
    const given = () => fake.asked.filter(({ path }) => path.endsWith('/token')).length;
    await listed(store);
    await listed(store);
    expect(given()).toBe(1);
    now += 58 * 60_000;
    await listed(store);
    expect(given()).toBe(2);
    fake.tokens.clear();
    expect((await listed(store)).length).toBe(1);
    expect(given()).toBeGreaterThan(2);
  });

  it('are refused with Microsoft’s number, and without the secret', async () => {
    const fake = await startAzure();
    const store = storeOf(fake, { env: { ...BY_SECRET, AZURE_CLIENT_SECRET: 'not-the-right-one' } });
    const error = await failureOf(store.access(signal));
    expect([error.why, error.message]).toEqual(['denied', 'Microsoft Entra ID refused the credentials (401 AADSTS7000215)']);
    expect(inspect([error, store], { depth: 9, showHidden: true })).not.toContain('not-the-right-one');
  });

  it.each([
    ['a tenant', { env: { AZURE_CLIENT_ID: 'c', AZURE_CLIENT_SECRET: 's' } }, /tenant \(or AZURE_TENANT_ID\) is missing/],
    ['a token', { settings: { 'token-variable': 'NONE' } }, /NONE holds no token/],
    ['a file', { env: { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_FEDERATED_TOKEN_FILE: '/none' } }, /\/none cannot be read/],
    ['a machine with an identity', { env: { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:1' } }, /no Azure credentials/],
  ] as const)('say what is missing: %s', async (_name, given, message) => {
    const error = await failureOf(storeOf(await startAzure(), given as Given).access(signal));
    expect(error.why).toBe('misconfigured');
    expect(error.message).toMatch(message);
  });
});

describe('settings of Azure', () => {
  const made = (settings: StoreSettings) => azure.create(settings, createContext({ now: realTime }));

  it('take a vault by name or address', () => {
    expect(made({ vault: 'Team-A' }).id).toBe('azure:https://team-a.vault.azure.net');
    expect(made({ vault: 'https://t.vault.azure.cn/' }).id).toBe('azure:https://t.vault.azure.cn');
    expect(() => made({ vault: 'a/b' })).toThrow(StoreError);
    expect(() => made({})).toThrow(/vault is missing/);
    expect(() => made({ vault: 'team', auth: 'magic' })).toThrow(/auth is one of/);
  });
});
