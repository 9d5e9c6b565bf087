/**
 * Who reads a Kubernetes Secret, by the pods that name it. In: a connection and a Secret's name; out: sentences, for a plan. Called by kube-rotate.ts. Needs the right
 * to list pods; without it nobody is named. A pod that asks the API server by itself, and a service account that gives it to its pods, is not seen.
 */
import { StoreError } from '../core/stores.ts';
import type { RestSession } from './rest-session.ts';
import { isJson, type Json } from './store-http.ts';

/** A pod is 5 to 20 KB of JSON. */
const PAGE = '100';
/** Pods that are looked through, in pages. */
const MAX_POD_PAGES = 100;
/** Consumers that are named, the rest counted. */
const MAX_CONSUMERS = 50;

/** Returns a sentence for each workload, or null where pods may not be listed. Throws StoreError where the server fails. */
export async function consumersOf(
  session: RestSession,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  const uses = new Map<string, { readonly ways: Set<string>; pods: number }>();
  let from = '';
  for (let page = 0; page < MAX_POD_PAGES; page++) {
    const pods = await podsFrom(session, namespace, from, signal);
    if (!pods) return null;
    for (const pod of pods.items) {
      const ways = waysIn(pod, name);
      if (ways.length === 0) continue;
      const workload = workloadOf(pod);
      const known = uses.get(workload) ?? { ways: new Set<string>(), pods: 0 };
      for (const way of ways) known.ways.add(way);
      uses.set(workload, { ways: known.ways, pods: known.pods + 1 });
    }
    if (pods.next === '') return told(uses, []);
    from = pods.next;
  }
  return told(uses, [`more than ${MAX_POD_PAGES * Number(PAGE)} pods: not all were looked through`]);
}

function told(uses: ReadonlyMap<string, { readonly ways: ReadonlySet<string>; readonly pods: number }>, more: readonly string[]): string[] {
  const all = [...uses].map(([workload, { ways, pods }]) => `${workload} (pods: ${pods}): ${[...ways].sort().join(', ')}`).sort();
  const rest = all.length > MAX_CONSUMERS ? [`and ${all.length - MAX_CONSUMERS} more`] : [];
  return [...all.slice(0, MAX_CONSUMERS), ...rest, ...more];
}

async function podsFrom(
  session: RestSession,
  namespace: string,
  from: string,
  signal: AbortSignal,
): Promise<{ readonly items: readonly Json[]; readonly next: string } | null> {
  try {
    const query = { limit: PAGE, ...(from === '' ? {} : { continue: from }) };
    const { items, metadata } = await session.get({ path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`, query, signal });
    const next = isJson(metadata) ? metadata['continue'] : undefined;
    return { items: listOf(items), next: typeof next === 'string' ? next : '' };
  } catch (error) {
    // The plan goes without.
    if (error instanceof StoreError && ['denied', 'not-found', 'odd-reply'].includes(error.why)) return null;
    throw error;
  }
}

/** Returns how a pod gets at the Secret: `variable DB_PASSWORD`, `volume creds`, `pulls images`. */
function waysIn(pod: Json, name: string): string[] {
  const spec = isJson(pod['spec']) ? pod['spec'] : {};
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((kind) => listOf(spec[kind]));
  const isIt = (reference: unknown): boolean => isJson(reference) && reference['name'] === name;
  const variables = containers.flatMap((container) =>
    listOf(container['env']).flatMap((variable) =>
      isJson(variable['valueFrom']) && isIt(variable['valueFrom']['secretKeyRef']) ? [`variable ${plain(variable['name'])}`] : [],
    ),
  );
  const all = containers.some((container) => listOf(container['envFrom']).some(({ secretRef }) => isIt(secretRef))) ? ['variables'] : [];
  const volumes = listOf(spec['volumes']).flatMap((volume) => {
    const { secret, projected } = volume;
    const isProjected = isJson(projected) && listOf(projected['sources']).some((source) => isIt(source['secret']));
    return isProjected || (isJson(secret) && secret['secretName'] === name) ? [`volume ${plain(volume['name'])}`] : [];
  });
  return [...variables, ...all, ...volumes, ...(listOf(spec['imagePullSecrets']).some(isIt) ? ['pulls images'] : [])];
}

/** Returns what the pod belongs to: of a ReplicaSet of a Deployment, that. */
function workloadOf({ metadata }: Json): string {
  const about = isJson(metadata) ? metadata : {};
  const [owner] = listOf(about['ownerReferences']);
  if (!owner) return `Pod ${plain(about['name'])}`;
  const hash = isJson(about['labels']) ? about['labels']['pod-template-hash'] : undefined;
  const name = plain(owner['name']);
  return owner['kind'] === 'ReplicaSet' && typeof hash === 'string' && name.endsWith(`-${hash}`)
    ? `Deployment ${name.slice(0, -hash.length - 1)}`
    : `${plain(owner['kind'])} ${name}`;
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

function plain(name: unknown): string {
  return String(name ?? '')
    .replace(/\p{Cc}/gu, '')
    .slice(0, 100);
}
