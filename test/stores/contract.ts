/**
 * What every connector keeps to, whatever it talks to: run over the fakes of this repository, and over real servers where the machine has them. A connector's test
 * file calls describeStore() with a way to start its backend. Faults are played by fakes only; a case that a backend cannot play is skipped by name.
 */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/core/contracts.ts';
import { reveal } from '../../src/core/secret.ts';
import { type SecretStore, type StoredSecret, type StoredValue, StoreError } from '../../src/core/stores.ts';

export const FAULTS = [
  /** Every request is refused for lack of rights. */
  'denied',
  /** Reading this one secret's value is refused. */
  'denied-one',
  /** The first request is answered with 429 and Retry-After: 1, the next ones well. */
  'throttled-once',
  /** All requests are answered with 429. */
  'throttled',
  /** All requests are answered with 503. */
  'unavailable',
  /** All replies are HTML with status 200. */
  'odd-reply',
  /** The list's next page is the same page, for ever. */
  'paging-loop',
] as const;
export type Fault = (typeof FAULTS)[number];

export type StoreBackend = {
  readonly store: SecretStore;
  /** Writes a secret, or a new version of it: fields by name, '' for a secret that is one text. */
  put(ref: string, fields: Readonly<Record<string, string>>): Promise<void>;
  /** From now on the backend misbehaves so. `ref`: for denied-one. */
  play?(fault: Fault, ref?: string): void;
};

export type StoreTraits = {
  /** Refs that the backend may be given, as the connector will name them; at least 3. */
  readonly refs: readonly string[];
  /** The store keeps fields under one secret. */
  readonly hasFields: boolean;
  /** How old versions can be seen: `values` with their values, `states` without, `none` not at all. */
  readonly oldVersions: 'values' | 'states' | 'none';
  /** More secrets than fit a page of the store's list; how `refs` go on: the n-th ref. */
  readonly manyRefs?: (n: number) => string;
  readonly manyCount?: number;
  /** Faults that the backend plays. */
  readonly faults: readonly Fault[];
};

const signal = new AbortController().signal;
const isProblem = (one: object): one is Problem => 'code' in one;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

const listed = async (store: SecretStore): Promise<StoredSecret[]> =>
  (await all(store.secrets(signal))).filter((one) => !isProblem(one)) as StoredSecret[];

async function valuesOf(store: SecretStore, secret: StoredSecret, versions = secret.versions): Promise<StoredValue[]> {
  return (await all(store.values(secret, versions, signal))).filter((one) => !isProblem(one)) as StoredValue[];
}

const texts = (values: readonly StoredValue[]): string[] => values.map(({ value }) => reveal(value, 'compare')).sort();

async function failureOf(doing: Promise<unknown>): Promise<StoreError> {
  const thrown = await doing.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof StoreError) return thrown;
  throw new Error(`no StoreError: ${inspect(thrown)}`);
}

/** A case that some stores cannot be put to: there it is skipped, and the run says why. */
function itWhere(applies: boolean, why: string): (title: string, test: () => Promise<void>) => void {
  return (title, test) =>
    it(title, async ({ skip }) => {
      skip(!applies, `does not apply: ${why}`);
      await test();
    });
}

/** Registers the suite. `start` gives a new, empty backend for each case. */
export function describeStore(name: string, start: () => Promise<StoreBackend>, traits: StoreTraits): void {
  const [first = 'a', second = 'b', third = 'c'] = traits.refs;
  const one = (text: string): Record<string, string> => (traits.hasFields ? { password: text } : { '': text });
  const faultIt = (fault: Fault) => itWhere(traits.faults.includes(fault), `the store of this test cannot show the fault ${fault}`);

  describe(`store: ${name}`, { timeout: 60_000 }, () => {
    it('says who it is for the store', async () => {
      const { store } = await start();
      expect(store.id).toMatch(/^[a-z0-9-]+:/);
      expect((await store.access(signal)).identity).not.toBe('');
      await store.close();
    });

    it('lists what there is, without values, and reads them when asked', async () => {
      const { store, put } = await start();
      await put(first, one('value-one-5521'));
      await put(second, one('value-two-8812'));
      await store.access(signal);
      const secrets = await listed(store);
      expect(secrets.map(({ ref }) => ref).sort()).toEqual([first, second].sort());
      expect(JSON.stringify(secrets)).not.toMatch(/value-(one|two)/);
      for (const secret of secrets) expect(secret.versions[0]?.state).toBe('current');
      const values = (await Promise.all(secrets.map((secret) => valuesOf(store, secret)))).flat();
      expect(texts(values)).toEqual(['value-one-5521', 'value-two-8812']);
      await store.close();
    });

    itWhere(traits.hasFields, 'its secrets have no fields')('gives each field of a secret', async () => {
      const { store, put } = await start();
      await put(first, { user: 'u-7741', password: 'p-9943' });
      await store.access(signal);
      const [secret] = await listed(store);
      const values = secret ? await valuesOf(store, secret) : [];
      expect(values.map(({ field }) => field).sort()).toEqual(['password', 'user']);
      expect(texts(values)).toEqual(['p-9943', 'u-7741']);
    });

    it('shows another change when a version came, and the same one when none did', async () => {
      const { store, put } = await start();
      await put(first, one('old-4410'));
      await put(second, one('same-1234'));
      await store.access(signal);
      const changes = async () => Object.fromEntries((await listed(store)).map(({ ref, change }) => [ref, change]));
      const before = await changes();
      expect(await changes()).toEqual(before);
      await put(first, one('new-5518'));
      const after = await changes();
      expect(after[first]).not.toBe(before[first]);
      expect(after[second]).toBe(before[second]);
    });

    itWhere(traits.oldVersions !== 'none', 'the store keeps no versions')('knows what was before', async () => {
      const { store, put } = await start();
      await put(first, one('old-4410'));
      await put(first, one('new-5518'));
      await store.access(signal);
      const [secret] = await listed(store);
      expect(secret?.versions.length).toBeGreaterThanOrEqual(2);
      expect(secret?.versions[0]?.state).toBe('current');
      expect(['previous', 'superseded']).toContain(secret?.versions[1]?.state);
      if (secret && traits.oldVersions === 'values') expect(texts(await valuesOf(store, secret))).toEqual(['new-5518', 'old-4410']);
    });

    itWhere(traits.manyRefs !== undefined, 'the store has no pages')('reads all pages', async () => {
      const { store, put } = await start();
      const count = traits.manyCount ?? 250;
      const refs = Array.from({ length: count }, (_, n) => traits.manyRefs?.(n) ?? '');
      for (const ref of refs) await put(ref, one(`v-${ref}`));
      await store.access(signal);
      expect((await listed(store)).map(({ ref }) => ref).sort()).toEqual([...refs].sort());
    });

    it('is empty when there is nothing', async () => {
      const { store } = await start();
      await store.access(signal);
      expect(await all(store.secrets(signal))).toEqual([]);
    });

    faultIt('denied')('says when it is not let in', async () => {
      const { store, play } = await start();
      play?.('denied');
      expect((await failureOf(store.access(signal).then(() => listed(store)))).why).toBe('denied');
    });

    faultIt('denied-one')('goes on when one secret may not be read', async () => {
      const { store, put, play } = await start();
      for (const ref of [first, second, third]) await put(ref, one(`v-${ref}`));
      await store.access(signal);
      play?.('denied-one', second);
      const secrets = await listed(store);
      const read = (await Promise.all(secrets.map((secret) => all(store.values(secret, secret.versions, signal))))).flat();
      expect(texts(read.filter((item) => !isProblem(item)) as StoredValue[])).toEqual([`v-${first}`, `v-${third}`].sort());
      expect(read.filter(isProblem).map(({ code, where }) => [code, where])).toEqual([['store-unreadable', second]]);
    });

    faultIt('throttled-once')('waits when it is asked to', async () => {
      const { store, put, play } = await start();
      await put(first, one('v-1'));
      await store.access(signal);
      play?.('throttled-once');
      expect((await listed(store)).map(({ ref }) => ref)).toEqual([first]);
    });

    for (const [fault, why] of [
      ['throttled', 'throttled'],
      ['unavailable', 'unreachable'],
      ['odd-reply', 'odd-reply'],
    ] as const)
      faultIt(fault)(`tells ${why} from the other failures`, async () => {
        const { store, put, play } = await start();
        await put(first, one('hidden-value-3301'));
        await store.access(signal);
        play?.(fault);
        const error = await failureOf(listed(store));
        expect(error.why).toBe(why);
        expect(inspect(error)).not.toContain('hidden-value-3301');
      });

    faultIt('paging-loop')('does not turn round for ever', async () => {
      const { store, put, play } = await start();
      await put(first, one('v-1'));
      await store.access(signal);
      play?.('paging-loop');
      expect((await failureOf(listed(store))).why).toBe('odd-reply');
    });

    it('prints no value', async () => {
      const { store, put } = await start();
      await put(first, one('hidden-value-3301'));
      await store.access(signal);
      const secrets = await listed(store);
      const values = (await Promise.all(secrets.map((secret) => valuesOf(store, secret)))).flat();
      expect(values).not.toEqual([]);
      for (const shown of [inspect(store, { depth: 8 }), inspect(values, { depth: 8 }), JSON.stringify(values), String(values)])
        expect(shown).not.toContain('hidden-value-3301');
    });
  });
}
