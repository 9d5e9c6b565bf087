/** Rotation in Azure Key Vault over the fake: the contract of rotators, then what a new version takes over, and what is refused. */
import { describe, expect, it } from 'vitest';
import { type AzureFake, CLIENT, CLIENT_SECRET, startAzure, TENANT } from '../../fixtures/stores/azure.ts';
import { startFaultyProxy } from '../../fixtures/stores/faulty-proxy.ts';
import type { StoreRotator } from '../../src/core/rotation.ts';
import { azure } from '../../src/stores/azure.ts';
import { actionOf, describeRotator, doActions, NEW_VALUE, OLD_VALUE, OTHER_VALUE, rotationFailure, TestRun } from './rotator-contract.ts';
import { placeIn } from './rotator-places.ts';
import { createContext, realTime } from './store-context.ts';

const signal = new AbortController().signal;
const ENV = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT, AZURE_CLIENT_SECRET: CLIENT_SECRET };
const NAME = 'app-db';
const NOW = new Date('2026-05-01T12:00:00Z');
const REFUSED = {
  status: 403,
  headers: { 'content-type': 'application/json' },
  body: '{"error":{"code":"Forbidden","innererror":{"code":"ForbiddenByRbac"}}}',
};

const storeAt = (origin: string) => azure.create({ vault: origin, authority: origin }, createContext({ env: ENV, now: realTime }));

function rotatorAt(origin: string): StoreRotator {
  const made = azure.createRotator?.({ vault: origin, authority: origin }, createContext({ env: ENV, now: () => NOW }));
  if (!made) throw new Error('no rotator');
  return made;
}

const newest = (fake: AzureFake) => fake.versions(NAME).at(-1);

describeRotator(
  'Azure Key Vault (fake)',
  async () => {
    const fake = await startAzure();
    const isChange = ({ method }: { method: string }) => method === 'PUT' || method === 'PATCH';
    const proxy = await startFaultyProxy({ origin: fake.origin, isChange, denied: REFUSED, throttled: { status: 429 } });
    return {
      connect: () => rotatorAt(proxy.origin),
      async put(value) {
        fake.put(NAME, value);
        return placeIn(storeAt(fake.origin), NAME, '');
      },
      read: async () => newest(fake)?.value ?? null,
      meddle: async (_place, value) => void fake.put(NAME, value),
      proxy,
    };
  },
  {
    makesValue: false,
    actions: [
      ['azure:write', true],
      ['azure:disable-old', true],
    ],
    seesMoves: true,
    leaves: 'fresh',
    row: 'Azure Key Vault',
  },
);

async function begin(text: string, field = '') {
  const fake = await startAzure();
  fake.put(NAME, text);
  return {
    fake,
    rotator: rotatorAt(fake.origin),
    place: await placeIn(storeAt(fake.origin), NAME, field),
    run: new TestRun(OLD_VALUE, NEW_VALUE),
  };
}

describe('rotation in Azure Key Vault', () => {
  it('takes type, tags and lifetime over, which a new version does not do by itself', async () => {
    const { fake, rotator, place, run } = await begin(OLD_VALUE);
    const created = newest(fake)?.created ?? 0;
    Object.assign(newest(fake) ?? {}, { more: { contentType: 'text/plain', tags: { owner: 'team-a' }, exp: created + 3600 } });
    await doActions(await rotator.plan(place, signal), run.open());
    expect(newest(fake)).toMatchObject({
      value: NEW_VALUE,
      enabled: true,
      more: { contentType: 'text/plain', tags: { owner: 'team-a' }, exp: NOW.getTime() / 1000 + 3600 },
    });
    expect(fake.versions(NAME).map(({ enabled }) => enabled)).toEqual([false, true]);
  });

  it('changes one field, and those that change with it', async () => {
    const { fake, rotator, place, run } = await begin(`{"user":"app", "password":"${OLD_VALUE}", "port":5432}`, 'password');
    const part = await rotator.plan(place, signal, false, { user: { fact: 'made:user' }, host: 'x' });
    expect(part.alsoWrites).toEqual(['user']);
    expect((await rotationFailure(doActions(part, run.open()))).message).toContain('not known yet');
    run.facts.set('made:user', 'app_b');
    await doActions(part, run.open());
    expect(newest(fake)?.value).toBe(`{"user":"app_b", "password":"${NEW_VALUE}", "port":5432}`);
    const resumed = await rotator.plan(place, signal, true, { user: 'app_b' });
    expect([resumed.alsoWrites, await actionOf(resumed, 'azure:write').happened(run.open())]).toEqual([['user'], 'yes']);
  });

  it('gives the old value back as the newest version, and switches the old one on again', async () => {
    const { fake, rotator, place, run } = await begin(OLD_VALUE);
    const part = await rotator.plan(place, signal);
    await doActions(part, run.open());
    for (const action of [...part.actions].reverse()) await action.undo?.act(run.open());
    expect(fake.versions(NAME).map(({ value, enabled }) => [value, enabled])).toEqual([
      [OLD_VALUE, true],
      [NEW_VALUE, true],
      [OLD_VALUE, true],
    ]);
  });

  it('never switches off what readers get', async () => {
    const { fake, rotator, place, run } = await begin(OLD_VALUE);
    const part = await rotator.plan(place, signal);
    expect((await rotationFailure(actionOf(part, 'azure:disable-old').act(run.open()))).why).toBe('moved');
    expect(newest(fake)?.enabled).toBe(true);
  });

  it('says what it sees: older versions, a rotation function', async () => {
    const { fake, rotator } = await begin(OTHER_VALUE);
    const [older] = fake.versions(NAME);
    fake.put(NAME, OLD_VALUE);
    Object.assign(newest(fake) ?? {}, { more: { tags: { ProviderAddress: '/subscriptions/x' } } });
    const { warnings } = await rotator.plan(await placeIn(storeAt(fake.origin), NAME, ''), signal);
    expect(warnings.join('\n')).toContain(older?.id);
    expect(warnings.join('\n')).toContain('ProviderAddress');
  });

  it('leaves the keys of certificates to the vault', async () => {
    const { fake, rotator, place } = await begin(OLD_VALUE);
    Object.assign(newest(fake) ?? {}, { more: { managed: true } });
    expect((await rotationFailure(rotator.plan(place, signal))).message).toContain('belongs to a certificate');
  });

  it('says what the vault refused, and that nothing was done', async () => {
    const { fake, rotator, place } = await begin(OLD_VALUE);
    const part = await rotator.plan(place, signal);
    const tooLong = new TestRun(OLD_VALUE, 'x'.repeat(25_001));
    const error = await rotationFailure(actionOf(part, 'azure:write').act(tooLong.open()));
    expect([error.mayHaveHappened, error.message]).toEqual([false, expect.stringContaining('BadParameter answered 400')]);
    expect(fake.versions(NAME).length).toBe(1);
  });
});
