/** `leakwarden hooks uninstall`: takes out exactly what install put in, wherever it is. */

import { uninstallAssistant } from '../../hooks/assistants.ts';
import { ASSISTANTS, MANAGERS } from '../../hooks/known-managers.ts';
import { MANAGER } from '../../hooks/managers.ts';
import { findHookRepository } from '../../hooks/repository.ts';
import { type Given, optionOf } from '../given.ts';
import { makeChanges } from '../hooks-to-install.ts';
import { type Io, note } from '../io.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const repository = await findHookRepository(io.cwd, io.env);
  const named = optionOf(given, 'with');
  const isMeant = (id: string): boolean => named === undefined || id === named;
  const changes = [
    ...MANAGERS.filter(isMeant).flatMap((id) => MANAGER[id].uninstall(repository)),
    ...ASSISTANTS.filter(isMeant).flatMap((id) => uninstallAssistant(repository, id)),
  ];
  await makeChanges(changes, repository, given, io);
  if (changes.length === 0) note(io, 'leakwarden is not installed here');
  return 0;
}
