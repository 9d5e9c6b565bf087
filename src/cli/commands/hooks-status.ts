/** `leakwarden hooks status`: what git will run at each stage of this repository. Exit code 0 when something calls leakwarden, else 1. */
import { relative } from 'node:path';
import { EXIT, printable } from '../../core/errors.ts';
import { findHookRepository } from '../../hooks/repository.ts';
import { readSkips } from '../../hooks/skip-log.ts';
import { statusOf } from '../../hooks/status.ts';
import { type Given, isSet } from '../given.ts';
import { type Io, note } from '../io.ts';
import { counted } from '../settings.ts';
import { writeToStream } from '../write-output.ts';

const WORDS = { guarded: 'calls leakwarden', other: 'something else, which does not call leakwarden', none: 'nothing' } as const;

export async function run(given: Given, io: Io): Promise<number> {
  const repository = await findHookRepository(io.cwd, io.env);
  const { manager, stages, warnings } = statusOf(repository);
  const skips = readSkips(repository.commonDir);
  if (isSet(given, 'json')) await writeToStream(io.stdout, [`${JSON.stringify({ manager, stages, warnings, skips }, null, 2)}\n`]);
  else {
    const shown = (file: string): string => (relative(repository.root, file).startsWith('..') ? file : relative(repository.root, file));
    await writeToStream(
      io.stdout,
      stages.map(
        ({ stage, state, file }) => `${stage.padEnd(12)}${WORDS[state]}${state === 'none' ? '' : `  (${printable(shown(file))})`}\n`,
      ),
    );
    for (const warning of warnings) note(io, warning);
    const last = skips.at(-1);
    if (last) note(io, `${counted(skips.length, 'check was', 'checks were')} skipped here, last ${last.at}: ${printable(last.reason)}`);
  }
  return stages.some(({ state }) => state === 'guarded') ? EXIT.clean : EXIT.findings;
}
