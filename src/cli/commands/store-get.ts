/** `leakwarden store get`: one version of a secret of the local store, into a pipe or a file that only its owner can read. Never onto a terminal. */
import { fstatSync } from 'node:fs';
import { ToolError } from '../../core/errors.ts';
import { reveal, type Secret } from '../../core/secret.ts';
import { StoreError } from '../../core/stores.ts';
import type { Fields } from '../../stores/local-record.ts';
import { type Given, optionOf } from '../given.ts';
import type { Io } from '../io.ts';
import { withLocalStore } from '../local-store.ts';
import { writeFileAtomically, writeToStream } from '../write-output.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const [ref = ''] = given.operands;
  const named = optionOf(given, 'output');
  const output = named === '-' ? undefined : named;
  if (output === undefined) checkPipe(io);
  return withLocalStore(given, io, async (store) => {
    const fields = await store.get(ref, optionOf(given, 'version') ?? null);
    const text = textOf(fields, ref, optionOf(given, 'field'));
    if (output === undefined) await writeToStream(io.stdout, [text]);
    else writeFileAtomically(output, [text], { isPrivate: true });
    return 0;
  });
}

/** Throws ToolError value-to-terminal; also for a redirection into a file that others can read. */
function checkPipe({ stdout }: Io): void {
  if (stdout.isTTY === true) throw new ToolError('value-to-terminal', { where: 'to a terminal' });
  if (!('fd' in stdout) || typeof stdout.fd !== 'number') return;
  const stat = fstatSync(stdout.fd);
  if (process.platform !== 'win32' && stat.isFile() && (stat.mode & 0o077) !== 0)
    throw new ToolError('value-to-terminal', { where: 'into a file that others can read' });
}

/** A secret that is one text, or has one field, is given as it is, without a line break; several fields as a JSON object. */
function textOf(fields: Fields, ref: string, named: string | undefined): string {
  const shown = (value: Secret): string => reveal(value, 'hand-over');
  const names = Object.keys(fields);
  const only = named ?? (names.length === 1 ? names[0] : undefined);
  if (only === undefined)
    return `${JSON.stringify(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, shown(value)])))}\n`;
  const value = Object.hasOwn(fields, only) ? fields[only] : undefined;
  if (value === undefined) throw new StoreError('not-found', `${ref} has no field ${only}`);
  return shown(value);
}
