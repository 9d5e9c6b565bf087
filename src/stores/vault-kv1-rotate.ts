/**
 * Replaces one field of a KV v1 secret. In: a place; out: the part. Called by vault-rotate.ts. KV v1 has neither versions nor check-and-set: that nobody was there
 * in between is seen by reading just before writing, and a writer in the moment between the two is overwritten.
 */
import type { StorePart } from '../core/rotation.ts';
import { reveal, Secret } from '../core/secret.ts';
import { cannot, changing, moved, reading } from './rotation-failures.ts';
import type { Json } from './store-http.ts';
import { swapAction, type Values } from './value-swap.ts';
import { fieldsAmong, losesDigits, mayAny, textIn, textsAmong, type VaultPlace } from './vault-place.ts';

/** Plans the change of one field, and of those of `fields` that the secret has. Throws RotationError. */
export async function planKv1(at: VaultPlace): Promise<StorePart> {
  const { place, scope, path, fields } = at;
  const { ref, field } = place;
  const data = await dataOf(at, at.signal);
  textIn(data, place);
  const others = fieldsAmong(data, fields, place);
  if (!at.isBegun && (await mayAny(at, `${scope.mount}/${path}`, ['create', 'update'])) === false)
    throw cannot(`the token may not write ${scope.mount}/${path} (it has no update there)`);
  return {
    makesValue: false,
    actions: [
      swapAction({
        id: 'vault-kv1:write',
        does: `writes ${ref} with another ${field} in place of the leaked one`,
        undoes: `writes the old ${field} of ${ref} back`,
        effects: [`whoever reads ${ref} from now on gets the new value; its other fields stay`],
        what: `the ${field} of ${ref}`,
        others,
        read: async (signal) => {
          const seen = await dataOf(at, signal);
          return { value: new Secret(textIn(seen, place)), others: textsAmong(seen, others, place), seen };
        },
        write: (values, seen, signal) => write(at, values, seen, signal),
      }),
    ],
    alsoWrites: Object.keys(others),
    consumers: [],
    warnings: [
      'KV v1 keeps no versions: the old value is gone from the store once the new one is written, and is written back from the journal if need be',
      'KV v1 has no check-and-set: what somebody else writes to this secret in the same moment is lost',
      'the server does not say who reads the secret; its audit log does',
    ],
  };
}

async function write(at: VaultPlace, { value, others }: Values, seen: Json, signal: AbortSignal): Promise<void> {
  const { session, scope, path, place } = at;
  if (losesDigits(seen)) throw cannot(`${place.ref} holds numbers that would lose digits when it is written`);
  const body = { ...seen, ...others, [place.field]: reveal(value, 'store') };
  await changing(session.get({ path: `${scope.mount}/${path}`, namespace: scope.namespace, body, change: 'POST', signal }));
}

async function dataOf({ session, scope, path, place }: VaultPlace, signal: AbortSignal): Promise<Json> {
  const data = await reading(session.find({ path: `${scope.mount}/${path}`, namespace: scope.namespace, signal }));
  if (!data) throw moved(`${place.ref} is not there`);
  return data;
}
