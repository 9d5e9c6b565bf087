/** `leakwarden rotate verify-log`: whether the log of rotations is as it was written. Exit 0 when it is, else 1. */
import { EXIT, printable, ToolError } from '../../core/errors.ts';
import { type Checkpoint, verifyJournal } from '../../rotate/verify-journal.ts';
import { type Given, isSet, optionsNamed } from '../given.ts';
import type { Io } from '../io.ts';
import { journalPlaces, withWords } from '../rotation-folder.ts';
import { writeToStream } from '../write-output.ts';

export async function run(given: Given, io: Io): Promise<number> {
  return await withWords(async () => {
    const check = verifyJournal(journalPlaces(io.env), optionsNamed(given, 'expect').map(checkpointOf));
    const { entries, last, faults } = check;
    const summary = last === null ? 'the log is empty' : `${entries} lines hold; the last is ${last.seq}:${last.mac}`;
    const text = isSet(given, 'json')
      ? `${JSON.stringify(check, null, 2)}\n`
      : [...faults.map((fault) => `fault: ${fault}`), summary].map((line) => `${printable(line)}\n`).join('');
    await writeToStream(io.stdout, [text]);
    return faults.length === 0 ? EXIT.clean : EXIT.findings;
  });
}

function checkpointOf(text: string): Checkpoint {
  const [, seq, mac] = /^(\d{1,9}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq !== undefined && mac !== undefined) return { seq: Number(seq), mac };
  throw new ToolError('bad-option', { message: `--expect must be N:MAC, as rotate verify-log prints it, not ${text}` });
}
