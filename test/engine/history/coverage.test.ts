/** What an audit covers: each kind of place in which a secret can hide in a repository, by itself. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRepository, GIT_TEST_ENV, type Repository, temporaryFolder } from '../../../fixtures/git-repository.ts';
import { scanHistoryByDeltas } from '../../../src/engine/history/delta-scan.ts';
import { audit, auditFolders, shown, token } from './audit-folder.ts';

const SECRET = token('a');
const LINE = `TOKEN=${SECRET}\n`;

/** Short id of a revision. */
function id(repository: Repository, revision: string): string {
  return repository.git('rev-parse', revision).slice(0, 7);
}

function repositoryWith(files: Readonly<Record<string, string>>, message = 'first'): Repository {
  const repository = createRepository();
  for (const [name, content] of Object.entries(files)) repository.write(name, content);
  repository.commit(message);
  return repository;
}

describe('files in history', () => {
  it('a secret that was removed', async () => {
    const repository = repositoryWith({ 'a.env': LINE });
    repository.write('a.env', 'TOKEN=\n');
    repository.commit('take it out');
    expect(await audit(repository.folder)).toEqual([
      {
        places: [`a.env:1 ${id(repository, 'HEAD~1')}`],
        first: id(repository, 'HEAD~1'),
        paths: ['a.env'],
        branches: ['main'],
        tags: [],
        refs: [],
        today: [],
        inHead: false,
        removedIn: id(repository, 'HEAD'),
      },
    ]);
  });

  it('one finding for many versions and paths, oldest place first', async () => {
    const repository = repositoryWith({ 'a.env': LINE });
    repository.git('tag', 'v1');
    repository.write('a.env', `# more\n${LINE}`);
    repository.commit('moved down');
    repository.write('a.env', `# more\n${LINE}# end\n`);
    repository.commit('same place, other content');
    repository.git('mv', 'a.env', 'b.env');
    repository.commit('renamed');
    const [finding, ...others] = await audit(repository.folder);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      places: [`a.env:1 ${id(repository, 'HEAD~3')}`, `a.env:2 ${id(repository, 'HEAD~2')}`, `b.env:2 ${id(repository, 'HEAD')}`],
      first: id(repository, 'HEAD~3'),
      paths: ['a.env', 'b.env'],
      branches: ['main'],
      tags: ['v1'],
      today: ['main'],
      inHead: true,
    });
    expect(finding?.removedIn).toBeUndefined();
  });

  it('a value in base64 that was changed twice and removed: its place is that of the encoded text', async () => {
    const textOf = (value: string): string =>
      `${'# a line of text that stays\n'.repeat(30)}bundle: ${Buffer.from(`export GH_TOKEN=${value}\n`).toString('base64')}\n${'# another\n'.repeat(30)}`;
    const repository = repositoryWith({ 'a.yaml': textOf(SECRET) });
    for (const value of [token('b'), 'taken out', '']) {
      repository.write('a.yaml', textOf(value));
      repository.commit(`now ${value.length}`);
    }
    repository.git('repack', '-adfq');
    const { report } = await auditFolders([repository.folder], { scanHistory: scanHistoryByDeltas });
    expect(report.problems).toEqual([]);
    expect(report.findings.map(({ places: [place] }) => [place?.path, place?.line, place?.decoded])).toEqual([
      ['a.yaml', 31, ['base64']],
      ['a.yaml', 31, ['base64']],
    ]);
    expect(shown(report).map(({ removedIn }) => removedIn)).toEqual([id(repository, 'HEAD~2'), id(repository, 'HEAD~1')]);
  });

  it('branches, remote branches, tags and other refs', async () => {
    const repository = repositoryWith({ 'a.txt': 'a\n' });
    for (const ref of ['refs/heads/dev', 'refs/remotes/origin/dev', 'refs/tags/v1', 'refs/pull/7/head']) {
      repository.git('checkout', '--quiet', '--detach', 'main');
      repository.write('a.env', `${ref}=${token(ref)}\n`);
      repository.commit(ref);
      repository.git('update-ref', ref, 'HEAD');
      repository.git('checkout', '--quiet', 'main');
    }
    const found = await audit(repository.folder);
    expect(found.map(({ branches, tags, refs }) => [...branches, ...tags, ...refs].join()).sort()).toEqual([
      'dev',
      'origin/dev',
      'refs/pull/7/head',
      'v1',
    ]);
    expect(found.every(({ inHead }) => !inHead)).toBe(true);
  });

  it('a detached HEAD, and the HEAD of another worktree', async () => {
    const repository = repositoryWith({ 'a.txt': 'a\n' });
    const worktree = path.join(temporaryFolder(), 'worktree');
    repository.git('worktree', 'add', '--quiet', '--detach', worktree);
    repository.git('checkout', '--quiet', '--detach');
    repository.write('a.env', LINE);
    repository.commit('detached');
    expect(await audit(worktree)).toMatchObject([{ branches: [], inHead: false, first: id(repository, 'HEAD') }]);
    expect(await audit(repository.folder)).toMatchObject([{ branches: [], inHead: true, first: id(repository, 'HEAD') }]);
  });

  it('all entries of the stash: work tree, index and untracked files', async () => {
    const repository = repositoryWith({ 'a.txt': 'a\n' });
    repository.write('a.txt', `index=${token('index')}\n`);
    repository.git('add', 'a.txt');
    repository.write('a.txt', `tree=${token('tree')}\n`);
    repository.write('new.txt', `new=${token('new')}\n`);
    repository.git('stash', '--quiet', '--include-untracked');
    repository.write('a.txt', 'b\n');
    repository.git('stash', '--quiet');
    const found = await audit(repository.folder);
    expect(found.map(({ places }) => places[0]?.split(' ')[0]).sort()).toEqual(['a.txt:1', 'a.txt:1', 'new.txt:1']);
    expect(found.every(({ refs }) => refs.some((name) => name === 'stash@{1}'))).toBe(true);
  });

  it('what a merge alone made', async () => {
    const repository = repositoryWith({ 'a.txt': 'a\n' });
    repository.git('checkout', '--quiet', '-b', 'dev');
    repository.write('b.txt', 'b\n');
    repository.commit('dev');
    repository.git('checkout', '--quiet', 'main');
    repository.write('c.txt', 'c\n');
    repository.commit('main');
    repository.git('merge', '--quiet', '--no-commit', 'dev');
    repository.write('b.txt', `b\n${LINE}`);
    repository.write('merged.txt', LINE);
    repository.commit('merge');
    expect(await audit(repository.folder)).toMatchObject([
      {
        places: [`b.txt:2 ${id(repository, 'HEAD')}`, `merged.txt:1 ${id(repository, 'HEAD')}`],
        first: id(repository, 'HEAD'),
        inHead: true,
      },
    ]);
  });

  it('a blob and a tree that a tag names', async () => {
    const repository = repositoryWith({ 'a.txt': 'a\n' });
    repository.write('key', LINE);
    const blob = repository.git('hash-object', '-w', 'key').trim();
    rmSync(path.join(repository.folder, 'key'));
    repository.git('tag', 'blob', blob);
    repository.write('deep/tree.txt', `x=${token('tree')}\n`);
    repository.git('add', 'deep');
    repository.git('tag', '-a', '-m', 'a tree', 'tree', repository.git('write-tree').trim());
    repository.git('reset', '--quiet', '--hard');
    const found = await audit(repository.folder);
    expect(found.map(({ places }) => places[0]).sort()).toEqual(['.git/refs/tags/blob:1 -', '.git/refs/tags/tree/deep/tree.txt:1 -']);
  });
});

describe('what people write beside files', () => {
  it('messages of commits and names of authors', async () => {
    const repository = repositoryWith({ 'a.txt': 'a\n' }, `subject\n\n:000000 no change\nthe token is ${SECRET}`);
    repository.gitWith({ GIT_AUTHOR_NAME: `Bob ${token('bob')}` }, 'commit', '--quiet', '--allow-empty', '-m', 'x');
    const found = await audit(repository.folder);
    const [first, second] = [repository.git('rev-parse', 'HEAD~1').trim(), repository.git('rev-parse', 'HEAD').trim()];
    expect(found.map(({ places }) => places)).toEqual([
      [`.git/commit/${first}:4 ${first.slice(0, 7)}`],
      [`.git/commit/${second}:3 ${second.slice(0, 7)}`],
    ]);
    expect(found.every(({ inHead, branches, removedIn }) => inHead && branches.join() === 'main' && !removedIn)).toBe(true);
  });

  it('a message that ends in the other encoding of its time', async () => {
    const repository = repositoryWith({ 'a.txt': 'a\n' });
    repository.git('-c', 'i18n.commitEncoding=UTF-16LE', 'commit', '--quiet', '--allow-empty', '-m', `t ${SECRET}`);
    expect(await audit(repository.folder)).toHaveLength(1);
  });

  it('messages of tags, and of tags of tags', async () => {
    const repository = repositoryWith({ 'a.txt': 'a\n' });
    repository.git('tag', '-a', '-m', `inner ${SECRET}`, 'inner');
    repository.git('tag', '-a', '-m', `outer ${token('outer')}`, 'outer', 'inner');
    repository.git('tag', '-d', 'inner');
    const found = await audit(repository.folder);
    expect(found.map(({ tags, places }) => [tags.join(), places[0]?.split(' ')[0]])).toEqual([
      ['outer', '.git/tag/outer:1'],
      ['outer', '.git/tag/outer:1'],
    ]);
  });

  it('notes, which are named by what they are about', async () => {
    const repository = repositoryWith({ 'a.txt': 'a\n' });
    repository.git('notes', 'add', '-m', `token ${SECRET}`);
    const head = repository.git('rev-parse', 'HEAD').trim();
    expect(await audit(repository.folder)).toMatchObject([{ paths: [`.git/note/${head}`], refs: ['refs/notes/commits'], inHead: false }]);
  });
});

describe('what no ref reaches', () => {
  function amended(): Repository {
    const repository = repositoryWith({ 'a.env': LINE }, `old ${token('message')}`);
    repository.write('a.env', 'TOKEN=\n');
    repository.git('commit', '--quiet', '--all', '--amend', '-m', 'new');
    return repository;
  }

  it('is left out by default, and is in with --reflog and --unreachable', async () => {
    const { folder } = amended();
    expect(await audit(folder)).toEqual([]);
    expect(await audit(folder, { reflog: true })).toMatchObject([
      { paths: [], refs: ['reflog'] },
      { paths: ['a.env'], refs: ['reflog'] },
    ]);
    expect(await audit(folder, { unreachable: true })).toMatchObject([
      { paths: [], refs: [], branches: [] },
      { paths: ['a.env'], refs: [], branches: [] },
    ]);
  });

  it('may be a blob that never was in a commit', async () => {
    const repository = repositoryWith({ 'a.txt': 'a\n' });
    repository.write('key', LINE);
    const blob = repository.git('hash-object', '-w', 'key').trim();
    expect(await audit(repository.folder, { unreachable: true })).toMatchObject([{ places: [`.git/blob/${blob}:1 -`], first: null }]);
  });
});

describe('kinds of repositories', () => {
  it('bare, in a folder of a work tree, by its .git, with SHA-256', async () => {
    const repository = repositoryWith({ 'sub/a.env': LINE });
    const bare = path.join(temporaryFolder(), 'bare.git');
    repository.git('clone', '--quiet', '--bare', '.', bare);
    for (const folder of [bare, path.join(repository.folder, 'sub'), path.join(repository.folder, '.git')]) {
      expect(await audit(folder)).toMatchObject([{ paths: ['sub/a.env'], inHead: true }]);
    }
    const other = createRepository(temporaryFolder(), '--object-format=sha256');
    other.write('a.env', LINE);
    other.commit(`token ${token('message')}`);
    expect(await audit(other.folder)).toMatchObject([{ inHead: true }, { paths: ['a.env'], branches: ['main'] }]);
  });

  it('an empty one', async () => {
    expect(await audit(createRepository().folder)).toEqual([]);
  });

  it('several at once: one finding for a value that is in both', async () => {
    const [a, b] = [repositoryWith({ 'a.env': LINE }), repositoryWith({ 'b.env': LINE })];
    const { report } = await auditFolders([a.folder, b.folder]);
    expect(shown(report)).toMatchObject([{ paths: ['repo-0/a.env', 'repo-1/b.env'], branches: ['repo-0/main', 'repo-1/main'] }]);
    expect(report.repositories?.map(({ name }) => name)).toEqual(['repo-0', 'repo-1']);
  });

  it('one with submodules, which are named', async () => {
    const inner = repositoryWith({ 'a.txt': 'a\n' });
    const outer = repositoryWith({ 'a.txt': 'a\n' });
    outer.git('submodule', '--quiet', 'add', inner.folder, 'vendor/inner');
    outer.commit('submodule');
    const { report } = await auditFolders([outer.folder]);
    expect(report.problems).toEqual([]);
    expect(report.repositories?.[0]?.submodules).toEqual(['vendor/inner']);
  });
});

describe('what is not all there', () => {
  const problemsOf = async (folder: string): Promise<string[]> => (await auditFolders([folder])).report.problems.map(({ code }) => code);

  it('a shallow clone is audited as far as it goes, and is a problem', async () => {
    const repository = repositoryWith({ 'a.env': LINE });
    repository.commit('second');
    const clone = path.join(temporaryFolder(), 'clone');
    repository.git('clone', '--quiet', '--depth=1', `file://${repository.folder}`, clone);
    const { report } = await auditFolders([clone]);
    expect(report.problems.map(({ code }) => code)).toEqual(['shallow-clone']);
    expect(report.findings).toHaveLength(1);
  });

  it('a partial clone is a problem where objects are missing, and nothing is fetched', async () => {
    const repository = repositoryWith({ 'a.env': LINE, 'b.txt': 'b\n' });
    repository.write('a.env', 'TOKEN=\n');
    repository.commit('removed');
    repository.git('config', 'uploadpack.allowFilter', 'true');
    const clone = path.join(temporaryFolder(), 'clone');
    repository.git('clone', '--quiet', '--filter=blob:none', `file://${repository.folder}`, clone);
    const { report } = await auditFolders([clone]);
    expect(report.problems).toMatchObject([{ code: 'partial-clone', data: { count: 1 } }]);
    expect(await problemsOf(clone)).toEqual(['partial-clone']);
    createRepositoryAt(clone).git('fetch', '--quiet', '--refetch', '--no-filter');
    expect(await audit(clone)).toHaveLength(1);
  });

  it('a clone without trees too', async () => {
    const repository = repositoryWith({ 'd/a.env': LINE });
    repository.commit('second');
    repository.write('d/a.env', 'TOKEN=\n');
    repository.commit('third');
    repository.git('config', 'uploadpack.allowFilter', 'true');
    const clone = path.join(temporaryFolder(), 'clone');
    repository.git('clone', '--quiet', '--no-checkout', '--filter=tree:0', `file://${repository.folder}`, clone);
    expect(await problemsOf(clone)).toEqual(['partial-clone']);
  });

  it('grafts, missing and corrupt objects are problems', async () => {
    const repository = repositoryWith({ 'a.env': LINE });
    repository.write('b.txt', 'b\n');
    repository.commit('second');
    repository.write('.git/info/grafts', `${repository.git('rev-parse', 'HEAD').trim()}\n`);
    expect(await problemsOf(repository.folder)).toEqual(['grafted-history']);
    rmSync(path.join(repository.folder, '.git/info/grafts'));
    const blob = repository.git('rev-parse', 'HEAD:b.txt').trim();
    const file = `.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`;
    rmSync(path.join(repository.folder, file), { force: true });
    expect(await problemsOf(repository.folder)).toEqual(['objects-missing']);
    repository.write(file, 'not zlib');
    const { report } = await auditFolders([repository.folder]);
    // What the problem is called depends on who read the store.
    expect(report.problems.filter(({ code }) => /^(?:unreadable|object-.*)$/.test(code))).toHaveLength(1);
    expect(report.findings).toHaveLength(1);
  });

  it('a broken tree leaves findings without commits, and says so', async () => {
    const repository = repositoryWith({ 'a.env': LINE });
    const tree = repository.git('rev-parse', 'HEAD^{tree}').trim();
    rmSync(path.join(repository.folder, `.git/objects/${tree.slice(0, 2)}/${tree.slice(2)}`), { force: true });
    const { report } = await auditFolders([repository.folder]);
    expect(report.problems.map(({ code }) => code)).toContain('history-unreadable');
    expect(report.findings).toHaveLength(1);
  });

  it('a ref that leads nowhere is a problem', async () => {
    const repository = repositoryWith({ 'a.env': LINE });
    repository.write('.git/refs/heads/lost', `${'1'.repeat(40)}\n`);
    const { report } = await auditFolders([repository.folder]);
    expect(report.problems.map(({ code }) => code)).toContain('objects-missing');
    expect(report.findings).toHaveLength(1);
  });
});

function createRepositoryAt(folder: string): Repository {
  const repository = createRepository(folder);
  expect(GIT_TEST_ENV['HOME']).toBe('/nonexistent');
  return repository;
}
