/** The issuer of MySQL passwords over a real MariaDB and a real MySQL: the contract, and what is of each. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reveal, Secret } from '../../src/core/secret.ts';
import type { IssuerSettings } from '../../src/issuers/issuer-kind.ts';
import { mysql } from '../../src/issuers/mysql.ts';
import { cachingSha2Hash, nativeHash, shaCrypt } from '../../src/issuers/mysql-password-hash.ts';
import { type Certificates, createCertificates, hasOpenssl } from './certificates.ts';
import { describeDatabase, rotationFailure } from './database-contract.ts';
import { createIssuerContext } from './issuer-context.ts';
import { findMariadb, findMysql, type RealMysql, startMysql } from './real-mysql.ts';
import { actionOf, actUntil, createRun } from './rotation-run.ts';

const ROOT = 'root-value-9911-Zz';
const OLD = 'old-value-3301-AbCdEfGh';
const OTHER = 'other-value-5544-QrStUv';
const signal = AbortSignal.timeout(600_000);
const servers = [
  ['MariaDB', findMariadb(), 'no MariaDB on this machine'],
  ['MySQL', findMysql(), 'no MySQL on this machine; LEAKWARDEN_MYSQL names its folder'],
] as const;

describe('the forms in which a server keeps a password', () => {
  it('are those of the algorithms’ own examples', () => {
    expect(nativeHash(new Secret('password'))).toBe('*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19');
    expect(shaCrypt(Buffer.from('Hello world!'), Buffer.from('saltstring'), 5000)).toBe('5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5');
    expect(cachingSha2Hash(new Secret('x'))).toMatch(/^\$A\$005\$[./0-9A-Za-z]{63}$/);
  });
});

describe.each(servers)('mysql over a real %s', (name, binaries, missing) => {
  describe.skipIf(!binaries)(binaries ? 'real' : `[skipped: ${missing}]`, () => {
    let server: RealMysql;
    let tls: Certificates | null = null;
    const isMaria = name === 'MariaDB';
    beforeAll(async () => {
      if (!binaries) return;
      tls = hasOpenssl ? createCertificates('DNS:db.example') : null;
      const ssl = tls ? ['--ssl-cert=FOLDER/cert.pem', '--ssl-key=FOLDER/key.pem', '--ssl-ca=FOLDER/ca.pem'] : [];
      server = await startMysql(binaries, ssl, tls ? { 'cert.pem': tls.cert, 'key.pem': tls.key, 'ca.pem': tls.ca } : {});
      server.run(`create user admin identified by '${ROOT}'; grant all on *.* to admin with grant option`);
    }, 60_000);
    afterAll(() => server?.stop());

    const canLogIn = async (user: string, password: string): Promise<boolean> => {
      try {
        return server.run('select 1', user, password) === '1';
      } catch {
        return false;
      }
    };

    describeDatabase(
      `mysql (${name})`,
      async () => ({
        port: server.port,
        admin: { 'admin-user': 'admin', 'admin-password-variable': 'ADMIN_PASSWORD' },
        adminPassword: ROOT,
        addUser: async (user, password) => {
          server.run(`create user ${user} identified by '${password}'`);
        },
        canLogIn,
      }),
      {
        kind: mysql,
        replaces: ['new-value', 'set-password', 'test', 'drop-old'],
        revokes: ['lock'],
        hasTwo: true,
        alternates: true,
        isChange: (sent) => sent.includes('ALTER USER'),
      },
    );

    const issuer = (settings: IssuerSettings, files: Readonly<Record<string, string>> = {}) =>
      mysql.create(
        { host: '127.0.0.1', port: String(server.port), ...settings },
        createIssuerContext({ ADMIN_PASSWORD: ROOT, OLD_PASSWORD: OLD }, files),
      );
    const asAdmin = { 'admin-user': 'admin', 'admin-password-variable': 'ADMIN_PASSWORD' };
    const old = new Secret(OLD);
    const addUser = (user: string, more = ''): void => {
      server.run(`create user ${user} identified by '${OLD}' ${more}`);
    };

    it('sends the password in the form in which the server keeps it, so that no log holds it', async () => {
      addUser('logged');
      const one = issuer({ user: 'logged', ...asAdmin });
      const [part, run] = [await one.plan('replace', old, signal), createRun(old)];
      await actUntil(part, run, '');
      const log = readFileSync(join(server.folder, 'log'), 'latin1');
      expect(log).toContain("ALTER USER 'logged'@'%'");
      expect(log).not.toContain(run.fresh ? reveal(run.fresh, 'compare') : '');
    });

    it('overwrites no password that somebody else has set since', async () => {
      addUser('moved');
      const one = issuer({ user: 'moved', ...asAdmin });
      const [part, run] = [await one.plan('replace', old, signal), createRun(old)];
      await actUntil(part, run, 'mysql:new-value');
      server.run(`alter user moved identified by '${OTHER}'`);
      const error = await rotationFailure(actionOf(part, 'mysql:set-password').act(run));
      expect([error.why, error.mayHaveHappened]).toEqual(['moved', false]);
      expect(await canLogIn('moved', OTHER)).toBe(true);
    });

    it('has a user change its own password, with nothing but the one that leaked', async () => {
      addUser('alone');
      const one = issuer({ user: 'alone' });
      const [part, run] = [await one.plan('replace', old, signal), createRun(old)];
      expect(part.actions.map(({ id }) => id)).toEqual(['mysql:new-value', 'mysql:set-password', 'mysql:test']);
      expect(part.warnings.join()).toContain('sessions that are open');
      await actUntil(part, run, '');
      expect(await canLogIn('alone', OLD)).toBe(false);
      expect(await one.check(old, signal)).toEqual({ state: 'refused' });
      expect((await one.plan('replace', old, signal, true)).actions).toHaveLength(3);
      await actionOf(part, 'mysql:set-password').undo?.act(run);
      expect(await canLogIn('alone', OLD)).toBe(true);
      const log = readFileSync(join(server.folder, 'log'), 'latin1');
      expect(log).not.toContain(run.fresh ? reveal(run.fresh, 'compare') : '');
    });

    it('replaces at once where that is wanted', async () => {
      addUser('atonce');
      const one = issuer({ user: 'atonce', 'two-passwords': 'no', ...asAdmin });
      const [part, run] = [await one.plan('replace', old, signal), createRun(old)];
      await actUntil(part, run, 'mysql:set-password');
      expect(await canLogIn('atonce', OLD)).toBe(false);
      await actionOf(part, 'mysql:set-password').undo?.act(run);
      expect(await canLogIn('atonce', OLD)).toBe(true);
    });

    it('guesses no account among several of a name, and takes names as they are', async () => {
      server.run(`create user several@'%' identified by '${OLD}'; create user several@'10.0.%' identified by '${OTHER}'`);
      const error = await rotationFailure(issuer({ user: 'several', ...asAdmin }).plan('replace', old, signal));
      expect([error.why, error.message]).toEqual(['ambiguous', expect.stringContaining('account-host names one')]);
      const one = issuer({ user: 'several', 'account-host': '%', ...asAdmin });
      const [part, run] = [await one.plan('replace', old, signal), createRun(old)];
      expect(part.identity).toContain('account several@% on');
      await actUntil(part, run, '');
      expect(await canLogIn('several', OLD)).toBe(false);
      const evil = String.raw`x\' or "1`;
      server.run(`create user 'x\\\\\\' or "1' identified by '${OLD}'`);
      const strange = issuer({ user: evil, ...asAdmin });
      const second = createRun(old);
      await actUntil(await strange.plan('replace', old, signal), second, '');
      expect(await strange.check(old, signal)).toEqual({ state: 'refused' });
      expect(await strange.check(second.fresh ?? old, signal)).toMatchObject({ state: 'accepted' });
    });

    it('takes the account of another host for no refusal, where an admin can tell', async () => {
      server.run(`create user elsewhere@'10.20.%' identified by '${OLD}'`);
      expect(await issuer({ user: 'elsewhere', ...asAdmin }).check(old, signal)).toEqual({ state: 'unknown', why: 'denied' });
      const error = await rotationFailure(issuer({ user: 'elsewhere', ...asAdmin }).plan('replace', old, signal));
      expect(error.why).toBe('denied');
    });

    it('tells a locked account from a wrong password', async () => {
      addUser('closed', 'account lock');
      expect(await issuer({ user: 'closed' }).check(old, signal)).toEqual({ state: 'refused' });
      const part = await issuer({ user: 'closed', ...asAdmin }).plan('replace', old, signal);
      expect(part.warnings.join()).toContain('account closed is locked today');
      const revoke = await issuer({ user: 'closed', ...asAdmin }).plan('revoke', old, signal);
      expect(await actionOf(revoke, 'mysql:lock').happened(createRun(old))).toBe('yes');
    });

    it('keeps other ways to log in, and refuses those whose passwords are made elsewhere', async () => {
      if (isMaria) {
        server.run(`create user ways identified via mysql_native_password using password('${OLD}') or unix_socket`);
        const [one, run] = [issuer({ user: 'ways', ...asAdmin }), createRun(old)];
        const part = await one.plan('replace', old, signal);
        expect(part.warnings.join()).toContain('without a password');
        await actUntil(part, run, '');
        expect(await canLogIn('ways', OLD)).toBe(false);
        expect(server.run('show create user ways')).toMatch(/VIA mysql_native_password USING '\*[0-9A-F]{40}' OR unix_socket/);
        server.run(`install soname 'auth_ed25519'; create user curve identified via ed25519 using password('${OLD}')`);
      } else {
        server.run(`create user native identified with mysql_native_password by '${OLD}'`);
        const [one, run] = [issuer({ user: 'native', ...asAdmin }), createRun(old)];
        await actUntil(await one.plan('replace', old, signal), run, '');
        expect([await canLogIn('native', OLD), await canLogIn('native', run.fresh ? reveal(run.fresh, 'compare') : '')]).toEqual([
          false,
          true,
        ]);
        server.run(`create user curve identified with sha256_password by '${OLD}'`);
      }
      const error = await rotationFailure(issuer({ user: 'curve', ...asAdmin }).plan('revoke', old, signal));
      expect(error.why).toBe('cannot');
    });

    it('ends sessions where that is wanted', async () => {
      addUser('busy');
      const one = issuer({ user: 'busy', 'end-sessions': 'yes', ...asAdmin });
      const [part, run] = [await one.plan('replace', old, signal), createRun(old)];
      expect(part.actions.at(-1)?.id).toBe('mysql:end-sessions');
      await actUntil(part, run, '');
      await actionOf(part, 'mysql:end-sessions').act(run);
      expect(server.run("select count(*) from information_schema.processlist where user = 'busy'")).toBe('0');
    });

    it.skipIf(!hasOpenssl)('goes over TLS, to the name in the certificate and to no other', async () => {
      addUser('sealed', 'require ssl');
      const files = { '/work/here/ca.pem': tls?.ca ?? '', '/other.pem': createCertificates('DNS:db.example').ca };
      const over = (settings: IssuerSettings) => issuer({ user: 'sealed', ...settings }, files);
      const right = { 'ca-file': 'ca.pem', 'tls-name': 'db.example' };
      expect(await over(right).check(old, signal)).toMatchObject({ state: 'accepted' });
      expect(await over(right).check(new Secret(OTHER), signal)).toEqual({ state: 'refused' });
      expect(await over({ ...right, 'tls-name': 'db2.example' }).check(old, signal)).toEqual({ state: 'unknown', why: 'unreachable' });
      expect(await over({ ...right, 'ca-file': '/other.pem' }).check(old, signal)).toEqual({ state: 'unknown', why: 'unreachable' });
      expect((await rotationFailure(over({ ...right, 'ca-file': '/other.pem', ...asAdmin }).plan('replace', old, signal))).why).toBe(
        'unreachable',
      );
      expect((await rotationFailure(over({ 'ca-file': 'ca.pem' }).plan('replace', old, signal))).message).toContain('tls-name');
      const run = createRun(old);
      await actUntil(await over({ ...right, ...asAdmin }).plan('replace', old, signal), run, '');
      expect(await over(right).check(old, signal)).toEqual({ state: 'refused' });
    });

    it('is not led astray by the SQL mode of the server, and goes through a Unix socket', async () => {
      server.run("set global sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'");
      try {
        addUser('modes');
        const one = issuer({ user: 'modes', ...asAdmin, host: server.socket });
        const run = createRun(old);
        await actUntil(await one.plan('replace', old, signal), run, '');
        expect([await canLogIn('modes', OLD), await one.check(run.fresh ?? old, signal)]).toEqual([
          false,
          expect.objectContaining({ state: 'accepted' }),
        ]);
      } finally {
        server.run('set global sql_mode = default');
      }
    });
  });
});
