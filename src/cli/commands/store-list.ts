/** `leakwarden store list`: the stores that are named, and the kinds that could be. */
import { EXIT, printable } from '../../core/errors.ts';
import { type Given, isSet } from '../given.ts';
import type { Io } from '../io.ts';
import { readStores, storesFile } from '../stores-file.ts';
import { writeToStream } from '../write-output.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const [stores, { STORE_KINDS }] = await Promise.all([readStores(storesFile(io.env)), import('../../stores/index.ts')]);
  if (isSet(given, 'json')) {
    const kinds = STORE_KINDS.map(({ kind, name, settings }) => ({ kind, name, settings }));
    await writeToStream(io.stdout, [`${JSON.stringify({ stores, kinds }, null, 2)}\n`]);
    return EXIT.clean;
  }
  const lines = stores.map(({ name, kind, settings }) => {
    const said = Object.entries(settings).map(([setting, value]) => `${setting}=${Array.isArray(value) ? value.join(',') : value}`);
    return `${name}  ${kind}  ${said.join(' ')}`.trimEnd();
  });
  const kinds = STORE_KINDS.map(({ kind, name }) => `  ${kind.padEnd(12)}${name}`);
  const text = [...(lines.length === 0 ? ['no store is named yet'] : lines), '', 'kinds:', ...kinds];
  await writeToStream(
    io.stdout,
    text.map((line) => `${printable(line)}\n`),
  );
  return EXIT.clean;
}
