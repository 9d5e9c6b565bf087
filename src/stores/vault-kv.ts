/**
 * Secrets of Vault's and OpenBao's key/value engines. In: a scope; out: secrets with their versions, and the values of versions, field by field. Called by
 * vault.ts. KV v2 tells versions, times and states without a value; KV v1 tells names alone, so there a change can only be seen by reading.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import { mapAhead } from './map-ahead.ts';
import { isJson, type Json } from './store-http.ts';
import { listKeys } from './vault-kv-list.ts';
import type { Rights } from './vault-rights.ts';
import { listPath, refOf, unreadable, type VaultScope } from './vault-scope.ts';
import type { VaultSession } from './vault-session.ts';
import { type Listed, WIDTH } from './vault-walk.ts';

/** KV v1 has no versions: what is there is the only one. */
const ONLY_VERSION = 'only';
/** What cannot be compared with what was. */
const UNREAD = 'unread';
/** Values of KV v1 that listing read and that nobody has asked for yet. */
const MAX_KEPT_SECRETS = 20_000;

export class VaultKv {
  readonly #session: VaultSession;
  readonly #store: string;
  readonly #now: () => Date;
  /** Of this reader alone: a digest of a value that outlived it could be guessed at. So across runs KV v1 is always read anew. */
  readonly #changeKey = randomBytes(32);
  readonly #kept = new Map<string, readonly StoredValue[]>();

  constructor(session: VaultSession, store: string, now: () => Date) {
    this.#session = session;
    this.#store = store;
    this.#now = now;
  }

  /** Yields what is in a scope. Throws StoreError denied when the scope itself may not be listed. */
  async *secrets(scope: VaultScope, rights: Rights, signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    let denied: StoreError | null = null;
    let count = 0;
    for await (const found of listKeys(this.#session, scope, rights, signal)) {
      if ('denied' in found) {
        if (found.folder === '') denied = found.denied;
        else yield unreadable(this.#store, this.#ref(scope, found.folder), 'it may not be listed');
        continue;
      }
      count += found.leaves.length;
      const ask = (leaf: Listed) => this.#secret(scope, `${found.folder}${leaf.key}`, leaf.info, signal);
      for await (const one of mapAhead(found.leaves, WIDTH, ask)) if (one) yield one;
    }
    const itself = count === 0 && scope.path !== '' ? await this.#itself(scope, signal) : null;
    if (itself) yield itself;
    else if (denied) throw denied;
  }

  /** Returns the secret that the path of a scope is, where it is no folder; null where it is none, or may not be known. */
  async #itself(scope: VaultScope, signal: AbortSignal): Promise<StoredSecret | null> {
    const cut = scope.path.lastIndexOf('/');
    const parent = { ...scope, path: scope.path.slice(0, Math.max(0, cut)) };
    const found = await this.#secret(parent, scope.path.slice(cut + 1), null, signal);
    return found && !('code' in found) && found.change !== UNREAD ? found : null;
  }

  /** Yields the values of versions of the secret at this path below the mount. */
  async *values(
    scope: VaultScope,
    path: string,
    versions: readonly StoredVersion[],
    signal: AbortSignal,
  ): AsyncIterable<StoredValue | Problem> {
    const ref = refOf(scope, path);
    const kept = this.#kept.get(ref);
    this.#kept.delete(ref);
    if (kept) {
      yield* kept;
      return;
    }
    const readable = versions.filter(({ state }) => state !== 'destroyed' && state !== 'disabled');
    const ask = async ({ id }: StoredVersion) => this.#read(scope, path, id, signal);
    for await (const found of mapAhead(readable, WIDTH, (version) => orProblem(this.#store, ref, ask(version)))) yield* found;
  }

  async #secret(scope: VaultScope, path: string, info: Json | null, signal: AbortSignal): Promise<StoredSecret | Problem | null> {
    const ref = this.#ref(scope, path);
    if (path.split('/').some((part) => part === '.' || part === '..'))
      return unreadable(this.#store, ref, 'its name is made of dots, which no address can hold');
    if (scope.engine === 'kv1') return this.#unversioned(scope, path, ref, signal);
    if (info) return versioned(ref, info, this.#now());
    try {
      const metadata = await this.#session.find({ path: `${listPath(scope, 'metadata', '')}${path}`, namespace: scope.namespace, signal });
      return metadata && versioned(ref, metadata, this.#now());
    } catch (error) {
      return problemOf(this.#store, ref, error);
    }
  }

  async #unversioned(scope: VaultScope, path: string, ref: string, signal: AbortSignal): Promise<StoredSecret | null> {
    const versions = [{ id: ONLY_VERSION, state: 'current', createdAt: null, endedAt: null }] as const;
    let data: Json | null;
    try {
      data = await this.#session.find({ path: `${listPath(scope, '', '')}${path}`, namespace: scope.namespace, signal });
    } catch (error) {
      // What cannot be read is said when its value is asked for.
      if (error instanceof StoreError && error.why === 'denied') return { ref, change: UNREAD, versions };
      throw error;
    }
    if (data === null) return null;
    if (this.#kept.size < MAX_KEPT_SECRETS) this.#kept.set(ref, fieldsOf(ref, ONLY_VERSION, data));
    const change = createHmac('sha256', this.#changeKey).update(JSON.stringify(data)).digest('base64url');
    return { ref, change, versions };
  }

  /** `path` is below the mount. */
  async #read(scope: VaultScope, path: string, version: string, signal: AbortSignal): Promise<readonly (StoredValue | Problem)[]> {
    const ref = refOf(scope, path);
    const { namespace, mount, engine } = scope;
    if (engine === 'kv1') {
      const data = await this.#session.find({ path: `${mount}/${path}`, namespace, signal });
      return data ? fieldsOf(ref, ONLY_VERSION, data) : [];
    }
    const reply = await this.#session.find({ path: `${mount}/data/${path}`, namespace, query: { version }, signal });
    // Deleted since it was listed.
    if (reply === null) return [];
    if (!isJson(reply['data'])) throw new StoreError('odd-reply', `${mount}/data/${path} answered without data`);
    return fieldsOf(ref, version, reply['data']);
  }

  #ref(scope: VaultScope, path: string): string {
    return refOf(scope, [scope.path, path].filter((part) => part !== '').join('/'));
  }
}

/** Returns a KV v2 secret by its metadata; null where it holds no version. */
export function versioned(ref: string, metadata: Json, now: Date): StoredSecret | null {
  const listed = isJson(metadata['versions']) ? metadata['versions'] : {};
  const current = metadata['current_version'];
  const all = Object.entries(listed)
    .flatMap(([id, about]) => (/^\d{1,15}$/.test(id) && isJson(about) ? [{ id, number: Number(id), about }] : []))
    .sort((one, other) => other.number - one.number);
  const versions = all.map(({ id, number, about }, index): StoredVersion => {
    const next = all[index - 1];
    const deletedAt = timeOf(about['deletion_time']);
    // A time to come stands there for versions that delete themselves.
    const isDeleted = deletedAt !== null && Date.parse(deletedAt) <= now.getTime();
    const state = about['destroyed'] === true ? 'destroyed' : isDeleted ? 'disabled' : number === current ? 'current' : 'superseded';
    const replacedAt = next ? timeOf(next.about['created_time']) : null;
    const endedAt = state === 'current' ? null : earlier(replacedAt, isDeleted ? deletedAt : null);
    return { id, state, createdAt: timeOf(about['created_time']), endedAt };
  });
  if (versions.length === 0) return null;
  const change = createHash('sha256').update(JSON.stringify(versions.map(({ id, state, createdAt }) => [id, state, createdAt])));
  return { ref, change: change.digest('base64url'), versions };
}

/** Returns each field as a value; what is no text as its JSON, null not at all. */
function fieldsOf(ref: string, version: string, data: Json): readonly StoredValue[] {
  return Object.entries(data).flatMap(([field, value]) =>
    value === null ? [] : [{ ref, version, field, value: new Secret(typeof value === 'string' ? value : JSON.stringify(value), 'vault') }],
  );
}

/** Returns a time as ISO 8601, or null for none: an empty text, or Go's zero time. */
export function timeOf(value: unknown): string | null {
  if (typeof value !== 'string' || value.startsWith('0001-')) return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

function earlier(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

/** Returns the problem that one secret makes, or throws what concerns the whole store. */
export function problemOf(store: string, ref: string, error: unknown): Problem {
  if (!(error instanceof StoreError)) throw error;
  if (error.why === 'denied') return unreadable(store, ref, 'permission denied');
  if (error.why === 'not-found') return unreadable(store, ref, 'it is not there any more');
  if (error.why === 'odd-reply' && error.status !== 200) return unreadable(store, ref, `the store answered ${error.status ?? 'oddly'}`);
  throw error;
}

/** Returns what was read, or the problem in its place. */
export async function orProblem(
  store: string,
  ref: string,
  reading: Promise<readonly (StoredValue | Problem)[]>,
): Promise<readonly (StoredValue | Problem)[]> {
  try {
    return await reading;
  } catch (error) {
    return [problemOf(store, ref, error)];
  }
}
