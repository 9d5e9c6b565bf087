/** Changing secrets of a Secret Server over the fake: the contract for passwords that it changes at their target and for other fields, its pace and failures, what is refused. */
import { describe, expect, it } from 'vitest';
import { DELINEA_PASSWORD, startDelinea } from '../../fixtures/stores/delinea.ts';
import { startFaultyProxy } from '../../fixtures/stores/faulty-proxy.ts';
import { reveal } from '../../src/core/secret.ts';
import { delinea } from '../../src/stores/delinea.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import type { Asked } from '../net/loopback.ts';
import { describeRotator, doActions, NEW_VALUE, OLD_VALUE, rotationFailure, TestRun } from './rotator-contract.ts';
import { placeIn, valueIn } from './rotator-places.ts';
import { createContext } from './store-context.ts';

const signal = new AbortController().signal;
const REF = 'Shop\\db (11)';

const isChange = ({ method, path }: Asked): boolean => method === 'PUT' || path.endsWith('/change-password');
const refusals = {
  denied: { status: 403, body: '{"message":"Access Denied","errorCode":"API_AccessDenied"}' },
  throttled: { status: 429, headers: { 'retry-after': '1' }, body: '' },
};

async function start(settings: StoreSettings = {}) {
  const fake = await startDelinea();
  const origin = fake.address.replace('/SecretServer', '');
  const proxy = await startFaultyProxy({ origin, isChange, ...refusals });
  const pauses: number[] = [];
  const context = { ...createContext({ env: { TSS_PASSWORD: DELINEA_PASSWORD } }), sleep: async (ms: number) => void pauses.push(ms) };
  const given = { username: 'leakwarden', ...settings };
  const connect = () => delinea.createRotator?.({ address: `${proxy.origin}/SecretServer`, ...given }, context) ?? fail();
  const store = delinea.create({ address: fake.address, ...given }, context);
  const write = (value: string) => fake.put(REF, { 'username': 'app', 'password': value, 'api-key': `key-${value}` }, 42);
  const put = async (value: string, isChangeable = true) => {
    write(value);
    if (isChangeable) fake.enableChange(REF);
    return placeIn(store, REF, 'password');
  };
  return { fake, proxy, connect, store, write, put, pauses };
}

function fail(): never {
  throw new Error('it has no rotator');
}

const sentTo = ({ asked }: { readonly asked: readonly Asked[] }) =>
  asked.filter(isChange).map(({ method, path, body }) => [method, path.split('/secrets/')[1], JSON.parse(body)]);

for (const isChangeable of [true, false])
  describeRotator(
    isChangeable ? 'delinea (fake), changed at its target' : 'delinea (fake), a field',
    async () => {
      const { proxy, connect, store, write, put } = await start();
      return {
        connect,
        proxy,
        put: (value) => put(value, isChangeable),
        read: ({ ref, field }) => valueIn(store, ref, field),
        meddle: async (_, value) => write(value),
      };
    },
    {
      makesValue: isChangeable,
      actions: isChangeable
        ? [
            ['delinea:change', true],
            ['delinea:read', true],
          ]
        : [['delinea:write', true]],
      seesMoves: true,
      leaves: 'fresh',
      row: 'Delinea Secret Server',
    },
  );

describe('delinea: changes at the target', () => {
  it('asks once, waits for it, and reads what came of it', async () => {
    const { fake, proxy, connect, store, put, pauses } = await start();
    const place = await put(OLD_VALUE);
    fake.setChanges({ laziness: 6 });
    const run = new TestRun(OLD_VALUE, null);
    const part = await connect().plan(place, signal);
    await doActions(part, run.open());
    expect(pauses.length).toBeGreaterThan(1);
    expect(run.kept && reveal(run.kept, 'compare')).toBe(await valueIn(store, REF, 'password'));
    expect(sentTo(proxy)).toEqual([['POST', '11/change-password', { comment: 'leakwarden' }]]);
    fake.setChanges({ laziness: 3 });
    await part.actions[0]?.undo?.act(run.open());
    expect(sentTo(proxy).at(-1)).toEqual(['POST', '11/change-password', { comment: 'leakwarden', newPassword: OLD_VALUE }]);
    expect(await valueIn(store, REF, 'password')).toBe(OLD_VALUE);
  });

  it('goes on waiting after a crash, and asks no second time', async () => {
    const { fake, proxy, connect, put } = await start();
    const place = await put(OLD_VALUE);
    fake.setChanges({ laziness: 1e6 });
    const run = new TestRun(OLD_VALUE, null);
    const [change] = (await connect().plan(place, signal)).actions;
    const error = await rotationFailure(change?.act(run.open()) ?? Promise.resolve());
    expect([error.why, error.mayHaveHappened]).toEqual(['timed-out', true]);
    expect(await change?.happened(run.open())).toBe('unclear');
    const resumed = await connect().plan(place, signal, true);
    expect(resumed.actions.map(({ id }) => id)).toEqual(['delinea:change', 'delinea:read']);
    await rotationFailure(resumed.actions[0]?.act(run.open()) ?? Promise.resolve());
    expect(sentTo(proxy)).toHaveLength(1);
  });

  it('tells a failure at the target, which may be tried again: nobody can say whether it happens', async () => {
    const { fake, connect, store, put } = await start();
    const place = await put(OLD_VALUE);
    fake.setChanges({ isTargetDown: true });
    const run = new TestRun(OLD_VALUE, null);
    const [change] = (await connect().plan(place, signal)).actions;
    const error = await rotationFailure(change?.act(run.open()) ?? Promise.resolve());
    expect([error.why, error.mayHaveHappened]).toEqual(['refused', true]);
    expect(await change?.happened(run.open())).toBe('unclear');
    expect(await change?.happened(new TestRun(OLD_VALUE, null).open())).toBe('no');
    expect(await valueIn(store, REF, 'password')).toBe(OLD_VALUE);
  });

  it('changes the password alone so; other fields of the same secret are written', async () => {
    const { proxy, connect, store, put } = await start();
    await put(OLD_VALUE);
    const place = await placeIn(store, REF, 'api-key');
    await doActions(await connect().plan(place, signal), new TestRun(`key-${OLD_VALUE}`, NEW_VALUE).open());
    expect(sentTo(proxy)).toEqual([['PUT', '11/fields/api-key', { value: NEW_VALUE }]]);
    expect([await valueIn(store, REF, 'password'), await valueIn(store, REF, 'api-key')]).toEqual([OLD_VALUE, NEW_VALUE]);
  });
});

describe('delinea: what it refuses', () => {
  it('says what is missing, or stands against it', async () => {
    const { fake, connect, put } = await start();
    const place = await put(OLD_VALUE);
    const why = async () => (await rotationFailure(connect().plan(place, signal))).message;
    fake.setChanges({ mayEdit: false });
    expect(await why()).toBe(`leakwarden may not change ${REF} (it may neither edit it nor change its password)`);
    fake.setChanges({ mayEdit: true, secretState: 'RequiresCheckout' });
    expect(await why()).toBe(`${REF} wants a check-out, a comment or an approval first (RequiresCheckout): that is for a person`);
    fake.setChanges({ secretState: 'None', laziness: 1e6 });
    const [change] = (await connect().plan(place, signal)).actions;
    await rotationFailure(change?.act(new TestRun(OLD_VALUE, null).open()) ?? Promise.resolve());
    expect(await why()).toContain('is pending already');
  });

  it('stays within the folders of the settings, and those below them', async () => {
    const inside = await start({ folder: ['4'] });
    expect((await inside.connect().plan(await inside.put(OLD_VALUE), signal)).actions).toHaveLength(2);
    const outside = await start({ folder: ['5'] });
    outside.write(OLD_VALUE);
    const place = { store: 'x', ref: REF, field: 'password', version: 'unknown at 0', change: '' };
    expect((await rotationFailure(outside.connect().plan(place, signal))).message).toContain('outside of the folders');
  });

  it('refuses files, empty fields, and a secret of another name under the number', async () => {
    const { fake, connect, store, put } = await start();
    const place = await put(OLD_VALUE);
    fake.put('Shop\\key (12)', { 'private-key': Buffer.from('KEY'), 'note': '' });
    const why = async (ref: string, field: string) => (await rotationFailure(connect().plan({ ...place, ref, field }, signal))).why;
    expect(await why('Shop\\key (12)', 'private-key')).toBe('cannot');
    expect(await why('Shop\\key (12)', 'note')).toBe('moved');
    expect(await why(REF, 'gone')).toBe('moved');
    expect(await why('Shop\\other (11)', 'password')).toBe('moved');
    expect(await why('b (11)', 'password')).toBe('moved');
    expect(await valueIn(store, REF, 'password')).toBe(OLD_VALUE);
  });

  it('goes by the value alone where the audit may not be read, and says so', async () => {
    const { fake, connect, store, put } = await start();
    await put(OLD_VALUE, false);
    fake.closeAudit();
    const place = await placeIn(store, REF, 'password');
    const part = await connect().plan(place, signal);
    expect(part.warnings.at(-1)).toContain('seen by the value alone');
    await doActions(part, new TestRun(OLD_VALUE, NEW_VALUE).open());
    expect(await valueIn(store, REF, 'password')).toBe(NEW_VALUE);
  });
});
