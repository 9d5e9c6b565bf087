/**
 * The operating system's keychain, by the program that it has for that: `secret-tool` of libsecret on Linux (GNOME Keyring, KWallet, KeePassXC speak its protocol), `security`
 * on macOS. Windows has no program that gives a credential back. A secret goes in by standard input and comes out by standard output, never by an argument. In: a name. Out:
 * what is kept by it. Called for the local store's key. A native module would do the same for 4 MB more (docs/decisions/0012-store-index.md).
 */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

export type Keychain = {
  /** How people call it. */
  readonly name: string;
  /** Returns what is kept, or null where nothing is or nobody answers. */
  get(account: string): Promise<string | null>;
  /** Returns whether it is kept now. `secret`: letters, digits and `+ / = - _` alone. */
  put(account: string, secret: string): Promise<boolean>;
};

type Env = Readonly<Record<string, string | undefined>>;

/** What everything of ours is kept under. */
const SERVICE = 'leakwarden';
const SECURITY = '/usr/bin/security';
/** Somebody may have to type the keychain's password first. */
const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 4096;
/** What the programs need to find the session. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_RUNTIME_DIR',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'LANG',
  'USER',
];

/** Returns the keychain of this session, or null where there is none, or LEAKWARDEN_KEYCHAIN is `off`. Nobody is asked yet. */
export function findKeychain(env: Env, platform: NodeJS.Platform = process.platform, security: string = SECURITY): Keychain | null {
  if (env['LEAKWARDEN_KEYCHAIN'] === 'off') return null;
  // Without HOME it would be the keychain of the account, whoever asks.
  if (platform === 'darwin') return env['HOME'] && isProgram(security) ? macKeychain(security, env) : null;
  // Without a bus the program would start one of its own, and wait.
  if (platform === 'win32' || !env['DBUS_SESSION_BUS_ADDRESS']) return null;
  const program = programOf('secret-tool', env);
  return program === null ? null : secretService(program, env);
}

function secretService(program: string, env: Env): Keychain {
  const attributes = (account: string): string[] => ['service', SERVICE, 'account', account];
  return {
    name: 'the keyring',
    get: async (account) => outputOf(await runQuietly(program, ['lookup', ...attributes(account)], '', env)),
    put: async (account, secret) =>
      (await runQuietly(program, ['store', `--label=leakwarden ${account}`, ...attributes(account)], secret, env))?.code === 0,
  };
}

function macKeychain(security: string, env: Env): Keychain {
  const get = async (account: string): Promise<string | null> =>
    outputOf(await runQuietly(security, ['find-generic-password', '-s', SERVICE, '-a', account, '-w'], '', env));
  return {
    name: 'the keychain',
    get,
    put: async (account, secret) => {
      // As a command on standard input (-i): as an argument every user of the machine could read it. It has no exit code of the command's own.
      await runQuietly(security, ['-i'], `add-generic-password -U -s ${SERVICE} -a ${account} -w ${secret}\n`, env);
      return (await get(account)) === secret;
    },
  };
}

function programOf(name: string, { PATH: path = '' }: Env): string | null {
  const folders = path.split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, name)).find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not ours to run: the same to whoever looks for a program.
    return false;
  }
}

type Ended = { readonly code: number | null; readonly output: string };

function outputOf(ended: Ended | null): string | null {
  const text = ended?.code === 0 ? ended.output.replace(/\n$/, '') : '';
  return text === '' ? null : text;
}

/** Runs a program with no shell; null for one that did not start, said too much or took too long. What it says on stderr is thrown away. */
function runQuietly(program: string, args: readonly string[], input: string, env: Env): Promise<Ended | null> {
  const passed = Object.fromEntries(PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  return new Promise((resolve) => {
    const child = spawn(program, args, { env: passed, stdio: ['pipe', 'pipe', 'ignore'], timeout: TIMEOUT_MS, killSignal: 'SIGKILL' });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
      if (output.length > MAX_OUTPUT_BYTES) child.kill('SIGKILL');
    });
    // One that reads nothing closes the pipe; its exit code says what that means.
    child.stdin.on('error', () => undefined);
    child.on('error', () => resolve(null));
    child.on('close', (code) => resolve(code === null ? null : { code, output }));
    child.stdin.end(input);
  });
}
