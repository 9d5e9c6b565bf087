import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytePath, createRepository, GIT_TEST_ENV, Repository, temporaryFolder } from '../../fixtures/git-repository.ts';
import { type FileListing, listFiles } from '../../src/sources/files.ts';
import { ODD_LIMIT_BYTES } from '../../src/sources/odd-names.ts';

type Options = { noIgnore?: boolean; env?: Readonly<Record<string, string>>; signal?: AbortSignal };

async function list(cwd: string, inputs: readonly string[], options: Options = {}): Promise<FileListing> {
  return await listFiles(inputs, { cwd, env: GIT_TEST_ENV, signal: new AbortController().signal, noIgnore: false, ...options });
}

async function paths(cwd: string, inputs: readonly string[], options: Options = {}): Promise<string[]> {
  const listing = await list(cwd, inputs, options);
  expect(listing.problems).toEqual([]);
  return listing.blobs.map((blob) => blob.provenance.path);
}

/** A folder outside of any repository. */
function folderWith(...files: string[]): string {
  const folder = new Repository(temporaryFolder());
  for (const file of files) folder.write(file, `${file}\n`);
  return folder.folder;
}

function makeFifo(file: string): void {
  expect(spawnSync('mkfifo', [file]).status).toBe(0);
}

describe('listFiles on named inputs', () => {
  it('reports paths as the user would write them, and opens them by absolute ones', async () => {
    const folder = folderWith('a/one.txt', 'b/two.txt');
    const inside = path.join(folder, 'a');
    expect((await list(inside, ['one.txt'])).blobs).toEqual([
      { kind: 'file', provenance: { kind: 'file', path: 'one.txt' }, file: `${inside}/one.txt` },
    ]);
    expect(await paths(inside, ['.'])).toEqual(['one.txt']);
    expect(await paths(folder, ['./a'])).toEqual(['a/one.txt']);
    expect(await paths(folder, ['a/../b/'])).toEqual(['b/two.txt']);
    expect(await paths(inside, ['../b'])).toEqual(['../b/two.txt']);
    expect(await paths(inside, [folder])).toEqual([`${folder}/a/one.txt`, `${folder}/b/two.txt`]);
    expect(await paths(inside, [`${folder}/b/two.txt`])).toEqual([`${folder}/b/two.txt`]);
  });

  it('lists each file once, sorted by the bytes of its path', async () => {
    const names = ['a-b', 'a.c', 'a/x', 'a0', 'B', '\ufb01', '\ud83d\ude00', 'é'];
    const folder = folderWith(...names);
    const sorted = names.slice().sort((a, b) => Buffer.from(a).compare(Buffer.from(b)));
    expect(await paths(folder, ['a', '.', 'a/x', `${folder}/a-b`])).toEqual(sorted);
    createRepository(folder);
    expect(await paths(folder, ['.'])).toEqual(sorted);
  });

  it('refuses what is not there, before anything is listed', async () => {
    const folder = folderWith('a.txt');
    for (const input of ['gone.txt', 'a.txt/', 'a.txt/b', '', 'no*match', 'gone[1].txt']) {
      await expect(list(folder, ['a.txt', input])).rejects.toMatchObject({ code: 'no-such-path', data: { path: input } });
    }
  });

  it('says of a fifo that it is no file', async () => {
    const folder = folderWith('a.txt');
    makeFifo(path.join(folder, 'pipe'));
    const problem = { code: 'not-a-file', where: 'pipe', data: { path: 'pipe', kind: 'fifo' } };
    expect((await list(folder, ['pipe'])).problems).toEqual([problem]);
    expect((await list(folder, ['.'])).problems).toEqual([problem]);
    expect((await list(folder, ['/dev/null'])).problems).toMatchObject([{ code: 'not-a-file', data: { kind: 'device' } }]);
  });

  it('follows a named link inside the working directory only', async () => {
    const folder = folderWith('work/dir/a.txt', 'outside/b.txt');
    const work = path.join(folder, 'work');
    symlinkSync('dir/a.txt', path.join(work, 'to-file'));
    symlinkSync('dir', path.join(work, 'to-folder'));
    symlinkSync('../outside', path.join(work, 'to-outside'));
    symlinkSync('self', path.join(work, 'self'));
    symlinkSync('nowhere', path.join(work, 'dangling'));
    expect((await list(work, ['to-file'])).blobs).toMatchObject([{ provenance: { path: 'to-file' }, file: `${work}/dir/a.txt` }]);
    expect(await paths(work, ['to-folder'])).toEqual(['to-folder/a.txt']);
    const { blobs, problems } = await list(work, ['to-outside', 'self', 'dangling']);
    expect(blobs).toEqual([]);
    expect(problems.map(({ code, where }) => [code, where])).toEqual([
      ['outside-root', 'to-outside'],
      ['link-loop', 'self'],
      ['link-loop', 'dangling'],
    ]);
    expect(await paths(work, ['to-outside/'])).toEqual(['to-outside/b.txt']);
  });

  it('lists what a pattern matches, as far as the folder has it', async () => {
    const folder = folderWith('src/a.ts', 'src/deep/.hidden.ts', 'src/b.js', 'src/ignored.ts', 'we[i]rd.ts', '.git/x.ts');
    rmSync(path.join(folder, '.git'), { recursive: true });
    const repository = createRepository(folder);
    repository.write('.gitignore', 'ignored.ts\n');
    symlinkSync('a.ts', path.join(folder, 'src/link.ts'));
    expect(await paths(folder, ['src/**/*.ts'])).toEqual(['src/a.ts', 'src/deep/.hidden.ts']);
    expect(await paths(folder, ['./src/*.{ts,js}'], { noIgnore: true })).toEqual(['src/a.ts', 'src/b.js', 'src/ignored.ts']);
    expect(await paths(path.join(folder, 'src'), ['../**/b.*'])).toEqual(['../src/b.js']);
    expect(await paths('/', [`${folder}/src/*.js`])).toEqual([`${folder}/src/b.js`]);
    expect(await paths(folder, ['we[i]rd.ts'])).toEqual(['we[i]rd.ts']);
  });
});

describe('listFiles in a git work tree', () => {
  it('leaves out what git ignores, unless it is named or told otherwise', async () => {
    const repository = createRepository();
    for (const name of ['a.txt', 'x.log', 'build/b.txt', 'build/deep/c.txt']) repository.write(name, '');
    repository.write('.gitignore', '*.log\nbuild/\n');
    const { folder } = repository;
    expect(await paths(folder, ['.'])).toEqual(['.gitignore', 'a.txt']);
    expect(await paths(folder, ['x.log', 'build/b.txt'])).toEqual(['build/b.txt', 'x.log']);
    expect(await paths(folder, ['build'])).toEqual(['build/b.txt', 'build/deep/c.txt']);
    expect(await paths(folder, ['.'], { noIgnore: true })).toEqual(['.gitignore', 'a.txt', 'build/b.txt', 'build/deep/c.txt', 'x.log']);
  });

  it('goes into submodules and repositories inside, with their own .gitignore', async () => {
    const library = createRepository();
    library.write('lib.txt', '');
    library.write('.gitignore', 'x.txt\n');
    library.commit();
    const repository = createRepository();
    repository.git('submodule', '--quiet', 'add', library.folder, 'module');
    repository.write('module/x.txt', '');
    repository.write('module/new.txt', '');
    repository.commit();
    repository.git('clone', '--quiet', library.folder, 'vendor/clone');
    repository.git('clone', '--quiet', library.folder, 'vendor/clone/deeper');
    expect(await paths(repository.folder, ['.'])).toEqual([
      '.gitmodules',
      'module/.gitignore',
      'module/lib.txt',
      'module/new.txt',
      'vendor/clone/.gitignore',
      'vendor/clone/deeper/.gitignore',
      'vendor/clone/deeper/lib.txt',
      'vendor/clone/lib.txt',
    ]);
    repository.git('submodule', '--quiet', 'deinit', '--force', 'module');
    expect(await paths(repository.folder, ['module'])).toEqual([]);
    expect((await paths(repository.folder, ['.'])).filter((name) => name.startsWith('module/'))).toEqual([]);
  });

  it('finds repositories in a folder that is none', async () => {
    const folder = folderWith('notes.txt');
    const repository = createRepository(path.join(folder, 'code/project'));
    repository.write('.gitignore', '*.log\n');
    repository.write('a.log', '');
    expect(await paths(folder, ['.'])).toEqual(['code/project/.gitignore', 'notes.txt']);
    expect(await paths(folder, ['.'], { noIgnore: true })).toEqual(['code/project/.gitignore', 'code/project/a.log', 'notes.txt']);
  });

  it('does not let a hook environment name another repository', async () => {
    const repository = createRepository();
    repository.write('a.txt', '');
    const other = createRepository();
    const env = { ...GIT_TEST_ENV, GIT_DIR: path.join(other.folder, '.git'), GIT_WORK_TREE: other.folder };
    expect(await paths(repository.folder, ['.'], { env })).toEqual(['a.txt']);
  });

  it('reads the folder itself where git cannot, and says so unless nothing is lost', async () => {
    const broken = createRepository();
    broken.write('a.txt', '');
    writeFileSync(path.join(broken.folder, '.git/index'), 'no index');
    const { blobs, problems } = await list(broken.folder, ['.']);
    expect(blobs.map((blob) => blob.provenance.path)).toEqual(['a.txt']);
    expect(problems).toMatchObject([{ code: 'git-failed', where: '.', data: { command: 'ls-files' } }]);
    const fake = folderWith('a.txt', 'dir/.git/HEAD', 'dir/b.txt', 'other/.git', 'other/c.txt', '.git/HEAD');
    expect(await paths(fake, ['.'])).toEqual(['a.txt', 'dir/b.txt', 'other/c.txt']);
  });

  it('never enters .git, unless it is what the user named', async () => {
    const repository = createRepository();
    repository.write('.git/hooks/own', '');
    for (const noIgnore of [false, true]) {
      expect(await paths(repository.folder, ['.'], { noIgnore })).toEqual([]);
      expect(await paths(repository.folder, ['.git/hooks'], { noIgnore })).toContain('.git/hooks/own');
    }
  });

  it('does not need git where there is no repository or .gitignore does not count', async () => {
    const env = { PATH: '/nonexistent' };
    const folder = folderWith('a.txt');
    expect(await paths(folder, ['.'], { env })).toEqual(['a.txt']);
    createRepository(folder);
    expect(await paths(folder, ['.'], { env, noIgnore: true })).toEqual(['a.txt']);
    expect(await paths(folder, ['a.txt'], { env })).toEqual(['a.txt']);
    await expect(list(folder, ['.'], { env })).rejects.toMatchObject({ code: 'git-missing' });
  });

  it('follows no link, and names a loop', async () => {
    const repository = createRepository();
    repository.write('dir/a.txt', '');
    symlinkSync('dir', path.join(repository.folder, 'to-folder'));
    symlinkSync('/etc/passwd', path.join(repository.folder, 'to-outside'));
    symlinkSync('.', path.join(repository.folder, 'dir/up'));
    symlinkSync('self', path.join(repository.folder, 'self'));
    repository.git('add', 'to-folder', 'self');
    const walked = await list(repository.folder, ['.'], { noIgnore: true });
    expect(walked.blobs.map((blob) => blob.provenance.path)).toEqual(['dir/a.txt']);
    expect(walked.problems).toMatchObject([{ code: 'link-loop', where: 'self' }]);
    // What git names is looked at when it is opened (test/engine/scan-file.test.ts).
    const named = await list(repository.folder, ['.']);
    expect(named.blobs.map((blob) => blob.provenance.path)).toEqual(['dir/a.txt', 'dir/up', 'self', 'to-folder', 'to-outside']);
    expect(named.problems).toEqual([]);
  });
});

describe('listFiles on hostile folders', () => {
  it('takes any name, and reads files whose names are not text', async () => {
    const folder = folderWith('new\nline', 'esc\x1b[31m', '\ufffd');
    writeFileSync(bytePath(folder, Buffer.from([0x62, 0xff])), 'odd file');
    mkdirSync(bytePath(folder, Buffer.from([0x63, 0xfe])));
    writeFileSync(bytePath(folder, Buffer.concat([Buffer.from([0x63, 0xfe]), Buffer.from('/in.txt')])), 'in odd folder');
    makeFifo(path.join(folder, 'pipe'));
    renameSync(path.join(folder, 'pipe'), bytePath(folder, Buffer.from([0x64, 0xff])));
    symlinkSync('/etc/passwd', bytePath(folder, Buffer.from([0x65, 0xff])));
    const expected = [
      { kind: 'bytes', provenance: { kind: 'file', path: 'b\\xff' }, bytes: Buffer.from('odd file') },
      { kind: 'bytes', provenance: { kind: 'file', path: 'c\\xfe/in.txt' }, bytes: Buffer.from('in odd folder') },
      { kind: 'file', provenance: { kind: 'file', path: 'esc\x1b[31m' }, file: `${folder}/esc\x1b[31m` },
      { kind: 'file', provenance: { kind: 'file', path: 'new\nline' }, file: `${folder}/new\nline` },
      { kind: 'file', provenance: { kind: 'file', path: '\ufffd' }, file: `${folder}/\ufffd` },
    ];
    const walked = await list(folder, ['.']);
    expect(walked.blobs).toEqual(expected);
    expect(walked.problems).toMatchObject([{ code: 'not-a-file', where: 'd\\xff' }]);
    createRepository(folder);
    expect((await list(folder, ['.'])).blobs).toEqual(expected);
  });

  it('limits how much is read from files with such names', async () => {
    const folder = temporaryFolder();
    spawnSync('truncate', ['--size', String(ODD_LIMIT_BYTES + 1), path.join(folder, 'big')]);
    renameSync(path.join(folder, 'big'), bytePath(folder, Buffer.from([0xff])));
    const { blobs, problems } = await list(folder, ['.']);
    expect(blobs).toEqual([]);
    expect(problems).toMatchObject([{ code: 'too-large', where: '\\xff' }]);
  });

  it('says of folders that cannot be read that they were not', async () => {
    // The tests may run as root, who can read everything; but nobody can open a path of more than 4,096 bytes.
    const folder = temporaryFolder();
    const part = Array.from({ length: 9 }, () => 'd'.repeat(240)).join('/');
    for (const top of ['upper', 'lower']) mkdirSync(path.join(folder, top, part), { recursive: true });
    writeFileSync(path.join(folder, 'upper/a.txt'), '');
    renameSync(path.join(folder, 'lower'), path.join(folder, 'upper', part, 'lower'));
    const { blobs, problems } = await list(folder, ['upper']);
    expect(blobs.map((blob) => blob.provenance.path)).toEqual(['upper/a.txt']);
    expect(problems).toMatchObject([{ code: 'unreadable', data: { reason: 'ENAMETOOLONG: name too long' } }]);
    spawnSync('rm', ['-rf', folder]);
  });

  it('survives folders in each other as deep as paths reach', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'd/'.repeat(1900)), { recursive: true });
    writeFileSync(path.join(folder, 'd/'.repeat(1900), 'a.txt'), '');
    expect(await paths(folder, ['.'])).toEqual([`${'d/'.repeat(1900)}a.txt`]);
    spawnSync('rm', ['-rf', folder]);
  });

  it('stops when it is interrupted, with a problem', async () => {
    const folder = folderWith('a.txt');
    expect((await list(folder, ['.'], { signal: AbortSignal.abort() })).problems).toMatchObject([{ code: 'interrupted' }]);
    createRepository(folder);
    expect((await list(folder, ['.'], { signal: AbortSignal.abort() })).problems).toMatchObject([{ code: 'interrupted' }]);
  });
});
