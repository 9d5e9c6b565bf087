/** pre-push and pre-receive under real git: what a push brings, of every ref of it, and nothing that the other side has. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRepository, type Repository, temporaryFolder } from '../../fixtures/git-repository.ts';
import { parseUpdates } from '../../src/git/pushed.ts';
import { git, leak, leakwarden, run, secretOf } from './guarded.ts';

const TIMEOUT = { timeout: 60_000 };

type Ran = { status: number | null; output: string };

function expectBlocked(ran: Ran, ...numbers: number[]): void {
  expect(ran.output).toContain('push blocked');
  expect(ran.status).not.toBe(0);
  for (const number of numbers) expect(ran.output).not.toContain(secretOf(number));
}

function commit(repository: Repository, name: string, content: string, message = 'step'): void {
  repository.write(name, content);
  repository.git('add', '.');
  repository.git('commit', '-q', '--no-verify', '-m', message);
}

/** A clone with a guarded push, and the bare repository that it pushes to. */
function pushing(): { local: Repository; bare: Repository } {
  const bare = createRepository(join(temporaryFolder(), 'bare.git'), '--bare');
  const local = createRepository();
  commit(local, 'readme.txt', 'hello\n');
  local.git('remote', 'add', 'origin', bare.folder);
  local.git('push', '-q', 'origin', 'main');
  const installed = leakwarden(local.folder, 'hooks', 'install', '--stage', 'pre-push');
  expect(installed.status, installed.output).toBe(0);
  return { local, bare };
}

describe('git push', TIMEOUT, () => {
  it('of a commit with a secret is blocked, even if a later one takes it out', () => {
    const { local } = pushing();
    commit(local, 'a.env', `x=1\n${leak(1)}`);
    commit(local, 'a.env', 'x=1\n');
    const ran = git(local, 'push', 'origin', 'main');
    expectBlocked(ran, 1);
    expect(ran.output).toContain('a.env:2');
    expect(ran.output).toContain('LEAKWARDEN_SKIP=');
  });

  it('of clean commits goes through, and so does what the remote has already', () => {
    const { local } = pushing();
    commit(local, 'a.env', leak(1));
    expect(run('git', ['push', '-q', 'origin', 'main'], local.folder, { LEAKWARDEN_SKIP: 'it is out already' }).status).toBe(0);
    commit(local, 'b.txt', 'clean\n');
    expect(git(local, 'push', '-q', 'origin', 'main').status).toBe(0);
    expect(git(local, 'push', '-q', 'origin', 'main:refs/heads/copy').status).toBe(0);
  });

  it('of several branches at once looks at each', () => {
    const { local } = pushing();
    local.git('checkout', '-qb', 'clean');
    commit(local, 'c.txt', 'clean\n');
    local.git('checkout', '-qb', 'dirty', 'main');
    commit(local, 'd.env', leak(2));
    expectBlocked(git(local, 'push', 'origin', 'clean', 'dirty'), 2);
    expect(git(local, 'push', '-q', 'origin', 'clean').status).toBe(0);
  });

  it('of a new branch counts what no branch of the remote has', () => {
    const { local } = pushing();
    local.git('checkout', '-qb', 'feature');
    commit(local, 'f.txt', 'clean\n');
    expect(git(local, 'push', '-q', 'origin', 'feature').status).toBe(0);
    commit(local, 'f.txt', leak(1));
    expectBlocked(git(local, 'push', 'origin', 'feature'), 1);
  });

  it('that deletes a branch, or forces one back, goes through', () => {
    const { local } = pushing();
    commit(local, 'f.txt', 'clean\n');
    expect(git(local, 'push', '-q', 'origin', 'main:refs/heads/gone', 'main').status).toBe(0);
    expect(git(local, 'push', '-q', 'origin', ':refs/heads/gone').status).toBe(0);
    expect(git(local, 'push', '-q', '--force', 'origin', 'HEAD~1:main').status).toBe(0);
    commit(local, 'g.txt', leak(3));
    expectBlocked(git(local, 'push', '--force', 'origin', 'HEAD:main'), 3);
  });

  it('of tags, messages, merges and renames', () => {
    const { local } = pushing();
    local.git('tag', '-a', 'v1', '-m', `key ${leak(4)}`);
    expectBlocked(git(local, 'push', 'origin', 'v1'), 4);
    local.git('tag', '-a', 'v2', '-m', 'clean');
    expect(git(local, 'push', '-q', 'origin', 'v2').status).toBe(0);
    commit(local, 'm.txt', 'x\n', `use ${leak(5)}`);
    expectBlocked(git(local, 'push', 'origin', 'main'), 5);
    local.git('reset', '-q', '--hard', 'HEAD~1');
    local.git('checkout', '-qb', 'side');
    commit(local, 'readme.txt', 'side\n');
    local.git('checkout', '-q', 'main');
    commit(local, 'readme.txt', 'main\n');
    expect(git(local, 'merge', 'side').status).not.toBe(0);
    local.write('readme.txt', `both\n${leak(6)}`);
    local.git('add', '.');
    local.git('commit', '-q', '--no-verify', '-m', 'merged');
    const ran = git(local, 'push', 'origin', 'main');
    expectBlocked(ran, 6);
    expect(ran.output).toContain('readme.txt:2');
  });

  it('to an address without a name, and of nothing', () => {
    const { local, bare } = pushing();
    expect(git(local, 'push', '-q', bare.folder, 'main').status).toBe(0);
    commit(local, 'a.env', leak(1));
    expectBlocked(git(local, 'push', bare.folder, 'main'), 1);
  });

  it('from a commit that has no name', () => {
    const { local } = pushing();
    commit(local, 'a.env', leak(1));
    commit(local, 'b.txt', 'clean\n');
    expectBlocked(git(local, 'push', 'origin', 'HEAD~1:refs/heads/odd'), 1);
  });

  it('hands the refs on to a hook that was there', () => {
    const { local } = pushing();
    leakwarden(local.folder, 'hooks', 'uninstall');
    writeFileSync(join(local.folder, '.git/hooks/pre-push'), '#!/bin/sh\nwhile read a b c d; do echo "saw $c"; done\n', { mode: 0o755 });
    leakwarden(local.folder, 'hooks', 'install', '--stage', 'pre-push');
    commit(local, 'a.txt', 'clean\n');
    expect(git(local, 'push', 'origin', 'main').output).toContain('saw refs/heads/main');
  });
});

describe('pre-receive', TIMEOUT, () => {
  /** A bare repository with the guard, and a clone without. */
  function receiving(): { local: Repository; bare: Repository } {
    const { local, bare } = pushing();
    leakwarden(local.folder, 'hooks', 'uninstall');
    const installed = leakwarden(bare.folder, 'hooks', 'install');
    expect(installed.output).toContain('hooks/pre-receive');
    return { local, bare };
  }

  it('refuses what a push would bring, of every ref, and keeps nothing of it', () => {
    const { local, bare } = receiving();
    commit(local, 'a.env', leak(1));
    commit(local, 'a.env', 'gone\n');
    local.git('branch', 'clean', 'HEAD~2');
    const ran = git(local, 'push', 'origin', 'clean', 'main');
    expectBlocked(ran, 1);
    expect(ran.output).toContain('a.env:1');
    expect(ran.output).not.toContain('LEAKWARDEN_SKIP');
    expect(bare.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main\n');
    expect(bare.git('rev-parse', 'main')).not.toBe(local.git('rev-parse', 'main'));
    expect(run('git', ['cat-file', '-e', local.git('rev-parse', 'HEAD~1').trim()], bare.folder).status).not.toBe(0);
  });

  it('lets clean pushes, new branches, tags, deletions and forced ones through', () => {
    const { local } = receiving();
    commit(local, 'a.txt', 'clean\n');
    local.git('tag', '-a', 'v1', '-m', 'first');
    expect(git(local, 'push', '-q', 'origin', 'main', 'v1', 'main:refs/heads/other').status).toBe(0);
    expect(git(local, 'push', '-q', 'origin', ':refs/heads/other').status).toBe(0);
    expect(git(local, 'push', '-q', '--force', 'origin', 'HEAD~1:main').status).toBe(0);
  });

  it('refuses when leakwarden is gone', () => {
    const { local, bare } = receiving();
    rmSync(join(bare.folder, 'hooks/pre-receive'));
    writeFileSync(join(bare.folder, 'hooks/pre-receive'), '#!/bin/sh\nexec leakwarden-that-is-not-there guard pre-receive\n', {
      mode: 0o755,
    });
    commit(local, 'a.txt', 'clean\n');
    expect(git(local, 'push', 'origin', 'main').status).not.toBe(0);
  });
});

describe('the input of hooks', () => {
  const [one, two] = ['1'.repeat(40), '2'.repeat(40)];
  it('is read from the end of a line', () => {
    expect(parseUpdates(`HEAD~2 odd ${one} refs/heads/x ${two}\n`, 'pre-push')).toEqual([{ ref: 'refs/heads/x', after: one, before: two }]);
    expect(parseUpdates(`${one} ${two} refs/heads/x\n`, 'pre-receive')).toEqual([{ ref: 'refs/heads/x', after: two, before: one }]);
    expect(parseUpdates('\n', 'pre-push')).toEqual([]);
  });

  it.each(['x', `${one} ${two}`, `a ${one} b c`])('is refused when it is something else: %j', (text) => {
    expect(() => parseUpdates(text, 'pre-push')).toThrow('is not what git writes');
  });
});
