/** A release carries the Action's bundle and nothing else, and leaves the branch as it is. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRepository, GIT_TEST_ENV, type Repository } from '../../fixtures/git-repository.ts';
import { ROOT } from '../house/source-text.ts';

function open(version: string): Repository {
  const repository = createRepository();
  repository.write('package.json', JSON.stringify({ version }));
  repository.write('.gitignore', 'dist/\n');
  repository.commit('sources');
  repository.write('dist/action.cjs', `// ${version}\n`);
  return repository;
}

function release(repository: Repository, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'src/build/release.mjs'), ...args, '--bundle', 'dist/action.cjs'],
    {
      cwd: repository.folder,
      env: GIT_TEST_ENV,
      encoding: 'utf8',
    },
  );
  return { status, said: stdout + stderr };
}

describe('release.mjs', () => {
  it('tags a commit that adds the bundle to what is there', () => {
    const repository = open('1.4.0');
    const main = repository.git('rev-parse', 'main');
    expect(release(repository, '1.4.0')).toMatchObject({ status: 0 });
    expect(repository.git('diff', '--name-only', 'main', 'v1.4.0')).toBe('dist/action.cjs\n');
    expect(repository.git('show', 'v1.4.0:dist/action.cjs')).toBe('// 1.4.0\n');
    expect(repository.git('rev-parse', 'v1.4.0^', 'v1^{commit}^')).toBe(main + main);
    expect(repository.git('rev-parse', 'main')).toBe(main);
    expect(repository.git('status', '--porcelain')).toBe('');
    expect(repository.git('log', '-1', '--format=%B', 'v1.4.0')).toMatch(/sha256 of dist\/action\.cjs: [0-9a-f]{64}/);
  });

  it('moves the tag of the major version, and never that of a version', () => {
    const repository = open('1.4.0');
    release(repository, '1.4.0');
    const first = repository.git('rev-parse', 'v1.4.0');
    expect(release(repository, '1.4.0')).toEqual({
      status: 2,
      said: 'release: there is a tag v1.4.0 already: a release does not change\n',
    });
    repository.write('package.json', JSON.stringify({ version: '1.5.0' }));
    repository.commit('next');
    expect(release(repository, '1.5.0').status).toBe(0);
    expect(repository.git('rev-parse', 'v1^{commit}')).toBe(repository.git('rev-parse', 'v1.5.0^{commit}'));
    expect(repository.git('rev-parse', 'v1.4.0')).toBe(first);
  });

  it.each([
    ['another version', ['1.5.0'], 'package.json says 1.4.0, not 1.5.0'],
    ['no version', [], 'say which version'],
    ['an option that it does not know', ['1.4.0', '--push'], "Unknown option '--push'"],
  ])('refuses %s', (_name, args, words) => {
    const repository = open('1.4.0');
    const { status, said } = release(repository, ...args);
    expect([status, repository.git('tag')]).toEqual([2, '']);
    expect(said).toContain(words);
  });

  it('refuses what is not committed', () => {
    const repository = open('1.4.0');
    writeFileSync(join(repository.folder, 'package.json'), `${readFileSync(join(repository.folder, 'package.json'), 'utf8')}\n`);
    expect(release(repository, '1.4.0')).toEqual({ status: 2, said: 'release: there are changes that are not committed\n' });
  });
});
