/** Changing Conjur variables over the fake: the contract for plain ones and for those with a rotator, what is refused, and what is waited for. */
import { describe, expect, it } from 'vitest';
import { CONJUR_KEY, startConjur } from '../../fixtures/stores/conjur.ts';
import { startFaultyProxy } from '../../fixtures/stores/faulty-proxy.ts';
import { reveal } from '../../src/core/secret.ts';
import { conjur } from '../../src/stores/conjur.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import type { Asked } from '../net/loopback.ts';
import { describeRotator, doActions, NEW_VALUE, OLD_VALUE, rotationFailure, TestRun } from './rotator-contract.ts';
import { placeIn, valueIn } from './rotator-places.ts';
import { createContext } from './store-context.ts';

const signal = new AbortController().signal;
const REF = 'prod/db, the/pass word';

const isChange = ({ method, path }: Asked): boolean => method === 'POST' && path.startsWith('/secrets/');
const refusals = {
  denied: { status: 403, body: '' },
  throttled: { status: 429, headers: { 'retry-after': '1' }, body: '' },
};

async function start(settings: StoreSettings = {}) {
  const fake = await startConjur();
  const proxy = await startFaultyProxy({ origin: fake.origin, isChange, ...refusals });
  const pauses: number[] = [];
  const context = { ...createContext({ env: { CONJUR_AUTHN_API_KEY: CONJUR_KEY } }), sleep: async (ms: number) => void pauses.push(ms) };
  const given = { account: 'acme', login: 'host/leakwarden', ...settings };
  const connect = () => conjur.createRotator?.({ address: proxy.origin, ...given }, context) ?? fail();
  const store = conjur.create({ address: fake.origin, ...given }, context);
  const put = async (value: string, annotations: Record<string, string> = {}) => {
    fake.put(REF, value);
    fake.annotate(REF, annotations);
    fake.permitChange(REF);
    return placeIn(store, REF, '');
  };
  return { fake, proxy, connect, store, put, pauses };
}

function fail(): never {
  throw new Error('it has no rotator');
}

describeRotator(
  'conjur (fake), a variable',
  async () => {
    const { fake, proxy, connect, store, put } = await start();
    return { connect, proxy, put, read: ({ ref, field }) => valueIn(store, ref, field), meddle: async (_, value) => fake.put(REF, value) };
  },
  { makesValue: false, actions: [['conjur:write', true]], seesMoves: true, leaves: 'fresh', row: 'Conjur' },
);

describeRotator(
  'conjur (fake), a variable with a rotator',
  async () => {
    const { fake, proxy, connect, store, put } = await start();
    return {
      connect,
      proxy,
      put: (value) => put(value, { 'rotation/rotator': 'postgresql/password', 'rotation/ttl': 'P30D' }),
      read: ({ ref, field }) => valueIn(store, ref, field),
      meddle: async (_, value) => fake.put(REF, value),
    };
  },
  {
    makesValue: true,
    actions: [
      ['conjur:expire', false],
      ['conjur:read', true],
    ],
    seesMoves: true,
    leaves: 'fresh',
    row: 'Conjur',
  },
);

describe('conjur: what it changes', () => {
  it('writes the value as it is, nothing else, once', async () => {
    const { proxy, connect, put } = await start();
    const part = await connect().plan(await put(OLD_VALUE), signal);
    expect(part.actions.map(({ does }) => does)).toEqual([`writes a new version of ${REF} (after version 1)`]);
    await doActions(part, new TestRun(OLD_VALUE, NEW_VALUE).open());
    const sent = proxy.asked.filter(isChange).map(({ path, headers, body }) => [decodeURIComponent(path), headers['content-type'], body]);
    expect(sent).toEqual([[`/secrets/acme/variable/${REF}`, 'application/octet-stream', NEW_VALUE]]);
  });

  it('waits for the rotator, and expires nothing again that is being rotated', async () => {
    const { fake, proxy, connect, store, put, pauses } = await start();
    const place = await put(OLD_VALUE, { 'rotation/rotator': 'aws/secret_key', 'rotation/ttl': 'P1D' });
    fake.slowDown(4);
    const run = new TestRun(OLD_VALUE, null);
    const part = await connect().plan(place, signal);
    await doActions(part, run.open());
    expect(pauses.length).toBeGreaterThan(2);
    expect(run.kept && reveal(run.kept, 'compare')).toBe(await valueIn(store, REF, ''));
    await part.actions[0]?.act(run.open());
    expect(proxy.asked.filter(isChange).map(({ path }) => path.split('?')[1])).toEqual(['expirations=']);
  });

  it('gives up on a rotator that does not come, and says that it may still', async () => {
    const { fake, connect, put } = await start();
    const place = await put(OLD_VALUE, { 'rotation/rotator': 'postgresql/password', 'rotation/ttl': 'P1D' });
    fake.slowDown(1e6);
    const [expire] = (await connect().plan(place, signal)).actions;
    const error = await rotationFailure(expire?.act(new TestRun(OLD_VALUE, null).open()) ?? Promise.resolve());
    expect([error.why, error.mayHaveHappened, error.message]).toEqual([
      'timed-out',
      true,
      `the rotation of ${REF} by postgresql/password did not happen within 120 s`,
    ]);
    // Another process, another run: the server itself says that the rotator may still come.
    expect(await expire?.happened(new TestRun(OLD_VALUE, null).open())).toBe('unclear');
  });

  it('writes a variable whose rotator never comes, for want of an interval', async () => {
    const { connect, put } = await start();
    const part = await connect().plan(await put(OLD_VALUE, { 'rotation/rotator': 'postgresql/password' }), signal);
    expect(part.actions.map(({ id }) => id)).toEqual(['conjur:write']);
  });

  it('rotates without seeing the value, where it may not', async () => {
    const { fake, connect, put } = await start();
    const place = await put(OLD_VALUE, { 'rotation/rotator': 'postgresql/password', 'rotation/ttl': 'P1D' });
    fake.close(REF);
    const part = await connect().plan(place, signal);
    expect([part.actions.map(({ id }) => id), part.warnings.at(-1)]).toEqual([
      ['conjur:expire'],
      'we may not read the new value (execute): whether it works is not tried here',
    ]);
  });
});

describe('conjur: what it refuses', () => {
  it('leaves to the Vault Synchronizer what it writes, and says where to change it', async () => {
    const { connect, put } = await start();
    const place = await put(OLD_VALUE, { 'cyberark-vault': 'true', 'cyberark-vault/accounts': 'MainVault/Shop/db' });
    const error = await rotationFailure(connect().plan(place, signal));
    expect([error.why, error.message]).toEqual([
      'cannot',
      `${REF} is written by the Vault Synchronizer, which would write the old value again: change it in the vault, at MainVault/Shop/db`,
    ]);
  });

  it('says which right is missing', async () => {
    const { fake, connect, store } = await start();
    fake.put('prod/mail', OLD_VALUE);
    const error = await rotationFailure(connect().plan(await placeIn(store, 'prod/mail', ''), signal));
    expect([error.why, error.message]).toEqual(['cannot', 'host/leakwarden may not change prod/mail (it has no update on it)']);
  });

  it('refuses values that are no text, variables made when read, and those outside of the paths', async () => {
    const { fake, connect, put, store } = await start();
    const place = await put(OLD_VALUE);
    fake.put('prod/key', Buffer.from([0xff, 0xfe]));
    fake.permitChange('prod/key');
    const key = await connect().plan(await placeIn(store, 'prod/key', ''), signal);
    const error = await rotationFailure(key.actions[0]?.act(new TestRun(OLD_VALUE, NEW_VALUE).open()) ?? Promise.resolve());
    expect([error.why, error.mayHaveHappened]).toEqual(['cannot', false]);
    expect((await rotationFailure(connect().plan({ ...place, ref: 'data/dynamic/db' }, signal))).why).toBe('cannot');
    expect((await rotationFailure(connect().plan({ ...place, field: 'password' }, signal))).why).toBe('moved');
    const narrow = await start({ path: 'prod/other' });
    expect((await rotationFailure(narrow.connect().plan(place, signal))).message).toContain('outside of the paths');
  });
});
