/**
 * Kubernetes Secrets as a store. In: settings (kubeconfig, context, namespaces); out: SecretStore. Called through the registry. What is done where:
 * kube-session.ts and kube-config.ts (how to connect), kube-values.ts (what is in an object), kube-rights.ts, kube-rotate.ts (changing). The API: kubernetes.io/docs/reference/kubernetes-api.
 * There is one version, the current one: Kubernetes keeps none that was before.
 */
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import type { KubeConnection } from './kube-config.ts';
import { rulesReview, tooMuchIn } from './kube-rights.ts';
import { KubernetesRotator } from './kube-rotate.ts';
import { EVERYWHERE, kubeStoreId, LazyKubeSession } from './kube-session.ts';
import { fieldsOf, SKIPPED_TYPES } from './kube-values.ts';
import { allPages, type Page } from './paging.ts';
import type { RestSession } from './rest-session.ts';
import { expectSuccess, isJson, type Json, jsonOf } from './store-http.ts';
import type { StoreContext, StoreKind, StoreSettings } from './store-kind.ts';
import { problemOf, unreadable } from './store-problem.ts';

export const kubernetes: StoreKind = {
  kind: 'kubernetes',
  name: 'Kubernetes Secrets',
  settings: [
    { name: 'kubeconfig', help: 'a kubeconfig file; else KUBECONFIG, else the pod that leakwarden runs in, else ~/.kube/config' },
    { name: 'context', help: 'a context of the kubeconfig; else, with name, its current one' },
    { name: 'namespace', help: 'namespaces to read, or * for all; else the one of the context', isList: true },
    { name: 'name', help: 'names this cluster in reports; else the context does' },
  ],
  create: (settings, context) => new KubernetesStore(settings, context),
  createRotator: (settings, context) => new KubernetesRotator(settings, context),
};

/** What kubectl asks for as well. */
const PAGE = '500';
/** Names and times without values (Kubernetes 1.15 and later). */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

class KubernetesStore implements SecretStore {
  readonly kind = 'kubernetes';
  readonly id: string;
  readonly #session: LazyKubeSession;

  constructor(settings: StoreSettings, context: StoreContext) {
    this.id = kubeStoreId(settings, context);
    this.#session = new LazyKubeSession(settings, context);
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    const { session, connection, namespaces } = await this.#session.open();
    const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
    const tooMuch: string[] = [];
    for (const namespace of namespaces) {
      const asked = namespace === EVERYWHERE ? 'default' : namespace;
      const reply = await session.send({ path, body: rulesReview(asked), signal });
      if (reply.status === 403) continue;
      expectSuccess(reply, `${session.address}${path}`);
      tooMuch.push(...tooMuchIn(jsonOf(reply, `${session.address}${path}`), asked));
    }
    return { identity: await identify(session, connection, signal), tooMuch };
  }

  async *secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    const { session, namespaces } = await this.#session.open();
    let denied: StoreError | null = null;
    let isAnyOpen = false;
    for (const namespace of namespaces) {
      try {
        const path = namespace === EVERYWHERE ? '/api/v1/secrets' : `/api/v1/namespaces/${namespace}/secrets`;
        const pages = allPages<Json, string>('', `${session.address}${path}`, (from) => page(session, path, from, signal));
        for await (const found of pages) yield describe(found);
        isAnyOpen = true;
      } catch (error) {
        if (!(error instanceof StoreError) || error.why !== 'denied') throw error;
        denied ??= error;
        if (namespaces.length > 1) yield unreadable(this.id, `${namespace}/*`, 'its secrets may not be listed');
      }
    }
    if (denied && !isAnyOpen) throw denied;
  }

  async *values(secret: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncIterable<StoredValue | Problem> {
    const { session } = await this.#session.open();
    const [version] = versions;
    const [namespace = '', name = ''] = secret.ref.split('/');
    if (version?.state !== 'current') return;
    try {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
      for (const { field, text } of fieldsOf(await session.get({ path, signal })))
        yield { ref: secret.ref, version: version.id, field, value: new Secret(text, 'kubernetes') };
    } catch (error) {
      yield problemOf(error, this.id, secret.ref);
    }
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

async function page(session: RestSession, path: string, from: string, signal: AbortSignal): Promise<Page<Json, string>> {
  const query = {
    limit: PAGE,
    fieldSelector: SKIPPED_TYPES.map((type) => `type!=${type}`).join(','),
    ...(from === '' ? {} : { continue: from }),
  };
  const reply = await session.send({ path, query, headers: { accept: METADATA_ONLY }, signal });
  const what = `${session.address}${path}`;
  // The list is older than the server remembers; it gives a cursor to go on with the list as it is now.
  if (reply.status !== 410) expectSuccess(reply, what);
  const body = jsonOf(reply, what);
  const next = isJson(body['metadata']) ? body['metadata']['continue'] : undefined;
  if (reply.status === 410) {
    if (typeof next !== 'string' || next === '')
      throw new StoreError('odd-reply', `${what}: the list ended before it was read`, { status: 410 });
    return { items: [], next };
  }
  if (!Array.isArray(body['items']) || !body['items'].every(isJson)) throw new StoreError('odd-reply', `${what} answered without items`);
  return { items: body['items'], next: typeof next === 'string' && next !== '' ? next : null };
}

function describe(found: Json): StoredSecret {
  const metadata = isJson(found['metadata']) ? found['metadata'] : {};
  const { namespace, name, resourceVersion, uid } = metadata;
  if (typeof namespace !== 'string' || typeof name !== 'string' || typeof resourceVersion !== 'string')
    throw new StoreError('odd-reply', 'the list of secrets names one without namespace, name or resourceVersion');
  return {
    ref: `${namespace}/${name}`,
    change: `${typeof uid === 'string' ? uid : ''}:${resourceVersion}`,
    versions: [{ id: resourceVersion, state: 'current', createdAt: dataTime(metadata['managedFields']), endedAt: null }],
  };
}

/** Returns when the data changed last, by what the server notes for whoever wrote it; null where it does not. */
function dataTime(managedFields: unknown): string | null {
  const times = (Array.isArray(managedFields) ? managedFields.filter(isJson) : []).flatMap(({ time, fieldsV1 }) =>
    typeof time === 'string' && isJson(fieldsV1) && fieldsV1['f:data'] !== undefined ? [time] : [],
  );
  return times.sort().at(-1) ?? null;
}

/** Asks who we are (Kubernetes 1.28 and later); else says what the configuration says. */
async function identify(session: RestSession, { user }: KubeConnection, signal: AbortSignal): Promise<string> {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const reply = await session.send({ path, body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }, signal });
  if (reply.status === 403 || reply.status === 404) return user;
  expectSuccess(reply, `${session.address}${path}`);
  const { status } = jsonOf(reply, `${session.address}${path}`);
  const name = isJson(status) && isJson(status['userInfo']) ? status['userInfo']['username'] : null;
  return typeof name === 'string' && name !== '' ? name.replace(/\p{Cc}/gu, '').slice(0, 300) : user;
}
