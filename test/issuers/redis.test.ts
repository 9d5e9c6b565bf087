/** The issuer of Redis passwords over a real server: the contract, and what outlasts a restart. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { reveal, Secret } from '../../src/core/secret.ts';
import type { IssuerSettings } from '../../src/issuers/issuer-kind.ts';
import { redis } from '../../src/issuers/redis.ts';
import { createCertificates, hasOpenssl } from './certificates.ts';
import { describeDatabase, rotationFailure } from './database-contract.ts';
import { createIssuerContext } from './issuer-context.ts';
import { findRedis, type RealRedis, startRedis } from './real-redis.ts';
import { actionOf, actUntil, createRun } from './rotation-run.ts';

const program = findRedis();
const ROOT = 'root-value-9911-Zz';
const OLD = 'old-value-3301-AbCdEfGh';
const signal = AbortSignal.timeout(600_000);
const old = new Secret(OLD);

describe.skipIf(!program)(`redis over a real server${program ? '' : ' [skipped: no Redis on this machine]'}`, () => {
  let server: RealRedis;
  beforeAll(async () => {
    server = await startRedis(program ?? '', ROOT, ['aclfile FOLDER/users.acl'], { 'users.acl': `user default on >${ROOT} ~* &* +@all\n` });
  });
  afterAll(() => server?.stop());

  const canLogInTo =
    (one: () => RealRedis) =>
    async (user: string, password: string): Promise<boolean> =>
      one().run(['ACL', 'WHOAMI'], user, password) === user;
  const canLogIn = canLogInTo(() => server);
  const admin = { 'admin-user': 'default', 'admin-password-variable': 'ADMIN_PASSWORD' };
  const addUser = async (name: string, password: string): Promise<void> => {
    server.run(['ACL', 'SETUSER', name, 'on', `>${password}`, '~app:*', '+@read', '+ping', '+acl|whoami']);
  };

  describeDatabase('redis (real)', async () => ({ port: server.port, admin, adminPassword: ROOT, addUser, canLogIn }), {
    kind: redis,
    replaces: ['new-value', 'set-password', 'save-new', 'test', 'drop-old', 'save-end'],
    revokes: ['drop-old', 'save-end'],
    hasTwo: true,
    alternates: false,
    isChange: (sent) => sent.includes('SETUSER'),
  });

  const issuer = (settings: IssuerSettings, files: Readonly<Record<string, string>> = {}, one: RealRedis = server) =>
    redis.create({ host: '127.0.0.1', port: String(one.port), ...settings }, createIssuerContext({ ADMIN_PASSWORD: ROOT }, files));

  it('sends hashes alone, and leaves the user’s rights as they are', async () => {
    await addUser('rights', OLD);
    const before =
      server
        .run(['ACL', 'LIST'])
        .split('\n')
        .find((line) => line.startsWith('user rights ')) ?? '';
    const run = createRun(old);
    await actUntil(await issuer({ user: 'rights', ...admin }).plan('replace', old, signal), run, '');
    const after =
      server
        .run(['ACL', 'LIST'])
        .split('\n')
        .find((line) => line.startsWith('user rights ')) ?? '';
    expect(after).not.toBe(before);
    expect(after.replace(/#\w+/, '')).toBe(before.replace(/#\w+/, ''));
    expect(readFileSync(join(server.folder, 'users.acl'), 'utf8')).toContain(after);
  });

  it('outlasts a restart: by ACL SAVE, by CONFIG REWRITE, and says so where by neither', async () => {
    await addUser('lasting', OLD);
    const run = createRun(old);
    await actUntil(await issuer({ user: 'lasting', ...admin }).plan('replace', old, signal), run, '');
    await server.restart();
    expect([await canLogIn('lasting', OLD), await canLogIn('lasting', run.fresh ? reveal(run.fresh, 'compare') : '')]).toEqual([
      false,
      true,
    ]);

    const plain = await startRedis(program ?? '', OLD, [`requirepass ${OLD}`]);
    onTestFinished(() => plain.stop());
    const alone = issuer({}, {}, plain);
    const own = createRun(new Secret(`redis://:${OLD}@cache.example:6379/0`));
    const part = await alone.plan('replace', own.old, signal);
    expect(part.actions.map(({ does }) => does).join()).toContain('CONFIG REWRITE');
    await actUntil(part, own, '');
    await plain.restart();
    const fresh = own.fresh ? reveal(own.fresh, 'compare') : '';
    expect(fresh).toMatch(/^redis:\/\/:[A-Za-z0-9]{40}@cache\.example:6379\/0$/);
    expect(plain.run(['PING'], 'default', OLD)).not.toContain('PONG');
    expect(await alone.check(own.old, signal)).toEqual({ state: 'refused' });
    expect(await alone.check(new Secret(fresh), signal)).toMatchObject({ state: 'accepted' });
    expect((await alone.plan('replace', own.old, signal, true)).actions.map(({ id }) => id)).toEqual(part.actions.map(({ id }) => id));

    plain.run(['ACL', 'SETUSER', 'blind', 'on', `>${OLD}`, '+acl', '-config'], 'default', /:([A-Za-z0-9]{40})@/.exec(fresh)?.[1]);
    const blind = await issuer({ user: 'blind' }, {}, plain).plan('replace', old, signal);
    expect(blind.warnings.join()).toContain('after it the old password would be valid again');
  });

  it('makes no user that is not there, and refuses one that any password lets in', async () => {
    server.run(['ACL', 'SETUSER', 'anybody', 'on', 'nopass', '+ping']);
    expect(await issuer({ user: 'anybody' }).check(old, signal)).toEqual({ state: 'unknown', why: 'odd-reply' });
    const error = await rotationFailure(issuer({ user: 'anybody', ...admin }).plan('replace', old, signal));
    expect([error.why, error.message]).toEqual(['cannot', expect.stringContaining('nopass')]);
    expect((await rotationFailure(issuer({ user: 'ghost', ...admin }).plan('revoke', old, signal))).message).toContain(
      'there is no user ghost',
    );
    expect(server.run(['ACL', 'USERS'])).not.toContain('ghost');
    const open = await startRedis(program ?? '', '');
    onTestFinished(() => open.stop());
    expect(await issuer({}, {}, open).check(old, signal)).toEqual({ state: 'unknown', why: 'odd-reply' });
  });

  it('drops nothing when the new password is not there any more', async () => {
    await addUser('raced', OLD);
    const [part, run] = [await issuer({ user: 'raced', ...admin }).plan('replace', old, signal), createRun(old)];
    await actUntil(part, run, 'redis:test');
    server.run(['ACL', 'SETUSER', 'raced', 'resetpass', `>${OLD}`]);
    const error = await rotationFailure(actionOf(part, 'redis:drop-old').act(run));
    expect([error.why, error.mayHaveHappened]).toEqual(['moved', false]);
    expect(await canLogIn('raced', OLD)).toBe(true);
  });

  it('takes away one password of several, and says that replicas have their own', async () => {
    await addUser('several', OLD);
    server.run(['ACL', 'SETUSER', 'several', '>another-value-7712']);
    const replica = await startRedis(program ?? '', ROOT, [
      `replicaof 127.0.0.1 ${server.port}`,
      `masterauth ${ROOT}`,
      `requirepass ${ROOT}`,
    ]);
    onTestFinished(() => replica.stop());
    await expect.poll(() => server.run(['INFO', 'replication']), { timeout: 20_000 }).toContain('connected_slaves:1');
    const part = await issuer({ user: 'several', ...admin }).plan('revoke', old, signal);
    expect(part.warnings.join()).toContain('it has 1 replicas');
    expect((await issuer({ user: 'default', ...admin }, {}, replica).plan('replace', new Secret(ROOT), signal)).warnings.join()).toContain(
      'is a replica',
    );
    await actUntil(part, createRun(old), '');
    expect([await canLogIn('several', OLD), await canLogIn('several', 'another-value-7712')]).toEqual([false, true]);
  });

  it('ends sessions where that is wanted', async () => {
    await addUser('busy', OLD);
    const [part, run] = [await issuer({ user: 'busy', 'end-sessions': 'yes', ...admin }).plan('replace', old, signal), createRun(old)];
    await actUntil(part, run, '');
    await actionOf(part, 'redis:end-sessions').act(run);
    expect(server.run(['CLIENT', 'LIST'])).not.toContain('user=busy');
  });

  it('has no settings that mean nothing here', () => {
    expect(redis.settings.map(({ name }) => name)).not.toContain('users');
    expect(() => issuer({ users: 'a,b' })).toThrow('exclude each other');
  });

  it.skipIf(!hasOpenssl)('goes over TLS, to the name in the certificate and to no other', async () => {
    const { ca, cert, key } = createCertificates('DNS:cache.example,IP:127.0.0.1');
    const lines = [
      'tls-port 0',
      'tls-cert-file FOLDER/cert.pem',
      'tls-key-file FOLDER/key.pem',
      'tls-ca-cert-file FOLDER/ca.pem',
      'tls-auth-clients no',
    ];
    const secured = await startRedis(program ?? '', ROOT, [`requirepass ${ROOT}`, ...lines], {
      'cert.pem': cert,
      'key.pem': key,
      'ca.pem': ca,
    });
    onTestFinished(() => secured.stop());
    // Whichever of the next ones nobody has.
    const ports = Array.from({ length: 20 }, (_, index) => (secured.port > 65_000 ? secured.port - 1 - index : secured.port + 1 + index));
    const port = ports.find((one) => secured.run(['CONFIG', 'SET', 'tls-port', String(one)]).includes('OK'));
    expect(port).toBeDefined();
    const files = { '/work/here/ca.pem': ca, '/other.pem': createCertificates('IP:127.0.0.1').ca };
    const over = (settings: IssuerSettings) => issuer({ port: String(port), ...settings }, files);
    const root = new Secret(ROOT);
    expect(await over({ 'ca-file': 'ca.pem' }).check(root, signal)).toMatchObject({ state: 'accepted' });
    expect(await over({ 'ca-file': 'ca.pem', 'tls-name': 'cache.example' }).check(root, signal)).toMatchObject({ state: 'accepted' });
    expect(await over({ 'ca-file': 'ca.pem', 'tls-name': 'other.example' }).check(root, signal)).toEqual({
      state: 'unknown',
      why: 'unreachable',
    });
    expect(await over({ 'ca-file': '/other.pem' }).check(root, signal)).toEqual({ state: 'unknown', why: 'unreachable' });
    expect((await rotationFailure(over({ 'ca-file': '/other.pem', ...admin }).plan('replace', root, signal))).message).toContain(
      'not trusted',
    );
  });
});
