/** Secret access keys, asked about with the id beside them: over the fake of STS, and over replies as AWS documents them. Over moto: real-aws-key-check.test.ts. */
import { describe, expect, it } from 'vitest';
import { ACCOUNT, type AwsIamFake, startAwsIam } from '../../fixtures/issuers/aws-iam.ts';
import { Secret } from '../../src/core/secret.ts';
import { checkerForRule, NO_SETTINGS, type ProviderSettings, questionOf } from '../../src/issuers/for-rule.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { type Answer, startLoopback } from '../net/loopback.ts';
import { clientsOf } from './loopback-client.ts';
import { ruleNamed } from './rule-values.ts';

const signal = new AbortController().signal;
const RULE = ruleNamed('aws-secret-access-key');
const HOSTS = ['sts.amazonaws.com', 'sts.cn-north-1.amazonaws.com.cn', 'sts.us-gov-west-1.amazonaws.com'];
const TOKEN = fillExample('IQoJb3JpZ2lu{{base64:120}}', 'token');

type Beside = { readonly id?: string; readonly temporaryId?: string; readonly token?: string };

const partsOf = ({ id, temporaryId, token }: Beside) => {
  const named = { 'aws-access-key-id': id, 'aws-temporary-access-key-id': temporaryId, 'aws-session-token': token };
  return Object.fromEntries(
    Object.entries(named).flatMap(([rule, text]) => (text === undefined ? [] : [[rule, { rule, secret: new Secret(text) }]])),
  );
};

function checkerOf(server: string, beside: Beside, settings: Partial<ProviderSettings> = {}) {
  const now = (): Date => new Date('2026-05-01T12:00:00Z');
  const checker = checkerForRule(RULE, partsOf(beside), { ...NO_SETTINGS, ...settings }, { ...clientsOf(server, { totalMs: 2000 }), now });
  if (checker === null) throw new Error('nobody is asked');
  return checker;
}

const askedHosts = ({ asked }: Pick<AwsIamFake, 'asked'>): string[] => asked.map(({ headers }) => String(headers['x-forwarded-host']));

describe('secret access keys', () => {
  it('works: account and ARN are named, one partition is asked, the secret is not sent', async () => {
    const fake = await startAwsIam();
    const { id, secret } = fake.make();
    const checker = checkerOf(fake.origin, { id });
    expect(checker.originsFor(new Secret(secret)).map((origin) => new URL(origin).host)).toEqual(HOSTS);
    const identity = `account ${ACCOUNT}, arn:aws:iam::${ACCOUNT}:user/team/app`;
    expect(await checker.check(new Secret(secret), signal)).toEqual({ state: 'accepted', identity });
    expect(askedHosts(fake)).toEqual(HOSTS.slice(0, 1));
    expect(JSON.stringify(fake.asked)).not.toContain(secret);
  });

  it.each(HOSTS)('is found in the partition that made it: %s', async (host) => {
    const fake = await startAwsIam();
    const { id, secret } = Object.assign(fake.make(), { host });
    const checker = checkerOf(fake.origin, { id });
    expect((await checker.check(new Secret(secret), signal)).state).toBe('accepted');
    expect([askedHosts(fake).at(-1), checker.originsFor(new Secret(secret))]).toEqual([host, [`https://${host}`]]);
  });

  it('is retired when no partition knows its id, or it is inactive', async () => {
    const fake = await startAwsIam();
    const { id, secret } = Object.assign(fake.make(), { isActive: false });
    expect(await checkerOf(fake.origin, { id }).check(new Secret(secret), signal)).toEqual({ state: 'refused' });
    expect(askedHosts(fake)).toEqual(HOSTS);
    const only = { names: new Map([['partition', 'aws-us-gov']]) };
    expect(await checkerOf(fake.origin, { id }, only).check(new Secret(secret), signal)).toEqual({ state: 'refused' });
    expect(askedHosts(fake).slice(HOSTS.length)).toEqual(['sts.us-gov-west-1.amazonaws.com']);
  });

  it('is unknown when the id beside it works with another secret', async () => {
    const fake = await startAwsIam();
    const [one, other] = [fake.make(), fake.make()];
    const answer = await checkerOf(fake.origin, { id: one.id }).check(new Secret(other.secret), signal);
    expect(answer).toEqual({ state: 'unknown', why: 'denied', detail: expect.stringContaining('has another secret') });
  });

  it('says that the clock is wrong, which proves nothing', async () => {
    const fake = await startAwsIam();
    const { id, secret } = fake.make();
    fake.isSkewed = true;
    const answer = await checkerOf(fake.origin, { id }).check(new Secret(secret), signal);
    expect(answer).toMatchObject({ state: 'unknown', why: 'denied', detail: expect.stringContaining('clock') });
  });

  it('temporary keys: with their token, also as addresses have it; over is retired, another token is unknown', async () => {
    const fake = await startAwsIam();
    const key = Object.assign(fake.make(), { token: TOKEN });
    const temporaryId = key.id.replace('AKIA', 'ASIA');
    fake.keys.set(temporaryId, key);
    const check = (token: string) => checkerOf(fake.origin, { temporaryId, token }).check(new Secret(key.secret), signal);
    expect((await check(TOKEN)).state).toBe('accepted');
    expect((await check(encodeURIComponent(TOKEN))).state).toBe('accepted');
    const other = await check(TOKEN.slice(0, -4));
    expect(other).toMatchObject({ state: 'unknown', why: 'denied', detail: expect.stringContaining('session token') });
    Object.assign(key, { isExpired: true });
    expect(await check(TOKEN)).toEqual({ state: 'refused' });
  });

  it('of two ids beside it the one that it belongs to counts', async () => {
    const fake = await startAwsIam();
    const [dead, live] = [Object.assign(fake.make(), { isActive: false }), Object.assign(fake.make(), { token: TOKEN })];
    const beside = { id: dead.id, temporaryId: live.id, token: TOKEN };
    expect((await checkerOf(fake.origin, beside).check(new Secret(live.secret), signal)).state).toBe('accepted');
    live.isActive = false;
    expect((await checkerOf(fake.origin, beside).check(new Secret(live.secret), signal)).state).toBe('unknown');
  });

  it.each([
    [{}, 'the key id is needed'],
    [{ temporaryId: 'ASIA' }, 'the session token is needed'],
    [{ temporaryId: 'ASIA', token: '%E0%A4%A' }, 'the session token is needed'],
    [{ token: TOKEN }, 'the key id is needed'],
  ] as const)('asks nobody while a part is missing: %j', async (beside, said) => {
    const checker = checkerOf('http://127.0.0.1:9', beside);
    const value = new Secret('x'.repeat(40));
    expect(checker.originsFor(value)).toEqual([]);
    expect(checker.obstacle(value)).toContain(said);
    expect(await checker.check(value, signal)).toEqual({ state: 'unknown', why: 'no-checker' });
  });

  const error = (status: number, code: string, message = 'no'): Answer => ({
    status,
    headers: { 'content-type': 'text/xml' },
    body: `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  });
  const caller = (arn: string): Answer => ({ body: `<GetCallerIdentityResponse><Arn>${arn}</Arn></GetCallerIdentityResponse>` });

  it.each([
    ['invalid id', error(403, 'InvalidClientTokenId'), 'refused'],
    ['expired', error(403, 'ExpiredToken'), 'refused'],
    ['a clock that is slow', error(403, 'SignatureDoesNotMatch', 'Signature expired: 1 is now earlier than 2'), 'denied'],
    ['a clock that is fast', error(403, 'SignatureDoesNotMatch', 'Signature not yet current: 2 is still later than 1'), 'denied'],
    ['an old request', error(400, 'RequestExpired'), 'denied'],
    ['a policy', error(403, 'AccessDenied'), 'denied'],
    ['a proxy', { status: 403, headers: { 'content-type': 'text/html' }, body: '<html>no</html>' }, 'denied'],
    ['a pause', error(400, 'Throttling'), 'rate-limited'],
    ['too many', { status: 429 }, 'rate-limited'],
    ['an outage', error(503, 'ServiceUnavailable'), 'unreachable'],
    ['a missing page', { status: 404 }, 'odd-reply'],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere.example/' } }, 'odd-reply'],
    ['nobody', { body: '<GetCallerIdentityResponse/>' }, 'odd-reply'],
    ['a caller of no form of AWS', caller('arn:x'), 'odd-reply'],
    ['a role', caller('arn:aws:sts::111122223333:assumed-role/deploy/i-0abc'), 'accepted'],
    ['root', caller('arn:aws-us-gov:iam::111122223333:root'), 'accepted'],
  ] as const)('%s', async (_, reply, expected) => {
    const server = await startLoopback(() => reply);
    const answer = await checkerOf(server.origin, { id: 'AKIA' }).check(new Secret('x'.repeat(40)), signal);
    expect(answer.state === 'unknown' ? answer.why : answer.state).toBe(expected);
  });

  it('signs for the region of the owner’s endpoint', async () => {
    const fake = await startAwsIam();
    const { id, secret } = fake.make();
    const own = { installations: ['https://vpce-1-abc.sts.eu-west-1.vpce.amazonaws.com'], isPublicAsked: false };
    expect((await checkerOf(fake.origin, { id }, own).check(new Secret(secret), signal)).state).toBe('accepted');
    expect(fake.asked.map(({ headers }) => headers.authorization)).toEqual([expect.stringContaining('/eu-west-1/sts/aws4_request')]);
  });

  it('refuses a partition that there is none of', () => {
    const checker = checkerOf('http://127.0.0.1:9', { id: 'AKIA' }, { names: new Map([['partition', 'moon']]) });
    expect(checker.originsFor(new Secret('x'))).toEqual([]);
    expect(checker.obstacle(new Secret('x'))).toContain('partition in issuers.toml is one of aws, aws-cn, aws-us-gov');
  });

  it('the same secret with another id is another question, and both rules ask the same', () => {
    const [one, other] = [partsOf({ id: 'AKIA1' }), partsOf({ id: 'AKIA2' })];
    expect(questionOf(RULE, one)).not.toBe(questionOf(RULE, other));
    expect(questionOf(RULE, one)).toBe(questionOf(ruleNamed('aws-secret-access-key-near-id'), one));
  });
});
