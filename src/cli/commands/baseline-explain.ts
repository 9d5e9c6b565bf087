/** `leakwarden baseline explain [ID…]`: what the baseline holds, for people: rule, paths, since when and why. An id may be cut short. */
import { printable, ToolError } from '../../core/errors.ts';
import type { BaselineEntry } from '../../suppress/baseline.ts';
import { type Given, isSet } from '../given.ts';
import { type Io, note } from '../io.ts';
import { settingOptionsOf } from '../run-scan.ts';
import { counted, loadSettings } from '../settings.ts';
import { writeToStream } from '../write-output.ts';
import { placeOfBaseline, readBaseline } from './baseline.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const place = placeOfBaseline(await loadSettings(settingOptionsOf(given), io.env, io.cwd));
  const entries = readBaseline(place);
  if (entries === null) throw new ToolError('baseline-invalid', { path: place.shown, reason: 'there is no such file' });
  const chosen = given.operands.length === 0 ? entries : given.operands.flatMap((id) => findEntries(id, entries, place.shown));
  await writeToStream(io.stdout, chosen.map(describeEntry));
  if (!isSet(given, 'quiet')) note(io, `${counted(chosen.length, 'finding', 'findings')} of ${entries.length} in ${place.shown}`);
  return 0;
}

function findEntries(id: string, entries: readonly BaselineEntry[], shown: string): BaselineEntry[] {
  const found = entries.filter((entry) => entry.id.startsWith(id.toLowerCase()));
  if (found.length === 0) throw new ToolError('bad-option', { message: `no finding in ${shown} has an id that begins with ${id}` });
  return found;
}

function describeEntry({ id, rule, paths, added, reason }: BaselineEntry): string {
  const when = added === null ? '' : `, since ${printable(added)}`;
  const why = reason === null ? '' : `  why: ${printable(reason)}\n`;
  return `${id}  ${printable(rule)}${when}\n${why}${paths.map((path) => `  ${printable(path)}\n`).join('')}`;
}
