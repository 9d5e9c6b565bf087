/** `leakwarden hooks install`: shows what it will do to which files, and does it. Installing again changes nothing. */
import { relative } from 'node:path';
import { ToolError } from '../../core/errors.ts';
import { applyChanges, type Change } from '../../hooks/changes.ts';
import { ASSISTANTS, type AssistantId, MANAGERS, type ManagerId } from '../../hooks/known-managers.ts';
import { detectManager, MANAGER } from '../../hooks/managers.ts';
import { findHookRepository, type HookRepository } from '../../hooks/repository.ts';
import { DEFAULT_STAGES, STAGES, type Stage } from '../../hooks/stages.ts';
import { statusOf } from '../../hooks/status.ts';
import { type Given, isSet, optionOf, optionsNamed } from '../given.ts';
import { type Io, note } from '../io.ts';
import { writeToStream } from '../write-output.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const repository = await findHookRepository(io.cwd, io.env);
  const assistant = ASSISTANTS.find((id) => id === optionOf(given, 'with'));
  if (assistant !== undefined) return installFor(assistant, repository, given, io);
  const manager = MANAGER[managerOf(given, repository)];
  const stages = stagesOf(given, repository);
  const changes = manager.install(repository, stages, { file: io.programFile });
  await writeToStream(io.stdout, describeChanges(changes, repository));
  if (isSet(given, 'dry-run')) {
    note(io, 'nothing was changed (--dry-run)');
    return 0;
  }
  applyChanges(changes);
  if (changes.length === 0) note(io, `leakwarden is installed for ${stages.join(', ')} already`);
  if (manager.nextStep !== null) note(io, manager.nextStep);
  if (manager.id === 'native') for (const warning of statusOf(repository).warnings) note(io, warning);
  return 0;
}

async function installFor(assistant: AssistantId, repository: HookRepository, given: Given, io: Io): Promise<number> {
  const { installAssistant } = await import('../../hooks/assistants.ts');
  const changes = installAssistant(repository, assistant);
  await writeToStream(io.stdout, describeChanges(changes, repository));
  if (isSet(given, 'dry-run')) note(io, 'nothing was changed (--dry-run)');
  else applyChanges(changes);
  note(
    io,
    changes.length === 0 ? `leakwarden is installed for ${assistant} already` : 'leakwarden must be on PATH where the assistant runs',
  );
  return 0;
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

/** Yields one line for each change. */
export function* describeChanges(changes: readonly Change[], { root }: HookRepository): Iterable<string> {
  const shown = (path: string): string => {
    const inside = relative(root, path);
    return inside.startsWith('..') ? path : inside;
  };
  for (const change of changes) {
    if (change.kind === 'move') yield `move    ${shown(change.path)} to ${shown(change.to)}\n`;
    else yield `${change.before === null ? 'create' : change.after === null ? 'delete' : 'change'}  ${shown(change.path)}\n`;
  }
}
