import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRepository, temporaryFolder } from '../../fixtures/git-repository.ts';
import { findWorkTree, holdsRepository } from '../../src/git/find-work-tree.ts';

describe('findWorkTree', () => {
  it('finds the nearest work tree at or above a folder', () => {
    const { folder } = createRepository();
    const inner = createRepository(path.join(folder, 'a/inner'));
    mkdirSync(path.join(inner.folder, 'x/y'), { recursive: true });
    expect(findWorkTree(folder)).toBe(folder);
    expect(findWorkTree(path.join(folder, 'a'))).toBe(folder);
    expect(findWorkTree(path.join(inner.folder, 'x/y'))).toBe(inner.folder);
  });

  it('finds linked work trees, whose .git is a file', () => {
    const repository = createRepository();
    repository.commit();
    const linked = path.join(temporaryFolder(), 'linked');
    repository.git('worktree', 'add', '--quiet', linked);
    expect(findWorkTree(linked)).toBe(linked);
  });

  it('takes no empty .git for a repository', () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, '.git'));
    expect(holdsRepository(folder)).toBe(false);
    expect(findWorkTree(folder)).toBe(null);
  });
});
