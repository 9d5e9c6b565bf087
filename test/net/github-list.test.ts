import { describe, expect, it, onTestFinished } from 'vitest';
import { type GitHubFake, startGitHub } from '../../fixtures/github/server.ts';
import { createGitHubClient, type GitHub, GitHubError } from '../../src/net/github-client.ts';
import { listEntries, numberOf, readEntry, textOf } from '../../src/net/github-list.ts';
import { startLoopback } from './loopback.ts';

async function open(): Promise<{ fake: GitHubFake; github: GitHub }> {
  const fake = await startGitHub();
  const signal = new AbortController().signal;
  const client = await createGitHubClient({ apiUrl: fake.apiUrl, token: 'a', env: {}, version: '0', signal, secondMs: 1 });
  onTestFinished(client.close);
  return { fake, github: client.octokit };
}

async function idsOf(github: GitHub, route: string, member?: string): Promise<(number | null)[]> {
  const ids: (number | null)[] = [];
  for await (const entry of listEntries(github, route, {}, member === undefined ? {} : { member })) ids.push(numberOf(entry, 'id'));
  return ids;
}

const failureOf = (doing: Promise<unknown>): Promise<unknown> =>
  doing.then(
    () => null,
    (error: unknown) => (error instanceof GitHubError ? error.why : error),
  );

describe('listEntries', () => {
  it('reads all pages, by their numbers and by cursors', async () => {
    const { fake, github } = await open();
    const all = Array.from({ length: 230 }, (_, id) => ({ id }));
    fake.route('GET /numbered', () => ({ data: all }));
    fake.route('GET /cursors', ({ query }) => {
      const after = Number(query.get('after') ?? 0);
      const headers = after < 200 ? { link: `<${fake.apiUrl}/cursors?after=${after + 100}>; rel="next"` } : { link: '<x>; rel="prev"' };
      return { data: { total: 230, entries: all.slice(after, after + 100) }, headers };
    });
    expect(await idsOf(github, '/numbered')).toEqual(all.map(({ id }) => id));
    expect(await idsOf(github, '/cursors', 'entries')).toEqual(all.map(({ id }) => id));
  });

  it('follows no link that leads elsewhere', async () => {
    const { fake, github } = await open();
    const elsewhere = await startLoopback(() => ({ body: '[]' }));
    fake.route('GET /led', () => ({ data: { entries: [{ id: 1 }] }, headers: { link: `<${elsewhere.origin}/led?page=2>; rel="next"` } }));
    expect(await failureOf(idsOf(github, '/led', 'entries'))).toBe('not-allowed');
    expect(elsewhere.asked).toEqual([]);
  });

  it('believes no reply', async () => {
    const { fake, github } = await open();
    fake.route('GET /object', () => ({ data: { message: 'hello' } }));
    fake.route('GET /mixed', () => ({ data: [null, 1, 'text', [2], { id: 'x', name: 7 }, { id: -1 }, { id: 3, name: 'c' }] }));
    expect(await failureOf(idsOf(github, '/object'))).toBe('server');
    expect(await failureOf(idsOf(github, '/object', 'entries'))).toBe('server');
    expect(await idsOf(github, '/mixed')).toEqual([null, null, 3]);
    expect(textOf({ name: 7 }, 'name')).toBe('');
    fake.route('GET /list', () => ({ data: [] }));
    expect(await failureOf(readEntry(github, '/list'))).toBe('server');
  });
});
