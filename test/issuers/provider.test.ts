/** The issuers that rules describe, as a kind of `rotators.toml`: with settings of its table, and with those of issuers.toml where a rule itself is the rotator. */
import { describe, expect, it } from 'vitest';
import { startProviders } from '../../fixtures/issuers/providers.ts';
import { rotatorSettings } from '../../src/cli/issuers-file.ts';
import { RotationError } from '../../src/core/rotation.ts';
import { Secret } from '../../src/core/secret.ts';
import { ISSUER_KINDS } from '../../src/issuers/index.ts';
import type { IssuerContext, IssuerSettings } from '../../src/issuers/issuer-kind.ts';
import { provider } from '../../src/issuers/provider.ts';
import { startLoopback } from '../net/loopback.ts';
import { TestRun } from '../stores/rotator-contract.ts';
import { clientsOf } from './loopback-client.ts';
import { makeValue, ruleNamed } from './rule-values.ts';

const signal = new AbortController().signal;

const contextOf = (server: string): IssuerContext => ({
  env: {},
  folder: '/',
  readFile: () => Promise.reject(new Error('no file is read')),
  now: () => new Date('2026-03-01T12:00:00Z'),
  ...clientsOf(server),
});

describe('the kind provider', () => {
  it('is registered, needs a rule, and knows every name that a rule asks for', () => {
    expect(ISSUER_KINDS).toContain(provider);
    const names = provider.settings.map(({ name }) => name);
    expect(provider.settings.filter(({ isRequired }) => isRequired).map(({ name }) => name)).toEqual(['rule']);
    expect(names).toEqual(expect.arrayContaining(['installations', 'public', 'created', 'vault', 'domain', 'confluent-api-key']));
    expect(new Set(names).size).toBe(names.length);
  });

  it.each<[IssuerSettings, string]>([
    [{}, 'rule is missing'],
    [{ rule: 'no-such-rule' }, 'there is no rule no-such-rule'],
    [{ rule: 'github-pat-classic', installations: 'http://git.example' }, 'http://git.example is no https address'],
    [{ rule: 'stripe-webhook-secret' }, 'nothing is known of who issues Webhook signing secret'],
  ])('refuses %o', (settings, said) => {
    const create = (): unknown => provider.create(settings, contextOf('http://127.0.0.1:9'));
    expect(create).toThrow(RotationError);
    expect(create).toThrow(said);
  });

  it('ends a token of an installation that issuers.toml names', async () => {
    const fake = await startProviders();
    const rule = ruleNamed('gitlab-pat');
    const value = makeValue(rule, 4);
    fake.put('gitlab.com at home', value, { id: 'home', owner: 'alice', scopes: ['api'] });
    const said = { installations: [fake.installation('gitlab.com')], isPublicAsked: false, names: new Map([['other', 'x']]) };
    const settings = rotatorSettings(rule, new Map([['gitlab', said]]));
    expect(settings).toEqual({ rule: 'gitlab-pat', installations: fake.installation('gitlab.com'), public: 'false' });
    const issuer = provider.create(settings, contextOf(fake.origin));
    const part = await issuer.plan('revoke', new Secret(value), signal);
    expect(part.identity).toContain('ci, alice');
    const run = {
      id: 'x',
      old: new Secret(value),
      fresh: null,
      keep: () => Promise.resolve(),
      fact: () => undefined,
      setFact: () => Promise.resolve(),
      signal,
    };
    for (const action of part.actions) await action.act(run);
    expect(fake.live('gitlab.com at home')).toEqual([]);
    expect(fake.asked.map(({ path }) => path).filter((path) => !path.startsWith('/at/'))).toEqual([]);
    await issuer.close();
  });

  it('takes ids from what was found beside the value: no table names them', async () => {
    const rule = ruleNamed('confluent-api-secret');
    const [value, id] = [makeValue(rule, 4), 'ABCDEFGHIJKLMNOP'];
    const basic = `Basic ${Buffer.from(`${id}:${value}`).toString('base64')}`;
    let isLive = true;
    const server = await startLoopback(({ method, path, headers }) => {
      if (headers.authorization !== basic || path !== `/iam/v2/api-keys/${id}`) return { status: 400 };
      if (method === 'DELETE') isLive = false;
      return { status: method === 'DELETE' ? 204 : isLive ? 200 : 401 };
    });
    const settings = { rule: rule.id };
    const alone = provider.create(settings, contextOf(server.origin));
    await expect(alone.plan('revoke', new Secret(value), signal)).rejects.toThrow('confluent-api-key is needed beside the value');
    const beside = new Map([['confluent-api-key', new Secret(id)]]);
    const issuer = provider.create(settings, { ...contextOf(server.origin), beside });
    const part = await issuer.plan('revoke', new Secret(value), signal);
    const run = new TestRun(value, null);
    for (const action of part.actions) await action.act(run.open());
    expect([isLive, await issuer.check(new Secret(value), signal)]).toEqual([false, { state: 'refused' }]);
  });

  it('takes nothing for a provider that issuers.toml does not name', () => {
    expect(rotatorSettings(ruleNamed('github-pat-classic'), new Map())).toEqual({ rule: 'github-pat-classic' });
  });
});
