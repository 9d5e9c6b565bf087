/** A kubeconfig with a client certificate, against a server that asks for one: a real handshake, with certificates that openssl makes for the test. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { kubernetes } from '../../src/stores/kubernetes.ts';
import { createContext } from './store-context.ts';

const signal = new AbortController().signal;
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
let folder = '';

const openssl = (...args: string[]): void => {
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
};
const pem = (name: string): string => readFileSync(join(folder, name), 'utf8');

/** Makes NAME.key and NAME.crt, signed by ca.key; `extension`: what the certificate is for. */
function issue(name: string, subject: string, extension: string): void {
  writeFileSync(join(folder, `${name}.ext`), extension);
  openssl(
    'req',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    subject,
  );
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    `${name}.ext`,
    '-out',
    `${name}.crt`,
  );
}

async function startServer(): Promise<{ readonly origin: string; readonly seen: string[] }> {
  const seen: string[] = [];
  const options = { key: pem('server.key'), cert: pem('server.crt'), ca: pem('ca.crt'), requestCert: true, rejectUnauthorized: true };
  const server = createServer(options, (request, response) => {
    seen.push(String((request.socket as TLSSocket).getPeerCertificate().subject.CN));
    const username = seen.at(-1);
    request.resume();
    response.end(JSON.stringify({ status: { userInfo: { username }, resourceRules: [] } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const configOf = (server: string, cluster: object, user: object): string =>
  JSON.stringify({
    'current-context': 'dev',
    'contexts': [{ name: 'dev', context: { cluster: 'c', user: 'u' } }],
    'clusters': [{ name: 'c', cluster: { server, ...cluster } }],
    'users': [{ name: 'u', user }],
  });
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe.skipIf(!hasOpenssl)(`kubernetes over TLS${hasOpenssl ? '' : ' (skipped: there is no openssl)'}`, () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'leakwarden-tls-'));
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.crt',
      '-subj',
      '/CN=test-ca',
      '-days',
      '2',
    );
    issue('server', '/CN=server', 'subjectAltName=IP:127.0.0.1');
    issue('client', '/O=readers/CN=leakwarden', 'extendedKeyUsage=clientAuth');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const access = (config: string) =>
    kubernetes.create({ kubeconfig: 'kube', context: 'dev' }, createContext({ files: { '/work/here/kube': config } })).access(signal);
  const user = () => ({ 'client-certificate-data': base64(pem('client.crt')), 'client-key-data': base64(pem('client.key')) });

  it('shows its certificate, and trusts the cluster’s authority', async () => {
    const { origin, seen } = await startServer();
    const cluster = { 'certificate-authority-data': base64(pem('ca.crt')) };
    expect((await access(configOf(origin, cluster, user()))).identity).toBe('leakwarden');
    expect(new Set(seen)).toEqual(new Set(['leakwarden']));
  });

  it('does not talk to a server of another authority', async () => {
    const { origin, seen } = await startServer();
    await expect(access(configOf(origin, {}, user()))).rejects.toMatchObject({ why: 'unreachable' });
    expect(seen).toEqual([]);
  });

  it('is not let in without its certificate', async () => {
    const { origin, seen } = await startServer();
    const cluster = { 'certificate-authority-data': base64(pem('ca.crt')) };
    await expect(access(configOf(origin, cluster, { token: 'fake-token' }))).rejects.toMatchObject({ why: 'unreachable' });
    expect(seen).toEqual([]);
  });
});
