/**
 * Replaces one field of a KV v1 secret. In: a place; out: the part. Called by vault-rotate.ts. KV v1 has neither versions nor check-and-set: that nobody was there
 * in between is seen by reading just before writing, and a writer in the moment between the two is overwritten.
 */
import type { Happened, RotationRun, StorePart } from '../core/rotation.ts';
import { reveal, Secret } from '../core/secret.ts';
import { cannot, changing, moved, reading } from './rotation-failures.ts';
import type { Json } from './store-http.ts';
import { losesDigits, mayAny, textIn, type VaultPlace } from './vault-place.ts';

/** Plans the change of one field. Throws RotationError. */
export async function planKv1(at: VaultPlace): Promise<StorePart> {
  const { place, scope, path } = at;
  textIn(await dataOf(at, at.signal), place);
  if ((await mayAny(at, `${scope.mount}/${path}`, ['create', 'update'])) === false)
    throw cannot(`the token may not write ${scope.mount}/${path} (it has no update there)`);
  return {
    makesValue: false,
    actions: [
      {
        id: 'vault-kv1:write',
        reaches: 'PROMOTED',
        does: `writes ${place.ref} with another ${place.field} in place of the leaked one`,
        repeat: 'when-not-done',
        effects: [`whoever reads ${place.ref} from now on gets the new value; its other fields stay`],
        happened: (run) => hasWritten(at, run),
        act: (run) => write(at, run, run.old, run.fresh),
        undo: {
          does: `writes the old ${place.field} of ${place.ref} back`,
          act: async (run) => {
            if ((await hasWritten(at, run)) === 'yes') await write(at, run, run.fresh ?? run.old, run.old);
          },
        },
      },
    ],
    consumers: [],
    warnings: [
      'KV v1 keeps no versions: the old value is gone from the store once the new one is written, and is written back from the journal if need be',
      'KV v1 has no check-and-set: what somebody else writes to this secret in the same moment is lost',
      'the server does not say who reads the secret; its audit log does',
    ],
  };
}

async function hasWritten(at: VaultPlace, { fresh, signal }: RotationRun): Promise<Happened> {
  const value = textIn(await dataOf(at, signal), at.place);
  return fresh && new Secret(value).equals(fresh) ? 'yes' : 'no';
}

async function write(at: VaultPlace, { signal }: RotationRun, from: Secret, to: Secret | null): Promise<void> {
  const { session, scope, path, place } = at;
  if (!to) throw cannot('there is no new value to write yet');
  const data = await dataOf(at, signal);
  const found = new Secret(textIn(data, place));
  if (found.equals(to)) return;
  if (!found.equals(from)) throw moved(`the ${place.field} of ${place.ref} was changed by somebody else`);
  if (losesDigits(data)) throw cannot(`${place.ref} holds numbers that would lose digits when it is written`);
  const body = { ...data, [place.field]: reveal(to, 'store') };
  await changing(session.get({ path: `${scope.mount}/${path}`, namespace: scope.namespace, body, change: 'POST', signal }));
}

async function dataOf({ session, scope, path, place }: VaultPlace, signal: AbortSignal): Promise<Json> {
  const data = await reading(session.find({ path: `${scope.mount}/${path}`, namespace: scope.namespace, signal }));
  if (!data) throw moved(`${place.ref} is not there`);
  return data;
}
