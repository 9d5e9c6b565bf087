/** Access keys of an IAM user over the fake: the contract of keys, then the two-key limit, keys whose making nobody answered, and what is refused. Over moto: real-aws-iam.test.ts. */
import { describe, expect, it } from 'vitest';
import { ACCOUNT, type AwsIamFake, startAwsIam, USER } from '../../fixtures/issuers/aws-iam.ts';
import { type Issuer, RotationError } from '../../src/core/rotation.ts';
import { Secret } from '../../src/core/secret.ts';
import { awsIam } from '../../src/issuers/aws-iam.ts';
import type { IssuerContext, IssuerSettings } from '../../src/issuers/issuer-kind.ts';
import { HttpClient } from '../../src/net/http-client.ts';
import { actionOf, doActions, rotationFailure, TestRun } from '../stores/rotator-contract.ts';
import { describeKeyIssuer } from './key-issuer-contract.ts';

const signal = new AbortController().signal;

function contextOf(fake: AwsIamFake, acting = fake.admin): IssuerContext {
  return {
    env: {},
    folder: '/nowhere',
    createClient: (options) => new HttpClient({ ...options, env: {}, random: () => 0.5, sleep: async () => undefined }),
    readFile: async (path) => {
      throw new RotationError('cannot', `${path} cannot be read`, { mayHaveHappened: false });
    },
    now: () => new Date(),
    sleep: async () => undefined,
    cloud: { awsKeys: async () => acting, gcpToken: async () => '' },
  };
}

function issuerOf(fake: AwsIamFake, settings: IssuerSettings = {}, acting = fake.admin): Issuer {
  const all = { 'user': USER, 'id-field': 'id', 'endpoint': fake.origin, 'sts-endpoint': fake.origin, ...settings };
  return awsIam.create(all, contextOf(fake, acting));
}

async function begin(settings: IssuerSettings = {}) {
  const fake = await startAwsIam();
  const leaked = fake.make();
  return { fake, leaked, old: new Secret(leaked.secret), issuer: issuerOf(fake, settings), run: new TestRun(leaked.secret, null) };
}

const idsOf = (fake: AwsIamFake, isActive: boolean): string[] =>
  [...fake.keys.values()].filter((key) => key.user === USER && key.isActive === isActive).map(({ id }) => id);

for (const [name, settings, last] of [
  ['AWS IAM (fake)', {}, []],
  ['AWS IAM, old keys deleted (fake)', { delete: 'yes' }, [['aws-iam:delete', false]]],
] as const)
  describeKeyIssuer(
    name,
    async () => {
      const { fake, leaked } = await begin();
      return {
        connect: () => issuerOf(fake, settings),
        old: leaked.secret,
        oldId: leaked.id,
        ids: () => ({ active: idsOf(fake, true), inactive: idsOf(fake, false) }),
        writes: fake.writes,
        secrets: () => [...fake.keys.values()].map(({ secret }) => secret),
      };
    },
    {
      actions: [['aws-iam:create', true], ['aws-iam:test', true], ['aws-iam:deactivate', true], ...last],
      deletesOrphans: true,
      newId: 'aws-iam:new',
    },
  );

describe('access keys of AWS IAM', () => {
  it('tells whose key it is, and gives the store the new id when there is one', async () => {
    const { issuer, old, leaked } = await begin();
    const part = await issuer.plan('replace', old, signal);
    expect([part.identity, part.fields]).toEqual([`IAM user ${USER} of account ${ACCOUNT}`, { id: { fact: 'aws-iam:new' } }]);
    expect(part.warnings.join('\n')).toContain(`delete-access-key --user-name ${USER} --access-key-id ${leaked.id}`);
    expect(part.warnings.join('\n')).toContain('never');
  });

  it('finds the key among two by trying them, and touches no other', async () => {
    const { fake, issuer, leaked } = await begin();
    const other = fake.make();
    const run = new TestRun(other.secret, null);
    await doActions(await issuer.plan('revoke', new Secret(other.secret), signal), run.open());
    expect([idsOf(fake, true), idsOf(fake, false)]).toEqual([[leaked.id], [other.id]]);
  });

  it('refuses a third key, and says which two there are', async () => {
    const { fake, issuer, old, leaked } = await begin();
    const other = fake.make();
    other.isActive = false;
    const error = await rotationFailure(issuer.plan('replace', old, signal));
    expect([error.why, error.message]).toEqual(['cannot', expect.stringContaining(`${leaked.id} (active) and ${other.id} (inactive)`)]);
    const begun = await issuer.plan('replace', old, signal, true);
    const late = await rotationFailure(actionOf(begun, 'aws-iam:create').act(new TestRun(leaked.secret, null).open()));
    expect([late.why, late.mayHaveHappened]).toEqual(['refused', false]);
  });

  it('leaves a key alone that may be another’s: made later, or used', async () => {
    for (const meddle of [{ createdAt: new Date('2026-05-01T12:05:00Z') }, { lastUsed: new Date('2026-05-01T12:00:01Z') }]) {
      const { fake, issuer, old, run } = await begin();
      const part = await issuer.plan('replace', old, signal);
      fake.writes.play('cut-before');
      await rotationFailure(actionOf(part, 'aws-iam:create').act(run.open()));
      fake.writes.play(null);
      const others = fake.make();
      Object.assign(others, meddle);
      const error = await rotationFailure(actionOf(part, 'aws-iam:create').act(run.open()));
      expect([error.why, error.mayHaveHappened, fake.keys.has(others.id)]).toEqual(['ambiguous', false, true]);
    }
  });

  it('waits until AWS knows the new key', async () => {
    const { fake, issuer, old, run } = await begin();
    const part = await issuer.plan('replace', old, signal);
    await actionOf(part, 'aws-iam:create').act(run.open());
    fake.trialsUntilKnown = 3;
    await actionOf(part, 'aws-iam:test').act(run.open());
    expect(fake.trialsUntilKnown).toBe(0);
    fake.trialsUntilKnown = 1000;
    expect((await rotationFailure(actionOf(part, 'aws-iam:test').act(run.open()))).why).toBe('refused');
  });

  it('takes a wrong clock, a refusal by policy and an outage for no refusal of the key', async () => {
    const { fake, issuer, old } = await begin();
    await issuer.plan('revoke', old, signal);
    fake.isSkewed = true;
    expect(await issuer.check(old, signal)).toMatchObject({ state: 'unknown' });
    fake.isSkewed = false;
    fake.forbidden.add('ListAccessKeys');
    expect(await issuer.check(old, signal)).toEqual({ state: 'unknown', why: 'denied' });
  });

  it('calls no value refused before it has seen that it was this user’s', async () => {
    const { issuer, old } = await begin();
    expect((await issuer.check(new Secret('x'.repeat(40)), signal)).state).toBe('unknown');
    expect((await issuer.check(old, signal)).state).toBe('accepted');
  });

  it('ends a key by its id alone, and replaces none by it', async () => {
    const { fake, issuer, leaked } = await begin();
    const id = new Secret(leaked.id);
    expect((await rotationFailure(issuer.plan('replace', id, signal))).message).toContain('is the id of a key');
    const run = new TestRun(leaked.id, null);
    await doActions(await issuer.plan('revoke', id, signal), run.open());
    expect([idsOf(fake, true), (await issuer.check(id, signal)).state]).toEqual([[], 'refused']);
  });

  it('refuses what it cannot do, before anything is done', async () => {
    const { fake, issuer, old, leaked } = await begin();
    const said = async (doing: Promise<unknown>) => (await rotationFailure(doing)).message;
    expect(await said(issuer.plan('revoke', new Secret('y'.repeat(40)), signal))).toContain('none of the active access keys');
    expect(
      await said(
        awsIam.create({ 'user': USER, 'endpoint': fake.origin, 'sts-endpoint': fake.origin }, contextOf(fake)).plan('replace', old, signal),
      ),
    ).toContain('id-field');
    expect(
      await said(issuerOf(fake, { user: 'admin' }, fake.admin).plan('revoke', new Secret(fake.admin.secretAccessKey), signal)),
    ).toContain('the very key that would act');
    expect((await rotationFailure(issuerOf(fake, { user: 'nobody' }).plan('revoke', old, signal))).why).toBe('not-found');
    leaked.isActive = false;
    expect(await said(issuer.plan('revoke', old, signal))).toContain('none of the active access keys');
    expect(() => issuerOf(fake, { partition: 'moon' })).toThrow('partition is one of');
    expect(() => awsIam.create({}, contextOf(fake))).toThrow('user is missing');
    const { cloud: _, ...without } = contextOf(fake);
    expect(() => awsIam.create({ user: USER }, without)).toThrow('no credentials of AWS here');
  });
});
