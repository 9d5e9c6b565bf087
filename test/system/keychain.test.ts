/**
 * The keychain by programs that speak as `secret-tool` and `security` do, and by the real `secret-tool` over a real GNOME Keyring on a bus of its own, where the machine
 * has them.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { openLocalStore } from '../../src/stores/local.ts';
import type { LocalStore } from '../../src/stores/local-store.ts';
import { findKeychain } from '../../src/system/keychain.ts';

type Env = Readonly<Record<string, string>>;

const SECRET = Buffer.from('what nobody may see, 32 bytes!!!').toString('base64');
const PROGRAMS = ['secret-tool', 'dbus-daemon', 'dbus-send', 'gnome-keyring-daemon'];
const folders = (process.env['PATH'] ?? '').split(':');
const hasReal = process.platform === 'linux' && PROGRAMS.every((name) => folders.some((folder) => existsSync(join(folder, name))));
const why = hasReal ? '' : ` [skipped: not all of ${PROGRAMS.join(', ')} are installed]`;

function storeIn(folder: string, env: Env): LocalStore {
  const readFile = async (path: string): Promise<string> => readFileSync(path, 'utf8');
  return openLocalStore({}, { env: { ...env, XDG_DATA_HOME: folder }, folder, readFile, now: () => new Date() });
}

const headerIn = (folder: string): { id: string; key: unknown } =>
  JSON.parse(readFileSync(join(folder, 'leakwarden/store/store.json'), 'utf8'));

/** What the local store does with its key when there is a keychain, and when there is none any more. */
async function usesKeychain(folder: string, env: Env): Promise<void> {
  await storeIn(folder, env).create();
  await storeIn(folder, env).set('app/db', '', new Secret('a value of the store'));
  expect(headerIn(folder).key).toEqual({ from: 'keychain' });
  expect(existsSync(join(folder, 'leakwarden/store.key'))).toBe(false);
  const fields = await storeIn(folder, env).get('app/db', null);
  expect(fields['']?.equals(new Secret('a value of the store'))).toBe(true);
  const gone = storeIn(folder, {}).get('app/db', null);
  await expect(gone).rejects.toMatchObject({ why: 'sealed', message: expect.stringContaining('keychain') });
}

describe('the keychain of a program on PATH', () => {
  let folder = '';
  let env: Record<string, string> = {};
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'leakwarden-keychain-'));
    mkdirSync(join(folder, 'bin'));
    env = { PATH: join(folder, 'bin'), HOME: folder, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A program that keeps what it is given in a file, and notes its arguments. */
  function program(name: string, body: string): string {
    const path = join(folder, 'bin', name);
    const head = `#!${process.execPath}
const fs = require('fs');
const args = process.argv.slice(2);
const kept = '${folder}/kept.json';
fs.appendFileSync('${folder}/arguments', args.join(' ') + '\\n');
const all = fs.existsSync(kept) ? JSON.parse(fs.readFileSync(kept, 'utf8')) : {};
`;
    writeFileSync(path, head + body);
    chmodSync(path, 0o755);
    return path;
  }
  const secretTool = `
    const [what, ...rest] = args;
    const key = rest.filter((word) => !word.startsWith('--')).join(' ');
    if (what === 'store') { all[key] = fs.readFileSync(0, 'utf8'); fs.writeFileSync(kept, JSON.stringify(all)); }
    else if (what === 'lookup' && key in all) process.stdout.write(all[key]);
    else process.exit(1);
  `;
  const security = `
    const account = (words) => words[words.indexOf('-a') + 1];
    if (args[0] === '-i') {
      const words = fs.readFileSync(0, 'utf8').trim().split(' ');
      all[account(words)] = words[words.indexOf('-w') + 1];
      fs.writeFileSync(kept, JSON.stringify(all));
    } else if (args[0] === 'find-generic-password' && account(args) in all) console.log(all[account(args)]);
    else process.exit(44);
  `;

  it.each(['linux', 'darwin'] as const)('keeps a secret and gives it back, and no argument holds it (%s)', async (platform) => {
    const path = platform === 'linux' ? program('secret-tool', secretTool) : program('security', security);
    const keychain = findKeychain(env, platform, path);
    expect(await keychain?.get('store-1')).toBe(null);
    expect(await keychain?.put('store-1', SECRET)).toBe(true);
    expect(await keychain?.get('store-1')).toBe(SECRET);
    expect(await keychain?.get('store-2')).toBe(null);
    const said = readFileSync(join(folder, 'arguments'), 'utf8');
    expect(said).toContain('store-2');
    expect(said).not.toContain(SECRET);
  });

  it('is none where there is no program, no session, or nobody wants it', () => {
    expect(findKeychain(env, 'linux')).toBe(null);
    program('secret-tool', secretTool);
    expect(findKeychain(env, 'linux')).not.toBe(null);
    expect(findKeychain({ ...env, DBUS_SESSION_BUS_ADDRESS: '' }, 'linux')).toBe(null);
    expect(findKeychain({ ...env, LEAKWARDEN_KEYCHAIN: 'off' }, 'linux')).toBe(null);
    expect(findKeychain(env, 'win32')).toBe(null);
    expect(findKeychain(env, 'darwin', join(folder, 'none'))).toBe(null);
  });

  it.skipIf(process.platform !== 'linux')('keeps the key of the local store', async () => {
    program('secret-tool', secretTool);
    await usesKeychain(join(folder, 'data'), env);
    const [key = ''] = Object.values(JSON.parse(readFileSync(join(folder, 'kept.json'), 'utf8')));
    expect(readFileSync(join(folder, 'arguments'), 'utf8')).not.toContain(key);
  });

  it.skipIf(process.platform !== 'linux').each([
    ['refuses', 'process.exit(1);'],
    ['gives back something else', `if (args[0] === 'lookup') process.stdout.write('nothing of yours');`],
    ['says too much', `process.stdout.write('x'.repeat(100_000));`],
  ])('that %s is none: the store has a key file', async (_, body) => {
    program('secret-tool', body);
    await storeIn(folder, env).create();
    expect(headerIn(folder).key).toEqual({ from: 'file' });
    expect(existsSync(join(folder, 'leakwarden/store.key'))).toBe(true);
  });
});

describe.skipIf(!hasReal)(`the keyring of GNOME${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'leakwarden-keyring-'));
  const started: ChildProcess[] = [];
  let env: Record<string, string> = {};
  beforeAll(async () => {
    env = { PATH: process.env['PATH'] ?? '', HOME: folder, XDG_RUNTIME_DIR: folder };
    const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    started.push(bus);
    const address = new Promise<string>((resolve) => bus.stdout.once('data', (line: Buffer) => resolve(line.toString().trim())));
    env = { ...env, DBUS_SESSION_BUS_ADDRESS: await address };
    const options = ['--foreground', '--unlock', '--components=secrets'];
    const keyring = spawn('gnome-keyring-daemon', options, { env, stdio: ['pipe', 'ignore', 'ignore'] });
    started.push(keyring);
    keyring.stdin.end('the password of the keyring');
    for (let tries = 0; tries < 40; tries++, await wait(250)) if (answers()) return;
    throw new Error('the keyring did not come up');
  }, 60_000);
  afterAll(() => {
    for (const child of started.reverse()) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** Asks the bus: asking the keyring itself would start a second one, which nobody unlocks. */
  function answers(): boolean {
    const method = ['--dest=org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus.NameHasOwner'];
    const args = ['--session', '--print-reply', ...method, 'string:org.freedesktop.secrets'];
    return execFileSync('dbus-send', args, { env, timeout: 10_000 }).includes('boolean true');
  }

  it('keeps a secret and gives it back', async () => {
    const keychain = findKeychain(env);
    expect(await keychain?.get('store-1')).toBe(null);
    expect(await keychain?.put('store-1', SECRET)).toBe(true);
    expect(await keychain?.get('store-1')).toBe(SECRET);
  });

  it('keeps the key of the local store, and it lies in no file in clear', async () => {
    await usesKeychain(join(folder, 'data'), env);
    const key = (await findKeychain(env)?.get(`store-${headerIn(join(folder, 'data')).id}`)) ?? '';
    expect(Buffer.from(key, 'base64')).toHaveLength(32);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.map(({ name }) => name)).toContain('store.json');
    for (const file of files) expect(readFileSync(join(file.parentPath, file.name), 'latin1').includes(key), file.name).toBe(false);
  });
});
