/** Rotation in AWS Secrets Manager over moto, a simulator of AWS written by others; not there where .cache/tools/moto is not (`.ci/run` installs it). */
import { afterAll, describe, expect, it } from 'vitest';
import { startFaultyProxy } from '../../fixtures/stores/faulty-proxy.ts';
import type { StoreRotator } from '../../src/core/rotation.ts';
import { aws } from '../../src/stores/aws.ts';
import { callMoto, MOTO, MOTO_KEYS, MOTO_REGION, resetMoto, signedForm, stopMoto } from './moto.ts';
import { describeRotator, doActions, NEW_VALUE, OLD_VALUE, rotationFailure, TestRun } from './rotator-contract.ts';
import { placeIn, valueIn } from './rotator-places.ts';
import { createContext, realTime } from './store-context.ts';

const signal = new AbortController().signal;
const DENIED = { status: 400, headers: { 'x-amzn-errortype': 'AccessDeniedException' }, body: '{}' };
const THROTTLED = { status: 400, headers: { 'x-amzn-errortype': 'ThrottlingException' }, body: '{}' };
const CHANGES = ['PutSecretValue', 'UpdateSecretVersionStage', 'RotateSecret'];

const settingsFor = (origin: string) => ({ 'region': MOTO_REGION, 'endpoint': origin, 'sts-endpoint': origin });
const envOf = (keys: { accessKeyId: string; secretAccessKey: string }) => ({
  AWS_ACCESS_KEY_ID: keys.accessKeyId,
  AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
});

function rotatorAt(origin: string, keys = MOTO_KEYS): StoreRotator {
  const made = aws.createRotator?.(settingsFor(origin), createContext({ env: envOf(keys), now: realTime }));
  if (!made) throw new Error('no rotator');
  return made;
}

const storeAt = (origin: string) => aws.create(settingsFor(origin), createContext({ env: envOf(MOTO_KEYS), now: realTime }));

async function startBackend() {
  const origin = await resetMoto();
  const isChange = ({ headers }: { headers: Record<string, unknown> }) =>
    CHANGES.some((one) => headers['x-amz-target'] === `secretsmanager.${one}`);
  const proxy = await startFaultyProxy({ origin, isChange, denied: DENIED, throttled: THROTTLED });
  return {
    connect: () => rotatorAt(proxy.origin),
    async put(value: string) {
      const { ARN } = await callMoto('CreateSecret', { Name: 'app/db', SecretString: value, ClientRequestToken: crypto.randomUUID() });
      return placeIn(storeAt(origin), String(ARN), '');
    },
    read: ({ ref }: { ref: string }) => valueIn(storeAt(origin), ref, ''),
    async meddle({ ref }: { ref: string }, value: string) {
      const { VersionIdsToStages: stages } = await callMoto('DescribeSecret', { SecretId: ref });
      const [from] = Object.entries(stages as Record<string, string[]>).find(([, own]) => own.includes('AWSCURRENT')) ?? [];
      const to = crypto.randomUUID();
      // By its label: after one was moved, moto's PutSecretValue leaves two versions current.
      await callMoto('PutSecretValue', { SecretId: ref, SecretString: value, ClientRequestToken: to, VersionStages: ['MEDDLED'] });
      const ends = { RemoveFromVersionId: from, MoveToVersionId: to };
      await callMoto('UpdateSecretVersionStage', { SecretId: ref, VersionStage: 'AWSCURRENT', ...ends });
    },
    proxy,
  };
}

afterAll(stopMoto);

describe.skipIf(!MOTO)('AWS over moto (needs .cache/tools/moto)', () => {
  describeRotator('AWS Secrets Manager, a new version (moto)', startBackend, {
    makesValue: false,
    actions: [
      ['aws:write', true],
      ['aws:promote', true],
      ['aws:retire', true],
    ],
    seesMoves: true,
    leaves: 'fresh',
  });

  it('has a secret rotated that has a rotation function, under the run’s id', async () => {
    const origin = await resetMoto();
    const { ARN } = await callMoto('CreateSecret', { Name: 'app/db', SecretString: OLD_VALUE, ClientRequestToken: crypto.randomUUID() });
    // Without a Lambda moto makes the new version current at once, and gives it no value.
    await callMoto('RotateSecret', { SecretId: ARN, RotationRules: { AutomaticallyAfterDays: 30 }, RotateImmediately: false });
    await callMoto('PutSecretValue', { SecretId: ARN, SecretString: OLD_VALUE, ClientRequestToken: crypto.randomUUID() });
    const rotator = rotatorAt(origin);
    const part = await rotator.plan(await placeIn(storeAt(origin), String(ARN), ''), signal);
    const run = new TestRun(OLD_VALUE, null);
    await part.actions[0]?.act(run.open());
    const { VersionIdsToStages: stages } = await callMoto('DescribeSecret', { SecretId: ARN });
    expect([part.actions[0]?.id, await part.actions[0]?.happened(run.open())]).toEqual(['aws:rotate', 'yes']);
    expect(stages).toMatchObject({ [run.id]: ['AWSCURRENT'] });
  });

  it('needs the rights that docs/stores/aws.md names, and no more', async () => {
    const origin = await resetMoto();
    const { ARN } = await callMoto('CreateSecret', { Name: 'app/db', SecretString: OLD_VALUE, ClientRequestToken: crypto.randomUUID() });
    const place = await placeIn(storeAt(origin), String(ARN), '');
    await signedForm({ Action: 'CreateUser', UserName: 'rotator' });
    const made = await signedForm({ Action: 'CreateAccessKey', UserName: 'rotator' });
    const within = (name: string): string => made.split(`<${name}>`)[1]?.split('<')[0] ?? '';
    const allow = async (actions: readonly string[]): Promise<void> => {
      await fetch(`${origin}/moto-api/reset-auth`, { method: 'POST', body: 'inf' });
      const statement = { Effect: 'Allow', Action: actions.map((one) => `secretsmanager:${one}`), Resource: '*' };
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
      await signedForm({ Action: 'PutUserPolicy', UserName: 'rotator', PolicyName: 'p', PolicyDocument });
      await fetch(`${origin}/moto-api/reset-auth`, { method: 'POST', body: '0' });
    };
    const rotator = rotatorAt(origin, { accessKeyId: within('AccessKeyId'), secretAccessKey: within('SecretAccessKey') });
    const run = new TestRun(OLD_VALUE, NEW_VALUE);
    try {
      await allow(['DescribeSecret', 'ListSecretVersionIds', 'GetSecretValue', 'PutSecretValue']);
      const error = await rotationFailure(rotator.plan(place, signal).then((part) => doActions(part, run.open())));
      expect([error.why, error.mayHaveHappened]).toEqual(['denied', false]);
      await allow(['DescribeSecret', 'ListSecretVersionIds', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage']);
      await doActions(await rotator.plan(place, signal, true), run.open());
    } finally {
      await fetch(`${origin}/moto-api/reset-auth`, { method: 'POST', body: 'inf' });
    }
    expect(await valueIn(storeAt(origin), String(ARN), '')).toBe(NEW_VALUE);
  });
});
