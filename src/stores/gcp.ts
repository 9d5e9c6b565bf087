/**
 * Google Secret Manager as a secrets store: a project's secrets, global and regional. Lists name secrets and versions with their states; a value is one request,
 * whose bytes are checked by their CRC. Protocol: cloud.google.com/secret-manager/docs/reference/rest. References are `projects/P/secrets/NAME`.
 */
import { createHash } from 'node:crypto';
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import type { HttpReply } from '../net/http-client.ts';
import { AccessTokens, askWithToken, type BearerApi } from './access-token.ts';
import { crc32c } from './crc32c.ts';
import { fetchGcpToken } from './gcp-auth.ts';
import { lastPart, readVersions } from './gcp-versions.ts';
import { Pace } from './pace.ts';
import { expectSuccess, isJson, type Json, jsonOf, textOf, textOfBase64 } from './store-http.ts';
import { type StoreContext, type StoreKind, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';

const KIND = 'gcp';
const PAGE = 100;
/** A million secrets of a location; there is no stated limit. */
const MAX_PAGES = 10_000;
/** 10,000 versions of a secret. */
const MAX_VERSION_PAGES = 100;
/** Lists asked for side by side. */
const LISTS_AT_A_TIME = 8;
/** A project's quota is 600 reads a minute: 200 at once and 6 a second are 560 in the first, 360 in each after it, and leave some to others. */
const READ_BURST = 200;
const READS_PER_SECOND = 6;
/** Rights that reading does not need, and what they are for. */
const BEYOND: Readonly<Record<string, string>> = {
  'secretmanager.versions.add': 'write new versions',
  'secretmanager.versions.disable': 'switch versions off',
  'secretmanager.versions.destroy': 'destroy versions',
  'secretmanager.secrets.update': 'change secrets',
  'secretmanager.secrets.delete': 'delete secrets',
  'secretmanager.secrets.setIamPolicy': 'give others rights',
};

export const gcp: StoreKind = {
  kind: KIND,
  name: 'Google Secret Manager',
  settings: [
    { name: 'project', help: 'project; else GOOGLE_CLOUD_PROJECT' },
    { name: 'location', help: 'global, or the regions of regional secrets; else global', isList: true },
    { name: 'filter', help: 'only these secrets, in Google’s language: labels.env=prod' },
    { name: 'credentials-file', help: 'else GOOGLE_APPLICATION_CREDENTIALS, gcloud’s file, the metadata server' },
    { name: 'token-variable', help: 'variable that holds an access token' },
    { name: 'endpoint', help: 'address of Secret Manager, for Private Service Connect' },
  ],
  create(settings, context) {
    const project = settingOf(settings, 'project') ?? context.env['GOOGLE_CLOUD_PROJECT'];
    if (!project) throw new StoreError('misconfigured', 'store of kind gcp: project is missing; GOOGLE_CLOUD_PROJECT is not set either');
    // Both become parts of addresses. Old projects have a domain before a colon.
    if (!/^[a-z0-9.:-]{1,63}$/.test(project)) throw new StoreError('misconfigured', `store of kind gcp: ${project} is no project`);
    const named = settingsOf(settings, 'location');
    const locations = named.length > 0 ? [...new Set(named)] : ['global'];
    const odd = locations.find((location) => !/^[a-z0-9-]{1,40}$/.test(location));
    if (odd !== undefined) throw new StoreError('misconfigured', `store of kind gcp: ${odd} is no location`);
    return new GcpStore(project, locations, settings, context);
  },
};

type Listing = { readonly origin: string; readonly path: string };

class GcpStore implements SecretStore {
  readonly kind = KIND;
  readonly id: string;
  readonly #parents: readonly Listing[];
  readonly #filter: string;
  readonly #api: BearerApi;
  readonly #pace: Pace;
  #identity = '';

  constructor(project: string, locations: readonly string[], settings: StoreSettings, context: StoreContext) {
    const endpoint = settingOf(settings, 'endpoint')?.replace(/\/+$/, '');
    this.#parents = locations.map((location) =>
      location === 'global'
        ? { origin: endpoint ?? 'https://secretmanager.googleapis.com', path: `projects/${project}` }
        : { origin: endpoint ?? `https://secretmanager.${location}.rep.googleapis.com`, path: `projects/${project}/locations/${location}` },
    );
    this.id = `${KIND}:projects/${project}${locations.join() === 'global' ? '' : `:${locations.join(':')}`}`;
    this.#filter = settingOf(settings, 'filter') ?? '';
    const fetch = async (signal: AbortSignal) => {
      const token = await fetchGcpToken(settings, context, signal);
      this.#identity = token.identity;
      return token;
    };
    const origins = this.#parents.map(({ origin }) => origin);
    this.#api = { client: context.createClient({ origins }), tokens: new AccessTokens(fetch, context.now) };
    this.#pace = new Pace({ burst: READ_BURST, perSecond: READS_PER_SECOND, now: context.now });
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    const tooMuch: string[] = [];
    for (const parent of this.#parents) {
      const what = `GET ${parent.path}/secrets`;
      const reply = await this.#get(`${parent.origin}/v1/${parent.path}/secrets?pageSize=1`, what, signal);
      const [first] = listIn(jsonOf(reply, `Google ${what}`), 'secrets', what);
      if (first && tooMuch.length === 0) tooMuch.push(...(await this.#rightsBeyond(parent, lastPart(textOf(first, 'name', what)), signal)));
    }
    return { identity: this.#identity, tooMuch };
  }

  async *secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    for (const parent of this.#parents) {
      const path = `${parent.path}/secrets`;
      for await (const page of this.#pages({ ...parent, path }, 'secrets', MAX_PAGES, signal)) {
        for (let from = 0; from < page.length; from += LISTS_AT_A_TIME) {
          const some = page.slice(from, from + LISTS_AT_A_TIME);
          yield* (await Promise.all(some.map((one) => this.#described(parent, one, signal)))).flat();
        }
      }
    }
  }

  async *values(secret: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncIterable<StoredValue | Problem> {
    const { ref } = secret;
    const parent = this.#parents.find(({ path }) => ref.startsWith(`${path}/secrets/`));
    if (!parent) throw new StoreError('misconfigured', `${ref} is of a project or location that is not read`);
    for (const { id, state } of versions) {
      if (state === 'disabled' || state === 'destroyed') continue;
      const what = 'Google versions.access';
      const reply = await askWithToken(this.#api, `${parent.origin}/v1/${ref}/versions/${encodeURIComponent(id)}:access`, signal);
      // 400 is FAILED_PRECONDITION: switched off or destroyed since it was listed.
      if ([400, 403, 404].includes(reply.status)) yield this.#problem(ref, `version ${id}: ${reply.status} ${statusOf(reply)}`);
      else {
        expectSuccess(reply, what);
        const text = textIn(jsonOf(reply, what));
        if (text === null) yield this.#problem(ref, `version ${id}: its bytes do not fit their checksum`);
        else yield { ref, version: id, field: '', value: new Secret(text, KIND) };
      }
    }
  }

  async close(): Promise<void> {
    await this.#api.client.close();
  }

  async #described(parent: Listing, secret: Json, signal: AbortSignal): Promise<(StoredSecret | Problem)[]> {
    // Google answers with the project's number; the owner knows its name.
    const ref = `${parent.path}/secrets/${lastPart(textOf(secret, 'name', 'Google secrets.list'))}`;
    const items: Json[] = [];
    try {
      const listing = { origin: parent.origin, path: `${ref}/versions` };
      for await (const page of this.#pages(listing, 'versions', MAX_VERSION_PAGES, signal)) items.push(...page);
    } catch (error) {
      if (error instanceof StoreError && (error.status === 403 || error.status === 404))
        return [this.#problem(ref, `its versions cannot be listed: ${error.status}`)];
      throw error;
    }
    const versions = readVersions(items, secret['versionAliases']);
    // A secret may be made before its first version.
    return versions.length === 0 ? [] : [toStored(ref, versions)];
  }

  /** Asks what else may be done with one secret; a credential that may not ask that, is not told. */
  async #rightsBeyond({ origin, path }: Listing, name: string, signal: AbortSignal): Promise<string[]> {
    const url = `${origin}/v1/${path}/secrets/${name}:testIamPermissions`;
    const reply = await askWithToken(this.#api, url, signal, { permissions: Object.keys(BEYOND) });
    if (reply.status !== 200) return [];
    const granted = jsonOf(reply, 'Google testIamPermissions')['permissions'];
    const rights = Object.entries(BEYOND).filter(([right]) => Array.isArray(granted) && granted.includes(right));
    return rights.map(([right, what]) => `it may also ${what} (${right}, seen on ${name}): narrow the role`);
  }

  async *#pages({ origin, path }: Listing, key: string, limit: number, signal: AbortSignal): AsyncIterable<Json[]> {
    const what = `GET ${path}`;
    let token = '';
    for (let page = 0; page < limit; page++) {
      const query = new URLSearchParams({ pageSize: String(PAGE) });
      if (this.#filter !== '' && key === 'secrets') query.set('filter', this.#filter);
      if (token !== '') query.set('pageToken', token);
      const json = jsonOf(await this.#get(`${origin}/v1/${path}?${query}`, what, signal), `Google ${what}`);
      yield listIn(json, key, what);
      const next = json['nextPageToken'];
      if (typeof next !== 'string' || next === '') return;
      if (next === token) break;
      token = next;
    }
    throw new StoreError('odd-reply', `Google ${what} gives the same page again and again`);
  }

  async #get(url: string, what: string, signal: AbortSignal): Promise<HttpReply> {
    await this.#pace.turn(signal);
    const reply = await askWithToken(this.#api, url, signal);
    expectSuccess(reply, ['Google', what, statusOf(reply)].join(' ').trim());
    return reply;
  }

  #problem(ref: string, reason: string): Problem {
    return { code: 'store-unreadable', where: ref, data: { store: this.id, ref, reason } };
  }
}

/** Google leaves an empty list out. */
function listIn(json: Json, key: string, what: string): Json[] {
  const items = json[key] ?? [];
  if (Array.isArray(items) && items.every(isJson)) return items;
  throw new StoreError('odd-reply', `Google ${what} answered without a list`);
}

/** Returns the text of `{payload: {data, dataCrc32c}}`, or null where the checksum is another. */
function textIn(json: Json): string | null {
  const payload = json['payload'];
  if (!isJson(payload)) throw new StoreError('odd-reply', 'Google versions.access answered without a payload');
  // An empty value is left out.
  const data = typeof payload['data'] === 'string' ? payload['data'] : '';
  const sum = payload['dataCrc32c'];
  const isWhole = (typeof sum !== 'string' && typeof sum !== 'number') || Number(sum) === crc32c(Buffer.from(data, 'base64'));
  return isWhole ? textOfBase64(data) : null;
}

/** `{"error":{"code":403,"message":"…","status":"PERMISSION_DENIED"}}`: the status, or ''. */
function statusOf(reply: HttpReply): string {
  if (reply.status < 400) return '';
  try {
    const error = jsonOf(reply, '')['error'];
    const status = isJson(error) ? error['status'] : undefined;
    return typeof status === 'string' && /^[A-Z_]{1,40}$/.test(status) ? status : '';
  } catch {
    // A proxy's page.
    return '';
  }
}

function toStored(ref: string, versions: readonly StoredVersion[]): StoredSecret {
  const marks = JSON.stringify(versions.map(({ id, state }) => [id, state]));
  return { ref, change: createHash('sha256').update(marks).digest('hex').slice(0, 32), versions };
}
