/** `leakwarden store put`: a value from a pipe or a hidden prompt becomes the current version of a secret of the local store, which is made on first use. */
import { keyFileOf } from '../../stores/local-key.ts';
import { type Given, optionOf } from '../given.ts';
import type { Io } from '../io.ts';
import { readValue, say, withLocalStore } from '../local-store.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const [ref = ''] = given.operands;
  return withLocalStore(given, io, async (store) => {
    const value = await readValue(io, ref);
    if (await store.create()) {
      const isKeyFile = (await store.open()) === 'file';
      say(given, io, `a new store was made in ${store.folder}`);
      if (isKeyFile)
        say(given, io, `its key is the file ${keyFileOf(store.folder)}: keep a copy of it elsewhere, without it the store cannot be read`);
    }
    const version = await store.set(ref, optionOf(given, 'field') ?? '', value);
    say(given, io, `${ref} is stored as version ${version}`);
    return 0;
  });
}
