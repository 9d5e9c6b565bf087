/** The end of a credential at its issuer, over the fakes of fixtures/issuers: the very one, told apart from every way in which it can fail, safe to go on with after a kill. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type IssuerFault, type Providers, startProviders } from '../../fixtures/issuers/providers.ts';
import { type IssuerPart, RotationError } from '../../src/core/rotation.ts';
import { Secret } from '../../src/core/secret.ts';
import { issuerForRule, NO_SETTINGS, type ProviderSettings } from '../../src/issuers/for-rule.ts';
import type { RuleIssuer } from '../../src/issuers/rule-issuer.ts';
import { rotationFailure, TestRun } from '../stores/rotator-contract.ts';
import { clientsOf } from './loopback-client.ts';
import { makeValue, ruleNamed } from './rule-values.ts';

const signal = new AbortController().signal;
/** How long a test waits for an answer that never comes. */
const PATIENCE_MS = 300;

type Case = { readonly rule: string; readonly host: string; readonly scopes: readonly string[]; readonly isInstallable?: true };

const CASES: readonly Case[] = [
  { rule: 'github-pat-classic', host: 'api.github.com', scopes: ['repo', 'workflow'] },
  { rule: 'github-fine-grained-pat', host: 'api.github.com', scopes: [] },
  { rule: 'gitlab-pat', host: 'gitlab.com', scopes: ['api'], isInstallable: true },
  { rule: 'slack-bot-token', host: 'slack.com', scopes: ['chat:write'] },
  { rule: 'slack-user-token', host: 'slack.com', scopes: ['chat:write'] },
  { rule: 'sendgrid-api-key', host: 'api.sendgrid.com', scopes: ['mail.send', 'api_keys.create', 'api_keys.read', 'api_keys.delete'] },
  { rule: 'npm-access-token', host: 'registry.npmjs.org', scopes: ['tokens'] },
  { rule: 'heroku-api-key', host: 'api.heroku.com', scopes: [] },
  { rule: 'aiven-auth-token', host: 'api.aiven.io', scopes: [] },
  { rule: 'linode-token', host: 'api.linode.com', scopes: [] },
  { rule: 'cloudflare-user-api-token', host: 'api.cloudflare.com', scopes: ['tokens:edit'] },
];

function issuerOf(rule: string, fake: Providers, settings: ProviderSettings = NO_SETTINGS, totalMs = 5000): RuleIssuer {
  const issuer = issuerForRule(ruleNamed(rule), {}, settings, clientsOf(fake.origin, { totalMs }));
  if (issuer === null) throw new Error(`${rule} has no issuer`);
  return issuer;
}

/** Returns the id that an issuer gives a value: what stands in it, where something does. */
function idOf(rule: string, value: string, number: number): string {
  return rule === 'sendgrid-api-key' ? (value.split('.')[1] ?? '') : `id-${number}`;
}

/** An account with three credentials of the kind, of which the second leaked. */
async function begin({ rule, host, scopes }: Case, totalMs?: number) {
  const fake = await startProviders();
  const values = [1, 2, 3].map((seed) => makeValue(ruleNamed(rule), seed));
  values.forEach((value, index) => {
    fake.put(host, value, {
      id: idOf(rule, value, index + 1),
      owner: 'alice',
      scopes,
      name: `key ${index + 1}`,
      created: `2026-0${index + 1}-01`,
    });
  });
  const leaked = values[1] ?? '';
  const run = new TestRun(leaked, null);
  const connect = (): RuleIssuer => issuerOf(rule, fake, NO_SETTINGS, totalMs);
  const [first = '', , third = ''] = fake.live(host);
  const others = [first, third];
  return { fake, values, leaked, run, connect, others, live: () => fake.live(host) };
}

const texts = ({ identity, actions, warnings }: IssuerPart): string =>
  JSON.stringify([identity, warnings, actions.map(({ id, does, effects, undo }) => [id, does, effects, undo?.does])]);

async function revokeAll(part: IssuerPart, run: TestRun): Promise<void> {
  for (const action of part.actions) await action.act(run.open());
}

describe.each(CASES)('revocation: $rule', (one) => {
  it('plans by asking alone, says whose it is, and shows no value', async () => {
    const { fake, leaked, run, connect, others, live } = await begin(one);
    const issuer = connect();
    const [part, again] = [await issuer.plan('revoke', run.old, signal), await issuer.plan('revoke', run.old, signal)];
    expect(texts(again)).toBe(texts(part));
    expect(live()).toHaveLength(3);
    expect(part.actions.map(({ reaches }) => reaches)).toEqual(['OLD_DISABLED']);
    expect(part.identity).toContain(one.host);
    const changing = fake.asked.filter(({ method, path }) => method !== 'GET' && !/auth\.test|test=1/.test(path));
    expect(changing).toEqual([]);
    expect(inspect([issuer, part, run.open()], { depth: 9, getters: false })).not.toContain(leaked);
    expect(await part.actions[0]?.happened(run.open())).toBe('no');
    expect(others).toHaveLength(2);
    await issuer.close();
  });

  it('ends the one that leaked and no other; a second time does nothing', async () => {
    const { run, connect, others, live } = await begin(one);
    const issuer = connect();
    const part = await issuer.plan('revoke', run.old, signal);
    await revokeAll(part, run);
    expect(live()).toEqual(others);
    expect(await part.actions[0]?.happened(run.open())).toBe('yes');
    await revokeAll(part, run);
    expect(live()).toEqual(others);
    expect((await issuer.check(run.old, signal)).state).toBe('refused');
    await issuer.close();
  });

  it('goes on after a kill between the deed and the news of it', async () => {
    const { fake, run, connect, others, live } = await begin(one);
    const killed = connect();
    const part = await killed.plan('revoke', run.old, signal);
    fake.play('lost');
    // An issuer that can be asked at once says itself that it is done.
    const failure = await revokeAll(part, run).then(
      () => null,
      (error: unknown) => error,
    );
    if (failure !== null) expect(failure instanceof RotationError && failure.mayHaveHappened).toBe(true);
    expect(live()).toEqual(others);
    fake.play(null);
    const next = connect();
    const resumed = await next.plan('revoke', run.old, signal, true);
    expect(resumed.actions.map(({ id }) => id)).toEqual(part.actions.map(({ id }) => id));
    expect(await resumed.actions[0]?.happened(run.open())).toBe('yes');
    await revokeAll(resumed, run);
    expect(live()).toEqual(others);
    await Promise.all([killed.close(), next.close()]);
  });

  it.each<[IssuerFault, string, boolean]>([
    ['denied', 'denied', false],
    ['throttled', 'throttled', false],
    ['unavailable', 'unreachable', true],
    ['odd-reply', 'odd-reply', true],
    ['redirect', 'odd-reply', true],
    ['cut', 'unreachable', true],
    ['hang', 'timed-out', true],
  ])('%s: says %s, and whether it may have happened', async (fault, why, mayHaveHappened) => {
    const { fake, leaked, run, connect, live } = await begin(one, fault === 'hang' ? PATIENCE_MS : undefined);
    const issuer = connect();
    const part = await issuer.plan('revoke', run.old, signal);
    fake.play(fault);
    const failure = await rotationFailure(revokeAll(part, run));
    expect([failure.why, failure.mayHaveHappened]).toEqual([why, mayHaveHappened]);
    expect(inspect(failure, { depth: 9 })).not.toContain(leaked);
    expect(failure.message).not.toContain('hidden-value');
    expect(live()).toHaveLength(3);
    expect(await part.actions[0]?.happened(run.open())).toBe('no');
    await issuer.close();
  });

  it('plans nothing while the issuer cannot be asked', async () => {
    const { fake, run, connect } = await begin(one);
    fake.play('unavailable', 'everything');
    expect((await rotationFailure(connect().plan('revoke', run.old, signal))).why).toBe('unreachable');
    fake.play('throttled', 'everything');
    expect((await rotationFailure(connect().plan('revoke', run.old, signal))).why).toBe('throttled');
  });
});

describe('revocation, where it is not that simple', () => {
  it('says beforehand that a key lacks the right: nothing else is tried', async () => {
    const { run, connect, live } = await begin({ rule: 'npm-access-token', host: 'registry.npmjs.org', scopes: [] });
    const failure = await rotationFailure(connect().plan('revoke', run.old, signal));
    expect([failure.why, failure.mayHaveHappened]).toEqual(['cannot', false]);
    expect(failure.message).toMatch(/may not list the tokens/);
    expect(live()).toHaveLength(3);
  });

  it('takes none of two tokens that look alike, and the one whose date the owner gives', async () => {
    const rule = 'npm-access-token';
    const fake = await startProviders();
    const value = makeValue(ruleNamed(rule), 5);
    const twin = `${value.slice(0, 8)}${value.slice(8, -4).toLowerCase().split('').toReversed().join('')}${value.slice(-4)}`;
    fake.put('registry.npmjs.org', twin, { id: 'twin', owner: 'alice', scopes: ['tokens'], created: '2026-01-01T00:00:00Z' });
    fake.put('registry.npmjs.org', value, { id: 'leaked', owner: 'alice', scopes: ['tokens'], created: '2026-02-01T00:00:00Z' });
    const run = new TestRun(value, null);
    expect((await rotationFailure(issuerOf(rule, fake).plan('revoke', run.old, signal))).why).toBe('ambiguous');
    const issuer = issuerOf(rule, fake, { ...NO_SETTINGS, names: new Map([['created', '2026-02-01']]) });
    await revokeAll(await issuer.plan('revoke', run.old, signal), run);
    expect(fake.live('registry.npmjs.org')).toEqual(['twin']);
  });

  it('ends a Tailscale key by the id in it', async () => {
    const fake = await startProviders();
    const [id, secret] = ['kAbCdEf123CNTRL', 'x'.repeat(24)];
    const value = `tskey-api-${id}-${secret}`;
    fake.put('api.tailscale.com', 'another', { id: 'other', owner: 'alice', scopes: [] });
    fake.put('api.tailscale.com', value, { id, owner: 'alice', scopes: [] });
    const rule = 'tailscale-auth-key';
    const run = new TestRun(value, null);
    await revokeAll(await issuerOf(rule, fake).plan('revoke', run.old, signal), run);
    expect(fake.live('api.tailscale.com')).toEqual(['other']);
  });

  it('sends the page where a person does it when there is no way', async () => {
    const { run, connect } = await begin({ rule: 'stripe-secret-key', host: 'api.stripe.com', scopes: [] });
    const failure = await rotationFailure(connect().plan('revoke', run.old, signal));
    expect(failure.why).toBe('cannot');
    expect(failure.message).toBe('Stripe: there is no way to end it from here; a person does it at https://dashboard.stripe.com/apikeys');
  });

  it('does not plan for a GitLab token that gitlab.com does not know, and ends it where it was made', async () => {
    const fake = await startProviders();
    const value = makeValue(ruleNamed('gitlab-pat'), 8);
    fake.put('gitlab.com at home', value, { id: 'home', owner: 'alice', scopes: ['api'] });
    const run = new TestRun(value, null);
    const failure = await rotationFailure(issuerOf('gitlab-pat', fake).plan('revoke', run.old, signal));
    expect([failure.why, failure.message.includes('issuers.toml')]).toEqual(['cannot', true]);
    fake.play('denied', 'everything');
    expect((await rotationFailure(issuerOf('gitlab-pat', fake).plan('revoke', run.old, signal))).why).toBe('cannot');
  });

  it('plans for one that is dead already, with a warning', async () => {
    const { run, connect, fake } = await begin({ rule: 'github-pat-classic', host: 'api.github.com', scopes: [] });
    const issuer = connect();
    await revokeAll(await issuer.plan('revoke', run.old, signal), run);
    const part = await connect().plan('revoke', run.old, signal);
    expect(part.warnings).toEqual(['api.github.com refuses it already']);
    expect(fake.live('api.github.com')).toHaveLength(2);
  });
});

describe('replacement', () => {
  it('rotates a GitLab token once: the new one is kept first, and a lost answer is for a person', async () => {
    const { fake, run, connect } = await begin({ rule: 'gitlab-pat', host: 'gitlab.com', scopes: ['api'] });
    const issuer = connect();
    const part = await issuer.plan('replace', run.old, signal);
    expect(part.actions.map(({ id, repeat }) => [id, repeat])).toEqual([
      ['gitlab:rotate', 'never'],
      ['gitlab:test', 'always'],
    ]);
    expect(await part.actions[0]?.happened(run.open())).toBe('no');
    await revokeAll(part, run);
    expect(run.kept).toBeInstanceOf(Secret);
    expect(await part.actions[0]?.happened(run.open())).toBe('yes');
    expect((await issuer.check(run.old, signal)).state).toBe('refused');

    const lost = await begin({ rule: 'gitlab-pat', host: 'gitlab.com', scopes: ['api'] });
    const killed = await lost.connect().plan('replace', lost.run.old, signal);
    lost.fake.play('lost');
    const failure = await rotationFailure(killed.actions[0]?.act(lost.run.open()) ?? Promise.resolve());
    expect([failure.mayHaveHappened, lost.run.kept]).toEqual([true, null]);
    lost.fake.play(null);
    const resumed = await lost.connect().plan('replace', lost.run.old, signal, true);
    expect(await resumed.actions[0]?.happened(lost.run.open())).toBe('unclear');
    expect(fake.live('gitlab.com')).toHaveLength(3);
  });

  it('does not rotate a GitLab token that may not rotate itself', async () => {
    const { run, connect } = await begin({ rule: 'gitlab-pat', host: 'gitlab.com', scopes: ['read_api'] });
    expect((await rotationFailure(connect().plan('replace', run.old, signal))).message).toMatch(/neither the scope api nor self_rotate/);
  });

  it('replaces a SendGrid key by one with the same scopes, and removes one whose answer was lost', async () => {
    const scopes = ['mail.send', 'api_keys.create', 'api_keys.read', 'api_keys.delete'];
    const { fake, run, connect, live, others } = await begin({ rule: 'sendgrid-api-key', host: 'api.sendgrid.com', scopes });
    const part = await connect().plan('replace', run.old, signal);
    expect(part.actions.map(({ id, reaches }) => [id, reaches])).toEqual([
      ['sendgrid:create', 'CREATED'],
      ['sendgrid:test', 'TESTED'],
      ['sendgrid-api-key:revoke', 'OLD_DISABLED'],
    ]);
    fake.play('lost');
    expect((await rotationFailure(part.actions[0]?.act(run.open()) ?? Promise.resolve())).mayHaveHappened).toBe(true);
    expect([live().length, run.kept]).toEqual([4, null]);
    fake.play(null);
    const resumed = await connect().plan('replace', run.old, signal, true);
    expect(await resumed.actions[0]?.happened(run.open())).toBe('no');
    await revokeAll(resumed, run);
    expect(live()).toHaveLength(3);
    expect(live().filter((id) => others.includes(id))).toEqual(others);
    expect((await connect().check(run.kept ?? run.old, signal)).state).toBe('accepted');
  });

  it('takes a new SendGrid key back', async () => {
    const scopes = ['mail.send', 'api_keys.create', 'api_keys.read', 'api_keys.delete'];
    const { run, connect, live } = await begin({ rule: 'sendgrid-api-key', host: 'api.sendgrid.com', scopes });
    const [create] = (await connect().plan('replace', run.old, signal)).actions;
    const before = live();
    await create?.act(run.open());
    await create?.undo?.act(run.open());
    expect(live()).toEqual(before);
  });
});
