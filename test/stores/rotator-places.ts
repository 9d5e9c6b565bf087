/** For tests of rotators: finds a secret as the store's own connector lists it, which is where rotations start from. */
import type { StoredPlace } from '../../src/core/rotation.ts';
import { reveal } from '../../src/core/secret.ts';
import type { SecretStore, StoredSecret } from '../../src/core/stores.ts';

const signal = new AbortController().signal;

async function secretAt(store: SecretStore, ref: string): Promise<StoredSecret | null> {
  for await (const one of store.secrets(signal)) if (!('code' in one) && one.ref === ref) return one;
  return null;
}

/** Returns the place of a field's current version. Throws when there is none. */
export async function placeIn(store: SecretStore, ref: string, field: string): Promise<StoredPlace> {
  const found = await secretAt(store, ref);
  const current = found?.versions.find(({ state }) => state === 'current');
  if (!found || !current) throw new Error(`${ref} is not listed`);
  return { store: store.id, ref, field, version: current.id, change: found.change };
}

/** Returns the value of the field's current version, as the connector reads it; null for none. */
export async function valueIn(store: SecretStore, ref: string, field: string): Promise<string | null> {
  const found = await secretAt(store, ref);
  const current = found?.versions.filter(({ state }) => state === 'current') ?? [];
  if (!found) return null;
  for await (const one of store.values(found, current, signal))
    if ('value' in one && one.field === field) return reveal(one.value, 'compare');
  return null;
}
