/** The issuer of PostgreSQL passwords over a real server: the contract, what is sent, what the server says of roles, TLS. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reveal, Secret } from '../../src/core/secret.ts';
import type { IssuerSettings } from '../../src/issuers/issuer-kind.ts';
import { postgresql } from '../../src/issuers/postgresql.ts';
import { findPostgres, type RealPostgres, startPostgres } from '../stores/real-postgres.ts';
import { type Certificates, createCertificates, hasOpenssl } from './certificates.ts';
import { describeDatabase, rotationFailure } from './database-contract.ts';
import { createIssuerContext } from './issuer-context.ts';
import { actionOf, actUntil, createRun } from './rotation-run.ts';

const binaries = findPostgres();
const why = binaries ? '' : ' [skipped: no PostgreSQL on this machine]';
const SUPER = 'super-value-9911-Zz';
const OLD = 'old-value-3301-AbCdEfGh';
const signal = AbortSignal.timeout(600_000);
let server: RealPostgres;
let tls: Certificates | null = null;

describe.skipIf(!binaries)(`postgresql over a real server${why}`, () => {
  beforeAll(async () => {
    tls = hasOpenssl ? createCertificates('IP:127.0.0.1') : null;
    const log = ['log_statement=all', 'logging_collector=on', 'log_directory=log', 'log_filename=log', 'log_min_error_statement=debug1'];
    const ssl = tls ? ['ssl=on', 'ssl_cert_file=server.crt', 'ssl_key_file=server.key'] : [];
    const files = tls ? { 'server.crt': tls.cert, 'server.key': tls.key } : {};
    server = await startPostgres(binaries ?? '', SUPER, [...log, ...ssl], files);
  });
  afterAll(() => server?.stop());

  const canLogIn = async (user: string, password: string): Promise<boolean> => {
    try {
      return server.run('select 1', user, password) === '1';
    } catch {
      return false;
    }
  };

  describeDatabase(
    'postgresql (real)',
    async () => ({
      port: server.port,
      admin: { 'admin-user': 'postgres', 'admin-password-variable': 'ADMIN_PASSWORD' },
      adminPassword: SUPER,
      addUser: async (name, password) => {
        server.run(`create role ${name} login password '${password}'`);
      },
      canLogIn,
    }),
    {
      kind: postgresql,
      replaces: ['new-value', 'set-password', 'test'],
      revokes: ['lock'],
      hasTwo: false,
      alternates: true,
      isChange: (sent) => sent.includes('ALTER ROLE'),
    },
  );

  const issuer = (settings: IssuerSettings, files: Readonly<Record<string, string>> = {}, stored: Readonly<Record<string, string>> = {}) =>
    postgresql.create(
      { host: '127.0.0.1', port: String(server.port), ...settings },
      createIssuerContext({ ADMIN_PASSWORD: SUPER }, files, stored),
    );
  const asSuper = { 'admin-user': 'postgres', 'admin-password-variable': 'ADMIN_PASSWORD' };
  const addRole = (name: string, options = ''): void => {
    server.run(`create role ${name} password '${OLD}' ${options === '' ? 'login' : options}`);
  };
  const logged = (): string => readFileSync(join(server.folder, 'data', 'log', 'log'), 'utf8');

  it('sends the password as a verifier, which no log can hold', async () => {
    addRole('logged');
    const [one, old] = [issuer({ user: 'logged', ...asSuper }), new Secret(OLD)];
    const [part, run] = [await one.plan('replace', old, signal), createRun(old)];
    await actUntil(part, run, '');
    const fresh = run.fresh ? reveal(run.fresh, 'compare') : '';
    expect(fresh).toHaveLength(40);
    expect(await canLogIn('logged', fresh)).toBe(true);
    expect(logged()).toContain('ALTER ROLE "logged" PASSWORD \'SCRAM-SHA-256$4096:');
    expect(logged()).not.toContain(fresh);
    expect(server.run("select rolpassword like 'SCRAM-SHA-256$4096:%' from pg_authid where rolname = 'logged'")).toBe('t');
  });

  it('has a user change its own password, with nothing but the one that leaked', async () => {
    addRole('alone');
    const [one, old] = [issuer({ user: 'alone' }), new Secret(OLD)];
    const [part, run] = [await one.plan('replace', old, signal), createRun(old)];
    await actUntil(part, run, '');
    expect([await canLogIn('alone', OLD), await one.check(old, signal)]).toEqual([false, { state: 'refused' }]);
    expect((await one.plan('replace', old, signal, true)).actions).toHaveLength(part.actions.length);
    expect((await rotationFailure(one.plan('replace', old, signal))).why).toBe('denied');
    await actionOf(part, 'postgresql:set-password').undo?.act(run);
    expect(await canLogIn('alone', OLD)).toBe(true);
    expect((await rotationFailure(one.plan('revoke', old, signal))).message).toContain('needs admin-user');
  });

  it('keeps the rest of a connection string, and its user', async () => {
    addRole('"strange/user:1"');
    const text = `postgres://strange%2Fuser%3A1:${OLD}@db.internal:6432/app?sslmode=require`;
    const [one, old] = [issuer({ user: 'strange/user:1', ...asSuper }), new Secret(text)];
    expect(await one.check(old, signal)).toMatchObject({ state: 'accepted' });
    const [part, run] = [await one.plan('replace', old, signal), createRun(old)];
    await actUntil(part, run, '');
    const fresh = run.fresh ? reveal(run.fresh, 'compare') : '';
    expect(fresh).toMatch(/^postgres:\/\/strange%2Fuser%3A1:[A-Za-z0-9]{40}@db\.internal:6432\/app\?sslmode=require$/);
    expect(await canLogIn('strange/user:1', /:([A-Za-z0-9]{40})@/.exec(fresh)?.[1] ?? '')).toBe(true);
    const [strangers, stranger] = [issuer({ user: 'alone', ...asSuper }), new Secret(text)];
    expect(await strangers.check(stranger, signal)).toEqual({ state: 'unknown', why: 'no-checker' });
    expect((await rotationFailure(strangers.plan('replace', stranger, signal))).message).toContain('a connection string of strange/user:1');
  });

  it('quotes names, and takes no SQL from them', async () => {
    const evil = `x" superuser; drop table t; --'`;
    server.run(`create role "${evil.replaceAll('"', '""')}" login password '${OLD}'`);
    const [one, old] = [issuer({ user: evil, ...asSuper }), new Secret(OLD)];
    const [part, run] = [await one.plan('replace', old, signal), createRun(old)];
    await actUntil(part, run, '');
    expect(await canLogIn(evil, OLD)).toBe(false);
    expect(server.run('select count(*) from pg_roles where rolsuper')).toBe('1');
  });

  it('tells a role that may not log in from a wrong password, and an expired one from one that works', async () => {
    addRole('closed', 'nologin');
    addRole('expired', "login valid until '2001-01-01'");
    expect(await issuer({ user: 'closed' }).check(new Secret(OLD), signal)).toEqual({ state: 'refused' });
    expect(await issuer({ user: 'expired' }).check(new Secret(OLD), signal)).toEqual({ state: 'refused' });
    const closed = await issuer({ user: 'closed', ...asSuper }).plan('replace', new Secret(OLD), signal);
    expect(closed.warnings.join()).toContain('role closed is locked today');
    const expired = await rotationFailure(issuer({ user: 'expired', ...asSuper }).plan('replace', new Secret(OLD), signal));
    expect([expired.why, expired.message]).toEqual(['cannot', expect.stringContaining('the value is not the password of role expired')]);
    const powerful = await issuer({ user: 'postgres', ...asSuper }).plan('replace', new Secret(SUPER), signal);
    expect(powerful.warnings.join()).toContain('role postgres is a superuser');
  });

  it('knows the right password where the database is not there, and says nothing where none is asked for', async () => {
    addRole('guest');
    const elsewhere = issuer({ user: 'guest', database: 'nowhere' });
    expect(await elsewhere.check(new Secret(OLD), signal)).toMatchObject({ state: 'accepted' });
    expect(await elsewhere.check(new Secret('wrong'), signal)).toEqual({ state: 'refused' });
    const file = join(server.folder, 'data', 'pg_hba.conf');
    const before = readFileSync(file, 'utf8');
    try {
      writeFileSync(
        file,
        `host all guest 127.0.0.1/32 trust\nhost all closed 127.0.0.1/32 reject\nhost all logged 127.0.0.1/32 md5\n${before}`,
      );
      server.run('select pg_reload_conf()');
      await expect.poll(() => elsewhere.check(new Secret('wrong'), signal)).toEqual({ state: 'unknown', why: 'odd-reply' });
      expect(await issuer({ user: 'guest' }).check(new Secret('wrong'), signal)).toEqual({ state: 'unknown', why: 'odd-reply' });
      expect(await issuer({ user: 'closed' }).check(new Secret(OLD), signal)).toEqual({ state: 'unknown', why: 'denied' });
      expect(await issuer({ user: 'logged' }).check(new Secret('wrong'), signal)).toEqual({ state: 'refused' });
    } finally {
      writeFileSync(file, before);
      server.run('select pg_reload_conf()');
    }
  });

  it('needs CREATEROLE, and no more, of its admin; a superuser is out of that one’s reach', async () => {
    addRole('keeper', 'login createrole');
    addRole('kept');
    addRole('mighty', 'superuser');
    const admin = {
      'admin-user': 'keeper',
      'admin-password-store': 'vault',
      'admin-password-ref': 'secret/db',
      'admin-password-field': 'password',
    };
    const stored = { 'vault secret/db password': OLD };
    const [one, old] = [issuer({ user: 'kept', ...admin }, {}, stored), new Secret(OLD)];
    const [part, run] = [await one.plan('replace', old, signal), createRun(old)];
    await actUntil(part, run, '');
    expect(await canLogIn('kept', OLD)).toBe(false);
    const error = await rotationFailure(issuer({ user: 'mighty', ...admin }, {}, stored).plan('replace', old, signal));
    expect([error.why, error.message.replace(/:\d+/, '')]).toEqual([
      'cannot',
      'PostgreSQL at 127.0.0.1: keeper may not change role mighty: it needs SUPERUSER',
    ]);
    expect((await rotationFailure(issuer({ user: 'kept', ...admin }).plan('replace', old, signal))).why).toBe('not-found');
  });

  it('ends sessions where that is wanted, its own apart', async () => {
    addRole('busy');
    const one = issuer({ user: 'busy', ...asSuper, 'end-sessions': 'yes' });
    const [part, run] = [await one.plan('replace', new Secret(OLD), signal), createRun(new Secret(OLD))];
    expect(part.actions.map(({ id }) => id)).toEqual([
      'postgresql:new-value',
      'postgresql:set-password',
      'postgresql:test',
      'postgresql:end-sessions',
    ]);
    server.run('create extension if not exists dblink');
    server.run(
      `select dblink_connect('one', 'host=127.0.0.1 port=${server.port} dbname=postgres user=busy password=${OLD}'); select pg_sleep(0)`,
    );
    await actUntil(part, run, '');
    expect(server.run("select count(*) from pg_stat_activity where usename = 'busy'")).toBe('0');
  });

  it.skipIf(!hasOpenssl)(
    'goes over TLS where the host is not this machine or a certificate is named, and to nobody whose certificate is another’s',
    async () => {
      addRole('sealed');
      const ca = { '/work/here/ca.pem': tls?.ca ?? '', '/other.pem': createCertificates('IP:127.0.0.1').ca };
      const old = new Secret(OLD);
      expect(await issuer({ user: 'sealed', 'ca-file': 'ca.pem' }, ca).check(old, signal)).toMatchObject({ state: 'accepted' });
      expect(await issuer({ user: 'sealed', 'ca-file': 'ca.pem' }, ca).check(new Secret('wrong'), signal)).toEqual({ state: 'refused' });
      expect(await issuer({ user: 'sealed', 'ca-file': '/other.pem' }, ca).check(old, signal)).toEqual({
        state: 'unknown',
        why: 'unreachable',
      });
      expect(await issuer({ user: 'sealed', tls: 'yes' }, ca).check(old, signal)).toEqual({ state: 'unknown', why: 'unreachable' });
      const error = await rotationFailure(issuer({ user: 'sealed', 'ca-file': '/other.pem', ...asSuper }, ca).plan('replace', old, signal));
      expect([error.why, error.message]).toEqual(['unreachable', expect.stringContaining('a certificate that is not trusted')]);
      expect((await rotationFailure(issuer({ user: 'sealed', 'ca-file': 'gone.pem' }).plan('replace', old, signal))).why).toBe('cannot');
      expect(await issuer({ user: 'sealed', 'ca-file': 'gone.pem' }).check(old, signal)).toEqual({ state: 'unknown', why: 'no-checker' });
      const over = issuer({ user: 'sealed', 'ca-file': 'ca.pem', ...asSuper }, ca);
      const [part, run] = [await over.plan('replace', old, signal), createRun(old)];
      await actUntil(part, run, '');
      expect(await over.check(old, signal)).toEqual({ state: 'refused' });
    },
  );
});
