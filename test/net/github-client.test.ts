import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type GitHubFake, type GitHubFault, startGitHub } from '../../fixtures/github/server.ts';
import { createGitHubClient, type GitHubClientOptions, GitHubError } from '../../src/net/github-client.ts';
import { startLoopback } from './loopback.ts';

const TOKEN = 'a-token-of-a-test';

async function open(
  options: Partial<GitHubClientOptions> = {},
  prefix = '',
): Promise<{ fake: GitHubFake; rest: Awaited<ReturnType<typeof createGitHubClient>>['octokit']; pauses: number[] }> {
  const fake = await startGitHub(TOKEN, prefix);
  const pauses: number[] = [];
  const client = await createGitHubClient({
    apiUrl: fake.apiUrl,
    token: TOKEN,
    env: {},
    version: '0.0.0',
    signal: new AbortController().signal,
    secondMs: 1,
    onPause: (seconds) => pauses.push(seconds),
    ...options,
  });
  onTestFinished(client.close);
  return { fake, rest: client.octokit, pauses };
}

const failureOf = async (sent: Promise<unknown>): Promise<GitHubError> => {
  const error = await sent.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GitHubError)) throw new Error(`no GitHubError: ${String(error)}`);
  return error;
};

const numbers = Array.from({ length: 250 }, (_, index) => ({ number: index + 1 }));

describe('createGitHubClient', () => {
  it('reads every page of a list', async () => {
    const { fake, rest } = await open();
    fake.route('GET /repos/{owner}/{repo}/pulls', () => ({ data: numbers }));
    const all = await rest.paginate(rest.pulls.list, { owner: 'o', repo: 'r', per_page: 100 });
    expect(all.map(({ number }) => number)).toEqual(numbers.map(({ number }) => number));
    expect(fake.asked).toHaveLength(3);
    expect(fake.asked[0]?.headers.authorization).toBe(`token ${TOKEN}`);
  });

  it.each<[GitHubFault, number]>([
    ['primary-limit', 1],
    ['secondary-limit', 1],
    ['secondary-limit-429', 1],
    ['bad-gateway', 0],
    ['server-error', 0],
    ['cut', 0],
  ])('tries again after %s', async (fault, told) => {
    const { fake, rest, pauses } = await open();
    fake.route('GET /repos/{owner}/{repo}', () => ({ data: { id: 7 } }));
    fake.play(fault);
    expect((await rest.repos.get({ owner: 'o', repo: 'r' })).data.id).toBe(7);
    expect(fake.asked).toHaveLength(2);
    expect(pauses).toHaveLength(told);
  });

  it('waits for no pause that is too long', async () => {
    const { fake, rest } = await open({ maxPauseSeconds: 60 });
    fake.retryAfterSeconds = 3600;
    fake.play('secondary-limit', 9);
    expect((await failureOf(rest.repos.get({ owner: 'o', repo: 'r' }))).why).toBe('throttled');
    expect(fake.asked).toHaveLength(1);
  });

  it('sends what creates something again only where nothing was done', async () => {
    const { fake, rest } = await open();
    fake.route('POST /repos/{owner}/{repo}/issues', () => ({ status: 201, data: { number: 1 } }));
    fake.play('secondary-limit');
    await rest.issues.create({ owner: 'o', repo: 'r', title: 't' });
    expect(fake.asked).toHaveLength(2);
    fake.play('bad-gateway');
    const failure = await failureOf(rest.issues.create({ owner: 'o', repo: 'r', title: 't' }));
    expect([failure.why, failure.status]).toEqual(['server', 502]);
    expect(fake.asked).toHaveLength(3);
  });

  it.each([
    ['forbidden', 'forbidden', 'GET /repos/o/r: 403 Resource not accessible by integration (needs pull_requests=write)'],
    ['hang', 'interrupted', 'it was interrupted'],
  ] as const)('says what went wrong: %s', async (fault, why, message) => {
    const controller = new AbortController();
    const { fake, rest } = await open({ signal: controller.signal });
    fake.play(fault, 9);
    if (fault === 'hang') setTimeout(() => controller.abort(), 50);
    const failure = await failureOf(rest.repos.get({ owner: 'o', repo: 'r' }));
    expect([failure.why, failure.message]).toEqual([why, message]);
  });

  it('names neither the token nor a query nor a body in an error', async () => {
    const { fake, rest } = await open();
    fake.route('GET /repos/{owner}/{repo}/issues', ({ headers }) => ({
      status: 422,
      data: { message: `what is ${headers.authorization}?` },
    }));
    const failure = await failureOf(rest.issues.listForRepo({ owner: 'o', repo: 'r', labels: 'private-label' }));
    expect(inspect(failure, { depth: 9 })).not.toMatch(/a-token-of-a-test|private-label/);
    expect(failure.message).toContain('GET /repos/o/r/issues: 422');
    const wrong = await open({ token: 'another-wrong-token' });
    expect(inspect(await failureOf(wrong.rest.repos.get({ owner: 'o', repo: 'r' })))).not.toContain('another-wrong-token');
  });

  it('speaks to an Enterprise Server, and says that nothing changed', async () => {
    const { fake, rest } = await open({}, '/api/v3');
    fake.route('GET /repos/{owner}/{repo}', () => ({ data: { id: 7 } }));
    const { headers } = await rest.repos.get({ owner: 'o', repo: 'r' });
    const again = await failureOf(rest.repos.get({ owner: 'o', repo: 'r', headers: { 'if-none-match': headers.etag } }));
    expect(again.why).toBe('unchanged');
    expect(fake.asked.map(({ path }) => path)).toEqual(['/api/v3/repos/o/r', '/api/v3/repos/o/r']);
  });

  it('follows a redirect of GitHub itself, and takes the token nowhere else', async () => {
    const elsewhere = await startLoopback(() => ({ body: 'a log' }));
    const { fake, rest } = await open();
    fake.route('GET /repos/{owner}/{repo}', ({ params }) =>
      params['repo'] === 'old' ? { status: 301, headers: { location: '/repos/o/renamed' }, data: {} } : { data: { id: 9 } },
    );
    fake.route('GET /repos/{owner}/{repo}/zipball/{ref}', () => ({
      status: 302,
      headers: { location: `${elsewhere.origin}/x` },
      data: {},
    }));
    expect((await rest.repos.get({ owner: 'o', repo: 'old' })).data.id).toBe(9);
    const given = await rest.request('GET /repos/{owner}/{repo}/zipball/{ref}', { owner: 'o', repo: 'r', ref: 'main' });
    expect([Number(given.status), given.headers['location']]).toEqual([302, `${elsewhere.origin}/x`]);
    expect(elsewhere.asked).toEqual([]);
  });

  it('bounds a reply, and asks no plain http beyond loopback', async () => {
    const { fake, rest } = await open({ maxReplyBytes: 1000 });
    fake.route('GET /repos/{owner}/{repo}/pulls', () => ({ data: numbers }));
    const one = rest.request('GET /repos/{owner}/{repo}/pulls', { owner: 'o', repo: 'r', per_page: 100, request: { retries: 0 } });
    expect((await failureOf(one)).why).toBe('too-large');
    const plain = await open({ apiUrl: 'http://github.example/api/v3' });
    expect((await failureOf(plain.rest.request('GET /meta', { request: { retries: 0 } }))).why).toBe('not-allowed');
  });

  it('is not loaded before it is needed', () => {
    const text = readFileSync(new URL('../../src/net/github-client.ts', import.meta.url), 'utf8');
    expect(text.match(/^import (?!type).*octokit/gm)).toBeNull();
  });
});
