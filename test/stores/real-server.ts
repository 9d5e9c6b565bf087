/** Real servers for tests: a program is started on a free loopback port, where there is one (the machine's, or what .ci/run put into .cache/tools), and stopped when the tests are done. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const TOOLS = fileURLToPath(new URL('../../.cache/tools/', import.meta.url));

/** Returns the path of a tool in .cache/tools, or null where it is not installed. */
export function toolPath(name: string): string | null {
  return existsSync(TOOLS + name) ? TOOLS + name : null;
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

export type RealServer = { stop(): Promise<void> };

export type ServerStart = {
  readonly command: string;
  readonly args: readonly string[];
  /** Beside PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where it is to run as somebody else. */
  readonly user?: { readonly uid: number; readonly gid: number } | null;
  /** Where it runs; of its own, and gone when it stops. */
  readonly folder?: string;
};

/** Starts a program and waits until `isReady` says so. Throws with the program's last words when it ends before, or takes too long. */
export async function startServer(
  { command, args, env = {}, user = null, folder }: ServerStart,
  isReady: () => Promise<boolean>,
): Promise<RealServer> {
  const child = spawn(command, [...args], {
    ...user,
    ...(folder === undefined ? {} : { cwd: folder }),
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const keep = (words: unknown): void => {
    said = (said + String(words)).slice(-2000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', keep);
  const stop = async (): Promise<void> => {
    await stopProcess(child);
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until(isReady, child);
    return { stop };
  } catch (error) {
    await stop();
    // A program that is not there is told of in the next turn.
    await wait(0);
    throw new Error(`${command} did not start: ${said}`, { cause: error });
  }
}

/** Returns `nobody` where we are root, whom databases do not run as, else nothing: we are without rights ourselves. */
export function unprivileged(): { readonly uid: number; readonly gid: number } | null {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : null;
}

/** Waits until it is so: 60 s at most (a JVM on a busy machine takes the longest), as long as the process lives. */
export async function until(isSo: () => Promise<boolean>, child?: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (child && (child.pid === undefined || child.exitCode !== null)) throw new Error(`it ended with ${child.exitCode}`);
    if (await isSo().catch(() => false)) return;
    await wait(100);
  }
  throw new Error('it did not come up within 60 s');
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}
