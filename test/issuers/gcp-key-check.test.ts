/** Keys of Google service accounts, asked about with the address beside them: over the fake, and over refusals in Google's words. */
import { describe, expect, it } from 'vitest';
import { ACCOUNT, createPairs, startGcpKeys } from '../../fixtures/issuers/gcp-keys.ts';
import { Secret } from '../../src/core/secret.ts';
import { checkerForRule, NO_SETTINGS, type ProviderSettings } from '../../src/issuers/for-rule.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { type Answer, startLoopback } from '../net/loopback.ts';
import { clientsOf } from './loopback-client.ts';
import { ruleNamed } from './rule-values.ts';

const signal = new AbortController().signal;
const PAIRS = createPairs(2);
const PEM = String(PAIRS[0]?.privateKey.export({ type: 'pkcs8', format: 'pem' }));
/** As the rule finds it: without the last line. */
const found = (pem: string): string => pem.slice(0, pem.indexOf('-----END'));

function checkerOf(server: string, account: string | null = ACCOUNT, settings: Partial<ProviderSettings> = {}) {
  const rule = 'google-service-account-email';
  const parts = account === null ? {} : { account: { rule, secret: new Secret(account) } };
  const context = { ...clientsOf(server, { totalMs: 2000 }), now: () => new Date() };
  const checker = checkerForRule(ruleNamed('google-service-account-key'), parts, { ...NO_SETTINGS, ...settings }, context);
  if (checker === null) throw new Error('nobody is asked');
  return checker;
}

describe('keys of Google service accounts', () => {
  it.each([
    ['as a file has it', (pem: string) => pem],
    ['with line breaks, without its end', found],
    ['in JSON', (pem: string) => found(pem).replaceAll('\n', '\\n')],
    ['in JSON within JSON', (pem: string) => found(pem).replaceAll('\n', '\\\\n')],
  ])('works, %s: the account is named, Google alone is asked, the key is not sent', async (_, written) => {
    const fake = await startGcpKeys(PAIRS);
    fake.make();
    const value = new Secret(written(PEM));
    const checker = checkerOf(fake.origin);
    expect(checker.originsFor(value)).toEqual(['https://oauth2.googleapis.com']);
    expect(await checker.check(value, signal)).toEqual({ state: 'accepted', identity: ACCOUNT });
    const [asked] = fake.asked;
    expect([asked?.path, asked?.headers['x-forwarded-host']]).toEqual(['/token', 'oauth2.googleapis.com']);
    const [, claims = ''] = (new URLSearchParams(asked?.body).get('assertion') ?? '').split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ iss: ACCOUNT, scope: 'openid' });
    expect(asked?.body).not.toContain(PEM.split('\n')[3]);
  });

  it('is retired once it is deleted or off, or its account is gone', async () => {
    const fake = await startGcpKeys(PAIRS);
    const key = fake.make();
    key.disabled = true;
    expect(await checkerOf(fake.origin).check(new Secret(PEM), signal)).toEqual({ state: 'refused' });
    fake.keys.clear();
    expect(await checkerOf(fake.origin).check(new Secret(PEM), signal)).toEqual({ state: 'refused' });
    const gone = checkerOf(fake.origin, 'gone@team-a.iam.gserviceaccount.com');
    expect(await gone.check(new Secret(PEM), signal)).toEqual({ state: 'refused' });
  });

  it('says that the clock is wrong, which proves nothing', async () => {
    const fake = await startGcpKeys(PAIRS);
    fake.make();
    fake.isSkewed = true;
    const answer = await checkerOf(fake.origin).check(new Secret(PEM), signal);
    expect(answer).toMatchObject({ state: 'unknown', why: 'denied', detail: expect.stringContaining('clock') });
  });

  it('asks by the owner’s way to Google', async () => {
    const fake = await startGcpKeys(PAIRS);
    fake.make();
    const own = { installations: ['https://oauth2-team.p.googleapis.com'], isPublicAsked: false };
    expect((await checkerOf(fake.origin, ACCOUNT, own).check(new Secret(PEM), signal)).state).toBe('accepted');
    expect(fake.asked[0]?.headers['x-forwarded-host']).toBe('oauth2-team.p.googleapis.com');
    expect(checkerOf(fake.origin, ACCOUNT, { isPublicAsked: false }).obstacle(new Secret(PEM))).toContain('rules the public one out');
  });

  it.each([
    ['no address', null, PEM, 'client_email'],
    ['the address of another server', 'robot@evil.example', PEM, 'client_email'],
    ['a part of a key', ACCOUNT, fillExample('-----BEGIN PRIVATE KEY-----\\n{{base64:64}}\\n', 'part'), 'a part of a key'],
  ])('asks nobody with %s', async (_, account, text, said) => {
    const checker = checkerOf('http://127.0.0.1:9', account);
    const value = new Secret(text);
    expect([checker.originsFor(value), checker.obstacle(value)]).toEqual([[], expect.stringContaining(said)]);
    expect(await checker.check(value, signal)).toEqual({ state: 'unknown', why: 'no-checker' });
  });

  const refusal = (error_description: string, error = 'invalid_grant', status = 400): Answer => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ error, error_description }),
  });

  it.each([
    ['a signature of no key', refusal('Invalid JWT Signature.'), 'refused'],
    ['an account that is gone', refusal('Invalid grant: account not found'), 'refused'],
    ['a clock', refusal('Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.'), 'denied'],
    ['another reason', refusal('Invalid JWT: something new'), 'denied'],
    ['no scope', refusal('Invalid OAuth scope', 'invalid_scope'), 'odd-reply'],
    ['a policy', refusal('no', 'access_denied', 403), 'denied'],
    ['an outage', { status: 503 }, 'unreachable'],
    ['too many', { status: 429 }, 'rate-limited'],
    ['a page', { body: '<html></html>' }, 'odd-reply'],
    ['a token of identity alone', { body: '{"id_token":"x"}' }, 'accepted'],
  ] as const)('%s', async (_, reply, expected) => {
    const server = await startLoopback(() => reply);
    const answer = await checkerOf(server.origin).check(new Secret(PEM), signal);
    expect(answer.state === 'unknown' ? answer.why : answer.state).toBe(expected);
  });
});
