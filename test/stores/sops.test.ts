import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterEach, describe, expect, it } from 'vitest';
import { sealValue, writeSops } from '../../fixtures/stores/sops.ts';
import { reveal } from '../../src/core/secret.ts';
import { StoreError } from '../../src/core/stores.ts';
import { sops } from '../../src/stores/sops.ts';
import { decryptValue, parseSops } from '../../src/stores/sops-file.ts';
import type { StoreContext, StoreSettings } from '../../src/stores/store-kind.ts';
import { describeStore } from './contract.ts';

/** The program itself, where the machine has one; `.ci/run` or a developer names it. */
const PROGRAM = process.env['LEAKWARDEN_TEST_SOPS'];
const REFS = ['a.json', 'b.yaml', 'c.json'];
const { signal } = new AbortController();
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

type Place = { readonly folder: string; readonly recipient: string; readonly context: StoreContext };

async function newPlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-sops-'));
  folders.push(folder);
  const identity = await generateIdentity();
  writeFileSync(join(folder, 'keys.txt'), `# made by a test\n${identity}\n`, { mode: 0o600 });
  const context: StoreContext = {
    env: { SOPS_AGE_KEY_FILE: join(folder, 'keys.txt') },
    folder,
    readFile: async (path) => {
      if (!existsSync(path)) throw new StoreError('misconfigured', `${path} is not there`);
      return readFileSync(path, 'utf8');
    },
    createClient: () => {
      throw new Error('files are read, nobody is asked');
    },
    now: () => new Date(0),
  };
  return { folder, recipient: await identityToRecipient(identity), context };
}

function runSops({ folder, recipient }: Place, ...args: string[]): string {
  const env = { PATH: process.env['PATH'], HOME: folder, SOPS_AGE_RECIPIENTS: recipient };
  const { status, stdout, stderr } = spawnSync(PROGRAM ?? '', ['--disable-version-check', ...args], { cwd: folder, env, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return stdout;
}

const storeOf = ({ context }: Place, settings: StoreSettings) => sops.create(settings, context);

function describeWith(name: string, write: (place: Place, ref: string, fields: Readonly<Record<string, string>>) => Promise<string>): void {
  describeStore(
    name,
    async () => {
      const place = await newPlace();
      const foreign = await writeSops({ password: 'x' }, await identityToRecipient(await generateIdentity()), '2030-01-01T00:00:00Z');
      return {
        store: storeOf(place, { path: '.' }),
        put: async (ref, fields) => writeFileSync(join(place.folder, ref), await write(place, ref, fields)),
        play: (_fault, ref = '') => writeFileSync(join(place.folder, ref), foreign),
      };
    },
    { refs: REFS, hasFields: true, oldVersions: 'none', manyRefs: (n) => `deep-${n}.json`, manyCount: 30, faults: ['denied-one'] },
  );
}

async function read(
  place: Place,
  settings: StoreSettings,
): Promise<{ readonly values: Record<string, string>; readonly problems: string[] }> {
  const store = storeOf(place, settings);
  await store.access(signal);
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for await (const one of store.secrets(signal)) {
    if ('code' in one) problems.push(`${one.where}: ${one.data['reason']}`);
    else
      for await (const value of store.values(one, one.versions, signal)) {
        if ('code' in value) problems.push(`${value.where}: ${value.data['reason']}`);
        else values[`${value.ref}#${value.field}`] = reveal(value.value, 'compare');
      }
  }
  return { values, problems };
}

describe('files of sops', () => {
  it('are named when they cannot be read, one by one, and the others are read', async () => {
    const place = await newPlace();
    const write = (name: string, text: string): void => writeFileSync(join(place.folder, name), text);
    const good = await writeSops({ token: 'good-1' }, place.recipient, '2030-01-01T00:00:00Z');
    const stranger = await identityToRecipient(await generateIdentity());
    write('good.json', good);
    write('plain.yaml', 'token: x\n');
    write('alias.yaml', 'a: &a {b: c}\nd: *a\nsops: {mac: "ENC[AES256_GCM,"}\n');
    write('stranger.json', await writeSops({ token: 'x' }, stranger, '2030-01-01T00:00:00Z'));
    write('pgp.yaml', 'a: ENC[AES256_GCM,data:,iv:,tag:,type:str]\nsops:\n  pgp:\n    - fp: "1"\n  kms: []\n');
    write('groups.yaml', 'a: b\nsops:\n  key_groups: []\n  mac: ENC[AES256_GCM,]\n');
    write('moved.json', good.replace('"token"', '"other"'));
    write('odd.ini', '[a]\nb=ENC[AES256_GCM,]\n');
    const names = [
      'good.json',
      'plain.yaml',
      'alias.yaml',
      'stranger.json',
      'pgp.yaml',
      'groups.yaml',
      'moved.json',
      'odd.ini',
      'none.json',
    ];
    expect(await read(place, { path: names })).toEqual({
      values: { 'good.json#token': 'good-1' },
      problems: [
        'plain.yaml: it is not encrypted by SOPS',
        'alias.yaml: it is not YAML, JSON or .env as SOPS writes it',
        'stranger.json: none of the age identities opens it',
        'pgp.yaml: it is encrypted for pgp; only age keys can be read',
        'groups.yaml: its key is split between groups of keys (shamir), which cannot be read',
        'moved.json#other: the value is damaged, or was moved to another name',
        'odd.ini: it is not YAML, JSON or .env as SOPS writes it',
        'none.json: it is not there, cannot be opened, or is larger than 1 MiB',
      ],
    });
  });

  it('are found in a folder, among others', async () => {
    const place = await newPlace();
    const text = await writeSops({ token: 'good-1' }, place.recipient, '2030-01-01T00:00:00Z');
    for (const folder of ['deep/er', 'node_modules/x']) mkdirSync(join(place.folder, folder), { recursive: true });
    for (const name of ['a.yaml', 'deep/er/b.json', 'deep/c.txt', 'node_modules/x/d.json']) writeFileSync(join(place.folder, name), text);
    writeFileSync(join(place.folder, 'plain.json'), '{"token":"x"}');
    writeFileSync(join(place.folder, 'several.yaml'), 'a: b\n---\na: c\n');
    symlinkSync('a.yaml', join(place.folder, 'link.yaml'));
    expect(await read(place, { path: '.' })).toEqual({
      values: { 'a.yaml#token': 'good-1', 'deep/er/b.json#token': 'good-1' },
      problems: [],
    });
    expect(Object.keys((await read(place, { path: ['deep', 'a.yaml'] })).values)).toEqual(['deep/er/b.json#token', 'a.yaml#token']);
  });

  it('are opened by the identity that a setting, a variable or the default place gives', async () => {
    const place = await newPlace();
    writeFileSync(join(place.folder, 'a.json'), await writeSops({ token: 'good-1' }, place.recipient, '2030-01-01T00:00:00Z'));
    const text = readFileSync(join(place.folder, 'keys.txt'), 'utf8');
    const withEnv = (env: StoreContext['env']): Place => ({ ...place, context: { ...place.context, env } });
    for (const [where, settings] of [
      [withEnv({}), { 'identity-file': 'keys.txt' }],
      [withEnv({ SOPS_AGE_KEY: text }), {}],
    ] as const)
      expect((await read(where, { path: 'a.json', ...settings })).values).toEqual({ 'a.json#token': 'good-1' });
    for (const env of [{}, { HOME: place.folder }, { SOPS_AGE_KEY: 'AGE-PLUGIN-X-1' }, { SOPS_AGE_KEY: text.trimEnd().slice(0, -1) }])
      await expect(storeOf(withEnv(env), { path: 'a.json' }).access(signal)).rejects.toBeInstanceOf(StoreError);
  });

  it('come with a warning about an identity that others can read, and show no identity', async () => {
    const place = await newPlace();
    chmodSync(join(place.folder, 'keys.txt'), 0o640);
    const store = storeOf(place, { path: 'a.json' });
    const { identity, tooMuch } = await store.access(signal);
    expect([identity, tooMuch]).toEqual([
      `age ${place.recipient}`,
      [`${place.folder}/keys.txt is open to others (mode 640); 0600 is enough`],
    ]);
    expect(inspect(store, { depth: 9 })).not.toContain('AGE-SECRET-KEY');
    const damaged = { ...place, context: { ...place.context, env: { SOPS_AGE_KEY: 'AGE-SECRET-KEY-1DAMAGED' } } };
    const error: unknown = await storeOf(damaged, { path: 'a.json' })
      .access(signal)
      .catch((thrown: unknown) => thrown);
    expect(inspect(error, { depth: 9 })).not.toContain('1DAMAGED');
    expect(() => storeOf(place, {})).toThrow('path is missing');
  });

  it('are bounded in depth and number', async () => {
    const deep = `${'['.repeat(80)}${']'.repeat(80)}`;
    expect(await parseSops('a.json', `{"a":${deep},"sops":{"mac":"ENC[AES256_GCM,"}}`)).toBe('it is nested deeper than 64');
    const many = Array.from({ length: 10_001 }, () => '"ENC["').join(',');
    expect(await parseSops('a.json', `{"a":[${many}],"sops":{"mac":"ENC[AES256_GCM,"}}`)).toBe('it holds more than 10000 values');
  });

  it.each([
    ['str', 'text', 'text'],
    ['int', '42', '42'],
    ['float', '1.5', '1.5'],
    ['bool', 'True', null],
    ['comment', 'a remark', null],
  ])('hold values of type %s, bound to their names', (type, text, expected) => {
    const key = Buffer.alloc(32, 7);
    const sealed = sealValue(text, type, ['a', 'b'], key);
    expect(decryptValue({ names: ['a', 'b'], field: 'a.b', sealed }, key)).toBe(expected);
    expect(decryptValue({ names: ['b', 'a'], field: 'b.a', sealed }, key)).toBe(false);
    expect(decryptValue({ names: ['a', 'b'], field: 'a.b', sealed: sealed.replace(/^ENC/, 'ENX') }, key)).toBe(false);
  });
});

describeWith('sops, fake', ({ recipient }, _ref, fields) => writeSops(fields, recipient, '2030-01-01T00:00:00Z'));

describe.skipIf(!PROGRAM)('sops itself (LEAKWARDEN_TEST_SOPS names the program)', () => {
  describeWith('sops, real', async (place, ref, fields) => {
    const plain = `plain-${ref}`;
    writeFileSync(join(place.folder, plain), JSON.stringify(fields));
    return runSops(place, 'encrypt', '--filename-override', ref, '--input-type', 'json', plain);
  });

  it('writes forms that are read: YAML, JSON, .env', async () => {
    const place = await newPlace();
    const plain = {
      'a.yaml':
        'db:\n  password: one-1\n  list:\n    - two-2\n    - x: three-3\n  n: 123\n  b: true\n  e: ""\n# remark\nseen_unencrypted: visible\n',
      'b.json': '{"a":{"b":"four-4"},"l":[["five-5"]]}',
      'c.env': 'A=six-6\n# remark\nB=seven 7\n',
    };
    for (const [name, text] of Object.entries(plain)) {
      writeFileSync(join(place.folder, name), text);
      writeFileSync(join(place.folder, name), runSops(place, 'encrypt', name));
    }
    expect(await read(place, { path: Object.keys(plain) })).toEqual({
      values: {
        'a.yaml#db.password': 'one-1',
        'a.yaml#db.list[0]': 'two-2',
        'a.yaml#db.list[1].x': 'three-3',
        'a.yaml#db.n': '123',
        'b.json#a.b': 'four-4',
        'b.json#l[0][0]': 'five-5',
        'c.env#A': 'six-6',
        'c.env#B': 'seven 7',
      },
      problems: [],
    });
  });
});
