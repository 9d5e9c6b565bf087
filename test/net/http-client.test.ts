import { describe, expect, it } from 'vitest';
import { HttpClient, type HttpClientOptions, HttpError, MAX_REPLY_BYTES } from '../../src/net/http-client.ts';
import { startLoopback } from './loopback.ts';

const signal = new AbortController().signal;

function clientFor(origin: string, options: Partial<HttpClientOptions> = {}) {
  const pauses: number[] = [];
  const client = new HttpClient({
    origins: [origin],
    env: {},
    random: () => 0.5,
    sleep: async (ms) => {
      pauses.push(ms);
    },
    ...options,
  });
  return { client, pauses };
}

const whyOf = async (sent: Promise<unknown>): Promise<string> => {
  const error = await sent.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HttpError)) throw new Error(`no HttpError: ${String(error)}`);
  return error.why;
};

describe('HttpClient', () => {
  it('sends method, headers and body, and gives the reply', async () => {
    const { origin, asked } = await startLoopback(() => ({ status: 201, headers: { 'X-One': 'a' }, body: 'done' }));
    const { client } = clientFor(origin);
    const reply = await client.send({ method: 'POST', url: `${origin}/p?q=1`, headers: { 'X-Token': 't' }, body: '{}', signal });
    expect(reply).toMatchObject({ status: 201, headers: { 'x-one': 'a' }, body: Buffer.from('done') });
    expect(asked).toMatchObject([{ method: 'POST', path: '/p?q=1', body: '{}', headers: { 'x-token': 't' } }]);
  });

  it('asks no host that was not named, no plain http beyond loopback, no address with a password', async () => {
    const { client } = clientFor('https://one.example');
    expect(await whyOf(client.send({ method: 'GET', url: 'https://two.example/', signal }))).toBe('not-allowed');
    expect(await whyOf(client.send({ method: 'GET', url: 'http://one.example/', signal }))).toBe('not-allowed');
    expect(await whyOf(client.send({ method: 'GET', url: 'https://u:p@one.example/', signal }))).toBe('not-allowed');
    expect(await whyOf(client.send({ method: 'GET', url: 'file:///etc/passwd', signal }))).toBe('not-allowed');
  });

  it('does not follow a redirect', async () => {
    const { origin, asked } = await startLoopback(() => ({ status: 302, headers: { Location: '/elsewhere' } }));
    const { client } = clientFor(origin);
    expect((await client.send({ method: 'GET', url: `${origin}/`, signal })).status).toBe(302);
    expect(asked).toHaveLength(1);
  });

  it.each([429, 502, 503, 504])('tries again after %d, with growing pauses', async (status) => {
    const { origin, asked } = await startLoopback((_, count) => ({ status: count < 3 ? status : 200 }));
    const { client, pauses } = clientFor(origin);
    expect((await client.send({ method: 'GET', url: `${origin}/`, signal })).status).toBe(200);
    expect(asked).toHaveLength(3);
    expect(pauses).toEqual([125, 250]);
  });

  it('keeps the pause that the server asks for, and gives up where it is too long', async () => {
    const patient = await startLoopback((_, count) => (count === 1 ? { status: 429, headers: { 'Retry-After': '7' } } : {}));
    const first = clientFor(patient.origin);
    await first.client.send({ method: 'GET', url: `${patient.origin}/`, signal });
    expect(first.pauses).toEqual([7000]);
    const impatient = await startLoopback(() => ({ status: 429, headers: { 'Retry-After': '3600' } }));
    const second = clientFor(impatient.origin);
    expect(await whyOf(second.client.send({ method: 'GET', url: `${impatient.origin}/`, signal }))).toBe('throttled');
    expect(impatient.asked).toHaveLength(1);
  });

  it('waits after replies that a connector knows for throttling, and calls them so when they stay', async () => {
    const isThrottled = ({ status, body }: { status: number; body: Buffer }) => status === 400 && body.includes('Throttling');
    const passing = await startLoopback((_, count) => (count === 1 ? { status: 400, body: 'Throttling' } : {}));
    const { client, pauses } = clientFor(passing.origin, { isThrottled });
    expect((await client.send({ method: 'POST', url: passing.origin, signal })).status).toBe(200);
    expect(pauses.length).toBe(1);
    const staying = await startLoopback(() => ({ status: 400, body: 'Throttling' }));
    const other = clientFor(staying.origin, { isThrottled }).client;
    expect(await whyOf(other.send({ method: 'POST', url: staying.origin, signal }))).toBe('throttled');
  });

  it('asks a cloud’s metadata over plain http where it was named, and not through a proxy', async () => {
    const proxy = await startLoopback(() => ({ body: 'seen by the proxy' }));
    const url = 'http://169.254.169.254/latest/';
    const { client } = clientFor('http://169.254.169.254', { env: { HTTP_PROXY: proxy.origin, NO_PROXY: 'one.example' } });
    await client.send({ method: 'PUT', url, signal: AbortSignal.timeout(300) }).catch(() => null);
    expect(proxy.asked).toEqual([]);
    expect(await whyOf(clientFor('http://169.254.169.253').client.send({ method: 'GET', url, signal }))).toBe('not-allowed');
    expect(await whyOf(clientFor('http://10.0.0.1').client.send({ method: 'GET', url: 'http://10.0.0.1/', signal }))).toBe('not-allowed');
  });

  it('does not send twice what may have been done', async () => {
    const failing = await startLoopback(() => ({ status: 503 }));
    const { client } = clientFor(failing.origin);
    expect((await client.send({ method: 'POST', url: `${failing.origin}/`, signal })).status).toBe(503);
    expect(failing.asked).toHaveLength(1);
    const cut = await startLoopback(() => 'cut');
    expect(await whyOf(clientFor(cut.origin).client.send({ method: 'POST', url: `${cut.origin}/`, signal }))).toBe('unreachable');
    expect(cut.asked).toHaveLength(1);
    const again = await startLoopback((_, count) => (count < 3 ? 'cut' : {}));
    expect(
      (await clientFor(again.origin).client.send({ method: 'POST', url: `${again.origin}/`, signal, isIdempotent: true })).status,
    ).toBe(200);
  });

  it('reads no endless reply', async () => {
    const { origin } = await startLoopback(() => ({ body: Buffer.alloc(MAX_REPLY_BYTES + 1) }));
    expect(await whyOf(clientFor(origin).client.send({ method: 'GET', url: `${origin}/`, signal }))).toBe('too-large');
  });

  it('ends when it is interrupted', async () => {
    const { origin } = await startLoopback(() => 'hang');
    const stop = new AbortController();
    const sent = whyOf(clientFor(origin).client.send({ method: 'GET', url: `${origin}/`, signal: stop.signal }));
    setTimeout(() => stop.abort(), 20);
    expect(await sent).toBe('interrupted');
  });

  it('says nothing of queries, headers and bodies when it fails', async () => {
    const { client } = clientFor('http://127.0.0.1:9');
    const error = await client
      .send({ method: 'POST', url: 'http://127.0.0.1:9/path?key=hidden', headers: { Authorization: 'hidden' }, body: 'hidden', signal })
      .catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('POST 127.0.0.1:9/path');
    expect(String(error)).not.toContain('hidden');
  });
});
