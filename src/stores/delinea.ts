/**
 * Delinea Secret Server as a store. In: settings (address, user, folders) and a password; out: SecretStore. Called through the registry.
 * Its list has no values and no versions: when a secret changed last is read from its audit. There is one version, the current one.
 * What is done where: delinea-session.ts (login, one secret), delinea-rotate.ts (changing).
 */
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import { DelineaRotator } from './delinea-rotate.ts';
import { DelineaSession, itemsOf, numberIn } from './delinea-session.ts';
import { mapAhead } from './map-ahead.ts';
import { allPages, createFreshness } from './paging.ts';
import { CA_SETTING, credentialSettings } from './store-address.ts';
import { expectSuccess, isJson, type Json, jsonOf } from './store-http.ts';
import type { StoreContext, StoreKind, StoreSettings } from './store-kind.ts';
import { problemOf, unreadable } from './store-problem.ts';
import { textOfBytes } from './value-text.ts';

export const delinea: StoreKind = {
  kind: 'delinea',
  name: 'Delinea Secret Server',
  settings: [
    { name: 'address', help: 'https://vault.example/SecretServer, https://NAME.secretservercloud.com; else TSS_SERVER_URL' },
    { name: 'username', help: 'an application account (DOMAIN\\user for one of a domain); else TSS_USERNAME' },
    ...credentialSettings('password', 'TSS_PASSWORD'),
    { name: 'folder', help: 'numbers of folders to read, with those below them; else all that may be seen', isList: true },
    CA_SETTING,
  ],
  create: (settings, context) => new DelineaStore(settings, context),
  createRotator: (settings, context) => new DelineaRotator(settings, context),
};

const PAGE = 100;
/** Audits that are read at a time. */
const AHEAD = 8;
/** Role permissions beyond reading. */
const WRITING = /^(?:Administer|Unlimited)|^(?:Add|Edit|Delete|Own|Share|Deactivate).*Secret|^Force ?Check ?In$/i;

class DelineaStore implements SecretStore {
  readonly kind = 'delinea';
  readonly id: string;
  readonly #at: DelineaSession;

  constructor(settings: StoreSettings, context: StoreContext) {
    this.#at = new DelineaSession(settings, context);
    this.id = this.#at.id;
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    const path = '/api/v1/users/current';
    const reply = await this.#at.rest.send({ path, signal });
    // Older servers do not know this call; whether the account is good for anything the list shows.
    if (reply.status === 404) return { identity: this.#at.username, tooMuch: [] };
    expectSuccess(reply, `${this.#at.rest.address}${path}`);
    const self = jsonOf(reply, `${this.#at.rest.address}${path}`);
    const permissions = Array.isArray(self['permissions']) ? self['permissions'].filter(isJson).map(({ name }) => name) : [];
    const beyond = permissions.filter((name) => typeof name === 'string').filter((name) => WRITING.test(name));
    const identity = typeof self['userName'] === 'string' ? self['userName'] : this.#at.username;
    return {
      identity: identity.replace(/\p{Cc}/gu, '').slice(0, 300),
      tooMuch: beyond.sort().map((name) => `its role has the permission ${name.replace(/\p{Cc}/gu, '').slice(0, 80)}`),
    };
  }

  async *secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    const what = `${this.#at.rest.address}/api/v1/secrets`;
    const seen = new Set<unknown>();
    for (const folder of this.#at.folders.length > 0 ? this.#at.folders : [null]) {
      const fresh = createFreshness<Json>(what, ({ id }) => String(id));
      const pages = allPages<Json, number>(0, what, async (skip) => {
        const { records, next } = await this.#page(folder, skip, signal);
        // A folder may lie below one that was read.
        const items = fresh(records).filter(({ id }) => !seen.has(id));
        for (const { id } of items) seen.add(id);
        return { items, next };
      });
      yield* mapAhead(pages, AHEAD, (record) => this.#describe(record, signal));
    }
  }

  async *values({ ref }: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncIterable<StoredValue | Problem> {
    const [version] = versions;
    const number = numberIn(ref);
    if (!version || number === null) return;
    const path = `/api/v1/secrets/${number}`;
    try {
      const reply = await this.#at.rest.send({ path, signal });
      if (reply.status === 400) {
        yield unreadable(this.id, ref, 'it may not be read, or only after a check-out, a comment or an approval');
        return;
      }
      expectSuccess(reply, `${this.#at.rest.address}${path}`);
      const what = `${this.#at.rest.address}${path}`;
      for (const { slug: field, ...item } of itemsOf(jsonOf(reply, what), what)) {
        const text = item['isFile'] === true ? await this.#file(path, field, item, signal) : item['itemValue'];
        if (typeof text === 'string' && text !== '') yield { ref, version: version.id, field, value: new Secret(text, 'delinea') };
      }
    } catch (error) {
      yield problemOf(error, this.id, ref);
    }
  }

  close(): Promise<void> {
    return this.#at.rest.close();
  }

  async #page(
    folder: string | null,
    skip: number,
    signal: AbortSignal,
  ): Promise<{ readonly records: readonly Json[]; readonly next: number | null }> {
    const query = {
      'paging.take': String(PAGE),
      'paging.skip': String(skip),
      'paging.filter.includeRestricted': 'true',
      ...(folder === null ? {} : { 'paging.filter.folderId': folder, 'paging.filter.includeSubFolders': 'true' }),
    };
    const body = await this.#at.rest.get({ path: '/api/v1/secrets', query, signal });
    const { records, hasNext, nextSkip } = body;
    if (!Array.isArray(records) || !records.every(isJson))
      throw new StoreError('odd-reply', `${this.#at.rest.address}/api/v1/secrets answered without records`);
    if (hasNext !== true || records.length === 0) return { records, next: null };
    return { records, next: typeof nextSkip === 'number' ? nextSkip : skip + records.length };
  }

  async #describe(record: Json, signal: AbortSignal): Promise<StoredSecret> {
    const { id, name } = record;
    if (typeof id !== 'number' || typeof name !== 'string')
      throw new StoreError('odd-reply', 'the list of secrets names one without id or name');
    const path = typeof record['folderPath'] === 'string' ? record['folderPath'].replace(/^\\|\\$/g, '') : '';
    const at = await this.#at.changedAt(id, signal);
    const change = this.#at.versionAt(at);
    return {
      // Names come more than once; the number is what the server goes by.
      ref: `${path === '' ? '' : `${path}\\`}${name} (${id})`,
      change,
      versions: [{ id: change, state: 'current', createdAt: at, endedAt: null }],
    };
  }

  async #file(path: string, field: string, item: Json, signal: AbortSignal): Promise<string | null> {
    if (!item['filename'] || field === '') return null;
    const reply = await this.#at.rest.send({
      path: `${path}/fields/${encodeURIComponent(field)}`,
      headers: { accept: '*/*' },
      signal,
    });
    expectSuccess(reply, `${this.#at.rest.address}${path}/fields`);
    return textOfBytes(reply.body);
  }
}
