import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytePath, createRepository, GIT_TEST_ENV, Repository, temporaryFolder } from '../../fixtures/git-repository.ts';
import { readStaged } from '../../src/git/staged.ts';
import { parseRawChanges } from '../../src/git/staged-changes.ts';

type Shown = { path: string; text?: string; added?: string; state?: string };

const signal = new AbortController().signal;

/** What is staged, shortly: text of the content, new lines as "1-3,7-7". */
async function staged(cwd: string, env: Readonly<Record<string, string>> = {}, limitBytes = 1 << 20): Promise<Shown[]> {
  const all: Shown[] = [];
  for await (const { path, content } of readStaged({ cwd, env: { ...GIT_TEST_ENV, ...env }, signal, limitBytes })) {
    if (content.state !== 'read') all.push({ path, state: content.state });
    else {
      const added = content.added?.map(({ first, last }) => `${first}-${last}`).join();
      all.push({ path, text: content.bytes.toString(), ...(added === undefined ? {} : { added }) });
    }
  }
  return all;
}

const LINES = Array.from({ length: 30 }, (_, at) => `line ${at + 1}\n`);

function repositoryWith(files: Readonly<Record<string, string>>): Repository {
  const repository = createRepository();
  for (const [name, content] of Object.entries(files)) repository.write(name, content);
  repository.commit();
  return repository;
}

describe('readStaged', () => {
  it('gives all staged files before the first commit', async () => {
    const repository = createRepository();
    expect(await staged(repository.folder)).toEqual([]);
    repository.write('b.txt', 'b\n');
    repository.write('a.txt', 'a\n');
    repository.write('empty', '');
    repository.write('unstaged.txt', 'u\n');
    repository.git('add', 'a.txt', 'b.txt', 'empty');
    expect(await staged(repository.folder)).toEqual([
      { path: 'a.txt', text: 'a\n' },
      { path: 'b.txt', text: 'b\n' },
      { path: 'empty', text: '' },
    ]);
  });

  it('gives nothing for an index that equals HEAD', async () => {
    const repository = repositoryWith({ 'a.txt': 'a\n' });
    repository.write('a.txt', 'edited, not staged\n');
    expect(await staged(repository.folder)).toEqual([]);
  });

  it('gives new lines of changed files, and leaves out files that only lost lines', async () => {
    const repository = repositoryWith({ 'a.txt': LINES.join(''), 'less.txt': LINES.join(''), 'gone.txt': 'x\n' });
    const edited = [...LINES];
    edited[4] = 'changed\n';
    edited.splice(20, 0, 'new 1\n', 'new 2\n');
    repository.write('a.txt', edited.join(''));
    repository.write('less.txt', LINES.slice(5).join(''));
    rmSync(path.join(repository.folder, 'gone.txt'));
    repository.git('add', '--all');
    expect(await staged(repository.folder)).toEqual([{ path: 'a.txt', text: edited.join(''), added: '5-5,21-22' }]);
  });

  it('takes the index, not the work tree, of partly staged and deleted files', async () => {
    const repository = repositoryWith({ 'a.txt': 'one\n' });
    repository.write('a.txt', 'one\nstaged\n');
    repository.write('b.txt', 'staged\n');
    repository.git('add', '--all');
    repository.write('a.txt', 'one\nstaged\nnot staged\n');
    rmSync(path.join(repository.folder, 'b.txt'));
    expect(await staged(repository.folder)).toEqual([
      { path: 'a.txt', text: 'one\nstaged\n', added: '2-2' },
      { path: 'b.txt', text: 'staged\n' },
    ]);
  });

  it('sees edits in renamed files, and skips pure renames and changes of mode', async () => {
    const repository = repositoryWith({ 'old.txt': LINES.join(''), 'pure.txt': `${LINES.join('')}pure\n`, 'mode.sh': 'echo\n' });
    repository.git('mv', 'old.txt', 'new.txt');
    repository.git('mv', 'pure.txt', 'renamed.txt');
    repository.write('new.txt', `${LINES.join('')}secret\n`);
    repository.git('add', '--all');
    repository.git('update-index', '--chmod=+x', 'mode.sh');
    expect(await staged(repository.folder)).toEqual([{ path: 'new.txt', text: `${LINES.join('')}secret\n`, added: '31-31' }]);
  });

  it('does not depend on the configuration of the repository', async () => {
    const repository = repositoryWith({ 'old.txt': LINES.join('') });
    repository.git('mv', 'old.txt', 'dir.txt');
    repository.write('dir.txt', `${LINES.join('')}secret\n`);
    repository.git('add', '--all');
    const before = await staged(repository.folder);
    const mark = path.join(temporaryFolder(), 'ran');
    const settings = {
      'diff.renames': 'false',
      'diff.context': '9',
      'diff.interHunkContext': '50',
      'diff.relative': 'true',
      'diff.noprefix': 'true',
      'diff.orderFile': '/nonexistent',
      'diff.submodule': 'diff',
      'diff.external': `touch ${mark}`,
      'diff.evil.textconv': `touch ${mark}`,
      'diff.evil.command': `touch ${mark}`,
      'color.ui': 'always',
      'core.pager': `touch ${mark}`,
      'core.quotePath': 'false',
    };
    for (const [name, value] of Object.entries(settings)) repository.git('config', name, value);
    writeFileSync(path.join(repository.folder, '.git/info/attributes'), '* diff=evil\n');
    expect(await staged(repository.folder)).toEqual(before);
    expect(before).toHaveLength(1);
    expect(() => rmSync(mark)).toThrow('ENOENT');
  });

  it('gives the target of a link, and skips submodules', async () => {
    const library = repositoryWith({ 'lib.txt': 'x\n' });
    const repository = repositoryWith({ 'file-to-link': 'text\n' });
    repository.git('submodule', '--quiet', 'add', library.folder, 'module');
    rmSync(path.join(repository.folder, 'file-to-link'));
    symlinkSync('to/somewhere', path.join(repository.folder, 'file-to-link'));
    symlinkSync('/etc/passwd', path.join(repository.folder, 'link'));
    repository.git('add', '--all');
    expect((await staged(repository.folder)).filter(({ path }) => path !== '.gitmodules')).toEqual([
      { path: 'file-to-link', text: 'to/somewhere' },
      { path: 'link', text: '/etc/passwd' },
    ]);
  });

  it('gives no lines for what git takes for binary: all of it counts', async () => {
    const repository = repositoryWith({ 'a.bin': 'a\0b\n', 'marked.txt': 'a\n' });
    repository.write('a.bin', 'a\0b\nc\n');
    repository.write('.git/info/attributes', 'marked.txt -diff\n');
    repository.write('marked.txt', 'a\nb\n');
    repository.git('add', '--all');
    expect(await staged(repository.folder)).toEqual([
      { path: 'a.bin', text: 'a\0b\nc\n' },
      { path: 'marked.txt', text: 'a\nb\n' },
    ]);
  });

  it('passes over what is larger than the limit, and says so', async () => {
    const repository = repositoryWith({});
    repository.write('large', 'x'.repeat(100));
    repository.write('small', 'x');
    repository.git('add', '--all');
    expect(await staged(repository.folder, {}, 99)).toEqual([
      { path: 'large', state: 'too-large' },
      { path: 'small', text: 'x' },
    ]);
  });

  it('names files whose conflict is not resolved', async () => {
    const repository = repositoryWith({ 'a.txt': 'base\n' });
    repository.git('checkout', '--quiet', '-b', 'other');
    repository.write('a.txt', 'other\n');
    repository.commit();
    repository.git('checkout', '--quiet', 'main');
    repository.write('a.txt', 'main\n');
    repository.commit();
    expect(() => repository.git('merge', 'other')).toThrow('git merge other');
    expect(await staged(repository.folder)).toEqual([{ path: 'a.txt', state: 'unmerged' }]);
  });

  it('counts paths from the working directory', async () => {
    const repository = repositoryWith({});
    repository.write('dir/a.txt', 'a\n');
    repository.write('b.txt', 'b\n');
    mkdirSync(path.join(repository.folder, 'dir/deep'));
    repository.git('add', '--all');
    const paths = async (cwd: string): Promise<string[]> => (await staged(path.join(repository.folder, cwd))).map((blob) => blob.path);
    expect(await paths('.')).toEqual(['b.txt', 'dir/a.txt']);
    expect(await paths('dir')).toEqual(['../b.txt', 'a.txt']);
    expect(await paths('dir/deep')).toEqual(['../../b.txt', '../a.txt']);
  });

  it('copes with any name', async () => {
    const repository = repositoryWith({ 'new\nline': 'a\n' });
    const names = ['esc\x1b[31m', 'new\nline', 'quote"', 'tab\there'];
    for (const name of [...names, 'ü']) repository.write(name, 'a\nb\n');
    writeFileSync(bytePath(repository.folder, Buffer.from([0x7a, 0xff])), 'odd\n');
    repository.git('add', '--all');
    expect(await staged(repository.folder)).toEqual([
      ...names.map((name) => ({ path: name, text: 'a\nb\n', ...(name === 'new\nline' ? { added: '2-2' } : {}) })),
      { path: 'z\\xff', text: 'odd\n' },
      { path: 'ü', text: 'a\nb\n' },
    ]);
  });

  it('reads linked work trees and SHA-256 repositories', async () => {
    const repository = repositoryWith({ 'a.txt': 'a\n' });
    const linked = new Repository(path.join(temporaryFolder(), 'linked'));
    repository.git('worktree', 'add', '--quiet', linked.folder);
    linked.write('a.txt', 'a\nb\n');
    linked.git('add', '--all');
    expect(await staged(linked.folder)).toEqual([{ path: 'a.txt', text: 'a\nb\n', added: '2-2' }]);
    expect(await staged(repository.folder)).toEqual([]);
    const long = createRepository(temporaryFolder(), '--object-format=sha256');
    long.write('a.txt', 'a\n');
    long.commit();
    long.write('a.txt', 'b\na\n');
    long.git('add', '--all');
    expect(await staged(long.folder)).toEqual([{ path: 'a.txt', text: 'b\na\n', added: '1-1' }]);
  });

  it('fails outside of a repository', async () => {
    await expect(staged(temporaryFolder())).rejects.toMatchObject({ code: 'not-a-repository' });
    const bare = createRepository(temporaryFolder(), '--bare');
    await expect(staged(bare.folder)).rejects.toMatchObject({ code: 'not-a-repository' });
  });

  it('fails when the index is broken', async () => {
    const repository = repositoryWith({ 'a.txt': 'a\n' });
    writeFileSync(path.join(repository.folder, '.git/index'), 'no index');
    await expect(staged(repository.folder)).rejects.toMatchObject({ code: 'git-failed' });
  });
});

describe('readStaged in a hook', () => {
  /** Runs `git commit` with a hook that keeps its environment and refuses; `look` then sees the index that the hook saw. */
  function hookEnvironment(repository: Repository, ...commit: string[]): Record<string, string> {
    const kept = path.join(temporaryFolder(), 'kept');
    // The temporary index is gone after the commit, so the hook keeps a copy.
    const hook = `#!/bin/sh\ncp "$GIT_INDEX_FILE" ${kept}.index\nprintf '%s' "$GIT_INDEX_FILE" > ${kept}\nexit 1\n`;
    writeFileSync(path.join(repository.folder, '.git/hooks/pre-commit'), hook, { mode: 0o755 });
    expect(() => repository.git('commit', '--quiet', '--message', 'x', ...commit)).toThrow('git commit');
    return { GIT_INDEX_FILE: `${kept}.index`, GIT_PREFIX: '' };
  }

  it('sees what commit --all would commit', async () => {
    const repository = repositoryWith({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
    repository.write('a.txt', 'a\nsecret\n');
    const env = hookEnvironment(repository, '--all');
    expect(await staged(repository.folder)).toEqual([]);
    expect(await staged(repository.folder, env)).toEqual([{ path: 'a.txt', text: 'a\nsecret\n', added: '2-2' }]);
  });

  it('sees what commit PATH would commit, and no more', async () => {
    const repository = repositoryWith({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
    repository.write('a.txt', 'a\nstaged\n');
    repository.git('add', 'a.txt');
    repository.write('b.txt', 'b\nsecret\n');
    const env = hookEnvironment(repository, '--', 'b.txt');
    expect((await staged(repository.folder)).map(({ path }) => path)).toEqual(['a.txt']);
    expect(await staged(repository.folder, env)).toEqual([{ path: 'b.txt', text: 'b\nsecret\n', added: '2-2' }]);
  });

  it('follows GIT_DIR and GIT_WORK_TREE', async () => {
    const repository = repositoryWith({ 'a.txt': 'a\n' });
    repository.write('a.txt', 'a\nb\n');
    repository.git('add', '--all');
    const env = { GIT_DIR: path.join(repository.folder, '.git'), GIT_WORK_TREE: repository.folder };
    expect(await staged(temporaryFolder(), env)).toMatchObject([{ text: 'a\nb\n', added: '2-2' }]);
    expect(await staged(repository.folder, { GIT_DIR: '.git' })).toMatchObject([{ path: 'a.txt', added: '2-2' }]);
  });
});

describe('parseRawChanges', () => {
  it('does not choke on output that was cut off', () => {
    expect(parseRawChanges(Buffer.from(`:100644 100644 ${'a'.repeat(40)} ${'b'.repeat(40)} M\0`))).toEqual([]);
    expect(parseRawChanges(Buffer.alloc(0))).toEqual([]);
  });
});
