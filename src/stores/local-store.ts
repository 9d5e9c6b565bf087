/**
 * The embedded store: secrets with versions in a folder of the user's, encrypted, for whoever has no server. What the command line does with it stands here; how
 * it reads as one store among others stands in local.ts. Methods throw StoreError: misconfigured (what was asked cannot be), not-found, denied (wrong
 * passphrase), sealed (no passphrase to be had), odd-reply (damaged or foreign files), timed-out (another writer does not end).
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../core/contracts.ts';
import type { Secret } from '../core/secret.ts';
import { type StoredVersion, StoreError } from '../core/stores.ts';
import { codeOf, DRAFT_PREFIX, failureAt, makeFolder, readWhole, replaceWhole } from '../system/durable-files.ts';
import { withLock } from '../system/lock.ts';
import { createKeys, type KeySources, openKeys, type StoreKeys } from './local-key.ts';
import { type Action, type LogEntry, readLog, record } from './local-log.ts';
import {
  addVersion,
  checkField,
  checkRef,
  type Fields,
  type LocalVersion,
  openFields,
  RECORD_FILE,
  readRecord,
  recordFileOf,
  type SecretRecord,
  sealFields,
  writeRecord,
} from './local-record.ts';

/** 1,000 versions of 64 KiB in base64, and some. */
const MAX_RECORD_BYTES = 96 << 20;
const MAX_HEADER_BYTES = 4096;

export type LocalStoreOptions = KeySources & { readonly folder: string; readonly now: () => Date };

export class LocalStore {
  readonly folder: string;
  readonly #sources: KeySources;
  readonly #now: () => Date;
  #keys: StoreKeys | null = null;

  constructor({ folder, now, ...sources }: LocalStoreOptions) {
    this.folder = folder;
    this.#sources = sources;
    this.#now = now;
  }

  /** Returns where the key comes from, or null when there is no store yet. Asks for the passphrase if need be. */
  async open(): Promise<StoreKeys['origin'] | null> {
    return (await this.#open())?.origin ?? null;
  }

  /** Makes the store if there is none; returns whether it did. */
  async create(): Promise<boolean> {
    if ((await this.#open()) !== null) return false;
    makeFolder(this.#recordFolder);
    const { keys, header } = await createKeys(this.folder, this.#sources, this.#now());
    const isMine = await withLock(this.folder, () => {
      if (readWhole(this.#headerFile, MAX_HEADER_BYTES) !== null) return false;
      if (namesIn(this.#recordFolder).some((name) => RECORD_FILE.test(name)))
        throw new StoreError('odd-reply', `${this.#headerFile} is gone, and the secrets beside it cannot be read without it`);
      record(this.folder, keys, this.#now(), 'create');
      replaceWhole(this.#headerFile, header);
      return true;
    });
    if (isMine) this.#keys = keys;
    return isMine;
  }

  /** Makes these fields the current version, and nothing else; returns the version's id. */
  put(ref: string, fields: Fields): Promise<string> {
    return this.#change(ref, 'put', () => fields);
  }

  /** Makes a value the current one of its field (''; where the secret is one text); other fields stay. Returns the version's id. */
  set(ref: string, field: string, value: Secret): Promise<string> {
    return this.#change(ref, 'put', (now) => {
      checkFits(ref, field, now ?? {});
      return { ...now, [field]: value };
    });
  }

  /** As `set`, of a secret that is there; a field need not be named where there is one only. */
  rotate(ref: string, field: string | null, value: Secret): Promise<string> {
    return this.#change(ref, 'rotate', (now) => {
      if (now === null) throw new StoreError('not-found', `there is no secret ${ref} to rotate`);
      const names = Object.keys(now);
      const meant = field ?? (names.length === 1 ? names[0] : undefined);
      if (meant === undefined || !names.includes(meant))
        throw new StoreError('misconfigured', `${ref} has the fields ${names.join(', ') || '(none)'}: name the one to rotate`);
      if (now[meant]?.equals(value)) throw new StoreError('misconfigured', `that is the current value of ${ref} already`);
      return { ...now, [meant]: value };
    });
  }

  /** Makes these values the current ones of their fields, where `version` is the current one still; other fields stay. Throws odd-reply where it is not. */
  replace(ref: string, changes: Fields, version: string): Promise<string> {
    return this.#change(ref, 'rotate', (now, newest) => {
      if (now === null || newest !== version) throw new StoreError('odd-reply', `version ${version} of ${ref} is not the current one`);
      for (const field of Object.keys(changes)) checkFits(ref, field, now);
      return { ...now, ...changes };
    });
  }

  /** Returns the fields of a version (the current one unless told), and notes in the log that they were read. */
  async get(ref: string, version: string | null): Promise<Fields> {
    const keys = await this.#mustOpen(ref);
    const { versions } = this.#mustRead(ref, keys);
    const found = version === null ? versions[0] : versions.find(({ id }) => id === version);
    if (found === undefined) throw new StoreError('not-found', `${ref} has no version ${version}`);
    if (found.state === 'disabled') throw new StoreError('not-found', `version ${found.id} of ${ref} is disabled`);
    await withLock(this.folder, () => record(this.folder, keys, this.#now(), 'read', ref, found.id));
    return openFields(found, ref, keys);
  }

  async versions(ref: string): Promise<readonly StoredVersion[]> {
    return this.#mustRead(ref, await this.#mustOpen(ref)).versions.map(({ sealed: _, ...version }) => version);
  }

  /** A disabled version is not given out any more; it stays known, so that its leak is recognised. */
  disable(ref: string, version: string): Promise<void> {
    return this.#switch(ref, version, 'disable', (one, at) => ({ ...one, state: 'disabled', endedAt: one.endedAt ?? at }));
  }

  /** Takes `disable` back. */
  enable(ref: string, version: string): Promise<void> {
    return this.#switch(ref, version, 'enable', (one) => (one.state === 'disabled' ? { ...one, state: 'superseded' } : one));
  }

  async #switch(
    ref: string,
    version: string,
    action: Extract<Action, 'disable' | 'enable'>,
    change: (one: LocalVersion, at: string) => LocalVersion,
  ): Promise<void> {
    const keys = await this.#mustOpen(ref);
    await withLock(this.folder, () => {
      const { versions } = this.#mustRead(ref, keys);
      if (!versions.some(({ id }) => id === version)) throw new StoreError('not-found', `${ref} has no version ${version}`);
      const at = this.#now();
      record(this.folder, keys, at, action, ref, version);
      const changed = versions.map((one): LocalVersion => (one.id === version ? change(one, at.toISOString()) : one));
      this.#write(ref, changed, keys);
    });
  }

  /** Yields all secrets by their refs; a file that cannot be read is a Problem. Nothing when there is no store yet. */
  async *records(): AsyncGenerator<SecretRecord | Problem> {
    const keys = await this.#open();
    if (keys === null) return;
    const found = namesIn(this.#recordFolder)
      .filter((name) => !name.startsWith(DRAFT_PREFIX))
      .map((name) => this.#readOrProblem(name, keys));
    const nameOf = (one: SecretRecord | Problem): string => ('ref' in one ? one.ref : one.where);
    yield* found.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }

  /** Returns the fields of a record's version, without a note in the log: see `noteIndexed`. */
  async fieldsOf(ref: string, version: string): Promise<Fields> {
    const keys = await this.#mustOpen(ref);
    const found = this.#mustRead(ref, keys).versions.find(({ id }) => id === version);
    if (found === undefined) throw new StoreError('not-found', `${ref} has no version ${version}`);
    return openFields(found, ref, keys);
  }

  /** Notes once that values are read one after the other, for an index. */
  async noteIndexed(): Promise<void> {
    const keys = await this.#open();
    if (keys !== null) await withLock(this.folder, () => record(this.folder, keys, this.#now(), 'index'));
  }

  /** Yields the log's entries, and a sentence wherever its chain does not hold. Throws not-found when there is no store. */
  async *log(): AsyncGenerator<LogEntry | string> {
    const keys = await this.#open();
    if (keys === null) throw new StoreError('not-found', `there is no store in ${this.folder} yet`);
    yield* readLog(this.folder, keys);
  }

  get #headerFile(): string {
    return join(this.folder, 'store.json');
  }

  get #recordFolder(): string {
    return join(this.folder, 'secrets');
  }

  async #open(): Promise<StoreKeys | null> {
    if (this.#keys !== null) return this.#keys;
    const header = readWhole(this.#headerFile, MAX_HEADER_BYTES);
    if (header === null) return null;
    this.#keys = await openKeys(this.folder, this.#headerFile, header.toString('utf8'), this.#sources);
    return this.#keys;
  }

  async #mustOpen(ref: string): Promise<StoreKeys> {
    const keys = await this.#open();
    if (keys === null) throw new StoreError('not-found', `there is no secret ${ref}: no store in ${this.folder} yet`);
    return keys;
  }

  async #change(
    ref: string,
    action: Extract<Action, 'put' | 'rotate'>,
    change: (now: Fields | null, newest: string | null) => Fields,
  ): Promise<string> {
    checkRef(ref);
    if (action === 'put') await this.create();
    const keys = await this.#mustOpen(ref);
    return withLock(this.folder, () => {
      const before = this.#read(ref, keys)?.versions ?? [];
      const [newest] = before;
      const fields = change(newest === undefined ? null : openFields(newest, ref, keys), newest?.id ?? null);
      for (const name of Object.keys(fields)) checkField(name);
      const at = this.#now().toISOString();
      const id = String(Number(newest?.id ?? 0) + 1);
      const added: LocalVersion = { id, state: 'current', createdAt: at, endedAt: null, sealed: sealFields(fields, ref, id, keys) };
      const { versions, dropped } = addVersion(before, added);
      record(this.folder, keys, this.#now(), action, ref, id);
      if (dropped !== null) record(this.folder, keys, this.#now(), 'drop', ref, dropped);
      this.#write(ref, versions, keys);
      return id;
    });
  }

  #read(ref: string, keys: StoreKeys): SecretRecord | null {
    const path = join(this.#recordFolder, recordFileOf(ref));
    const bytes = readWhole(path, MAX_RECORD_BYTES);
    return bytes === null ? null : readRecord(path, bytes.toString('utf8'), keys);
  }

  #mustRead(ref: string, keys: StoreKeys): SecretRecord {
    const found = this.#read(ref, keys);
    if (found === null) throw new StoreError('not-found', `there is no secret ${ref}`);
    return found;
  }

  /** The caller holds the lock, so drafts that lie about are a dead writer's. */
  #write(ref: string, versions: readonly LocalVersion[], keys: StoreKeys): void {
    for (const folder of [this.folder, this.#recordFolder])
      for (const name of namesIn(folder)) if (name.startsWith(DRAFT_PREFIX)) rmSync(join(folder, name), { force: true });
    replaceWhole(join(this.#recordFolder, recordFileOf(ref)), writeRecord(ref, versions, keys));
  }

  #readOrProblem(name: string, keys: StoreKeys): SecretRecord | Problem {
    const path = join(this.#recordFolder, name);
    try {
      if (!RECORD_FILE.test(name)) throw new StoreError('odd-reply', `${path} is no file of leakwarden`);
      const found = readRecord(path, readWhole(path, MAX_RECORD_BYTES)?.toString('utf8') ?? '', keys);
      if (recordFileOf(found.ref) !== name) throw new StoreError('odd-reply', `${path} is a copy of another secret's file`);
      return found;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return { code: 'store-unreadable', where: path, data: { store: `local:${this.folder}`, ref: name, reason: error.message } };
    }
  }
}

/** A secret is one text, or has fields by name: a slip must not turn one into the other. */
function checkFits(ref: string, field: string, now: Fields): void {
  const names = Object.keys(now);
  if (names.length === 0 || (field === '') === names.includes('')) return;
  throw new StoreError(
    'misconfigured',
    field === '' ? `${ref} has the fields ${names.join(', ')}: name the one that is meant` : `${ref} is one text, without fields`,
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw failureAt(folder, error);
  }
}
