/** `leakwarden store log`: what was done in the local store, oldest first, and whether the log is whole. Exit code 1 when it is not. */
import { EXIT, printable } from '../../core/errors.ts';
import type { LogEntry } from '../../stores/local-log.ts';
import { type Given, isSet } from '../given.ts';
import { type Io, note } from '../io.ts';
import { say, withLocalStore } from '../local-store.ts';
import { counted } from '../settings.ts';
import { writeToStream } from '../write-output.ts';

export async function run(given: Given, io: Io): Promise<number> {
  return withLocalStore(given, io, async (store) => {
    const faults: string[] = [];
    let entries = 0;
    for await (const item of store.log()) {
      if (typeof item === 'string') faults.push(item);
      else {
        entries += 1;
        if (!(await writeToStream(io.stdout, [isSet(given, 'json') ? `${JSON.stringify(item)}\n` : lineOf(item)]))) break;
      }
    }
    for (const fault of faults) note(io, fault);
    if (faults.length > 0) note(io, 'the log was changed by something else than leakwarden');
    else say(given, io, `the log is whole: ${counted(entries, 'entry', 'entries')}`);
    return faults.length === 0 ? EXIT.clean : EXIT.findings;
  });
}

function lineOf({ seq, at, action, ref, version }: LogEntry): string {
  return `${String(seq).padEnd(6)}${at}  ${action.padEnd(8)}${printable(ref)}${version === '' ? '' : ` version ${version}`}\n`;
}
