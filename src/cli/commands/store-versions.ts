/** `leakwarden store versions`: the versions of a secret of the local store, newest first: state and times, no value. */
import { type Given, isSet } from '../given.ts';
import type { Io } from '../io.ts';
import { withLocalStore } from '../local-store.ts';
import { writeToStream } from '../write-output.ts';

export async function run(given: Given, io: Io): Promise<number> {
  const [ref = ''] = given.operands;
  return withLocalStore(given, io, async (store) => {
    const versions = await store.versions(ref);
    const lines = versions.map(
      ({ id, state, createdAt, endedAt }) =>
        `${id.padEnd(6)}${state.padEnd(12)}${createdAt ?? ''}${endedAt === null ? '' : ` to ${endedAt}`}\n`,
    );
    await writeToStream(io.stdout, isSet(given, 'json') ? [`${JSON.stringify({ ref, versions }, null, 2)}\n`] : lines);
    return 0;
  });
}
