/**
 * Where a found value is kept: the index says which stores hold it, and the store itself is then asked, since an index is up to a day old. In: a finding. Out: the exact
 * place, and the value as it is stored there. What stands at several places is refused unless one of them is named. Called by `leakwarden rotate`.
 */
import { IndexFault } from '../check/index-file.ts';
import { StoreChecker } from '../check/look-up.ts';
import { takeApart } from '../check/structured.ts';
import { placeOf } from '../check/verdict.ts';
import type { FoundSecret } from '../core/contracts.ts';
import { ToolError } from '../core/errors.ts';
import type { StoredPlace } from '../core/rotation.ts';
import { RotationError } from '../core/rotation.ts';
import { reveal, Secret } from '../core/secret.ts';
import type { SecretStore, StoredSecret } from '../core/stores.ts';
import { StoreError } from '../core/stores.ts';
import { estimatedBits, GUESSABLE_BELOW_BITS } from '../engine/entropy.ts';
import { openIndex, readIndexKey } from './index-files.ts';
import type { Io } from './io.ts';
import { type NamedStore, openStore, readStores, storesFile } from './stores-file.ts';

/** Guessable values that are stretched for one finding: itself and its parts. */
const MOST_SLOW = 8;
/** Places that a refusal names. */
const MOST_NAMED = 5;

export type Located = { readonly place: StoredPlace & { readonly name: string }; readonly old: Secret };

type Candidate = {
  readonly named: NamedStore;
  readonly store: string;
  readonly ref: string;
  readonly field: string;
  readonly value: Secret;
};

/** `at`: the place that is meant, as NAME:REF#FIELD. Null where no store holds it as a current version. Throws RotationError. */
export async function locateStored(found: FoundSecret, at: string | undefined, signal: AbortSignal, io: Io): Promise<Located | null> {
  const candidates = await candidatesOf(found, io);
  const fitting = at === undefined ? candidates : candidates.filter((one) => at === nameOf(one) || at === placeOf(one));
  const [only, ...others] = fitting;
  if (others.length > 0)
    throw refused('ambiguous', `several secrets hold it: ${fitting.slice(0, MOST_NAMED).map(nameOf).join(', ')}; say which: --at PLACE`);
  if (only) return await located(only, signal, io);
  if (at !== undefined && candidates.length > 0)
    throw refused('cannot', `it is not at ${at}, but at ${candidates.slice(0, MOST_NAMED).map(nameOf).join(', ')}`);
  return null;
}

/** Returns the value that a plan is about, from the store that holds it. Throws RotationError where it is no longer there. */
export async function readStoredAt(place: Located['place'], signal: AbortSignal, io: Io): Promise<Secret> {
  const named = await storeNamed(place.name, io);
  return await withStore(named, io, async (store) => {
    if (store.id !== place.store)
      throw refused('moved', `the store ${place.name} is ${store.id} now, and the plan is about ${place.store}`);
    const secret = await secretAt(store, place.ref, signal);
    return await valueAt(store, secret, place.version, place.field, null, signal);
  });
}

/** Returns the current value of a field, for issuers whose own credentials are in a store. Throws RotationError. */
export async function readStoredCurrent(
  { store: name, ref, field }: { readonly store: string; readonly ref: string; readonly field: string },
  signal: AbortSignal,
  io: Io,
): Promise<Secret> {
  return await withStore(await storeNamed(name, io), io, async (store) => {
    const secret = await secretAt(store, ref, signal);
    const version = secret.versions.find(({ state }) => state === 'current')?.id ?? '';
    return await valueAt(store, secret, version, field, null, signal);
  });
}

/** Throws RotationError `cannot`. */
export async function storeNamed(name: string, io: Io): Promise<NamedStore> {
  const path = storesFile(io.env);
  const named = (await readStores(path)).find((one) => one.name === name);
  if (named) return named;
  throw refused('cannot', `${path} names no store ${name}`);
}

/** Places of the value as it was found come first; those of what it holds count where there are none. */
async function candidatesOf(found: FoundSecret, io: Io): Promise<Candidate[]> {
  const stores = await readStores(storesFile(io.env));
  const index = indexOf(io);
  const names = new Map(index.stores().map(({ id, name }) => [id, name]));
  const guessing = { bitsOf: estimatedBits, guessableBelowBits: GUESSABLE_BELOW_BITS };
  const checker = new StoreChecker(index, { ...guessing, mostSlow: MOST_SLOW, now: io.now() });
  await checker.prepare([found]);
  const current = checker.placesOf(found).filter(({ record }) => record.state === 'current');
  const [first] = current;
  const same = current.filter(({ value }) => first !== undefined && value.equals(first.value));
  const byName = new Map<string, Candidate>();
  for (const { value, record } of same) {
    const named = stores.find(({ name }) => name === names.get(record.store));
    if (!named) continue;
    const candidate = { named, store: record.store, ref: record.ref, field: record.field, value };
    byName.set(nameOf(candidate), candidate);
  }
  return [...byName.values()];
}

function indexOf(io: Io): NonNullable<ReturnType<typeof openIndex>> {
  try {
    const index = openIndex(io.env, () => readIndexKey(io.env, false));
    if (index) return index;
  } catch (error) {
    if (!(error instanceof IndexFault)) throw error;
    throw new ToolError('rotation-refused', {
      reason: `the index of your stores cannot be used (${error.message}): leakwarden store sync`,
    });
  }
  throw new ToolError('rotation-refused', {
    reason: 'there is no index of your stores, which says where a value is kept: leakwarden store sync',
  });
}

function nameOf({ named, ref, field }: Candidate): string {
  return `${named.name}:${placeOf({ ref, field })}`;
}

async function located({ named, ref, field, value }: Candidate, signal: AbortSignal, io: Io): Promise<Located> {
  return await withStore(named, io, async (store) => {
    const secret = await secretAt(store, ref, signal);
    const version = secret.versions.find(({ state }) => state === 'current')?.id;
    if (version === undefined) throw refused('moved', `${ref} has no current version any more: leakwarden store sync`);
    const old = await valueAt(store, secret, version, field, value, signal);
    return { place: { name: named.name, store: store.id, ref, field, version, change: secret.change }, old };
  });
}

async function withStore<T>(named: NamedStore, io: Io, doing: (store: SecretStore) => Promise<T>): Promise<T> {
  try {
    const { store } = await openStore(named, storesFile(io.env), io);
    try {
      return await doing(store);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new RotationError(error.why, `${named.name}: ${error.message}`, { mayHaveHappened: false, cause: error });
  }
}

async function secretAt(store: SecretStore, ref: string, signal: AbortSignal): Promise<StoredSecret> {
  await store.access(signal);
  for await (const found of store.secrets(signal)) if ('ref' in found && found.ref === ref) return found;
  throw refused('moved', `${store.id} does not list ${ref}: leakwarden store sync`);
}

/** The field as the index names it; `expected` must be what stands there, where it is given. */
async function valueAt(
  store: SecretStore,
  secret: StoredSecret,
  version: string,
  field: string,
  expected: Secret | null,
  signal: AbortSignal,
): Promise<Secret> {
  const versions = secret.versions.filter(({ id }) => id === version);
  for await (const found of store.values(secret, versions, signal)) {
    if ('code' in found) continue;
    for (const leaf of takeApart(reveal(found.value, 'index'), found.field)) {
      const value = new Secret(leaf.value, 'stored');
      if (leaf.field === field && (expected === null || value.equals(expected))) return value;
    }
  }
  throw refused('moved', `version ${version} of ${placeOf({ ref: secret.ref, field })} does not hold it any more: leakwarden store sync`);
}

function refused(why: 'moved' | 'cannot' | 'ambiguous', message: string): RotationError {
  return new RotationError(why, message, { mayHaveHappened: false });
}
