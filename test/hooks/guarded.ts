/** A repository whose hooks call the built leakwarden, for tests that let git run them; and a folder that is PATH's first, with `leakwarden` in it. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRepository, GIT_TEST_ENV, type Repository, temporaryFolder } from '../../fixtures/git-repository.ts';
import { fillExample } from '../../src/ruleset/examples.ts';

export const PROGRAM = process.env['LEAKWARDEN_TEST_PROGRAM'] ?? fileURLToPath(new URL('../../bin/leakwarden.cjs', import.meta.url));

/** A line with a secret; another number, another secret. */
export const leak = (number: number): string => fillExample(`TOKEN_${number}={{crc32-base62-body:ghp_:30}}\n`, `guard ${number}`);
export const secretOf = (number: number): string => leak(number).trim().split('=')[1] ?? '';

export type Ran = { readonly status: number | null; readonly output: string };

/** Runs a program without a shell and gives all that it printed. */
export function run(command: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}, input = ''): Ran {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env: { ...GIT_TEST_ENV, ...env }, input, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

export const leakwarden = (cwd: string, ...args: string[]): Ran => run(process.execPath, [PROGRAM, ...args], cwd);

/** Returns a folder with a `leakwarden` that is the built one. */
export function binFolder(): string {
  const folder = join(temporaryFolder(), 'bin');
  mkdirSync(folder);
  writeFileSync(join(folder, 'leakwarden'), `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  chmodSync(join(folder, 'leakwarden'), 0o755);
  return folder;
}

/** Returns a repository with one commit and native hooks. */
export function guardedRepository(...stages: string[]): Repository {
  const repository = createRepository();
  repository.write('readme.txt', 'hello\n');
  repository.commit('first');
  const installed = leakwarden(repository.folder, 'hooks', 'install', ...stages.flatMap((stage) => ['--stage', stage]));
  if (installed.status !== 0) throw new Error(installed.output);
  return repository;
}

export const git = (repository: Repository, ...args: string[]): Ran =>
  run('git', ['-c', 'protocol.file.allow=always', ...args], repository.folder);
