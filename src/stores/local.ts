/**
 * The embedded store as one store among others: the default, which needs no server and no settings. It lists what `leakwarden store put` put there, and gives
 * values to whoever indexes them. Settings: `path`. The passphrase comes from the file that LEAKWARDEN_PASSPHRASE_FILE names, or from a terminal.
 */
import { isAbsolute, join, resolve } from 'node:path';
import type { Problem } from '../core/contracts.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import { modeForOthers } from '../system/durable-files.ts';
import { findKeychain } from '../system/keychain.ts';
import { keyFileOf } from './local-key.ts';
import { LocalRotator } from './local-rotate.ts';
import { LocalStore } from './local-store.ts';
import { type StoreContext, type StoreKind, type StoreSettings, settingOf } from './store-kind.ts';

const PASSPHRASE_FILE = 'LEAKWARDEN_PASSPHRASE_FILE';

export const local: StoreKind = {
  kind: 'local',
  name: 'local store of leakwarden',
  settings: [{ name: 'path', help: 'folder of the store (default: leakwarden/store in the data folder of the user)' }],
  create: (settings, context) => new LocalSecrets(openLocalStore(settings, context), settingOf(settings, 'path') !== undefined),
  createRotator: (settings, context) => new LocalRotator(openLocalStore(settings, context)),
};

type LocalContext = Pick<StoreContext, 'env' | 'folder' | 'readFile' | 'now' | 'askHidden'>;

/** Returns the store that the settings name; nothing is read or made yet. Also for the commands that write. */
export function openLocalStore(settings: StoreSettings, { env, folder, readFile, now, askHidden }: LocalContext): LocalStore {
  const path = settingOf(settings, 'path');
  return new LocalStore({
    folder: path === undefined ? defaultFolder(env) : resolve(folder, path),
    passphrases: {
      fromFile: async () => {
        const file = env[PASSPHRASE_FILE];
        if (!file) return null;
        const text = (await readFile(resolve(folder, file))).replace(/\r?\n$/, '');
        if (text === '') throw new StoreError('misconfigured', `the file that ${PASSPHRASE_FILE} names is empty`);
        return text;
      },
      ask: async (question) => (await askHidden?.(question)) ?? null,
    },
    keychain: findKeychain(env),
    now,
  });
}

/** By the XDG base directory specification, which has relative paths ignored. */
function defaultFolder(env: LocalContext['env']): string {
  const { XDG_DATA_HOME: data = '', LOCALAPPDATA: windows = '', HOME: home = '' } = env;
  if (isAbsolute(data)) return join(data, 'leakwarden', 'store');
  if (process.platform === 'win32' && isAbsolute(windows)) return join(windows, 'leakwarden', 'store');
  if (isAbsolute(home)) return join(home, '.local', 'share', 'leakwarden', 'store');
  throw new StoreError('misconfigured', 'neither XDG_DATA_HOME nor HOME says where the local store is');
}

class LocalSecrets implements SecretStore {
  readonly kind = 'local';
  readonly id: string;
  readonly #store: LocalStore;
  readonly #isNamed: boolean;
  #isNoted = false;

  constructor(store: LocalStore, isNamed: boolean) {
    this.id = `local:${store.folder}`;
    this.#store = store;
    this.#isNamed = isNamed;
  }

  /** A default store that nobody has made yet is an empty one; one that a setting names must be there. */
  async access(): Promise<StoreAccess> {
    const { folder } = this.#store;
    const origin = await this.#store.open();
    if (origin === null && this.#isNamed) throw new StoreError('not-found', `there is no store in ${folder}`);
    if (origin === null) return { identity: 'whoever may read the folder; there is no store in it yet', tooMuch: [] };
    const mode = modeForOthers(folder);
    return {
      identity: `holder of ${origin === 'file' ? `the key file ${keyFileOf(folder)}` : origin === 'keychain' ? 'the key in the keychain' : 'the passphrase'}`,
      tooMuch: mode === null ? [] : [`the folder ${folder} is open to others (mode ${mode}); 0700 is enough`],
    };
  }

  async *secrets(signal: AbortSignal): AsyncGenerator<StoredSecret | Problem> {
    for await (const found of this.#store.records()) {
      signal.throwIfAborted();
      if ('code' in found) yield found;
      else yield { ref: found.ref, change: found.mac, versions: found.versions.map(({ sealed: _, ...version }) => version) };
    }
  }

  /** The log holds one line for all that one connection reads. */
  async *values({ ref }: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncGenerator<StoredValue | Problem> {
    if (!this.#isNoted) {
      this.#isNoted = true;
      await this.#store.noteIndexed();
    }
    for (const { id, state } of versions) {
      signal.throwIfAborted();
      if (state !== 'destroyed') yield* this.#valuesOf(ref, id);
    }
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  async *#valuesOf(ref: string, version: string): AsyncGenerator<StoredValue | Problem> {
    try {
      const fields = await this.#store.fieldsOf(ref, version);
      for (const [field, value] of Object.entries(fields)) yield { ref, version, field, value };
    } catch (error) {
      if (!(error instanceof StoreError) || (error.why !== 'odd-reply' && error.why !== 'not-found')) throw error;
      yield { code: 'store-unreadable', where: ref, data: { store: this.id, ref, reason: error.message } };
    }
  }
}
