/**
 * One connection to a Conjur account, as the settings of a store of kind conjur name it: login by API key, a token that is made anew before it ends, and what the
 * server says of one variable. Called by conjur.ts and conjur-rotate.ts.
 */
import { type StoredSecret, StoreError } from '../core/stores.ts';
import type { HttpClient } from '../net/http-client.ts';
import { type Authorisation, RestSession } from './rest-session.ts';
import { addressOf, createTrustingClient, readCredential } from './store-address.ts';
import { ask, expectSuccess, isJson, type Json } from './store-http.ts';
import { type StoreContext, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';
import { versionId } from './version-ids.ts';

/** Conjur's tokens live for 8 minutes unless its configuration says otherwise. */
const TOKEN_MS = 8 * 60_000;

export class ConjurSession {
  /** SecretStore.id. */
  readonly id: string;
  readonly account: string;
  readonly login: string;
  readonly rest: RestSession;
  readonly #paths: readonly string[];

  constructor(settings: StoreSettings, context: StoreContext) {
    const named = (name: string, variable: string): string => {
      const text = settingOf(settings, name) || context.env[variable];
      if (text) return text;
      throw new StoreError('misconfigured', `store of kind conjur: ${name} is missing, and ${variable} is not set`);
    };
    const address = addressOf(settings, context, 'conjur', { variables: ['CONJUR_APPLIANCE_URL'] });
    this.account = named('account', 'CONJUR_ACCOUNT');
    this.login = named('login', 'CONJUR_AUTHN_LOGIN');
    this.#paths = settingsOf(settings, 'path');
    this.id = `conjur:${address}/${this.account}`;
    this.rest = new RestSession({
      address,
      connect: () => createTrustingClient(address, settings, context),
      logIn: async (client, signal) => {
        const key = await readCredential(settings, context, 'conjur', 'api-key', 'CONJUR_AUTHN_API_KEY');
        return this.#logIn(client, key, context.now().getTime(), signal);
      },
      now: context.now,
    });
  }

  /** Returns `/secrets/acme/variable/prod%2Fdb`, and `/resources/…` alike. */
  pathOf(kind: 'secrets' | 'resources', id: string, of = 'variable'): string {
    return `/${kind}/${[this.account, of, id].map(encodeURIComponent).join('/')}`;
  }

  /** Returns the id within the account; null for what is no variable of it. */
  variableOf(found: unknown): string | null {
    const prefix = `${this.account}:variable:`;
    const id = isJson(found) ? found['id'] : null;
    return typeof id === 'string' && id.startsWith(prefix) ? id.slice(prefix.length) : null;
  }

  /** Whether the settings name this variable, or a beginning of its id; all where they name none. */
  isWanted(id: string): boolean {
    return this.#paths.length === 0 || this.#paths.some((path) => id === path || id.startsWith(path.endsWith('/') ? path : `${path}/`));
  }

  /** Whether we have this privilege on a resource; false for one that we may not even see. */
  async may(privilege: 'read' | 'execute' | 'update', kind: string, id: string, signal: AbortSignal): Promise<boolean> {
    const path = this.pathOf('resources', id, kind);
    const reply = await this.rest.send({ path, query: { check: 'true', privilege }, signal });
    if (reply.status === 403 || reply.status === 404) return false;
    expectSuccess(reply, `${this.rest.address}${path}`);
    return reply.status === 204;
  }

  async #logIn(client: HttpClient, key: string, now: number, signal: AbortSignal): Promise<Authorisation> {
    const path = `/authn/${encodeURIComponent(this.account)}/${encodeURIComponent(this.login)}/authenticate`;
    const url = `${this.rest.address}${path}`;
    const headers = { 'content-type': 'text/plain' };
    const reply = await ask(client, { method: 'POST', url, headers, body: key, signal, isIdempotent: true });
    expectSuccess(reply, `POST ${url}`);
    const token = reply.body.toString('utf8').trim();
    // JSON, that goes into the header as base64; a proxy may have done that already.
    const isEncoded = /^[A-Za-z0-9+/]{40,}={0,2}$/.test(token);
    if (!isEncoded && !token.startsWith('{')) throw new StoreError('odd-reply', `POST ${url} answered with no token`);
    const base64 = isEncoded ? token : Buffer.from(token).toString('base64');
    return { headers: { authorization: `Token token="${base64}"` }, endsAt: now + TOKEN_MS };
  }
}

/** Returns a variable by what the list says of it; null for one without a value: that nobody has set, or whose value is made when it is read. */
export function variable(id: string, found: Json): StoredSecret | null {
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
