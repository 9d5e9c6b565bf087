/**
 * Revokes one lease: the credential that an engine (database, cloud, RabbitMQ) made for one consumer ends where it was made. In: a place; out: the part.
 * Called by vault-rotate.ts. The lease is named in the path, so that a policy can bound it; never a prefix, never by force
 * (openbao.org/api-docs/system/leases).
 */
import { RotationError, type StorePart } from '../core/rotation.ts';
import { StoreError } from '../core/stores.ts';
import { cannot, changing, moved, reading } from './rotation-failures.ts';
import type { Json } from './store-http.ts';
import { timeOf } from './vault-kv.ts';
import { mayAny, type VaultPlace } from './vault-place.ts';

/** Plans the end of one lease. Throws RotationError. */
export async function planLease(at: VaultPlace): Promise<StorePart> {
  const { place, scope, path, session, isBegun } = at;
  const id = `${scope.mount}/${path}`;
  // A lease's name is its role's and one more part; less than that would be a prefix of many.
  if (path.split('/').length < 3 || !path.endsWith(`/${place.version}`) || place.version === '')
    throw moved(`${place.ref} is not the full name of a lease`);
  const lease = await leaseOf(at, id, at.signal);
  if (!isBegun && !lease) throw moved(`the lease ${place.ref} has ended`);
  if (!isBegun && timeOf(lease?.['issue_time']) !== place.change) throw moved(`the lease ${place.ref} is another one than was seen`);
  const revokePath = `sys/leases/revoke/${id}`;
  if ((await mayAny(at, revokePath, ['create', 'update'])) === false)
    throw cannot(`the token may not revoke ${place.ref} (it has no update on ${revokePath})`);
  const role = path.slice(0, path.lastIndexOf('/'));
  return {
    makesValue: true,
    actions: [
      {
        id: 'vault-lease:revoke',
        reaches: 'OLD_DISABLED',
        does: `revokes the lease ${place.ref}, and waits until the engine has ended its credential`,
        repeat: 'always',
        effects: [`the one consumer that holds this credential of ${scope.mount}/${role} loses it at once, and has to ask for another`],
        happened: async ({ signal }) => ((await leaseOf(at, id, signal)) ? 'no' : 'yes'),
        act: async ({ signal }) => {
          await changing(
            revoke(session.get({ path: revokePath, namespace: scope.namespace, body: { sync: true }, change: 'POST', signal }), place.ref),
          );
        },
        undo: null,
      },
    ],
    consumers: [`the one consumer of the lease ${place.ref}; the server does not say who it is, its audit log does`],
    warnings: [
      'this cannot be taken back; a consumer that asks again gets a new credential',
      'the new credential is made for its consumer, and is not seen or tried here',
    ],
  };
}

/** The engine could not end the credential, or not all of it: the server says 400, and keeps the lease. */
async function revoke(doing: Promise<Json>, ref: string): Promise<void> {
  try {
    await doing;
  } catch (error) {
    if (!(error instanceof StoreError) || error.status !== 400) throw error;
    throw new RotationError('refused', `the engine could not end the credential of ${ref}: it may still work until its lease ends`, {
      mayHaveHappened: true,
      cause: error,
    });
  }
}

/** Returns what the server says of a lease; null where it has ended, which Vault answers with 400. */
async function leaseOf({ session, scope }: VaultPlace, id: string, signal: AbortSignal): Promise<Json | null> {
  const path = 'sys/leases/lookup';
  try {
    return await session.get({ path, namespace: scope.namespace, body: { lease_id: id }, signal });
  } catch (error) {
    if (error instanceof StoreError && error.status === 400) return null;
    return reading(Promise.reject(error));
  }
}
