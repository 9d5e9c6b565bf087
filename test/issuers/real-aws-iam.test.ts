/** Access keys of an IAM user over moto, a simulator of AWS written by others; not there where .cache/tools/moto is not. moto takes inactive keys: that they are refused, the fake plays. */
import { afterAll, describe, expect, it } from 'vitest';
import { RotationError } from '../../src/core/rotation.ts';
import { reveal, Secret } from '../../src/core/secret.ts';
import { awsIam } from '../../src/issuers/aws-iam.ts';
import type { IssuerContext } from '../../src/issuers/issuer-kind.ts';
import { HttpClient } from '../../src/net/http-client.ts';
import { MOTO, resetMoto, signedForm, stopMoto } from '../stores/moto.ts';
import { actionOf, doActions, rotationFailure, TestRun } from '../stores/rotator-contract.ts';

const signal = new AbortController().signal;
const RIGHTS = ['ListAccessKeys', 'CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey', 'GetAccessKeyLastUsed'];
const within = (xml: string, name: string): string => xml.split(`<${name}>`)[1]?.split('<')[0] ?? '';

async function newKey(user: string): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  const made = await signedForm({ Action: 'CreateAccessKey', UserName: user });
  return { accessKeyId: within(made, 'AccessKeyId'), secretAccessKey: within(made, 'SecretAccessKey') };
}

/** A user whose key leaked, and one who may do what docs/issuers-aws-iam.md names; from then on moto checks signatures and rights. */
async function begin(rights: readonly string[] = RIGHTS) {
  const origin = await resetMoto();
  await fetch(`${origin}/moto-api/reset-auth`, { method: 'POST', body: 'inf' });
  for (const UserName of ['app', 'rotator']) await signedForm({ Action: 'CreateUser', UserName });
  const [leaked, acting] = [await newKey('app'), await newKey('rotator')];
  const statement = { Effect: 'Allow', Action: rights.map((one) => `iam:${one}`), Resource: '*' };
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await signedForm({ Action: 'PutUserPolicy', UserName: 'rotator', PolicyName: 'p', PolicyDocument });
  await fetch(`${origin}/moto-api/reset-auth`, { method: 'POST', body: '0' });
  const context: IssuerContext = {
    env: {},
    folder: '/nowhere',
    createClient: (options) => new HttpClient({ ...options, env: {} }),
    readFile: async () => {
      throw new RotationError('cannot', 'no files', { mayHaveHappened: false });
    },
    now: () => new Date(),
    sleep: async () => undefined,
    cloud: { awsKeys: async () => acting, gcpToken: async () => '' },
  };
  const issuer = awsIam.create({ 'user': 'app', 'id-field': 'id', 'delete': 'yes', 'endpoint': origin, 'sts-endpoint': origin }, context);
  return { origin, issuer, leaked, old: new Secret(leaked.secretAccessKey), run: new TestRun(leaked.secretAccessKey, null) };
}

afterAll(stopMoto);

describe.skipIf(!MOTO)('AWS IAM over moto (needs .cache/tools/moto)', () => {
  it('replaces a key, tries the new one, ends the old one', async () => {
    const { issuer, leaked, old, run } = await begin();
    expect(await issuer.check(old, signal)).toMatchObject({ state: 'accepted', identity: expect.stringContaining(':user/app') });
    const part = await issuer.plan('replace', old, signal);
    expect(part.actions[2]?.does).toContain(leaked.accessKeyId);
    for (const action of part.actions) {
      await action.act(run.open());
      expect([action.id, await action.happened(run.open())]).toEqual([action.id, 'yes']);
    }
    expect((await issuer.check(old, signal)).state).toBe('refused');
    expect(run.kept && (await issuer.check(run.kept, signal)).state).toBe('accepted');
    expect(run.kept && reveal(run.kept, 'compare').length).toBe(40);
  });

  it('takes it back', async () => {
    const { issuer, old, run } = await begin();
    const part = await issuer.plan('replace', old, signal);
    await doActions(part, run.open(), 'aws-iam:delete');
    for (const action of [...part.actions].reverse()) await action.undo?.act(run.open());
    expect([(await issuer.check(old, signal)).state, run.kept && (await issuer.check(run.kept, signal)).state]).toEqual([
      'accepted',
      'refused',
    ]);
  });

  it('is denied what it has no right to, and says that nothing was done', async () => {
    const { issuer, old, run } = await begin(['ListAccessKeys']);
    const part = await issuer.plan('replace', old, signal);
    const error = await rotationFailure(actionOf(part, 'aws-iam:create').act(run.open()));
    expect([error.why, error.mayHaveHappened]).toEqual(['denied', false]);
  });
});
