import { describe, expect, it } from 'vitest';
import { createRepository, GIT_TEST_ENV, type Repository } from '../../fixtures/git-repository.ts';
import { type ChangedFile, listChangedFiles } from '../../src/git/changed-files.ts';

const idOf = (repository: Repository, name = 'HEAD'): string => repository.git('rev-parse', name).trim();

async function list(repository: Repository, from: string | null): Promise<Record<string, ChangedFile['added']>> {
  const scope = { cwd: repository.folder, env: GIT_TEST_ENV, signal: new AbortController().signal };
  const files = await listChangedFiles(from, idOf(repository), scope);
  for (const { path, blob } of files) expect(repository.git('rev-parse', `HEAD:${path}`).trim()).toBe(blob);
  return Object.fromEntries(files.map(({ path, added }) => [path, added]));
}

describe('listChangedFiles', () => {
  it('lists all files of a commit', async () => {
    const repository = createRepository();
    repository.write('a.txt', '1\n');
    repository.write('é/b c.txt', '2\n');
    repository.commit();
    expect(await list(repository, null)).toEqual({ 'a.txt': undefined, 'é/b c.txt': undefined });
  });

  it('tells new lines of changed and renamed files, and leaves out what is gone', async () => {
    const repository = createRepository();
    repository.write('changed.txt', '1\n2\n3\n');
    repository.write('old name.txt', 'a\nb\nc\nd\ne\nf\n');
    repository.write('gone.txt', 'x\n');
    repository.write('binary', Buffer.from([0, 1, 2]));
    repository.commit();
    const before = idOf(repository);
    repository.git('mv', 'old name.txt', 'name:with "odd\tthings.txt');
    repository.git('rm', '--quiet', 'gone.txt');
    repository.write('name:with "odd\tthings.txt', 'a\nb\nc\nnew\nd\ne\nf\n');
    repository.write('changed.txt', '0\n1\n2\n3\n4\n5\n');
    repository.write('binary', Buffer.from([0, 1, 3]));
    repository.write('added.txt', 'x\n');
    repository.commit();
    expect(await list(repository, before)).toEqual({
      'added.txt': undefined,
      'binary': undefined,
      'changed.txt': [
        { first: 1, last: 1 },
        { first: 5, last: 6 },
      ],
      'name:with "odd\tthings.txt': [{ first: 4, last: 4 }],
    });
  });

  it('compares with a commit that is no ancestor, and knows submodules for none of its business', async () => {
    const repository = createRepository();
    repository.write('a.txt', '1\n');
    repository.commit();
    repository.git('branch', 'side');
    repository.write('a.txt', '1\n2\n');
    repository.git('update-index', '--add', '--cacheinfo', `160000,${idOf(repository)},sub`);
    repository.git('add', 'a.txt');
    repository.git('commit', '--quiet', '--message', 'both');
    expect(await list(repository, idOf(repository, 'side'))).toEqual({ 'a.txt': [{ first: 2, last: 2 }] });
    expect(Object.keys(await list(repository, null))).toEqual(['a.txt']);
  });
});
