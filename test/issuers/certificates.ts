/** Certificates for tests of TLS, made by openssl: an authority, and one of a server on loopback. Null where the machine has no openssl. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Certificates = { readonly ca: string; readonly cert: string; readonly key: string };

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** `names`: what the certificate is for, as openssl says it: `IP:127.0.0.1`. */
export function createCertificates(names: string): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-tls-'));
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  };
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  try {
    openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=authority of a test');
    openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=server of a test');
    writeFileSync(join(folder, 'names'), `subjectAltName=${names}`);
    const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names', '-out', 'server.crt'];
    openssl('x509', '-req', '-in', 'server.csr', ...signed);
    return { ca: read('ca.crt'), cert: read('server.crt'), key: read('server.key') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
