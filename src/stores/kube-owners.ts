/**
 * Who writes a Kubernetes Secret: an operator, a chart, a manifest in git. What they write again is lost when it is changed here, so it is to be changed there.
 * In: the object; out: the owner's name, or what is known of the last writer. Called by kube-rotate.ts. No I/O.
 */
import { isJson, type Json } from './store-http.ts';

/** `who`: as a sentence goes on: `is written by …`. `where`: where to change the value instead. */
export type KubeOwner = { readonly who: string; readonly where: string };

type Mark = {
  /** A label or an annotation; one that ends with a slash is the beginning of some. */
  readonly name: string;
  readonly who: string;
  readonly where: string;
};

const COPIED = 'at the Secret that it is copied from';
const IN_GIT = 'where its manifest is kept';

/** What the operators put on the Secrets that they write, whether or not they own them too (creationPolicy Merge and its like). */
const MARKS: readonly Mark[] = [
  { name: 'reconcile.external-secrets.io/', who: 'External Secrets', where: 'in the store that it reads' },
  { name: 'sealedsecrets.bitnami.com/managed', who: 'Sealed Secrets', where: 'by sealing the new value anew' },
  { name: 'secrets.hashicorp.com/', who: 'the Vault Secrets Operator', where: 'in Vault' },
  { name: 'secrets-store.csi.k8s.io/managed', who: 'the Secrets Store CSI driver', where: 'in the store that it reads' },
  { name: 'secrets.doppler.com/', who: 'the Doppler operator', where: 'in Doppler' },
  { name: 'secrets.infisical.com/', who: 'the Infisical operator', where: 'in Infisical' },
  { name: 'operator.1password.io/', who: 'the 1Password operator', where: 'in 1Password' },
  { name: 'cert-manager.io/certificate-name', who: 'cert-manager', where: 'by renewing the certificate' },
  { name: 'reflector.v1.k8s.emberstack.com/reflects', who: 'Reflector', where: COPIED },
  { name: 'replicator.v1.mittwald.de/replicated-from-version', who: 'Kubernetes Replicator', where: COPIED },
  { name: 'replicator.v1.mittwald.de/replicate-from', who: 'Kubernetes Replicator', where: COPIED },
  { name: 'kubed.appscode.com/origin', who: 'Config Syncer', where: COPIED },
  { name: 'meta.helm.sh/release-name', who: 'Helm', where: 'in the values of its release' },
  { name: 'argocd.argoproj.io/tracking-id', who: 'Argo CD', where: IN_GIT },
  { name: 'kustomize.toolkit.fluxcd.io/', who: 'Flux', where: IN_GIT },
  { name: 'helm.toolkit.fluxcd.io/', who: 'Flux', where: IN_GIT },
  { name: 'objectset.rio.cattle.io/', who: 'Rancher', where: IN_GIT },
];

/** By the names under which they write: whoever wrote a field last owns it (managedFields). */
const WRITERS: readonly (readonly [beginning: string, who: string, where: string])[] = [
  ['external-secrets', 'External Secrets', 'in the store that it reads'],
  ['argocd-', 'Argo CD', IN_GIT],
  ['kustomize-controller', 'Flux', IN_GIT],
  ['helm-controller', 'Flux', IN_GIT],
  ['helm', 'Helm', 'in the values of its release'],
  ['Terraform', 'Terraform', IN_GIT],
  ['pulumi', 'Pulumi', IN_GIT],
];

/** What says who manages an object (kubernetes.io, recommended labels). */
const MANAGED_BY = 'app.kubernetes.io/managed-by';
/** Written by the cluster itself. */
const OF_CLUSTER: Readonly<Record<string, KubeOwner>> = {
  'kubernetes.io/service-account-token': { who: 'the cluster', where: 'by making another token of the service account' },
  'helm.sh/release.v1': { who: 'Helm', where: 'by another release' },
};

/** Returns who would write the key of this Secret again; null where nobody is known to. */
export function ownerOf(secret: Json, key: string): KubeOwner | null {
  const metadata = isJson(secret['metadata']) ? secret['metadata'] : {};
  const type = typeof secret['type'] === 'string' ? secret['type'] : '';
  return (
    (Object.hasOwn(OF_CLUSTER, type) ? OF_CLUSTER[type] : null) ??
    ownerObject(metadata) ??
    marked(metadata) ??
    writer(metadata, key) ??
    managedBy(metadata)
  );
}

/** Returns who wrote the key last, and when; null where the server keeps no notes. */
export function lastWriterOf(secret: Json, key: string): string | null {
  const found = isJson(secret['metadata']) ? notesOn(secret['metadata'], key).at(-1) : undefined;
  return found ? `${plain(found.manager)}, ${plain(found.time)}` : null;
}

function ownerObject({ ownerReferences }: Json): KubeOwner | null {
  const [found] = Array.isArray(ownerReferences) ? ownerReferences.filter(isJson) : [];
  if (!found) return null;
  const group = String(found['apiVersion'] ?? '').split('/')[0] ?? '';
  return { who: `${plain(found['kind'])} ${plain(found['name'])} (${plain(group)})`, where: 'there' };
}

function marked(metadata: Json): KubeOwner | null {
  const [labels, annotations] = [metadata['labels'], metadata['annotations']].map((one) => (isJson(one) ? one : {}));
  const given = { ...labels, ...annotations };
  for (const { name, who, where } of MARKS) {
    const found = Object.keys(given).find((key) => (name.endsWith('/') ? key.startsWith(name) : key === name));
    if (found === undefined) continue;
    const release = name === 'meta.helm.sh/release-name' ? ` (release ${plain(given[found])})` : '';
    return { who: `${who}${release}`, where };
  }
  return null;
}

function writer(metadata: Json, key: string): KubeOwner | null {
  const manager = notesOn(metadata, key).at(-1)?.manager;
  const [, who, where] = WRITERS.find(([beginning]) => typeof manager === 'string' && manager.startsWith(beginning)) ?? [];
  return who === undefined || where === undefined ? null : { who, where };
}

function managedBy({ labels }: Json): KubeOwner | null {
  const name = isJson(labels) ? labels[MANAGED_BY] : undefined;
  return typeof name === 'string' && name !== '' ? { who: `${plain(name)}, as its label ${MANAGED_BY} says`, where: 'there' } : null;
}

type Note = { readonly manager: unknown; readonly time: string };

/** Returns the server's notes of who wrote this key, the last one last. */
function notesOn({ managedFields }: Json, key: string): readonly Note[] {
  return (Array.isArray(managedFields) ? managedFields.filter(isJson) : [])
    .flatMap(({ manager, time, fieldsV1 }) => {
      const data = isJson(fieldsV1) ? fieldsV1['f:data'] : undefined;
      return isJson(data) && Object.hasOwn(data, `f:${key}`) ? [{ manager, time: typeof time === 'string' ? time : '' }] : [];
    })
    .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

/** Names of the cluster's, fit for print. */
function plain(name: unknown): string {
  return String(name ?? '')
    .replace(/\p{Cc}/gu, '')
    .slice(0, 100);
}
