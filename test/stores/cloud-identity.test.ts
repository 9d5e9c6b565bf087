/** The clouds' credentials as issuers get them, over the fakes: found as for stores, once for each wish, and failures as RotationError. */
import { describe, expect, it } from 'vitest';
import { OWN_KEYS, REGION, startAws } from '../../fixtures/stores/aws.ts';
import { createKeys, startGcp } from '../../fixtures/stores/gcp.ts';
import { CloudIdentities } from '../../src/stores/cloud-identity.ts';
import { rotationFailure } from './rotator-contract.ts';
import { createContext, realTime } from './store-context.ts';

const signal = new AbortController().signal;
const ENV = { AWS_ACCESS_KEY_ID: OWN_KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: OWN_KEYS.secretAccessKey };

describe('CloudIdentities', () => {
  it('gives the keys of the environment, and takes a role with them once', async () => {
    const fake = await startAws();
    const { awsKeys } = new CloudIdentities(createContext({ env: ENV, now: realTime }));
    const wish = { sts: fake.origin, region: REGION };
    expect(await awsKeys(wish, signal)).toMatchObject(OWN_KEYS);
    const role = 'arn:aws:iam::111122223333:role/rotator';
    const taken = await awsKeys({ ...wish, role }, signal);
    expect([fake.keys.has(taken.accessKeyId), await awsKeys({ ...wish, role }, signal)]).toEqual([true, taken]);
    expect(fake.operations()).toEqual(['AssumeRole']);
    const error = await rotationFailure(awsKeys({ ...wish, role: 'arn:aws:iam::111122223333:role/forbidden' }, signal));
    expect([error.why, error.mayHaveHappened]).toEqual(['denied', false]);
    expect((await rotationFailure(awsKeys({ ...wish, profile: 'nowhere' }, signal))).why).toBe('misconfigured');
  });

  it('gives a token of Google by a file or a variable', async () => {
    const fake = await startGcp(createKeys());
    const { gcpToken } = new CloudIdentities(
      createContext({ env: { TOKEN: 'given' }, files: { '/key.json': fake.serviceAccount() }, now: realTime }),
    );
    expect(await gcpToken({ tokenVariable: 'TOKEN' }, signal)).toBe('given');
    expect(fake.tokens.has(await gcpToken({ credentialsFile: '/key.json' }, signal))).toBe(true);
    expect((await rotationFailure(gcpToken({ credentialsFile: '/gone.json' }, signal))).why).toBe('misconfigured');
  });
});
