/** Google Secret Manager over the fake: the contract, then states, regions, checksums, rights, and each source of tokens. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createKeys, EMAIL, type GcpFake, PROJECT, startGcp } from '../../fixtures/stores/gcp.ts';
import type { Problem } from '../../src/core/contracts.ts';
import { reveal } from '../../src/core/secret.ts';
import { type SecretStore, type StoredSecret, StoreError } from '../../src/core/stores.ts';
import { crc32c } from '../../src/stores/crc32c.ts';
import { gcp } from '../../src/stores/gcp.ts';
import { Pace } from '../../src/stores/pace.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import { describeStore } from './contract.ts';
import { createContext, realTime } from './store-context.ts';

const signal = new AbortController().signal;
const KEYS = createKeys();
const refOf = (name: string): string => `projects/${PROJECT}/secrets/${name}`;

type Given = {
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
  readonly settings?: StoreSettings;
  readonly now?: () => Date;
};

function storeOf(fake: GcpFake, { env, files, settings = {}, now }: Given = {}): SecretStore {
  const context = createContext({
    env: env ?? { GOOGLE_APPLICATION_CREDENTIALS: '/key' },
    files: files ?? { '/key': fake.serviceAccount() },
    now: now ?? realTime,
  });
  return gcp.create({ project: PROJECT, endpoint: fake.origin, ...settings }, context);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

const isStored = (one: StoredSecret | Problem): one is StoredSecret => 'ref' in one;
const listed = async (store: SecretStore) => (await all(store.secrets(signal))).filter(isStored);

async function textsOf(store: SecretStore): Promise<string[]> {
  const secrets = await listed(store);
  const read = await Promise.all(secrets.map((secret) => all(store.values(secret, secret.versions, signal))));
  return read.flat().flatMap((one) => ('value' in one ? [reveal(one.value, 'compare')] : []));
}

async function failureOf(doing: Promise<unknown>): Promise<StoreError> {
  const thrown = await doing.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof StoreError) return thrown;
  throw new Error(`no StoreError: ${inspect(thrown)}`);
}

describeStore(
  'Google Secret Manager (fake)',
  async () => {
    const fake = await startGcp(KEYS);
    return {
      store: storeOf(fake),
      put: async (ref, fields) => fake.put(ref, fields[''] ?? ''),
      play: (fault, ref) => fake.play(fault, ref),
    };
  },
  {
    refs: [refOf('app-db'), refOf('app_mail'), refOf('other')],
    hasFields: false,
    oldVersions: 'values',
    manyRefs: (n) => refOf(`many-${n}`),
    manyCount: 150,
    faults: ['denied', 'denied-one', 'throttled-once', 'throttled', 'unavailable', 'odd-reply', 'paging-loop'],
  },
);

describe('Google Secret Manager', () => {
  it('tells the states of versions, and reads what is switched on', async () => {
    const fake = await startGcp(KEYS);
    for (const n of [1, 2, 3, 4, 5]) fake.put(refOf('a'), `v${n}`);
    const { versions, aliases } = fake.entry(refOf('a'));
    Object.assign(versions[0] ?? {}, { state: 'DESTROYED', data: Buffer.from(''), destroyed: '2026-06-01T00:00:00Z' });
    Object.assign(versions[1] ?? {}, { state: 'DISABLED' });
    aliases['canary'] = '3';
    const store = storeOf(fake);
    const [secret] = await listed(store);
    expect(secret?.versions.map(({ id, state }) => [id, state])).toEqual([
      ['5', 'current'],
      ['4', 'superseded'],
      ['3', 'previous'],
      ['2', 'disabled'],
      ['1', 'destroyed'],
    ]);
    expect(secret?.versions[1]?.endedAt).toBe(secret?.versions[0]?.createdAt);
    expect(await textsOf(store)).toEqual(['v5', 'v4', 'v3']);
    Object.assign(versions[4] ?? {}, { state: 'DISABLED' });
    const [off] = await listed(store);
    expect(off?.versions.slice(0, 2).map(({ state }) => state)).toEqual(['disabled', 'superseded']);
  });

  it('reads regional secrets beside global ones', async () => {
    const fake = await startGcp(KEYS);
    const regional = `projects/${PROJECT}/locations/europe-west4/secrets/b`;
    fake.put(refOf('a'), 'va');
    fake.put(regional, 'vb');
    const store = storeOf(fake, { settings: { location: ['global', 'europe-west4'] } });
    expect((await listed(store)).map(({ ref }) => ref)).toEqual([refOf('a'), regional]);
    expect(await textsOf(store)).toEqual(['va', 'vb']);
  });

  it('does not take bytes that do not fit their checksum', async () => {
    const fake = await startGcp(KEYS);
    for (const name of ['a', 'b']) fake.put(refOf(name), name);
    Object.assign(fake.entry(refOf('a')).versions[0] ?? {}, { crc: '1' });
    const store = storeOf(fake);
    expect(await textsOf(store)).toEqual(['b']);
    const [secret] = await listed(store);
    const read = secret ? await all(store.values(secret, secret.versions, signal)) : [];
    expect(read).toMatchObject([{ code: 'store-unreadable', where: refOf('a'), data: { reason: expect.stringContaining('checksum') } }]);
  });

  it('passes over a secret without versions, and goes on where one may not be listed', async () => {
    const fake = await startGcp(KEYS);
    for (const name of ['a', 'b', 'c']) fake.put(refOf(name), name);
    fake.entry(refOf('a')).versions.length = 0;
    fake.forbidden.add(`/v1/${refOf('b')}/versions`);
    expect(await all(storeOf(fake).secrets(signal))).toMatchObject([{ code: 'store-unreadable', where: refOf('b') }, { ref: refOf('c') }]);
  });

  it('says what the credential may do beyond reading', async () => {
    const fake = await startGcp(KEYS);
    fake.put(refOf('a'), 'v');
    expect(await storeOf(fake).access(signal)).toEqual({ identity: EMAIL, tooMuch: [] });
    fake.granted.add('secretmanager.versions.destroy');
    const { tooMuch } = await storeOf(fake).access(signal);
    expect(tooMuch).toEqual(['it may also destroy versions (secretmanager.versions.destroy, seen on a): narrow the role']);
  });

  it('asks for what the filter names', async () => {
    const fake = await startGcp(KEYS);
    for (const name of ['app-1', 'other']) fake.put(refOf(name), 'v');
    expect((await listed(storeOf(fake, { settings: { filter: 'name:app' } }))).map(({ ref }) => ref)).toEqual([refOf('app-1')]);
  });
});

describe('Google tokens', () => {
  const adc = '/home/t/.config/gcloud/application_default_credentials.json';
  const sources: Record<string, (fake: GcpFake) => Given> = {
    'a service account': () => ({}),
    'a file that the settings name': (fake) => ({
      env: {},
      settings: { 'credentials-file': '/k' },
      files: { '/k': fake.serviceAccount() },
    }),
    'gcloud’s login': (fake) => ({ env: { HOME: '/home/t' }, files: { [adc]: fake.user() } }),
    'gcloud’s other folder': (fake) => ({
      env: { CLOUDSDK_CONFIG: '/c' },
      files: { '/c/application_default_credentials.json': fake.user() },
    }),
    'the metadata server': ({ origin }) => ({ env: { GCE_METADATA_HOST: origin.slice('http://'.length) }, files: {} }),
    'a federated token': (fake) => ({ files: { '/key': fake.federation({ file: '/t' }, false), '/t': 'fake-subject\n' } }),
    'a federated token in JSON, for a service account': (fake) => ({
      files: {
        '/key': fake.federation({ file: '/t', format: { type: 'json', subject_token_field_name: 'id' } }, true),
        '/t': '{"id":"fake-subject"}',
      },
    }),
    'a workflow of GitHub': (fake) => {
      const format = { type: 'json', subject_token_field_name: 'value' };
      const source = { url: `${fake.origin}/idtoken?audience=x`, headers: { Authorization: 'bearer actions' }, format };
      return { files: { '/key': fake.federation(source, true) } };
    },
    'a login that takes a service account’s role': (fake) => ({
      files: {
        '/key': JSON.stringify({
          type: 'impersonated_service_account',
          service_account_impersonation_url: `${fake.origin}/v1/projects/-/serviceAccounts/${EMAIL}:generateAccessToken`,
          source_credentials: JSON.parse(fake.user()),
        }),
      },
    }),
    'a variable': (fake) => {
      fake.tokens.add('from-a-variable');
      return { env: { MINE: 'from-a-variable' }, settings: { 'token-variable': 'MINE' } };
    },
  };

  it.each(Object.keys(sources))('come from %s', async (name) => {
    const fake = await startGcp(KEYS);
    fake.put(refOf('a'), 'v');
    const store = storeOf(fake, sources[name]?.(fake) ?? {});
    expect((await store.access(signal)).identity).not.toBe('');
    expect((await listed(store)).map(({ ref }) => ref)).toEqual([refOf('a')]);
  });

  it('are renewed before they end, and when Google refuses them', async () => {
    const fake = await startGcp(KEYS);
    fake.put(refOf('a'), 'v');
    let now = Date.now();
    const store = storeOf(fake, { now: () => new Date(now) });
    const given = () => fake.asked.filter(({ path }) => path === '/token').length;
    await listed(store);
    await listed(store);
    expect(given()).toBe(1);
    now += 58 * 60_000;
    await listed(store);
    expect(given()).toBe(2);
    fake.tokens.clear();
    expect((await listed(store)).length).toBe(1);
    expect(given()).toBe(3);
  });

  it('are refused by OAuth’s word, and without the key', async () => {
    const fake = await startGcp(KEYS);
    const others = await startGcp(createKeys());
    const file = { ...(JSON.parse(others.serviceAccount()) as object), token_uri: `${fake.origin}/token` };
    const store = storeOf(fake, { files: { '/key': JSON.stringify(file) } });
    const error = await failureOf(store.access(signal));
    expect([error.why, error.message]).toEqual(['denied', 'Google’s token endpoint refused the credentials (400 invalid_grant)']);
    expect(inspect([error, store], { depth: 9, showHidden: true })).not.toMatch(/PRIVATE KEY|JWT Signature/);
  });

  it.each([
    ['no JSON', 'not json with a secret in it', /no file of Google credentials/],
    ['an unknown type', '{"type":"gdch_service_account"}', /not supported/],
    ['a key that is none', '{"type":"service_account","client_email":"e","private_key":"hidden-text"}', /no RSA key/],
    [
      'an endpoint elsewhere',
      '{"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r","token_uri":"https://evil.example/t"}',
      /not Google’s/,
    ],
    [
      'federation by a program',
      '{"type":"external_account","audience":"a","subject_token_type":"t","token_url":"https://sts.googleapis.com/v1/token","credential_source":{"executable":{}}}',
      /only federation by a token’s file or address/,
    ],
  ])('name what is wrong with a file: %s', async (_name, text, message) => {
    const fake = await startGcp(KEYS);
    const error = await failureOf(storeOf(fake, { files: { '/key': text } }).access(signal));
    expect(error.why).toBe('misconfigured');
    expect(error.message).toMatch(message);
    expect(inspect(error)).not.toMatch(/secret in it|hidden-text/);
    expect(fake.asked).toEqual([]);
  });

  it('say that there are none', async () => {
    const store = storeOf(await startGcp(KEYS), { env: { GCE_METADATA_HOST: '127.0.0.1:1' }, files: {} });
    expect((await failureOf(store.access(signal))).message).toMatch(/no Google credentials/);
  });
});

describe('settings of Google', () => {
  it('name a project and locations', () => {
    const made = (settings: StoreSettings, env = {}) => gcp.create(settings, createContext({ env, now: realTime }));
    expect(made({}, { GOOGLE_CLOUD_PROJECT: 'team' }).id).toBe('gcp:projects/team');
    expect(made({ project: 'team', location: ['global', 'us-east1'] }).id).toBe('gcp:projects/team:global:us-east1');
    expect(() => made({})).toThrow(/project is missing/);
    expect(() => made({ project: 'a/../b' })).toThrow(/no project/);
    expect(() => made({ project: 'a', location: 'x.evil.example/' })).toThrow(/no location/);
  });
});

describe('crc32c', () => {
  it('agrees with RFC 3720', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, n) => n))).toBe(0x46dd794e);
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });
});

describe('Pace', () => {
  it('lets a burst through, then keeps to its pace, and recovers', async () => {
    let at = 1_000_000;
    const pauses: number[] = [];
    const sleep = async (ms: number): Promise<void> => {
      pauses.push(Math.round(ms));
      at += ms;
    };
    const pace = new Pace({ burst: 3, perSecond: 4, now: () => new Date(at), sleep });
    for (let n = 0; n < 6; n++) await pace.turn(signal);
    expect(pauses).toEqual([250, 250, 250]);
    at += 500;
    for (let n = 0; n < 3; n++) await pace.turn(signal);
    expect(pauses).toEqual([250, 250, 250, 250]);
  });
});
