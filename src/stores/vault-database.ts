/**
 * Credentials that Vault's or OpenBao's engines make: static roles of the database engine (one user, whose password the engine changes), and leases of any engine.
 * In: a scope; out: secrets by name and time, and the current password of a static role. Called by vault.ts. The value of a lease was shown once, to who asked
 * for it, and cannot be read again; what is told is that it exists, and until when.
 */
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type StoredSecret, type StoredValue, StoreError } from '../core/stores.ts';
import { mapAhead } from './map-ahead.ts';
import type { Json } from './store-http.ts';
import { orProblem, problemOf, timeOf } from './vault-kv.ts';
import { leasesPath, type Rights, surelyMay } from './vault-rights.ts';
import { keysOf, refOf, unreadable, type VaultScope } from './vault-scope.ts';
import type { VaultSession } from './vault-session.ts';
import { WIDTH, walk } from './vault-walk.ts';

export const STATIC = 'static-roles/';
/** Each costs a request; an engine that has more of them out is a matter of its own. */
const MAX_LEASES = 1000;

/** Yields the static roles of a database mount. Throws StoreError denied when they may not be listed. */
export async function* staticRoles(
  session: VaultSession,
  scope: VaultScope,
  store: string,
  signal: AbortSignal,
): AsyncIterable<StoredSecret | Problem> {
  const { mount, namespace } = scope;
  const names = keysOf(await session.find({ path: `${mount}/static-roles`, namespace, query: { list: 'true' }, signal }));
  const ask = async (name: string): Promise<StoredSecret | Problem | null> => {
    const ref = refOf(scope, `${STATIC}${name}`);
    try {
      const role = await session.find({ path: `${mount}/static-roles/${name}`, namespace, signal });
      return role && staticRole(ref, role);
    } catch (error) {
      return problemOf(store, ref, error);
    }
  };
  for await (const one of mapAhead(names, WIDTH, ask)) if (one) yield one;
}

/** Returns a static role by what the server says of it. */
export function staticRole(ref: string, role: Json): StoredSecret {
  // The documents of OpenBao name the second, its code sends the first.
  const rotatedAt = timeOf(role['last_vault_rotation'] ?? role['last_openbao_rotation']);
  const periodSeconds = role['rotation_period'];
  const id = rotatedAt ?? 'never-rotated';
  return {
    ref,
    change: id,
    versions: [{ id, state: 'current', createdAt: rotatedAt, endedAt: null }],
    ...(rotatedAt !== null && typeof periodSeconds === 'number' && periodSeconds > 0
      ? { expiresAt: new Date(Date.parse(rotatedAt) + periodSeconds * 1000).toISOString() }
      : {}),
  };
}

/** Yields the password of a static role, or the problem that it may not be read; nothing for a lease. `path` is below the mount. */
export async function* staticPassword(
  session: VaultSession,
  scope: VaultScope,
  path: string,
  version: string,
  store: string,
  signal: AbortSignal,
): AsyncIterable<StoredValue | Problem> {
  if (!path.startsWith(STATIC)) return;
  const ref = refOf(scope, path);
  const { mount, namespace } = scope;
  const read = async (): Promise<readonly StoredValue[]> => {
    const data = await session.find({ path: `${mount}/static-creds/${path.slice(STATIC.length)}`, namespace, signal });
    const password = data?.['password'];
    // Roles with keys or certificates for a password have other fields.
    const value = typeof password === 'string' ? password : data?.['rsa_private_key'];
    return typeof value === 'string' ? [{ ref, version, field: 'password', value: new Secret(value, 'vault') }] : [];
  };
  yield* await orProblem(store, ref, read());
}

/** Yields the leases of a mount where the token is known to be allowed to list them (list and sudo); nothing else. */
export async function* leases(
  session: VaultSession,
  scope: VaultScope,
  rights: Rights,
  store: string,
  signal: AbortSignal,
): AsyncIterable<StoredSecret | Problem> {
  const path = leasesPath(scope);
  if (!surelyMay(rights, scope, path, 'list') || !surelyMay(rights, scope, path, 'sudo')) return;
  const { namespace, mount } = scope;
  let count = 0;
  const list = async (folder: string) =>
    keysOf(await session.find({ path: `${path}${folder}`, namespace, query: { list: 'true' }, signal })).map((key) => ({
      key,
      info: null,
    }));
  for await (const found of walk('', list)) {
    if ('denied' in found) {
      yield unreadable(store, refOf(scope, found.folder), 'its leases may not be listed');
      continue;
    }
    const room = found.leaves.slice(0, Math.max(0, MAX_LEASES - count));
    count += found.leaves.length;
    const ask = ({ key }: { readonly key: string }) => lease(session, scope, `${mount}/${found.folder}${key}`, store, signal);
    for await (const one of mapAhead(room, WIDTH, ask)) if (one) yield one;
    if (count > MAX_LEASES) {
      yield unreadable(store, refOf(scope, ''), `it has more than ${MAX_LEASES} leases`);
      return;
    }
  }
}

async function lease(
  session: VaultSession,
  scope: VaultScope,
  leaseId: string,
  store: string,
  signal: AbortSignal,
): Promise<StoredSecret | Problem | null> {
  const ref = refOf({ ...scope, mount: '' }, leaseId);
  try {
    const data = await session.get({ path: 'sys/leases/lookup', namespace: scope.namespace, body: { lease_id: leaseId }, signal });
    const expiresAt = timeOf(data['expire_time']);
    const createdAt = timeOf(data['issue_time']);
    const versions = [{ id: leaseId.slice(leaseId.lastIndexOf('/') + 1), state: 'current', createdAt, endedAt: null }] as const;
    return { ref, change: createdAt ?? '', versions, ...(expiresAt === null ? {} : { expiresAt }) };
  } catch (error) {
    // It ended since it was listed: Vault answers 400 then.
    if (error instanceof StoreError && error.status === 400) return null;
    return problemOf(store, ref, error);
  }
}
