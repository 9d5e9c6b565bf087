/** How a rotation came out, in words and as an exit code: 0 the old value is dead, 1 it ended otherwise, 3 it waits to be resumed. */
import { EXIT, printable } from '../core/errors.ts';
import type { Outcome } from '../rotate/outcome.ts';
import type { RotationResult } from '../rotate/progress.ts';
import { type Io, note } from './io.ts';
import { SHORT_ID } from './rotation-folder.ts';
import { writeToStream } from './write-output.ts';

const RESULT_WORDS: Readonly<Record<RotationResult, string>> = {
  CLOSED: 'the leaked value is dead, and the finding is closed',
  ABORTED_SAFE: 'the new value was thrown away, the leaked one works as before',
  ROLLED_BACK: 'the leaked value is in force again, and still exposed',
  NEEDS_HUMAN: 'a person has to look',
};

/** `ABORTED_SAFE: the new value was thrown away, …: it does not work`. */
export function resultWords(end: RotationResult, reason: string): string {
  return `${end}: ${RESULT_WORDS[end]}${end === 'CLOSED' ? '' : `: ${reason}`}`;
}

export async function sayOutcome(outcome: Outcome, id: string, isQuiet: boolean, io: Io): Promise<void> {
  const short = id.slice(0, SHORT_ID);
  const words =
    outcome.kind === 'stopped' ? `stopped: ${outcome.reason}; leakwarden rotate resume ${short}` : resultWords(outcome.end, outcome.reason);
  await writeToStream(io.stdout, [`${short}  ${printable(words)}\n`]);
  if (!isQuiet && outcome.kind === 'ended' && outcome.end === 'CLOSED')
    note(io, 'the index of your stores knows nothing of the new value yet: leakwarden store sync');
}

export function codeOfOutcome(outcome: Outcome): number {
  if (outcome.kind === 'stopped') return EXIT.incomplete;
  return outcome.end === 'CLOSED' ? EXIT.clean : EXIT.findings;
}
