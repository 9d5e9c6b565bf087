/**
 * The registry of those who run hooks: git itself, and the tools that people put before it. Each says whether a repository uses it, and which changes
 * install or remove leakwarden for a stage. A new one is an entry here and, where it has a file format of its own, a file beside this one.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Change, isRunnable, readFileOrNull, writing } from './changes.ts';
import type { ManagerId } from './known-managers.ts';
import { addLefthook, removeLefthook } from './lefthook.ts';
import { addPreCommit, removePreCommit } from './pre-commit-framework.ts';
import type { HookRepository } from './repository.ts';
import { addBlock, chainedScript, hasBlock, isShellScript, type Program, removeBlock } from './script-block.ts';
import { STAGES, type Stage } from './stages.ts';

export type Manager = {
  readonly id: ManagerId;
  /** What the user has to do besides, once: one sentence, or null. */
  readonly nextStep: string | null;
  isUsed(repository: HookRepository): boolean;
  install(repository: HookRepository, stages: readonly Stage[], program: Program): Change[];
  uninstall(repository: HookRepository): Change[];
};

/** A hook of another language, moved aside and called after ours. */
const MOVED = '.pre-leakwarden';

const native: Manager = {
  id: 'native',
  nextStep: null,
  isUsed: () => true,
  install: ({ hooksDir }, stages, program) => stages.flatMap((stage) => installScript(join(hooksDir, stage), stage, program)),
  uninstall: ({ hooksDir }) => STAGES.flatMap((stage) => uninstallScript(join(hooksDir, stage))),
};

/** Scripts in `.husky/`, committed with the project, so that they name no path of this machine; husky puts node_modules/.bin before PATH. */
const husky: Manager = {
  id: 'husky',
  nextStep: 'npm install in each clone puts husky in place; until then git runs no hook',
  isUsed: (repository) => existsSync(huskyDir(repository)),
  install: (repository, stages) =>
    stages.flatMap((stage) => {
      const path = join(huskyDir(repository), stage);
      return writing(path, withoutShebang(addBlock(readFileOrNull(path) ?? '', stage, { file: null })), false);
    }),
  uninstall: (repository) => STAGES.flatMap((stage) => uninstallScript(join(huskyDir(repository), stage))),
};

/** husky 9 points core.hooksPath at `_` below the folder with its scripts. */
function huskyDir({ root, hooksPath, hooksDir }: HookRepository): string {
  return hooksPath !== null && basename(hooksDir) === '_' ? dirname(hooksDir) : join(root, '.husky');
}

function withoutShebang(text: string): string {
  return text.startsWith('#!/bin/sh\n#') ? text.slice('#!/bin/sh\n'.length) : text;
}

const PRE_COMMIT_CONFIG = '.pre-commit-config.yaml';
const LEFTHOOK_CONFIGS = ['lefthook.yml', 'lefthook.yaml', '.lefthook.yml', '.lefthook.yaml', '.config/lefthook.yml'];

const preCommit: Manager = {
  id: 'pre-commit',
  nextStep: 'pre-commit install --hook-type pre-commit --hook-type pre-push, once in each clone',
  isUsed: ({ root }) => existsSync(join(root, PRE_COMMIT_CONFIG)),
  install: ({ root }, stages) => {
    const path = join(root, PRE_COMMIT_CONFIG);
    return writing(path, addPreCommit(readFileOrNull(path), stages), false);
  },
  uninstall: ({ root }) => rewriting(join(root, PRE_COMMIT_CONFIG), removePreCommit),
};

const lefthook: Manager = {
  id: 'lefthook',
  nextStep: 'lefthook install, once in each clone',
  isUsed: ({ root }) => LEFTHOOK_CONFIGS.some((name) => existsSync(join(root, name))),
  install: ({ root }, stages) => {
    const main = lefthookConfig(root);
    const { config, own } = addLefthook(readFileOrNull(main), stages);
    return [...writing(main, config, false), ...writing(join(root, own.path), own.text, false)];
  },
  uninstall: ({ root }) => {
    const { ownPath } = removeLefthook('');
    return [
      ...rewriting(lefthookConfig(root), (text) => removeLefthook(text).config),
      ...(existsSync(join(root, ownPath)) ? writing(join(root, ownPath), null, false) : []),
    ];
  },
};

function lefthookConfig(root: string): string {
  return join(root, LEFTHOOK_CONFIGS.find((name) => existsSync(join(root, name))) ?? 'lefthook.yml');
}

export const MANAGER: Readonly<Record<ManagerId, Manager>> = { native, husky, 'pre-commit': preCommit, lefthook };

/** Returns the one that the repository uses: a tool if there is one, else git itself. A bare repository has hooks of its own only. */
export function detectManager(repository: HookRepository): ManagerId {
  if (repository.isBare) return 'native';
  return (['husky', 'pre-commit', 'lefthook'] as const).find((id) => MANAGER[id].isUsed(repository)) ?? 'native';
}

function installScript(path: string, stage: Stage, program: Program): Change[] {
  const text = readFileOrNull(path);
  if (text === null || isShellScript(text)) return writing(path, addBlock(text, stage, program), true);
  const moved = `${path}${MOVED}`;
  const chained = chainedScript(stage, program, `${stage}${MOVED}`);
  return [
    { kind: 'move', path, to: moved },
    { kind: 'write', path, before: null, after: chained, isExecutable: true },
  ];
}

function uninstallScript(path: string): Change[] {
  const text = readFileOrNull(path);
  if (text === null || !hasBlock(text)) return [];
  const moved = `${path}${MOVED}`;
  if (!existsSync(moved)) return [{ kind: 'write', path, before: text, after: removeBlock(text), isExecutable: isRunnable(path) }];
  return [
    { kind: 'write', path, before: text, after: null, isExecutable: true },
    { kind: 'move', path: moved, to: path },
  ];
}

function rewriting(path: string, change: (text: string) => string | null): Change[] {
  const text = readFileOrNull(path);
  return text === null ? [] : writing(path, change(text), false);
}
