/**
 * Delinea Secret Server as a store. In: settings (address, user, folders) and a password; out: SecretStore. Called through the registry.
 * Its list has no values and no versions: when a secret changed last is read from its audit. There is one version, the current one.
 * The API: docs.delinea.com (Secret Server REST), github.com/DelineaXPM/tss-sdk-go.
 */
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import type { HttpClient } from '../net/http-client.ts';
import { mapAhead } from './map-ahead.ts';
import { allPages, createFreshness } from './paging.ts';
import { type Authorisation, RestSession } from './rest-session.ts';
import { addressOf, CA_SETTING, createTrustingClient, credentialSettings, readCredential } from './store-address.ts';
import { ask, expectSuccess, isJson, type Json, jsonOf, textOf } from './store-http.ts';
import { type StoreContext, type StoreKind, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';
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
};

const PAGE = 100;
/** Audits that are read at a time. */
const AHEAD = 8;
/** The audit is newest first: a change behind so many views is not seen, and the secret is read again. */
const AUDITS = 50;
/** What the audit notes of readers, our own readings among them. Anything else may have changed the secret. */
const READING = /VIEW|COPY|COPIED|DISPLAY|UNMASK|LAUNCH|CHECK ?(?:OUT|IN)|HEARTBEAT|EXPORT|DOWNLOAD/i;
/** Role permissions beyond reading. */
const WRITING = /^(?:Administer|Unlimited)|^(?:Add|Edit|Delete|Own|Share|Deactivate).*Secret|^Force ?Check ?In$/i;

class DelineaStore implements SecretStore {
  readonly kind = 'delinea';
  readonly id: string;
  readonly #username: string;
  readonly #folders: readonly string[];
  readonly #session: RestSession;
  readonly #now: () => Date;

  constructor(settings: StoreSettings, context: StoreContext) {
    const address = addressOf(settings, context, 'delinea', { variables: ['TSS_SERVER_URL'] });
    const username = settingOf(settings, 'username') || context.env['TSS_USERNAME'];
    if (!username) throw new StoreError('misconfigured', 'store of kind delinea: username is missing, and TSS_USERNAME is not set');
    this.#username = username;
    this.#folders = settingsOf(settings, 'folder');
    if (!this.#folders.every((folder) => /^\d{1,9}$/.test(folder)))
      throw new StoreError(
        'misconfigured',
        'store of kind delinea: folder is the number of a folder, as its address in the browser shows it',
      );
    this.#now = context.now;
    this.id = `delinea:${address}${this.#folders.length > 0 ? `/${this.#folders.join(',')}` : ''}`;
    this.#session = new RestSession({
      address,
      connect: () => createTrustingClient(address, settings, context),
      logIn: async (client, signal) => {
        const password = await readCredential(settings, context, 'delinea', 'password', 'TSS_PASSWORD');
        return this.#logIn(client, password, signal);
      },
      logOut: async (client, { headers }, signal) => {
        await ask(client, { method: 'POST', url: `${address}/api/v1/oauth-expiration`, headers, signal });
      },
      now: context.now,
    });
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    const path = '/api/v1/users/current';
    const reply = await this.#session.send({ path, signal });
    // Older servers do not know this call; whether the account is good for anything the list shows.
    if (reply.status === 404) return { identity: this.#username, tooMuch: [] };
    expectSuccess(reply, `${this.#session.address}${path}`);
    const self = jsonOf(reply, `${this.#session.address}${path}`);
    const permissions = Array.isArray(self['permissions']) ? self['permissions'].filter(isJson).map(({ name }) => name) : [];
    const beyond = permissions.filter((name) => typeof name === 'string').filter((name) => WRITING.test(name));
    const identity = typeof self['userName'] === 'string' ? self['userName'] : this.#username;
    return {
      identity: identity.replace(/\p{Cc}/gu, '').slice(0, 300),
      tooMuch: beyond.sort().map((name) => `its role has the permission ${name.replace(/\p{Cc}/gu, '').slice(0, 80)}`),
    };
  }

  async *secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    const what = `${this.#session.address}/api/v1/secrets`;
    const seen = new Set<unknown>();
    for (const folder of this.#folders.length > 0 ? this.#folders : [null]) {
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
    const number = /\((\d{1,9})\)$/.exec(ref)?.[1];
    if (!version || number === undefined) return;
    const path = `/api/v1/secrets/${number}`;
    try {
      const reply = await this.#session.send({ path, signal });
      if (reply.status === 400) {
        yield unreadable(this.id, ref, 'it may not be read, or only after a check-out, a comment or an approval');
        return;
      }
      expectSuccess(reply, `${this.#session.address}${path}`);
      const { items } = jsonOf(reply, `${this.#session.address}${path}`);
      if (!Array.isArray(items)) throw new StoreError('odd-reply', `${this.#session.address}${path} answered without items`);
      for (const item of items.filter(isJson)) {
        const field = String(item['slug'] ?? item['fieldName'] ?? '');
        const text = item['isFile'] === true ? await this.#file(path, item, signal) : item['itemValue'];
        if (typeof text === 'string' && text !== '') yield { ref, version: version.id, field, value: new Secret(text, 'delinea') };
      }
    } catch (error) {
      yield problemOf(error, this.id, ref);
    }
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  async #logIn(client: HttpClient, password: string, signal: AbortSignal): Promise<Authorisation> {
    const url = `${this.#session.address}/oauth2/token`;
    const body = new URLSearchParams({ grant_type: 'password', username: this.#username, password }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const reply = await ask(client, { method: 'POST', url, headers, body, signal });
    // A wrong password is 400 here, as OAuth has it.
    if (reply.status === 400) throw new StoreError('denied', `POST ${url} refuses the user or the password`, { status: 400 });
    expectSuccess(reply, `POST ${url}`);
    const grant = jsonOf(reply, `POST ${url}`);
    const seconds = Number(grant['expires_in']);
    return {
      headers: { authorization: `Bearer ${textOf(grant, 'access_token', `POST ${url}`)}` },
      endsAt: seconds > 0 ? this.#now().getTime() + seconds * 1000 : null,
    };
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
    const body = await this.#session.get({ path: '/api/v1/secrets', query, signal });
    const { records, hasNext, nextSkip } = body;
    if (!Array.isArray(records) || !records.every(isJson))
      throw new StoreError('odd-reply', `${this.#session.address}/api/v1/secrets answered without records`);
    if (hasNext !== true || records.length === 0) return { records, next: null };
    return { records, next: typeof nextSkip === 'number' ? nextSkip : skip + records.length };
  }

  async #describe(record: Json, signal: AbortSignal): Promise<StoredSecret> {
    const { id, name } = record;
    if (typeof id !== 'number' || typeof name !== 'string')
      throw new StoreError('odd-reply', 'the list of secrets names one without id or name');
    const path = typeof record['folderPath'] === 'string' ? record['folderPath'].replace(/^\\|\\$/g, '') : '';
    const at = await this.#changedAt(id, signal);
    // Where the audit may not be read, every reading may be of something new.
    const change = at ?? `unknown at ${this.#now().toISOString()}`;
    return {
      // Names come more than once; the number is what the server goes by.
      ref: `${path === '' ? '' : `${path}\\`}${name} (${id})`,
      change,
      versions: [{ id: change, state: 'current', createdAt: at, endedAt: null }],
    };
  }

  /** Returns when something other than a reader stands in the audit last; null where that is not known. */
  async #changedAt(id: number, signal: AbortSignal): Promise<string | null> {
    const path = `/api/v1/secrets/${id}/audits`;
    const query = {
      'filter.includePasswordChangeLog': 'true',
      'take': String(AUDITS),
      'sortBy[0].name': 'DateRecorded',
      'sortBy[0].direction': 'Desc',
    };
    const reply = await this.#session.send({ path, query, signal });
    if (reply.status === 400 || reply.status === 403 || reply.status === 404) return null;
    expectSuccess(reply, `${this.#session.address}${path}`);
    const { records } = jsonOf(reply, `${this.#session.address}${path}`);
    const times = (Array.isArray(records) ? records.filter(isJson) : []).flatMap(({ action, dateRecorded }) =>
      typeof dateRecorded === 'string' && !READING.test(String(action)) ? [dateRecorded] : [],
    );
    const newest = times.sort().at(-1);
    // Without a zone it is UTC, to which the REST API turns all times.
    const at = newest === undefined ? Number.NaN : Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(newest) ? newest : `${newest}Z`);
    return Number.isNaN(at) ? null : new Date(at).toISOString();
  }

  async #file(path: string, item: Json, signal: AbortSignal): Promise<string | null> {
    if (!item['filename'] || typeof item['slug'] !== 'string') return null;
    const reply = await this.#session.send({
      path: `${path}/fields/${encodeURIComponent(item['slug'])}`,
      headers: { accept: '*/*' },
      signal,
    });
    expectSuccess(reply, `${this.#session.address}${path}/fields`);
    return textOfBytes(reply.body);
  }
}
