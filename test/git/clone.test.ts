import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRepository, GIT_TEST_ENV, temporaryFolder } from '../../fixtures/git-repository.ts';
import { cloneBare, isBundle, isCloneable, isUrl } from '../../src/git/clone.ts';
import { openRepository, withoutCredentials } from '../../src/git/repository.ts';

const signal = new AbortController().signal;
const clones = (): string[] => readdirSync(os.tmpdir()).filter((name) => name.startsWith('leakwarden-clone-'));

describe('addresses', () => {
  it.each([
    ['https://example.com/a.git', true, true],
    ['ssh://git@example.com:22/a.git', true, true],
    ['git@example.com:team/a.git', true, true],
    ['file:///srv/a.git', true, true],
    ['http://example.com/a.git', true, false],
    ['git://example.com/a.git', true, false],
    ['ext::sh -c touch% /tmp/x', true, false],
    ['fd::17', true, false],
    ['https://-oProxyCommand=x/a', true, false],
    ['ssh://-oProxyCommand=x/a', true, false],
    ['-x@example.com:a', true, false],
    ['git@example.com:-x', true, false],
    ['./folder', false, false],
    ['C:\\folder', false, false],
    ['--upload-pack=x', false, false],
  ])('%s', (text, isAddress, isAllowed) => {
    expect([isUrl(text), isCloneable(text)]).toEqual([isAddress, isAllowed]);
  });

  it('are shown without credentials', () => {
    expect(withoutCredentials('https://user:password@example.com/a.git?token=x')).toBe('https://example.com/a.git');
    expect(withoutCredentials('git@example.com:team/a.git')).toBe('ssh://example.com/team/a.git');
    expect(withoutCredentials('/srv/a.git')).toBe(null);
    expect(withoutCredentials('file:///srv/a.git')).toBe(null);
  });
});

describe('cloneBare', () => {
  function source(): string {
    const repository = createRepository();
    repository.write('.gitattributes', '* filter=lfs\n');
    repository.write('a.txt', 'a\n');
    repository.commit();
    repository.git('update-ref', 'refs/pull/1/head', 'HEAD');
    return repository.folder;
  }

  it('takes all refs of a repository and of a bundle, without a work tree, and leaves nothing behind', async () => {
    const folder = source();
    const bundle = path.join(temporaryFolder(), 'all.bundle');
    createRepository(folder).git('bundle', 'create', '--quiet', bundle, '--all');
    expect([isBundle(bundle), isBundle(folder), isBundle(path.join(folder, 'a.txt'))]).toEqual([true, false, false]);
    for (const from of [`file://${folder}`, bundle]) {
      const clone = await cloneBare(from, 'shown', { env: GIT_TEST_ENV, signal });
      expect(readdirSync(clone.folder).sort()).toEqual(expect.arrayContaining(['HEAD', 'objects', 'refs']));
      expect(existsSync(path.join(clone.folder, 'hooks'))).toBe(false);
      const repository = await openRepository(clone.folder, 'shown', { env: GIT_TEST_ENV, signal });
      expect(repository.gitDir).toBe(clone.folder);
      clone.remove();
      expect(existsSync(path.dirname(clone.folder))).toBe(false);
    }
  });

  it('ends when it is interrupted, and leaves nothing behind', async () => {
    const before = clones();
    const controller = new AbortController();
    const clone = cloneBare(`file://${source()}`, 'shown', { env: GIT_TEST_ENV, signal: controller.signal });
    setTimeout(() => controller.abort(), 5);
    await expect(clone).rejects.toMatchObject({ code: 'interrupted' });
    expect(clones()).toEqual(before);
  });

  it('fails with a reason, and leaves nothing behind', async () => {
    const before = clones();
    const nowhere = cloneBare('file:///nonexistent/repository', 'shown', { env: GIT_TEST_ENV, signal });
    await expect(nowhere).rejects.toMatchObject({
      code: 'clone-failed',
      data: { path: 'shown', reason: expect.stringContaining('fatal') },
    });
    const forbidden = cloneBare('http://127.0.0.1:1/a', 'shown', { env: GIT_TEST_ENV, signal });
    await expect(forbidden).rejects.toThrow(/transport 'http' not allowed/);
    await expect(cloneBare('file:///x', 'shown', { env: GIT_TEST_ENV, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'interrupted',
    });
    const garbage = path.join(temporaryFolder(), 'garbage.bundle');
    writeFileSync(garbage, `# v2 git bundle\n${'1'.repeat(40)} refs/heads/main\n\nPACK`);
    await expect(cloneBare(garbage, 'shown', { env: GIT_TEST_ENV, signal })).rejects.toMatchObject({ code: 'clone-failed' });
    expect(clones()).toEqual(before);
  });
});
