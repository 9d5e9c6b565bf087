/** An Enterprise Server behind a proxy, with a certificate of the owner's own authority: real TLS, by a CONNECT proxy on loopback. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as ask, createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createJob, type Job, secretOf } from './job.ts';

const HOST = 'ghe.example';
const ISSUER = 'api.github.com';
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
let folder = '';

const openssl = (...args: string[]): void => {
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
};
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Starts what speaks TLS for the fake, and a proxy that leads every name to it. Returns the proxy's address and the names it was asked for. */
async function startProxy(job: Job): Promise<{ readonly proxy: string; readonly names: string[]; readonly issued: string[] }> {
  const names: string[] = [];
  const issued: string[] = [];
  const pem = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const server = createServer({ key: pem('server.key'), cert: pem('server.crt') }, (asked, response) => {
    if (asked.headers.host === ISSUER) {
      issued.push(`${asked.url ?? ''} ${asked.headers.authorization ?? ''}`);
      response.writeHead(200, { 'content-type': 'application/json', 'x-oauth-scopes': 'repo' });
      response.end('{"login":"alice"}');
      return;
    }
    const inner = ask(`${job.fake.origin}${asked.url ?? ''}`, { method: asked.method, headers: asked.headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(response);
    });
    asked.pipe(inner);
  });
  const proxy = createHttpServer();
  proxy.on('connect', ({ url = '' }, socket) => {
    names.push(url);
    const inner = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    for (const [from, to] of [
      [socket, inner],
      [inner, socket],
    ] as const)
      from.on('error', () => to.destroy()).pipe(to);
  });
  for (const one of [server, proxy]) {
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      one.closeAllConnections();
      one.close();
    });
  }
  return { proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, names, issued };
}

describe.skipIf(!hasOpenssl)(`an Enterprise Server${hasOpenssl ? '' : ' (skipped: there is no openssl)'}`, () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'leakwarden-action-tls-'));
    openssl('req', '-x509', ...KEY, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test-ca', '-days', '2');
    openssl('req', ...KEY, '-keyout', 'server.key', '-out', 'server.csr', '-subj', `/CN=${HOST}`);
    writeFileSync(join(folder, 'server.ext'), `subjectAltName=DNS:${HOST},DNS:${ISSUER}`);
    const signing = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'server.ext'];
    openssl('x509', '-req', '-in', 'server.csr', ...signing, '-out', 'server.crt');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is reached through the proxy, and trusted by the given certificates alone', { timeout: 60_000 }, async () => {
    const job = await createJob('/api/v3');
    job.origin.write('README.md', 'words\n');
    job.origin.commit('first');
    job.origin.git('checkout', '--quiet', '-b', 'topic');
    job.origin.write('a.txt', `const token = "${secretOf('ghe')}";\n`);
    job.origin.commit('adds');
    const payload = job.pullRequest('main', 'topic');
    job.checkout(job.id('topic'));
    const { proxy, names } = await startProxy(job);
    const env = { https_proxy: proxy, GITHUB_API_URL: `https://${HOST}/api/v3` };
    const refused = await job.run('pull_request', payload, { 'check-run': 'false' }, env);
    expect([refused.code, job.pull.reviews]).toEqual([1, []]);
    expect(refused.log).toContain('the review was left out');
    expect(refused.log).toContain('::error file=a.txt,line=1');
    const trusted = await job.run('pull_request', payload, { 'check-run': 'false', 'ca-file': join(folder, 'ca.crt') }, env);
    expect([trusted.code, job.pull.reviews.length, job.pull.comments.length], trusted.log).toEqual([1, 1, 1]);
    expect(new Set(names)).toEqual(new Set([`${HOST}:443`]));
  });

  it('does not keep the job from asking issuers, once, where the workflow says so', { timeout: 60_000 }, async () => {
    const job = await createJob();
    job.origin.write('README.md', 'words\n');
    job.origin.commit('first');
    const before = job.id('HEAD');
    const secret = secretOf('issued');
    job.origin.write('a.txt', `const token = "${secret}";\n`);
    job.origin.commit('adds');
    job.checkout(job.id('HEAD'));
    const { proxy, issued } = await startProxy(job);
    const env = { https_proxy: proxy, NODE_EXTRA_CA_CERTS: join(folder, 'ca.crt') };
    const inputs = { 'check': 'issuers', 'fail-on': 'live', 'check-run': 'false', 'sarif-file': 'out.sarif' };
    const payload = { ref: 'refs/heads/main', before, after: job.id('HEAD') };
    const result = await job.run('push', payload, inputs, env);
    expect([result.code, result.outputs['live-findings']], result.log).toEqual([1, '1']);
    expect(issued).toEqual([`/user Bearer ${secret}`]);
    expect(result.summary).toContain('alice');
    expect(JSON.parse(readFileSync(join(job.workspace.folder, 'out.sarif'), 'utf8')).runs[0].results[0].properties.verdict.state).toBe(
      'live',
    );
    const open = await job.run(
      'push',
      { ...payload, repository: { full_name: 'o/r', visibility: 'public' } },
      { ...inputs, 'sarif-file': '' },
      env,
    );
    expect(open.outputs['live-findings']).toBe('1');
    expect(open.summary + open.log).not.toContain('alice');
    for (const { everything } of [result, open]) expect(everything).not.toContain(secret);
  });
});
