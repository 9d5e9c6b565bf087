/** `leakwarden hooks uninstall`: takes out exactly what install put in, wherever it is. */

import { uninstallAssistant } from '../../hooks/assistants.ts';
import { applyChanges } from '../../hooks/changes.ts';
import { ASSISTANTS, MANAGERS } from '../../hooks/known-managers.ts';
import { MANAGER } from '../../hooks/managers.ts';
import { findHookRepository } from '../../hooks/repository.ts';
import { type Given, isSet, optionOf } from '../given.ts';
import { describeChanges } from '../hooks-to-install.ts';
import { type Io, note } from '../io.ts';
import { writeToStream } from '../write-output.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const repository = await findHookRepository(io.cwd, io.env);
  const named = optionOf(given, 'with');
  const isMeant = (id: string): boolean => named === undefined || id === named;
  const changes = [
    ...MANAGERS.filter(isMeant).flatMap((id) => MANAGER[id].uninstall(repository)),
    ...ASSISTANTS.filter(isMeant).flatMap((id) => uninstallAssistant(repository, id)),
  ];
  await writeToStream(io.stdout, describeChanges(changes, repository));
  if (isSet(given, 'dry-run')) note(io, 'nothing was changed (--dry-run)');
  else applyChanges(changes);
  if (changes.length === 0) note(io, 'leakwarden is not installed here');
  return 0;
}
