/** Which leaks are live, in a job: stores named by an input, signed in with the job's own identity or the step's environment; an index that is carried from run to run. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { arnOf, REGION, startAws } from '../../fixtures/stores/aws.ts';
import { CLIENT, FEDERATED, startAzure, TENANT } from '../../fixtures/stores/azure.ts';
import { createKeys, EMAIL, startGcp } from '../../fixtures/stores/gcp.ts';
import { startFakeVault } from '../../fixtures/stores/vault.ts';
import { cloudIdentity } from '../../src/action/cloud-identity.ts';
import { readInputs } from '../../src/action/inputs.ts';
import { fetchGcpToken } from '../../src/stores/gcp-auth.ts';
import { startLoopback } from '../net/loopback.ts';
import { createContext, realTime } from '../stores/store-context.ts';
import { createJob, type Job, type JobResult, secretOf } from './job.ts';

const line = (secret: string): string => `const token = "${secret}";\n`;

/** Gives each audience the token that its fake takes. */
const SUBJECTS: Readonly<Record<string, string>> = { 'sts.amazonaws.com': 'web-token', 'api://AzureADTokenExchange': FEDERATED };

async function startIssuer() {
  const issuer = await startLoopback(({ path, headers }) => {
    if (headers.authorization !== 'Bearer runner-bearer') return { status: 401 };
    const audience = new URL(path, 'http://x').searchParams.get('audience') ?? '';
    return { body: JSON.stringify({ value: SUBJECTS[audience] ?? `jwt-for-${audience}` }) };
  });
  return { env: { ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer.origin}/token?v=2`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner-bearer' }, issuer };
}

/** A push of two secrets. */
async function open(
  live: string,
  other: string,
): Promise<{ job: Job; push: (inputs: Record<string, string>, env?: Record<string, string>, more?: object) => Promise<JobResult> }> {
  const job = await createJob();
  job.origin.write('README.md', 'words\n');
  job.origin.commit('first');
  const before = job.id('HEAD');
  job.origin.write('a.txt', line(live));
  job.origin.write('b.txt', line(other));
  job.origin.commit('adds');
  job.checkout(job.id('HEAD'));
  const payload = { ref: 'refs/heads/main', before, after: job.id('HEAD') };
  return { job, push: (inputs, env = {}, more = {}) => job.run('push', { ...payload, ...more }, { 'check-run': 'false', ...inputs }, env) };
}

const table = (settings: Readonly<Record<string, string>>): string =>
  ['[[store]]', 'name = "team"', ...Object.entries(settings).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)].join('\n');

function expectLive(result: JobResult, live: string): void {
  expect([result.outputs['findings'], result.outputs['live-findings']], result.log).toEqual(['2', '1']);
  expect(result.everything).not.toContain(live);
  expect(result.summary).toContain('2 findings, 1 live');
}

describe('the job signs in to', () => {
  it('Vault, with a token of its own', async () => {
    const [live, other] = [secretOf('live'), secretOf('other')];
    const vault = await startFakeVault({ flavour: 'openbao', engine: 2 });
    await vault.put('secret/app/token', { value: live });
    const { env } = await startIssuer();
    const { push, job } = await open(live, other);
    const stores = table({ kind: 'vault', address: vault.origin, auth: 'jwt', role: 'ci', 'jwt-audience': 'vault.example' });
    const result = await push({ stores, 'fail-on': 'live' }, env);
    expect(result.code).toBe(1);
    expectLive(result, live);
    expect(vault.logins[0]?.body).toEqual({ role: 'ci', jwt: 'jwt-for-vault.example' });
    expect(result.summary).toContain('live: ');
    expect(result.summary).toContain('app/token');
    // Nothing of it stays on the disk.
    expect(readdirSync(join(job.workspace.folder, '..', 'run-1')).sort()).toEqual(['event.json', 'output', 'summary']);
    const open_ = await push({ stores, 'fail-on': 'live' }, env, {
      repository: { full_name: 'o/r', default_branch: 'main', visibility: 'public' },
    });
    expectLive(open_, live);
    expect(open_.everything).not.toContain('app/token');
  });

  it('AWS, by taking a role', async () => {
    const [live, other] = [secretOf('live'), secretOf('other')];
    const aws = await startAws();
    aws.put(arnOf('app'), live);
    const { env } = await startIssuer();
    const { push } = await open(live, other);
    const stores = table({ kind: 'aws', region: REGION, endpoint: aws.origin, 'sts-endpoint': aws.origin });
    const result = await push({ stores, 'aws-role': 'arn:aws:iam::111122223333:role/ci' }, { ...env, AWS_EC2_METADATA_DISABLED: 'true' });
    expectLive(result, live);
    expect(aws.operations()[0]).toBe('AssumeRoleWithWebIdentity');
    expect(result.log).toContain('::add-mask::web-token');
  });

  it('Azure, with a federated credential', async () => {
    const [live, other] = [secretOf('live'), secretOf('other')];
    const azure = await startAzure();
    azure.put('app', live);
    const { env } = await startIssuer();
    const { push } = await open(live, other);
    const stores = table({ kind: 'azure', vault: azure.origin, authority: azure.origin });
    expectLive(await push({ stores, 'azure-client-id': CLIENT, 'azure-tenant-id': TENANT }, env), live);
  });

  it('Google Cloud, with what google-github-actions/auth would write, in memory', async () => {
    const fake = await startGcp(createKeys());
    const provider = 'projects/1/locations/global/workloadIdentityPools/ci/providers/github';
    const asked: string[] = [];
    const inputs = readInputs({ 'INPUT_GCP-PROVIDER': provider, 'INPUT_GCP-SERVICE-ACCOUNT': EMAIL });
    const { env, held } = cloudIdentity(inputs, async (audience) => {
      asked.push(audience);
      return 'fake-subject';
    });
    const read = async (file: string): Promise<string> => {
      const text = await held.get(file)?.();
      // Google's addresses are those of the fake here.
      return (text ?? '').replaceAll(/https:\/\/(?:sts|iamcredentials)\.googleapis\.com/g, fake.origin).replace(provider, 'pool');
    };
    const context = { ...createContext({ env: { ...env }, now: realTime }), readFile: read };
    const { token, identity } = await fetchGcpToken({}, context, new AbortController().signal);
    expect([fake.tokens.has(token), identity]).toEqual([true, EMAIL]);
    expect(asked).toEqual([`https://iam.googleapis.com/${provider}`]);
  });

  it.each([
    [{ 'azure-client-id': 'x' }, 'go together'],
    [{ 'gcp-service-account': 'a@b.c' }, 'needs gcp-provider'],
    [{ 'gcp-provider': 'my-pool' }, 'gcp-provider is projects/'],
    [
      { 'gcp-provider': 'projects/1/locations/global/workloadIdentityPools/p/providers/p', 'gcp-service-account': '../x' },
      'is an e-mail address',
    ],
  ])('no cloud, with %j', (given, words) => {
    const variables = Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]));
    expect(() => cloudIdentity(readInputs(variables), async () => '')).toThrow(words);
  });
});

describe('an index', () => {
  it('is made once and used by jobs that cannot ask the store', async () => {
    const [live, other] = [secretOf('live'), secretOf('other')];
    const vault = await startFakeVault({ flavour: 'openbao', engine: 2 });
    await vault.put('secret/app/token', { value: live });
    const { push, job } = await open(live, other);
    const key = randomBytes(32).toString('hex');
    const index = { 'index-file': 'cache/index', 'index-key': key };
    const made = await push({ ...index, stores: table({ kind: 'vault', address: vault.origin }) }, { VAULT_TOKEN: 'root' });
    expectLive(made, live);
    const file = join(job.workspace.folder, 'cache', 'index');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file).includes(live)).toBe(false);
    const count = vault.asked.length;
    const used = await push(index);
    expectLive(used, live);
    expect(vault.asked).toHaveLength(count);
    for (const { everything, log } of [made, used]) {
      expect(everything).not.toContain(key);
      expect(log).toContain(`::add-mask::${key}`);
    }
    const wrong = await push({ ...index, 'index-key': randomBytes(32).toString('hex') });
    expect([wrong.outputs['live-findings'], wrong.code]).toEqual(['0', 1]);
    expect(wrong.log).toContain('the index of your stores cannot be used');
  });

  it.each([
    [{ 'index-file': 'nowhere', 'index-key': 'ab'.repeat(32) }, 'there is no file nowhere'],
    [{ 'index-file': 'README.md' }, 'index-file needs index-key'],
    [{ stores: 'name = ' }, 'the input stores'],
    [{ stores: table({ kind: 'vault' }), 'index-key': 'short' }, '64 hexadecimal digits'],
  ])('is refused with %j', async (inputs, words) => {
    const { push, job } = await open(secretOf('a'), secretOf('b'));
    const result = await push(inputs);
    expect(result.code, result.log).toBe(2);
    expect(result.log).toContain(words);
    expect(existsSync(join(job.workspace.folder, '..', 'run-1', 'leakwarden'))).toBe(false);
  });

  it('is no reason to fail where a store cannot be read', async () => {
    const { push } = await open(secretOf('a'), secretOf('b'));
    const result = await push(
      { stores: table({ kind: 'vault', address: 'http://127.0.0.1:9' }), 'fail-on': 'live' },
      { VAULT_TOKEN: 'root' },
    );
    expect([result.code, result.outputs['findings']]).toEqual([0, '2']);
    expect(result.log).toContain('not all stores could be read');
  });
});
