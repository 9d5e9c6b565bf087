/**
 * What of a Vault is read: namespaces, and in them mounts or paths below them. In: settings, and what the server says it has mounted; out: one scope for each
 * place that is listed by itself. Called by vault.ts. The call is the one of Vault's own pages, which needs no right of its own: sys/internal/ui/mounts.
 */
import type { Problem } from '../core/contracts.ts';
import { StoreError } from '../core/stores.ts';
import { isJson, type Json } from './store-http.ts';
import type { VaultSession } from './vault-session.ts';

type Engine = 'kv1' | 'kv2' | 'database' | 'leases';

export type VaultScope = {
  /** '' is the root. */
  readonly namespace: string;
  /** Without the slash at its end: `secret`. */
  readonly mount: string;
  readonly engine: Engine;
  /** Below the mount; '' is all of it. */
  readonly path: string;
};

/** Namespaces of one server. HCP's own limit is lower. */
const MAX_NAMESPACES = 1000;

/** What no one keeps a secret of others in, or what is read elsewhere. */
const OWN_ENGINES = new Set(['system', 'cubbyhole', 'identity', 'ns_system', 'ns_identity', 'ns_cubbyhole', 'token', 'ns_token']);

/** Returns a path as its owner writes it: namespace, mount, path. */
export function refOf({ namespace, mount }: VaultScope, path: string): string {
  return [namespace, mount, path].filter((part) => part !== '').join('/');
}

/** Returns the path to list: `secret/metadata/app/`. */
export function listPath({ mount, path }: VaultScope, kind: '' | 'metadata' | 'detailed-metadata', folder: string): string {
  return `${[mount, kind, path].filter((part) => part !== '').join('/')}/${folder}`;
}

/** Returns the scope that a ref lies in and its path below the mount, or null. */
export function placeOf(ref: string, scopes: readonly VaultScope[]): { readonly scope: VaultScope; readonly path: string } | null {
  let best: { scope: VaultScope; path: string } | null = null;
  for (const scope of scopes) {
    const prefix = `${refOf(scope, '')}/`;
    if (!ref.startsWith(prefix)) continue;
    const path = ref.slice(prefix.length);
    if (!best || path.length < best.path.length) best = { scope, path };
  }
  return best;
}

export function unreadable(store: string, ref: string, reason: string): Problem {
  return { code: 'store-unreadable', where: ref, data: { store, ref, reason } };
}

/** Returns the namespaces below these, and these. What may not be listed becomes a problem. Throws StoreError when there are too many. */
export async function namespacesBelow(
  session: VaultSession,
  roots: readonly string[],
  store: string,
  signal: AbortSignal,
): Promise<{ readonly namespaces: readonly string[]; readonly problems: readonly Problem[] }> {
  const namespaces = [...roots];
  const problems: Problem[] = [];
  for (let next = 0; next < namespaces.length; next++) {
    const namespace = namespaces[next] ?? '';
    try {
      // Without namespaces (the free Vault) this path does not exist.
      const found = await session.find({ path: 'sys/namespaces', namespace, query: { list: 'true' }, signal });
      for (const key of keysOf(found)) {
        const child = [namespace, key.replace(/\/+$/, '')].filter((part) => part !== '').join('/');
        if (!namespaces.includes(child)) namespaces.push(child);
      }
    } catch (error) {
      if (!(error instanceof StoreError) || error.why !== 'denied') throw error;
      problems.push(unreadable(store, `${namespace}/`, 'the namespaces in it may not be listed'));
    }
    if (namespaces.length > MAX_NAMESPACES)
      throw new StoreError('odd-reply', `${session.address} has more than ${MAX_NAMESPACES} namespaces`);
  }
  return { namespaces, problems };
}

/** Returns what is read in these namespaces: the given paths, or every mount that can hold something. Throws StoreError. */
export async function scopesIn(
  session: VaultSession,
  namespaces: readonly string[],
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly VaultScope[]> {
  const scopes: VaultScope[] = [];
  const unknown = new Set(paths);
  for (const namespace of namespaces) {
    const mounts = await mountsIn(session, namespace, signal);
    if (paths.length === 0) scopes.push(...mounts.map((mount) => ({ ...mount, path: '' })));
    for (const given of paths) {
      const path = given.replace(/^\/+|\/+$/g, '');
      const mount = mounts.find((one) => `${path}/`.startsWith(`${one.mount}/`)) ?? (await mountOf(session, namespace, path, signal));
      if (!mount) continue;
      unknown.delete(given);
      scopes.push({ ...mount, path: path.slice(mount.mount.length + 1) });
    }
  }
  const [missing] = unknown;
  if (missing !== undefined)
    throw new StoreError('misconfigured', `${session.address}: ${missing} is no mount, nor in one, that the credential may know of`);
  return scopes;
}

type Mount = Omit<VaultScope, 'path'>;

async function mountsIn(session: VaultSession, namespace: string, signal: AbortSignal): Promise<Mount[]> {
  const data = await session.find({ path: 'sys/internal/ui/mounts', namespace, signal });
  if (data === null) throw new StoreError('misconfigured', `${session.address}: no namespace ${namespace}`);
  const secret = data['secret'];
  if (!isJson(secret)) throw new StoreError('odd-reply', `${session.address} sys/internal/ui/mounts answered without mounts`);
  return Object.entries(secret).flatMap(([path, about]) => mountFrom(namespace, path, about));
}

/** Asks for the one mount of a path: known to whoever may do anything below it. */
async function mountOf(session: VaultSession, namespace: string, path: string, signal: AbortSignal): Promise<Mount | undefined> {
  try {
    const about = await session.find({ path: `sys/internal/ui/mounts/${path}`, namespace, signal });
    return about && typeof about['path'] === 'string' ? mountFrom(namespace, about['path'], about)[0] : undefined;
  } catch (error) {
    // It is refused alike where there is none.
    if (error instanceof StoreError && error.why === 'denied') return undefined;
    throw error;
  }
}

function mountFrom(namespace: string, path: string, about: unknown): Mount[] {
  const type = isJson(about) ? about['type'] : null;
  if (!isJson(about) || typeof type !== 'string' || OWN_ENGINES.has(type)) return [];
  const isVersioned = isJson(about['options']) && about['options']['version'] === '2';
  const engine = type === 'kv' || type === 'generic' ? (isVersioned ? 'kv2' : 'kv1') : type === 'database' ? 'database' : 'leases';
  return [{ namespace, mount: path.replace(/\/+$/, ''), engine }];
}

/** Returns the names of a list's reply; none for null. Throws StoreError odd-reply for names that are no text. */
export function keysOf(data: Json | null): readonly string[] {
  const keys = data?.['keys'];
  if (keys === undefined || keys === null) return [];
  if (Array.isArray(keys) && keys.every((key) => typeof key === 'string' && key !== '')) return keys;
  throw new StoreError('odd-reply', 'a list whose names are no texts');
}
