/** Vault's and OpenBao's tokens over their fake: what they may do, how they are made, renewed and given back, and how failures are told apart. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type FakeVaultOptions, startFakeVault } from '../../fixtures/stores/vault.ts';
import { StoreError } from '../../src/core/stores.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import { vault } from '../../src/stores/vault.ts';
import { startLoopback } from '../net/loopback.ts';
import { createContext, realTime } from './store-context.ts';
import { failure, pathsOf, refsOf, secretsOf, signal, start } from './vault-start.ts';

describe('vault: what the credential may do', () => {
  it('says what is more than reading', async () => {
    const { store } = await start({
      capabilities: (path) =>
        path.startsWith('secret/data/') ? ['read', 'update', 'create'] : path.startsWith('sys/') ? ['deny'] : ['list', 'read'],
    });
    expect(await store.access(signal)).toEqual({
      identity: 'approle with policies default, leakwarden-index',
      tooMuch: ['it may write secrets (create, update on secret/data/leakwarden-probe)'],
    });
  });

  it('has nothing to say against reading, and one sentence against root', async () => {
    const narrow = await start({ capabilities: (path) => (path.startsWith('sys/') ? ['deny'] : ['list', 'read']) }, { path: 'secret/app' });
    expect((await narrow.store.access(signal)).tooMuch).toEqual([]);
    const { store } = await start();
    expect((await store.access(signal)).tooMuch).toEqual(['it is a root token, which may do everything']);
  });

  it('does without where the token may not ask', async () => {
    const fake = await start({ isDenied: (path) => path === 'sys/capabilities-self' || path === 'auth/token/lookup-self' });
    await fake.put('secret/a', { k: 'v' });
    expect(await fake.store.access(signal)).toEqual({ identity: 'a token that may not look at itself', tooMuch: [] });
    expect(refsOf(await secretsOf(fake.store))).toEqual(['secret/a']);
  });
});

describe('vault: logging in', () => {
  const roleId = { 'role-id': 'role-1' };

  it('takes a token from a variable, another variable, a file, or where `vault login` leaves it', async () => {
    for (const [settings, env, files] of [
      [{}, { VAULT_TOKEN: 'root' }, {}],
      [{}, { BAO_TOKEN: 'root' }, {}],
      [{ 'token-variable': 'MINE' }, { MINE: 'root', VAULT_TOKEN: 'no' }, {}],
      [{ 'token-file': 'tok' }, { VAULT_TOKEN: 'no' }, { tok: 'root\n' }],
      [{}, { HOME: '/home/u' }, { '/home/u/.vault-token': 'root' }],
    ] as [StoreSettings, Record<string, string>, Record<string, string>][]) {
      const { store, revoked } = await start({}, settings, env, files);
      expect((await store.access(signal)).identity).toContain('leakwarden-index');
      await store.close();
      expect(revoked).toEqual([]);
    }
  });

  it.each([
    ['approle', roleId, { VAULT_SECRET_ID: 'sid-6612' }, {}, 'auth/approle/login', { role_id: 'role-1', secret_id: 'sid-6612' }],
    [
      'approle elsewhere',
      { ...roleId, 'auth-path': 'ci', 'secret-id-file': 'sid' },
      {},
      { sid: 'sid-6612\n' },
      'auth/ci/login',
      { role_id: 'role-1', secret_id: 'sid-6612' },
    ],
    [
      'kubernetes',
      { auth: 'kubernetes', role: 'lw' },
      {},
      { '/var/run/secrets/kubernetes.io/serviceaccount/token': 'jwt-1' },
      'auth/kubernetes/login',
      { role: 'lw', jwt: 'jwt-1' },
    ],
    ['jwt', { auth: 'jwt', role: 'lw', 'jwt-variable': 'ID' }, { ID: 'jwt-2' }, {}, 'auth/jwt/login', { role: 'lw', jwt: 'jwt-2' }],
  ] as [string, StoreSettings, Record<string, string>, Record<string, string>, string, object][])(
    'logs in by %s, and gives the token back',
    async (_name, settings, env, files, path, body) => {
      const { store, logins, revoked, tokens } = await start({}, settings, env, files);
      await store.access(signal);
      expect(logins).toEqual([{ path, body }]);
      expect(inspect(store, { depth: 9, showHidden: true })).not.toMatch(/s\.made|sid-6612|jwt-\d/);
      await store.close();
      expect([revoked, [...tokens.keys()]]).toEqual([['s.made-1-4417'], ['root']]);
    },
  );

  it('asks GitHub Actions for its token, for the audience', async () => {
    const github = await startFakeVault({ flavour: 'vault', engine: 2 });
    const asked: string[] = [];
    const issuer = await startLoopback(({ path, headers }) => {
      asked.push(`${path} ${headers.authorization}`);
      return { body: JSON.stringify({ value: 'jwt-of-the-job' }) };
    });
    const env = { ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer.origin}/token?api-version=2`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'bearer-1' };
    const settings = { address: github.origin, auth: 'jwt', role: 'ci', 'jwt-audience': 'vault' };
    await vault.create(settings, createContext({ env, now: realTime })).access(signal);
    expect(asked).toEqual(['/token?api-version=2&audience=vault Bearer bearer-1']);
    expect(github.logins[0]?.body).toEqual({ role: 'ci', jwt: 'jwt-of-the-job' });
  });

  it('is denied with a wrong credential, in words without it', async () => {
    const { store } = await start({}, roleId, { VAULT_SECRET_ID: 'wrong-9112' });
    const error = await failure(store.access(signal));
    expect(error.why).toBe('denied');
    expect(inspect(error)).not.toContain('wrong-9112');
    const other = await start({}, {}, { VAULT_TOKEN: 'no-such-token' });
    expect((await failure(other.store.access(signal))).why).toBe('denied');
  });

  it.each([
    [{ address: '' }, {}, 'address'],
    [{ address: 'ftp://x' }, { VAULT_TOKEN: 'x' }, 'address'],
    [{ address: 'https://u:p@x' }, { VAULT_TOKEN: 'x' }, 'address'],
    [{ address: 'https://x' }, {}, 'VAULT_TOKEN'],
    [{ address: 'https://x', 'role-id': 'r' }, {}, 'VAULT_SECRET_ID'],
    [{ address: 'https://x', auth: 'approle' }, {}, 'role-id'],
    [{ address: 'https://x', auth: 'kubernetes' }, {}, 'role is missing'],
    [{ address: 'https://x', auth: 'jwt', role: 'r' }, {}, 'jwt-variable'],
    [{ address: 'https://x', auth: 'magic' }, {}, 'magic'],
    [{ address: 'https://x', recursive: 'maybe' }, { VAULT_TOKEN: 'x' }, 'recursive'],
  ])('says what is missing: %j', (settings, env, word) => {
    const create = () =>
      vault.create(settings as unknown as StoreSettings, createContext({ env: env as unknown as Record<string, string>, now: realTime }));
    expect(create).toThrow(word);
    expect(create).toThrow(StoreError);
  });
});

describe('vault: a token’s life', () => {
  const settings = { 'role-id': 'role-1' };
  const env = { VAULT_SECRET_ID: 'sid' };

  const withClock = async (options: Partial<FakeVaultOptions>) => {
    let at = Date.parse('2026-05-05T12:00:00Z');
    const fake = await start({ ttlSeconds: 90, ...options, now: () => new Date(at) }, settings, env);
    await fake.put('secret/a', { k: 'v' });
    return { fake, pass: (seconds: number) => (at += seconds * 1000) };
  };

  it('renews before the end, once for all that wait', async () => {
    const { fake, pass } = await withClock({});
    await fake.store.access(signal);
    pass(59);
    await secretsOf(fake.store);
    expect(pathsOf(fake)).not.toContain('auth/token/renew-self');
    for (const seconds of [2, 61, 61]) {
      pass(seconds);
      await Promise.all([secretsOf(fake.store), secretsOf(fake.store)]);
    }
    expect(pathsOf(fake).filter((path) => path === 'auth/token/renew-self').length).toBe(3);
    expect(fake.logins.length).toBe(1);
  });

  it('logs in anew where the token cannot be renewed', async () => {
    const { fake, pass } = await withClock({ isRenewable: false });
    await fake.store.access(signal);
    pass(61);
    expect(refsOf(await secretsOf(fake.store))).toEqual(['secret/a']);
    expect(fake.logins.length).toBe(2);
  });
});

describe('vault: nobody answers', () => {
  it.each([
    [{ sealed: true }, 'sealed', 'is sealed'],
    [{ initialized: false }, 'sealed', 'not initialised'],
    [{ standby: true }, 'sealed', 'standby'],
  ])('tells %j from an outage', async (state, why, words) => {
    const { store, health } = await start();
    Object.assign(health, state);
    const error = await failure(store.access(signal));
    expect([error.why, error.message.includes(words)]).toEqual([why, true]);
  });

  it('takes a pointer to another node for a standby, and does not follow it', async () => {
    const other = await startLoopback(() => ({ body: '{}' }));
    const standby = await startLoopback(() => ({ status: 307, headers: { location: `${other.origin}/v1/x` } }));
    const store = vault.create({ address: standby.origin }, createContext({ env: { VAULT_TOKEN: 'root' }, now: realTime }));
    expect((await failure(store.access(signal))).why).toBe('sealed');
    expect(other.asked).toEqual([]);
  });

  it('is unreachable where nobody listens', async () => {
    const store = vault.create({ address: 'http://127.0.0.1:9' }, createContext({ env: { VAULT_TOKEN: 'root' }, now: realTime }));
    expect((await failure(store.access(signal))).why).toBe('unreachable');
    await store.close();
  });

  it('says which file it cannot read, and can be closed then', async () => {
    const { store } = await start({}, { 'ca-file': 'no-such.pem' });
    const error = await failure(store.access(signal));
    expect([error.why, error.message.includes('no-such.pem')]).toEqual(['misconfigured', true]);
    await store.close();
  });

  it('can be asked again after a failure', async () => {
    const { store, health } = await start();
    health.sealed = true;
    await failure(store.access(signal));
    health.sealed = false;
    expect((await store.access(signal)).identity).not.toBe('');
  });
});
