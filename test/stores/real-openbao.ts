/**
 * A real OpenBao for tests: `bao server -dev` on a free loopback port, in memory, with an audit log in a temporary folder. Where the binary is not there (LEAKWARDEN_OPENBAO,
 * else .cache/tools/openbao/bin/bao, which .ci/run installs), tests are skipped and say so.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, startServer } from './real-server.ts';

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

/** Starts one over TLS, with an authority of its own; returns that and where it answers. */
export async function startOpenBaoWithTls(
  binary: string,
): Promise<{ readonly origin: string; readonly ca: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-bao-'));
  const port = await freePort();
  const tls = ['-dev-tls', `-dev-tls-cert-dir=${folder}`, `-dev-root-token-id=${ROOT_TOKEN}`, '-dev-no-store-token'];
  const args = ['server', '-dev', ...tls, `-dev-listen-address=127.0.0.1:${port}`];
  const authority = () => join(folder, readdirSync(folder).find((name) => /-ca\.pem$/.test(name)) ?? '');
  const isUp = () =>
    new Promise<boolean>((resolve, reject) => {
      const url = `https://127.0.0.1:${port}/v1/sys/health`;
      get(url, { ca: readFileSync(authority()) }, ({ statusCode }) => resolve(statusCode === 200)).on('error', reject);
    });
  const { stop } = await startServer({ command: binary, args, env: { HOME: folder }, folder }, isUp);
  return { origin: `https://127.0.0.1:${port}`, ca: readFileSync(authority(), 'utf8'), stop };
}

export async function startOpenBao(binary: string): Promise<RealOpenBao> {
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-bao-'));
  const auditLog = join(folder, 'audit.log');
  const config = join(folder, 'audit.hcl');
  writeFileSync(config, `audit "file" "file" {\n  options { file_path = "${auditLog}" }\n}\n`);
  const port = await freePort();
  const args = [`-dev-root-token-id=${ROOT_TOKEN}`, '-dev-no-store-token', `-dev-listen-address=127.0.0.1:${port}`, `-config=${config}`];
  const origin = `http://127.0.0.1:${port}`;
  const call: RealOpenBao['call'] = async (method, path, body, namespace) => {
    const headers = { 'x-vault-token': ROOT_TOKEN, ...(namespace ? { 'x-vault-namespace': namespace } : {}) };
    const reply = await fetch(`${origin}/v1/${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    const text = await reply.text();
    if (reply.status >= 400) throw new Error(`${method} ${path}: ${reply.status} ${text.slice(0, 300)}`);
    return text === '' ? {} : JSON.parse(text);
  };
  const isUp = async () => (await fetch(`${origin}/v1/sys/health`)).status === 200;
  const { stop } = await startServer({ command: binary, args: ['server', '-dev', ...args], env: { HOME: folder }, folder }, isUp);
  return { origin, auditLog, call, stop };
}
