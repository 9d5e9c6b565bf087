/** Changing Vault and OpenBao over their fake: the contract for KV v1, KV v2, static roles and leases, and what each refuses. A real OpenBao is in vault-rotate-real.test.ts. */
import { describe, expect, it } from 'vitest';
import { startFaultyProxy } from '../../fixtures/stores/faulty-proxy.ts';
import { type FakeVaultOptions, startFakeVault } from '../../fixtures/stores/vault.ts';
import type { StoredPlace } from '../../src/core/rotation.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import { vault } from '../../src/stores/vault.ts';
import type { Asked } from '../net/loopback.ts';
import {
  actionOf,
  describeRotator,
  doActions,
  NEW_VALUE,
  OLD_VALUE,
  type RotatorTraits,
  rotationFailure,
  TestRun,
} from './rotator-contract.ts';
import { placeIn, valueIn } from './rotator-places.ts';
import { createContext, realTime } from './store-context.ts';

const signal = new AbortController().signal;
const REF = 'secret/app/db';
const ROLE = 'database/static-roles/app';
const LEASE = 'database/creds/temporary/AbCdEfGh1234';

const isChange = ({ method, path }: Asked): boolean =>
  method !== 'GET' && !/\/(?:capabilities-self|leases\/lookup|login|renew-self|revoke-self)$/.test(path);
const refusals = {
  denied: { status: 403, body: '{"errors":["1 error occurred:\\n\\t* permission denied\\n\\n"]}' },
  throttled: { status: 429, headers: { 'retry-after': '1' }, body: '{"errors":["request path \\"secret/\\": rate limit quota exceeded"]}' },
};

async function start(options: Partial<FakeVaultOptions> = {}, settings: StoreSettings = {}) {
  const fake = await startFakeVault({ flavour: 'openbao', engine: 2, ...options });
  // A PATCH that the server does not know changes nothing.
  const isFelt = (asked: Asked) => isChange(asked) && (asked.method !== 'PATCH' || options.knowsPatch !== false);
  const proxy = await startFaultyProxy({ origin: fake.origin, isChange: isFelt, ...refusals });
  const context = createContext({ env: { VAULT_TOKEN: 'root' }, now: options.now ?? realTime });
  const connect = () => vault.createRotator?.({ address: proxy.origin, ...settings }, context) ?? fail();
  // Past the proxy: the connector of the owner, whom no fault hits.
  const store = vault.create({ address: fake.origin, ...settings }, context);
  const put = async (value: string, others: Readonly<Record<string, unknown>> = { user: 'app' }): Promise<StoredPlace> => {
    await fake.put(REF, { ...others, password: value });
    return placeIn(store, REF, 'password');
  };
  return { fake, proxy, connect, store, put };
}

function fail(): never {
  throw new Error('it has no rotator');
}

const KV2: RotatorTraits = {
  makesValue: false,
  actions: [
    ['vault-kv2:write', true],
    ['vault-kv2:delete-old', true],
  ],
  seesMoves: true,
  leaves: 'fresh',
  row: 'Vault, OpenBao',
};

for (const [name, options] of [
  ['KV v2', {}],
  ['KV v2 of a server without PATCH', { knowsPatch: false }],
  ['KV v2 for a token that may not patch', { capabilities: () => ['read', 'update', 'list'] }],
] as const)
  describeRotator(
    `vault (fake), ${name}`,
    async () => {
      const { fake, proxy, connect, store, put } = await start(options);
      return {
        connect,
        proxy,
        put,
        read: ({ ref, field }) => valueIn(store, ref, field),
        meddle: async (_, value) => fake.put(REF, { user: 'app', password: value }),
      };
    },
    KV2,
  );

describeRotator(
  'vault (fake), KV v1',
  async () => {
    const { fake, proxy, connect, store, put } = await start({ engine: 1 });
    return {
      connect,
      proxy,
      put,
      read: ({ ref, field }) => valueIn(store, ref, field),
      meddle: async (_, value) => fake.put(REF, { user: 'app', password: value }),
    };
  },
  { makesValue: false, actions: [['vault-kv1:write', true]], seesMoves: false, leaves: 'fresh', row: 'Vault, OpenBao' },
);

describeRotator(
  'vault (fake), static role',
  async () => {
    const { fake, proxy, connect, store } = await start();
    return {
      connect,
      proxy,
      async put(value) {
        fake.roles.set('app', { rotatedAt: '2026-05-05T00:00:00.000Z', password: value, periodSeconds: 3600 });
        return placeIn(store, ROLE, 'password');
      },
      read: async ({ ref, field }) => valueIn(store, ref, field),
      async meddle(_, value) {
        fake.roles.set('app', { rotatedAt: '2026-05-06T00:00:00.000Z', password: value, periodSeconds: 3600 });
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
  'vault (fake), lease',
  async () => {
    const { fake, proxy, connect, store } = await start();
    return {
      connect,
      proxy,
      async put() {
        // Without any lease the fake has no such mount.
        fake.leases.set(`${LEASE}5678`, { issuedAt: '2026-05-04T00:00:00.000Z', expiresAt: '2026-05-06T00:00:00.000Z' });
        fake.leases.set(LEASE, { issuedAt: '2026-05-05T00:00:00.000Z', expiresAt: '2026-05-06T00:00:00.000Z' });
        return placeIn(store, LEASE, '');
      },
      read: async () => (fake.leases.has(LEASE) ? OLD_VALUE : null),
    };
  },
  { makesValue: true, actions: [['vault-lease:revoke', false]], seesMoves: true, leaves: 'nothing', row: 'Vault, OpenBao' },
);

describe('vault: changing KV v2', () => {
  it('changes one field and leaves the others, with check-and-set, and deletes the old version softly', async () => {
    const { fake, connect, put, proxy } = await start();
    await put('older-value-1', { user: 'app', nested: { a: [1, null] } });
    const place = await put(OLD_VALUE, { user: 'app', nested: { a: [1, null] } });
    const part = await connect().plan(place, signal);
    expect(part.actions.map(({ does }) => does)).toEqual([
      'writes version 3 of secret/app/db with another password (check-and-set 2)',
      'deletes version 2 of secret/app/db, which can be undeleted; destroys nothing',
    ]);
    expect(part.warnings).toContain('older versions can still be read, and may hold the same value: 1');
    const run = new TestRun(OLD_VALUE, NEW_VALUE);
    await doActions(part, run.open());
    expect(fake.secrets.get(REF)?.map(({ data, deletedAt }) => [data['password'], data['nested'], deletedAt !== ''])).toEqual([
      ['older-value-1', { a: [1, null] }, false],
      [OLD_VALUE, { a: [1, null] }, true],
      [NEW_VALUE, { a: [1, null] }, false],
    ]);
    const sent = proxy.asked.filter(isChange).map(({ method, path, body }) => [method, path, Object.keys(JSON.parse(body).data ?? {})]);
    expect(sent).toEqual([
      ['PATCH', '/v1/secret/data/app/db', ['password']],
      ['POST', '/v1/secret/delete/app/db', []],
    ]);
    await part.actions[1]?.undo?.act(run.open());
    expect(fake.secrets.get(REF)?.[1]?.deletedAt).toBe('');
  });

  it('writes the other fields that are asked for in the same version, where they are there, and takes them back', async () => {
    for (const [engine, knowsPatch] of [
      [2, true],
      [2, false],
      [1, true],
    ] as const) {
      const { connect, put, store } = await start({ engine, knowsPatch });
      const place = await put(OLD_VALUE, { username: 'app_a', port: '5432' });
      const fields = { username: 'app_b', host: 'h', password: 'not-this' };
      const part = await connect().plan(place, signal, false, fields);
      expect(part.alsoWrites).toEqual(['username']);
      const run = new TestRun(OLD_VALUE, NEW_VALUE);
      await doActions(part, run.open());
      const now = async () => Promise.all(['username', 'password', 'port'].map((field) => valueIn(store, REF, field)));
      expect(await now()).toEqual(['app_b', NEW_VALUE, '5432']);
      const resumed = await connect().plan(place, signal, true, { username: 'app_b' });
      for (const action of [...resumed.actions].reverse()) await action.undo?.act(run.open());
      expect(await now()).toEqual(['app_a', OLD_VALUE, '5432']);
    }
  });

  it('takes back a write that got no answer so that it fails if it arrives later', async () => {
    const { fake, proxy, connect, put, store } = await start();
    const place = await put(OLD_VALUE);
    const run = new TestRun(OLD_VALUE, NEW_VALUE);
    const [write] = (await connect().plan(place, signal)).actions;
    proxy.play('cut-before');
    await rotationFailure(write?.act(run.open()) ?? Promise.resolve());
    proxy.play(null);
    const late = proxy.asked.findLast(({ method }) => method === 'PATCH');
    await write?.undo?.act(run.open());
    expect(await valueIn(store, REF, 'password')).toBe(OLD_VALUE);
    const headers = { 'x-vault-token': 'root', 'content-type': 'application/merge-patch+json' };
    const reply = await fetch(`${fake.origin}${late?.path}`, { method: 'PATCH', headers, body: late?.body ?? '' });
    expect([reply.status, await valueIn(store, REF, 'password')]).toEqual([400, OLD_VALUE]);
    await write?.undo?.act(run.open());
    expect(fake.secrets.get(REF)).toHaveLength(2);
  });

  it('takes back nothing where the write was refused', async () => {
    const { fake, proxy, connect, put } = await start();
    const run = new TestRun(OLD_VALUE, NEW_VALUE);
    const [write] = (await connect().plan(await put(OLD_VALUE), signal)).actions;
    proxy.play('denied');
    await rotationFailure(write?.act(run.open()) ?? Promise.resolve());
    proxy.play(null);
    await write?.undo?.act(run.open());
    expect(fake.secrets.get(REF)).toHaveLength(1);
  });

  it('never deletes the version that readers get', async () => {
    const { connect, put, store } = await start();
    const place = await put(OLD_VALUE);
    const part = await connect().plan(place, signal);
    const error = await rotationFailure(actionOf(part, 'vault-kv2:delete-old').act(new TestRun(OLD_VALUE, NEW_VALUE).open()));
    expect([error.why, error.mayHaveHappened]).toEqual(['moved', false]);
    expect(await valueIn(store, REF, 'password')).toBe(OLD_VALUE);
  });

  it('refuses where the token may not write, and says which right is missing', async () => {
    const { connect, put } = await start({ capabilities: () => ['read', 'list'] });
    const error = await rotationFailure(connect().plan(await put(OLD_VALUE), signal));
    expect([error.why, error.message]).toEqual([
      'cannot',
      'the token may not write secret/data/app/db (it has neither update nor patch there)',
    ]);
  });

  it('leaves the old version where the token may not delete it, and says so', async () => {
    const { connect, put } = await start({ capabilities: (path) => (path.includes('/delete/') ? ['deny'] : ['read', 'update']) });
    const part = await connect().plan(await put(OLD_VALUE), signal);
    expect(part.actions.map(({ id }) => id)).toEqual(['vault-kv2:write']);
    expect(part.warnings).toContain('version 1 stays readable: the token may not delete it (update on secret/delete/app/db)');
  });

  it('names the owner that the metadata names, and says when one version alone is kept', async () => {
    const { fake, connect, put } = await start();
    const place = await put(OLD_VALUE);
    fake.describe({ owner: 'payments', token: 'hidden-3301' }, 1);
    const part = await connect().plan(place, signal);
    expect(part.consumers).toEqual(['owner: payments']);
    expect(part.warnings).toContain('one version is kept: writing the new one destroys version 1 for good');
  });

  it('refuses to write numbers that it would change, unless it may patch', async () => {
    const options = { capabilities: () => ['read', 'update'] };
    const { connect, put, store } = await start(options);
    const place = await put(OLD_VALUE, { account: 1.2345678901234567 });
    const [write] = (await connect().plan(place, signal)).actions;
    const error = await rotationFailure(write?.act(new TestRun(OLD_VALUE, NEW_VALUE).open()) ?? Promise.resolve());
    expect([error.why, error.mayHaveHappened, error.message.includes('lose digits')]).toEqual(['cannot', false, true]);
    expect(await valueIn(store, REF, 'password')).toBe(OLD_VALUE);
  });

  it('refuses fields that are gone or no text, and places outside of the paths of the settings', async () => {
    const { connect, put } = await start({}, { path: 'secret/app' });
    const place = await put(OLD_VALUE, { port: 5432 });
    const why = async (changed: Partial<StoredPlace>) => (await rotationFailure(connect().plan({ ...place, ...changed }, signal))).why;
    expect(await why({ field: 'gone' })).toBe('moved');
    expect(await why({ field: 'port' })).toBe('cannot');
    expect(await why({ field: '__proto__' })).toBe('moved');
    expect(await why({ ref: 'secret/other/db' })).toBe('cannot');
    expect(await why({ ref: 'secret/application/db' })).toBe('cannot');
    expect(await why({ ref: 'secret' })).toBe('moved');
  });

  it('does not go on from a version that was deleted', async () => {
    const { fake, connect, put } = await start();
    const place = await put(OLD_VALUE);
    Object.assign(fake.secrets.get(REF)?.[0] ?? {}, { deletedAt: '2026-01-01T00:00:00Z' });
    expect((await rotationFailure(connect().plan(place, signal))).why).toBe('moved');
  });

  it('tells a sealed server: nothing was changed', async () => {
    const { fake, connect, put } = await start();
    const place = await put(OLD_VALUE);
    const [write] = (await connect().plan(place, signal)).actions;
    fake.health.sealed = true;
    const error = await rotationFailure(write?.act(new TestRun(OLD_VALUE, NEW_VALUE).open()) ?? Promise.resolve());
    expect([error.why, error.mayHaveHappened]).toEqual(['sealed', false]);
  });
});

describe('vault: static roles and leases', () => {
  const role = { rotatedAt: '2026-05-05T00:00:00.000Z', password: OLD_VALUE, periodSeconds: 3600 };

  it('rotates without seeing the password, where the token may not read it', async () => {
    const { fake, connect, store, proxy } = await start({
      capabilities: (path) => (path.includes('static-creds') ? ['deny'] : ['update', 'read']),
    });
    fake.roles.set('app', role);
    const part = await connect().plan(await placeIn(store, ROLE, 'password'), signal);
    expect(part.actions.map(({ id }) => id)).toEqual(['vault-static-role:rotate']);
    expect(part.warnings.at(-1)).toContain('may not read the new password');
    await doActions(part, new TestRun(OLD_VALUE, null).open());
    expect(fake.roles.get('app')?.password).not.toBe(OLD_VALUE);
    expect(proxy.asked.filter(({ path }) => path.includes('static-creds'))).toEqual([]);
  });

  it('refuses where the token may not rotate or revoke', async () => {
    const { fake, connect, store } = await start({ capabilities: (path) => (/rotate-role|revoke/.test(path) ? ['deny'] : ['root']) });
    fake.roles.set('app', role);
    fake.leases.set(LEASE, { issuedAt: '2026-05-05T00:00:00.000Z', expiresAt: '2026-05-06T00:00:00.000Z' });
    for (const [ref, field] of [
      [ROLE, 'password'],
      [LEASE, ''],
    ] as const)
      expect((await rotationFailure(connect().plan(await placeIn(store, ref, field), signal))).why).toBe('cannot');
  });

  it('takes no role, folder or beginning for a lease, and revokes that lease alone', async () => {
    const { fake, connect, store, proxy } = await start();
    fake.leases.set(LEASE, { issuedAt: '2026-05-05T00:00:00.000Z', expiresAt: '2026-05-06T00:00:00.000Z' });
    const place = await placeIn(store, LEASE, '');
    for (const [ref, version] of [
      ['database/creds/temporary', 'temporary'],
      ['database/creds', 'creds'],
      ['database/creds/temporary/', ''],
      ['database/creds/temporary/AbCd', 'AbCd'],
    ] as const)
      expect(['moved', 'not-found']).toContain((await rotationFailure(connect().plan({ ...place, ref, version }, signal))).why);
    await doActions(await connect().plan(place, signal), new TestRun(OLD_VALUE, null).open());
    expect(proxy.asked.filter(isChange).map(({ path, body }) => [path, body])).toEqual([
      [`/v1/sys/leases/revoke/${LEASE}`, '{"sync":true}'],
    ]);
  });
});
