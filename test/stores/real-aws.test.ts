/** AWS Secrets Manager over moto, a simulator of AWS written by others; skipped where .cache/tools/moto is not there (`.ci/run` installs it). */
import { afterAll, describe, expect, it } from 'vitest';
import type { SecretStore } from '../../src/core/stores.ts';
import { aws } from '../../src/stores/aws.ts';
import { describeStore, type StoreBackend } from './contract.ts';
import { callMoto, MOTO_KEYS as KEYS, MOTO, MOTO_REGION as REGION, resetMoto, signedForm, stopMoto } from './moto.ts';
import { createContext, realTime } from './store-context.ts';

afterAll(stopMoto);

/** The contract's refs are names: the six characters at the end of an ARN are moto's choice. */
async function startBackend(): Promise<StoreBackend & { origin: string }> {
  const origin = await resetMoto();
  const env = { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey };
  const store = aws.create({ 'region': REGION, 'endpoint': origin, 'sts-endpoint': origin }, createContext({ env, now: realTime }));
  const arns = new Map<string, string>();
  const nameOf = (arn: string): string => [...arns].find(([, one]) => one === arn)?.[0] ?? arn;
  const named: SecretStore = {
    kind: store.kind,
    id: store.id,
    access: (signal) => store.access(signal),
    async *secrets(signal) {
      for await (const one of store.secrets(signal)) yield 'ref' in one ? { ...one, ref: nameOf(one.ref) } : one;
    },
    values: (secret, versions, signal) => store.values({ ...secret, ref: arns.get(secret.ref) ?? secret.ref }, versions, signal),
    close: () => store.close(),
  };
  const put = async (name: string, fields: Readonly<Record<string, string>>): Promise<void> => {
    const arn = arns.get(name);
    const reply = await (arn === undefined
      ? callMoto('CreateSecret', { Name: name, SecretString: fields[''], ClientRequestToken: crypto.randomUUID() })
      : callMoto('PutSecretValue', { SecretId: arn, SecretString: fields[''], ClientRequestToken: crypto.randomUUID() }));
    arns.set(name, String(reply['ARN']));
  };
  return { store: named, put, origin };
}

describe.skipIf(!MOTO)('AWS over moto (needs .cache/tools/moto)', () => {
  describeStore('AWS Secrets Manager (moto)', startBackend, {
    refs: ['app/db', 'app/mail', 'app/db-tail42'],
    hasFields: false,
    oldVersions: 'values',
    manyRefs: (n) => `many/${n}`,
    manyCount: 120,
    faults: [],
  });

  it('takes a role with STS, and reads with its keys', async () => {
    const { origin, put } = await startBackend();
    await put('app/db', { '': 'v' });
    const env = { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey };
    const role = 'arn:aws:iam::123456789012:role/reader';
    const store = aws.create({ 'region': REGION, 'endpoint': origin, 'sts-endpoint': origin, role }, createContext({ env, now: realTime }));
    const signal = new AbortController().signal;
    expect((await store.access(signal)).identity).toBe('arn:aws:sts::123456789012:assumed-role/reader/leakwarden');
    const refs: string[] = [];
    for await (const one of store.secrets(signal)) if ('ref' in one) refs.push(one.ref);
    expect(refs).toEqual([expect.stringMatching(/^arn:aws:secretsmanager:eu-west-1:123456789012:secret:app\/db-\w{6}$/)]);
  });

  it('shows a secret that was deleted and can be restored as switched off', async () => {
    const { put, store } = await startBackend();
    await put('app/db', { '': 'v' });
    await callMoto('DeleteSecret', { SecretId: 'app/db', RecoveryWindowInDays: 7 });
    for await (const one of store.secrets(new AbortController().signal)) expect(one).toMatchObject({ versions: [{ state: 'disabled' }] });
    expect.assertions(1);
  });

  it('signs as moto expects it, and keeps to a user’s rights', async () => {
    const { origin, put } = await startBackend();
    await put('app/db', { '': 'v1' });
    await put('app/db', { '': 'v2' });
    await signedForm({ Action: 'CreateUser', UserName: 'reader' });
    const made = await signedForm({ Action: 'CreateAccessKey', UserName: 'reader' });
    const within = (name: string): string => made.split(`<${name}>`)[1]?.split('<')[0] ?? '';
    const allow = async (actions: readonly string[]): Promise<void> => {
      const statement = { Effect: 'Allow', Action: actions.map((one) => `secretsmanager:${one}`), Resource: '*' };
      const document = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
      await fetch(`${origin}/moto-api/reset-auth`, { method: 'POST', body: 'inf' });
      await signedForm({ Action: 'PutUserPolicy', UserName: 'reader', PolicyName: 'p', PolicyDocument: document });
      // From the next request on moto checks signatures and policies.
      await fetch(`${origin}/moto-api/reset-auth`, { method: 'POST', body: '0' });
    };
    const signal = new AbortController().signal;
    const read = async (secretAccessKey: string): Promise<string[]> => {
      const env = { AWS_ACCESS_KEY_ID: within('AccessKeyId'), AWS_SECRET_ACCESS_KEY: secretAccessKey };
      const store = aws.create({ 'region': REGION, 'endpoint': origin, 'sts-endpoint': origin }, createContext({ env, now: realTime }));
      const seen = [(await store.access(signal)).identity];
      for await (const one of store.secrets(signal)) {
        seen.push('ref' in one ? 'secret' : String(one.data['reason']));
        if (!('ref' in one)) continue;
        for await (const value of store.values(one, one.versions, signal))
          seen.push('field' in value ? 'value' : String(value.data['reason']));
      }
      return seen;
    };
    try {
      const right = within('SecretAccessKey');
      await allow(['ListSecrets', 'ListSecretVersionIds', 'GetSecretValue']);
      expect(await read(right)).toEqual([expect.stringContaining(':user/reader'), 'secret', 'value', 'value']);
      await allow(['ListSecrets']);
      const unreadable = expect.stringMatching(/^version .*: AccessDenied$/);
      expect((await read(right)).slice(1)).toEqual([
        'secret',
        unreadable,
        unreadable,
        expect.stringContaining('cannot be listed: AccessDenied'),
      ]);
      await expect(read(`${right.slice(1)}x`)).rejects.toMatchObject({ name: 'StoreError', why: 'denied' });
      await allow(['GetSecretValue']);
      await expect(read(right)).rejects.toMatchObject({ name: 'StoreError', why: 'denied' });
    } finally {
      await fetch(`${origin}/moto-api/reset-auth`, { method: 'POST', body: 'inf' });
    }
  });
});
