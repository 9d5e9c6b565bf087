/** Real servers for the connectors' tests: a program that .ci/run put into .cache/tools is started on a free loopback port, and stopped when the tests are done. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const TOOLS = fileURLToPath(new URL('../../.cache/tools/', import.meta.url));
/** A JVM on a busy machine takes the longest. */
const READY_MS = 50_000;

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

/** Starts a program and waits until `isReady` says so. Throws with the program's last words when it ends before. */
export async function startServer(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  isReady: () => Promise<boolean>,
): Promise<RealServer> {
  const child: ChildProcess = spawn(command, [...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const keep = (chunk: Buffer): void => {
    said = (said + chunk.toString()).slice(-2000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  for (const start = Date.now(); Date.now() - start < READY_MS; await wait(100)) {
    if (child.exitCode !== null) throw new Error(`${command} ended: ${said}`);
    if (await isReady().catch(() => false)) return { stop };
  }
  await stop();
  throw new Error(`${command} was not ready in ${READY_MS} ms: ${said}`);
}
