/**
 * The built program, rotating passwords of real databases that the local store keeps: killed (SIGKILL) at each step and each state and resumed, and with connections that
 * break at each change. The end is looked at with the databases' own clients.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTcpProxy } from '../../fixtures/databases/tcp-proxy.ts';
import { findMariadb, startMysql } from '../issuers/real-mysql.ts';
import { findRedis, type RealRedis, startRedis } from '../issuers/real-redis.ts';
import { findPostgres, type RealPostgres, startPostgres } from '../stores/real-postgres.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = process.env['LEAKWARDEN_TEST_PROGRAM'] ?? join(ROOT, 'bin/leakwarden.cjs');
const KILLER = join(ROOT, 'fixtures/rotation/kill-at.mjs');
const ADMIN = 'admin-value-9911-Zz';
const STATES = ['APPROVED', 'LOCKED', 'CREATED', 'APPLIED', 'TESTED', 'PROMOTED', 'SETTLING', 'OLD_DISABLED', 'OLD_DEAD', 'CLOSED'];

type Database = {
  readonly port: number;
  /** Gives the user this password, and no other. */
  reset(password: string): void;
  canLogIn(password: string): boolean;
  stop(): Promise<void>;
};

type Shown = { readonly status: number | null; readonly signal: string | null; readonly stdout: string; readonly stderr: string };

/** A user's folders, with the password in the local store and in a repository; put back to the beginning at will. */
class Home {
  readonly folder = mkdtempSync(join(tmpdir(), 'leakwarden-database-'));
  readonly home = join(this.folder, 'home');
  readonly old = createHash('sha256').update('database').digest('base64url').slice(0, 32);

  /** Makes the plan too. */
  async begin(kind: string, port: number, settings: string): Promise<void> {
    const config = join(this.home, '.config/leakwarden');
    mkdirSync(config, { recursive: true });
    mkdirSync(join(this.home, 'work'));
    const rotator = `[[rotator]]\nname = "app"\nissuer = "${kind}"\nstore = "mine"\nref = "app/db"\nsettle-seconds = 0\nproof-seconds = 0\n`;
    const where = `host = "127.0.0.1"\nport = "${port}"\nuser = "app"\nadmin-password-variable = "ADMIN_PASSWORD"\n`;
    writeFileSync(join(config, 'rotators.toml'), `${rotator}${where}${settings}\n`, { mode: 0o600 });
    await this.run(['store', 'put', 'app/db'], {}, this.old);
    await this.run(['store', 'add', 'local', '--name', 'mine']);
    await this.run(['store', 'sync']);
    writeFileSync(join(this.home, 'work/app.env'), `DB_PASSWORD=${this.old}\n`);
    const scanned = await this.run(['scan', '--format', 'json', '--fail-on', 'never']);
    const report = JSON.parse(scanned.stdout) as { findings: { id: string }[] };
    const planned = await this.run(['rotate', report.findings[0]?.id ?? '', '--json', '--output', 'plan.json', '--quiet']);
    expect([planned.status, planned.stderr]).toEqual([0, '']);
    cpSync(this.home, join(this.folder, 'beginning'), { recursive: true });
  }

  again(): void {
    rmSync(this.home, { recursive: true, force: true });
    cpSync(join(this.folder, 'beginning'), this.home, { recursive: true });
  }

  apply(env: Readonly<Record<string, string>> = {}): Promise<Shown> {
    return this.run(['rotate', '--apply', join(this.home, 'work/plan.json'), '--approve', 'alice', '--quiet'], env);
  }

  run(words: readonly string[], env: Readonly<Record<string, string>> = {}, input = ''): Promise<Shown> {
    const args = env['LEAKWARDEN_KILL_AT'] === undefined ? [PROGRAM] : ['--import', KILLER, PROGRAM];
    const all = { PATH: process.env['PATH'] ?? '', HOME: this.home, ADMIN_PASSWORD: ADMIN, ...env };
    // Not waited for in one go: proxies live in this process.
    const child = spawn(process.execPath, [...args, ...words], { cwd: join(this.home, 'work'), env: all });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    return new Promise((resolve) => child.once('close', (status, signal) => resolve({ status, signal, stdout, stderr })));
  }

  async current(): Promise<string> {
    return (await this.run(['store', 'get', 'app/db'])).stdout.trim();
  }

  log(): string {
    return readFileSync(join(this.home, '.local/state/leakwarden/rotation/journal.jsonl'), 'utf8');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function postgres(): Promise<Database | null> {
  const binaries = findPostgres();
  const server: RealPostgres | null = binaries === null ? null : await startPostgres(binaries, ADMIN);
  server?.run('create role app login');
  return (
    server && {
      port: server.port,
      reset: (password) => server.run(`alter role app login password '${password}'`),
      canLogIn: (password) => works(() => server.run('select 1', 'app', password) === '1'),
      stop: () => server.stop(),
    }
  );
}

async function mysql(): Promise<Database | null> {
  const binaries = findMariadb();
  const server = binaries && (await startMysql(binaries));
  server?.run(`create user admin identified by '${ADMIN}'; grant all on *.* to admin with grant option; create user app`);
  return (
    server && {
      port: server.port,
      reset: (password) => server.run(`alter user app identified via mysql_native_password using password('${password}')`),
      canLogIn: (password) => works(() => server.run('select 1', 'app', password) === '1'),
      stop: () => server.stop(),
    }
  );
}

async function redis(): Promise<Database | null> {
  const program = findRedis();
  const server: RealRedis | null = program === null ? null : await startRedis(program, ADMIN, [`requirepass ${ADMIN}`]);
  return (
    server && {
      port: server.port,
      reset: (password) => server.run(['ACL', 'SETUSER', 'app', 'reset', 'on', `>${password}`, '+acl|whoami', '+ping']),
      canLogIn: (password) => works(() => server.run(['ACL', 'WHOAMI'], 'app', password) === 'app'),
      stop: () => server.stop(),
    }
  );
}

function works(trying: () => boolean): boolean {
  try {
    return trying();
  } catch {
    return false;
  }
}

const KINDS = [
  {
    kind: 'postgresql',
    has: findPostgres() !== null,
    start: postgres,
    settings: 'admin-user = "postgres"',
    isChange: (sent: string) => sent.includes('ALTER ROLE'),
    steps: ['postgresql:new-value', 'postgresql:set-password', 'local:write', 'local:disable'],
    states: STATES,
  },
  {
    kind: 'mysql',
    has: findMariadb() !== null,
    start: mysql,
    settings: 'admin-user = "admin"',
    isChange: (sent: string) => sent.includes('ALTER USER'),
    steps: ['mysql:set-password', 'mysql:drop-old'],
    states: ['PROMOTED'],
  },
  {
    kind: 'redis',
    has: findRedis() !== null,
    start: redis,
    settings: 'admin-user = "default"',
    isChange: (sent: string) => sent.includes('SETUSER'),
    steps: ['redis:set-password', 'redis:save-new', 'local:write', 'local:disable', 'redis:drop-old', 'redis:save-end'],
    states: ['PROMOTED', 'OLD_DISABLED'],
  },
] as const;

for (const { kind, has, start, settings, isChange, steps, states } of KINDS) {
  describe.skipIf(!has)(`a rotation of a ${kind} password${has ? '' : ' [skipped: there is no such server on this machine]'}`, () => {
    let database: Database | null = null;
    let home: Home | null = null;
    const begun = (): readonly [Database, Home] => {
      if (!database || !home) throw new Error('it was not begun');
      return [database, home];
    };
    beforeAll(async () => {
      database = await start();
      home = new Home();
      database?.reset(home.old);
      await home.begin(kind, database?.port ?? 0, settings);
    }, 120_000);
    afterAll(async () => {
      home?.remove();
      await database?.stop();
    });

    const lines = [
      ...states.map((state) => [`state ${state}`, `"state":"${state}"`] as const),
      ...steps.flatMap((step) => ['doing', 'done'].map((word) => [`${word} ${step}`, `"action":"${step}","event":"${word}"`] as const)),
    ];
    it('comes to the same end, killed after each line of its log', { timeout: 600_000 }, async () => {
      const [server, user] = begun();
      const rows: string[] = [];
      for (const [name, text] of lines) {
        user.again();
        server.reset(user.old);
        const killed = await user.apply({ LEAKWARDEN_KILL_AT: text, LEAKWARDEN_KILL_WHEN: 'after' });
        expect([name, killed.signal ?? killed.status, killed.stderr]).toEqual([name, 'SIGKILL', '']);
        const resumed = await user.run(['rotate', 'resume', '--quiet']);
        const current = await user.current();
        expect([name, resumed.status, user.log().includes('"state":"CLOSED"')], resumed.stderr).toEqual([
          name,
          name === 'state CLOSED' ? resumed.status : 0,
          true,
        ]);
        expect([name, server.canLogIn(user.old), server.canLogIn(current)]).toEqual([name, false, true]);
        expect([name, (await user.run(['rotate', 'verify-log'])).status]).toEqual([name, 0]);
        rows.push(`${name.padEnd(34)} ${resumed.status === 0 ? 'resumed' : 'was over'}; old refused, new in the store and accepted`);
      }
      process.stdout.write(`\n${kind}, killed (SIGKILL), then resumed:\n${rows.join('\n')}\n`);
    });

    const ends = [
      ['cut-before', [1, 3], true],
      ['cut-after', [0, 1, 3], null],
      ['hang-after', [0, 1, 3], null],
    ] as const;
    it.each(ends)(
      'leaves a password that works in the store, whatever breaks: %s',
      { timeout: 200_000 },
      async (fault, statuses, isOld) => {
        const [server] = begun();
        const proxy = await startTcpProxy(server.port, isChange);
        const user = new Home();
        try {
          server.reset(user.old);
          await user.begin(kind, proxy.port, settings);
          proxy.play(fault);
          const { status: applied, stdout } = await user.apply();
          process.stdout.write(`${kind}, ${fault}: exit ${applied}: ${stdout}`);
          proxy.play(null);
          expect(statuses).toContain(applied);
          const current = await user.current();
          expect([server.canLogIn(current), (await user.run(['rotate', 'verify-log'])).status]).toEqual([true, 0]);
          if (isOld !== null) expect(current === user.old).toBe(isOld);
        } finally {
          user.remove();
        }
      },
    );
  });
}
