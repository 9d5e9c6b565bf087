import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRepository, GIT_TEST_ENV, temporaryFolder } from '../../fixtures/git-repository.ts';
import { gitEnvironment } from '../../src/git/environment.ts';
import { runGit, streamGit } from '../../src/git/run-git.ts';

const signal = new AbortController().signal;

/** A program named git that does what the test needs a git to do. */
function fakeGit(script: string): Record<string, string> {
  const folder = temporaryFolder();
  const file = path.join(folder, 'git');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return { PATH: `${folder}:${process.env['PATH']}` };
}

describe('runGit', () => {
  it('collects the output', async () => {
    const { folder } = createRepository();
    const result = await runGit(['rev-parse', '--show-toplevel'], { cwd: folder, env: GIT_TEST_ENV, signal });
    expect(result).toEqual({ exitCode: 0, stderr: '', stdout: Buffer.from(`${folder}\n`) });
  });

  it('hands arguments over as they are, without a shell', async () => {
    const { folder } = createRepository();
    const args = ['rev-parse', '--sq-quote', '$(id); `id` "; \'', '*'];
    const { stdout } = await runGit(args, { cwd: folder, env: GIT_TEST_ENV, signal });
    expect(stdout.toString()).toBe(` '$(id); \`id\` "; '\\''' '*'\n`);
  });

  it('gives stdin', async () => {
    const { folder } = createRepository();
    const { stdout } = await runGit(['hash-object', '--stdin'], { cwd: folder, env: GIT_TEST_ENV, signal, stdin: '' });
    expect(stdout.toString().trim()).toBe('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391');
  });

  it('fails with the reason that git gives, without the password of a URL', async () => {
    const env = fakeGit(`echo "hint: more" >&2; echo "fatal: cannot reach https://ada:${'s'.repeat(8)}@example.com/x" >&2; exit 128`);
    await expect(runGit(['fetch'], { cwd: temporaryFolder(), env, signal })).rejects.toMatchObject({
      code: 'git-failed',
      data: { command: 'fetch', reason: 'fatal: cannot reach https://…@example.com/x' },
    });
  });

  it('fails when git exits with an error and says nothing', async () => {
    const run = runGit(['log'], { cwd: temporaryFolder(), env: fakeGit('echo plausible; exit 3'), signal });
    await expect(run).rejects.toMatchObject({ code: 'git-failed', data: { reason: 'exit code 3' } });
  });

  it('fails when git was killed, whatever it wrote before', async () => {
    const run = runGit(['log'], { cwd: temporaryFolder(), env: fakeGit('echo plausible; kill -9 $$'), signal });
    await expect(run).rejects.toMatchObject({ code: 'git-failed', data: { reason: 'it was ended by SIGKILL' } });
  });

  it('accepts exit codes that it was told to accept', async () => {
    const result = await runGit(['diff'], { cwd: temporaryFolder(), env: fakeGit('exit 1'), signal, accept: [0, 1] });
    expect(result.exitCode).toBe(1);
  });

  it('keeps the end of a long stderr', async () => {
    const env = fakeGit('i=0; while [ $i -lt 2000 ]; do echo "warning: line $i" >&2; i=$((i+1)); done');
    const { stderr } = await runGit(['status'], { cwd: temporaryFolder(), env, signal });
    expect(stderr.length).toBe(8192);
    expect(stderr.endsWith('warning: line 1999\n')).toBe(true);
  });

  it('stops a git that takes too long', async () => {
    const run = runGit(['log'], { cwd: temporaryFolder(), env: fakeGit('exec sleep 60'), signal, timeoutMs: 50 });
    await expect(run).rejects.toMatchObject({ code: 'git-failed', data: { reason: 'it took longer than 50 ms' } });
  });

  it('stops a git that writes too much', async () => {
    const run = runGit(['log'], { cwd: temporaryFolder(), env: fakeGit('exec cat /dev/zero'), signal, maxBytes: 1 << 20 });
    await expect(run).rejects.toMatchObject({ code: 'git-failed', data: { reason: 'it wrote more than 1048576 bytes' } });
  });

  it('stops when it is interrupted, before and during the run', async () => {
    const controller = new AbortController();
    const stream = streamGit(['log'], { cwd: temporaryFolder(), env: fakeGit('echo one; exec sleep 60'), signal: controller.signal });
    expect((await stream.next()).value).toEqual(Buffer.from('one\n'));
    controller.abort();
    await expect(stream.next()).rejects.toMatchObject({ code: 'interrupted' });
    const late = runGit(['log'], { cwd: temporaryFolder(), env: GIT_TEST_ENV, signal: controller.signal });
    await expect(late).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('ends git when the reader leaves early', async () => {
    const folder = temporaryFolder();
    const env = fakeGit('echo $$; exec cat /dev/zero');
    let pid = 0;
    for await (const chunk of streamGit(['log'], { cwd: folder, env, signal })) {
      pid = Number(chunk.toString('latin1').split('\n')[0]);
      break;
    }
    expect(pid).toBeGreaterThan(0);
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it('tells a missing git from a missing folder', async () => {
    const nowhere = { PATH: '/nonexistent' };
    await expect(runGit(['log'], { cwd: temporaryFolder(), env: nowhere, signal })).rejects.toMatchObject({ code: 'git-missing' });
    const gone = runGit(['log'], { cwd: '/nonexistent/folder', env: GIT_TEST_ENV, signal });
    await expect(gone).rejects.toMatchObject({ code: 'git-failed', data: { reason: 'there is no folder /nonexistent/folder' } });
  });

  it('does not run what the configuration of a repository tells it to run', async () => {
    const repository = createRepository();
    const mark = path.join(temporaryFolder(), 'ran');
    repository.write('a.txt', 'a\n');
    repository.commit();
    repository.write('a.txt', 'b\n');
    repository.git('add', '.');
    repository.git('config', 'core.fsmonitor', `touch ${mark}; false`);
    repository.git('config', 'diff.external', `touch ${mark}`);
    const shared = { cwd: repository.folder, env: GIT_TEST_ENV, signal };
    await runGit(['ls-files', '--others'], shared);
    await runGit(['diff', '--cached', '--no-ext-diff'], shared);
    await expect(runGit(['diff', '--cached'], shared)).rejects.toMatchObject({ code: 'git-failed' });
    expect((await runGit(['config', 'core.fsmonitor'], shared)).stdout.toString()).toBe('false\n');
    expect(() => chmodSync(mark, 0o600)).toThrow('ENOENT');
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('gitEnvironment', () => {
  const hook = {
    GIT_DIR: '.',
    GIT_INDEX_FILE: '.git/index.lock',
    GIT_QUARANTINE_PATH: '/q',
    GIT_OBJECT_DIRECTORY: '/q/o',
    GIT_SSL_CAINFO: '/ca',
  };

  it('keeps what a hook was given, with GIT_DIR made absolute', () => {
    expect(gitEnvironment(hook, 'inherited', '/srv/a.git')).toMatchObject({ ...hook, GIT_DIR: '/srv/a.git' });
  });

  it('drops what names a repository when a path decides, and nothing else', () => {
    const env = gitEnvironment(hook, 'by-path', '/srv/a.git');
    expect(Object.keys(env).sort()).toEqual([
      'GIT_NO_LAZY_FETCH',
      'GIT_OPTIONAL_LOCKS',
      'GIT_PAGER',
      'GIT_SSL_CAINFO',
      'GIT_TERMINAL_PROMPT',
      'LC_ALL',
    ]);
  });
});
