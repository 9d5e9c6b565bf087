/**
 * `leakwarden store trail NAME`: where and when a value passed through a store, by the store's own audit log: no secret is read. The value comes from a pipe or a hidden
 * prompt. Exit 3 when not all of the log was looked at.
 */
import { EXIT, printable, ToolError } from '../../core/errors.ts';
import { StoreError } from '../../core/stores.ts';
import { type Given, isSet, optionOf, optionsNamed } from '../given.ts';
import { type Io, note } from '../io.ts';
import { readValue } from '../local-store.ts';
import { didYouMean } from '../nearest-word.ts';
import { counted } from '../settings.ts';
import { askTrail, readStores, storesFile } from '../stores-file.ts';
import { writeToStream } from '../write-output.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const [name = ''] = given.operands;
  const files = optionsNamed(given, 'log');
  if (files.length === 0) throw new ToolError('bad-option', { message: '--log names the file that the audit device writes' });
  const path = storesFile(io.env);
  const stores = await readStores(path);
  const named = stores.find((one) => one.name === name);
  if (!named) {
    const near = didYouMean(
      name,
      stores.map((one) => one.name),
    );
    throw new ToolError('bad-option', { message: `there is no store ${name}${near}` });
  }
  const interruption = new AbortController();
  const stopListening = io.onInterrupt(() => interruption.abort());
  try {
    const value = await readValue(io, 'what leaked');
    const trail = { device: optionOf(given, 'device') ?? 'file', files };
    const { uses, isWhole, oddLines } = await askTrail(named, path, io, trail, [value], interruption.signal);
    const [found = []] = uses;
    const lines = found.map(({ how, path, firstAt, lastAt, times, by }) => {
      const when = firstAt === lastAt ? firstAt : `${firstAt} to ${lastAt}`;
      return `${how.padEnd(10)}${path}  ${counted(times, 'time', 'times')}, ${when}${by.length === 0 ? '' : `, by ${by.join(', ')}`}`;
    });
    const text = lines.length === 0 ? ['the log does not have it'] : lines;
    const shown = isSet(given, 'json') ? [JSON.stringify({ uses: found, isWhole, oddLines }, null, 2)] : text.map(printable);
    await writeToStream(io.stdout, [`${shown.join('\n')}\n`]);
    if (!isWhole) note(io, 'not all of the log was looked at: it is too large, or tells of too many paths');
    return isWhole ? EXIT.clean : EXIT.incomplete;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new ToolError('bad-option', { message: error.message }, { cause: error });
  } finally {
    stopListening();
  }
}
