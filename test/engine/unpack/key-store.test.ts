/** Key stores as openssl and keytool write them: one with a key becomes a block that a rule matches, one with certificates only stays binary. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { unpackBytes } from './unpack-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'leakwarden-stores-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Returns the file that the commands leave; null where a tool is missing. */
function made(out: string, ...commands: readonly string[]): Buffer | null {
  for (const command of commands) {
    const [tool = '', ...args] = command.split(' ');
    const { error, status } = spawnSync(tool, args, { cwd: folder });
    if (error) return null;
    if (status !== 0) throw new Error(`${command} ended with ${status}`);
  }
  return readFileSync(join(folder, out));
}

const request = 'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout k.pem -out c.pem -subj /CN=a -days 2';
const pair = '-keyalg EC -groupname secp256r1 -dname CN=a -alias a -storepass changeit -keypass changeit';
const STORES = [
  [
    'pkcs12 of openssl',
    'a.p12',
    'pkcs12',
    made('a.p12', request, 'openssl pkcs12 -export -inkey k.pem -in c.pem -out a.p12 -passout pass:'),
  ],
  ['pkcs12 of keytool', 'b.pfx', 'pkcs12', made('b.pfx', `keytool -genkeypair ${pair} -storetype PKCS12 -keystore b.pfx`)],
  ['jks', 'a.jks', 'jks', made('a.jks', `keytool -genkeypair ${pair} -storetype JKS -keystore a.jks`)],
  ['jceks', 'a.keystore', 'jceks', made('a.keystore', `keytool -genkeypair ${pair} -storetype JCEKS -keystore a.keystore`)],
] as const;

describe.each(STORES)('%s', (_, name, kind, bytes) => {
  it.skipIf(!bytes)('with a key becomes a block of text', async () => {
    const { texts, problems } = await unpackBytes(bytes ?? Buffer.alloc(0), name, 0);
    const upper = kind.toUpperCase();
    expect([...texts.keys()]).toEqual([`${name}!${kind}`]);
    expect(texts.get(`${name}!${kind}`)?.toString()).toMatch(/^-----BEGIN \w+-----\n(?:[\w+/=]{1,64}\n){2,}-----END \w+-----\n$/);
    expect(texts.get(`${name}!${kind}`)?.toString()).toContain(`BEGIN ${upper}`);
    expect(problems).toEqual([]);
  });

  it.skipIf(!bytes)('is cut and changed anywhere without a crash', async () => {
    const store = bytes ?? Buffer.alloc(0);
    for (let at = 0; at < store.length; at += 7) {
      const changed = Buffer.from(store);
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      for (const tried of [changed, store.subarray(0, at)]) expect((await unpackBytes(tried, name)).problems).toEqual([]);
    }
  });
});

describe('a store with certificates only', () => {
  const trust = '-importcert -noprompt -alias a -file c.pem -storepass changeit';
  it.each([
    ['JKS', 't.jks'],
    ['PKCS12', 't.p12'],
  ])('stays binary: %s', async (type, name) => {
    const bytes = made(name, request, `keytool ${trust} -storetype ${type} -keystore ${name}`);
    if (bytes) expect(await unpackBytes(bytes, name)).toMatchObject({ binaries: [`${name}!certificates`], problems: [] });
    else expect(bytes).toBeNull();
  });
});
