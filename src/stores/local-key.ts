/**
 * The keys of the local store. A random data key is wrapped (AES-256-GCM) by a key that the operating system's keychain keeps, or that comes from a passphrase through scrypt,
 * or from a key file beside the store's folder; from the data key HKDF derives one key each for values, for the integrity of files, for the log. In: the header's text. Out: StoreKeys.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { StoreError } from '../core/stores.ts';
import { createWhole, modeForOthers, readWhole } from '../system/durable-files.ts';
import type { Keychain } from '../system/keychain.ts';

export const STORE_FORMAT = 'leakwarden/local-store@1';

/** 128 MiB and about half a second, what OWASP's password storage page asks of scrypt (N = 2^17, r = 8, p = 1). */
const SCRYPT_COST = { n: 1 << 17, r: 8, p: 1 } as const;
/** A header is text that anybody may have written: more memory than this (N * r * 128 bytes = 512 MiB) is not given to it. */
const MAX_SCRYPT_NR = 1 << 22;
/** Characters; shorter ones are guessed in spite of scrypt. */
const MIN_PASSPHRASE = 8;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MAX_KEY_FILE_BYTES = 1024;

/** Where passphrases come from. */
export type Passphrases = {
  /** Returns the text of the file that LEAKWARDEN_PASSPHRASE_FILE names, or null when the variable is not set. */
  readonly fromFile: () => Promise<string | null>;
  /** Asks on a terminal without echo; null where there is no terminal. */
  readonly ask: (question: string) => Promise<string | null>;
};

/** Where a store's key may be had from. */
export type KeySources = { readonly passphrases: Passphrases; readonly keychain?: Keychain | null };

type KeyOrigin =
  | { readonly from: 'file' }
  | { readonly from: 'keychain' }
  | { readonly from: 'passphrase'; readonly salt: string; readonly n: number; readonly r: number; readonly p: number };

type Header = {
  readonly format: string;
  readonly id: string;
  readonly createdAt: string;
  readonly key: KeyOrigin;
  readonly wrapped: string;
};

/** What the data key is good for; it does not come out again, by inspection neither. */
export class StoreKeys {
  readonly id: string;
  readonly origin: KeyOrigin['from'];
  readonly #values: Buffer;
  readonly #files: Buffer;
  readonly #log: Buffer;

  constructor(id: string, origin: KeyOrigin['from'], dataKey: Buffer) {
    const derive = (use: string): Buffer => Buffer.from(hkdfSync('sha256', dataKey, id, `${STORE_FORMAT} ${use}`, KEY_BYTES));
    this.id = id;
    this.origin = origin;
    this.#values = derive('values');
    this.#files = derive('files');
    this.#log = derive('log');
  }

  /** Returns base64. `about` is bound to it: the same must be given to open it. */
  seal(text: string, about: string): string {
    return encrypt(this.#values, Buffer.from(text), `${this.id}\0${about}`);
  }

  /** Returns null when it was sealed by another key, about something else, or changed since. */
  open(sealed: string, about: string): string | null {
    return decrypt(this.#values, sealed, `${this.id}\0${about}`)?.toString('utf8') ?? null;
  }

  /** Returns 64 hexadecimal digits. */
  mac(use: 'files' | 'log', text: string): string {
    return createHmac('sha256', use === 'files' ? this.#files : this.#log)
      .update(text)
      .digest('hex');
  }

  isMac(use: 'files' | 'log', text: string, mac: string): boolean {
    const expected = Buffer.from(this.mac(use, text));
    const given = Buffer.from(mac);
    return expected.length === given.length && timingSafeEqual(expected, given);
  }
}

/** Returns the key file's path. Beside the folder, so that a copy of the folder does not hold its own key. */
export function keyFileOf(folder: string): string {
  return `${folder}.key`;
}

/**
 * Makes new keys and returns them with the header to write. A passphrase that a file holds goes first, since somebody wants it so; then the keychain; then who can be
 * asked; then a key file. Throws StoreError misconfigured for a passphrase that is too short.
 */
export async function createKeys(
  folder: string,
  sources: KeySources,
  now: Date,
): Promise<{ readonly keys: StoreKeys; readonly header: string }> {
  const id = randomBytes(16).toString('hex');
  const dataKey = randomBytes(KEY_BYTES);
  const { key, wrapping } = await newWrapping(folder, id, sources);
  const header: Header = {
    format: STORE_FORMAT,
    id,
    createdAt: now.toISOString(),
    key,
    wrapped: encrypt(wrapping, dataKey, aboutHeader(id, key)),
  };
  return { keys: new StoreKeys(id, key.from, dataKey), header: `${JSON.stringify(header, null, 2)}\n` };
}

async function newWrapping(
  folder: string,
  id: string,
  { passphrases, keychain }: KeySources,
): Promise<{ key: KeyOrigin; wrapping: Buffer }> {
  const kept = await passphrases.fromFile();
  if (kept === null && keychain) {
    const wrapping = randomBytes(KEY_BYTES);
    const text = wrapping.toString('base64');
    // A keychain that does not give back what it took is none.
    if ((await keychain.put(accountOf(id), text)) && (await keychain.get(accountOf(id))) === text)
      return { key: { from: 'keychain' }, wrapping };
  }
  const passphrase = await newPassphrase(kept, passphrases);
  if (passphrase === null) return { key: { from: 'file' }, wrapping: makeKeyFile(folder) };
  const key = { from: 'passphrase', salt: randomBytes(16).toString('base64'), ...SCRYPT_COST } as const;
  return { key, wrapping: await stretch(passphrase, key) };
}

/** By the store's own id: folders move. */
function accountOf(id: string): string {
  return `store-${id}`;
}

/**
 * Returns the keys that a header wraps. Throws StoreError: odd-reply (no header of ours), sealed (a passphrase is needed and nobody can be asked, or the keychain
 * does not give the key), denied (the passphrase or the key is not this store's).
 */
export async function openKeys(folder: string, path: string, text: string, sources: KeySources): Promise<StoreKeys> {
  const header = parseHeader(path, text);
  const dataKey = decrypt(await knownWrapping(folder, header, sources), header.wrapped, aboutHeader(header.id, header.key));
  if (dataKey?.length === KEY_BYTES) return new StoreKeys(header.id, header.key.from, dataKey);
  const tried = { file: `the key file ${keyFileOf(folder)}`, keychain: "the keychain's key", passphrase: 'the passphrase' }[
    header.key.from
  ];
  throw new StoreError('denied', `${tried} does not open the store ${folder}`);
}

async function knownWrapping(folder: string, { id, key }: Header, { passphrases, keychain }: KeySources): Promise<Buffer> {
  if (key.from === 'file') return readKeyFile(folder);
  if (key.from === 'passphrase') return stretch(await knownPassphrase(folder, passphrases), key);
  const text = (await keychain?.get(accountOf(id))) ?? null;
  if (text !== null) return Buffer.from(text, 'base64');
  const why = keychain ? `${keychain.name} of this session does not give it` : 'this session has none';
  throw new StoreError('sealed', `the key of the store ${folder} is in a keychain, and ${why}`);
}

/** The header's other parts are bound to the wrapped key, so that nobody can lower the cost of guessing. */
function aboutHeader(id: string, key: KeyOrigin): string {
  if (key.from === 'passphrase') return [STORE_FORMAT, id, key.salt, key.n, key.r, key.p].join('\0');
  return key.from === 'file' ? `${STORE_FORMAT}\0${id}` : `${STORE_FORMAT}\0${id}\0keychain`;
}

function parseHeader(path: string, text: string): Header {
  try {
    const value: unknown = JSON.parse(text);
    if (isHeader(value)) return value;
  } catch {
    // Said below, as for JSON of another kind.
  }
  throw new StoreError('odd-reply', `${path} is damaged, or not a store of leakwarden`);
}

function isHeader(value: unknown): value is Header {
  if (typeof value !== 'object' || value === null) return false;
  const { format, id, key, wrapped } = value as Partial<Record<string, unknown>>;
  return format === STORE_FORMAT && typeof id === 'string' && /^[0-9a-f]{32}$/.test(id) && typeof wrapped === 'string' && isOrigin(key);
}

function isOrigin(value: unknown): value is KeyOrigin {
  if (typeof value !== 'object' || value === null) return false;
  const { from, salt, n, r, p } = value as Partial<Record<string, unknown>>;
  if (from === 'file' || from === 'keychain') return true;
  if (from !== 'passphrase' || typeof salt !== 'string' || typeof n !== 'number' || typeof r !== 'number') return false;
  return Number.isInteger(Math.log2(n)) && n > 1 && Number.isInteger(r) && r > 0 && n * r <= MAX_SCRYPT_NR && p === 1;
}

async function newPassphrase(kept: string | null, { ask }: Passphrases): Promise<string | null> {
  const given = kept ?? (await ask('passphrase for the new store (empty: a key file instead): '));
  if (given === null || (kept === null && given === '')) return null;
  if ([...given].length < MIN_PASSPHRASE)
    throw new StoreError('misconfigured', `a passphrase needs ${MIN_PASSPHRASE} characters or more; nothing was made`);
  if (kept === null && (await ask('the same again: ')) !== given)
    throw new StoreError('misconfigured', 'the two passphrases are not the same; nothing was made');
  return given;
}

async function knownPassphrase(folder: string, { fromFile, ask }: Passphrases): Promise<string> {
  const given = (await fromFile()) ?? (await ask(`passphrase of the store ${folder}: `));
  if (given !== null) return given;
  throw new StoreError('sealed', `the store ${folder} needs its passphrase, and there is no terminal to ask on`);
}

function stretch(passphrase: string, { salt, n, r, p }: Extract<KeyOrigin, { from: 'passphrase' }>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N: n, r, p, maxmem: 256 * n * r };
    scrypt(passphrase.normalize('NFC'), Buffer.from(salt, 'base64'), KEY_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

/** Takes the one that is there: a crash between key file and header must not lock anybody out. */
function makeKeyFile(folder: string): Buffer {
  createWhole(keyFileOf(folder), `${randomBytes(KEY_BYTES).toString('base64')}\n`);
  return readKeyFile(folder);
}

function readKeyFile(folder: string): Buffer {
  const path = keyFileOf(folder);
  const text = readWhole(path, MAX_KEY_FILE_BYTES)?.toString('utf8');
  if (text === undefined) throw new StoreError('denied', `the key file ${path} is gone, and without it the store cannot be read`);
  const mode = modeForOthers(path);
  if (mode !== null) throw new StoreError('misconfigured', `the key file ${path} is open to others (mode ${mode}); chmod 600 it`);
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === KEY_BYTES) return key;
  throw new StoreError('odd-reply', `${path} is damaged, or not a key file of leakwarden`);
}

function encrypt(key: Buffer, plain: Buffer, about: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(about));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

function decrypt(key: Buffer, sealed: string, about: string): Buffer | null {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES }).setAAD(
    Buffer.from(about),
  );
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    // The tag is wrong: another key, or other bytes.
    return null;
  }
}
