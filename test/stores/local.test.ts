import { chmodSync, copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reveal, Secret } from '../../src/core/secret.ts';
import { StoreError } from '../../src/core/stores.ts';
import { local, openLocalStore } from '../../src/stores/local.ts';
import { FORMS, randomValue } from '../../src/stores/local-forms.ts';
import { addVersion, type LocalVersion, recordFileOf } from '../../src/stores/local-record.ts';
import type { LocalStore } from '../../src/stores/local-store.ts';
import type { StoreContext } from '../../src/stores/store-kind.ts';
import { withLock } from '../../src/system/lock.ts';
import { describeStore } from './contract.ts';

const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-local-'));
  folders.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function contextOf(data: string, more: Partial<StoreContext> = {}): StoreContext {
  return {
    env: { XDG_DATA_HOME: data },
    folder: data,
    readFile: async (path) => readFileSync(path, 'utf8'),
    createClient: () => {
      throw new Error('the local store asks nobody');
    },
    now: () => new Date(Date.UTC(2030, 0, 1)),
    ...more,
  };
}

const secret = (text: string): Secret => new Secret(text, 'test');

for (const origin of ['key file', 'passphrase'] as const)
  describeStore(
    `local, ${origin}`,
    async () => {
      const data = newFolder();
      if (origin === 'passphrase') writeFileSync(join(data, 'pass'), 'correct horse\n');
      const env = { XDG_DATA_HOME: data, ...(origin === 'passphrase' ? { LEAKWARDEN_PASSPHRASE_FILE: join(data, 'pass') } : {}) };
      const context = contextOf(data, { env });
      const writer = openLocalStore({}, context);
      // The other one starts without a store.
      if (origin === 'passphrase') await writer.create();
      return {
        store: local.create({}, context),
        put: async (ref, fields) => {
          await writer.put(ref, Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, secret(value)])));
        },
        play: () => writeFileSync(join(data, 'pass'), 'battery staple\n'),
      };
    },
    {
      refs: ['app/db', 'app/mail', 'über uns/token'],
      hasFields: true,
      oldVersions: 'values',
      manyRefs: (n) => `many/${n}`,
      manyCount: 60,
      faults: origin === 'passphrase' ? ['denied'] : [],
    },
  );

describe('the local store', () => {
  let data = '';
  let store: LocalStore;
  let root = '';
  beforeEach(() => {
    data = newFolder();
    root = join(data, 'leakwarden', 'store');
    store = openLocalStore({}, contextOf(data));
  });

  const again = (): LocalStore => openLocalStore({}, contextOf(data));
  const fileOf = (ref: string): string => join(root, 'secrets', recordFileOf(ref));

  async function failureOf(doing: Promise<unknown>): Promise<StoreError> {
    const thrown = await doing.then(
      () => null,
      (error: unknown) => error,
    );
    if (thrown instanceof StoreError) return thrown;
    throw new Error(`no StoreError: ${inspect(thrown)}`);
  }

  async function logOf(which: LocalStore): Promise<{ readonly actions: string[]; readonly faults: string[] }> {
    const actions: string[] = [];
    const faults: string[] = [];
    for await (const item of which.log()) {
      if (typeof item === 'string') faults.push(item);
      else actions.push(`${item.action} ${item.ref} ${item.version}`.trim());
    }
    return { actions, faults };
  }

  const textOf = async (which: LocalStore, ref: string, version: string | null = null, field = ''): Promise<string> => {
    const value = (await which.get(ref, version))[field];
    return value ? reveal(value, 'compare') : '';
  };

  it('keeps what was put, and what was before', async () => {
    expect(await store.set('app/db', '', secret('first-4410'))).toBe('1');
    expect(await store.set('app/db', '', secret('second-5518'))).toBe('2');
    expect(await textOf(again(), 'app/db')).toBe('second-5518');
    expect(await textOf(again(), 'app/db', '1')).toBe('first-4410');
    expect((await again().versions('app/db')).map(({ id, state }) => `${id} ${state}`)).toEqual(['2 current', '1 superseded']);
  });

  it('writes no value in clear, with modes for the owner alone', async () => {
    await store.set('app/db', 'password', secret('hidden-value-3301'));
    const modes: string[] = [];
    for (const name of readdirSync(data, { recursive: true, encoding: 'utf8' })) {
      const stat = statSync(join(data, name));
      modes.push((stat.mode & 0o777).toString(8));
      if (stat.isFile())
        for (const form of ['utf8', 'base64', 'hex'] as const)
          expect(readFileSync(join(data, name), 'latin1')).not.toContain(Buffer.from('hidden-value-3301').toString(form));
    }
    expect([...new Set(modes)].sort()).toEqual(['600', '700']);
    expect(inspect(store, { depth: 9, showHidden: true })).not.toContain('hidden-value-3301');
  });

  it('sets one field and leaves the others', async () => {
    await store.set('app/db', 'user', secret('u-1'));
    await store.set('app/db', 'password', secret('p-1'));
    await store.rotate('app/db', 'password', secret('p-2'));
    expect(await textOf(store, 'app/db', null, 'user')).toBe('u-1');
    expect(await textOf(store, 'app/db', null, 'password')).toBe('p-2');
    expect((await failureOf(store.set('app/db', '', secret('x')))).message).toBe(
      'app/db has the fields user, password: name the one that is meant',
    );
    expect((await failureOf(store.rotate('app/db', null, secret('x')))).message).toBe(
      'app/db has the fields user, password: name the one to rotate',
    );
  });

  it('refuses to rotate what is not there, or to what it is already', async () => {
    await store.set('a', '', secret('v-1'));
    expect((await failureOf(store.rotate('b', null, secret('x')))).why).toBe('not-found');
    expect((await failureOf(store.rotate('a', null, secret('v-1')))).message).toBe('that is the current value of a already');
    expect((await failureOf(store.get('a', '7'))).message).toBe('a has no version 7');
  });

  it.each(['', ' a', 'a\nb', 'a\u202eb', 'x'.repeat(513), 'a\u0000'])('refuses the ref %j', async (ref) => {
    expect((await failureOf(store.set(ref, '', secret('v')))).message).toContain('a ref is a name such as app/db');
    expect(existsSync(root)).toBe(false);
  });

  it('takes 64 KiB and no more', async () => {
    await store.set('a', '', secret('x'.repeat(65_000)));
    expect((await failureOf(store.set('a', '', secret('x'.repeat(65_600))))).message).toBe('a secret holds 64 KiB at most');
  });

  it('gives a disabled version out no more, and still lists it', async () => {
    await store.set('a', '', secret('v-1'));
    await store.set('a', '', secret('v-2'));
    await store.disable('a', '1');
    expect((await failureOf(store.get('a', '1'))).message).toBe('version 1 of a is disabled');
    expect((await store.versions('a')).map(({ state }) => state)).toEqual(['current', 'disabled']);
    expect((await logOf(store)).actions).toContain('disable a 1');
  });

  it('keeps 1,000 versions, and lets the oldest go for another', () => {
    const versionOf = (n: number): LocalVersion => ({ id: String(n), state: 'current', createdAt: `t${n}`, endedAt: null, sealed: '' });
    let kept: readonly LocalVersion[] = [];
    const dropped: (string | null)[] = [];
    for (let n = 1; n <= 1002; n += 1) {
      const after = addVersion(kept, versionOf(n));
      kept = after.versions;
      if (after.dropped !== null) dropped.push(after.dropped);
    }
    expect(dropped).toEqual(['1', '2']);
    expect([kept.length, kept[0], kept[1], kept[999]]).toEqual([
      1000,
      versionOf(1002),
      { ...versionOf(1001), state: 'superseded', endedAt: 't1002' },
      { ...versionOf(3), state: 'superseded', endedAt: 't4' },
    ]);
  });

  describe('with a passphrase', () => {
    const withPassphrase = (passphrase: string | null): LocalStore => {
      if (passphrase !== null) writeFileSync(join(data, 'pass'), `${passphrase}\n`);
      return openLocalStore(
        {},
        contextOf(data, { env: { XDG_DATA_HOME: data, ...(passphrase === null ? {} : { LEAKWARDEN_PASSPHRASE_FILE: 'pass' }) } }),
      );
    };

    it('opens with that one, and says so of another one, or none', async () => {
      await withPassphrase('correct horse').set('a', '', secret('v-1'));
      expect(existsSync(`${root}.key`)).toBe(false);
      expect(await textOf(withPassphrase('correct horse'), 'a')).toBe('v-1');
      const wrong = await failureOf(withPassphrase('battery staple').get('a', null));
      expect([wrong.why, wrong.message]).toEqual(['denied', `the passphrase does not open the store ${root}`]);
      expect((await failureOf(withPassphrase(null).get('a', null))).why).toBe('sealed');
    });

    it('asks twice for a new one, and once for a known one', async () => {
      const asked: string[] = [];
      const answering = (...answers: (string | null)[]): LocalStore =>
        openLocalStore(
          {},
          contextOf(data, {
            askHidden: async (question) => {
              asked.push(question);
              return answers.shift() ?? null;
            },
          }),
        );
      expect((await failureOf(answering('correct horse', 'corect horse').set('a', '', secret('v')))).message).toContain('not the same');
      expect((await failureOf(answering('short').set('a', '', secret('v')))).message).toContain('8 characters or more');
      await answering('correct horse', 'correct horse').set('a', '', secret('v-1'));
      asked.length = 0;
      expect(await textOf(answering('correct horse'), 'a')).toBe('v-1');
      expect(asked).toEqual([`passphrase of the store ${root}: `]);
    });

    it('does not let the cost of guessing be lowered, nor raised without end', async () => {
      await withPassphrase('correct horse').set('a', '', secret('v-1'));
      const header = readFileSync(join(root, 'store.json'), 'utf8');
      writeFileSync(join(root, 'store.json'), header.replace('131072', '65536'));
      expect((await failureOf(withPassphrase('correct horse').get('a', null))).why).toBe('denied');
      writeFileSync(join(root, 'store.json'), header.replace('131072', '1073741824'));
      expect((await failureOf(withPassphrase('correct horse').get('a', null))).why).toBe('odd-reply');
    });
  });

  describe('what is damaged or foreign', () => {
    beforeEach(async () => {
      await store.set('a', '', secret('v-1'));
      await store.set('a', '', secret('v-2'));
      await store.set('b', '', secret('w-1'));
    });

    it.each([
      ['another program', '{"hello":1}'],
      ['nothing', ''],
      ['bytes', '\u0000\u0001'],
    ])('says so of a header of %s', async (_, text) => {
      writeFileSync(join(root, 'store.json'), text);
      expect((await failureOf(again().get('a', null))).message).toBe(`${root}/store.json is damaged, or not a store of leakwarden`);
    });

    it('says so of a header that is gone, instead of making a new store over the old one', async () => {
      rmSync(join(root, 'store.json'));
      expect((await failureOf(again().set('a', '', secret('x')))).message).toContain('cannot be read without it');
    });

    it.each([
      ['a state', (text: string) => text.replace('"superseded"', '"current"')],
      ['a ref', (text: string) => text.replace('"ref":"a"', '"ref":"c"')],
      ['a value', (text: string) => text.replace(/"sealed":"(.)/, (_, first) => `"sealed":"${first === 'A' ? 'B' : 'A'}`)],
      ['a version taken out', (text: string) => text.replace(/,\{"id":"1".*?\}/, '')],
      ['half of it', (text: string) => text.slice(0, text.length / 2)],
    ])('sees %s of a secret that was changed, and reads the others', async (_, change) => {
      const text = readFileSync(fileOf('a'), 'utf8');
      expect(change(text)).not.toBe(text);
      writeFileSync(fileOf('a'), change(text));
      expect((await failureOf(again().get('a', null))).why).toBe('odd-reply');
      const found: string[] = [];
      for await (const one of again().records()) found.push('code' in one ? `${one.code} ${one.where}` : one.ref);
      expect(found).toEqual([`store-unreadable ${fileOf('a')}`, 'b']);
    });

    it('sees one secret that stands in the place of another', async () => {
      copyFileSync(fileOf('b'), fileOf('a'));
      const refs: string[] = [];
      for await (const one of again().records()) refs.push('code' in one ? one.code : one.ref);
      expect(refs.sort()).toEqual(['b', 'store-unreadable']);
    });

    it('wants the key file, and wants it private', async () => {
      chmodSync(`${root}.key`, 0o644);
      expect((await failureOf(again().get('a', null))).message).toContain('is open to others (mode 644)');
      rmSync(`${root}.key`);
      const gone = await failureOf(again().get('a', null));
      expect([gone.why, gone.message]).toEqual(['denied', `the key file ${root}.key is gone, and without it the store cannot be read`]);
    });

    it('tells when the folder is open to others', async () => {
      chmodSync(root, 0o755);
      const { tooMuch } = await local.create({}, contextOf(data)).access(new AbortController().signal);
      expect(tooMuch).toEqual([`the folder ${root} is open to others (mode 755); 0700 is enough`]);
    });

    it('passes over what a crash left, and clears it away with the next write', async () => {
      for (const folder of [root, join(root, 'secrets')]) writeFileSync(join(folder, '.draft-x'), 'half');
      writeFileSync(join(root, 'log.jsonl'), `${readFileSync(join(root, 'log.jsonl'), 'utf8')}{"seq":9`);
      await again().set('a', '', secret('v-3'));
      expect([...readdirSync(root), ...readdirSync(join(root, 'secrets'))].filter((name) => name.startsWith('.'))).toEqual([]);
      expect((await logOf(again())).faults).toEqual([]);
    });
  });

  it('needs the store that a setting names, and no default one', async () => {
    const named = local.create({ path: join(data, 'none') }, contextOf(data));
    expect((await failureOf(named.access(new AbortController().signal))).why).toBe('not-found');
    expect(() => local.create({}, contextOf(data, { env: {} }))).toThrow(StoreError);
  });

  describe('its log', () => {
    const lines = (): string[] => readFileSync(join(root, 'log.jsonl'), 'utf8').trimEnd().split('\n');
    const write = (some: readonly string[]): void => writeFileSync(join(root, 'log.jsonl'), `${some.join('\n')}\n`);
    beforeEach(async () => {
      await store.set('a', '', secret('v-1'));
      await store.get('a', null);
      await store.rotate('a', null, secret('v-2'));
    });

    it('says what was done', async () => {
      expect(await logOf(again())).toEqual({ actions: ['create', 'put a 1', 'read a 1', 'rotate a 2'], faults: [] });
    });

    it('notes once that an index was made', async () => {
      const connected = local.create({}, contextOf(data));
      const { signal } = new AbortController();
      for await (const one of connected.secrets(signal))
        if ('versions' in one)
          for (const times of [1, 2])
            for await (const value of connected.values(one, one.versions, signal)) expect([times, value]).toBeTruthy();
      expect((await logOf(again())).actions.slice(4)).toEqual(['index']);
    });

    it.each([
      ['an entry was changed', () => write(lines().map((line) => line.replace('"read"', '"put"')))],
      ['an entry was taken out', () => write(lines().filter((line) => !line.includes('"read"')))],
      ['two were swapped', () => write([0, 2, 1, 3].map((index) => lines()[index] ?? ''))],
      ['the end was cut off', () => write(lines().slice(0, 2))],
      ['all of it is gone', () => rmSync(join(root, 'log.jsonl'))],
      ['the end is not known', () => rmSync(join(root, 'log-head.json'))],
    ])('is found out when %s, and stays so', async (_, change) => {
      change();
      expect((await logOf(again())).faults).not.toEqual([]);
      await again().get('a', null);
      expect((await logOf(again())).faults).not.toEqual([]);
    });
  });

  describe('its lock', () => {
    beforeEach(() => store.set('a', '', secret('v-1')));

    it('lets many writers in, one after the other', async () => {
      const versions = await Promise.all(Array.from({ length: 12 }, (_, n) => again().set('a', '', secret(`w-${n}`))));
      expect(versions.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, n) => n + 2));
      expect((await logOf(again())).faults).toEqual([]);
    });

    it('is taken over from a process that is gone', async () => {
      // No system gives out a number as high as this one.
      writeFileSync(join(root, 'lock'), `999999999 ${hostname()} 00\n`);
      expect(await again().set('a', '', secret('v-2'))).toBe('2');
      writeFileSync(join(root, 'lock-takeover'), `999999999 ${hostname()} 00\n`);
      expect(await again().set('a', '', secret('v-3'))).toBe('3');
      expect(readdirSync(root).filter((name) => name.startsWith('lock'))).toEqual([]);
    });

    it.each([
      ['a process that runs', `${process.pid} ${hostname()} 00\n`],
      ['another machine', '999999999 elsewhere.example 00\n'],
    ])('is left to %s', async (_, text) => {
      writeFileSync(join(root, 'lock'), text);
      const error = await failureOf(withLock(root, () => 1, 2));
      expect([error.why, error.message]).toEqual([
        'timed-out',
        `another leakwarden (process ${text.split(' ')[0]}) writes to the store; its lock is ${root}/lock`,
      ]);
      expect(readFileSync(join(root, 'lock'), 'utf8')).toBe(text);
    });
  });
});

describe('random values', () => {
  it.each(Object.keys(FORMS) as (keyof typeof FORMS)[])('have the characters of %s only, and all of them', (form) => {
    const text = Array.from({ length: 8 }, () => reveal(randomValue(form, 1024), 'compare')).join('');
    expect([...new Set(text)].sort().join('')).toBe([...new Set(FORMS[form])].sort().join(''));
  });

  it.each([0, 1025, 1.5, Number.NaN])('are refused with length %d', (length) => {
    expect(() => randomValue('hex', length)).toThrow(StoreError);
  });
});
