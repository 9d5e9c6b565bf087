/** Changing accounts of a PVWA over the fake: the contract for those that the CPM manages and those that nobody does, the CPM's pace and failures, what is refused. */
import { describe, expect, it } from 'vitest';
import { startFaultyProxy } from '../../fixtures/stores/faulty-proxy.ts';
import { PVWA_PASSWORD, startPvwa } from '../../fixtures/stores/pvwa.ts';
import { reveal } from '../../src/core/secret.ts';
import { pvwa } from '../../src/stores/pvwa.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import type { Asked } from '../net/loopback.ts';
import { describeRotator, doActions, NEW_VALUE, OLD_VALUE, rotationFailure, TestRun } from './rotator-contract.ts';
import { placeIn, valueIn } from './rotator-places.ts';
import { createContext } from './store-context.ts';

const signal = new AbortController().signal;
const REF = 'Shop/Unix-db (12_3)';
const ALL = {
  '*': true,
  'retrieveAccounts': true,
  'initiateCPMAccountManagementOperations': true,
  'specifyNextAccountContent': true,
  'updateAccountContent': true,
};

const isChange = ({ method, path }: Asked): boolean => method === 'POST' && /\/(?:Change|SetNextPassword|Password\/Update)$/.test(path);
const refusals = {
  denied: { status: 403, body: '{"ErrorCode":"PASWS029E","ErrorMessage":"You are not authorized to perform this action."}' },
  throttled: { status: 429, headers: { 'retry-after': '1' }, body: '' },
};

async function start(settings: StoreSettings = {}) {
  const fake = await startPvwa();
  fake.permit(ALL);
  const proxy = await startFaultyProxy({ origin: fake.origin, isChange, ...refusals });
  const pauses: number[] = [];
  const context = { ...createContext({ env: { PVWA_PASSWORD } }), sleep: async (ms: number) => void pauses.push(ms) };
  const given = { username: 'leakwarden', safe: 'Shop', ...settings };
  const connect = () => pvwa.createRotator?.({ address: proxy.origin, ...given }, context) ?? fail();
  const store = pvwa.create({ address: fake.origin, ...given }, context);
  const put = async (value: string, isManaged = true) => {
    fake.put(REF, value);
    if (!isManaged) fake.unmanage('12_3');
    return placeIn(store, REF, '');
  };
  return { fake, proxy, context, connect, store, put, pauses };
}

function fail(): never {
  throw new Error('it has no rotator');
}

const sentTo = ({ asked }: { readonly asked: readonly Asked[] }) =>
  asked.filter(isChange).map(({ path, body }) => [path.split('/Accounts/')[1], JSON.parse(body)]);

describeRotator(
  'pvwa (fake), managed by the CPM',
  async () => {
    const { fake, proxy, connect, store, put } = await start();
    return { connect, proxy, put, read: ({ ref, field }) => valueIn(store, ref, field), meddle: async (_, value) => fake.put(REF, value) };
  },
  {
    makesValue: true,
    actions: [
      ['pvwa:change', true],
      ['pvwa:read', true],
    ],
    seesMoves: true,
    comesLater: true,
    leaves: 'fresh',
    row: 'PVWA',
  },
);

describeRotator(
  'pvwa (fake), managed by nobody',
  async () => {
    const { fake, proxy, connect, store, put } = await start();
    return {
      connect,
      proxy,
      put: (value) => put(value, false),
      read: ({ ref, field }) => valueIn(store, ref, field),
      meddle: async (_, value) => fake.put(REF, value),
    };
  },
  { makesValue: false, actions: [['pvwa:update', true]], seesMoves: true, leaves: 'fresh', row: 'PVWA' },
);

describe('pvwa: changes by the CPM', () => {
  it('asks for one change of one account, waits for it, and reads what came of it', async () => {
    const { fake, proxy, connect, store, put, pauses } = await start();
    const place = await put(OLD_VALUE);
    fake.setCpm({ laziness: 3 });
    const run = new TestRun(OLD_VALUE, null);
    await doActions(await connect().plan(place, signal), run.open());
    expect(pauses.length).toBeGreaterThan(1);
    expect(run.kept && reveal(run.kept, 'compare')).toBe(await valueIn(store, REF, ''));
    expect(sentTo(proxy)).toEqual([['12_3/Change', { ChangeEntireGroup: false }]]);
  });

  it('is taken back by the old value as the next one', async () => {
    const { fake, proxy, connect, store, put } = await start();
    const run = new TestRun(OLD_VALUE, null);
    const part = await connect().plan(await put(OLD_VALUE), signal);
    await doActions(part, run.open());
    fake.setCpm({ laziness: 2 });
    await part.actions[0]?.undo?.act(run.open());
    expect(await valueIn(store, REF, '')).toBe(OLD_VALUE);
    expect(sentTo(proxy).at(-1)).toEqual(['12_3/SetNextPassword', { ChangeImmediately: true, NewCredentials: OLD_VALUE }]);
  });

  it('cannot be taken back, nor tried, without the permissions for it, and says so', async () => {
    const { fake, connect, put } = await start();
    const place = await put(OLD_VALUE);
    fake.permit({ retrieveAccounts: false, initiateCPMAccountManagementOperations: true });
    const { actions, warnings } = await connect().plan(place, signal);
    expect(actions.map(({ id, undo }) => [id, undo])).toEqual([['pvwa:change', null]]);
    expect(warnings).toEqual([
      'this cannot be taken back: the CPM replaces the old value at the target',
      'we may not retrieve the new value: whether it works is not tried here',
    ]);
  });

  it('goes on waiting after a crash, and asks no second time', async () => {
    const { fake, proxy, connect, put } = await start();
    const place = await put(OLD_VALUE);
    fake.setCpm({ laziness: 1e6 });
    const run = new TestRun(OLD_VALUE, null);
    const [change] = (await connect().plan(place, signal)).actions;
    const error = await rotationFailure(change?.act(run.open()) ?? Promise.resolve());
    expect([error.why, error.mayHaveHappened]).toEqual(['timed-out', true]);
    expect(await change?.happened(run.open())).toBe('unclear');
    const [again] = (await connect().plan(place, signal, true)).actions;
    await rotationFailure(again?.act(run.open()) ?? Promise.resolve());
    expect(sentTo(proxy)).toHaveLength(1);
  });

  it('tells a failure of the CPM, which may try again: nobody can say whether it happens', async () => {
    const { fake, connect, store, put } = await start();
    const place = await put(OLD_VALUE);
    fake.setCpm({ isBroken: true });
    const run = new TestRun(OLD_VALUE, null);
    const [change] = (await connect().plan(place, signal)).actions;
    const error = await rotationFailure(change?.act(run.open()) ?? Promise.resolve());
    expect([error.why, error.mayHaveHappened]).toEqual(['refused', true]);
    expect(await change?.happened(run.open())).toBe('unclear');
    expect(await valueIn(store, REF, '')).toBe(OLD_VALUE);
    // An older failure, of another run, says nothing about this one.
    expect(await change?.happened(new TestRun(OLD_VALUE, null).open())).toBe('no');
  });

  it('takes nothing back while the CPM may still come, for an hour', async () => {
    const { fake, context, connect, put, proxy } = await start();
    const place = await put(OLD_VALUE);
    fake.setCpm({ laziness: 1e6 });
    const run = new TestRun(OLD_VALUE, null);
    const [change] = (await connect().plan(place, signal)).actions;
    await rotationFailure(change?.act(run.open()) ?? Promise.resolve());
    fake.setCpm({ status: ['12_3', 'success'], isIdle: true });
    const error = await rotationFailure(change?.undo?.act(run.open()) ?? Promise.resolve());
    expect([error.why, error.mayHaveHappened, await change?.happened(run.open())]).toEqual(['timed-out', true, 'unclear']);
    context.pass(60 * 60_000);
    await change?.undo?.act(run.open());
    expect([await change?.happened(run.open()), sentTo(proxy).length]).toEqual(['no', 1]);
  });

  it('keeps away while the CPM is at the account', async () => {
    const { fake, connect, put } = await start();
    const place = await put(OLD_VALUE);
    const part = await connect().plan(place, signal);
    fake.setCpm({ status: ['12_3', 'inProcess'] });
    expect((await rotationFailure(connect().plan(place, signal))).why).toBe('cannot');
    const error = await rotationFailure(part.actions[0]?.act(new TestRun(OLD_VALUE, null).open()) ?? Promise.resolve());
    expect([error.why, error.mayHaveHappened]).toEqual(['cannot', false]);
  });
});

describe('pvwa: what it replaces and refuses', () => {
  it('replaces the value in the vault alone where nobody manages the account, and says why', async () => {
    const { proxy, connect, put } = await start();
    const part = await connect().plan(await put(OLD_VALUE, false), signal);
    expect(part.warnings[0]).toBe("the CPM does not manage this account (made by hand): only the vault's value is replaced");
    await doActions(part, new TestRun(OLD_VALUE, NEW_VALUE).open());
    expect(sentTo(proxy)).toEqual([['12_3/Password/Update', { ChangeEntireGroup: false, NewCredentials: NEW_VALUE }]]);
  });

  it('works with servers that list no versions, by the time of the last change; not without that', async () => {
    const { fake, connect, store, put } = await start();
    fake.forgetVersions();
    const place = await put(OLD_VALUE);
    const run = new TestRun(OLD_VALUE, null);
    await doActions(await connect().plan(place, signal), run.open());
    expect(await valueIn(store, REF, '')).not.toBe(OLD_VALUE);
    fake.forgetTimes();
    const blind = await placeIn(store, REF, '');
    expect((await rotationFailure(connect().plan(blind, signal))).message).toContain('does not say when');
  });

  it('says which permission is missing, and stays within the safes', async () => {
    const { fake, connect, put } = await start();
    const place = await put(OLD_VALUE);
    fake.permit({ listAccounts: true, retrieveAccounts: true });
    expect((await rotationFailure(connect().plan(place, signal))).message).toBe(
      `leakwarden may not change ${REF} (it has no initiateCPMAccountManagementOperations on safe Shop)`,
    );
    fake.unmanage('12_3');
    expect((await rotationFailure(connect().plan(place, signal))).message).toContain('it has no updateAccountContent');
    fake.put('Ops/Unix-x (9_9)', OLD_VALUE);
    expect((await rotationFailure(connect().plan({ ...place, ref: 'Ops/Unix-x (9_9)' }, signal))).message).toContain(
      'outside of the safes',
    );
  });

  it('refuses keys, fields, and an account of another name under the number', async () => {
    const { fake, connect, store, put } = await start();
    const place = await put(OLD_VALUE);
    fake.put('Shop/Unix-key (12_4)', 'k', 'key');
    const why = async (ref: string, field = '') => (await rotationFailure(connect().plan({ ...place, ref, field }, signal))).why;
    expect(await why('Shop/Unix-key (12_4)')).toBe('cannot');
    expect(await why(REF, 'password')).toBe('moved');
    expect(await why('Shop/Unix-other (12_3)')).toBe('moved');
    expect(await why('(12_3)')).toBe('moved');
    expect(await valueIn(store, REF, '')).toBe(OLD_VALUE);
  });
});
