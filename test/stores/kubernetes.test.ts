/** Kubernetes Secrets: the contract over the fake, and what is special: ways to connect, types taken apart, namespaces, rights. */
import { delimiter } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KUBE_TOKEN, startKubernetes } from '../../fixtures/stores/kubernetes.ts';
import { reveal } from '../../src/core/secret.ts';
import { type StoredSecret, StoreError } from '../../src/core/stores.ts';
import { kubernetes } from '../../src/stores/kubernetes.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import { describeStore } from './contract.ts';
import { createContext } from './store-context.ts';

const signal = new AbortController().signal;

const configOf = (server: string, user: object = { token: KUBE_TOKEN }, cluster: object = {}): string =>
  JSON.stringify({
    'apiVersion': 'v1',
    'kind': 'Config',
    'current-context': 'dev',
    'contexts': [{ name: 'dev', context: { cluster: 'c1', user: 'u1', namespace: 'team' } }],
    'clusters': [{ name: 'c1', cluster: { server, ...cluster } }],
    'users': [{ name: 'u1', user }],
  });

async function start(settings: StoreSettings = {}) {
  const fake = await startKubernetes();
  const context = createContext({ files: { '/work/here/kube': configOf(fake.origin) } });
  const store = kubernetes.create({ kubeconfig: 'kube', context: 'dev', ...settings }, context);
  return { fake, store, context };
}

describeStore(
  'kubernetes, fake',
  async () => {
    const { fake, store } = await start();
    return { store, put: async (ref, fields) => fake.put(ref, fields), play: fake.play };
  },
  {
    refs: ['team/db', 'team/mail', 'team/queue'],
    hasFields: true,
    oldVersions: 'none',
    manyRefs: (n) => `team/s-${n}`,
    manyCount: 250,
    faults: ['denied', 'denied-one', 'throttled-once', 'throttled', 'unavailable', 'odd-reply', 'paging-loop'],
  },
);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const one of items) out.push(one);
  return out;
}

async function fieldsRead(fake: Awaited<ReturnType<typeof startKubernetes>>, store: ReturnType<typeof kubernetes.create>) {
  const found = (await all(store.secrets(signal))) as StoredSecret[];
  const values = (await Promise.all(found.map((one) => all(store.values(one, one.versions, signal))))).flat();
  expect(fake.asked.length).toBeGreaterThan(0);
  return Object.fromEntries(values.flatMap((one) => ('value' in one ? [[one.field, reveal(one.value, 'compare')]] : [])));
}

const failure = async (settings: StoreSettings, files: Record<string, string>, env: Record<string, string> = {}): Promise<StoreError> => {
  try {
    await kubernetes.create(settings, createContext({ files, env })).access(signal);
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error('it connected');
};

describe('kubernetes: values', () => {
  it('takes registry logins apart', async () => {
    const { fake, store } = await start();
    const auth = Buffer.from('bob:pw:with-colon-7').toString('base64');
    const auths = { 'r1.example': { username: 'ann', password: 'pw-1188', auth: 'YW5uOnB3LTExODg=' }, 'r2.example': { auth } };
    fake.put('team/pull', { '.dockerconfigjson': JSON.stringify({ auths }) }, 'kubernetes.io/dockerconfigjson');
    fake.put('team/pull-old', { '.dockercfg': JSON.stringify({ 'r3.example': { password: 'pw-3' } }) }, 'kubernetes.io/dockercfg');
    expect(await fieldsRead(fake, store)).toEqual({
      'auths/r1.example/username': 'ann',
      'auths/r1.example/password': 'pw-1188',
      'auths/r1.example/auth': 'YW5uOnB3LTExODg=',
      'auths/r2.example/auth': auth,
      'auths/r2.example/password': 'pw:with-colon-7',
      'auths/r3.example/password': 'pw-3',
    });
  });

  it('gives the key of a TLS pair and not its public half, bytes as base64, a join token whole', async () => {
    const { fake, store } = await start();
    fake.put('team/tls', { 'tls.crt': 'certificate', 'tls.key': 'key-of-tls' }, 'kubernetes.io/tls');
    fake.put('team/store', { 'keystore.jks': Buffer.from([0xfe, 0xed, 0xfe, 0xed]), 'empty': '' });
    fake.put('team/join', { 'token-id': 'abcdef', 'token-secret': 'half' }, 'bootstrap.kubernetes.io/token');
    expect(await fieldsRead(fake, store)).toEqual({
      'tls.key': 'key-of-tls',
      'keystore.jks': '/u3+7Q==',
      'token-id': 'abcdef',
      'token-secret': 'half',
      'token': 'abcdef.half',
    });
  });

  it('keeps a registry login that is no JSON as it is', async () => {
    const { fake, store } = await start();
    fake.put('team/pull', { '.dockerconfigjson': 'not json' }, 'kubernetes.io/dockerconfigjson');
    expect(await fieldsRead(fake, store)).toEqual({ '.dockerconfigjson': 'not json' });
  });

  it('passes over tokens of service accounts and releases of helm', async () => {
    const { fake, store } = await start();
    fake.put('team/sa-token', { token: 'x' }, 'kubernetes.io/service-account-token');
    fake.put('team/sh.helm.release.v1.app.v1', { release: 'x' }, 'helm.sh/release.v1');
    fake.put('team/db', { password: 'x' });
    expect((await all(store.secrets(signal))).map((one) => 'ref' in one && one.ref)).toEqual(['team/db']);
  });

  it('says when the data changed, not when a label did', async () => {
    const { fake, store } = await start();
    fake.put('team/db', { password: 'x' });
    const [found] = (await all(store.secrets(signal))) as StoredSecret[];
    expect(found?.versions[0]?.createdAt).toBe('2026-01-01T00:16:41Z');
  });

  it('goes on when a secret has gone since it was listed', async () => {
    const { fake, store } = await start();
    fake.put('team/db', { password: 'x' });
    const [found] = (await all(store.secrets(signal))) as StoredSecret[];
    fake.remove('team/db');
    const read = found ? await all(store.values(found, found.versions, signal)) : [];
    expect(read).toEqual([{ code: 'store-unreadable', where: 'team/db', data: { store: store.id, ref: 'team/db', reason: 'it is gone' } }]);
  });
});

describe('kubernetes: namespaces', () => {
  it('reads those that are named, and goes on past one that is closed', async () => {
    const { fake, store } = await start({ namespace: ['a', 'b'] });
    fake.put('a/db', { password: 'x' });
    fake.put('c/db', { password: 'x' });
    fake.close('b');
    const found = await all(store.secrets(signal));
    expect(found.map((one) => ('ref' in one ? one.ref : one.where))).toEqual(['a/db', 'b/*']);
  });

  it('reads all by one list', async () => {
    const { fake, store } = await start({ namespace: '*' });
    fake.put('a/db', { password: 'x' });
    fake.put('c/db', { password: 'x' });
    expect((await all(store.secrets(signal))).map((one) => 'ref' in one && one.ref)).toEqual(['a/db', 'c/db']);
    expect(fake.asked.map(({ path }) => path.split('?')[0])).toEqual(['/api/v1/secrets']);
  });

  it('goes on with the list when its cursor is too old', async () => {
    const { fake, store } = await start();
    for (let n = 0; n < 150; n++) fake.put(`team/s-${n}`, { password: 'x' });
    fake.expireList();
    expect(await all(store.secrets(signal))).toHaveLength(150);
  });

  it('refuses a name that would lead elsewhere', async () => {
    const refused = await failure({ context: 'dev', namespace: 'a/../b' }, {}).catch((error: unknown) => error);
    expect(refused).toMatchObject({ why: 'misconfigured' });
  });
});

describe('kubernetes: rights', () => {
  it('names what goes beyond reading', async () => {
    const { fake, store } = await start();
    expect((await store.access(signal)).tooMuch).toEqual([]);
    fake.permit([
      { verbs: ['get', 'list', 'patch'], apiGroups: [''], resources: ['secrets'] },
      { verbs: ['create'], apiGroups: [''], resources: ['*/exec'] },
      { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews'] },
    ]);
    expect((await store.access(signal)).tooMuch).toEqual([
      'it may change secrets in namespace team (patch on secrets)',
      'it may run commands in pods in namespace team (create on pods/exec)',
    ]);
    fake.permit([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]);
    expect((await store.access(signal)).tooMuch).toEqual(['it may do everything in namespace team']);
  });

  it('says who we are by the server, or by the configuration where the server is too old to say', async () => {
    const { fake, store } = await start();
    expect((await store.access(signal)).identity).toBe('system:serviceaccount:ci:leakwarden');
    fake.forgetReview();
    expect((await store.access(signal)).identity).toBe('user u1 of the kubeconfig');
  });
});

describe('kubernetes: ways to connect', () => {
  it('uses a client certificate and the authority of the kubeconfig', async () => {
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const user = { 'client-certificate-data': base64('CERT'), 'client-key': 'keys/key.pem' };
    const config = configOf('https://127.0.0.1:1', user, { 'certificate-authority-data': base64('CA') });
    const context = createContext({ files: { '/work/here/kube/config': config, '/work/here/kube/keys/key.pem': 'KEY' } });
    const store = kubernetes.create({ kubeconfig: 'kube/config', context: 'dev' }, context);
    await expect(store.access(signal)).rejects.toMatchObject({ why: 'unreachable' });
    expect(context.clients).toEqual([{ origins: ['https://127.0.0.1:1'], tls: { ca: 'CA', cert: 'CERT', key: 'KEY' } }]);
  });

  it('connects from within a pod, whose token and authority lie in files', async () => {
    const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
    const files = { [`${folder}/token`]: 'T', [`${folder}/ca.crt`]: 'CA', [`${folder}/namespace`]: 'ci\n' };
    const context = createContext({ files, env: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1' } });
    const store = kubernetes.create({}, context);
    expect(store.id).toBe('kubernetes:https://127.0.0.1:1');
    await expect(store.access(signal)).rejects.toMatchObject({ why: 'unreachable' });
    expect(context.clients).toEqual([{ origins: ['https://127.0.0.1:1'], tls: { ca: 'CA' } }]);
  });

  it('reads the token’s file again when the server refuses the old token', async () => {
    const fake = await startKubernetes();
    const files: Record<string, string> = {
      '/work/here/kube': configOf(fake.origin, { tokenFile: 'token' }),
      '/work/here/token': KUBE_TOKEN,
    };
    const store = kubernetes.create({ kubeconfig: 'kube', context: 'dev' }, createContext({ files }));
    await store.access(signal);
    fake.renewToken('the-next-token');
    files['/work/here/token'] = 'the-next-token\n';
    expect(await all(store.secrets(signal))).toEqual([]);
  });

  it('merges the files of KUBECONFIG, passing over one that is not there', async () => {
    const fake = await startKubernetes();
    const { users, ...rest } = JSON.parse(configOf(fake.origin));
    const files = { '/k/a': JSON.stringify(rest), '/k/b': JSON.stringify({ users, 'current-context': 'other' }) };
    const context = createContext({ files, env: { KUBECONFIG: ['/k/none', '/k/a', '/k/b'].join(delimiter) } });
    expect((await kubernetes.create({ name: 'here' }, context).access(signal)).identity).toContain('leakwarden');
  });

  it('says which way to log in is not supported', async () => {
    const withUser = (user: object) =>
      failure({ kubeconfig: 'kube', context: 'dev' }, { '/work/here/kube': configOf('https://c.example', user) });
    expect((await withUser({ exec: { command: 'aws', args: ['eks', 'get-token'] } })).message).toMatch(
      /"u1" .* starts a program to log in/,
    );
    expect((await withUser({ 'auth-provider': { name: 'gcp' } })).message).toContain('auth-provider');
    expect((await withUser({ username: 'a', password: 'b' })).message).toContain('by a password');
    expect((await withUser({ 'as': 'root' })).message).toContain('impersonates');
  });

  it('quotes nothing of a kubeconfig that cannot be read', async () => {
    const broken = await failure({ kubeconfig: 'kube', context: 'dev' }, { '/work/here/kube': 'users: [token: "hidden-value-3301' });
    expect(broken.why).toBe('misconfigured');
    expect(`${broken.message} ${broken.stack}`).not.toContain('hidden-value-3301');
  });

  it('wants a name for the cluster, since the current context may be another tomorrow', () => {
    expect(() => kubernetes.create({}, createContext({ env: { HOME: '/home/me' } }))).toThrow('context is missing');
  });
});
