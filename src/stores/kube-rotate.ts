/**
 * Changes one field of a Kubernetes Secret, by a patch that the server refuses when the Secret was changed in between (resourceVersion). In: a place; out: what would
 * be done. Called through the registry. What an operator, a chart or a manifest writes is not changed here, and is said whose it is (kube-owners.ts): they would write
 * the old value again. The API: kubernetes.io/docs/reference/using-api/api-concepts.
 */
import type { FieldTexts, StoredPlace, StorePart, StoreRotator } from '../core/rotation.ts';
import { reveal, Secret } from '../core/secret.ts';
import { StoreError } from '../core/stores.ts';
import { consumersOf } from './kube-consumers.ts';
import { entryOf, isTextEntry } from './kube-entry.ts';
import { lastWriterOf, ownerOf } from './kube-owners.ts';
import { EVERYWHERE, kubeStoreId, LazyKubeSession } from './kube-session.ts';
import type { RestSession } from './rest-session.ts';
import { cannot, changing, judging, moved, reading, refused } from './rotation-failures.ts';
import { expectSuccess, isJson, type Json, jsonOf } from './store-http.ts';
import type { StoreContext, StoreSettings } from './store-kind.ts';
import { swapAction } from './value-swap.ts';

/** Where `kubectl apply` keeps all that it applied, values too. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

type KubePlace = { readonly session: RestSession; readonly namespace: string; readonly name: string; readonly place: StoredPlace };

export class KubernetesRotator implements StoreRotator {
  readonly id: string;
  readonly #session: LazyKubeSession;

  constructor(settings: StoreSettings, context: StoreContext) {
    this.id = kubeStoreId(settings, context);
    this.#session = new LazyKubeSession(settings, context);
  }

  async plan(place: StoredPlace, signal: AbortSignal, isBegun = false, fields: FieldTexts = {}): Promise<StorePart> {
    const { session, namespaces } = await reading(this.#session.open());
    const [, namespace = '', name = ''] = /^([^/]+)\/([^/]+)$/.exec(place.ref) ?? [];
    if (name === '') throw moved(`${JSON.stringify(place.ref)} is no namespace and name of a Secret`);
    if (!namespaces.includes(EVERYWHERE) && !namespaces.includes(namespace))
      throw cannot(`${place.ref} is outside of the namespaces that the settings of this store name`);
    const at = { session, namespace, name, place };
    const secret = await secretAt(at, signal);
    const { key } = entryOf(secret, place.field, place.ref);
    if (!isBegun) await refuse(at, secret, key, signal);
    return partOf(at, secret, key, fields, await reading(consumersOf(session, namespace, name, signal)));
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

/** Throws what speaks against a beginning. */
async function refuse(at: KubePlace, secret: Json, key: string, signal: AbortSignal): Promise<void> {
  const { ref, version, change } = at.place;
  const { uid, resourceVersion } = metadataOf(secret);
  if (resourceVersion !== version || `${typeof uid === 'string' ? uid : ''}:${resourceVersion}` !== change)
    throw moved(`${ref} was changed since resourceVersion ${version}`);
  const owner = ownerOf(secret, key);
  if (owner) throw cannot(`${ref} is written by ${owner.who}, which would write the old value again: change it ${owner.where}`);
  if (secret['immutable'] === true) throw cannot(`${ref} is immutable: make another Secret, and have its readers use that`);
  if ((await mayPatch(at, signal)) === false) throw cannot(`our user may not patch the Secret ${ref}`);
}

function partOf(at: KubePlace, secret: Json, key: string, fields: FieldTexts, consumers: readonly string[] | null): StorePart {
  const { ref, field, version } = at.place;
  const others = Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key && isTextEntry(secret, name)));
  const writer = lastWriterOf(secret, key);
  const annotations = metadataOf(secret)['annotations'];
  const isApplied = isJson(annotations) && Object.hasOwn(annotations, LAST_APPLIED);
  return {
    makesValue: false,
    actions: [
      swapAction({
        id: 'kubernetes:patch',
        does: `patches Secret ${ref} with another ${field} (resourceVersion ${version})`,
        undoes: `patches Secret ${ref} back to the old ${field}`,
        effects: [
          `whoever reads ${ref} from now on gets the new value; its other fields stay`,
          'pods that have it as a file get the new one within minutes; pods that have it as a variable, or under a subPath, keep the old one until they are started anew, which is not done here',
        ],
        what: `the ${field} of ${ref}`,
        others,
        read: (signal) => readEntry(at, others, signal),
        write: ({ value, others: texts }, seen, signal) => patch(at, value, texts, seen, signal),
        isPlanned: (seen) => metadataOf(seen)['resourceVersion'] === version,
      }),
    ],
    alsoWrites: Object.keys(others),
    consumers: consumers ?? [],
    warnings: [
      'Kubernetes keeps no versions: the old value is gone from the cluster once the new one is written, and is written back from the journal if need be',
      ...(consumers === null ? ['who reads it is not known: pods may not be listed'] : []),
      ...(writer === null ? [] : [`it was last written by ${writer}`]),
      ...(isApplied
        ? [
            `it was made by kubectl apply, which would write the old value again: change its manifest too; the annotation ${LAST_APPLIED} holds the old value until then`,
          ]
        : []),
    ],
  };
}

async function readEntry(at: KubePlace, others: FieldTexts, signal: AbortSignal) {
  const secret = await secretAt(at, signal);
  const texts = Object.keys(others).map((name) => [name, entryOf(secret, name, at.place.ref).text] as const);
  return {
    value: new Secret(entryOf(secret, at.place.field, at.place.ref).text, 'kubernetes'),
    others: Object.fromEntries(texts),
    seen: secret,
  };
}

async function patch(
  at: KubePlace,
  value: Secret,
  others: Readonly<Record<string, string>>,
  seen: Json,
  signal: AbortSignal,
): Promise<void> {
  const { session, place } = at;
  const { key, encode } = entryOf(seen, place.field, place.ref);
  const more = Object.entries(others).map(([name, text]) => [name, entryOf(seen, name, place.ref).encode(text)] as const);
  const { resourceVersion } = metadataOf(seen);
  const what = `PATCH ${session.address}${pathOf(at)}`;
  const request = session.send({
    path: pathOf(at),
    method: 'PATCH',
    query: { fieldManager: 'leakwarden' },
    headers: { 'content-type': 'application/merge-patch+json' },
    body: { metadata: { resourceVersion }, data: { ...Object.fromEntries(more), [key]: encode(reveal(value, 'store')) } },
    isChange: true,
    signal,
  });
  await changing(
    request.then((reply) => {
      if (reply.status === 409) throw refused(`${place.ref} was changed by somebody else since resourceVersion ${String(resourceVersion)}`);
      if (reply.status === 422 || reply.status === 400)
        throw refused(`the cluster does not take the change of ${place.ref} (${reply.status})`);
      if (reply.status === 404) throw moved(`${place.ref} is not there`);
      expectSuccess(reply, what);
      if (metadataOf(jsonOf(reply, what))['name'] !== at.name) throw new StoreError('odd-reply', `${what} answered without the Secret`);
    }),
  );
}

async function secretAt(at: KubePlace, signal: AbortSignal): Promise<Json> {
  const { session, place } = at;
  const reply = await reading(session.send({ path: pathOf(at), signal }));
  if (reply.status === 404) throw moved(`${place.ref} is not there`);
  const what = `${session.address}${pathOf(at)}`;
  return judging(() => {
    expectSuccess(reply, what);
    return jsonOf(reply, what);
  });
}

/** Asks for the one right on the one Secret, which every user may ask; null where the server does not say. */
async function mayPatch({ session, namespace, name }: KubePlace, signal: AbortSignal): Promise<boolean | null> {
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { namespace, name, verb: 'patch', resource: 'secrets', group: '' } },
  };
  const reply = await reading(session.send({ path, body, signal }));
  if (reply.status !== 201 && reply.status !== 200) return null;
  const { status } = judging(() => jsonOf(reply, `${session.address}${path}`));
  return isJson(status) && typeof status['allowed'] === 'boolean' ? status['allowed'] : null;
}

function pathOf({ namespace, name }: KubePlace): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
}

function metadataOf(secret: Json): Json {
  return isJson(secret['metadata']) ? secret['metadata'] : {};
}
