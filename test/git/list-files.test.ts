import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytePath, createRepository, GIT_TEST_ENV, type Repository, temporaryFolder } from '../../fixtures/git-repository.ts';
import { isIgnored, listWorkTreeFiles, type WorkTreeFiles } from '../../src/git/list-files.ts';

const options = { env: GIT_TEST_ENV, signal: new AbortController().signal };

const NOTHING: WorkTreeFiles = { files: [], oddPaths: [], repositories: [], outside: [], unreadable: [] };

async function list(folder: string): Promise<WorkTreeFiles> {
  const files = await listWorkTreeFiles(folder, options);
  if (!files) throw new Error(`${folder} is in no work tree`);
  return files;
}

function repositoryWith(...files: string[]): Repository {
  const repository = createRepository();
  for (const file of files) repository.write(file, `${file}\n`);
  repository.commit();
  return repository;
}

describe('listWorkTreeFiles', () => {
  it('lists tracked files, and untracked ones that are not ignored', async () => {
    const repository = repositoryWith('a.txt', 'dir/b.txt', 'dir/tracked.log');
    repository.write('.gitignore', '*.log\nbuild/\n');
    repository.write('new.txt', '');
    repository.write('x.log', '');
    repository.write('build/out.txt', '');
    expect(await list(repository.folder)).toEqual({
      ...NOTHING,
      files: ['a.txt', 'dir/b.txt', 'dir/tracked.log', '.gitignore', 'new.txt'],
    });
  });

  it('lists a folder below the top relative to it', async () => {
    const repository = repositoryWith('a.txt', 'dir/b.txt', 'dir/sub/c.txt');
    repository.write('.gitignore', '/dir/ignored.txt\n');
    repository.write('dir/ignored.txt', '');
    expect(await list(path.join(repository.folder, 'dir'))).toEqual({ ...NOTHING, files: ['b.txt', 'sub/c.txt'] });
  });

  it('says null outside of work trees', async () => {
    expect(await listWorkTreeFiles(temporaryFolder(), options)).toBe(null);
  });

  it('does not look into the repository that the environment names', async () => {
    const other = repositoryWith('other.txt');
    const repository = repositoryWith('a.txt');
    const env = { ...GIT_TEST_ENV, GIT_DIR: path.join(other.folder, '.git'), GIT_INDEX_FILE: path.join(other.folder, '.git/index') };
    expect((await listWorkTreeFiles(repository.folder, { ...options, env }))?.files).toEqual(['a.txt']);
  });

  it('leaves out what is in a folder that is gone, and lists each file in a merge conflict once', async () => {
    const repository = repositoryWith('a.txt', 'gone/b.txt', 'gone/deep/c.txt');
    repository.git('checkout', '--quiet', '-b', 'other');
    repository.write('a.txt', 'other\n');
    repository.commit();
    repository.git('checkout', '--quiet', 'main');
    repository.write('a.txt', 'main\n');
    repository.commit();
    expect(() => repository.git('merge', 'other')).toThrow('git merge other');
    rmSync(path.join(repository.folder, 'gone'), { recursive: true });
    expect(await list(repository.folder)).toEqual({ ...NOTHING, files: ['a.txt'] });
  });

  it('lists what is in a folder that was a tracked file', async () => {
    const repository = repositoryWith('file-to-folder', 'stays');
    rmSync(path.join(repository.folder, 'file-to-folder'));
    repository.write('file-to-folder/inside', '');
    expect((await list(repository.folder)).files).toEqual(['file-to-folder', 'stays', 'file-to-folder/inside']);
  });

  it('does not leave the folder through a folder that was replaced by a link', async () => {
    const repository = repositoryWith('dir/passwd', 'dir/sub/passwd', 'z.txt');
    rmSync(path.join(repository.folder, 'dir'), { recursive: true });
    symlinkSync('/etc', path.join(repository.folder, 'dir'));
    expect(await list(repository.folder)).toEqual({ ...NOTHING, files: ['z.txt', 'dir'] });
  });

  it('names folders that it could not look at', async () => {
    const repository = repositoryWith('a.txt');
    // Paths of the index may be as long as one likes, those of the file system may not: the tests may run as root, who can look at everything else.
    const long = `${'d'.repeat(300)}/passwd`;
    const { stdout } = spawnSync('git', ['hash-object', '-w', '--stdin'], { cwd: repository.folder, env: GIT_TEST_ENV, input: '' });
    repository.git('update-index', '--add', '--cacheinfo', `100644,${stdout.toString().trim()},${long}`);
    expect(await list(repository.folder)).toEqual({
      ...NOTHING,
      files: ['a.txt'],
      unreadable: [{ path: 'd'.repeat(300), reason: 'ENAMETOOLONG: name too long' }],
    });
  });

  it('refuses entries of a forged index that lead out', async () => {
    const repository = repositoryWith('ab/cd/passwd', 'z.txt');
    const forge = `const fs=require('fs');const f='.git/index';const b=fs.readFileSync(f);b.write('../../passwd',b.indexOf('ab/cd/passwd'),'latin1');
      const h=require('crypto').createHash('sha1').update(b.subarray(0,-20)).digest();h.copy(b,b.length-20);fs.writeFileSync(f,b)`;
    expect(spawnSync(process.execPath, ['-e', forge], { cwd: repository.folder }).status).toBe(0);
    expect(repository.git('ls-files')).toContain('../../passwd');
    expect((await list(repository.folder)).outside).toEqual(['../../passwd']);
  });

  it('names repositories inside: clones, and submodules that are checked out', async () => {
    const library = repositoryWith('lib.txt');
    const repository = repositoryWith('a.txt');
    repository.git('submodule', '--quiet', 'add', library.folder, 'module');
    repository.git('submodule', '--quiet', 'add', library.folder, 'gone');
    repository.commit();
    rmSync(path.join(repository.folder, 'gone'), { recursive: true });
    const inner = createRepository(path.join(repository.folder, 'dir/inner'));
    inner.write('inner.txt', '');
    inner.commit();
    expect(await list(repository.folder)).toEqual({
      ...NOTHING,
      files: ['.gitmodules', 'a.txt', 'gone'],
      repositories: ['module', 'dir/inner'],
    });
  });

  it('copes with any name', async () => {
    const repository = createRepository();
    const names = ['new\nline', 'quote"\'', 'esc\x1b[31m', 'tab\there', ' space ', '-rf', 'ü', '日本', '\ud83d\ude00', 'a\\b', '\ufffd'];
    for (const name of names) repository.write(name, '');
    writeFileSync(bytePath(repository.folder, Buffer.from([0x74, 0xff])), '');
    repository.git('add', '--', ...names.slice(0, 5));
    writeFileSync(bytePath(repository.folder, Buffer.from([0x75, 0xff])), '');
    const { files, oddPaths } = await list(repository.folder);
    expect(files.slice().sort()).toEqual(names.slice().sort());
    expect(oddPaths.map((path) => path.toString('latin1'))).toEqual(['t\xff', 'u\xff']);
    repository.git('add', '.');
    const tracked = await list(repository.folder);
    expect(tracked.files.slice().sort()).toEqual(names.slice().sort());
    expect(tracked.oddPaths.map((path) => path.toString('latin1'))).toEqual(['t\xff', 'u\xff']);
  });

  it('lists linked work trees, SHA-256 repositories, and repositories without a commit', async () => {
    const repository = repositoryWith('a.txt');
    const linked = path.join(temporaryFolder(), 'linked');
    repository.git('worktree', 'add', '--quiet', linked);
    expect((await list(linked)).files).toEqual(['a.txt']);
    const long = createRepository(temporaryFolder(), '--object-format=sha256');
    expect(await list(long.folder)).toEqual(NOTHING);
    long.write('b.txt', '');
    long.commit();
    expect((await list(long.folder)).files).toEqual(['b.txt']);
  });

  it('names folders of which git only warns that it could not read them', async () => {
    const repository = repositoryWith('a.txt');
    const bin = temporaryFolder();
    const real = spawnSync('/bin/sh', ['-c', 'command -v git']).stdout.toString().trim();
    const script = `#!/bin/sh\necho "warning: could not open directory 'locked/': Permission denied" >&2\nexec ${real} "$@"\n`;
    writeFileSync(path.join(bin, 'git'), script, { mode: 0o755 });
    const env = { ...GIT_TEST_ENV, PATH: `${bin}:${GIT_TEST_ENV['PATH']}` };
    const files = await listWorkTreeFiles(repository.folder, { ...options, env });
    expect(files).toEqual({ ...NOTHING, files: ['a.txt'], unreadable: [{ path: 'locked', reason: 'Permission denied' }] });
  });

  it('throws when git cannot read the repository', async () => {
    const repository = repositoryWith('a.txt');
    writeFileSync(path.join(repository.folder, '.git/index'), 'no index');
    await expect(list(repository.folder)).rejects.toMatchObject({ code: 'git-failed' });
  });

  it('does not run the filters of a hostile repository', async () => {
    const repository = createRepository();
    const mark = path.join(temporaryFolder(), 'ran');
    repository.write('.gitattributes', '* filter=evil\n');
    repository.write('a.txt', 'a\n');
    repository.commit();
    repository.git('config', 'filter.evil.clean', `touch ${mark}`);
    repository.git('config', 'filter.evil.process', `touch ${mark}`);
    repository.write('a.txt', 'b\n');
    repository.write('new.txt', 'b\n');
    expect((await list(repository.folder)).files).toEqual(['.gitattributes', 'a.txt', 'new.txt']);
    expect(() => rmSync(mark)).toThrow('ENOENT');
  });
});

describe('isIgnored', () => {
  it('tells whether git ignores the folder itself', async () => {
    const repository = repositoryWith('src/a.txt', 'build/tracked.txt');
    repository.write('.gitignore', 'build/\n');
    mkdirSync(path.join(repository.folder, 'build/deep'));
    expect(await isIgnored(path.join(repository.folder, 'src'), options)).toBe(false);
    expect(await isIgnored(path.join(repository.folder, 'build'), options)).toBe(true);
    expect(await isIgnored(path.join(repository.folder, 'build/deep'), options)).toBe(true);
    expect(await isIgnored(temporaryFolder(), options)).toBe(false);
  });
});
