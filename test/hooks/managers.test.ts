/**
 * Hooks through those who run them: git, and the real husky, pre-commit and lefthook where the machine has them (.ci/run installs them into .cache/tools). Each
 * lets a clean commit through and stops a leak; installing twice changes nothing; uninstalling leaves the folder as it was.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createRepository, GIT_TEST_ENV, type Repository, temporaryFolder } from '../../fixtures/git-repository.ts';
import { binFolder, leak, leakwarden, run, secretOf } from './guarded.ts';

const TIMEOUT = { timeout: 120_000 };
const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const TOOLS = {
  'husky': fromRoot('node_modules/husky/bin.js'),
  'pre-commit': fromRoot('.cache/tools/venv/bin/pre-commit'),
  'lefthook': fromRoot('.cache/tools/node_modules/lefthook/bin/index.js'),
};

/** What lies in a work tree and its hooks, with content and whether it can be run. */
function snapshot(repository: Repository, hooks = '.git/hooks'): Record<string, string> {
  const files = [
    ...repository.git('ls-files', '--others', '--cached').split('\n'),
    ...readdirSync(join(repository.folder, hooks)).map((name) => `${hooks}/${name}`),
  ];
  return Object.fromEntries(
    files
      .map((name) => [name, join(repository.folder, name)] as const)
      .filter(([name, path]) => name !== '' && existsSync(path) && statSync(path).isFile())
      .map(([name, path]) => [name, `${statSync(path).mode & 0o111} ${readFileSync(path, 'utf8')}`]),
  );
}

function expectGuarded(repository: Repository, env: Readonly<Record<string, string>>): void {
  const commit = (message: string) => run('git', ['commit', '-m', message], repository.folder, env);
  repository.write('ok.txt', 'clean still\n');
  repository.git('add', '.');
  const clean = commit('clean');
  expect(clean.status, clean.output).toBe(0);
  repository.write('a.env', leak(1));
  repository.git('add', '.');
  const blocked = commit('leak');
  expect(blocked.output).toContain('commit blocked');
  expect(blocked.output).not.toContain(secretOf(1));
  expect(blocked.status).not.toBe(0);
}

/** PATH with a `leakwarden`, and a home for tools that want one. */
function toolEnv(): Record<string, string> {
  return { PATH: `${binFolder()}:${GIT_TEST_ENV['PATH']}`, HOME: temporaryFolder() };
}

describe('native hooks', TIMEOUT, () => {
  it('are installed, installed again, and taken out without a trace', () => {
    const repository = createRepository();
    repository.commit();
    const before = snapshot(repository);
    expect(leakwarden(repository.folder, 'hooks', 'status')).toMatchObject({
      status: 1,
      output: expect.stringContaining('nothing that git runs here'),
    });
    expect(leakwarden(repository.folder, 'hooks', 'install').output).toContain('create  .git/hooks/pre-commit');
    const installed = snapshot(repository);
    expect(leakwarden(repository.folder, 'hooks', 'install').output).toContain('already');
    expect(snapshot(repository)).toEqual(installed);
    expect(leakwarden(repository.folder, 'hooks', 'status').status).toBe(0);
    expectGuarded(repository, {});
    expect(leakwarden(repository.folder, 'hooks', 'uninstall').status).toBe(0);
    const after = snapshot(repository);
    expect(Object.keys(after).filter((name) => name.startsWith('.git/'))).toEqual(
      Object.keys(before).filter((name) => name.startsWith('.git/')),
    );
  });

  it('change nothing with --dry-run', () => {
    const repository = createRepository();
    const before = snapshot(repository);
    expect(leakwarden(repository.folder, 'hooks', 'install', '--dry-run').output).toContain('create');
    expect(snapshot(repository)).toEqual(before);
  });

  it.each([
    ['a shell script that exits early', '#!/bin/sh\necho mine\nexit 0\n'],
    ['a program in another language', '#!/usr/bin/env node\nconsole.log("mine");\n'],
  ])('keep and call %s', (_, script) => {
    const repository = createRepository();
    const hook = join(repository.folder, '.git/hooks/pre-commit');
    writeFileSync(hook, script, { mode: 0o755 });
    const before = snapshot(repository);
    leakwarden(repository.folder, 'hooks', 'install');
    repository.write('ok.txt', 'clean\n');
    repository.git('add', '.');
    expect(run('git', ['commit', '-m', 'clean'], repository.folder)).toMatchObject({ status: 0, output: expect.stringContaining('mine') });
    expectGuarded(repository, {});
    leakwarden(repository.folder, 'hooks', 'uninstall');
    expect(snapshot(repository)).toMatchObject(before);
    expect(existsSync(`${hook}.pre-leakwarden`)).toBe(false);
  });

  it('stop with the code of a hook that was there', () => {
    const repository = createRepository();
    writeFileSync(join(repository.folder, '.git/hooks/pre-commit'), '#!/usr/bin/env node\nprocess.exit(7);\n', { mode: 0o755 });
    leakwarden(repository.folder, 'hooks', 'install');
    expect(run('git', ['commit', '--allow-empty', '-m', 'x'], repository.folder).status).toBe(1);
  });

  it('go where core.hooksPath says, and status warns of what is shadowed or asleep', () => {
    const repository = createRepository();
    leakwarden(repository.folder, 'hooks', 'install');
    repository.git('config', 'core.hooksPath', 'my-hooks');
    const status = leakwarden(repository.folder, 'hooks', 'status');
    expect(status.output).toContain('core.hooksPath');
    expect(status.status).toBe(1);
    leakwarden(repository.folder, 'hooks', 'install');
    expect(existsSync(join(repository.folder, 'my-hooks/pre-commit'))).toBe(true);
    expectGuarded(repository, {});
    chmodSync(join(repository.folder, 'my-hooks/pre-commit'), 0o644);
    expect(leakwarden(repository.folder, 'hooks', 'status').output).toContain('not executable');
  });
});

describe.skipIf(!existsSync(TOOLS.husky))('husky', TIMEOUT, () => {
  it('runs the guard, beside a hook that was there', () => {
    const repository = createRepository();
    const env = toolEnv();
    spawnSync(process.execPath, [TOOLS.husky], { cwd: repository.folder, env: { ...GIT_TEST_ENV, ...env } });
    repository.write('.husky/pre-commit', 'echo mine\n');
    repository.git('add', '.');
    const before = snapshot(repository);
    expect(leakwarden(repository.folder, 'hooks', 'install').output).toContain('.husky/pre-commit');
    const installed = snapshot(repository);
    leakwarden(repository.folder, 'hooks', 'install');
    expect(snapshot(repository)).toEqual(installed);
    expectGuarded(repository, env);
    expect(leakwarden(repository.folder, 'hooks', 'status').output).toMatch(/pre-commit +calls leakwarden/);
    leakwarden(repository.folder, 'hooks', 'uninstall');
    expect(snapshot(repository)).toMatchObject(before);
    expect(existsSync(join(repository.folder, '.husky/pre-push'))).toBe(false);
  });

  it('is said to be asleep in a clone where it was not set up', () => {
    const repository = createRepository();
    repository.write('.husky/pre-commit', 'leakwarden guard pre-commit\n');
    expect(leakwarden(repository.folder, 'hooks', 'status').output).toContain('core.hooksPath is not set');
  });
});

describe.skipIf(!existsSync(TOOLS['pre-commit']))('pre-commit', TIMEOUT, () => {
  it('runs the guard', () => {
    const repository = createRepository();
    const env = toolEnv();
    repository.write('.pre-commit-config.yaml', 'repos:\n  - repo: meta\n    hooks:\n      - id: identity\n');
    repository.git('add', '.');
    const before = snapshot(repository);
    expect(leakwarden(repository.folder, 'hooks', 'install').output).toContain('.pre-commit-config.yaml');
    const installed = run(TOOLS['pre-commit'], ['install', '--hook-type', 'pre-commit'], repository.folder, env);
    expect(installed.status, installed.output).toBe(0);
    repository.git('add', '.');
    expectGuarded(repository, env);
    expect(leakwarden(repository.folder, 'hooks', 'status').output).toMatch(/pre-commit +calls leakwarden/);
    leakwarden(repository.folder, 'hooks', 'uninstall');
    expect(snapshot(repository)).toMatchObject({ '.pre-commit-config.yaml': before['.pre-commit-config.yaml'] });
  });
});

describe.skipIf(!existsSync(TOOLS.lefthook))('lefthook', TIMEOUT, () => {
  it('runs the guard', () => {
    const repository = createRepository();
    const env = toolEnv();
    repository.write('lefthook.yml', 'pre-commit:\n  commands:\n    mine:\n      run: echo mine\n');
    const before = snapshot(repository);
    expect(leakwarden(repository.folder, 'hooks', 'install').output).toContain('lefthook.yml');
    const installed = run(process.execPath, [TOOLS.lefthook, 'install'], repository.folder, env);
    expect(installed.status, installed.output).toBe(0);
    expectGuarded(repository, env);
    leakwarden(repository.folder, 'hooks', 'uninstall');
    expect(snapshot(repository)).toMatchObject({ 'lefthook.yml': before['lefthook.yml'] });
    expect(existsSync(join(repository.folder, '.lefthook/leakwarden.yml'))).toBe(false);
  });
});
