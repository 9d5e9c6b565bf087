/**
 * A real OpenBao for tests: `bao server -dev` on a free loopback port, in memory, with an audit log in a temporary folder. Where the binary is not there (LEAKWARDEN_OPENBAO,
 * else .cache/tools/openbao/bin/bao, which .ci/run installs), tests are skipped and say so.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export type RealOpenBao = {
  readonly origin: string;
  readonly auditLog: string;
  /** Sends a request as root, and returns the reply's JSON ({} for none). Throws for a status of 400 or more. */
  call(method: string, path: string, body?: object, namespace?: string): Promise<Readonly<Record<string, never>>>;
  stop(): Promise<void>;
};

export const ROOT_TOKEN = 'root';

/** Returns the path of the binary, or null. */
export function findOpenBao(): string | null {
  const installed = fileURLToPath(new URL('../../.cache/tools/openbao/bin/bao', import.meta.url));
  const path = process.env['LEAKWARDEN_OPENBAO'] ?? installed;
  return existsSync(path) ? path : null;
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Starts one over TLS, with an authority of its own; returns that and where it answers. */
export async function startOpenBaoWithTls(
  binary: string,
): Promise<{ readonly origin: string; readonly ca: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-bao-'));
  const port = await freePort();
  const tls = ['-dev-tls', `-dev-tls-cert-dir=${folder}`, `-dev-root-token-id=${ROOT_TOKEN}`, '-dev-no-store-token'];
  const args = ['server', '-dev', ...tls, `-dev-listen-address=127.0.0.1:${port}`];
  const child = spawn(binary, args, { env: { PATH: process.env['PATH'], HOME: folder }, stdio: 'ignore' });
  const authority = () => join(folder, readdirSync(folder).find((name) => /-ca\.pem$/.test(name)) ?? '');
  const stop = async () => {
    await stopProcess(child);
    rmSync(folder, { recursive: true, force: true });
  };
  const isUp = () =>
    new Promise<boolean>((resolve, reject) => {
      const url = `https://127.0.0.1:${port}/v1/sys/health`;
      get(url, { ca: readFileSync(authority()) }, ({ statusCode }) => resolve(statusCode === 200)).on('error', reject);
    });
  try {
    await until(isUp, child);
    return { origin: `https://127.0.0.1:${port}`, ca: readFileSync(authority(), 'utf8'), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export async function startOpenBao(binary: string): Promise<RealOpenBao> {
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-bao-'));
  const auditLog = join(folder, 'audit.log');
  const config = join(folder, 'audit.hcl');
  writeFileSync(config, `audit "file" "file" {\n  options { file_path = "${auditLog}" }\n}\n`);
  const port = await freePort();
  const args = [`-dev-root-token-id=${ROOT_TOKEN}`, '-dev-no-store-token', `-dev-listen-address=127.0.0.1:${port}`, `-config=${config}`];
  const child = spawn(binary, ['server', '-dev', ...args], { env: { PATH: process.env['PATH'], HOME: folder }, stdio: 'ignore' });
  const origin = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await stopProcess(child);
    rmSync(folder, { recursive: true, force: true });
  };
  const call: RealOpenBao['call'] = async (method, path, body, namespace) => {
    const headers = { 'x-vault-token': ROOT_TOKEN, ...(namespace ? { 'x-vault-namespace': namespace } : {}) };
    const reply = await fetch(`${origin}/v1/${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    const text = await reply.text();
    if (reply.status >= 400) throw new Error(`${method} ${path}: ${reply.status} ${text.slice(0, 300)}`);
    return text === '' ? {} : JSON.parse(text);
  };
  try {
    await until(async () => (await fetch(`${origin}/v1/sys/health`)).status === 200, child);
    return { origin, auditLog, call, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits until it is so: 60 s at most, as long as the process lives. */
export async function until(isSo: () => Promise<boolean>, child?: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (child && child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    if (await isSo().catch(() => false)) return;
    await wait(100);
  }
  throw new Error('it did not come up within 60 s');
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}
