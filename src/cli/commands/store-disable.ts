/** `leakwarden store disable`: a version of a secret of the local store is not given out any more. */
import { ToolError } from '../../core/errors.ts';
import { type Given, optionOf } from '../given.ts';
import type { Io } from '../io.ts';
import { say, withLocalStore } from '../local-store.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const [ref = ''] = given.operands;
  const version = optionOf(given, 'version');
  if (version === undefined) throw new ToolError('bad-option', { message: 'store disable needs --version: which one' });
  return withLocalStore(given, io, async (store) => {
    await store.disable(ref, version);
    say(given, io, `version ${version} of ${ref} is disabled`);
    return 0;
  });
}
