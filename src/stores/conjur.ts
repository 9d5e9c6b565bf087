/**
 * CyberArk Conjur (open source, Enterprise, Cloud) as a store. In: settings (address, account, login) and an API key; out: SecretStore. Called through the registry.
 * The list gives version numbers without values; current values are read in batches, which fail as a whole and are then read one by one; older ones by number.
 * The API: docs.cyberark.com/conjur-open-source (REST), github.com/cyberark/conjur-openapi-spec.
 */
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import type { HttpClient } from '../net/http-client.ts';
import { gatherReads } from './gathered-reads.ts';
import { allPages, createFreshness } from './paging.ts';
import { type Authorisation, RestSession } from './rest-session.ts';
import { addressOf, CA_SETTING, createTrustingClient, credentialSettings, readCredential } from './store-address.ts';
import { ask, expectSuccess, isJson, type Json } from './store-http.ts';
import { type StoreContext, type StoreKind, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';
import { problemOf } from './store-problem.ts';
import { textOfBytes } from './value-text.ts';
import { versionId, versionNumber } from './version-ids.ts';

export const conjur: StoreKind = {
  kind: 'conjur',
  name: 'CyberArk Conjur',
  settings: [
    { name: 'address', help: 'https://conjur.example, with /api for Conjur Cloud; else CONJUR_APPLIANCE_URL' },
    { name: 'account', help: 'the organisation’s account; else CONJUR_ACCOUNT' },
    { name: 'login', help: 'who to log in as: host/leakwarden; else CONJUR_AUTHN_LOGIN' },
    ...credentialSettings('api-key', 'CONJUR_AUTHN_API_KEY'),
    { name: 'path', help: 'beginnings of the ids of variables to read (prod/shop); else all that may be seen', isList: true },
    CA_SETTING,
  ],
  create: (settings, context) => new ConjurStore(settings, context),
};

const PAGE = 100;
/** Where the server's configuration allows no more (api_resource_list_limit_max), it answers 422; this is what it gives when it is asked for no number. */
const SMALL_PAGE = 10;
/** Their ids stand in the address, which servers and proxies bound at 8 KiB or so. */
const BATCH = 20;
const BATCH_ID_CHARS = 200;
/** Variables that are asked about for the right to change them: policies give rights by groups of variables. */
const PROBED = 5;
/** Conjur's tokens live for 8 minutes unless its configuration says otherwise. */
const TOKEN_MS = 8 * 60_000;
/** What a batch fails with when one of its variables may not be read, has no value, or has one that is no text; or when it is too long. */
const BATCH_FAILURES = new Set([403, 404, 406, 414, 422]);

class ConjurStore implements SecretStore {
  readonly kind = 'conjur';
  readonly id: string;
  readonly #account: string;
  readonly #login: string;
  readonly #paths: readonly string[];
  readonly #session: RestSession;
  /** Of each run, which one signal ends. */
  readonly #readers = new WeakMap<AbortSignal, (id: string) => Promise<Secret | Problem>>();

  constructor(settings: StoreSettings, context: StoreContext) {
    const named = (name: string, variable: string): string => {
      const text = settingOf(settings, name) || context.env[variable];
      if (text) return text;
      throw new StoreError('misconfigured', `store of kind conjur: ${name} is missing, and ${variable} is not set`);
    };
    const address = addressOf(settings, context, 'conjur', { variables: ['CONJUR_APPLIANCE_URL'] });
    this.#account = named('account', 'CONJUR_ACCOUNT');
    this.#login = named('login', 'CONJUR_AUTHN_LOGIN');
    this.#paths = settingsOf(settings, 'path');
    this.id = `conjur:${address}/${this.#account}`;
    this.#session = new RestSession({
      address,
      connect: () => createTrustingClient(address, settings, context),
      logIn: async (client, signal) => {
        const key = await readCredential(settings, context, 'conjur', 'api-key', 'CONJUR_AUTHN_API_KEY');
        return this.#logIn(client, key, context.now().getTime(), signal);
      },
      now: context.now,
    });
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    const self = await this.#session.get({ path: '/whoami', signal });
    const identity = typeof self['username'] === 'string' ? self['username'] : this.#login;
    const tooMuch: string[] = [];
    const probed = await this.#list({ limit: String(PROBED) }, signal);
    for (const id of probed.map((one) => this.#variableOf(one)).filter((one) => one !== null))
      if (await this.#may('update', 'variable', id, signal)) tooMuch.push(`it may change variables (update on ${id})`);
    if (await this.#may('update', 'policy', 'root', signal)) tooMuch.push('it may replace the root policy, and so do everything');
    return { identity: identity.replace(/\p{Cc}/gu, '').slice(0, 300), tooMuch };
  }

  async *secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    const what = `${this.#session.address}/resources/${this.#account}`;
    const fresh = createFreshness<unknown>(what, (one) => this.#variableOf(one) ?? '');
    let size = PAGE;
    // To the first empty page: a server may give fewer than it was asked for.
    const pages = allPages<unknown, number>(0, what, async (offset) => {
      const items = await this.#list({ limit: String(size), offset: String(offset) }, signal).catch((error: unknown) => {
        if (!(error instanceof StoreError) || error.status !== 422 || size === SMALL_PAGE) throw error;
        size = SMALL_PAGE;
        return this.#list({ limit: String(size), offset: String(offset) }, signal);
      });
      return { items: fresh(items), next: items.length === 0 ? null : offset + items.length };
    });
    for await (const found of pages) {
      const id = this.#variableOf(found);
      if (id === null || !isJson(found)) throw new StoreError('odd-reply', `${what} names something that is no variable`);
      const secret = this.#isWanted(id) ? describe(id, found) : null;
      if (secret) yield secret;
    }
  }

  async *values({ ref }: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncIterable<StoredValue | Problem> {
    for (const { id: version, state } of versions) {
      const read = state === 'current' && isBatchable(ref) ? await this.#current(signal)(ref) : await this.#readOne(ref, version, signal);
      yield read instanceof Secret ? { ref, version, field: '', value: read } : read;
    }
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  async #logIn(client: HttpClient, key: string, now: number, signal: AbortSignal): Promise<Authorisation> {
    const path = `/authn/${encodeURIComponent(this.#account)}/${encodeURIComponent(this.#login)}/authenticate`;
    const url = `${this.#session.address}${path}`;
    const reply = await ask(client, {
      method: 'POST',
      url,
      headers: { 'content-type': 'text/plain' },
      body: key,
      signal,
      isIdempotent: true,
    });
    expectSuccess(reply, `POST ${url}`);
    const token = reply.body.toString('utf8').trim();
    // JSON, that goes into the header as base64; a proxy may have done that already.
    const isEncoded = /^[A-Za-z0-9+/]{40,}={0,2}$/.test(token);
    if (!isEncoded && !token.startsWith('{')) throw new StoreError('odd-reply', `POST ${url} answered with no token`);
    const base64 = isEncoded ? token : Buffer.from(token).toString('base64');
    return { headers: { authorization: `Token token="${base64}"` }, endsAt: now + TOKEN_MS };
  }

  #list(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<readonly unknown[]> {
    return this.#session.list({ path: `/resources/${encodeURIComponent(this.#account)}`, query: { kind: 'variable', ...query }, signal });
  }

  /** Returns the id within the account; null for what is no variable of it. */
  #variableOf(found: unknown): string | null {
    const prefix = `${this.#account}:variable:`;
    const id = isJson(found) ? found['id'] : null;
    return typeof id === 'string' && id.startsWith(prefix) ? id.slice(prefix.length) : null;
  }

  #isWanted(id: string): boolean {
    return this.#paths.length === 0 || this.#paths.some((path) => id === path || id.startsWith(path.endsWith('/') ? path : `${path}/`));
  }

  async #may(privilege: string, kind: string, id: string, signal: AbortSignal): Promise<boolean> {
    const path = `/resources/${[this.#account, kind, id].map(encodeURIComponent).join('/')}`;
    const reply = await this.#session.send({ path, query: { check: 'true', privilege }, signal });
    // What may not even be seen is 404.
    if (reply.status === 403 || reply.status === 404) return false;
    expectSuccess(reply, `${this.#session.address}${path}`);
    return reply.status === 204;
  }

  /** Returns the reader of current values: all that is asked for in one turn goes by one request. */
  #current(signal: AbortSignal): (id: string) => Promise<Secret | Problem> {
    const known = this.#readers.get(signal);
    if (known) return known;
    const reader = gatherReads(BATCH, (ids) => this.#readMany(ids, signal));
    this.#readers.set(signal, reader);
    return reader;
  }

  async #readMany(ids: readonly string[], signal: AbortSignal): Promise<readonly (Secret | Problem)[]> {
    const [only = '', ...others] = ids;
    if (others.length === 0) return [await this.#readOne(only, null, signal)];
    const full = ids.map((id) => `${this.#account}:variable:${id}`);
    const reply = await this.#session.send({ path: '/secrets', query: { variable_ids: full.join(',') }, signal });
    if (BATCH_FAILURES.has(reply.status)) return Promise.all(ids.map((id) => this.#readOne(id, null, signal)));
    expectSuccess(reply, `${this.#session.address}/secrets`);
    const given: unknown = parse(reply.body);
    const answers = full.map((id) => (isJson(given) ? given[id] : undefined));
    if (!answers.every((one) => typeof one === 'string'))
      throw new StoreError('odd-reply', `${this.#session.address}/secrets answered without a value`);
    return answers.map((text) => new Secret(text, 'conjur'));
  }

  async #readOne(id: string, version: string | null, signal: AbortSignal): Promise<Secret | Problem> {
    const path = `/secrets/${[this.#account, 'variable', id].map(encodeURIComponent).join('/')}`;
    try {
      const reply = await this.#session.send({
        path,
        ...(version === null ? {} : { query: { version: versionNumber(version) } }),
        headers: { accept: '*/*' },
        signal,
      });
      expectSuccess(reply, `${this.#session.address}${path}`);
      return new Secret(textOfBytes(reply.body), 'conjur');
    } catch (error) {
      return problemOf(error, this.id, id);
    }
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

/** A comma parts the ids of a batch. */
function isBatchable(id: string): boolean {
  return !id.includes(',') && id.length <= BATCH_ID_CHARS;
}

/** Returns null for a variable without a value: one that nobody has set, or whose value is made when it is read. */
function describe(id: string, found: Json): StoredSecret | null {
  const secrets = Array.isArray(found['secrets']) ? found['secrets'].filter(isJson) : [];
  const numbers = secrets
    .map(({ version }) => version)
    .filter((version) => typeof version === 'number')
    .sort((a, b) => b - a);
  if (numbers.length === 0) return null;
  const versions = numbers.map((version, index) => ({
    id: versionId(version, String(found['created_at'])),
    state: index === 0 ? ('current' as const) : ('superseded' as const),
    createdAt: null,
    endedAt: null,
  }));
  return { ref: id, change: versions.map((version) => version.id).join(','), versions };
}
