/**
 * How to reach a Kubernetes API server: from kubeconfig files, or from what a pod finds in itself. In: settings and the outside world; out: address, TLS, token, namespace.
 * Called by kubernetes.ts. The format: kubernetes.io/docs/reference/config-api/kubeconfig.v1; several files are merged as kubectl does, the first to name a thing wins.
 */
import { delimiter, dirname, join, resolve } from 'node:path';
import { StoreError } from '../core/stores.ts';
import type { HttpClientOptions } from '../net/http-client.ts';
import { isJson, type Json } from './store-http.ts';
import { type StoreContext, type StoreSettings, settingOf } from './store-kind.ts';

export type KubeConnection = {
  readonly address: string;
  readonly tls: NonNullable<HttpClientOptions['tls']>;
  /** Returns the bearer token as it is now; null where a client certificate lets us in. */
  readonly token: (() => Promise<string>) | null;
  readonly namespace: string;
  /** Who the configuration says we are, fit for print. */
  readonly user: string;
};

const POD_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What a user of a kubeconfig may log in by that we do not do, and what to do instead. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  'exec': 'starts a program to log in, which is not done here; use the token of a service account',
  'auth-provider': 'logs in by an auth-provider, which Kubernetes has taken out; use the token of a service account',
  'username': 'logs in by a password, which Kubernetes has taken out; use the token of a service account',
  'as': 'impersonates another user; log in as that user',
};

/** Reads how to connect. `kubeconfig` in the settings goes first, then KUBECONFIG, then the pod that we run in, then ~/.kube/config. Throws StoreError misconfigured. */
export async function readKubeConnection(settings: StoreSettings, context: StoreContext): Promise<KubeConnection> {
  const { env } = context;
  const given = settingOf(settings, 'kubeconfig');
  const files = given ? [given] : (env['KUBECONFIG'] ?? '').split(delimiter).filter(Boolean);
  if (files.length > 0) return fromFiles(files, settings, context);
  if (env['KUBERNETES_SERVICE_HOST']) return fromPod(env['KUBERNETES_SERVICE_HOST'], context);
  if (env['HOME']) return fromFiles([join(env['HOME'], '.kube', 'config')], settings, context);
  throw new StoreError('misconfigured', 'store of kind kubernetes: kubeconfig is missing, KUBECONFIG is not set, and this is no pod');
}

async function fromPod(host: string, { env, readFile }: StoreContext): Promise<KubeConnection> {
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  return {
    address: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    tls: { ca: await readFile(`${POD_FOLDER}/ca.crt`) },
    // The kubelet writes a new one before this one ends.
    token: async () => (await readFile(`${POD_FOLDER}/token`)).trim(),
    namespace: (await readFile(`${POD_FOLDER}/namespace`)).trim(),
    user: 'the service account of this pod',
  };
}

async function fromFiles(files: readonly string[], settings: StoreSettings, context: StoreContext): Promise<KubeConnection> {
  const configs: Json[] = [];
  for (const file of files) {
    const config = await readConfig(resolve(context.folder, file), context, files.length > 1);
    if (config) configs.push(config);
  }
  const name =
    settingOf(settings, 'context') ?? configs.map((config) => config['current-context']).find((one) => typeof one === 'string' && one);
  if (typeof name !== 'string')
    throw new StoreError('misconfigured', 'the kubeconfig has no current-context; name one by the setting context');
  const chosen = named(configs, 'contexts', 'context', name);
  const cluster = named(configs, 'clusters', 'cluster', text(chosen, 'cluster') ?? '');
  const userName = text(chosen, 'user') ?? '';
  const user = named(configs, 'users', 'user', userName);
  return {
    address: addressIn(cluster),
    tls: await tlsOf(cluster, user, context),
    token: tokenOf(user, userName, context),
    namespace: text(chosen, 'namespace') ?? 'default',
    user: `user ${userName} of the kubeconfig`,
  };
}

/** Returns a file's content, its relative paths made absolute; null where one of several files cannot be read. */
async function readConfig(file: string, { readFile }: StoreContext, isOneOfSeveral: boolean): Promise<Json | null> {
  let source: string;
  try {
    source = await readFile(file);
  } catch (error) {
    if (isOneOfSeveral && error instanceof StoreError && error.why === 'misconfigured') return null;
    throw error;
  }
  const { parseDocument } = await import('yaml');
  // The parser's own words quote the file, which holds keys.
  const document = parseDocument(source, { prettyErrors: false, logLevel: 'silent' });
  if (document.errors.length > 0) throw new StoreError('misconfigured', `${file} is no YAML`);
  const config: unknown = document.toJS({ maxAliasCount: 100 });
  if (!isJson(config)) throw new StoreError('misconfigured', `${file} is no kubeconfig`);
  return { ...config, users: withPaths(config['users'], 'user', file), clusters: withPaths(config['clusters'], 'cluster', file) };
}

const PATHS = ['client-certificate', 'client-key', 'tokenFile', 'certificate-authority'];

function withPaths(entries: unknown, kind: string, file: string): unknown {
  if (!Array.isArray(entries)) return [];
  return entries.filter(isJson).map((entry) => {
    const inner = entry[kind];
    if (!isJson(inner)) return entry;
    const paths = PATHS.flatMap((key) => (text(inner, key) ? [[key, resolve(dirname(file), text(inner, key) ?? '')] as const] : []));
    return { ...entry, [kind]: { ...inner, ...Object.fromEntries(paths) } };
  });
}

function named(configs: readonly Json[], list: string, kind: string, name: string): Json {
  for (const config of configs) {
    const entries = config[list];
    const found = Array.isArray(entries) ? entries.filter(isJson).find((entry) => entry['name'] === name) : undefined;
    if (isJson(found?.[kind])) return found[kind];
  }
  throw new StoreError('misconfigured', `the kubeconfig has no ${kind} ${JSON.stringify(name)}`);
}

function addressIn(cluster: Json): string {
  const server = text(cluster, 'server') ?? '';
  if (text(cluster, 'proxy-url')) throw new StoreError('misconfigured', 'proxy-url of the kubeconfig is not used; set HTTPS_PROXY');
  if (text(cluster, 'tls-server-name'))
    throw new StoreError('misconfigured', 'tls-server-name of the kubeconfig is not used; name the server by its certificate');
  const url = URL.canParse(server) ? new URL(server) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '')
    throw new StoreError('misconfigured', 'the server of the kubeconfig is no address like https://cluster.example:6443');
  return `${url.origin}${url.pathname.replace(/\/{1,9}$/, '')}`;
}

async function tlsOf(cluster: Json, user: Json, { readFile }: StoreContext): Promise<KubeConnection['tls']> {
  const pem = async (from: Json, key: string): Promise<string | undefined> => {
    const inline = text(from, `${key}-data`);
    if (inline) return Buffer.from(inline, 'base64').toString('utf8');
    const file = text(from, key);
    return file ? readFile(file) : undefined;
  };
  const ca = await pem(cluster, 'certificate-authority');
  const cert = await pem(user, 'client-certificate');
  const key = await pem(user, 'client-key');
  if ((cert === undefined) !== (key === undefined))
    throw new StoreError('misconfigured', 'the user of the kubeconfig has only one of client-certificate and client-key');
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(cluster['insecure-skip-tls-verify'] === true ? { isVerified: false } : {}),
  };
}

function tokenOf(user: Json, name: string, { readFile }: StoreContext): KubeConnection['token'] {
  // As kubectl: the file goes before the token that stands there.
  const file = text(user, 'tokenFile');
  if (file) return async () => (await readFile(file)).trim();
  const token = text(user, 'token');
  if (token) return async () => token;
  if (text(user, 'client-certificate') || text(user, 'client-certificate-data')) return null;
  for (const [key, why] of Object.entries(UNSUPPORTED))
    if (user[key] !== undefined) throw new StoreError('misconfigured', `user ${JSON.stringify(name)} of the kubeconfig ${why}`);
  throw new StoreError('misconfigured', `user ${JSON.stringify(name)} of the kubeconfig has no certificate and no token`);
}

function text(from: Json, key: string): string | undefined {
  const value = from[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
