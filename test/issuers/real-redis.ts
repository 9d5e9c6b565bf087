/** A real Redis (or Valkey) for tests, on loopback. Null where the machine has none. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, stopProcess, until } from '../stores/real-server.ts';

export type RealRedis = {
  readonly port: number;
  readonly folder: string;
  /** Runs a command as a user, as the user `default` where none is given; returns what it prints. */
  run(words: readonly string[], user?: string, password?: string): string;
  restart(): Promise<void>;
  stop(): Promise<void>;
};

export function findRedis(): string | null {
  const names = ['redis-server', 'valkey-server'];
  return names.find((name) => spawnSync(name, ['--version']).status === 0) ?? null;
}

/** `config`: lines of its file; FOLDER stands for its folder. `password` is that of the user `default`. */
export async function startRedis(
  server: string,
  password: string,
  config: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): Promise<RealRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-redis-'));
  const port = await freePort();
  const file = join(folder, 'redis.conf');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text.replaceAll('FOLDER', folder));
  const lines = [`port ${port}`, 'bind 127.0.0.1', 'save ""', `dir ${folder}`, ...config.map((line) => line.replaceAll('FOLDER', folder))];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const start = () => spawn(server, [file], { cwd: folder, stdio: 'ignore' });
  let child = start();
  const run: RealRedis['run'] = (words, user = 'default', own = password) =>
    execFileSync(
      server.replace('-server', '-cli'),
      ['-h', '127.0.0.1', '-p', String(port), '--user', user, '--no-auth-warning', ...words],
      {
        env: { PATH: process.env['PATH'], REDISCLI_AUTH: own },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
      .toString()
      .trim();
  const isUp = async (): Promise<boolean> => run(['PING']).includes('PONG');
  const stop = async () => {
    await stopProcess(child);
    rmSync(folder, { recursive: true, force: true });
  };
  const restart = async () => {
    await stopProcess(child);
    child = start();
    // Not `run(PING)`: the passwords may be others by now.
    await until(async () => run(['PING']) !== '', child);
  };
  try {
    await until(isUp, child);
    return { port, folder, run, restart, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
