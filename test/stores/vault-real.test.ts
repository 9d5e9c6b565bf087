/** Vault's connector over a real OpenBao: the contract over KV v1 and v2, AppRole, policies that deny, namespaces, the audit log, and the database engine on a real PostgreSQL. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Problem } from '../../src/core/contracts.ts';
import { reveal, Secret } from '../../src/core/secret.ts';
import { type SecretStore, type StoredSecret, type StoredValue, StoreError } from '../../src/core/stores.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import { createSession, vault } from '../../src/stores/vault.ts';
import { askAuditTrail } from '../../src/stores/vault-audit-hash.ts';
import { describeStore } from './contract.ts';
import { findOpenBao, type RealOpenBao, ROOT_TOKEN, startOpenBao, startOpenBaoWithTls } from './real-openbao.ts';
import { findPostgres, type RealPostgres, startPostgres } from './real-postgres.ts';
import { until } from './real-server.ts';
import { createContext, realTime } from './store-context.ts';
import { all, isProblem, refsOf, signal } from './vault-start.ts';

const binary = findOpenBao();
const binaries = findPostgres();
const why = binary ? '' : ' [skipped: no OpenBao; LEAKWARDEN_OPENBAO names its binary]';
const whyNoPostgres = binaries ? '' : ' [skipped: no PostgreSQL on this machine]';
let bao: RealOpenBao;

const plainTexts = (values: readonly (StoredValue | Problem)[]) =>
  values.map((one) => (isProblem(one) ? `! ${one.where}` : reveal(one.value, 'compare'))).sort();
const valuesOf = async (store: SecretStore, listed: readonly (StoredSecret | Problem)[]) =>
  plainTexts((await Promise.all(listed.map((one) => (isProblem(one) ? [] : all(store.values(one, one.versions, signal)))))).flat());

const create = (settings: StoreSettings = {}, env: Readonly<Record<string, string>> = { VAULT_TOKEN: ROOT_TOKEN }) =>
  vault.create({ address: bao.origin, ...settings }, createContext({ env, now: realTime }));

/** Mounts an engine anew, empty. */
async function mount(path: string, version: 1 | 2, namespace?: string): Promise<void> {
  await bao.call('DELETE', `sys/mounts/${path}`, undefined, namespace);
  await bao.call('POST', `sys/mounts/${path}`, { type: 'kv', options: { version: String(version) } }, namespace);
  // KV v2 is not there at once: it is "upgrading" first.
  await until(async () => Boolean(await bao.call('GET', `${path}/${version === 2 ? 'metadata/' : ''}?scan=true`, undefined, namespace)));
}

const encode = (path: string) => path.split('/').map(encodeURIComponent).join('/');

async function put(ref: string, data: object, version: 1 | 2 = 2, namespace?: string): Promise<void> {
  const [, at = '', path = ''] = /^([^/]+)\/(.*)$/.exec(ref) ?? [];
  if (version === 1) await bao.call('POST', `${at}/${encode(path)}`, data, namespace);
  else await bao.call('POST', `${at}/data/${encode(path)}`, { data }, namespace);
}

/** Makes an AppRole with this policy; returns settings and environment to use it. */
async function appRole(name: string, policy: string, tokenTtl = '10m'): Promise<[StoreSettings, Record<string, string>]> {
  await bao.call('POST', 'sys/auth/approle', { type: 'approle' }).catch(() => undefined);
  await bao.call('POST', `sys/policies/acl/${name}`, { policy });
  await bao.call('POST', `auth/approle/role/${name}`, { token_policies: name, token_ttl: tokenTtl });
  const role = (await bao.call('GET', `auth/approle/role/${name}/role-id`)) as unknown as { data: { role_id: string } };
  const secret = (await bao.call('POST', `auth/approle/role/${name}/secret-id`)) as unknown as { data: { secret_id: string } };
  return [{ 'role-id': role.data.role_id }, { VAULT_SECRET_ID: secret.data.secret_id }];
}

describe.skipIf(!binary)(`vault over a real OpenBao${why}`, () => {
  beforeAll(async () => {
    bao = await startOpenBao(binary ?? '');
    await bao.call('DELETE', 'sys/mounts/secret');
  });
  afterAll(() => bao?.stop());

  for (const version of [2, 1] as const)
    describeStore(
      `openbao (real), KV v${version}`,
      async () => {
        await mount('real', version);
        return { store: create({ path: 'real' }), put: (ref, fields) => put(ref, fields, version) };
      },
      {
        refs: ['real/app/db', 'real/app/mail', 'real/top level/ü?#%'],
        hasFields: true,
        oldVersions: version === 2 ? 'values' : 'none',
        manyRefs: (n) => `real/many/${n % 7}/key-${n}`,
        faults: [],
      },
    );

  it('tells deleted and destroyed versions', async () => {
    await mount('states', 2);
    for (const n of [1, 2, 3, 4]) await put('states/db', { password: `v${n}` });
    await bao.call('POST', 'states/destroy/db', { versions: [1] });
    await bao.call('POST', 'states/delete/db', { versions: [2, 4] });
    const store = create({ path: 'states' });
    const listed = await all(store.secrets(signal));
    expect(listed.flatMap((one) => (isProblem(one) ? [] : one.versions.map(({ id, state }) => `${id} ${state}`)))).toEqual([
      '4 disabled',
      '3 superseded',
      '2 disabled',
      '1 destroyed',
    ]);
    expect(await valuesOf(store, listed)).toEqual(['v3']);
    await bao.call('POST', 'states/undelete/db', { versions: [4] });
    expect(await valuesOf(store, await all(store.secrets(signal)))).toEqual(['v3', 'v4']);
  });

  it('reads with the policy of the documents: all of a path, nothing beside it, and no word about too much', async () => {
    await mount('secret', 2);
    for (const ref of ['secret/app/a', 'secret/app/deep/b', 'secret/other/c']) await put(ref, { k: `v-${ref}` });
    const page = readFileSync(new URL('../../docs/stores/vault.md', import.meta.url), 'utf8');
    const [, policy = ''] = /```hcl\n([^`]*)```/.exec(page) ?? [];
    expect(policy).toContain('secret/data/app/*');
    const [settings, env] = await appRole('least', policy);
    const store = create({ ...settings, path: 'secret/app' }, env);
    const access = await store.access(signal);
    expect(access).toEqual({ identity: expect.stringContaining('least'), tooMuch: [] });
    const listed = await all(store.secrets(signal));
    expect(refsOf(listed)).toEqual(['secret/app/a', 'secret/app/deep/b']);
    expect(await valuesOf(store, listed)).toEqual(['v-secret/app/a', 'v-secret/app/deep/b']);
    await store.close();
    const elsewhere = create({ ...settings, path: 'secret/other' }, env);
    await expect(all(elsewhere.secrets(signal))).rejects.toMatchObject({ why: 'denied' });
    await elsewhere.close();
  });

  it('lists by the plain way, which Vault has, and goes on beside what a policy denies', async () => {
    await mount('plain', 2);
    for (const ref of ['plain/a', 'plain/closed/b', 'plain/secret-one', 'plain/deep/er/c']) await put(ref, { k: `v-${ref}` });
    const policy = `path "plain/metadata/*" { capabilities = ["read", "list"] }
      path "plain/metadata/closed/*" { capabilities = ["deny"] }
      path "plain/data/*" { capabilities = ["read"] }
      path "plain/data/secret-one" { capabilities = ["deny"] }`;
    const [settings, env] = await appRole('plain', policy);
    const store = create({ ...settings, path: 'plain' }, env);
    const listed = await all(store.secrets(signal));
    expect(refsOf(listed)).toEqual(['! plain/closed/', 'plain/a', 'plain/deep/er/c', 'plain/secret-one']);
    expect(await valuesOf(store, listed)).toEqual(['! plain/secret-one', 'v-plain/a', 'v-plain/deep/er/c']);
    await store.close();
  });

  it('says what a policy allows beyond reading', async () => {
    await mount('wide', 2);
    const policy = `path "wide/*" { capabilities = ["create", "read", "update", "delete", "list", "scan"] }
      path "sys/policies/acl/*" { capabilities = ["update"] }`;
    const [settings, env] = await appRole('wide', policy);
    const store = create({ ...settings, path: 'wide/app' }, env);
    const { tooMuch } = await store.access(signal);
    expect(tooMuch.map((sentence) => sentence.replace(/ \(.*/, ''))).toEqual(
      expect.arrayContaining(['it may write secrets', 'it may destroy versions', 'it may change policies']),
    );
    await store.close();
    const root = create({ path: 'wide' });
    expect((await root.access(signal)).tooMuch).toEqual(['it is a root token, which may do everything']);
  });

  it('renews a short token and gives it back', async () => {
    await mount('short', 2);
    await put('short/a', { k: 'v' });
    const [settings, env] = await appRole('short', 'path "short/*" { capabilities = ["read", "list", "scan"] }', '2s');
    const store = create({ ...settings, path: 'short' }, env);
    const until4s = Date.now() + 4000;
    while (Date.now() < until4s) {
      expect(refsOf(await all(store.secrets(signal)))).toEqual(['short/a']);
      await wait(200);
    }
    await store.close();
    const accessors = (await bao.call('LIST', 'auth/token/accessors')) as unknown as { data: { keys: string[] } };
    const left = await Promise.all(
      accessors.data.keys.map((accessor) => bao.call('POST', 'auth/token/lookup-accessor', { accessor }).catch(() => ({}))),
    );
    expect(JSON.stringify(left)).not.toContain('"short"');
  });

  it('is denied with a wrong secret id and a wrong token', async () => {
    const [settings] = await appRole('wrong', 'path "x" { capabilities = ["read"] }');
    for (const store of [create(settings, { VAULT_SECRET_ID: 'nonsense-8831' }), create({}, { VAULT_TOKEN: 's.nonsense8831' })]) {
      const error: unknown = await store.access(signal).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StoreError);
      expect([(error as StoreError).why, String(error).includes('8831')]).toEqual(['denied', false]);
    }
  });

  it('logs in with a signed token, as from a continuous integration job', async () => {
    await mount('signed', 2);
    await put('signed/a', { k: 'v' });
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await bao.call('POST', 'sys/auth/ci', { type: 'jwt' });
    await bao.call('POST', 'auth/ci/config', { jwt_validation_pubkeys: [publicKey.export({ type: 'spki', format: 'pem' })] });
    await bao.call('POST', 'sys/policies/acl/signed', { policy: 'path "signed/*" { capabilities = ["read", "list", "scan"] }' });
    const role = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['vault'], token_policies: ['signed'] };
    await bao.call('POST', 'auth/ci/role/scan', role);
    const jwtFor = (audience: string): string => {
      const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
      const claims = { sub: 'repo:acme/app', aud: audience, exp: Math.floor(Date.now() / 1000) + 60, iat: Math.floor(Date.now() / 1000) };
      const text = `${part({ alg: 'ES256', typ: 'JWT' })}.${part(claims)}`;
      return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    };
    const settings = { 'auth': 'jwt', 'auth-path': 'ci', 'role': 'scan', 'jwt-variable': 'ID_TOKEN', 'path': 'signed' };
    const store = create(settings, { ID_TOKEN: jwtFor('vault') });
    expect(await valuesOf(store, await all(store.secrets(signal)))).toEqual(['v']);
    await store.close();
    await expect(create(settings, { ID_TOKEN: jwtFor('another') }).access(signal)).rejects.toMatchObject({ why: 'denied' });
  });

  it('reads namespaces, and those below when asked', async () => {
    await bao.call('POST', 'sys/namespaces/team-a');
    await bao.call('POST', 'sys/namespaces/sub', undefined, 'team-a');
    for (const namespace of ['team-a', 'team-a/sub']) {
      await bao.call('POST', 'sys/mounts/kv', { type: 'kv', options: { version: '2' } }, namespace);
      await until(async () => Boolean(await bao.call('GET', 'kv/metadata/?scan=true', undefined, namespace)));
      await put('kv/app', { k: `of ${namespace}` }, 2, namespace);
    }
    const one = create({ namespace: 'team-a' });
    expect(refsOf(await all(one.secrets(signal)))).toEqual(['team-a/kv/app']);
    const both = create({ namespace: 'team-a', recursive: 'yes' });
    const listed = await all(both.secrets(signal));
    expect(refsOf(listed)).toEqual(['team-a/kv/app', 'team-a/sub/kv/app']);
    expect(await valuesOf(both, listed)).toEqual(['of team-a', 'of team-a/sub']);
  });

  it('finds a value in the audit log without reading it, and does not count the question', async () => {
    await mount('trail', 2);
    await put('trail/app', { password: 'trail-value-6614' });
    await bao.call('GET', 'trail/data/app');
    const [settings, env] = await appRole('trail', 'path "sys/audit-hash/file" { capabilities = ["update"] }');
    const session = createSession({ address: bao.origin, ...settings }, createContext({ env, now: realTime }));
    const candidates = [new Secret('trail-value-6614'), new Secret('never-stored-1192')];
    for (let times = 0; times < 2; times++) {
      const { uses } = await askAuditTrail(session, { device: 'file', files: [bao.auditLog] }, candidates, signal);
      expect(uses.map((one) => one.map(({ how, path, times: count }) => `${count} ${how} ${path}`))).toEqual([
        ['1 written trail/data/app', '1 read trail/data/app'],
        [],
      ]);
    }
    await session.close();
    expect(readFileSync(bao.auditLog, 'utf8')).not.toContain('trail-value-6614');
  });

  it('tells throttling by a quota', async () => {
    await mount('quota', 2);
    await put('quota/a', { k: 'v' });
    const store = create({ path: 'quota' });
    await store.access(signal);
    await bao.call('POST', 'sys/quotas/rate-limit/few', { path: 'quota/', rate: 1, interval: '1h' });
    await all(store.secrets(signal));
    await expect(all(store.secrets(signal))).rejects.toMatchObject({ why: 'throttled' });
    await bao.call('DELETE', 'sys/quotas/rate-limit/few');
    expect(refsOf(await all(store.secrets(signal)))).toEqual(['quota/a']);
  });

  describe.skipIf(!binaries)(`the database engine on a real PostgreSQL${whyNoPostgres}`, () => {
    let postgres: RealPostgres;
    beforeAll(async () => {
      postgres = await startPostgres(binaries ?? '', 'of-the-test-5512');
      postgres.run("create role app login password 'first-4471'");
      await bao.call('POST', 'sys/mounts/database', { type: 'database' });
      await bao.call('POST', 'database/config/pg', {
        plugin_name: 'postgresql-database-plugin',
        allowed_roles: '*',
        connection_url: `postgresql://{{username}}:{{password}}@127.0.0.1:${postgres.port}/postgres?sslmode=disable`,
        username: 'postgres',
        password: postgres.password,
      });
      await bao.call('POST', 'database/static-roles/app', { db_name: 'pg', username: 'app', rotation_period: '1h' });
      await bao.call('POST', 'database/roles/temporary', {
        db_name: 'pg',
        creation_statements: ["create role \"{{name}}\" login password '{{password}}' valid until '{{expiration}}'"],
        default_ttl: '10m',
      });
    });
    afterAll(() => postgres?.stop());

    const staticRole = async (store: SecretStore): Promise<StoredSecret> => {
      const found = (await all(store.secrets(signal))).find((one) => !isProblem(one) && one.ref === 'database/static-roles/app');
      if (!found || isProblem(found)) throw new Error('no static role');
      return found;
    };

    it('gives the password of a static role that opens the database, and sees it rotated', async () => {
      const store = create({ path: 'database' });
      const before = await staticRole(store);
      const [password = ''] = await valuesOf(store, [before]);
      expect(postgres.run('select current_user', 'app', password)).toBe('app');
      expect(Date.parse(before.expiresAt ?? '') - Date.parse(before.versions[0]?.createdAt ?? '')).toBe(3_600_000);
      await bao.call('POST', 'database/rotate-role/app');
      const after = await staticRole(store);
      expect(after.change).not.toBe(before.change);
      const [next = ''] = await valuesOf(store, [after]);
      expect(next).not.toBe(password);
      expect(() => postgres.run('select 1', 'app', password)).toThrow();
      expect(postgres.run('select current_user', 'app', next)).toBe('app');
    });

    it('tells rotation without the password under a policy that hides it', async () => {
      const policy = `path "database/static-roles" { capabilities = ["list"] }
        path "database/static-roles/*" { capabilities = ["read"] }`;
      const [settings, env] = await appRole('dbmeta', policy);
      const store = create({ ...settings, path: 'database' }, env);
      expect((await store.access(signal)).tooMuch).toEqual([]);
      const listed = await all(store.secrets(signal));
      expect(refsOf(listed)).toEqual(['database/static-roles/app']);
      expect(await valuesOf(store, listed)).toEqual(['! database/static-roles/app']);
      await store.close();
    });

    it('tells leases and when they end, for a token that may list them', async () => {
      const made = (await bao.call('GET', 'database/creds/temporary')) as unknown as { lease_id: string };
      const policy = `path "database/static-roles" { capabilities = ["list"] }
        path "sys/leases/lookup/database/*" { capabilities = ["list", "sudo"] }
        path "sys/leases/lookup" { capabilities = ["update"] }`;
      const [settings, env] = await appRole('leases', policy);
      const store = create({ ...settings, path: 'database' }, env);
      const lease = (await all(store.secrets(signal))).find((one) => !isProblem(one) && one.ref === made.lease_id);
      expect(lease).toMatchObject({ ref: made.lease_id, versions: [{ state: 'current' }] });
      const left = lease && !isProblem(lease) ? Date.parse(lease.expiresAt ?? '') - Date.now() : 0;
      expect(left).toBeGreaterThan(500_000);
      expect(left).toBeLessThanOrEqual(600_000);
      await bao.call('POST', 'sys/leases/revoke', { lease_id: made.lease_id, sync: true });
      expect(refsOf(await all(store.secrets(signal)))).not.toContain(made.lease_id);
      await store.close();
    });
  });

  it('trusts the authority of ca-file, and no other', async () => {
    const server = await startOpenBaoWithTls(binary ?? '');
    onTestFinished(() => server.stop());
    const env = { VAULT_TOKEN: ROOT_TOKEN };
    const trusting = vault.create(
      { 'address': server.origin, 'ca-file': 'ca.pem' },
      createContext({ env, files: { 'ca.pem': server.ca }, now: realTime }),
    );
    expect((await trusting.access(signal)).tooMuch.length).toBe(1);
    await trusting.close();
    const strict = vault.create({ address: server.origin }, createContext({ env, now: realTime }));
    await expect(strict.access(signal)).rejects.toMatchObject({ why: 'unreachable' });
    await strict.close();
  });

  // The last one: nobody unseals it again.
  it('tells a sealed server from an outage', async () => {
    const store = create();
    await store.access(signal);
    await bao.call('POST', 'sys/seal');
    await expect(all(store.secrets(signal))).rejects.toMatchObject({ why: 'sealed', message: expect.stringContaining('is sealed') });
  });
});
