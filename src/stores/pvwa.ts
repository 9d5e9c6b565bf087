/**
 * CyberArk's vault through its web access (PVWA; self-hosted, and Privilege Cloud with a vault user) as a store. In: settings (address, user, safes), a password; out: SecretStore.
 * Called through the registry. The list has no values; versions are asked for by account; a value is retrieved by version, with a reason that lands in the vault's audit.
 * The API: docs.cyberark.com (REST APIs, Accounts), github.com/pspete/psPAS.
 */
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import type { HttpClient, HttpReply } from '../net/http-client.ts';
import { mapAhead } from './map-ahead.ts';
import { allPages, createFreshness } from './paging.ts';
import { type Authorisation, RestSession } from './rest-session.ts';
import { addressOf, CA_SETTING, createTrustingClient, credentialSettings, readCredential } from './store-address.ts';
import { ask, expectSuccess, isJson, type Json, jsonOf } from './store-http.ts';
import { type StoreContext, type StoreKind, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';
import { problemOf } from './store-problem.ts';

export const pvwa: StoreKind = {
  kind: 'pvwa',
  name: 'CyberArk PVWA and Privilege Cloud',
  settings: [
    { name: 'address', help: 'https://pvwa.example, with /PasswordVault or whatever it is called there', isRequired: true },
    { name: 'username', help: 'the vault user; else PVWA_USERNAME' },
    ...credentialSettings('password', 'PVWA_PASSWORD'),
    { name: 'auth', help: 'cyberark, ldap or radius; else cyberark' },
    { name: 'safe', help: 'safes to read; else all that the user is a member of', isList: true },
    { name: 'reason', help: 'what the audit gives as the reason of each retrieval; else leakwarden' },
    CA_SETTING,
  ],
  create: (settings, context) => new PvwaStore(settings, context),
};

const PAGE = 500;
/** Versions that are asked for at a time. */
const AHEAD = 8;
const METHODS = ['cyberark', 'ldap', 'radius'];
/** Permissions on a safe beyond listing and retrieving. */
const WRITING = new Set([
  'addAccounts',
  'updateAccountContent',
  'updateAccountProperties',
  'initiateCPMAccountManagementOperations',
  'specifyNextAccountContent',
  'renameAccounts',
  'deleteAccounts',
  'unlockAccounts',
  'manageSafe',
  'manageSafeMembers',
  'moveAccountsAndFolders',
]);

class PvwaStore implements SecretStore {
  readonly kind = 'pvwa';
  readonly id: string;
  readonly #username: string;
  readonly #method: string;
  readonly #reason: string;
  readonly #safes: readonly string[];
  readonly #session: RestSession;
  readonly #now: () => Date;
  /** Accounts whose secret is a key, by their id: these are retrieved elsewhere. */
  readonly #keys = new Set<string>();

  constructor(settings: StoreSettings, context: StoreContext) {
    const given = addressOf(settings, context, 'pvwa');
    const address = new URL(given).pathname === '/' ? `${given}/PasswordVault` : given;
    const username = settingOf(settings, 'username') || context.env['PVWA_USERNAME'];
    if (!username) throw new StoreError('misconfigured', 'store of kind pvwa: username is missing, and PVWA_USERNAME is not set');
    this.#username = username;
    this.#method = settingOf(settings, 'auth') ?? 'cyberark';
    if (!METHODS.includes(this.#method)) throw new StoreError('misconfigured', `store of kind pvwa: auth is one of ${METHODS.join(', ')}`);
    this.#reason = settingOf(settings, 'reason') ?? 'leakwarden';
    this.#safes = settingsOf(settings, 'safe');
    this.#now = context.now;
    this.id = `pvwa:${address}${this.#safes.length > 0 ? `/${this.#safes.join(',')}` : ''}`;
    this.#session = new RestSession({
      address,
      connect: () => createTrustingClient(address, settings, context),
      logIn: async (client, signal) =>
        this.#logIn(client, await readCredential(settings, context, 'pvwa', 'password', 'PVWA_PASSWORD'), signal),
      logOut: async (client, { headers }, signal) => {
        await ask(client, { method: 'POST', url: `${address}/API/Auth/Logoff`, headers, signal });
      },
      now: context.now,
    });
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    const tooMuch: string[] = [];
    for (const safe of this.#safes) {
      const path = `/API/Safes/${encodeURIComponent(safe)}/Members/${encodeURIComponent(this.#username)}`;
      const reply = await this.#session.send({ path, signal });
      // Who may not see the members, or is one through a group, cannot be told what it may do.
      if (reply.status === 403 || reply.status === 404) continue;
      expectSuccess(reply, `${this.#session.address}${path}`);
      const { permissions } = jsonOf(reply, `${this.#session.address}${path}`);
      const held = isJson(permissions) ? Object.keys(permissions).filter((name) => permissions[name] === true && WRITING.has(name)) : [];
      if (held.length > 0) tooMuch.push(`it may change safe ${safe} (${held.sort().join(', ')})`);
    }
    // So that a wrong password is told here, also where no safe is named.
    if (this.#safes.length === 0) await this.#page(null, 0, 1, signal);
    return { identity: this.#username, tooMuch };
  }

  async *secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    const what = `${this.#session.address}/API/Accounts`;
    for (const safe of this.#safes.length > 0 ? this.#safes : [null]) {
      const fresh = createFreshness<Json>(what, ({ id }) => String(id));
      const accounts = allPages<Json, number>(0, what, async (offset) => {
        const { items, hasNext } = await this.#page(safe, offset, PAGE, signal);
        return { items: fresh(items), next: hasNext && items.length > 0 ? offset + items.length : null };
      });
      yield* mapAhead(accounts, AHEAD, (account) => this.#describe(account, signal));
    }
  }

  async *values({ ref }: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncIterable<StoredValue | Problem> {
    const id = /\(([\w.]{1,40})\)$/.exec(ref)?.[1];
    if (id === undefined) return;
    const path = `/API/Accounts/${id}/${this.#keys.has(id) ? 'Secret' : 'Password'}/Retrieve`;
    for (const { id: version, state } of versions) {
      try {
        const body = { reason: this.#reason, ...(state === 'current' ? {} : { Version: Number(version) }) };
        const reply = await this.#session.send({ path, body, signal });
        expectSuccess(reply, `POST ${this.#session.address}${path}`);
        const text = quotedText(reply, `POST ${this.#session.address}${path}`);
        if (text !== '') yield { ref, version, field: '', value: new Secret(text, 'pvwa') };
      } catch (error) {
        yield problemOf(error, this.id, ref);
        // The others would be refused alike.
        return;
      }
    }
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  async #logIn(client: HttpClient, password: string, signal: AbortSignal): Promise<Authorisation> {
    const url = `${this.#session.address}/API/auth/${this.#method}/Logon`;
    // Otherwise this login would end another session of the same user.
    const body = JSON.stringify({ username: this.#username, password, concurrentSession: true });
    const reply = await ask(client, { method: 'POST', url, headers: { 'content-type': 'application/json' }, body, signal });
    expectSuccess(reply, `POST ${url}`);
    return { headers: { authorization: quotedText(reply, `POST ${url}`) }, endsAt: null };
  }

  async #page(
    safe: string | null,
    offset: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ readonly items: readonly Json[]; readonly hasNext: boolean }> {
    const query = { limit: String(limit), offset: String(offset), ...(safe === null ? {} : { filter: `safeName eq ${safe}` }) };
    const { value, nextLink } = await this.#session.get({ path: '/API/Accounts', query, signal });
    if (!Array.isArray(value) || !value.every(isJson))
      throw new StoreError('odd-reply', `${this.#session.address}/API/Accounts answered without value`);
    return { items: value, hasNext: typeof nextLink === 'string' && nextLink !== '' };
  }

  async #describe(account: Json, signal: AbortSignal): Promise<StoredSecret> {
    const { id, name, safeName } = account;
    if (typeof id !== 'string' || typeof name !== 'string' || !/^[\w.]{1,40}$/.test(id))
      throw new StoreError('odd-reply', 'the list of accounts names one without id or name');
    if (account['secretType'] === 'key') this.#keys.add(id);
    const versions = (await this.#versions(id, signal)) ?? [onlyVersion(account, this.#now())];
    return {
      // The number is what the server goes by.
      ref: `${String(safeName)}/${name} (${id})`,
      change: versions.map((version) => `${version.id}@${version.createdAt}`).join(','),
      versions,
    };
  }

  /** Returns the versions, newest first; null where the server is too old to say (before 12.1) or does not say it to us. */
  async #versions(id: string, signal: AbortSignal): Promise<readonly StoredVersion[] | null> {
    const path = `/API/Accounts/${id}/Secret/Versions`;
    const reply = await this.#session.send({ path, signal });
    if (reply.status === 403 || reply.status === 404) return null;
    expectSuccess(reply, `${this.#session.address}${path}`);
    const given = jsonOf(reply, `${this.#session.address}${path}`)['Versions'];
    const found = (Array.isArray(given) ? given.filter(isJson) : [])
      // Made for one connection, and gone with it.
      .filter((one) => one['isTemporary'] !== true && typeof one['versionID'] === 'number')
      .sort((a, b) => Number(b['versionID']) - Number(a['versionID']));
    if (found.length === 0) return null;
    const times = found.map((one) => timeOf(one['modificationDate']));
    return found.map((one, index) => ({
      id: String(one['versionID']),
      state: index === 0 ? ('current' as const) : ('superseded' as const),
      createdAt: times[index] ?? null,
      endedAt: index === 0 ? null : (times[index - 1] ?? null),
    }));
  }
}

/** Returns the current version where there is no list of them; without a time it is another each time, and read again. */
function onlyVersion({ secretManagement, createdTime }: Json, now: Date): StoredVersion {
  const changed = isJson(secretManagement) ? secretManagement['lastModifiedTime'] : undefined;
  const createdAt = timeOf(changed ?? createdTime);
  return { id: createdAt ?? `unknown at ${now.toISOString()}`, state: 'current', createdAt, endedAt: null };
}

/** Seconds since 1970. */
function timeOf(seconds: unknown): string | null {
  return typeof seconds === 'number' && seconds > 0 && seconds < 1e11 ? new Date(seconds * 1000).toISOString() : null;
}

/** Returns a reply that is one JSON text: a token, a password. */
function quotedText(reply: HttpReply, what: string): string {
  try {
    const value: unknown = JSON.parse(reply.body.toString('utf8'));
    if (typeof value === 'string') return value;
  } catch {
    // Said below, as for JSON of another kind.
  }
  throw new StoreError('odd-reply', `${what} answered with something that is no JSON text (${reply.status})`, { status: reply.status });
}
