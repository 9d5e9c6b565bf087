/**
 * What our token may do, by sys/capabilities-self, which every token may ask. In: the scopes that are read; out: the rights there, and those beyond reading as
 * sentences. Called by vault.ts at the beginning. Policies may name single secrets; asked is about one name in each place, so a right to write one secret alone is not seen.
 */
import { StoreError } from '../core/stores.ts';
import { listPath, refOf, type VaultScope } from './vault-scope.ts';
import type { VaultSession } from './vault-session.ts';

/** Capabilities by namespace and path, as `may` asks them; null where the token may not ask. */
export type Rights = ReadonlyMap<string, readonly string[]> | null;

/** Stands for any secret: what a policy with a star says of it, it says of all. */
const PROBE = 'leakwarden-probe';
/** Paths of one request. */
const BATCH = 200;
const WRITING = ['create', 'update', 'patch', 'delete', 'sudo'];

type Question = { readonly scope: VaultScope; readonly path: string; readonly beyond: readonly string[]; readonly what: string };

/** Returns whether the rights allow it, as far as they are known. */
export function may(rights: Rights, { namespace }: VaultScope, path: string, capability: string): boolean {
  const held = rights?.get(`${namespace} ${path}`);
  return !held || held.includes('root') || held.includes(capability);
}

/** Returns whether the rights are known to allow it. */
export function surelyMay(rights: Rights, scope: VaultScope, path: string, capability: string): boolean {
  return rights?.has(`${scope.namespace} ${path}`) === true && may(rights, scope, path, capability);
}

/** Where the leases of a mount are listed. */
export function leasesPath({ mount }: VaultScope): string {
  return `sys/leases/lookup/${mount}/`;
}

/** Asks what the token may do in these scopes. Throws StoreError. */
export async function readRights(
  session: VaultSession,
  scopes: readonly VaultScope[],
  signal: AbortSignal,
): Promise<{ readonly rights: Rights; readonly tooMuch: readonly string[] }> {
  const rights = new Map<string, readonly string[]>();
  const questions = scopes.flatMap(questionsOf);
  for (const namespace of new Set(scopes.map((scope) => scope.namespace))) {
    const paths = [...new Set(questions.filter(({ scope }) => scope.namespace === namespace).map(({ path }) => path))];
    for (let from = 0; from < paths.length; from += BATCH) {
      const batch = paths.slice(from, from + BATCH);
      const held = await capabilities(session, namespace, batch, signal);
      if (!held) return { rights: null, tooMuch: [] };
      for (const [path, capabilities] of held) rights.set(`${namespace} ${path}`, capabilities);
    }
  }
  const isRoot = [...rights.values()].some((held) => held.includes('root'));
  if (isRoot) return { rights, tooMuch: ['it is a root token, which may do everything'] };
  const tooMuch = questions.flatMap(({ scope, path, beyond, what }) => {
    const held = (rights.get(`${scope.namespace} ${path}`) ?? []).filter((capability) => beyond.includes(capability));
    return held.length === 0 ? [] : [`it may ${what} (${held.sort().join(', ')} on ${refOf({ ...scope, mount: '' }, path)})`];
  });
  return { rights, tooMuch: [...new Set(tooMuch)] };
}

/** Returns what the token may do on each path; null where it may not ask. Throws StoreError. */
export async function capabilities(
  session: VaultSession,
  namespace: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly (readonly [string, readonly string[]])[] | null> {
  try {
    const data = await session.get({ path: 'sys/capabilities-self', namespace, body: { paths }, signal });
    return paths.flatMap((path) => {
      const held = data[path];
      return Array.isArray(held) ? [[path, held.filter((one) => typeof one === 'string')] as const] : [];
    });
  } catch (error) {
    // The policy called default gives this right; a token may be without it.
    if (error instanceof StoreError && error.why === 'denied') return null;
    throw error;
  }
}

function questionsOf(scope: VaultScope): Question[] {
  const { mount, engine, path } = scope;
  // A path of the settings may be a folder or one secret.
  const below = path === '' ? [PROBE] : [`${path}/${PROBE}`, path];
  const ask = (at: string, beyond: readonly string[], what: string): Question => ({ scope, path: at, beyond, what });
  const common = [
    ask(`sys/policies/acl/${PROBE}`, ['create', 'update', 'delete', 'sudo'], 'change policies'),
    ask(`sys/mounts/${PROBE}`, ['create', 'update', 'delete', 'sudo'], 'change mounts'),
  ];
  switch (engine) {
    case 'kv1':
      return [...common, ...below.map((at) => ask(`${mount}/${at}`, WRITING, 'write secrets')), ask(listPath(scope, '', ''), [], '')];
    case 'kv2':
      return [
        ...common,
        ...below.flatMap((at) => [
          ask(`${mount}/data/${at}`, WRITING, 'write secrets'),
          ask(`${mount}/metadata/${at}`, WRITING, 'delete secrets or change their metadata'),
          ...(['delete', 'undelete', 'destroy'] as const).map((verb) =>
            ask(`${mount}/${verb}/${at}`, ['create', 'update', 'sudo'], `${verb} versions`),
          ),
        ]),
        ask(listPath(scope, 'detailed-metadata', ''), [], ''),
      ];
    case 'database':
      return [
        ...common,
        ask(`${mount}/config/${PROBE}`, WRITING, 'change database connections'),
        ask(`${mount}/static-roles/${PROBE}`, WRITING, 'change static roles'),
        ask(`${mount}/rotate-role/${PROBE}`, ['create', 'update', 'sudo'], 'rotate passwords'),
        ask(`${mount}/creds/${PROBE}`, ['read', ...WRITING], 'make database users'),
        ask(leasesPath(scope), [], ''),
      ];
    case 'leases':
      return [ask(leasesPath(scope), [], '')];
  }
}
