/** What git will really run at each stage, and what stands in the way: a folder that shadows another, files that are not executable, a husky without its `_`. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isRunnable, readFileOrNull } from './changes.ts';
import type { ManagerId } from './known-managers.ts';
import { detectManager, MANAGER } from './managers.ts';
import type { HookRepository } from './repository.ts';
import { hasBlock } from './script-block.ts';
import { STAGES, type Stage } from './stages.ts';

export type StageStatus = {
  readonly stage: Stage;
  /** `guarded`: git runs leakwarden. `other`: git runs something else. `none`: git runs nothing. */
  readonly state: 'guarded' | 'other' | 'none';
  /** The file that git looks for. */
  readonly file: string;
};

export type HooksStatus = {
  readonly manager: ManagerId;
  readonly stages: readonly StageStatus[];
  /** Sentences: why a hook that is there will not run, and what to do. */
  readonly warnings: readonly string[];
};

/** Returns the status of a repository's hooks. Reads files only; runs nothing. */
export function statusOf(repository: HookRepository): HooksStatus {
  const stages = (repository.isBare ? STAGES : STAGES.filter((stage) => stage !== 'pre-receive')).map((stage) =>
    stageStatus(repository, stage),
  );
  return { manager: detectManager(repository), stages, warnings: warningsOf(repository, stages) };
}

function stageStatus(repository: HookRepository, stage: Stage): StageStatus {
  const file = join(repository.hooksDir, stage);
  if (!isRunnable(file)) return { stage, state: 'none', file };
  return { stage, state: runsGuard(repository, file, stage) ? 'guarded' : 'other', file };
}

/** A hook's script names leakwarden itself, or is the starter of a tool whose configuration does. */
function runsGuard(repository: HookRepository, file: string, stage: Stage): boolean {
  const text = readFileOrNull(file) ?? '';
  if (hasBlock(text) || text.includes('leakwarden guard')) return true;
  const { root, hooksDir } = repository;
  if (basename(hooksDir) === '_') return names(join(dirname(hooksDir), stage), stage);
  if (text.includes('pre-commit.com') || text.includes('pre_commit')) return names(join(root, '.pre-commit-config.yaml'), stage);
  return text.includes('lefthook') && names(join(root, '.lefthook/leakwarden.yml'), stage);
}

function names(file: string, stage: Stage): boolean {
  const text = readFileOrNull(file) ?? '';
  return text.includes(`leakwarden_guard ${stage}`) || text.includes(`leakwarden guard ${stage}`) || text.includes('id: leakwarden');
}

function warningsOf(repository: HookRepository, stages: readonly StageStatus[]): string[] {
  const { commonDir, hooksDir, hooksPath, root } = repository;
  const own = join(commonDir, 'hooks');
  const asleep = STAGES.map((stage) => join(hooksDir, stage)).filter((file) => existsSync(file) && !isRunnable(file));
  const shadowed =
    hooksDir === own ? [] : STAGES.filter((stage) => isRunnable(join(own, stage)) && hasBlock(readFileOrNull(join(own, stage)) ?? ''));
  const isHuskyAsleep = hooksPath === null && existsSync(join(root, '.husky')) && MANAGER.husky.isUsed(repository);
  return [
    ...asleep.map((file) => `${file} is not executable, so git passes over it: chmod +x`),
    ...(shadowed.length > 0 && hooksPath
      ? [
          `git looks for hooks in ${hooksDir} (core.hooksPath, ${hooksPath.scope}), not in ${own}, where leakwarden is installed for ${shadowed.join(', ')}`,
        ]
      : []),
    ...(hooksPath && !existsSync(hooksDir)
      ? [`core.hooksPath (${hooksPath.scope}) is ${hooksPath.value}, which is not there: git runs no hook`]
      : []),
    ...(isHuskyAsleep ? ['.husky is there, but core.hooksPath is not set: git runs no hook until npm install (or npx husky) was run'] : []),
    ...(stages.every(({ state }) => state !== 'guarded') ? ['nothing that git runs here calls leakwarden: leakwarden hooks install'] : []),
  ];
}
