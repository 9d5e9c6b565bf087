/**
 * Azure Key Vault as a secrets store: one vault. Lists name secrets and versions with their times, never a value; a value is one request.
 * Protocol: learn.microsoft.com/rest/api/keyvault/secrets. References are the secrets' names.
 */
import { createHash } from 'node:crypto';
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import type { HttpReply } from '../net/http-client.ts';
import { AccessTokens, askWithToken, type BearerApi, claimsOf } from './access-token.ts';
import { type AzureAuth, azureAuthOf, fetchAzureToken } from './azure-auth.ts';
import { deletedVersion, nameIn, readVersions } from './azure-versions.ts';
import { expectSuccess, isJson, type Json, jsonOf, textOf } from './store-http.ts';
import { requiredSetting, type StoreContext, type StoreKind, type StoreSettings } from './store-kind.ts';

const KIND = 'azure';
const API = 'api-version=7.4';
/** The service's largest page. */
const PAGE = 25;
/** 2.5 million secrets; a vault has no stated limit, and slows down long before. */
const MAX_PAGES = 100_000;
/** 10,000 versions of a secret; above 500 Azure itself no longer backs a secret up. */
const MAX_VERSION_PAGES = 400;
/** Lists asked for side by side; a vault allows 4,000 requests in 10 s. */
const LISTS_AT_A_TIME = 8;

export const azure: StoreKind = {
  kind: KIND,
  name: 'Azure Key Vault',
  settings: [
    { name: 'vault', help: 'name of the vault, or its address', isRequired: true },
    { name: 'auth', help: 'token, client-secret, workload-identity or managed-identity; else by what is set' },
    { name: 'tenant', help: 'tenant; else AZURE_TENANT_ID' },
    { name: 'client-id', help: 'application, or user-assigned identity; else AZURE_CLIENT_ID' },
    { name: 'token-file', help: 'federated token; else AZURE_FEDERATED_TOKEN_FILE' },
    { name: 'token-variable', help: 'variable that holds a bearer token' },
    { name: 'authority', help: 'address of the identity service, for national clouds; else AZURE_AUTHORITY_HOST' },
  ],
  create(settings, context) {
    return new AzureStore(originOf(requiredSetting(settings, 'vault', KIND)), azureAuthOf(settings, context), settings, context);
  },
};

class AzureStore implements SecretStore {
  readonly kind = KIND;
  readonly id: string;
  readonly #origin: string;
  readonly #api: BearerApi;
  readonly #auth: AzureAuth;

  constructor(origin: string, auth: AzureAuth, settings: StoreSettings, context: StoreContext) {
    this.#origin = origin;
    this.#auth = auth;
    this.id = `${KIND}:${origin}`;
    const resource = resourceOf(origin);
    const tokens = new AccessTokens((signal) => fetchAzureToken(auth, resource, settings, context, signal), context.now);
    this.#api = { client: context.createClient({ origins: [origin] }), tokens };
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    const claims = claimsOf(await this.#api.tokens.get(signal));
    await this.#get(`${this.#origin}/secrets?${API}&maxresults=1`, 'GET /secrets', signal);
    const who = [claims['upn'], claims['appid'], claims['oid']].find((one) => typeof one === 'string');
    return { identity: `${this.#auth}${typeof who === 'string' ? ` ${who}` : ''}`, tooMuch: [] };
  }

  async *secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    for await (const page of this.#pages('/secrets', MAX_PAGES, signal)) {
      const names = page.map((one) => nameIn(textOf(one, 'id', 'Azure GET /secrets')));
      for (let from = 0; from < names.length; from += LISTS_AT_A_TIME) {
        const some = names.slice(from, from + LISTS_AT_A_TIME);
        yield* (await Promise.all(some.map((name) => this.#described(name, signal)))).flat();
      }
    }
    yield* this.#deleted(signal);
  }

  async *values(secret: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncIterable<StoredValue | Problem> {
    const { ref } = secret;
    for (const { id, state } of versions) {
      if (state === 'disabled' || state === 'destroyed') continue;
      const what = 'Azure GET /secrets/{name}/{version}';
      const reply = await askWithToken(
        this.#api,
        `${this.#origin}/secrets/${encodeURIComponent(ref)}/${encodeURIComponent(id)}?${API}`,
        signal,
      );
      const code = codeOf(reply);
      if (isOfOne(reply, code)) yield this.#problem(ref, `version ${id}: ${reply.status} ${code}`);
      else {
        expectSuccess(reply, what);
        yield { ref, version: id, field: '', value: new Secret(textOf(jsonOf(reply, what), 'value', what), KIND) };
      }
    }
  }

  async close(): Promise<void> {
    await this.#api.client.close();
  }

  async #described(name: string, signal: AbortSignal): Promise<(StoredSecret | Problem)[]> {
    const items: Json[] = [];
    try {
      for await (const page of this.#pages(`/secrets/${encodeURIComponent(name)}/versions`, MAX_VERSION_PAGES, signal)) items.push(...page);
    } catch (error) {
      if (error instanceof StoreError && (error.why === 'denied' || error.why === 'not-found') && error.status !== 401)
        return [this.#problem(name, `its versions cannot be listed: ${error.status ?? ''}`)];
      throw error;
    }
    const versions = readVersions(items);
    // Purged between one request and the next.
    if (versions.length === 0) return [];
    return [toStored(name, versions)];
  }

  /** Deleted secrets can be recovered for some time. A vault without soft delete has none. */
  async *#deleted(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    try {
      for await (const page of this.#pages('/deletedsecrets', MAX_PAGES, signal))
        for (const one of page) yield toStored(nameIn(textOf(one, 'id', 'Azure GET /deletedsecrets')), [deletedVersion(one)]);
    } catch (error) {
      if (!(error instanceof StoreError) || error.status === null || error.status === 401 || error.status >= 500) throw error;
      if (error.why === 'denied') yield this.#problem(this.id, 'its deleted secrets cannot be listed');
    }
  }

  async *#pages(path: string, limit: number, signal: AbortSignal): AsyncIterable<Json[]> {
    const what = `GET ${path}`;
    let url = `${this.#origin}${path}?${API}&maxresults=${PAGE}`;
    for (let page = 0; page < limit; page++) {
      const json = jsonOf(await this.#get(url, what, signal), `Azure ${what}`);
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

  async #get(url: string, what: string, signal: AbortSignal): Promise<HttpReply> {
    const reply = await askWithToken(this.#api, url, signal);
    const code = codeOf(reply);
    expectSuccess(reply, ['Azure', what, code].join(' ').trim());
    return reply;
  }

  #problem(ref: string, reason: string): Problem {
    return { code: 'store-unreadable', where: ref, data: { store: this.id, ref, reason } };
  }
}

/** A refusal of this secret alone. A vault's firewall refuses everything. */
function isOfOne({ status }: HttpReply, code: string): boolean {
  return (status === 403 && code !== 'ForbiddenByFirewall') || status === 404;
}

/** `{"error":{"code":"Forbidden","message":"…","innererror":{"code":"ForbiddenByRbac"}}}`: the innermost code, or ''. */
function codeOf(reply: HttpReply): string {
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

function toStored(ref: string, versions: readonly StoredVersion[]): StoredSecret {
  const marks = JSON.stringify(versions.map(({ id, state }) => [id, state]));
  return { ref, change: createHash('sha256').update(marks).digest('hex').slice(0, 32), versions };
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
