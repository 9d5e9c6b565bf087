/** Questions to issuers: what they say of a credential, who is asked, and that nothing of the value is told again or sent elsewhere. */
import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startProviders } from '../../fixtures/issuers/providers.ts';
import { Secret } from '../../src/core/secret.ts';
import { FillFault, fillRequest } from '../../src/issuers/fill-request.ts';
import { issuerForRule, NO_SETTINGS, type ProviderSettings, providerKey } from '../../src/issuers/for-rule.ts';
import { type Answer, startLoopback } from '../net/loopback.ts';
import { clientsOf } from './loopback-client.ts';
import { makeValue, ruleNamed } from './rule-values.ts';

const signal = new AbortController().signal;

function issuerOf(id: string, server: string, settings: Partial<ProviderSettings> = {}, others: { readonly totalMs?: number } = {}) {
  const issuer = issuerForRule(ruleNamed(id), {}, { ...NO_SETTINGS, ...settings }, clientsOf(server, others));
  if (issuer === null) throw new Error(`${id} has no issuer`);
  return issuer;
}

/** Only who never answers is waited for briefly: on a busy machine megabytes take their time. */
async function answered(id: string, reply: Answer, value = new Secret(makeValue(ruleNamed(id), 1))) {
  const server = await startLoopback(() => reply);
  const answer = await issuerOf(id, server.origin, {}, { totalMs: reply === 'hang' ? 300 : 20_000 }).check(value, signal);
  return { answer, asked: server.asked };
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

describe('an answer', () => {
  it('says whose it is, what it may do and until when', async () => {
    const fake = await startProviders();
    const value = makeValue(ruleNamed('gitlab-pat'), 1);
    fake.put('gitlab.com', value, { id: '1', owner: 'alice', scopes: ['api', 'read_user'] });
    expect(await issuerOf('gitlab-pat', fake.origin).check(new Secret(value), signal)).toEqual({
      state: 'accepted',
      identity: 'ci, alice',
      scopes: ['api', 'read_user'],
      expiresAt: '2027-01-31T00:00:00.000Z',
    });
  });

  it.each<[string, Answer, string]>([
    ['no answer in time', 'hang', 'timed-out'],
    ['a broken connection', 'cut', 'unreachable'],
    ['too large a reply', { body: 'x'.repeat(9 << 20) }, 'odd-reply'],
    ['a redirect', { status: 301, headers: { location: 'http://127.0.0.1:9/' } }, 'odd-reply'],
    ['a page for people', { headers: { 'content-type': 'text/html' }, body: '<html>sign in</html>' }, 'odd-reply'],
    ['a good status without what the rule wants', json({ message: 'hello' }), 'odd-reply'],
    ['a refusal that proves nothing', json({ message: 'blocked' }, 403), 'denied'],
    ['a refusal for too many questions', json({ message: 'slow down' }, 403, { 'x-ratelimit-remaining': '0' }), 'rate-limited'],
    ['a long pause', json({}, 429, { 'retry-after': '3600' }), 'rate-limited'],
    ['JSON that is none', { headers: { 'content-type': 'application/json' }, body: '{"login":' }, 'odd-reply'],
    ['a fault of the server', json({}, 502), 'unreachable'],
  ])('%s is unknown', async (_, reply, why) => {
    const { answer } = await answered('github-pat-classic', reply);
    expect(answer).toEqual({ state: 'unknown', why });
  });

  it('does not go where a redirect leads', async () => {
    const elsewhere = await startLoopback(() => json({ login: 'thief' }));
    const { answer } = await answered('github-pat-classic', { status: 307, headers: { location: `${elsewhere.origin}/user` } });
    expect([answer.state, elsewhere.asked]).toEqual(['unknown', []]);
  });

  it('says a refusal once it is one', async () => {
    expect((await answered('github-pat-classic', json({ message: 'Bad credentials' }, 401))).answer).toEqual({ state: 'refused' });
    expect((await answered('slack-bot-token', json({ ok: false, error: 'token_revoked' }))).answer).toEqual({ state: 'refused' });
    expect((await answered('slack-bot-token', json({ ok: false, error: 'ratelimited' }))).answer).toEqual({
      state: 'unknown',
      why: 'odd-reply',
    });
  });

  it('does not repeat the value that its issuer repeats, nor what cannot be printed', async () => {
    const value = makeValue(ruleNamed('github-pat-classic'), 1);
    const { answer } = await answered('github-pat-classic', json({ login: `you sent ${value}` }), new Secret(value));
    expect(inspect(answer)).not.toContain(value);
    const odd = await answered('github-pat-classic', json({ login: 'a\u001b[31m\nb\u202e' }, 200, { 'x-oauth-scopes': 'repo, <script>' }));
    expect(odd.answer).toEqual({ state: 'accepted', identity: 'a [31m b', scopes: ['repo'] });
  });

  it('is asked for once', async () => {
    const { asked } = await answered('github-pat-classic', json({ login: 'alice' }));
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /user']);
    expect(asked[0]?.headers['x-forwarded-host']).toBe('api.github.com');
  });
});

describe('who is asked', () => {
  it('an installation of the owner’s own first, and the public one after it', async () => {
    const fake = await startProviders();
    const value = makeValue(ruleNamed('gitlab-pat'), 2);
    fake.put('gitlab.com at home', value, { id: '1', owner: 'alice', scopes: ['api'] });
    const settings = { installations: [fake.installation('gitlab.com')] };
    const issuer = issuerOf('gitlab-pat', fake.origin, settings);
    expect(issuer.originsFor(new Secret(value))).toEqual([fake.origin, 'https://gitlab.com']);
    expect((await issuer.check(new Secret(value), signal)).state).toBe('accepted');
    expect(fake.asked).toHaveLength(1);
    const dead = new Secret(makeValue(ruleNamed('gitlab-pat'), 3));
    expect((await issuerOf('gitlab-pat', fake.origin, settings).check(dead, signal)).state).toBe('refused');
    expect(fake.asked).toHaveLength(3);
  });

  it('only that where the owner says so', async () => {
    const fake = await startProviders();
    const value = new Secret(makeValue(ruleNamed('gitlab-pat'), 2));
    const alone = issuerOf('gitlab-pat', fake.origin, { installations: [fake.installation('gitlab.com')], isPublicAsked: false });
    expect((await alone.check(value, signal)).state).toBe('refused');
    expect(fake.asked.map(({ path }) => path)).toEqual(['/at/gitlab.com/api/v4/personal_access_tokens/self']);
    const nobody = issuerOf('gitlab-pat', fake.origin, { isPublicAsked: false });
    expect(await nobody.check(value, signal)).toEqual({ state: 'unknown', why: 'no-checker' });
    expect([fake.asked.length, nobody.obstacle(value)]).toEqual([1, 'issuers.toml names no installation, and rules the public one out']);
  });

  it('the public GitLab alone proves nothing by a refusal', async () => {
    const fake = await startProviders();
    const value = new Secret(makeValue(ruleNamed('gitlab-pat'), 2));
    const issuer = issuerOf('gitlab-pat', fake.origin);
    expect(await issuer.check(value, signal)).toEqual({ state: 'unknown', why: 'denied' });
    expect(issuer.obstacle(value)).toMatch(/an installation of your own may have made it/);
  });

  it('nobody, while the owner has not said where', async () => {
    const server = await startLoopback(() => json({}));
    const vault = ruleNamed('hashicorp-vault-service-token');
    const value = new Secret(makeValue(vault, 1));
    const issuer = issuerOf(vault.id, server.origin);
    expect(await issuer.check(value, signal)).toEqual({ state: 'unknown', why: 'no-checker' });
    expect([server.asked, issuer.originsFor(value), issuer.obstacle(value)]).toEqual([[], [], 'vault is not named by you']);
    const told = issuerOf(vault.id, server.origin, { installations: [server.origin] });
    expect(told.originsFor(value)).toEqual([server.origin]);
    await told.check(value, signal);
    expect(server.asked.map(({ path }) => path)).toEqual(['/v1/auth/token/lookup-self']);
  });

  it('a host that its owner names must be one', () => {
    const value = new Secret(makeValue(ruleNamed('hashicorp-vault-service-token'), 1));
    for (const host of ['a.example/x', 'a@b.example', 'a b', '', '-a', '[::1]']) {
      const issuer = issuerOf('hashicorp-vault-service-token', 'http://127.0.0.1:9', { names: new Map([['vault', host]]) });
      expect([host, issuer.originsFor(value)]).toEqual([host, []]);
    }
  });

  it('a webhook where it leads, if that is its issuer, and nobody else', async () => {
    const rule = ruleNamed('discord-webhook-url');
    const server = await startLoopback(() => json({ id: '1', name: 'deploy', guild_id: '2' }));
    const issuer = issuerForRule(rule, {}, NO_SETTINGS, clientsOf(server.origin));
    const address = 'https://discord.com/api/webhooks/1/x';
    expect(issuer?.originsFor(new Secret(address))).toEqual(['https://discord.com']);
    expect((await issuer?.check(new Secret(address), signal))?.state).toBe('accepted');
    for (const astray of [
      'https://discord.com.evil.example/api/webhooks/1/x',
      'https://discord.com@evil.example/',
      'http://evil.example/discord.com',
    ]) {
      expect(await issuer?.check(new Secret(astray), signal)).toEqual({ state: 'unknown', why: 'no-checker' });
    }
    expect(server.asked).toHaveLength(1);
  });

  it('a data centre that stands in the value, but no other host by it', () => {
    const issuer = issuerForRule(ruleNamed('mailchimp-api-key'), {}, NO_SETTINGS, clientsOf('http://127.0.0.1:9'));
    expect(issuer?.originsFor(new Secret('0123-us6'))).toEqual(['https://us6.api.mailchimp.com']);
    expect(issuer?.originsFor(new Secret('0123-evil.example/'))).toEqual([]);
  });
});

it('calls providers by simple names', () => {
  expect(['GitLab', 'HashiCorp Vault', 'crates.io', '1Password'].map(providerKey)).toEqual([
    'gitlab',
    'hashicorp-vault',
    'crates-io',
    '1password',
  ]);
});

describe('an id that stands in the value', () => {
  const requestOf = (id: string, value: string, names: ReadonlyMap<string, string> = new Map()) => {
    const { revoke } = ruleNamed(id);
    if (revoke === null) throw new Error(`${id} has no revocation`);
    return fillRequest(revoke.request, new Secret(value), { ofOwner: names, beside: new Map(), pieces: revoke.pieces });
  };

  it('is cut, decoded or digested as the rule says', () => {
    expect(requestOf('meraki-api-key', 'abcdef1234').url).toBe(
      'https://api.meraki.com/api/v1/administered/identities/me/api/keys/1234/revoke',
    );
    const owner = new Map([
      ['host', 'elastic.example'],
      ['openshift-api-server', 'api.example:6443'],
    ]);
    const elastic = requestOf('elastic-stack-api-key', Buffer.from('the-id:the-key').toString('base64'), owner);
    expect([elastic.method, elastic.url, elastic.body]).toEqual([
      'DELETE',
      'https://elastic.example/_security/api_key',
      '{"ids":["the-id"],"owner":true}',
    ]);
    // echo -n body | openssl dgst -sha256 -binary | base64, in the alphabet of URLs
    const digest = createHash('sha256').update('body').digest('base64url');
    expect(requestOf('openshift-oauth-token', 'sha256~body', owner).url).toBe(
      `https://api.example:6443/apis/oauth.openshift.io/v1/useroauthaccesstokens/sha256~${digest}`,
    );
  });

  it('leaves out what is not to be sent', () => {
    const { url, headers } = requestOf('infisical-service-token', 'st.id.token.key');
    expect([url, headers?.['authorization']]).toEqual(['https://app.infisical.com/api/v2/service-token/id', 'Bearer st.id.token']);
  });

  it.each([
    ['sendgrid-api-key', 'nodots'],
    ['sendgrid-api-key', 'SG..secret'],
    ['sendgrid-api-key', 'SG.../..secret'],
    ['elastic-stack-api-key', Buffer.from('no colon').toString('base64')],
    ['elastic-stack-api-key', Buffer.from('\u0000id:key').toString('base64')],
  ])('is none in %s %s', (id, value) => {
    expect(() => requestOf(id, value, new Map([['host', 'elastic.example']]))).toThrow(FillFault);
  });
});
