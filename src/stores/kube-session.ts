/**
 * One connection to a cluster, as the settings of a store of kind kubernetes name it. In: settings and the outside world; out: what the store is called, and requests
 * with the credential of the kubeconfig or the pod. Called by kubernetes.ts and kube-rotate.ts.
 */
import { StoreError } from '../core/stores.ts';
import { type KubeConnection, readKubeConnection } from './kube-config.ts';
import { type Authorisation, RestSession } from './rest-session.ts';
import { type StoreContext, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';

export type KubeSession = { readonly session: RestSession; readonly connection: KubeConnection; readonly namespaces: readonly string[] };

/** As a namespace of the settings: all of them. */
export const EVERYWHERE = '*';
/** A token's file is read again once it is so old, as client-go does: the kubelet replaces it. */
const TOKEN_MS = 60_000;

/** Returns SecretStore.id. Throws StoreError misconfigured. */
export function kubeStoreId(settings: StoreSettings, context: StoreContext): string {
  for (const namespace of settingsOf(settings, 'namespace'))
    if (namespace !== EVERYWHERE && !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace))
      throw new StoreError('misconfigured', `store of kind kubernetes: ${JSON.stringify(namespace)} is no namespace`);
  return `kubernetes:${[nameOf(settings, context), ...settingsOf(settings, 'namespace')].join('/')}`;
}

/** Connects when it is first needed, and again after that failed. */
export class LazyKubeSession {
  readonly #settings: StoreSettings;
  readonly #context: StoreContext;
  #opened: Promise<KubeSession> | null = null;

  constructor(settings: StoreSettings, context: StoreContext) {
    this.#settings = settings;
    this.#context = context;
  }

  /** Throws StoreError. */
  open(): Promise<KubeSession> {
    this.#opened ??= openKubeSession(this.#settings, this.#context).catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => null);
    this.#opened = null;
    await opened?.session.close();
  }
}

/** Reads how to connect; asks nobody yet. Throws StoreError. */
async function openKubeSession(settings: StoreSettings, context: StoreContext): Promise<KubeSession> {
  const connection = await readKubeConnection(settings, context);
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
  const given = settingsOf(settings, 'namespace');
  return { session, connection, namespaces: given.length > 0 ? [...new Set(given)] : [connection.namespace] };
}

/** Returns the cluster's name by the settings, or the address of the one that this pod is in. Without either, another current-context would be taken for the same store. */
function nameOf(settings: StoreSettings, { env }: StoreContext): string {
  const name = settingOf(settings, 'name') ?? settingOf(settings, 'context');
  if (name) return name;
  if (!settingOf(settings, 'kubeconfig') && !env['KUBECONFIG'] && env['KUBERNETES_SERVICE_HOST'])
    return `https://${env['KUBERNETES_SERVICE_HOST']}:${env['KUBERNETES_SERVICE_PORT'] ?? '443'}`;
  throw new StoreError('misconfigured', 'store of kind kubernetes: context is missing (or name, for whatever context is the current one)');
}
