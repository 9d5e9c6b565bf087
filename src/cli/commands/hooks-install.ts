/** `leakwarden hooks install`: shows what it will do to which files, and does it. Installing again changes nothing. */
import { ASSISTANTS, type AssistantId } from '../../hooks/known-managers.ts';
import { findHookRepository, type HookRepository } from '../../hooks/repository.ts';
import { type Given, optionOf } from '../given.ts';
import { hooksToInstall, makeChanges } from '../hooks-to-install.ts';
import { type Io, note } from '../io.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const repository = await findHookRepository(io.cwd, io.env);
  const assistant = ASSISTANTS.find((id) => id === optionOf(given, 'with'));
  if (assistant !== undefined) return installFor(assistant, repository, given, io);
  const { stages, changes, notes } = hooksToInstall(given, repository, io);
  if (!(await makeChanges(changes, repository, given, io))) return 0;
  if (changes.length === 0) note(io, `leakwarden is installed for ${stages.join(', ')} already`);
  for (const one of notes()) note(io, one);
  return 0;
}

async function installFor(assistant: AssistantId, repository: HookRepository, given: Given, io: Io): Promise<number> {
  const { installAssistant } = await import('../../hooks/assistants.ts');
  const changes = installAssistant(repository, assistant);
  await makeChanges(changes, repository, given, io);
  note(
    io,
    changes.length === 0 ? `leakwarden is installed for ${assistant} already` : 'leakwarden must be on PATH where the assistant runs',
  );
  return 0;
}
