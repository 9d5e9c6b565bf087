/** The local store as a rotator: the suite of all rotators, and what is its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { StoredPlace } from '../../src/core/rotation.ts';
import { reveal, Secret } from '../../src/core/secret.ts';
import type { Fields } from '../../src/stores/local-record.ts';
import { LocalRotator } from '../../src/stores/local-rotate.ts';
import { LocalStore } from '../../src/stores/local-store.ts';
import { describeRotator, doActions, NEW_VALUE, OLD_VALUE, rotationFailure, TestRun } from './rotator-contract.ts';

const root = mkdtempSync(join(tmpdir(), 'leakwarden-local-rotate-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const signal = new AbortController().signal;

let made = 0;
function newStore(): () => LocalStore {
  const folder = join(root, `store-${++made}`);
  const passphrases = { fromFile: async () => null, ask: async () => null };
  return () => new LocalStore({ folder, passphrases, now: () => new Date() });
}

async function placeOf(store: LocalStore, ref: string, field: string): Promise<StoredPlace> {
  for await (const found of store.records())
    if ('ref' in found && found.ref === ref)
      return { store: `local:${store.folder}`, ref, field, version: found.versions[0]?.id ?? '', change: found.mac };
  throw new Error(`no ${ref}`);
}

const valueAt = async (store: LocalStore, { ref, field }: StoredPlace): Promise<string | null> => {
  const value = (await store.get(ref, null))[field];
  return value ? reveal(value, 'compare') : null;
};

for (const field of ['', 'password'])
  describeRotator(
    field === '' ? 'local store, one text' : 'local store, a field',
    async () => {
      const open = newStore();
      return {
        connect: () => new LocalRotator(open()),
        put: async (value) => {
          await open().set('app/db', field, new Secret(value));
          return placeOf(open(), 'app/db', field);
        },
        read: (place) => valueAt(open(), place),
        meddle: async ({ ref }, value) => {
          await open().rotate(ref, field, new Secret(value));
        },
      };
    },
    {
      makesValue: false,
      actions: [
        ['local:write', true],
        ['local:disable', true],
      ],
      seesMoves: true,
      leaves: 'fresh',
      // Nothing is between us and a folder.
      playsFaults: false,
    },
  );

describe('the local store as a rotator', () => {
  const begin = async (fields: Readonly<Record<string, string>>) => {
    const open = newStore();
    await open().put('app/db', Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, new Secret(text)])));
    return { open, place: await placeOf(open(), 'app/db', 'password') };
  };
  const shown = (fields: Fields): Record<string, string> =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, reveal(value, 'compare')]));

  it('writes the fields that change with the value, and takes them back with it', async () => {
    const { open, place } = await begin({ password: OLD_VALUE, username: 'app_a', host: 'db.example' });
    const run = new TestRun(OLD_VALUE, NEW_VALUE).open();
    const part = await new LocalRotator(open()).plan(place, signal, false, { username: 'app_b', role: 'x' });
    expect(part.alsoWrites).toEqual(['username']);
    const again = await new LocalRotator(open()).plan(place, signal, false, { username: 'app_b' });
    await doActions(again, run);
    expect(shown(await open().get('app/db', null))).toEqual({ password: NEW_VALUE, username: 'app_b', host: 'db.example' });
    for (const action of [...again.actions].reverse()) await action.undo?.act(run);
    expect(shown(await open().get('app/db', null))).toEqual({ password: OLD_VALUE, username: 'app_a', host: 'db.example' });
  });

  it('refuses a field that is only a part of a text', async () => {
    const { open, place } = await begin({ url: `https://app:${OLD_VALUE}@db.example/` });
    const error = await rotationFailure(new LocalRotator(open()).plan({ ...place, field: 'url.password' }, signal));
    expect([error.why, error.mayHaveHappened]).toEqual(['cannot', false]);
  });

  it('gives the old version out no more, and again when that is taken back', async () => {
    const { open, place } = await begin({ password: OLD_VALUE });
    const run = new TestRun(OLD_VALUE, NEW_VALUE).open();
    const { actions } = await new LocalRotator(open()).plan(place, signal);
    await doActions({ actions }, run);
    await expect(open().get('app/db', '1')).rejects.toThrow('disabled');
    await actions[1]?.undo?.act(run);
    expect(shown(await open().get('app/db', '1'))).toEqual({ password: OLD_VALUE });
  });
});
