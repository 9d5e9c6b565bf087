/** Vault and OpenBao over their fake: the contract, and what is read how. Rights, logins and failures are in vault-session.test.ts; a real OpenBao in vault-real.test.ts. */
import { describe, expect, it } from 'vitest';
import { type FakeVaultOptions, startFakeVault } from '../../fixtures/stores/vault.ts';
import { vault } from '../../src/stores/vault.ts';
import { describeStore, FAULTS } from './contract.ts';
import { createContext, realTime } from './store-context.ts';
import { all, failure, isProblem, pathsOf, refsOf, type Started, secretsOf, signal, start, textsOf } from './vault-start.ts';

for (const flavour of ['vault', 'openbao'] as const)
  for (const engine of [2, 1] as const)
    describeStore(
      `${flavour} (fake), KV v${engine}`,
      async () => {
        const fake = await startFakeVault({ flavour, engine });
        const store = vault.create({ address: fake.origin }, createContext({ env: { VAULT_TOKEN: 'root' }, now: realTime }));
        return { store, put: fake.put, play: fake.play };
      },
      {
        refs: ['secret/app/db', 'secret/app/mail', 'secret/top level/ü?#%'],
        hasFields: true,
        oldVersions: engine === 2 ? 'values' : 'none',
        manyRefs: (n) => `secret/many/${n % 7}/key-${n}`,
        faults: FAULTS,
      },
    );

describe('vault: versions', () => {
  const now = () => new Date('2026-05-05T12:00:00.000Z');

  it('tells current, superseded, deleted and destroyed versions, and when each ended', async () => {
    const fake = await start({ now });
    for (const n of [1, 2, 3, 4]) {
      await fake.put('secret/app/db', { password: `v${n}` });
      const version = fake.secrets.get('secret/app/db')?.at(-1);
      Object.assign(version ?? {}, { createdAt: `2026-05-0${n}T00:00:00.123456789Z` });
    }
    Object.assign(fake.secrets.get('secret/app/db')?.[0] ?? {}, { isDestroyed: true });
    Object.assign(fake.secrets.get('secret/app/db')?.[1] ?? {}, { deletedAt: '2026-05-02T10:00:00Z' });
    Object.assign(fake.secrets.get('secret/app/db')?.[3] ?? {}, { deletedAt: '2026-09-09T00:00:00Z' });
    const [secret] = await secretsOf(fake.store);
    expect(secret?.versions).toEqual([
      // Deletes itself, but has not yet.
      { id: '4', state: 'current', createdAt: '2026-05-04T00:00:00.123Z', endedAt: null },
      { id: '3', state: 'superseded', createdAt: '2026-05-03T00:00:00.123Z', endedAt: '2026-05-04T00:00:00.123Z' },
      { id: '2', state: 'disabled', createdAt: '2026-05-02T00:00:00.123Z', endedAt: '2026-05-02T10:00:00.000Z' },
      { id: '1', state: 'destroyed', createdAt: '2026-05-01T00:00:00.123Z', endedAt: '2026-05-02T00:00:00.123Z' },
    ]);
    const before = fake.asked.length;
    expect(textsOf(secret ? await all(fake.store.values(secret, secret.versions, signal)) : [])).toEqual([
      '3.password=v3',
      '4.password=v4',
    ]);
    expect(fake.asked.length - before).toBe(2);
  });

  it('sees a deletion as a change, and leaves out what holds no version', async () => {
    const fake = await start({ now });
    await fake.put('secret/a', { k: 'v' });
    fake.secrets.set('secret/only-metadata', []);
    const [before] = await secretsOf(fake.store);
    Object.assign(fake.secrets.get('secret/a')?.[0] ?? {}, { deletedAt: '2026-05-05T11:00:00Z' });
    const after = await secretsOf(fake.store);
    expect(after.map(({ ref }) => ref)).toEqual(['secret/a']);
    expect(after[0]?.change).not.toBe(before?.change);
    expect(after[0]?.versions[0]?.state).toBe('disabled');
  });

  it('gives numbers and structures as JSON, and nothing for null', async () => {
    const fake = await start();
    await fake.put('secret/a', { port: 5432, nested: { user: 'u', list: ['x'] }, none: null, text: 't' });
    const [secret] = await secretsOf(fake.store);
    expect(textsOf(secret ? await all(fake.store.values(secret, secret.versions, signal)) : [])).toEqual([
      '1.nested={"user":"u","list":["x"]}',
      '1.port=5432',
      '1.text=t',
    ]);
  });
});

describe('vault: how it lists', () => {
  const put = async (fake: Started) => {
    for (const ref of ['secret/app/db', 'secret/app/eu/db', 'secret/other']) await fake.put(ref, { k: ref });
  };
  const lists = (fake: Started) => pathsOf(fake).filter((path) => /[?&](?:list|scan)=/.test(path) || path.startsWith('secret/metadata/'));

  it('asks OpenBao once for everything', async () => {
    const fake = await start();
    await put(fake);
    expect((await secretsOf(fake.store)).length).toBe(3);
    expect(lists(fake)).toEqual(['secret/detailed-metadata/?scan=true']);
  });

  it('lists folder by folder where SCAN is not allowed, without trying it', async () => {
    const fake = await start({ capabilities: (path) => (path.includes('detailed') ? ['list'] : ['read', 'list']) });
    await put(fake);
    expect((await secretsOf(fake.store)).length).toBe(3);
    expect(lists(fake)).toEqual([
      'secret/detailed-metadata/?list=true&limit=500',
      'secret/detailed-metadata/app/?list=true&limit=500',
      'secret/detailed-metadata/app/eu/?list=true&limit=500',
    ]);
  });

  it('pages through a large folder', async () => {
    const fake = await start({ capabilities: () => ['list', 'read'] });
    for (let n = 0; n < 1203; n++) await fake.put(`secret/key-${n}`, { k: 'v' });
    expect((await secretsOf(fake.store)).length).toBe(1203);
    expect(lists(fake).length).toBe(3);
  });

  it('takes smaller pieces where a reply is larger than the client reads', async () => {
    const fake = await start();
    const version = { data: { k: 'v' }, createdAt: '2026-05-05T12:00:00.123456789Z', deletedAt: '', isDestroyed: false };
    const versions = Array.from({ length: 200 }, () => version);
    for (let n = 0; n < 510; n++) fake.secrets.set(`secret/key-${n}`, versions);
    const secrets = await secretsOf(fake.store);
    expect([secrets.length, secrets[0]?.versions.length]).toEqual([510, 200]);
    expect(lists(fake).slice(0, 3)).toEqual([
      'secret/detailed-metadata/?scan=true',
      'secret/detailed-metadata/?list=true&limit=500',
      'secret/detailed-metadata/?list=true&limit=20',
    ]);
    expect(lists(fake).length).toBe(2 + Math.ceil(510 / 20));
  });

  it('asks Vault for names, then for each one', async () => {
    const fake = await start({ flavour: 'vault', capabilities: (path) => (path.includes('detailed') ? ['deny'] : ['read', 'list']) });
    await put(fake);
    expect((await secretsOf(fake.store)).length).toBe(3);
    expect(lists(fake).sort()).toEqual(
      [
        'secret/metadata/?list=true',
        'secret/metadata/app/?list=true',
        'secret/metadata/app/eu/?list=true',
        'secret/metadata/app/db',
        'secret/metadata/app/eu/db',
        'secret/metadata/other',
      ].sort(),
    );
  });

  it('reads one path, which may be a folder or a secret', async () => {
    for (const [path, refs] of [
      ['secret/app', ['secret/app/db', 'secret/app/eu/db']],
      ['/secret/app/db/', ['secret/app/db']],
      ['secret/nothing', []],
    ] as const)
      for (const engine of [1, 2] as const) {
        const fake = await start({ engine }, { path });
        await put(fake);
        expect(refsOf(await all(fake.store.secrets(signal)))).toEqual(refs);
      }
  });

  it('goes on beside a folder and a secret that are refused', async () => {
    const fake = await start({
      flavour: 'vault',
      capabilities: () => ['list', 'read'],
      isDenied: (path) => path === 'secret/metadata/app/eu/?list' || path === 'secret/metadata/other',
    });
    await put(fake);
    expect(refsOf(await all(fake.store.secrets(signal)))).toEqual(['! secret/app/eu/', '! secret/other', 'secret/app/db']);
  });

  it('is denied when no place may be listed', async () => {
    const fake = await start({ isDenied: (path) => path.endsWith('?list') || path.endsWith('?scan') });
    await put(fake);
    expect((await failure(all(fake.store.secrets(signal)))).why).toBe('denied');
  });

  it('does not ask for names that an address cannot hold', async () => {
    const fake = await start();
    await fake.put('secret/app/../sys', { k: 'v' });
    expect(refsOf(await all(fake.store.secrets(signal)))).toEqual(['! secret/app/../sys']);
  });

  it('names the path that is not mounted', async () => {
    const { store } = await start({}, { path: 'nowhere/app' });
    const error = await failure(store.access(signal));
    expect([error.why, error.message.includes('nowhere/app')]).toEqual(['misconfigured', true]);
  });
});

describe('vault: static roles and leases', () => {
  const credentials = async (options: Partial<FakeVaultOptions> = {}) => {
    const fake = await start(options);
    fake.roles.set('app', { rotatedAt: '2026-05-04T10:00:00.5Z', password: 'pg-7731', periodSeconds: 3600 });
    fake.leases.set('database/creds/app/AbC1', { issuedAt: '2026-05-04T10:00:00Z', expiresAt: '2026-05-04T11:00:00Z' });
    return fake;
  };

  it('knows when a password was changed, and when it will be', async () => {
    const { store, asked } = await credentials();
    const secret = (await secretsOf(store)).find(({ ref }) => ref === 'database/static-roles/app');
    expect(secret).toMatchObject({
      expiresAt: '2026-05-04T11:00:00.500Z',
      versions: [{ state: 'current', createdAt: '2026-05-04T10:00:00.500Z' }],
    });
    expect(asked.some(({ path }) => path.includes('static-creds'))).toBe(false);
    expect(textsOf(secret ? await all(store.values(secret, secret.versions, signal)) : [])).toEqual([
      '2026-05-04T10:00:00.500Z.password=pg-7731',
    ]);
  });

  it('says so when the password may not be read', async () => {
    const { store } = await credentials({ isDenied: (path) => path.includes('static-creds') });
    const secret = (await secretsOf(store)).find(({ ref }) => ref === 'database/static-roles/app');
    expect(textsOf(secret ? await all(store.values(secret, secret.versions, signal)) : [])).toEqual(['! database/static-roles/app']);
  });

  it('tells leases and their end, which have no value', async () => {
    const { store } = await credentials();
    const lease = (await secretsOf(store)).find(({ ref }) => ref === 'database/creds/app/AbC1');
    expect(lease).toMatchObject({ expiresAt: '2026-05-04T11:00:00.000Z', versions: [{ id: 'AbC1', state: 'current' }] });
    expect(lease ? await all(store.values(lease, lease.versions, signal)) : null).toEqual([]);
  });

  it('does not ask for leases without the right to', async () => {
    const { store, asked } = await credentials({ capabilities: () => ['read', 'list'] });
    expect((await secretsOf(store)).map(({ ref }) => ref)).toEqual(['database/static-roles/app']);
    expect(asked.some(({ path }) => path.includes('leases'))).toBe(false);
  });

  it('stops at a bound of leases, and says so', async () => {
    const fake = await start();
    for (let n = 0; n < 1001; n++)
      fake.leases.set(`database/creds/app/${n}`, { issuedAt: '2026-05-04T10:00:00Z', expiresAt: '2026-05-04T11:00:00Z' });
    const listed = await all(fake.store.secrets(signal));
    expect(listed.filter(isProblem).map(({ where }) => where)).toEqual(['database']);
    expect(listed.length).toBe(1001);
  });
});

describe('vault: namespaces', () => {
  const namespaces = ['team-a', 'team-a/sub', 'team-b'];
  const put = async (fake: Started) => {
    for (const ref of ['secret/r', 'team-a/secret/a', 'team-a/sub/secret/s', 'team-b/secret/b']) await fake.put(ref, { k: ref });
  };

  it.each([
    [{}, ['secret/r']],
    [{ namespace: 'team-a' }, ['team-a/secret/a']],
    [{ namespace: ['team-a/', '/team-b'] }, ['team-a/secret/a', 'team-b/secret/b']],
    [{ namespace: 'team-a', recursive: 'yes' }, ['team-a/secret/a', 'team-a/sub/secret/s']],
    [{ recursive: 'yes' }, ['secret/r', 'team-a/secret/a', 'team-a/sub/secret/s', 'team-b/secret/b']],
  ])('reads %j', async (settings, refs) => {
    const fake = await start({ namespaces }, settings);
    await put(fake);
    const secrets = await secretsOf(fake.store);
    expect(refsOf(secrets)).toEqual(refs);
    const values = await Promise.all(secrets.map((secret) => all(fake.store.values(secret, secret.versions, signal))));
    expect(textsOf(values.flat())).toEqual(refs.map((ref) => `1.k=${ref}`));
  });

  it('takes the one of the environment, and is named by it', async () => {
    const fake = await start({ namespaces }, {}, { VAULT_TOKEN: 'root', VAULT_NAMESPACE: 'team-b/' });
    await put(fake);
    expect(fake.store.id).toBe(`vault:${fake.origin}/team-b`);
    expect(refsOf(await secretsOf(fake.store))).toEqual(['team-b/secret/b']);
  });

  it('says which one there is not, and where it may not look further', async () => {
    const { store } = await start({ namespaces }, { namespace: 'team-c' });
    expect((await failure(store.access(signal))).message).toContain('team-c');
    const fake = await start({ namespaces, isDenied: (path) => path === 'sys/namespaces?list' }, { recursive: 'yes' });
    await put(fake);
    expect(refsOf(await all(fake.store.secrets(signal)))).toEqual(['! /', 'secret/r']);
  });
});
