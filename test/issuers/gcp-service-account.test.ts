/** Keys of a Google service account over the fake: the contract of keys, then the forms of a key, keys whose making nobody answered, and what is refused. */
import { describe, expect, it } from 'vitest';
import { ACCOUNT, createPairs, type GcpKeysFake, startGcpKeys, TOKEN } from '../../fixtures/issuers/gcp-keys.ts';
import { type Issuer, RotationError } from '../../src/core/rotation.ts';
import { reveal, Secret } from '../../src/core/secret.ts';
import { gcpServiceAccount } from '../../src/issuers/gcp-service-account.ts';
import type { IssuerContext, IssuerSettings } from '../../src/issuers/issuer-kind.ts';
import { HttpClient } from '../../src/net/http-client.ts';
import { actionOf, doActions, rotationFailure, TestRun } from '../stores/rotator-contract.ts';
import { describeKeyIssuer } from './key-issuer-contract.ts';

const signal = new AbortController().signal;
const PAIRS = createPairs(5);

const CONTEXT: IssuerContext = {
  env: {},
  folder: '/nowhere',
  createClient: (options) => new HttpClient({ ...options, env: {}, random: () => 0.5, sleep: async () => undefined }),
  readFile: async (path) => {
    throw new RotationError('cannot', `${path} cannot be read`, { mayHaveHappened: false });
  },
  now: () => new Date(),
  sleep: async () => undefined,
  cloud: { awsKeys: () => Promise.reject(new Error('not asked')), gcpToken: async () => TOKEN },
};

function issuerOf(fake: GcpKeysFake, settings: IssuerSettings = {}): Issuer {
  return gcpServiceAccount.create(
    { 'account': ACCOUNT, 'endpoint': fake.origin, 'token-endpoint': `${fake.origin}/token`, ...settings },
    CONTEXT,
  );
}

const pemOf = (fake: GcpKeysFake, id: string): string =>
  String(fake.keys.get(id)?.pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));

async function begin(settings: IssuerSettings = {}) {
  const fake = await startGcpKeys(PAIRS);
  const leaked = fake.make();
  const pem = pemOf(fake, leaked.id);
  return { fake, leaked, pem, old: new Secret(pem), issuer: issuerOf(fake, settings), run: new TestRun(pem, null) };
}

const idsOf = (fake: GcpKeysFake, isOn: boolean): string[] =>
  [...fake.keys.values()].filter(({ disabled }) => disabled !== isOn).map(({ id }) => id);

for (const [name, settings, last] of [
  ['Google service account (fake)', {}, []],
  ['Google service account, old keys deleted (fake)', { delete: 'yes' }, [['gcp-key:delete', false]]],
] as const)
  describeKeyIssuer(
    name,
    async () => {
      const { fake, leaked, pem } = await begin();
      return {
        connect: () => issuerOf(fake, settings),
        old: pem,
        oldId: leaked.id,
        ids: () => ({ active: idsOf(fake, true), inactive: idsOf(fake, false) }),
        writes: fake.writes,
        // Of each key a line from the middle.
        secrets: () => [...fake.keys.keys()].map((id) => pemOf(fake, id).split('\n')[5] ?? ''),
      };
    },
    {
      actions: [['gcp-key:create', true], ['gcp-key:test', true], ['gcp-key:disable', true], ...last],
      deletesOrphans: false,
      newId: 'gcp-key:new',
    },
  );

describe('keys of a Google service account', () => {
  it('finds the very key by its public half among several, and touches no other', async () => {
    const { fake, issuer, leaked } = await begin();
    const other = fake.make();
    const run = new TestRun(pemOf(fake, other.id), null);
    const part = await issuer.plan('revoke', run.old, signal);
    expect(part.actions.map(({ does }) => does)).toEqual([`switches ${other.id} of ${ACCOUNT} off`]);
    await doActions(part, run.open());
    expect([idsOf(fake, true), idsOf(fake, false)]).toEqual([[leaked.id], [other.id]]);
  });

  it('writes the new key in the form of the old one', async () => {
    const replaced = async (form: (fake: GcpKeysFake, id: string) => string) => {
      const { fake, issuer, leaked } = await begin();
      const run = new TestRun(form(fake, leaked.id), null);
      const part = await issuer.plan('replace', run.old, signal);
      await actionOf(part, 'gcp-key:create').act(run.open());
      const id = run.facts.get('gcp-key:new') ?? '';
      return { fresh: run.kept ? reveal(run.kept, 'compare') : '', fields: part.fields, expected: form(fake, id) };
    };
    const file = await replaced((fake, id) => fake.fileOf(fake.keys.get(id) ?? fake.make()));
    expect([file.fresh, file.fields]).toEqual([file.expected, undefined]);
    const pem = await replaced(pemOf);
    expect([pem.fresh, pem.fields]).toEqual([pem.expected, { private_key_id: { fact: 'gcp-key:new' } }]);
    const escaped = await replaced((fake, id) => pemOf(fake, id).replaceAll('\n', '\\n'));
    expect(escaped.fresh).toBe(escaped.expected);
  });

  it('switches off what came with a lost answer, once, and leaves what did not come with it', async () => {
    const { fake, issuer, old, run, leaked } = await begin();
    const part = await issuer.plan('replace', old, signal);
    fake.writes.play('cut-before');
    await rotationFailure(actionOf(part, 'gcp-key:create').act(run.open()));
    fake.writes.play(null);
    const late = Object.assign(fake.make(), { createdAt: new Date('2026-05-01T12:05:00Z') });
    const uploaded = Object.assign(fake.make(), { origin: 'USER_PROVIDED' as const });
    await actionOf(part, 'gcp-key:create').act(run.open());
    expect(idsOf(fake, true)).toEqual([leaked.id, late.id, uploaded.id, run.facts.get('gcp-key:new')]);
  });

  it('asks a person where several keys came with it', async () => {
    const { fake, issuer, old, run } = await begin();
    const part = await issuer.plan('replace', old, signal);
    fake.writes.play('cut-after');
    await rotationFailure(actionOf(part, 'gcp-key:create').act(run.open()));
    fake.writes.play(null);
    fake.make();
    const error = await rotationFailure(actionOf(part, 'gcp-key:create').act(run.open()));
    expect([error.why, error.mayHaveHappened, idsOf(fake, false)]).toEqual(['ambiguous', false, []]);
  });

  it('waits until Google knows the new key', async () => {
    const { fake, issuer, old, run } = await begin();
    const part = await issuer.plan('replace', old, signal);
    await actionOf(part, 'gcp-key:create').act(run.open());
    fake.trialsUntilKnown = 4;
    await actionOf(part, 'gcp-key:test').act(run.open());
    expect(fake.trialsUntilKnown).toBe(0);
    fake.trialsUntilKnown = 1000;
    expect((await rotationFailure(actionOf(part, 'gcp-key:test').act(run.open()))).why).toBe('refused');
  });

  it('takes a wrong clock for no refusal, and a refusal for none before it knows whose the key is', async () => {
    const { fake, issuer, old, leaked } = await begin();
    fake.isSkewed = true;
    expect(await issuer.check(old, signal)).toMatchObject({ state: 'unknown', why: 'denied', detail: expect.stringContaining('clock') });
    fake.isSkewed = false;
    leaked.disabled = true;
    expect(await issuer.check(old, signal)).toEqual({ state: 'unknown', why: 'no-checker' });
    await issuer.plan('revoke', old, signal);
    expect(await issuer.check(old, signal)).toEqual({ state: 'refused' });
    expect(await issuer.check(new Secret('no key at all'), signal)).toEqual({ state: 'unknown', why: 'no-checker' });
  });

  it('refuses what it cannot do, and says why', async () => {
    const { fake, issuer, old, run } = await begin();
    const part = await issuer.plan('replace', old, signal);
    fake.isLocked = true;
    const locked = await rotationFailure(actionOf(part, 'gcp-key:create').act(run.open()));
    expect([locked.why, locked.mayHaveHappened, locked.message]).toEqual([
      'refused',
      false,
      expect.stringContaining('policy of the organisation'),
    ]);
    const stranger = new Secret(String(PAIRS[4]?.privateKey.export({ type: 'pkcs8', format: 'pem' })));
    expect((await rotationFailure(issuer.plan('revoke', stranger, signal))).why).toBe('not-found');
    expect((await rotationFailure(issuer.plan('revoke', new Secret('x'), signal))).why).toBe('cannot');
    fake.forbidden.add('GET');
    expect((await rotationFailure(issuer.plan('revoke', old, signal))).why).toBe('denied');
    expect(
      (await rotationFailure(issuerOf(fake, { account: 'other@team-a.iam.gserviceaccount.com' }).plan('revoke', old, signal))).why,
    ).toBe('denied');
    expect(() => issuerOf(fake, { account: 'app@example.com' })).toThrow('no address of a service account');
    const { cloud: _, ...without } = CONTEXT;
    expect(() => gcpServiceAccount.create({ account: ACCOUNT }, without)).toThrow('no credentials of Google here');
  });

  it('makes no eleventh key', async () => {
    const { fake, issuer, old, leaked } = await begin();
    for (let at = 0; at < 9; at++) fake.keys.set(`b${at}`, { ...leaked, id: `b${at}` });
    expect((await rotationFailure(issuer.plan('replace', old, signal))).message).toContain('has 10 keys');
  });
});
