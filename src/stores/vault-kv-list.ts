/**
 * Names and versions of Vault's and OpenBao's KV engines, in as few requests as the server allows. In: a scope; out: names with KV v2's metadata where the list
 * itself carries it. Called by vault-kv.ts. Three ways, the first that the server has and the policy allows: OpenBao's SCAN (a whole tree in one reply), its
 * list with metadata (folder by folder, in pages), and the plain list, which Vault has too. All as GET: proxies let it pass.
 */
import { StoreError } from '../core/stores.ts';
import { HttpError } from '../net/http-client.ts';
import { isJson, type Json } from './store-http.ts';
import { may, type Rights } from './vault-rights.ts';
import { keysOf, listPath, type VaultScope } from './vault-scope.ts';
import type { VaultSession } from './vault-session.ts';
import { type Folder, type Listed, walk } from './vault-walk.ts';

type Way = (session: VaultSession, scope: VaultScope, signal: AbortSignal) => AsyncIterable<Folder>;

/** Secrets of a page that carries metadata: some 1.3 KB each with 10 versions (measured), so well below the client's bound on a reply. */
const PAGE = 500;
/** For pages that still are too large: secrets with hundreds of versions. */
const SMALL_PAGE = 20;
const MAX_PAGES = 10_000;

/** Yields the secrets of a KV scope, folder by folder; `info` is KV v2's metadata, or null where it must be asked for. Throws StoreError. */
export async function* listKeys(session: VaultSession, scope: VaultScope, rights: Rights, signal: AbortSignal): AsyncIterable<Folder> {
  for (const way of waysOf(scope, rights)) {
    let hasBegun = false;
    try {
      for await (const folder of way(session, scope, signal)) {
        hasBegun = true;
        yield folder;
      }
      return;
    } catch (error) {
      // Vault has none of OpenBao's ways, and calls them unknown, not supported or forbidden.
      if (hasBegun || way === plainList || !(error instanceof StoreError) || !isWayClosed(error)) throw error;
    }
  }
}

function waysOf(scope: VaultScope, rights: Rights): Way[] {
  const detailed = listPath(scope, 'detailed-metadata', '');
  if (scope.engine === 'kv1') return may(rights, scope, listPath(scope, '', ''), 'scan') ? [scan, plainList] : [plainList];
  return [
    ...(may(rights, scope, detailed, 'scan') ? [scan] : []),
    ...(may(rights, scope, detailed, 'list') ? [detailedList] : []),
    plainList,
  ];
}

function isWayClosed(error: StoreError): boolean {
  return error.why === 'denied' || error.why === 'not-found' || [400, 405, 501].includes(error.status ?? 0) || isTooLarge(error);
}

function isTooLarge(error: unknown): boolean {
  return error instanceof StoreError && error.cause instanceof HttpError && error.cause.why === 'too-large';
}

async function* scan(session: VaultSession, scope: VaultScope, signal: AbortSignal): AsyncIterable<Folder> {
  const kind = scope.engine === 'kv1' ? '' : 'detailed-metadata';
  const data = await session.get({ path: listPath(scope, kind, ''), namespace: scope.namespace, query: { scan: 'true' }, signal });
  yield { folder: '', leaves: listedOf(data).filter(({ key }) => !key.endsWith('/')) };
}

function detailedList(session: VaultSession, scope: VaultScope, signal: AbortSignal): AsyncIterable<Folder> {
  return walk('', async (folder) => {
    const found: Listed[] = [];
    let after = '';
    let limit = PAGE;
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const page = await detailedPage(session, scope, folder, after, limit, signal);
      if (page === 'too-large') {
        limit = SMALL_PAGE;
        continue;
      }
      found.push(...page);
      const last = page.at(-1)?.key ?? '';
      if (page.length < limit) return found;
      if (last === after) break;
      after = last;
    }
    throw new StoreError('odd-reply', `${session.address} lists the same page again and again`);
  });
}

async function detailedPage(
  session: VaultSession,
  scope: VaultScope,
  folder: string,
  after: string,
  limit: number,
  signal: AbortSignal,
): Promise<readonly Listed[] | 'too-large'> {
  const query = { list: 'true', limit: String(limit), ...(after === '' ? {} : { after }) };
  const request = { path: listPath(scope, 'detailed-metadata', folder), namespace: scope.namespace, query, signal };
  try {
    // At the top 404 may say that the server does not know this way (Vault); below, that the folder is gone.
    return listedOf(await (folder === '' ? session.get(request) : session.find(request)));
  } catch (error) {
    if (limit === PAGE && isTooLarge(error)) return 'too-large';
    throw error;
  }
}

function plainList(session: VaultSession, scope: VaultScope, signal: AbortSignal): AsyncIterable<Folder> {
  const kind = scope.engine === 'kv1' ? '' : 'metadata';
  return walk('', async (folder) => {
    const path = listPath(scope, kind, folder);
    return listedOf(await session.find({ path, namespace: scope.namespace, query: { list: 'true' }, signal }));
  });
}

function listedOf(data: Json | null): readonly Listed[] {
  const infos = data?.['key_info'];
  return keysOf(data).map((key) => {
    const info = isJson(infos) ? infos[key] : null;
    return { key, info: isJson(info) ? info : null };
  });
}
