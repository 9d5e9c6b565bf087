/** `leakwarden init`: shows what it will write into a repository, and writes it: a configuration to begin with, and hooks. What is there already stays as it is. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Change, writing } from '../../hooks/changes.ts';
import { findHookRepository, type HookRepository } from '../../hooks/repository.ts';
import { CONFIG_NAMES } from '../find-config.ts';
import { type Given, isSet } from '../given.ts';
import { hooksToInstall, makeChanges } from '../hooks-to-install.ts';
import { type Io, note } from '../io.ts';
import { STARTER_CONFIG } from '../starter-config.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const repository = await findHookRepository(io.cwd, io.env);
  const hooks = isSet(given, 'no-hooks') ? null : hooksToInstall(given, repository, io);
  const changes = [...configChanges(repository), ...(hooks?.changes ?? [])];
  if (!(await makeChanges(changes, repository, given, io))) return 0;
  if (changes.length === 0) note(io, 'there is nothing to do: all of it is here already');
  for (const one of hooks?.notes() ?? []) note(io, one);
  if (!repository.isBare) for (const step of NEXT_STEPS) note(io, step);
  return 0;
}

const NEXT_STEPS = [
  'next: leakwarden scan shows what is in the files now, leakwarden audit what is in the history',
  'next: leakwarden baseline create accepts the findings of today, so that only what comes after counts',
];

/** A bare repository has no files; a configuration of either name is somebody's. */
function configChanges({ root, isBare }: HookRepository): Change[] {
  if (isBare || CONFIG_NAMES.some((name) => existsSync(join(root, name)))) return [];
  return writing(join(root, CONFIG_NAMES[0]), STARTER_CONFIG, false);
}
