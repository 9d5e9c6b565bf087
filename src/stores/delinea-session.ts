/**
 * One connection to a Secret Server, as the settings of a store of kind delinea name it: login, the token given back, and what the server says of one secret.
 * Called by delinea.ts and delinea-rotate.ts. The API: docs.delinea.com (Secret Server REST), github.com/DelineaXPM/tss-sdk-go.
 */
import { StoreError } from '../core/stores.ts';
import type { HttpClient } from '../net/http-client.ts';
import { type Authorisation, RestSession } from './rest-session.ts';
import { addressOf, createTrustingClient, readCredential } from './store-address.ts';
import { ask, expectSuccess, isJson, type Json, jsonOf, textOf } from './store-http.ts';
import { type StoreContext, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';

/** The audit is newest first: a change behind so many views is not seen, and the secret is read again. */
const AUDITS = 50;
/** What the audit notes of readers, our own readings among them. Anything else may have changed the secret. */
const READING = /VIEW|COPY|COPIED|DISPLAY|UNMASK|LAUNCH|CHECK ?(?:OUT|IN)|HEARTBEAT|EXPORT|DOWNLOAD/i;
/** What the id of a version begins with where the audit may not be read. */
export const UNKNOWN = 'unknown at ';

export class DelineaSession {
  /** SecretStore.id. */
  readonly id: string;
  readonly username: string;
  readonly folders: readonly string[];
  readonly rest: RestSession;
  readonly #now: () => Date;

  constructor(settings: StoreSettings, context: StoreContext) {
    const address = addressOf(settings, context, 'delinea', { variables: ['TSS_SERVER_URL'] });
    const username = settingOf(settings, 'username') || context.env['TSS_USERNAME'];
    if (!username) throw new StoreError('misconfigured', 'store of kind delinea: username is missing, and TSS_USERNAME is not set');
    this.username = username;
    this.folders = settingsOf(settings, 'folder');
    if (!this.folders.every((folder) => /^\d{1,9}$/.test(folder)))
      throw new StoreError(
        'misconfigured',
        'store of kind delinea: folder is the number of a folder, as its address in the browser shows it',
      );
    this.#now = context.now;
    this.id = `delinea:${address}${this.folders.length > 0 ? `/${this.folders.join(',')}` : ''}`;
    this.rest = new RestSession({
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

  /** Returns when something other than a reader stands in the audit last; null where that is not known. */
  async changedAt(id: number | string, signal: AbortSignal): Promise<string | null> {
    const path = `/api/v1/secrets/${id}/audits`;
    const query = {
      'filter.includePasswordChangeLog': 'true',
      'take': String(AUDITS),
      'sortBy[0].name': 'DateRecorded',
      'sortBy[0].direction': 'Desc',
    };
    const reply = await this.rest.send({ path, query, signal });
    if (reply.status === 400 || reply.status === 403 || reply.status === 404) return null;
    expectSuccess(reply, `${this.rest.address}${path}`);
    const { records } = jsonOf(reply, `${this.rest.address}${path}`);
    const times = (Array.isArray(records) ? records.filter(isJson) : []).flatMap(({ action, dateRecorded }) =>
      typeof dateRecorded === 'string' && !READING.test(String(action)) ? [dateRecorded] : [],
    );
    const newest = times.sort().at(-1);
    // Without a zone it is UTC, to which the REST API turns all times.
    const at = newest === undefined ? Number.NaN : Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(newest) ? newest : `${newest}Z`);
    return Number.isNaN(at) ? null : new Date(at).toISOString();
  }

  /** Returns the id of the current version. Where the audit may not be read, every reading may be of something new. */
  versionAt(changedAt: string | null): string {
    return changedAt ?? `${UNKNOWN}${this.#now().toISOString()}`;
  }

  async #logIn(client: HttpClient, password: string, signal: AbortSignal): Promise<Authorisation> {
    const url = `${this.rest.address}/oauth2/token`;
    const body = new URLSearchParams({ grant_type: 'password', username: this.username, password }).toString();
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
}

/** Returns the number in a ref, which is what the server goes by; null for none. */
export function numberIn(ref: string): string | null {
  return /\((\d{1,9})\)$/.exec(ref)?.[1] ?? null;
}

/** Returns a secret's items by slug. Throws StoreError odd-reply. */
export function itemsOf({ items }: Json, what: string): readonly (Json & { readonly slug: string })[] {
  if (!Array.isArray(items)) throw new StoreError('odd-reply', `${what} answered without items`);
  return items.filter(isJson).map((item) => ({ ...item, slug: String(item['slug'] ?? item['fieldName'] ?? '') }));
}
