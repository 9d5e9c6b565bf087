/**
 * CyberArk Conjur (open source, Enterprise, Cloud) as a store. In: settings (address, account, login) and an API key; out: SecretStore. Called through the registry.
 * The list gives version numbers without values; current values are read in batches, which fail as a whole and are then read one by one; older ones by number.
 * What is done where: conjur-session.ts (login, one variable), conjur-rotate.ts (changing). The API: docs.cyberark.com/conjur-open-source (REST), github.com/cyberark/conjur-openapi-spec.
 */
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import { ConjurRotator } from './conjur-rotate.ts';
import { ConjurSession, variable } from './conjur-session.ts';
import { gatherReads } from './gathered-reads.ts';
import { allPages, createFreshness } from './paging.ts';
import { CA_SETTING, credentialSettings } from './store-address.ts';
import { expectSuccess, isJson } from './store-http.ts';
import type { StoreContext, StoreKind, StoreSettings } from './store-kind.ts';
import { problemOf } from './store-problem.ts';
import { textOfBytes } from './value-text.ts';
import { versionNumber } from './version-ids.ts';

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
  createRotator: (settings, context) => new ConjurRotator(settings, context),
};

const PAGE = 100;
/** Where the server's configuration allows no more (api_resource_list_limit_max), it answers 422; this is what it gives when it is asked for no number. */
const SMALL_PAGE = 10;
/** Their ids stand in the address, which servers and proxies bound at 8 KiB or so. */
const BATCH = 20;
const BATCH_ID_CHARS = 200;
/** Variables that are asked about for the right to change them: policies give rights by groups of variables. */
const PROBED = 5;
/** What a batch fails with when one of its variables may not be read, has no value, or has one that is no text; or when it is too long. */
const BATCH_FAILURES = new Set([403, 404, 406, 414, 422]);

class ConjurStore implements SecretStore {
  readonly kind = 'conjur';
  readonly id: string;
  readonly #at: ConjurSession;
  /** Of each run, which one signal ends. */
  readonly #readers = new WeakMap<AbortSignal, (id: string) => Promise<Secret | Problem>>();

  constructor(settings: StoreSettings, context: StoreContext) {
    this.#at = new ConjurSession(settings, context);
    this.id = this.#at.id;
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    const self = await this.#at.rest.get({ path: '/whoami', signal });
    const identity = typeof self['username'] === 'string' ? self['username'] : this.#at.login;
    const tooMuch: string[] = [];
    const probed = await this.#list({ limit: String(PROBED) }, signal);
    for (const id of probed.map((one) => this.#at.variableOf(one)).filter((one) => one !== null))
      if (await this.#at.may('update', 'variable', id, signal)) tooMuch.push(`it may change variables (update on ${id})`);
    if (await this.#at.may('update', 'policy', 'root', signal)) tooMuch.push('it may replace the root policy, and so do everything');
    return { identity: identity.replace(/\p{Cc}/gu, '').slice(0, 300), tooMuch };
  }

  async *secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    const what = `${this.#at.rest.address}/resources/${this.#at.account}`;
    const fresh = createFreshness<unknown>(what, (one) => this.#at.variableOf(one) ?? '');
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
      const id = this.#at.variableOf(found);
      if (id === null || !isJson(found)) throw new StoreError('odd-reply', `${what} names something that is no variable`);
      const secret = this.#at.isWanted(id) ? variable(id, found) : null;
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
    return this.#at.rest.close();
  }

  #list(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<readonly unknown[]> {
    return this.#at.rest.list({
      path: `/resources/${encodeURIComponent(this.#at.account)}`,
      query: { kind: 'variable', ...query },
      signal,
    });
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
    const full = ids.map((id) => `${this.#at.account}:variable:${id}`);
    const reply = await this.#at.rest.send({ path: '/secrets', query: { variable_ids: full.join(',') }, signal });
    if (BATCH_FAILURES.has(reply.status)) return Promise.all(ids.map((id) => this.#readOne(id, null, signal)));
    expectSuccess(reply, `${this.#at.rest.address}/secrets`);
    const given: unknown = parse(reply.body);
    const answers = full.map((id) => (isJson(given) ? given[id] : undefined));
    if (!answers.every((one) => typeof one === 'string'))
      throw new StoreError('odd-reply', `${this.#at.rest.address}/secrets answered without a value`);
    return answers.map((text) => new Secret(text, 'conjur'));
  }

  async #readOne(id: string, version: string | null, signal: AbortSignal): Promise<Secret | Problem> {
    const path = this.#at.pathOf('secrets', id);
    try {
      const reply = await this.#at.rest.send({
        path,
        ...(version === null ? {} : { query: { version: versionNumber(version) } }),
        headers: { accept: '*/*' },
        signal,
      });
      expectSuccess(reply, `${this.#at.rest.address}${path}`);
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
