/** `leakwarden rotate status [PLAN]`: what was done, and what waits for somebody. Exit 0 when nothing waits, else 3. */
import { EXIT, printable } from '../../core/errors.ts';
import { runsOf } from '../../rotate/guards.ts';
import type { RunProgress } from '../../rotate/progress.ts';
import { type Given, isSet } from '../given.ts';
import type { Io } from '../io.ts';
import { openJournal, SHORT_ID, withWords } from '../rotation-folder.ts';
import { resultWords } from '../rotation-outcome.ts';
import { chosenRuns } from '../rotation-runs.ts';
import { writeToStream } from '../write-output.ts';

export async function run(given: Given, io: Io): Promise<number> {
  return await withWords(async () => {
    const runs = chosenRuns(runsOf(openJournal(io).entries()), given.operands[0]);
    const lines = [...runs].flatMap(([id, one]) => linesOf(id, one));
    const text = isSet(given, 'json')
      ? `${JSON.stringify({ rotations: [...runs].map(([id, one]) => fieldsOf(id, one)) }, null, 2)}\n`
      : lines.map((line) => `${printable(line)}\n`).join('');
    await writeToStream(io.stdout, [text === '' ? 'no rotation was begun yet\n' : text]);
    return [...runs.values()].some((one) => one.isOpen) ? EXIT.incomplete : EXIT.clean;
  });
}

function linesOf(id: string, one: RunProgress): string[] {
  const short = id.slice(0, SHORT_ID);
  const what = one.ref === null ? `finding ${one.finding}` : `${one.ref} (finding ${one.finding})`;
  const lines = [`${short}  ${what}, begun ${one.begunAt ?? 'never'}, approved by ${one.approvedBy.join(', ') || 'nobody'}`];
  lines.push(`              ${one.state}; ${stateWords(one)}`);
  if (one.isOpen && one.end === null) lines.push(`              leakwarden rotate resume ${short}, or abort`);
  if (one.isOpen && one.end !== null)
    lines.push(
      `              resume it when the cause is gone, or put it right by hand: leakwarden rotate abort ${short} --settled-by NAME`,
    );
  return lines;
}

function stateWords({ end, stoppedBecause, backBecause, lastAt }: RunProgress): string {
  if (end?.by !== undefined) return `put right by ${end.by}: ${end.reason}`;
  if (end) return resultWords(end.end, end.reason);
  if (stoppedBecause !== null) return `stopped: ${stoppedBecause}`;
  return `${backBecause === null ? 'in the middle of it' : `being taken back: ${backBecause}`}, last heard of ${lastAt ?? 'never'}`;
}

function fieldsOf(id: string, one: RunProgress): object {
  const { finding, store, ref, state, begunAt, lastAt, approvedBy, end, stoppedBecause, asked, isOpen } = one;
  const reachedAt = Object.fromEntries(one.reachedAt);
  return {
    plan: id,
    finding,
    store,
    ref,
    state,
    begunAt,
    lastAt,
    approvedBy,
    isOpen,
    end,
    stoppedBecause,
    reachedAt,
    done: [...one.done],
    asked,
  };
}
