/**
 * A project's Secret Manager: requests with a token, lists page by page at the pace that the quota allows, values with their checksum. In: the store's settings; out:
 * replies as JSON, or StoreError with Google's own status for what failed. Called by the connector (gcp.ts) and by the rotator (gcp-rotate.ts).
 */
import { StoreError } from '../core/stores.ts';
import type { HttpReply } from '../net/http-client.ts';
import { AccessTokens, askWithToken, type BearerApi, sendWithToken } from './access-token.ts';
import { crc32c } from './crc32c.ts';
import { fetchGcpToken } from './gcp-auth.ts';
import { Pace } from './pace.ts';
import { expectSuccess, isJson, type Json, jsonOf, textOfBase64 } from './store-http.ts';
import { type StoreContext, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';

const KIND = 'gcp';
const PAGE = 100;
/** 10,000 versions of a secret. */
const MAX_VERSION_PAGES = 100;
/** A project's quota is 600 reads a minute: 200 at once and 6 a second are 560 in the first, 360 in each after it, and leave some to others. */
const READ_BURST = 200;
const READS_PER_SECOND = 6;

/** A project, global or one of its regions. */
export type GcpParent = { readonly origin: string; readonly path: string };

export class GcpProject {
  readonly id: string;
  readonly parents: readonly GcpParent[];
  readonly api: BearerApi;
  readonly #pace: Pace;
  #identity = '';

  constructor(settings: StoreSettings, context: StoreContext) {
    const { project, locations } = checked(settings, context);
    const endpoint = settingOf(settings, 'endpoint')?.replace(/\/+$/, '');
    this.parents = locations.map((location) =>
      location === 'global'
        ? { origin: endpoint ?? 'https://secretmanager.googleapis.com', path: `projects/${project}` }
        : { origin: endpoint ?? `https://secretmanager.${location}.rep.googleapis.com`, path: `projects/${project}/locations/${location}` },
    );
    this.id = `${KIND}:projects/${project}${locations.join() === 'global' ? '' : `:${locations.join(':')}`}`;
    const fetch = async (signal: AbortSignal) => {
      const token = await fetchGcpToken(settings, context, signal);
      this.#identity = token.identity;
      return token;
    };
    const origins = this.parents.map(({ origin }) => origin);
    this.api = { client: context.createClient({ origins }), tokens: new AccessTokens(fetch, context.now) };
    this.#pace = new Pace({ burst: READ_BURST, perSecond: READS_PER_SECOND, now: context.now });
  }

  /** Whose the last token is, as far as the credentials say. */
  get identity(): string {
    return this.#identity;
  }

  /** Returns the project or region that a secret is in, or undefined. */
  parentOf(ref: string): GcpParent | undefined {
    return this.parents.find(({ path }) => ref.startsWith(`${path}/secrets/`));
  }

  /** Returns the reply, whatever its status. `path` stands after `/v1/`. `question`: a POST that changes nothing. */
  ask({ origin }: GcpParent, path: string, signal: AbortSignal, question?: Json): Promise<HttpReply> {
    return askWithToken(this.api, `${origin}/v1/${path}`, signal, question);
  }

  async get(parent: GcpParent, path: string, signal: AbortSignal, what = `GET ${path.split('?')[0]}`): Promise<Json> {
    await this.#pace.turn(signal);
    return readReply(await this.ask(parent, path, signal), what);
  }

  /** Sends a request that changes something, once. */
  async change({ origin }: GcpParent, method: 'POST' | 'PATCH', path: string, body: Json, signal: AbortSignal): Promise<Json> {
    const reply = await sendWithToken(this.api, { method, url: `${origin}/v1/${path}`, body }, signal);
    return readReply(reply, `${method} ${path.split('?')[0]}`);
  }

  /** Yields the pages of a list; `path` ends with what `key` names. */
  async *pages(parent: GcpParent, path: string, key: string, filter: string, limit: number, signal: AbortSignal): AsyncIterable<Json[]> {
    const what = `GET ${path}`;
    let token = '';
    for (let page = 0; page < limit; page++) {
      const query = new URLSearchParams({ pageSize: String(PAGE) });
      if (filter !== '') query.set('filter', filter);
      if (token !== '') query.set('pageToken', token);
      const json = await this.get(parent, `${path}?${query}`, signal, what);
      yield listIn(json, key, what);
      const next = json['nextPageToken'];
      if (typeof next !== 'string' || next === '') return;
      if (next === token) break;
      token = next;
    }
    throw new StoreError('odd-reply', `Google ${what} gives the same page again and again`);
  }

  /** Returns the items of a secret's versions, without values. */
  async versions(parent: GcpParent, ref: string, signal: AbortSignal): Promise<Json[]> {
    const items: Json[] = [];
    for await (const page of this.pages(parent, `${ref}/versions`, 'versions', '', MAX_VERSION_PAGES, signal)) items.push(...page);
    return items;
  }
}

/** Google leaves an empty list out. */
export function listIn(json: Json, key: string, what: string): Json[] {
  const items = json[key] ?? [];
  if (Array.isArray(items) && items.every(isJson)) return items;
  throw new StoreError('odd-reply', `Google ${what} answered without a list`);
}

/** Returns the text of `{payload: {data, dataCrc32c}}`, or null where the checksum is another. */
export function textIn(json: Json): string | null {
  const data = dataIn(json);
  return data === null ? null : textOfBase64(data);
}

/** As textIn, in base64. */
export function dataIn(json: Json): string | null {
  const payload = json['payload'];
  if (!isJson(payload)) throw new StoreError('odd-reply', 'Google versions.access answered without a payload');
  // An empty value is left out.
  const data = typeof payload['data'] === 'string' ? payload['data'] : '';
  const sum = payload['dataCrc32c'];
  const isWhole = (typeof sum !== 'string' && typeof sum !== 'number') || Number(sum) === crc32c(Buffer.from(data, 'base64'));
  return isWhole ? data : null;
}

/** `{"error":{"code":403,"message":"…","status":"PERMISSION_DENIED"}}`: the status, or ''. */
export function statusOf(reply: HttpReply): string {
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

function readReply(reply: HttpReply, what: string): Json {
  expectSuccess(reply, ['Google', what, statusOf(reply)].join(' ').trim());
  return jsonOf(reply, `Google ${what}`);
}

/** Project and location become parts of addresses. Throws StoreError misconfigured. */
function checked(settings: StoreSettings, { env }: StoreContext): { readonly project: string; readonly locations: readonly string[] } {
  const project = settingOf(settings, 'project') ?? env['GOOGLE_CLOUD_PROJECT'];
  if (!project) throw new StoreError('misconfigured', 'store of kind gcp: project is missing; GOOGLE_CLOUD_PROJECT is not set either');
  // Old projects have a domain before a colon.
  if (!/^[a-z0-9.:-]{1,63}$/.test(project)) throw new StoreError('misconfigured', `store of kind gcp: ${project} is no project`);
  const named = settingsOf(settings, 'location');
  const locations = named.length > 0 ? [...new Set(named)] : ['global'];
  const odd = locations.find((location) => !/^[a-z0-9-]{1,40}$/.test(location));
  if (odd !== undefined) throw new StoreError('misconfigured', `store of kind gcp: ${odd} is no location`);
  return { project, locations };
}
