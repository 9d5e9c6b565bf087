/**
 * One vault's REST API: requests with a token, lists page by page, error codes. In: the store's settings; out: replies as JSON, or StoreError with Azure's own code
 * for what failed. Called by the connector (azure.ts) and by the rotator (azure-rotate.ts).
 */
import { StoreError } from '../core/stores.ts';
import type { HttpReply } from '../net/http-client.ts';
import { AccessTokens, askWithToken, type BearerApi, sendWithToken } from './access-token.ts';
import { azureAuthOf, fetchAzureToken } from './azure-auth.ts';
import { expectSuccess, isJson, type Json, jsonOf } from './store-http.ts';
import { requiredSetting, type StoreContext, type StoreSettings } from './store-kind.ts';

const KIND = 'azure';
const API_VERSION = '7.4';
/** The service's largest page. */
const PAGE = 25;
/** 10,000 versions of a secret; above 500 Azure itself no longer backs a secret up. */
const MAX_VERSION_PAGES = 400;

export class AzureVault {
  readonly id: string;
  readonly api: BearerApi;
  readonly #origin: string;

  constructor(origin: string, api: BearerApi) {
    this.id = `${KIND}:${origin}`;
    this.api = api;
    this.#origin = origin;
  }

  /** Returns the reply, whatever its status. */
  ask(path: string, signal: AbortSignal): Promise<HttpReply> {
    return askWithToken(this.api, this.#url(path, {}), signal);
  }

  /** `what` is the path without names, for errors. */
  async get(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal, what = `GET ${path}`): Promise<Json> {
    return this.#getUrl(this.#url(path, query), what, signal);
  }

  /** Sends a request that changes something: PATCH sets what it names, so it may be sent again; PUT makes another version each time. */
  async change(method: 'PUT' | 'PATCH', path: string, body: Json, what: string, signal: AbortSignal): Promise<Json> {
    const request = { method, url: this.#url(path, {}), body, isIdempotent: method === 'PATCH' };
    const reply = await sendWithToken(this.api, request, signal);
    return readReply(reply, `${method} ${what}`);
  }

  /** Returns the items of a secret's versions, without values. */
  async versions(name: string, signal: AbortSignal): Promise<Json[]> {
    const items: Json[] = [];
    for await (const page of this.pages(`${secretPath(name)}/versions`, MAX_VERSION_PAGES, signal)) items.push(...page);
    return items;
  }

  async *pages(path: string, limit: number, signal: AbortSignal): AsyncIterable<Json[]> {
    const what = `GET ${path}`;
    let url = this.#url(path, { maxresults: String(PAGE) });
    for (let page = 0; page < limit; page++) {
      const json = await this.#getUrl(url, what, signal);
      const items = json['value'];
      if (!Array.isArray(items) || !items.every(isJson)) throw new StoreError('odd-reply', `Azure ${what} answered without a list`);
      yield items;
      const next = json['nextLink'];
      if (typeof next !== 'string' || next === '') return;
      if (!URL.canParse(next) || new URL(next).origin !== this.#origin)
        throw new StoreError('odd-reply', `Azure ${what} has its next page at another host`);
      if (next === url) break;
      url = next;
    }
    throw new StoreError('odd-reply', `Azure ${what} gives the same page again and again`);
  }

  async #getUrl(url: string, what: string, signal: AbortSignal): Promise<Json> {
    return readReply(await askWithToken(this.api, url, signal), what);
  }

  #url(path: string, query: Readonly<Record<string, string>>): string {
    return `${this.#origin}${path}?${new URLSearchParams({ 'api-version': API_VERSION, ...query })}`;
  }
}

/** Asks nobody yet. Throws StoreError misconfigured. */
export function openVault(settings: StoreSettings, context: StoreContext): AzureVault {
  const origin = originOf(requiredSetting(settings, 'vault', KIND));
  const auth = azureAuthOf(settings, context);
  const resource = resourceOf(origin);
  const tokens = new AccessTokens((signal) => fetchAzureToken(auth, resource, settings, context, signal), context.now);
  return new AzureVault(origin, { client: context.createClient({ origins: [origin] }), tokens });
}

export function secretPath(name: string, version?: string): string {
  return `/secrets/${encodeURIComponent(name)}${version === undefined ? '' : `/${encodeURIComponent(version)}`}`;
}

/** `{"error":{"code":"Forbidden","message":"…","innererror":{"code":"ForbiddenByRbac"}}}`: the innermost code, or ''. */
export function codeOf(reply: HttpReply): string {
  if (reply.status < 400) return '';
  try {
    const error = jsonOf(reply, '')['error'];
    const inner = isJson(error) && isJson(error['innererror']) ? error['innererror']['code'] : undefined;
    const code = inner ?? (isJson(error) ? error['code'] : undefined);
    return typeof code === 'string' && /^[A-Za-z]{1,60}$/.test(code) ? code : '';
  } catch {
    // A proxy's page.
    return '';
  }
}

function readReply(reply: HttpReply, what: string): Json {
  expectSuccess(reply, ['Azure', what, codeOf(reply)].join(' ').trim());
  return jsonOf(reply, `Azure ${what}`);
}

/** A name is of the public cloud; other clouds' vaults are given by address. */
function originOf(vault: string): string {
  if (/^[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$/.test(vault)) return `https://${vault.toLowerCase()}.vault.azure.net`;
  if (URL.canParse(vault) && /^https?:$/.test(new URL(vault).protocol)) return new URL(vault).origin;
  throw new StoreError('misconfigured', 'store of kind azure: vault is neither a name nor an address');
}

/** What a token must be for: the cloud's own name, of which a vault's address is a child. */
function resourceOf(origin: string): string {
  const { hostname } = new URL(origin);
  const cloud = ['vault.azure.cn', 'vault.usgovcloudapi.net', 'vault.microsoftazure.de'].find((one) => hostname.endsWith(`.${one}`));
  return `https://${cloud ?? 'vault.azure.net'}`;
}
