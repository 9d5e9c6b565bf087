/** Changing a real OpenBao: the contract behind a proxy that plays faults, for KV v1 and v2, and for static roles and leases of a real PostgreSQL; with the policies of the documents. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFaultyProxy } from '../../fixtures/stores/faulty-proxy.ts';
import type { StoredPlace } from '../../src/core/rotation.ts';
import { reveal } from '../../src/core/secret.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import { vault } from '../../src/stores/vault.ts';
import type { Asked } from '../net/loopback.ts';
import { findOpenBao, type RealOpenBao, ROOT_TOKEN, startOpenBao } from './real-openbao.ts';
import { findPostgres, type RealPostgres, startPostgres } from './real-postgres.ts';
import { until } from './real-server.ts';
import { describeRotator, doActions, NEW_VALUE, OLD_VALUE, type RotatorBackend, rotationFailure, TestRun } from './rotator-contract.ts';
import { placeIn, valueIn } from './rotator-places.ts';
import { createContext, realTime } from './store-context.ts';

const signal = new AbortController().signal;
const binary = findOpenBao();
const binaries = findPostgres();
const why = binary ? '' : ' [skipped: no OpenBao; LEAKWARDEN_OPENBAO names its binary]';
const whyNoPostgres = binaries ? '' : ' [skipped: no PostgreSQL on this machine]';
let bao: RealOpenBao;
let count = 0;

const isChange = ({ method, path }: Asked): boolean =>
  method !== 'GET' && !/\/(?:capabilities-self|leases\/lookup|login|renew-self|revoke-self)$/.test(path);

function fail(): never {
  throw new Error('it has no rotator');
}

/** Returns ways in: through the proxy that plays faults, and past it as root. */
async function waysIn(path: string, settings: StoreSettings = {}, env: Readonly<Record<string, string>> = { VAULT_TOKEN: ROOT_TOKEN }) {
  const proxy = await startFaultyProxy({
    origin: bao.origin,
    isChange,
    denied: { status: 403, body: '{"errors":["permission denied"]}' },
    throttled: { status: 429, body: '{"errors":["rate limit quota exceeded"]}' },
  });
  const connect = () =>
    vault.createRotator?.({ address: proxy.origin, path, ...settings }, createContext({ env, now: realTime })) ?? fail();
  const store = vault.create({ address: bao.origin, path }, createContext({ env: { VAULT_TOKEN: ROOT_TOKEN }, now: realTime }));
  return { proxy, connect, store };
}

/** Mounts an engine of its own for each case. */
async function mount(version: 1 | 2): Promise<string> {
  const path = `rotate-${++count}`;
  await bao.call('POST', `sys/mounts/${path}`, { type: 'kv', options: { version: String(version) } });
  await until(async () => Boolean(await bao.call('GET', `${path}/${version === 2 ? 'metadata/' : ''}?scan=true`)));
  return path;
}

async function kvBackend(version: 1 | 2): Promise<RotatorBackend> {
  const at = await mount(version);
  const { proxy, connect, store } = await waysIn(at);
  const write = (value: string) => {
    const data = { user: 'app', port: 5432, password: value };
    return version === 2 ? bao.call('POST', `${at}/data/app/db`, { data }) : bao.call('POST', `${at}/app/db`, data);
  };
  return {
    proxy,
    connect,
    async put(value) {
      await write(value);
      return placeIn(store, `${at}/app/db`, 'password');
    },
    read: ({ ref, field }) => valueIn(store, ref, field),
    meddle: async (_, value) => {
      await write(value);
    },
  };
}

/** Makes an AppRole with this policy; returns settings and environment to use it. */
async function appRole(name: string, policy: string): Promise<[StoreSettings, Record<string, string>]> {
  await bao.call('POST', 'sys/auth/approle', { type: 'approle' }).catch(() => undefined);
  await bao.call('POST', `sys/policies/acl/${name}`, { policy });
  await bao.call('POST', `auth/approle/role/${name}`, { token_policies: name, token_ttl: '10m' });
  const role = (await bao.call('GET', `auth/approle/role/${name}/role-id`)) as unknown as { data: { role_id: string } };
  const secret = (await bao.call('POST', `auth/approle/role/${name}/secret-id`)) as unknown as { data: { secret_id: string } };
  return [{ 'role-id': role.data.role_id }, { VAULT_SECRET_ID: secret.data.secret_id }];
}

/** The policy of the section Rotation, with another mount and folder in place of `secret` and `app`. */
function documentedPolicy(): string {
  const page = readFileSync(new URL('../../docs/stores/vault.md', import.meta.url), 'utf8');
  const [reading = '', ...others] = [...page.matchAll(/```hcl\n([^`]*)```/g)].map(([, text = '']) => text);
  return [reading, ...others.filter((text) => text.includes('rotate-role'))].join('\n');
}

describe.skipIf(!binary)(`changing a real OpenBao${why}`, () => {
  beforeAll(async () => {
    bao = await startOpenBao(binary ?? '');
  });
  afterAll(() => bao?.stop());

  describeRotator('openbao (real), KV v2', () => kvBackend(2), {
    makesValue: false,
    actions: [
      ['vault-kv2:write', true],
      ['vault-kv2:delete-old', true],
    ],
    seesMoves: true,
    leaves: 'fresh',
    row: 'Vault, OpenBao',
  });

  describeRotator('openbao (real), KV v1', () => kvBackend(1), {
    makesValue: false,
    actions: [['vault-kv1:write', true]],
    seesMoves: false,
    leaves: 'fresh',
    row: 'Vault, OpenBao',
  });

  it('keeps the other fields, by PATCH and by reading and writing, under a policy for one secret', async () => {
    for (const rights of ['"read", "patch"', '"read", "update"']) {
      const at = await mount(2);
      const policy = `path "${at}/metadata/app/*" { capabilities = ["read", "list"] }
        path "${at}/data/app/db" { capabilities = [${rights}] }`;
      const [settings, env] = await appRole(`kv-${count}`, policy);
      const { connect, store } = await waysIn(at, settings, env);
      await bao.call('POST', `${at}/data/app/db`, { data: { user: 'app', nested: { a: [1.5, null] }, password: OLD_VALUE } });
      const rotator = connect();
      const part = await rotator.plan(await placeIn(store, `${at}/app/db`, 'password'), signal);
      expect(part.actions.map(({ id }) => id)).toEqual(['vault-kv2:write']);
      await doActions(part, new TestRun(OLD_VALUE, NEW_VALUE).open());
      const now = (await bao.call('GET', `${at}/data/app/db`)) as unknown as { data: { data: object } };
      expect(now.data.data).toEqual({ user: 'app', nested: { a: [1.5, null] }, password: NEW_VALUE });
      await rotator.close();
    }
  });

  describe.skipIf(!binaries)(`the database engine on a real PostgreSQL${whyNoPostgres}`, () => {
    let postgres: RealPostgres;
    beforeAll(async () => {
      postgres = await startPostgres(binaries ?? '', 'of-the-test-5512');
      await bao.call('POST', 'sys/mounts/database', { type: 'database' });
      await bao.call('POST', 'database/config/pg', {
        plugin_name: 'postgresql-database-plugin',
        allowed_roles: '*',
        connection_url: `postgresql://{{username}}:{{password}}@127.0.0.1:${postgres.port}/postgres?sslmode=disable`,
        username: 'postgres',
        password: postgres.password,
      });
      await bao.call('POST', 'database/roles/app-temporary', {
        db_name: 'pg',
        creation_statements: ["create role \"{{name}}\" login password '{{password}}' valid until '{{expiration}}'"],
        default_ttl: '10m',
      });
    });
    afterAll(() => postgres?.stop());

    const logsIn = (user: string, password: string): boolean => {
      try {
        return postgres.run('select current_user', user, password) === user;
      } catch {
        return false;
      }
    };

    const newRole = async (): Promise<string> => {
      const name = `app-${++count}`;
      postgres.run(`create role "${name}" login password 'first-4471'`);
      await bao.call('POST', `database/static-roles/${name}`, { db_name: 'pg', username: name, rotation_period: '1h' });
      return name;
    };

    const newLease = async () => {
      const made = (await bao.call('GET', 'database/creds/app-temporary')) as unknown as {
        lease_id: string;
        data: { username: string; password: string };
      };
      return { id: made.lease_id, ...made.data };
    };

    describeRotator(
      'openbao (real), static role of a real PostgreSQL',
      async () => {
        const { proxy, connect, store } = await waysIn('database');
        return {
          proxy,
          connect,
          put: async () => placeIn(store, `database/static-roles/${await newRole()}`, 'password'),
          async read({ ref, field }) {
            const value = await valueIn(store, ref, field);
            return value !== null && logsIn(ref.split('/').at(-1) ?? '', value) ? value : null;
          },
          async meddle({ ref }) {
            await bao.call('POST', `database/rotate-role/${ref.split('/').at(-1)}`);
          },
        };
      },
      {
        makesValue: true,
        actions: [
          ['vault-static-role:rotate', false],
          ['vault-static-role:read', true],
        ],
        seesMoves: true,
        leaves: 'fresh',
        row: 'Vault, OpenBao',
      },
    );

    describeRotator(
      'openbao (real), lease of a real PostgreSQL',
      async () => {
        const { proxy, connect, store } = await waysIn('database');
        const made = new Map<string, { readonly username: string; readonly password: string }>();
        return {
          proxy,
          connect,
          async put() {
            const { id, ...login } = await newLease();
            made.set(id, login);
            return placeIn(store, id, '');
          },
          read: async ({ ref }) => {
            const login = made.get(ref);
            return login && logsIn(login.username, login.password) ? login.password : null;
          },
        };
      },
      { makesValue: true, actions: [['vault-lease:revoke', false]], seesMoves: true, leaves: 'nothing', row: 'Vault, OpenBao' },
    );

    it('does all of it with the policy of the documents: the new password logs in, the old one and the lease do not', async () => {
      const [settings, env] = await appRole('documented', documentedPolicy());
      await bao.call('POST', 'secret/data/app/db', { data: { user: 'app', password: OLD_VALUE } });
      const { connect, store } = await waysIn('secret', settings, env);
      const kv = connect();
      const written = await kv.plan(await placeIn(store, 'secret/app/db', 'password'), signal);
      expect(written.actions.map(({ id, undo }) => [id, undo !== null])).toEqual([
        ['vault-kv2:write', true],
        ['vault-kv2:delete-old', true],
      ]);
      await doActions(written, new TestRun(OLD_VALUE, NEW_VALUE).open());
      await kv.close();
      expect(await valueIn(store, 'secret/app/db', 'password')).toBe(NEW_VALUE);

      const name = await newRole();
      const database = await waysIn('database', settings, env);
      const ref = `database/static-roles/${name}`;
      const old = (await valueIn(database.store, ref, 'password')) ?? '';
      const run = new TestRun(old, null);
      const rotator = database.connect();
      await doActions(await rotator.plan(await placeIn(database.store, ref, 'password'), signal), run.open());
      expect(logsIn(name, old)).toBe(false);
      expect(logsIn(name, run.kept ? reveal(run.kept, 'compare') : '')).toBe(true);

      const lease = await newLease();
      expect(logsIn(lease.username, lease.password)).toBe(true);
      await doActions(await rotator.plan(await placeIn(database.store, lease.id, ''), signal), run.open());
      expect(logsIn(lease.username, lease.password)).toBe(false);
      await rotator.close();
    });

    it('can revoke no other role’s lease, nor by way of the body, with that policy', async () => {
      const [settings, env] = await appRole('bounded', documentedPolicy());
      await bao.call('POST', 'database/roles/other', {
        db_name: 'pg',
        creation_statements: ["create role \"{{name}}\" login password '{{password}}' valid until '{{expiration}}'"],
        default_ttl: '10m',
      });
      const other = (await bao.call('GET', 'database/creds/other')) as unknown as { lease_id: string };
      const ours = await newLease();
      const { connect, store } = await waysIn('database', settings, env);
      const rotator = connect();
      const error = await rotationFailure(rotator.plan(await placeIn(store, other.lease_id, ''), signal));
      expect(error.why).toBe('cannot');
      // A lease_id in the body goes before the one in the path, which the policy is about.
      const login = { role_id: settings['role-id'], secret_id: env['VAULT_SECRET_ID'] };
      const { auth } = (await bao.call('POST', 'auth/approle/login', login)) as unknown as { auth: { client_token: string } };
      const revoke = (body: object) =>
        fetch(`${bao.origin}/v1/sys/leases/revoke/${ours.id}`, {
          method: 'POST',
          headers: { 'x-vault-token': auth.client_token },
          body: JSON.stringify(body),
        }).then(({ status }) => status);
      const lives = (lease_id: string) =>
        bao.call('POST', 'sys/leases/lookup', { lease_id }).then(
          () => true,
          () => false,
        );
      expect([await revoke({ lease_id: other.lease_id, sync: true }), await lives(other.lease_id)]).toEqual([403, true]);
      expect([await revoke({ sync: true }), await lives(ours.id)]).toEqual([204, false]);
      await rotator.close();
    });

    it('says that nothing can be told where the database does not answer, and rotates when it does again', async () => {
      const name = await newRole();
      const { connect, store } = await waysIn('database');
      const ref = `database/static-roles/${name}`;
      const old = (await valueIn(store, ref, 'password')) ?? '';
      const place: StoredPlace = await placeIn(store, ref, 'password');
      const rotator = connect();
      const run = new TestRun(old, null);
      const [rotate] = (await rotator.plan(place, signal)).actions;
      postgres.run(`alter role "${name}" rename to "${name}-away"`);
      const error = await rotationFailure(rotate?.act(run.open()) ?? Promise.resolve());
      expect([error.why, error.mayHaveHappened]).toEqual(['unreachable', true]);
      // The server goes on by itself, so what has not happened may still.
      expect(await rotate?.happened(run.open())).toBe('unclear');
      expect(await rotate?.happened(new TestRun(old, null).open())).toBe('no');
      postgres.run(`alter role "${name}-away" rename to "${name}"`);
      await rotate?.act(run.open());
      expect(await rotate?.happened(run.open())).toBe('yes');
      expect(logsIn(name, (await valueIn(store, ref, 'password')) ?? '')).toBe(true);
      await rotator.close();
    });

    it('is rotated by the server itself after such a failure, within a minute', { timeout: 90_000 }, async () => {
      const name = await newRole();
      const { connect, store } = await waysIn('database');
      const ref = `database/static-roles/${name}`;
      const run = new TestRun((await valueIn(store, ref, 'password')) ?? '', null);
      const rotator = connect();
      const part = await rotator.plan(await placeIn(store, ref, 'password'), signal);
      postgres.run(`alter role "${name}" rename to "${name}-away"`);
      await rotationFailure(doActions(part, run.open()));
      postgres.run(`alter role "${name}-away" rename to "${name}"`);
      await until(async () => (await part.actions[0]?.happened(run.open())) === 'yes');
      await part.actions[1]?.act(run.open());
      expect(logsIn(name, run.kept ? reveal(run.kept, 'compare') : '')).toBe(true);
      await rotator.close();
    });

    it('says that a lease could not be revoked where the database refuses it: it still logs in', async () => {
      const lease = await newLease();
      postgres.run('grant create on schema public to public');
      postgres.run('create table kept_by_lease (a int)', lease.username, lease.password);
      const { connect, store } = await waysIn('database');
      const rotator = connect();
      const [revoke] = (await rotator.plan(await placeIn(store, lease.id, ''), signal)).actions;
      const run = new TestRun(lease.password, null);
      const error = await rotationFailure(revoke?.act(run.open()) ?? Promise.resolve());
      expect([error.why, error.mayHaveHappened, await revoke?.happened(run.open())]).toEqual(['refused', true, 'no']);
      expect(logsIn(lease.username, lease.password)).toBe(true);
      postgres.run('drop table kept_by_lease');
      await revoke?.act(run.open());
      expect(logsIn(lease.username, lease.password)).toBe(false);
      await rotator.close();
    });
  });
});
