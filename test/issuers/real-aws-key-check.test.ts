/** Secret access keys asked about at moto, a simulator of AWS written by others; not there where .cache/tools/moto is not. moto checks signatures and ids, and has no clock of its own. */
import { afterAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { checkerForRule } from '../../src/issuers/for-rule.ts';
import { HttpClient } from '../../src/net/http-client.ts';
import { MOTO, resetMoto, signedForm, stopMoto } from '../stores/moto.ts';
import { ruleNamed } from './rule-values.ts';

const signal = new AbortController().signal;
const within = (xml: string, name: string): string => xml.split(`<${name}>`)[1]?.split('<')[0] ?? '';

/** A user with a key; from then on moto checks signatures. */
async function begin() {
  const origin = await resetMoto();
  await fetch(`${origin}/moto-api/reset-auth`, { method: 'POST', body: 'inf' });
  await signedForm({ Action: 'CreateUser', UserName: 'app' });
  const made = await signedForm({ Action: 'CreateAccessKey', UserName: 'app' });
  await fetch(`${origin}/moto-api/reset-auth`, { method: 'POST', body: '0' });
  return { origin, id: within(made, 'AccessKeyId'), secret: within(made, 'SecretAccessKey') };
}

async function ask(origin: string, id: string, secret: string) {
  const parts = { id: { rule: 'aws-access-key-id', secret: new Secret(id) } };
  const settings = { installations: [origin], isPublicAsked: false, names: new Map<string, string>() };
  const createClient: Parameters<typeof checkerForRule>[3]['createClient'] = (options) => new HttpClient({ ...options, env: {} });
  const checker = checkerForRule(ruleNamed('aws-secret-access-key'), parts, settings, { createClient, now: () => new Date() });
  return await checker?.check(new Secret(secret), signal);
}

afterAll(stopMoto);

describe.skipIf(!MOTO)('AWS access keys over moto (needs .cache/tools/moto)', () => {
  it('names account and ARN of a key that works', async () => {
    const { origin, id, secret } = await begin();
    const identity = expect.stringMatching(/^account \d{12}, arn:aws:iam::\d{12}:user\/app$/);
    expect(await ask(origin, id, secret)).toEqual({ state: 'accepted', identity });
  });

  it('tells a key that is gone from a secret that is another’s', async () => {
    const { origin, id, secret } = await begin();
    const other = `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`;
    expect(await ask(origin, id, other)).toMatchObject({
      state: 'unknown',
      why: 'denied',
      detail: expect.stringContaining('has another secret'),
    });
    expect(await ask(origin, `${id.slice(0, -4)}2222`, secret)).toEqual({ state: 'refused' });
  });
});
