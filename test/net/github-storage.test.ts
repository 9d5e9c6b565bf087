import { describe, expect, it, onTestFinished } from 'vitest';
import { GitHubError } from '../../src/net/github-client.ts';
import { createStorageReader } from '../../src/net/github-storage.ts';
import { startLoopback } from './loopback.ts';

const signal = new AbortController().signal;

function open(apiUrl: string, maxBytes?: number): (url: string) => Promise<Buffer> {
  const reader = createStorageReader({ apiUrl, env: {}, signal, ...(maxBytes === undefined ? {} : { maxBytes }) });
  onTestFinished(reader.close);
  return reader.fetch;
}

const failureOf = (doing: Promise<unknown>): Promise<unknown> =>
  doing.then(
    () => null,
    (error: unknown) => (error instanceof GitHubError ? { why: error.why, message: error.message } : error),
  );

describe('createStorageReader', () => {
  it('fetches without a token, up to a size', async () => {
    const { origin, asked } = await startLoopback(() => ({ body: 'log\n' }));
    expect((await open(origin)(`${origin}/a?sig=1`)).toString()).toBe('log\n');
    expect(asked[0]?.headers.authorization).toBe(undefined);
    expect(await failureOf(open(origin, 3)(`${origin}/a?sig=1`))).toMatchObject({ why: 'too-large' });
  });

  it.each([
    [404, 'missing'],
    [410, 'missing'],
    [403, 'refused'],
  ])('%d is %s, and the message has no query', async (status, why) => {
    const { origin } = await startLoopback(() => ({ status }));
    const failure = await failureOf(open(origin)(`${origin}/a?sig=opens-it`));
    expect(failure).toMatchObject({ why });
    expect(JSON.stringify(failure)).not.toContain('opens-it');
  });

  it('asks nothing over plain http, unless GitHub itself is on loopback', async () => {
    const { origin, asked } = await startLoopback(() => ({}));
    const fetch = open('https://api.github.com');
    for (const url of [`${origin}/a`, 'http://169.254.169.254/latest', 'http://example.com/', 'file:///etc/passwd', 'no address'])
      expect(await failureOf(fetch(url))).toMatchObject({ why: 'not-allowed' });
    expect(await failureOf(open(origin)('http://169.254.169.254/latest'))).toMatchObject({ why: 'not-allowed' });
    expect(asked).toEqual([]);
  });
});
