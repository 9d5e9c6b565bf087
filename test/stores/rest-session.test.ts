/** What connectors have in common: one login for many requests, pages with an end, reads that are gathered. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { gatherReads } from '../../src/stores/gathered-reads.ts';
import { allPages, createFreshness } from '../../src/stores/paging.ts';
import { RestSession } from '../../src/stores/rest-session.ts';
import { addressOf } from '../../src/stores/store-address.ts';
import { textOfBytes } from '../../src/stores/value-text.ts';
import { startLoopback } from '../net/loopback.ts';
import { createContext } from './store-context.ts';

const signal = new AbortController().signal;

async function start(isRight: (token: string) => boolean = () => true) {
  const server = await startLoopback(({ headers }) => (isRight(String(headers.authorization)) ? { body: '{"a":1}' } : { status: 401 }));
  const context = createContext();
  const given: string[] = [];
  const back: string[] = [];
  const session = new RestSession({
    address: server.origin,
    connect: async () => context.createClient({ origins: [server.origin] }),
    logIn: async () => {
      given.push(`t${given.length + 1}`);
      return { headers: { authorization: given.at(-1) ?? '' }, endsAt: context.now().getTime() + 60_000 };
    },
    logOut: async (_client, { headers }) => {
      back.push(headers['authorization'] ?? '');
    },
    now: context.now,
  });
  return { session, server, context, given, back };
}

describe('a session', () => {
  it('logs in once for requests at the same time, and again before the end', async () => {
    const { session, context, given } = await start();
    await Promise.all(Array.from({ length: 10 }, () => session.get({ path: '/x', signal })));
    expect(given).toEqual(['t1']);
    context.pass(31_000);
    await Promise.all(Array.from({ length: 10 }, () => session.get({ path: '/x', signal })));
    expect(given).toEqual(['t1', 't2']);
  });

  it('logs in once more when it is refused, and no more than that', async () => {
    const once = await start((token) => token !== 't1');
    await Promise.all(Array.from({ length: 5 }, () => once.session.get({ path: '/x', signal })));
    expect(once.given).toEqual(['t1', 't2']);
    const never = await start(() => false);
    await expect(never.session.get({ path: '/x', signal })).rejects.toMatchObject({ why: 'denied', status: 401 });
    expect(never.given).toEqual(['t1', 't2']);
  });

  it('asks for no name of dots, which would lead elsewhere', async () => {
    const { session, server } = await start();
    for (const path of ['/a/../b', '/a/..', '/./b'])
      await expect(session.get({ path, signal })).rejects.toMatchObject({ why: 'odd-reply' });
    await session.get({ path: '/a/..b/.c', signal });
    expect(server.asked.map((one) => one.path)).toEqual(['/a/..b/.c']);
  });

  it('shows nothing of what lets it in', async () => {
    const { session, given } = await start();
    await session.get({ path: '/x', signal });
    given[0] = '';
    expect(inspect(session, { depth: 9, showHidden: true })).not.toContain('t1');
  });

  it('gives back what it holds, once', async () => {
    const { session, back } = await start();
    await session.get({ path: '/x', signal });
    await session.close();
    await session.close();
    expect(back).toEqual(['t1']);
  });
});

describe('pages', () => {
  const collect = async (items: AsyncIterable<number>): Promise<number[]> => {
    const out: number[] = [];
    for await (const one of items) out.push(one);
    return out;
  };

  it('are read to the end', async () => {
    const pages = allPages<number, number>(0, 'x', async (at) => ({ items: [at, at], next: at < 2 ? at + 1 : null }));
    expect(await collect(pages)).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it('end when they repeat themselves', async () => {
    const round = allPages<number, number>(0, 'x', async (at) => ({ items: [at], next: (at + 1) % 3 }));
    await expect(collect(round)).rejects.toMatchObject({ why: 'odd-reply' });
    const fresh = createFreshness<number>('x', String);
    expect(fresh([1, 2])).toEqual([1, 2]);
    expect(fresh([2, 3])).toEqual([3]);
    expect(() => fresh([1, 3])).toThrow('same page');
    expect(fresh([])).toEqual([]);
  });

  it('end when they are too many', async () => {
    const endless = allPages<number, number>(0, 'x', async (at) => ({ items: [], next: at + 1 }));
    await expect(collect(endless)).rejects.toThrow('more than 20000 pages');
  });
});

describe('gathered reads', () => {
  it('go together in batches, and fail together', async () => {
    const asked: (readonly string[])[] = [];
    const read = gatherReads(2, async (ids) => {
      asked.push(ids);
      if (ids.includes('bad')) throw new RangeError('no');
      return ids.map((id) => `${id}!`);
    });
    expect(await Promise.all(['a', 'b', 'c'].map(read))).toEqual(['a!', 'b!', 'c!']);
    expect(asked).toEqual([['a', 'b'], ['c']]);
    const outcomes = await Promise.allSettled(['bad', 'd', 'e'].map(read));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });
});

describe('settings', () => {
  it('take an address without a slash at its end, and none that holds a password', () => {
    const of = (address: string): string => addressOf({ address }, createContext(), 'x');
    expect(of('https://a.example/b/')).toBe('https://a.example/b');
    for (const bad of ['a.example', 'ftp://a.example', 'https://u:p@a.example', 'https://a.example?x=1'])
      expect(() => of(bad)).toThrow('is no address');
    expect(() => addressOf({}, createContext(), 'x', { variables: ['X_URL'] })).toThrow('address is missing, and X_URL is not set');
  });

  it('turn bytes that are no text into base64', () => {
    expect(textOfBytes(Buffer.from('grün'))).toBe('grün');
    expect(textOfBytes(Buffer.from([0xff, 0x00]))).toBe('/wA=');
  });
});
