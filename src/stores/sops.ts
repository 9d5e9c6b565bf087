/**
 * Files encrypted by SOPS for an age key, as a store that is only read: each file is a secret, each encrypted value in it a field. They are opened in memory, by
 * age-encryption (the data key) and AES-GCM (the values). Settings: `path`, `identity-file`. The identity comes from where sops itself looks for it.
 */
import { createHash } from 'node:crypto';
import { isAbsolute, join, resolve } from 'node:path';
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import { modeForOthers } from '../system/durable-files.ts';
import { decryptValue, NOT_SOPS, parseSops, type SopsFile } from './sops-file.ts';
import { listSopsFiles } from './sops-list.ts';
import { type StoreContext, type StoreKind, settingOf, settingsOf } from './store-kind.ts';

const MAX_IDENTITIES = 100;
const DATA_KEY_BYTES = 32;

export const sops: StoreKind = {
  kind: 'sops',
  name: 'SOPS files encrypted for age',
  settings: [
    { name: 'path', help: 'a file that sops encrypted (YAML, JSON or .env), or a folder of them', isRequired: true, isList: true },
    { name: 'identity-file', help: 'file of age identities (default: SOPS_AGE_KEY_FILE, SOPS_AGE_KEY, else sops/age/keys.txt)' },
  ],
  create: (settings, context) => {
    const paths = settingsOf(settings, 'path');
    if (paths.length === 0) throw new StoreError('misconfigured', 'store of kind sops: path is missing');
    return new SopsFiles(paths, settingOf(settings, 'identity-file') ?? null, context);
  },
};

type Decrypter = { decrypt(file: Uint8Array): Promise<Uint8Array> };
type Age = { readonly decrypter: Decrypter; readonly decode: (armored: string) => Uint8Array };

class SopsFiles implements SecretStore {
  readonly kind = 'sops';
  readonly id: string;
  readonly #paths: readonly string[];
  readonly #identityFile: string | null;
  readonly #context: StoreContext;
  #age: Age | null = null;

  constructor(paths: readonly string[], identityFile: string | null, context: StoreContext) {
    this.id = `sops:${paths.join(',')}`;
    this.#paths = paths;
    this.#identityFile = identityFile;
    this.#context = context;
  }

  async access(): Promise<StoreAccess> {
    const { path, identities } = await this.#identities();
    const { Decrypter, armor, identityToRecipient } = await import('age-encryption');
    const decrypter = new Decrypter();
    const recipients: string[] = [];
    for (const identity of identities) {
      try {
        decrypter.addIdentity(identity);
        recipients.push(await identityToRecipient(identity));
      } catch {
        // The library's message may hold the identity, so it is no cause either.
        throw new StoreError('misconfigured', `${path ?? 'SOPS_AGE_KEY'} holds an age identity that is damaged`);
      }
    }
    this.#age = { decrypter, decode: armor.decode };
    const mode = path === null ? null : modeForOthers(path);
    return {
      identity: `age ${recipients.join(', ')}`,
      tooMuch: mode === null ? [] : [`${path} is open to others (mode ${mode}); 0600 is enough`],
    };
  }

  async *secrets(signal: AbortSignal): AsyncGenerator<StoredSecret | Problem> {
    for (const { path, isNamed } of listSopsFiles(this.#context.folder, this.#paths)) {
      signal.throwIfAborted();
      const read = await this.#read(path);
      if (typeof read === 'string') {
        if (isNamed || read !== NOT_SOPS) yield this.#problem(path, read);
        continue;
      }
      const { modifiedAt } = read.file;
      const version: StoredVersion = { id: modifiedAt ?? 'file', state: 'current', createdAt: modifiedAt, endedAt: null };
      yield { ref: path, change: read.change, versions: [version] };
    }
  }

  async *values({ ref }: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncGenerator<StoredValue | Problem> {
    signal.throwIfAborted();
    const [version] = versions;
    if (version === undefined) return;
    const read = await this.#read(ref);
    const dataKey = typeof read === 'string' ? read : await this.#dataKeyOf(read.file);
    if (typeof read === 'string' || typeof dataKey === 'string') {
      yield this.#problem(ref, String(dataKey));
      return;
    }
    for (const value of read.file.values) {
      const text = decryptValue(value, dataKey);
      if (text === false) yield this.#problem(`${ref}#${value.field}`, 'the value is damaged, or was moved to another name');
      else if (text !== null && text !== '') yield { ref, version: version.id, field: value.field, value: new Secret(text, this.kind) };
    }
  }

  async close(): Promise<void> {
    this.#age = null;
  }

  /** Returns the data key, or why there is none. */
  async #dataKeyOf({ ageKeys, otherKeys }: SopsFile): Promise<Uint8Array | string> {
    if (this.#age === null) throw new StoreError('misconfigured', 'the age identity was not read yet');
    if (ageKeys.length === 0) return `it is encrypted for ${otherKeys.join(', ') || 'no key'}; only age keys can be read`;
    for (const armored of ageKeys) {
      try {
        const key = await this.#age.decrypter.decrypt(this.#age.decode(armored));
        if (key.length === DATA_KEY_BYTES) return key;
      } catch {
        // For another recipient: the next one may be ours.
      }
    }
    return 'none of the age identities opens it';
  }

  async #read(path: string): Promise<{ readonly file: SopsFile; readonly change: string } | string> {
    try {
      const text = await this.#context.readFile(resolve(this.#context.folder, path));
      const file = await parseSops(path, text);
      // Of what is encrypted, with new random numbers at each writing.
      return typeof file === 'string' ? file : { file, change: createHash('sha256').update(text).digest('hex') };
    } catch (error) {
      if (error instanceof StoreError) return 'it is not there, cannot be opened, or is larger than 1 MiB';
      throw error;
    }
  }

  /** Throws StoreError misconfigured; `path` is null for the variable. */
  async #identities(): Promise<{ readonly path: string | null; readonly identities: readonly string[] }> {
    const { env, folder, readFile } = this.#context;
    const named = this.#identityFile ?? env['SOPS_AGE_KEY_FILE'];
    const inVariable = named ? undefined : env['SOPS_AGE_KEY'];
    const path = inVariable ? null : resolve(folder, named || defaultIdentityFile(env));
    const text = inVariable || (await readFile(path ?? ''));
    const lines = text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
    const identities = lines.filter((line) => line.startsWith('AGE-SECRET-KEY-'));
    if (identities.length > 0 && identities.length <= MAX_IDENTITIES) return { path, identities };
    throw new StoreError(
      'misconfigured',
      `${path ?? 'SOPS_AGE_KEY'} holds no age identity (AGE-SECRET-KEY-…) that can be read, or too many`,
    );
  }

  #problem(where: string, reason: string): Problem {
    return { code: 'store-unreadable', where, data: { store: this.id, ref: where, reason } };
  }
}

/** As sops itself has it. */
function defaultIdentityFile({ XDG_CONFIG_HOME: config = '', APPDATA: windows = '', HOME: home = '' }: StoreContext['env']): string {
  const inFolder = (...folders: string[]): string => join(...folders, 'sops', 'age', 'keys.txt');
  if (isAbsolute(config)) return inFolder(config);
  if (process.platform === 'win32' && windows !== '') return inFolder(windows);
  if (home === '') throw new StoreError('misconfigured', 'SOPS_AGE_KEY_FILE is not set, and there is no HOME to look in');
  return process.platform === 'darwin' ? inFolder(home, 'Library', 'Application Support') : inFolder(home, '.config');
}
