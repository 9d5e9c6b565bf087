/**
 * Kubernetes Secrets as a store. In: settings (kubeconfig, context, namespaces); out: SecretStore. Called through the registry. What is done where:
 * kube-config.ts (how to connect), kube-values.ts (what is in an object), kube-rights.ts. The API: kubernetes.io/docs/reference/kubernetes-api.
 * There is one version, the current one: Kubernetes keeps none that was before.
 */
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import { type KubeConnection, readKubeConnection } from './kube-config.ts';
import { rulesReview, tooMuchIn } from './kube-rights.ts';
import { fieldsOf, SKIPPED_TYPES } from './kube-values.ts';
import { allPages, type Page } from './paging.ts';
import { type Authorisation, RestSession } from './rest-session.ts';
import { expectSuccess, isJson, type Json, jsonOf } from './store-http.ts';
import { type StoreContext, type StoreKind, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';
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
};

/** What kubectl asks for as well. */
const PAGE = '500';
/** Names and times without values (Kubernetes 1.15 and later). */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const EVERYWHERE = '*';
/** A token's file is read again once it is so old, as client-go does: the kubelet replaces it. */
const TOKEN_MS = 60_000;

type Opened = { readonly session: RestSession; readonly connection: KubeConnection; readonly namespaces: readonly string[] };

class KubernetesStore implements SecretStore {
  readonly kind = 'kubernetes';
  readonly id: string;
  readonly #settings: StoreSettings;
  readonly #context: StoreContext;
  #opened: Promise<Opened> | null = null;

  constructor(settings: StoreSettings, context: StoreContext) {
    this.#settings = settings;
    this.#context = context;
    this.id = `kubernetes:${[nameOf(settings, context), ...settingsOf(settings, 'namespace')].join('/')}`;
    for (const namespace of settingsOf(settings, 'namespace'))
      if (namespace !== EVERYWHERE && !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace))
        throw new StoreError('misconfigured', `store of kind kubernetes: ${JSON.stringify(namespace)} is no namespace`);
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    const { session, connection, namespaces } = await this.#open();
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
    const { session, namespaces } = await this.#open();
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
    const { session } = await this.#open();
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

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => null);
    this.#opened = null;
    await opened?.session.close();
  }

  #open(): Promise<Opened> {
    this.#opened ??= this.#connect().catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  async #connect(): Promise<Opened> {
    const context = this.#context;
    const connection = await readKubeConnection(this.#settings, context);
    const { address, tls, token } = connection;
    const session = new RestSession({
      address,
      connect: async () => context.createClient({ origins: [new URL(address).origin], tls }),
      logIn: async (): Promise<Authorisation> => ({
        headers: token ? { authorization: `Bearer ${await token()}` } : {},
        endsAt: token ? context.now().getTime() + TOKEN_MS : null,
      }),
      now: context.now,
    });
    const given = settingsOf(this.#settings, 'namespace');
    return { session, connection, namespaces: given.length > 0 ? [...new Set(given)] : [connection.namespace] };
  }
}

/** Returns the cluster's name by the settings, or the address of the one that this pod is in. Without either, another current-context would be taken for the same store. */
function nameOf(settings: StoreSettings, { env }: StoreContext): string {
  const name = settingOf(settings, 'name') ?? settingOf(settings, 'context');
  if (name) return name;
  if (!settingOf(settings, 'kubeconfig') && !env['KUBECONFIG'] && env['KUBERNETES_SERVICE_HOST'])
    return `https://${env['KUBERNETES_SERVICE_HOST']}:${env['KUBERNETES_SERVICE_PORT'] ?? '443'}`;
  throw new StoreError('misconfigured', 'store of kind kubernetes: context is missing (or name, for whatever context is the current one)');
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
