/** Which hooks `hooks install` and `init` put in, by what was asked and what the repository is; and how changes of files are shown and made. */
import { relative } from 'node:path';
import { ToolError } from '../core/errors.ts';
import { applyChanges, type Change } from '../hooks/changes.ts';
import { MANAGERS, type ManagerId } from '../hooks/known-managers.ts';
import { detectManager, MANAGER } from '../hooks/managers.ts';
import type { HookRepository } from '../hooks/repository.ts';
import { DEFAULT_STAGES, STAGES, type Stage } from '../hooks/stages.ts';
import { statusOf } from '../hooks/status.ts';
import { type Given, isSet, optionOf, optionsNamed } from './given.ts';
import { type Io, note } from './io.ts';
import { writeToStream } from './write-output.ts';

export type HooksToInstall = {
  readonly stages: readonly Stage[];
  /** Empty where all is there already. */
  readonly changes: readonly Change[];
  /** Returns what people must know once the changes are made. */
  readonly notes: () => string[];
};

/** Throws ToolError bad-option where the manager asked for cannot run hooks there. */
export function hooksToInstall(given: Given, repository: HookRepository, io: Io): HooksToInstall {
  const manager = MANAGER[managerOf(given, repository)];
  const stages = stagesOf(given, repository);
  return {
    stages,
    changes: manager.install(repository, stages, { file: io.programFile }),
    notes: () => [
      ...(manager.nextStep === null ? [] : [manager.nextStep]),
      ...(manager.id === 'native' ? statusOf(repository).warnings : []),
    ],
  };
}

function managerOf(given: Given, repository: HookRepository): ManagerId {
  const named = MANAGERS.find((id) => id === optionOf(given, 'with'));
  if (named !== undefined && named !== 'native' && repository.isBare)
    throw new ToolError('bad-option', { message: `--with ${named} needs a work tree; a bare repository takes native hooks` });
  return named ?? detectManager(repository);
}

/** A server's repository has one moment: before it accepts. */
function stagesOf(given: Given, { isBare }: HookRepository): readonly Stage[] {
  const named = optionsNamed(given, 'stage').map((name) => STAGES.find((stage) => stage === name));
  const stages = named.filter((stage) => stage !== undefined);
  if (stages.length > 0) return STAGES.filter((stage) => stages.includes(stage));
  return isBare ? ['pre-receive'] : DEFAULT_STAGES;
}

/** Shows changes and makes them; with --dry-run shows them alone, and says so. Returns whether they were made. */
export async function makeChanges(changes: readonly Change[], repository: HookRepository, given: Given, io: Io): Promise<boolean> {
  await writeToStream(io.stdout, describeChanges(changes, repository));
  const isMade = !isSet(given, 'dry-run');
  if (isMade) applyChanges(changes);
  else note(io, 'nothing was changed (--dry-run)');
  return isMade;
}

/** Yields one line for each change. */
function* describeChanges(changes: readonly Change[], { root }: HookRepository): Iterable<string> {
  const shown = (path: string): string => {
    const inside = relative(root, path);
    return inside.startsWith('..') ? path : inside;
  };
  for (const change of changes) {
    if (change.kind === 'move') yield `move    ${shown(change.path)} to ${shown(change.to)}\n`;
    else yield `${change.before === null ? 'create' : change.after === null ? 'delete' : 'change'}  ${shown(change.path)}\n`;
  }
}
