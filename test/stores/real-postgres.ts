/** A real PostgreSQL for tests, in a temporary folder, as a user without rights (it refuses to run as root). Null where the machine has none. */
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startServer, unprivileged } from './real-server.ts';

export type RealPostgres = {
  readonly port: number;
  readonly password: string;
  /** Its own, gone when it stops. */
  readonly folder: string;
  /** Runs SQL as a user, over TCP with a password; returns what it prints. Throws when it is refused. */
  run(sql: string, user?: string, password?: string): string;
  stop(): Promise<void>;
};

const DEBIAN = '/usr/lib/postgresql';

/** Returns the folder of the binaries, or null. */
export function findPostgres(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((one, other) => Number(other) - Number(one)) : [];
  const folders = [...versions.map((version) => join(DEBIAN, version, 'bin')), ...(process.env['PATH'] ?? '').split(':')];
  return folders.find((folder) => ['postgres', 'initdb', 'psql'].every((name) => existsSync(join(folder, name)))) ?? null;
}

/** `password` is the superuser's. `settings`: lines of its configuration; the files are put into its folder of data, readable by it alone. */
export async function startPostgres(
  binaries: string,
  password: string,
  settings: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): Promise<RealPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-pg-'));
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password);
  const user = unprivileged();
  for (const path of user ? [folder, passwordFile] : []) chownSync(path, user?.uid ?? 0, user?.gid ?? 0);
  const env = { LC_ALL: 'C' };
  const init = ['-D', data, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync', '-E', 'UTF8'];
  execFileSync(join(binaries, 'initdb'), init, { ...user, cwd: folder, env: { PATH: process.env['PATH'], ...env }, stdio: 'ignore' });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(data, name), text, { mode: 0o600 });
    if (user) chownSync(join(data, name), user.uid, user.gid);
  }
  const port = await freePort();
  const server = [...settings.flatMap((setting) => ['-c', setting]), '-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-F'];
  const run: RealPostgres['run'] = (sql, as = 'postgres', own = password) =>
    execFileSync(join(binaries, 'psql'), ['-h', '127.0.0.1', '-p', String(port), '-U', as, '-d', 'postgres', '-Atqc', sql], {
      env: { PATH: process.env['PATH'], PGPASSWORD: own },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .trim();
  const isUp = async (): Promise<boolean> => run('select 1') === '1';
  const { stop } = await startServer({ command: join(binaries, 'postgres'), args: server, env, user, folder }, isUp);
  return { port, password, folder, run, stop };
}
