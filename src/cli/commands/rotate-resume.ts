/** `leakwarden rotate resume [PLAN]`: goes on with a rotation that was stopped or killed, from what the far sides say. */
import { runsOf } from '../../rotate/guards.ts';
import { type Given, isSet } from '../given.ts';
import type { Io } from '../io.ts';
import { openJournal, withWords } from '../rotation-folder.ts';
import { codeOfOutcome, sayOutcome } from '../rotation-outcome.ts';
import { openRunId } from '../rotation-runs.ts';
import { resumeRotation, sweepKept } from '../run-rotation.ts';

export async function run(given: Given, io: Io): Promise<number> {
  return await withWords(async () => {
    await sweepKept(io);
    const id = openRunId(runsOf(openJournal(io).entries()), given.operands[0]);
    const outcome = await resumeRotation(id, { inputs: [], isQuiet: isSet(given, 'quiet') }, io);
    await sayOutcome(outcome, id, isSet(given, 'quiet'), io);
    return codeOfOutcome(outcome);
  });
}
