/**
 * A real MariaDB or MySQL for tests, in a temporary folder, as a user without rights. MariaDB is Debian's; MySQL is what .ci/run puts into .cache/tools/mysql, or
 * LEAKWARDEN_MYSQL names. Null where the machine has none.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, startServer, unprivileged } from '../stores/real-server.ts';

export type RealMysql = {
  readonly port: number;
  readonly socket: string;
  readonly folder: string;
  /** Runs SQL as a user, over TCP with a password; as root over the socket where none is given. Returns what it prints. Throws when it is refused. */
  run(sql: string, user?: string, password?: string): string;
  stop(): Promise<void>;
};

export type MysqlBinaries = {
  readonly server: string;
  readonly install: readonly string[];
  readonly client: string;
  readonly folder: string | null;
};

const hasClient = spawnSync('mariadb', ['--version']).status === 0;

export function findMariadb(): MysqlBinaries | null {
  const [server, install] = ['/usr/sbin/mariadbd', '/usr/bin/mariadb-install-db'];
  if (!hasClient || !existsSync(server) || !existsSync(install)) return null;
  return {
    server,
    install: [install, '--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db'],
    client: 'mariadb',
    folder: null,
  };
}

/** Needs MariaDB's client too. */
export function findMysql(): MysqlBinaries | null {
  const installed = fileURLToPath(new URL('../../.cache/tools/mysql', import.meta.url));
  const folder = process.env['LEAKWARDEN_MYSQL'] ?? installed;
  const server = join(folder, 'bin', 'mysqld');
  if (!hasClient || !existsSync(server)) return null;
  return { server, install: [server, '--no-defaults', '--initialize-insecure'], client: 'mariadb', folder };
}

/** `options`: more of the server's, `--log-bin=OFF`. */
export async function startMysql(
  { server, install, client, folder: base }: MysqlBinaries,
  options: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): Promise<RealMysql> {
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-my-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o644 });
  const who = unprivileged();
  if (who) for (const path of [folder, data, ...Object.keys(files).map((name) => join(folder, name))]) chownSync(path, who.uid, who.gid);
  const env = { HOME: folder, ...(base ? { LD_LIBRARY_PATH: join(base, 'lib') } : {}) };
  const places = [`--datadir=${data}`, ...(base ? [`--basedir=${base}`, `--lc-messages-dir=${join(base, 'share')}`] : [])];
  const [installer = '', ...first] = install;
  execFileSync(installer, [...first, ...places], { ...who, cwd: folder, env: { PATH: process.env['PATH'], ...env }, stdio: 'ignore' });
  const port = await freePort();
  const socket = join(folder, 'socket');
  const where = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${socket}`, `--pid-file=${join(folder, 'pid')}`];
  const quick = [
    '--innodb-flush-log-at-trx-commit=0',
    `--general-log-file=${join(folder, 'log')}`,
    '--general-log=1',
    ...(base ? ['--mysqlx=OFF'] : []),
  ];
  const run: RealMysql['run'] = (sql, user, password) => {
    const as = user === undefined ? [`--socket=${socket}`, '-uroot'] : ['-h127.0.0.1', `-P${port}`, `-u${user}`];
    return execFileSync(client, ['--no-defaults', '--skip-ssl', ...as, '-NBe', sql], {
      env: { PATH: process.env['PATH'], ...(password === undefined ? {} : { MYSQL_PWD: password }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
      .toString()
      .trim();
  };
  const args = ['--no-defaults', ...places, ...where, ...quick, ...options.map((option) => option.replaceAll('FOLDER', folder))];
  const { stop } = await startServer({ command: server, args, env, user: who, folder }, async () => run('select 1') === '1');
  return { port, socket, folder, run, stop };
}
