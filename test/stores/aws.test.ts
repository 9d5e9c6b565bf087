/** AWS Secrets Manager over the fake: the contract, then what is special to AWS. Over moto: real-aws.test.ts. Credentials: aws-credentials.test.ts. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type AwsFake, arnOf, OWN_KEYS, REGION, startAws } from '../../fixtures/stores/aws.ts';
import type { Problem } from '../../src/core/contracts.ts';
import { reveal } from '../../src/core/secret.ts';
import { type SecretStore, type StoredSecret, type StoredValue, StoreError } from '../../src/core/stores.ts';
import { aws } from '../../src/stores/aws.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import { describeStore } from './contract.ts';
import { createContext, realTime } from './store-context.ts';

const signal = new AbortController().signal;
const ENV = { AWS_ACCESS_KEY_ID: OWN_KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: OWN_KEYS.secretAccessKey };

function storeOf(fake: AwsFake, settings: StoreSettings = {}): SecretStore {
  return aws.create(
    { 'region': REGION, 'endpoint': fake.origin, 'sts-endpoint': fake.origin, ...settings },
    createContext({ env: ENV, now: realTime }),
  );
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

const isStored = (one: StoredSecret | Problem): one is StoredSecret => 'ref' in one;
const isValue = (one: StoredValue | Problem): one is StoredValue => 'field' in one;
const textsOf = (values: readonly (StoredValue | Problem)[]) => values.filter(isValue).map(({ value }) => reveal(value, 'compare'));

describeStore(
  'AWS Secrets Manager (fake)',
  async () => {
    const fake = await startAws();
    return {
      store: storeOf(fake),
      put: async (ref, fields) => {
        fake.put(ref, fields[''] ?? '');
      },
      play: (fault, ref) => fake.play(fault, ref),
    };
  },
  {
    refs: [arnOf('app/db'), arnOf('app/mail'), arnOf('app/db-tail42')],
    hasFields: false,
    oldVersions: 'values',
    manyRefs: (n) => arnOf(`many/${n}`),
    manyCount: 250,
    faults: ['denied', 'denied-one', 'throttled-once', 'throttled', 'unavailable', 'odd-reply', 'paging-loop'],
  },
);

describe('AWS Secrets Manager', () => {
  it('tells the versions by their labels', async () => {
    const fake = await startAws();
    const arn = arnOf('app/db');
    const [oldest, previous, current] = ['v1', 'v2', 'v3'].map((text) => fake.put(arn, text));
    fake.entry(arn).versions.push({ id: 'pending', text: 'v4', stages: ['AWSPENDING'], created: 1_790_000_000 });
    const [secret] = (await all(storeOf(fake).secrets(signal))).filter(isStored);
    expect(secret?.versions.map(({ id, state }) => [id, state])).toEqual([
      [current, 'current'],
      ['pending', 'previous'],
      [previous, 'previous'],
      [oldest, 'superseded'],
    ]);
    const [now, , before, first] = secret?.versions ?? [];
    expect([now?.endedAt, before?.endedAt, first?.endedAt]).toEqual([null, now?.createdAt, before?.createdAt]);
  });

  it('passes over the version without a value that a failed rotation left', async () => {
    const fake = await startAws();
    fake.put(arnOf('a'), 'v1');
    const { versions } = fake.entry(arnOf('a'));
    versions.push({ id: 'pending', text: '', stages: ['AWSPENDING'], created: 1_790_000_000, isEmpty: true });
    const store = storeOf(fake);
    const [secret] = (await all(store.secrets(signal))).filter(isStored);
    expect(secret?.versions.map(({ id }) => id)).toContain('pending');
    const read = secret ? await all(store.values(secret, secret.versions, signal)) : [];
    expect(textsOf(read)).toEqual(['v1']);
    expect(read.length).toBe(1);
  });

  it('asks for no list of versions where a secret has one, or the settings say so', async () => {
    const fake = await startAws();
    fake.put(arnOf('one'), 'a');
    await all(storeOf(fake).secrets(signal));
    expect(fake.operations()).toEqual(['ListSecrets']);
    fake.put(arnOf('one'), 'b');
    const [labelled] = (await all(storeOf(fake, { history: 'labelled' }).secrets(signal))).filter(isStored);
    expect(labelled?.versions.map(({ state }) => state)).toEqual(['current', 'previous']);
    expect(fake.operations()).toEqual(['ListSecrets', 'ListSecrets']);
  });

  it('reads current values 20 at a time, one alone as one, and sends full ARNs only', async () => {
    const fake = await startAws();
    const arns = Array.from({ length: 45 }, (_, n) => arnOf(`app/n${n}-abcdef`));
    for (const arn of arns) fake.put(arn, `v-${arn}`);
    const store = storeOf(fake);
    const secrets = (await all(store.secrets(signal))).filter(isStored);
    const read = (await Promise.all(secrets.map((secret) => all(store.values(secret, secret.versions, signal))))).flat();
    expect(textsOf(read).sort()).toEqual(arns.map((arn) => `v-${arn}`).sort());
    expect(fake.operations()).toEqual(['ListSecrets', 'BatchGetSecretValue', 'BatchGetSecretValue', 'BatchGetSecretValue']);
    const [lone] = secrets;
    if (lone) await all(store.values(lone, lone.versions, signal));
    expect(fake.operations().at(-1)).toBe('GetSecretValue');
    const ids = fake.asked.map(({ body }) => JSON.parse(body) as { SecretId?: string; SecretIdList?: string[] });
    const sent = ids.flatMap(({ SecretId, SecretIdList }) => [...(SecretIdList ?? []), ...(SecretId ? [SecretId] : [])]);
    expect(sent.every((id) => arns.includes(id))).toBe(true);
    expect(sent.length).toBe(46);
  });

  it('reads one by one where batches are not allowed', async () => {
    const fake = await startAws();
    for (const name of ['a', 'b', 'c']) fake.put(arnOf(name), `v-${name}`);
    fake.forbidden.add('BatchGetSecretValue');
    const store = storeOf(fake);
    const secrets = (await all(store.secrets(signal))).filter(isStored);
    const read = async () => (await Promise.all(secrets.map((secret) => all(store.values(secret, secret.versions, signal))))).flat();
    expect(textsOf(await read()).sort()).toEqual(['v-a', 'v-b', 'v-c']);
    expect(textsOf(await read()).sort()).toEqual(['v-a', 'v-b', 'v-c']);
    expect(fake.operations().filter((name) => name === 'BatchGetSecretValue').length).toBe(1);
  });

  it('gives the version that was listed, though it was rotated since', async () => {
    const fake = await startAws();
    for (const name of ['a', 'b']) fake.put(arnOf(name), `old-${name}`);
    const store = storeOf(fake);
    const secrets = (await all(store.secrets(signal))).filter(isStored);
    fake.put(arnOf('a'), 'new-a');
    const read = (await Promise.all(secrets.map((secret) => all(store.values(secret, secret.versions, signal))))).flat();
    expect(textsOf(read).sort()).toEqual(['old-a', 'old-b']);
  });

  it('shows a secret with its labelled versions where the older ones may not be listed, and says so', async () => {
    const fake = await startAws();
    for (const text of ['v1', 'v2', 'v3']) fake.put(arnOf('a'), text);
    fake.forbidden.add('ListSecretVersionIds');
    const [secret, problem] = await all(storeOf(fake).secrets(signal));
    expect(secret).toMatchObject({ ref: arnOf('a'), versions: [{ state: 'current' }, { state: 'previous' }] });
    expect(problem).toMatchObject({
      code: 'store-unreadable',
      where: arnOf('a'),
      data: { reason: expect.stringContaining('AccessDenied') },
    });
  });

  it('reads several regions, and a replica once', async () => {
    const fake = await startAws();
    const [first, second] = ['eu-west-1', 'us-east-1'];
    for (const region of [first, second]) {
      fake.put(arnOf('both', region), 'shared');
      fake.entry(arnOf('both', region)).primary = 'us-east-1';
      fake.put(arnOf(`only-${region}`, region), region);
    }
    const refs = async (region: string[]) => (await all(storeOf(fake, { region }).secrets(signal))).filter(isStored).map(({ ref }) => ref);
    expect(await refs([first, second])).toEqual([arnOf(`only-${first}`, first), arnOf('both', second), arnOf(`only-${second}`, second)]);
    expect(await refs([first])).toEqual([arnOf('both', first), arnOf(`only-${first}`, first)]);
    const store = storeOf(fake, { region: [first, second] });
    const read = await Promise.all(
      (await all(store.secrets(signal))).filter(isStored).map((one) => all(store.values(one, one.versions, signal))),
    );
    expect(textsOf(read.flat()).sort()).toEqual([first, 'shared', second]);
  });

  it('shows secrets that are planned for deletion as switched off, and reads no value of them', async () => {
    const fake = await startAws();
    fake.put(arnOf('a'), 'gone-soon');
    const store = storeOf(fake);
    const [before] = (await all(store.secrets(signal))).filter(isStored);
    fake.entry(arnOf('a')).deleted = 1_790_000_000;
    const [secret] = (await all(store.secrets(signal))).filter(isStored);
    expect(secret?.versions.map(({ state }) => state)).toEqual(['disabled']);
    expect(secret?.change).not.toBe(before?.change);
    expect(secret ? await all(store.values(secret, secret.versions, signal)) : null).toEqual([]);
  });

  it('gives binary values as text where they are text', async () => {
    const fake = await startAws();
    const [texty, bytes] = [Buffer.from('grüße').toString('base64'), Buffer.from([0xff, 0xfe, 0x00]).toString('base64')];
    for (const [name, binary] of [
      ['a', texty],
      ['b', bytes],
    ] as const) {
      fake.put(arnOf(name), '');
      Object.assign(fake.entry(arnOf(name)).versions[0] ?? {}, { binary });
    }
    const store = storeOf(fake);
    const read = await Promise.all(
      (await all(store.secrets(signal))).filter(isStored).map((one) => all(store.values(one, one.versions, signal))),
    );
    expect(textsOf(read.flat())).toEqual(['grüße', bytes]);
  });

  it('reads though STS cannot be reached', async () => {
    const fake = await startAws();
    fake.put(arnOf('a'), 'v');
    const store = storeOf(fake, { 'sts-endpoint': 'http://127.0.0.1:1' });
    expect((await store.access(signal)).identity).toMatch(/STS cannot be reached/);
    expect((await all(store.secrets(signal))).length).toBe(1);
  });

  it('asks only for names that begin as the settings say', async () => {
    const fake = await startAws();
    for (const name of ['app/a', 'other/b']) fake.put(arnOf(name), name);
    expect((await all(storeOf(fake, { prefix: 'app/' }).secrets(signal))).filter(isStored).map(({ ref }) => ref)).toEqual([arnOf('app/a')]);
  });

  it('prints neither keys nor an error’s text', async () => {
    const fake = await startAws();
    const store = aws.create(
      { 'region': REGION, 'endpoint': fake.origin, 'sts-endpoint': fake.origin },
      createContext({ env: { ...ENV, AWS_SECRET_ACCESS_KEY: 'not-the-right-one' }, now: realTime }),
    );
    const error = await all(store.secrets(signal)).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ why: 'denied' });
    expect(inspect(error)).not.toMatch(/security token included|not-the-right-one/);
    expect(inspect(store, { depth: 9, showHidden: true })).not.toContain('not-the-right-one');
  });

  it('names what is wrong with the settings', () => {
    const made = (settings: StoreSettings) => () => aws.create(settings, createContext({ env: ENV, now: realTime }));
    expect(made({ region: 'eu-west-1.evil.example/' })).toThrow(StoreError);
    expect(made({ history: 'some' })).toThrow(/history is all or labelled/);
  });
});
