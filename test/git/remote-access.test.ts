import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRepository, GIT_TEST_ENV, temporaryFolder } from '../../fixtures/git-repository.ts';
import { hostGit } from '../../fixtures/github/git-hosting.ts';
import { cloneBare } from '../../src/git/clone.ts';
import { accessVariables, protocolsFor, readRemoteRefs } from '../../src/git/remote-access.ts';
import { type Answer, type Asked, type Loopback, startLoopback } from '../net/loopback.ts';

const TOKEN = 'a-token-of-a-test';
const BASIC = Buffer.from(`x-access-token:${TOKEN}`).toString('base64');
const signal = new AbortController().signal;

async function host(before: (asked: Asked) => Answer | null = () => null): Promise<Loopback & { base: string }> {
  const root = temporaryFolder();
  const work = createRepository();
  work.write('a.txt', 'a\n');
  work.commit();
  work.git('clone', '--quiet', '--mirror', work.folder, join(root, 'o/r.git'));
  createRepository().git('init', '--quiet', '--bare', join(root, 'o/empty.git'));
  const hosting = hostGit(root, TOKEN);
  const loopback = await startLoopback(async (asked) => before(asked) ?? (await hosting.answer(asked)) ?? { status: 404 });
  return { ...loopback, base: `${loopback.origin}/` };
}

function textsBelow(folder: string): string {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');
}

describe('a token for a host', () => {
  it('opens its repositories, and stays out of what is cloned', async () => {
    const { base, asked } = await host();
    const access = { bases: [base], token: TOKEN };
    const clone = await cloneBare(`${base}o/r.git`, 'o/r', { env: GIT_TEST_ENV, signal, access });
    const texts = textsBelow(clone.folder);
    clone.remove();
    expect(texts).toContain('o/r.git');
    expect([texts.includes(TOKEN), texts.includes(BASIC)]).toEqual([false, false]);
    expect(new Set(asked.map(({ headers }) => headers.authorization))).toEqual(new Set([`Basic ${BASIC}`]));
  });

  it('goes to no other host, and follows no redirect', async () => {
    const other = await host();
    await expect(
      cloneBare(`${other.base}o/r.git`, 'o/r', { env: GIT_TEST_ENV, signal, access: { bases: [`${other.origin}0/`], token: TOKEN } }),
    ).rejects.toMatchObject({ code: 'clone-failed' });
    const target = other.base.replace('127.0.0.1', 'localhost');
    const here = await host(({ path }) => ({ status: 302, headers: { location: target.slice(0, -1) + path } }));
    const access = { bases: [here.base, target], token: TOKEN };
    await expect(readRemoteRefs(`${here.base}o/r.git`, { env: GIT_TEST_ENV, signal, access })).rejects.toMatchObject({
      code: 'git-failed',
    });
    expect(other.asked.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
    expect(here.asked.map(({ headers }) => headers.authorization)).toEqual([`Basic ${BASIC}`]);
  });

  it('that is refused asks nobody for another, and is in no message', async () => {
    const { base } = await host();
    const asking = join(temporaryFolder(), 'asking');
    const settings = join(temporaryFolder(), 'gitconfig');
    writeFileSync(settings, `[credential]\n\thelper = "!touch ${asking}; false"\n`);
    const env = { ...GIT_TEST_ENV, GIT_CONFIG_GLOBAL: settings };
    const access = { bases: [base], token: 'another-token' };
    const refused = await readRemoteRefs(`${base}o/r.git`, { env, signal, access }).then(
      () => 'read',
      (error: Error) => error.message,
    );
    expect(refused).toMatch(/^git ls-remote failed: /);
    expect(refused).not.toContain('another-token');
    expect(readdirSync(join(asking, '..'))).toEqual([]);
  });

  it('is not there without one', () => {
    expect(accessVariables({ bases: ['https://github.com/'], token: null })).toEqual({});
    expect(accessVariables(undefined)).toEqual({});
  });
});

describe('readRemoteRefs', () => {
  it('tells whether anything moved, whether there is anything, and whether it is there', async () => {
    const { base } = await host();
    const options = { env: GIT_TEST_ENV, signal, access: { bases: [base], token: TOKEN } };
    const [one, again, empty, none] = await Promise.all(
      ['r', 'r', 'empty', 'none'].map((name) => readRemoteRefs(`${base}o/${name}.git`, options)),
    );
    expect(one).toEqual({ digest: expect.stringMatching(/^[0-9a-f]{64}$/), isEmpty: false });
    expect(again).toEqual(one);
    expect(empty).toMatchObject({ isEmpty: true });
    expect(none).toBe(null);
  });
});

describe('protocolsFor', () => {
  it.each([
    ['https://github.com/o/r.git', ['https://github.com/'], 'https:ssh:file'],
    ['http://127.0.0.1:8080/o/r.git', ['http://127.0.0.1:8080/'], 'http'],
    ['http://127.0.0.1:8080/o/r.git', ['http://127.0.0.1:80/'], 'https:ssh:file'],
    ['http://example.com/o/r.git', ['http://example.com/'], 'https:ssh:file'],
    ['http://127.0.0.1.example.com/o/r.git', ['http://127.0.0.1.example.com/'], 'https:ssh:file'],
  ])('%s named as %j', (url, bases, protocols) => {
    expect(protocolsFor(url, { bases, token: null })).toBe(protocols);
  });
});
