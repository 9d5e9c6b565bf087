/**
 * One connection to a PVWA, as the settings of a store of kind pvwa name it: login and log-off, one account, its versions, its value. Called by pvwa.ts and
 * pvwa-rotate.ts. The API: docs.cyberark.com (REST APIs, Accounts), github.com/pspete/psPAS.
 */
import { Secret } from '../core/secret.ts';
import { type StoredVersion, StoreError } from '../core/stores.ts';
import type { HttpClient, HttpReply } from '../net/http-client.ts';
import { type Authorisation, RestSession } from './rest-session.ts';
import { addressOf, createTrustingClient, readCredential } from './store-address.ts';
import { ask, expectSuccess, isJson, type Json, jsonOf } from './store-http.ts';
import { type StoreContext, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';

/** What the id of a version begins with where the server says no time. */
export const UNKNOWN = 'unknown at ';
const METHODS = ['cyberark', 'ldap', 'radius'];

export class PvwaSession {
  /** SecretStore.id. */
  readonly id: string;
  readonly username: string;
  readonly safes: readonly string[];
  readonly rest: RestSession;
  readonly #method: string;
  readonly #reason: string;
  readonly #now: () => Date;

  constructor(settings: StoreSettings, context: StoreContext) {
    const given = addressOf(settings, context, 'pvwa');
    const address = new URL(given).pathname === '/' ? `${given}/PasswordVault` : given;
    const username = settingOf(settings, 'username') || context.env['PVWA_USERNAME'];
    if (!username) throw new StoreError('misconfigured', 'store of kind pvwa: username is missing, and PVWA_USERNAME is not set');
    this.username = username;
    this.#method = settingOf(settings, 'auth') ?? 'cyberark';
    if (!METHODS.includes(this.#method)) throw new StoreError('misconfigured', `store of kind pvwa: auth is one of ${METHODS.join(', ')}`);
    this.#reason = settingOf(settings, 'reason') ?? 'leakwarden';
    this.safes = settingsOf(settings, 'safe');
    this.#now = context.now;
    this.id = `pvwa:${address}${this.safes.length > 0 ? `/${this.safes.join(',')}` : ''}`;
    this.rest = new RestSession({
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

  /** Returns what we may do in a safe, by CyberArk's names; null where that is not said: to who may not see the members, or is one through a group. */
  async permissions(safe: string, signal: AbortSignal): Promise<ReadonlySet<string> | null> {
    const path = `/API/Safes/${encodeURIComponent(safe)}/Members/${encodeURIComponent(this.username)}`;
    const reply = await this.rest.send({ path, signal });
    if (reply.status === 403 || reply.status === 404) return null;
    expectSuccess(reply, `${this.rest.address}${path}`);
    const { permissions } = jsonOf(reply, `${this.rest.address}${path}`);
    return new Set(isJson(permissions) ? Object.keys(permissions).filter((name) => permissions[name] === true) : []);
  }

  /** Returns the versions of an account, newest first. Before 12.1, and where we may not see them, there is the current one alone, by the time of its last change. */
  async versions(account: Json, signal: AbortSignal): Promise<readonly StoredVersion[]> {
    const path = `/API/Accounts/${String(account['id'])}/Secret/Versions`;
    const reply = await this.rest.send({ path, signal });
    if (reply.status === 403 || reply.status === 404) return [onlyVersion(account, this.#now())];
    expectSuccess(reply, `${this.rest.address}${path}`);
    const given = jsonOf(reply, `${this.rest.address}${path}`)['Versions'];
    const found = (Array.isArray(given) ? given.filter(isJson) : [])
      // Made for one connection, and gone with it.
      .filter((one) => one['isTemporary'] !== true && typeof one['versionID'] === 'number')
      .sort((a, b) => Number(b['versionID']) - Number(a['versionID']));
    if (found.length === 0) return [onlyVersion(account, this.#now())];
    const times = found.map((one) => timeOf(one['modificationDate']));
    return found.map((one, index) => ({
      id: String(one['versionID']),
      state: index === 0 ? ('current' as const) : ('superseded' as const),
      createdAt: times[index] ?? null,
      endedAt: index === 0 ? null : (times[index - 1] ?? null),
    }));
  }

  /** Returns the value of a version, or of the current one; null for none. Lands in the audit with the reason. Throws StoreError. */
  async retrieve(id: string, kind: 'Password' | 'Secret', version: string | null, signal: AbortSignal): Promise<Secret | null> {
    const path = `/API/Accounts/${id}/${kind}/Retrieve`;
    const body = { reason: this.#reason, ...(version === null ? {} : { Version: Number(version) }) };
    const reply = await this.rest.send({ path, body, signal });
    expectSuccess(reply, `POST ${this.rest.address}${path}`);
    const text = quotedText(reply, `POST ${this.rest.address}${path}`);
    return text === '' ? null : new Secret(text, 'pvwa');
  }

  async #logIn(client: HttpClient, password: string, signal: AbortSignal): Promise<Authorisation> {
    const url = `${this.rest.address}/API/auth/${this.#method}/Logon`;
    // Otherwise this login would end another session of the same user.
    const body = JSON.stringify({ username: this.username, password, concurrentSession: true });
    const reply = await ask(client, { method: 'POST', url, headers: { 'content-type': 'application/json' }, body, signal });
    expectSuccess(reply, `POST ${url}`);
    return { headers: { authorization: quotedText(reply, `POST ${url}`) }, endsAt: null };
  }
}

/** Returns the account as reports name it; its number is what the server goes by. Throws StoreError odd-reply. */
export function refOf({ id, name, safeName }: Json): string {
  if (typeof id !== 'string' || typeof name !== 'string' || !/^[\w.]{1,40}$/.test(id))
    throw new StoreError('odd-reply', 'the list of accounts names one without id or name');
  return `${String(safeName)}/${name} (${id})`;
}

/** Returns the number in a ref; null for none. */
export function numberIn(ref: string): string | null {
  return /\(([\w.]{1,40})\)$/.exec(ref)?.[1] ?? null;
}

/** Returns StoredSecret.change. */
export function changeOf(versions: readonly StoredVersion[]): string {
  return versions.map((version) => `${version.id}@${version.createdAt}`).join(',');
}

/** Without a time it is another each time, and read again. */
function onlyVersion({ secretManagement, createdTime }: Json, now: Date): StoredVersion {
  const changed = isJson(secretManagement) ? secretManagement['lastModifiedTime'] : undefined;
  const createdAt = timeOf(changed ?? createdTime);
  return { id: createdAt ?? `${UNKNOWN}${now.toISOString()}`, state: 'current', createdAt, endedAt: null };
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
