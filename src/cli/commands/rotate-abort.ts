/** `leakwarden rotate abort [PLAN]`: takes back what a rotation has done; or, with --settled-by, takes note that somebody has put it right by hand. */
import { EXIT } from '../../core/errors.ts';
import { runsOf } from '../../rotate/guards.ts';
import { type Given, isSet, optionOf } from '../given.ts';
import type { Io } from '../io.ts';
import { openJournal, withWords } from '../rotation-folder.ts';
import { sayOutcome } from '../rotation-outcome.ts';
import { openRunId } from '../rotation-runs.ts';
import { abortRotation } from '../run-rotation.ts';

export async function run(given: Given, io: Io): Promise<number> {
  return await withWords(async () => {
    const id = openRunId(runsOf(openJournal(io).entries()), given.operands[0]);
    const by = optionOf(given, 'settled-by')?.trim() || undefined;
    const reason = optionOf(given, 'reason') ?? (by === undefined ? 'somebody wanted it taken back' : 'put right by hand');
    const outcome = await abortRotation(id, reason, by, { inputs: [], isQuiet: isSet(given, 'quiet') }, io);
    await sayOutcome(outcome, id, isSet(given, 'quiet'), io);
    if (outcome.kind === 'stopped') return EXIT.incomplete;
    return by !== undefined || outcome.end !== 'NEEDS_HUMAN' ? EXIT.clean : EXIT.findings;
  });
}
