/** Changing Kubernetes Secrets over the fake: the contract, whose Secrets are left alone, what can be replaced, who reads them. */
import { describe, expect, it } from 'vitest';
import { startFaultyProxy } from '../../fixtures/stores/faulty-proxy.ts';
import { KUBE_TOKEN, startKubernetes } from '../../fixtures/stores/kubernetes.ts';
import type { StoredPlace } from '../../src/core/rotation.ts';
import { kubernetes } from '../../src/stores/kubernetes.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import type { Asked } from '../net/loopback.ts';
import { describeRotator, doActions, NEW_VALUE, OLD_VALUE, rotationFailure, TestRun } from './rotator-contract.ts';
import { placeIn, valueIn } from './rotator-places.ts';
import { createContext } from './store-context.ts';

const signal = new AbortController().signal;
const REF = 'team/db';

const isChange = ({ method }: Asked): boolean => method === 'PATCH';
const refusals = {
  denied: { status: 403, body: '{"kind":"Status","status":"Failure","reason":"Forbidden","code":403}' },
  throttled: { status: 429, headers: { 'retry-after': '1' }, body: 'Too many requests, please try again later.\n' },
};

const configOf = (server: string): string =>
  JSON.stringify({
    'apiVersion': 'v1',
    'kind': 'Config',
    'current-context': 'dev',
    'contexts': [{ name: 'dev', context: { cluster: 'c1', user: 'u1', namespace: 'team' } }],
    'clusters': [{ name: 'c1', cluster: { server } }],
    'users': [{ name: 'u1', user: { token: KUBE_TOKEN } }],
  });

async function start(settings: StoreSettings = {}) {
  const fake = await startKubernetes();
  const proxy = await startFaultyProxy({ origin: fake.origin, isChange, ...refusals });
  const given = { kubeconfig: 'kube', context: 'dev', ...settings };
  const connect = () =>
    kubernetes.createRotator?.(given, createContext({ files: { '/work/here/kube': configOf(proxy.origin) } })) ?? fail();
  const store = kubernetes.create(given, createContext({ files: { '/work/here/kube': configOf(fake.origin) } }));
  return { fake, proxy, connect, store };
}

function fail(): never {
  throw new Error('it has no rotator');
}

type Extra = NonNullable<Parameters<Awaited<ReturnType<typeof startKubernetes>>['put']>[3]>;

describeRotator(
  'kubernetes (fake)',
  async () => {
    const { fake, proxy, connect, store } = await start();
    return {
      connect,
      proxy,
      async put(value) {
        fake.put(REF, { user: 'app', password: value });
        return placeIn(store, REF, 'password');
      },
      read: ({ ref, field }) => valueIn(store, ref, field),
      meddle: async (_, value) => fake.put(REF, { user: 'app', password: value }),
    };
  },
  { makesValue: false, actions: [['kubernetes:patch', true]], seesMoves: true, leaves: 'fresh', row: 'Kubernetes' },
);

describe('kubernetes: whose Secrets are left alone', () => {
  const owned = async (extra: Extra, type = 'Opaque', manager = 'kubectl-create') => {
    const { fake, connect, store } = await start();
    fake.put(REF, { password: OLD_VALUE }, 'Opaque');
    const place = await placeIn(store, REF, 'password');
    fake.put(REF, { password: OLD_VALUE }, type, extra, manager);
    // The connector lists no Secrets of the cluster's own.
    const next = String(Number(place.version) + 1);
    const now = { ...place, version: next, change: `${place.change.split(':')[0]}:${next}` };
    const error = await rotationFailure(connect().plan(now, signal));
    return [error.why, error.message];
  };
  const owner = (apiVersion: string, kind: string) => ({
    metadata: { ownerReferences: [{ apiVersion, kind, name: 'db', uid: 'u', controller: true }] },
  });
  const said = (who: string, where: string) => `team/db is written by ${who}, which would write the old value again: change it ${where}`;

  it.each([
    ['an ExternalSecret', owner('external-secrets.io/v1', 'ExternalSecret'), 'ExternalSecret db (external-secrets.io)', 'there'],
    ['a SealedSecret', owner('bitnami.com/v1alpha1', 'SealedSecret'), 'SealedSecret db (bitnami.com)', 'there'],
    ['any other owner', owner('postgresql.cnpg.io/v1', 'Cluster'), 'Cluster db (postgresql.cnpg.io)', 'there'],
    [
      'External Secrets that merges into it',
      { metadata: { labels: { 'reconcile.external-secrets.io/managed': 'true' } } },
      'External Secrets',
      'in the store that it reads',
    ],
    [
      'Sealed Secrets that took it over',
      { metadata: { annotations: { 'sealedsecrets.bitnami.com/managed': 'true' } } },
      'Sealed Secrets',
      'by sealing the new value anew',
    ],
    [
      'Helm',
      { metadata: { labels: { 'app.kubernetes.io/managed-by': 'Helm' }, annotations: { 'meta.helm.sh/release-name': 'shop' } } },
      'Helm (release shop)',
      'in the values of its release',
    ],
    [
      'Argo CD',
      { metadata: { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:/Secret:team/db' } } },
      'Argo CD',
      'where its manifest is kept',
    ],
    ['Flux', { metadata: { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } } }, 'Flux', 'where its manifest is kept'],
    [
      'the Vault Secrets Operator',
      { metadata: { labels: { 'secrets.hashicorp.com/vso-ownerRefUID': 'u' } } },
      'the Vault Secrets Operator',
      'in Vault',
    ],
    [
      'whoever the label names',
      { metadata: { labels: { 'app.kubernetes.io/managed-by': 'our-tool' } } },
      'our-tool, as its label app.kubernetes.io/managed-by says',
      'there',
    ],
  ] as const)('refuses what is written by %s', async (_, extra, who, where) => {
    expect(await owned(extra)).toEqual(['cannot', said(who, where)]);
  });

  it('knows a writer by the notes of the server, for the very key', async () => {
    expect(await owned({}, 'Opaque', 'argocd-controller')).toEqual(['cannot', said('Argo CD', 'where its manifest is kept')]);
    expect(await owned({}, 'Opaque', 'Terraform')).toEqual(['cannot', said('Terraform', 'where its manifest is kept')]);
  });

  it('refuses what the cluster makes, and what cannot be changed', async () => {
    expect(await owned({}, 'kubernetes.io/service-account-token')).toEqual([
      'cannot',
      said('the cluster', 'by making another token of the service account'),
    ]);
    expect(await owned({ immutable: true })).toEqual([
      'cannot',
      'team/db is immutable: make another Secret, and have its readers use that',
    ]);
  });

  it('goes on with what it began, whoever took it over since, so that it can be taken back', async () => {
    const { fake, connect, store } = await start();
    fake.put(REF, { password: OLD_VALUE });
    const place = await placeIn(store, REF, 'password');
    const run = new TestRun(OLD_VALUE, NEW_VALUE);
    await doActions(await connect().plan(place, signal), run.open());
    fake.put(REF, { password: NEW_VALUE }, 'Opaque', { metadata: { labels: { 'app.kubernetes.io/managed-by': 'Helm' } } });
    const [action] = (await connect().plan(place, signal, true)).actions;
    await action?.undo?.act(run.open());
    expect(await valueIn(store, REF, 'password')).toBe(OLD_VALUE);
  });
});

describe('kubernetes: rights, readers, and what is told', () => {
  it('refuses without the right to patch that Secret, with it for that one alone', async () => {
    const { fake, connect, store } = await start();
    fake.put(REF, { password: OLD_VALUE });
    const place = await placeIn(store, REF, 'password');
    fake.permitPatch('team/other');
    const error = await rotationFailure(connect().plan(place, signal));
    expect([error.why, error.message]).toEqual(['cannot', 'our user may not patch the Secret team/db']);
    fake.permitPatch(REF);
    await doActions(await connect().plan(place, signal), new TestRun(OLD_VALUE, NEW_VALUE).open());
    expect(await valueIn(store, REF, 'password')).toBe(NEW_VALUE);
  });

  it('stays within the namespaces of the settings', async () => {
    const { connect } = await start({ namespace: ['team'] });
    const place: StoredPlace = { store: 'kubernetes:dev/team', ref: 'other/db', field: 'password', version: '1', change: 'u:1' };
    expect((await rotationFailure(connect().plan(place, signal))).message).toContain('outside of the namespaces');
  });

  it('names who reads it, by the pods', async () => {
    const { fake, connect, store } = await start();
    fake.put(REF, { password: OLD_VALUE });
    const of = (kind: string, name: string) => ({ labels: { 'pod-template-hash': '7c9f8d' }, ownerReferences: [{ kind, name }] });
    const env = [{ name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }];
    const pods = [
      ...Array.from({ length: 120 }, () => ({ metadata: of('ReplicaSet', 'web-7c9f8d'), spec: { containers: [{ env }] } })),
      { metadata: of('Job', 'nightly'), spec: { containers: [{}], initContainers: [{ envFrom: [{ secretRef: { name: 'db' } }] }] } },
      {
        metadata: { name: 'alone' },
        spec: { containers: [], volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 'db' } }] } }] },
      },
      {
        metadata: { name: 'puller' },
        spec: { containers: [], imagePullSecrets: [{ name: 'db' }], volumes: [{ name: 's', secret: { secretName: 'db' } }] },
      },
      { metadata: { name: 'stranger' }, spec: { containers: [{ env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'db2' } } }] }] } },
    ];
    fake.run(pods);
    const place = await placeIn(store, REF, 'password');
    expect((await connect().plan(place, signal)).consumers).toEqual([
      'Deployment web (pods: 120): variable DB_PASSWORD',
      'Job nightly (pods: 1): variables',
      'Pod alone (pods: 1): volume v',
      'Pod puller (pods: 1): pulls images, volume s',
    ]);
    fake.run(null);
    const blind = await connect().plan(place, signal);
    expect([blind.consumers, blind.warnings.includes('who reads it is not known: pods may not be listed')]).toEqual([[], true]);
  });

  it('says that kubectl apply keeps the old value, and who wrote last', async () => {
    const { fake, connect, store } = await start();
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"password":"eA=="}}' };
    fake.put(REF, { password: OLD_VALUE }, 'Opaque', { metadata: { annotations } }, 'kubectl-client-side-apply');
    const { warnings } = await connect().plan(await placeIn(store, REF, 'password'), signal);
    expect(warnings.join('\n')).toContain('it was made by kubectl apply, which would write the old value again');
    expect(warnings).toContain('it was last written by kubectl-client-side-apply, 2026-01-01T00:16:41Z');
  });
});

describe('kubernetes: what can be replaced', () => {
  it('patches one key, with the resourceVersion, and the other fields that are asked for', async () => {
    const { fake, proxy, connect, store } = await start();
    fake.put(REF, { username: 'app_a', password: OLD_VALUE, port: '5432' });
    const place = await placeIn(store, REF, 'password');
    const rotator = connect();
    const part = await rotator.plan(place, signal, false, { username: 'app_b', host: 'h' });
    expect(part.alsoWrites).toEqual(['username']);
    const run = new TestRun(OLD_VALUE, NEW_VALUE);
    await doActions(part, run.open());
    const [sent] = proxy.asked.filter(isChange);
    expect([sent?.path, JSON.parse(sent?.body ?? '')]).toEqual([
      '/api/v1/namespaces/team/secrets/db?fieldManager=leakwarden',
      {
        metadata: { resourceVersion: place.version },
        data: { username: Buffer.from('app_b').toString('base64'), password: Buffer.from(NEW_VALUE).toString('base64') },
      },
    ]);
    const resumed = await connect().plan(place, signal, true, { username: 'app_b', host: 'h' });
    await resumed.actions[0]?.undo?.act(run.open());
    expect([await valueIn(store, REF, 'username'), await valueIn(store, REF, 'password'), await valueIn(store, REF, 'port')]).toEqual([
      'app_a',
      OLD_VALUE,
      '5432',
    ]);
  });

  it('replaces the password of a registry login in all its forms, and leaves the others', async () => {
    const auth = (password: string) => Buffer.from(`ann:${password}`).toString('base64');
    const kept = { auth: auth('of-another') };
    for (const login of [{ username: 'ann', password: OLD_VALUE, auth: auth(OLD_VALUE) }, { auth: auth(OLD_VALUE) }]) {
      const { fake, connect, store } = await start();
      const config = JSON.stringify({ auths: { 'r1.example': login, 'r2.example': kept }, credHelpers: { x: 'y' } });
      fake.put('team/pull', { '.dockerconfigjson': config }, 'kubernetes.io/dockerconfigjson');
      const place = await placeIn(store, 'team/pull', 'auths/r1.example/password');
      const run = new TestRun(OLD_VALUE, NEW_VALUE);
      const part = await connect().plan(place, signal);
      await doActions(part, run.open());
      expect(await valueIn(store, 'team/pull', 'auths/r1.example/password')).toBe(NEW_VALUE);
      expect(await valueIn(store, 'team/pull', 'auths/r1.example/auth')).toBe(auth(NEW_VALUE));
      expect(await valueIn(store, 'team/pull', 'auths/r2.example/auth')).toBe(kept.auth);
      await part.actions[0]?.undo?.act(run.open());
      expect(await valueIn(store, 'team/pull', 'auths/r1.example/auth')).toBe(auth(OLD_VALUE));
    }
  });

  it('refuses what is no text, or not to be changed by itself', async () => {
    const { fake, connect, store } = await start();
    fake.put(REF, { 'password': OLD_VALUE, 'key.bin': Buffer.from([0xfe, 0xed]) });
    fake.put('team/tls', { 'tls.crt': 'c', 'tls.key': 'k' }, 'kubernetes.io/tls');
    fake.put('team/pull', { '.dockerconfigjson': '{"auths":{"r":{"auth":"YTpi"}}}' }, 'kubernetes.io/dockerconfigjson');
    const why = async (ref: string, field: string) => (await rotationFailure(connect().plan(await placeIn(store, ref, field), signal))).why;
    expect(await why(REF, 'key.bin')).toBe('cannot');
    expect(await why(REF, 'gone')).toBe('moved');
    expect(await why(REF, '__proto__')).toBe('moved');
    expect(await why('team/tls', 'tls.key')).toBe('cannot');
    expect(await why('team/pull', 'auths/r/auth')).toBe('cannot');
    expect(await why('team/pull', 'auths/elsewhere/password')).toBe('moved');
  });

  it('tells an admission that says no from a failure', async () => {
    const { fake, connect, store } = await start();
    fake.put(REF, { password: OLD_VALUE });
    const place = await placeIn(store, REF, 'password');
    const [action] = (await connect().plan(place, signal)).actions;
    fake.freeze(REF);
    const error = await rotationFailure(action?.act(new TestRun(OLD_VALUE, NEW_VALUE).open()) ?? Promise.resolve());
    expect([error.why, error.mayHaveHappened]).toEqual(['refused', false]);
  });
});
