/** Rotation in Google Secret Manager over the fake: the contract of rotators, then aliases, checksums, and what is refused. */
import { describe, expect, it } from 'vitest';
import { startFaultyProxy } from '../../fixtures/stores/faulty-proxy.ts';
import { createKeys, type GcpFake, PROJECT, startGcp } from '../../fixtures/stores/gcp.ts';
import type { StoreRotator } from '../../src/core/rotation.ts';
import { gcp } from '../../src/stores/gcp.ts';
import { actionOf, describeRotator, doActions, NEW_VALUE, OLD_VALUE, OTHER_VALUE, rotationFailure, TestRun } from './rotator-contract.ts';
import { placeIn } from './rotator-places.ts';
import { createContext, realTime } from './store-context.ts';

const signal = new AbortController().signal;
const KEYS = createKeys();
const REF = `projects/${PROJECT}/secrets/app-db`;
const refusal = (code: number, status: string) => ({
  status: code,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: { code, status } }),
});

const settingsAt = (origin: string) => ({ 'project': PROJECT, 'endpoint': origin, 'token-variable': 'TOKEN' });
const contextOf = () => createContext({ env: { TOKEN: 'given.token' }, now: realTime });

async function startFake(): Promise<GcpFake> {
  const fake = await startGcp(KEYS);
  fake.tokens.add('given.token');
  return fake;
}

function rotatorAt(origin: string): StoreRotator {
  const made = gcp.createRotator?.(settingsAt(origin), contextOf());
  if (!made) throw new Error('no rotator');
  return made;
}

const storeAt = (origin: string) => gcp.create(settingsAt(origin), contextOf());
const newest = (fake: GcpFake): string | undefined => fake.entry(REF).versions.at(-1)?.data.toString();

describeRotator(
  'Google Secret Manager (fake)',
  async () => {
    const fake = await startFake();
    const isChange = ({ method, path }: { method: string; path: string }) =>
      method === 'PATCH' || /:(?:addVersion|enable|disable)$/.test(path);
    const denied = refusal(403, 'PERMISSION_DENIED');
    const proxy = await startFaultyProxy({ origin: fake.origin, isChange, denied, throttled: refusal(429, 'RESOURCE_EXHAUSTED') });
    return {
      connect: () => rotatorAt(proxy.origin),
      async put(value) {
        fake.put(REF, value);
        return placeIn(storeAt(fake.origin), REF, '');
      },
      read: async () => newest(fake) ?? null,
      meddle: async (_place, value) => fake.put(REF, value),
      proxy,
    };
  },
  {
    makesValue: false,
    actions: [
      ['gcp:write', true],
      ['gcp:disable-old', true],
    ],
    seesMoves: true,
    leaves: 'fresh',
    row: 'Google Secret Manager',
  },
);

async function begin(value: string | Buffer, field = '') {
  const fake = await startFake();
  fake.put(REF, value);
  const rotator = rotatorAt(fake.origin);
  return { fake, rotator, place: await placeIn(storeAt(fake.origin), REF, field), run: new TestRun(OLD_VALUE, NEW_VALUE) };
}

describe('rotation in Google Secret Manager', () => {
  it('adds a version whose bytes Google checks, and switches the old one off', async () => {
    const { fake, rotator, place, run } = await begin(`{"p":"${OLD_VALUE}","n":1.0}`, 'p');
    await doActions(await rotator.plan(place, signal), run.open());
    expect(fake.entry(REF).versions.map(({ data, state }) => [data.toString(), state])).toEqual([
      [`{"p":"${OLD_VALUE}","n":1.0}`, 'DISABLED'],
      [`{"p":"${NEW_VALUE}","n":1.0}`, 'ENABLED'],
    ]);
    expect(fake.asked.find(({ path }) => path.endsWith(':addVersion'))?.body).toMatch(/"dataCrc32c":"\d+"/);
  });

  it('moves the aliases of the old version, and those alone; takes them back', async () => {
    const { fake, rotator, run } = await begin(OTHER_VALUE);
    fake.put(REF, OLD_VALUE);
    fake.entry(REF).aliases = { prod: '2', blue: '2', old: '1' };
    const place = await placeIn(storeAt(fake.origin), REF, '');
    const part = await rotator.plan(place, signal);
    expect(part.actions[0]?.effects.join('\n')).toContain('blue, prod');
    await doActions(part, run.open());
    expect(fake.entry(REF).aliases).toEqual({ prod: '3', blue: '3', old: '1' });
    fake.entry(REF).aliases['blue'] = '1';
    for (const action of [...part.actions].reverse()) await action.undo?.act(run.open());
    expect(fake.entry(REF).aliases).toEqual({ prod: '2', blue: '1', old: '1' });
    expect(newest(fake)).toBe(OLD_VALUE);
  });

  it('is not done before the aliases have moved, and says so when it goes on', async () => {
    const { fake, rotator, place, run } = await begin(OLD_VALUE);
    fake.entry(REF).aliases = { prod: '1' };
    fake.forbidden.add(`/v1/${REF}`);
    const part = await rotator.plan(place, signal).catch(() => null);
    expect(part).toBe(null);
    fake.forbidden.clear();
    const again = await rotator.plan(place, signal, true);
    fake.put(REF, NEW_VALUE);
    expect(await actionOf(again, 'gcp:write').happened(run.open())).toBe('no');
    await actionOf(again, 'gcp:write').act(run.open());
    expect([fake.entry(REF).versions.length, fake.entry(REF).aliases]).toEqual([2, { prod: '2' }]);
  });

  it('overwrites no alias that somebody moves in the same moment', async () => {
    const { fake, rotator, place, run } = await begin(OLD_VALUE);
    fake.entry(REF).aliases = { prod: '1' };
    const part = await rotator.plan(await placeIn(storeAt(fake.origin), REF, ''), signal);
    const open = run.open();
    const meddled = {
      ...open,
      setFact: async (name: string, value: string) => {
        if (name === 'gcp:aliased') Object.assign(fake.entry(REF), { etag: 99 });
        await open.setFact(name, value);
      },
    };
    const error = await rotationFailure(actionOf(part, 'gcp:write').act(meddled));
    expect([error.why, error.mayHaveHappened, place.version]).toEqual(['refused', true, '1']);
    expect(fake.entry(REF).aliases).toEqual({ prod: '1' });
  });

  it('refuses bytes that are no text, what Google rotates itself, and names that are none', async () => {
    const bytes = await begin(Buffer.from([0xff, 0xfe, 0x00]));
    expect((await rotationFailure(bytes.rotator.plan(bytes.place, signal))).message).toContain('no text');
    const { fake, rotator, place } = await begin(OLD_VALUE);
    for (const ref of [`${REF}/versions/1`, 'projects/other/secrets/app-db', `${REF}:addVersion`, 'app-db'])
      expect((await rotationFailure(rotator.plan({ ...place, ref }, signal))).why).toBe('cannot');
    fake.entry(REF).rotation = { nextRotationTime: '2026-06-01T00:00:00Z' };
    expect((await rotator.plan(place, signal)).warnings.join()).toContain('2026-06-01');
    fake.entry(REF).rotation = { managedRotationStatus: { state: 'ACTIVE' } };
    expect((await rotationFailure(rotator.plan(place, signal))).message).toContain('managed rotation');
  });

  it('is not misled where `latest` is behind for a while', async () => {
    const { fake, rotator, place, run } = await begin(OLD_VALUE);
    const part = await rotator.plan(place, signal);
    const [write, disable] = part.actions;
    await write?.act(run.open());
    fake.latestLags = 2;
    expect(await write?.happened(run.open())).toBe('yes');
    await disable?.act(run.open());
    expect([fake.latestLags, fake.entry(REF).versions.map(({ state }) => state)]).toEqual([0, ['DISABLED', 'ENABLED']]);
    await disable?.undo?.act(run.open());
    fake.latestLags = 1;
    await write?.undo?.act(run.open());
    expect(fake.entry(REF).versions.map(({ data }) => data.toString())).toEqual([OLD_VALUE, NEW_VALUE, OLD_VALUE]);
  });

  it('takes no version whose checksum is another', async () => {
    const { fake, rotator, place } = await begin(OLD_VALUE);
    Object.assign(fake.entry(REF).versions[0] ?? {}, { crc: '1' });
    expect((await rotationFailure(rotator.plan(place, signal))).message).toContain('checksum');
  });
});
