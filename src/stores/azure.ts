/**
 * Azure Key Vault as a secrets store: one vault. Lists name secrets and versions with their times, never a value; a value is one request.
 * Protocol: learn.microsoft.com/rest/api/keyvault/secrets. References are the secrets' names.
 */
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import type { HttpReply } from '../net/http-client.ts';
import { claimsOf } from './access-token.ts';
import { type AzureAuth, azureAuthOf } from './azure-auth.ts';
import { createAzureRotator } from './azure-rotate.ts';
import { type AzureVault, codeOf, openVault, secretPath } from './azure-vault.ts';
import { deletedVersion, nameIn, readVersions, toStored } from './azure-versions.ts';
import { expectSuccess, type Json, jsonOf, textOf } from './store-http.ts';
import type { StoreContext, StoreKind, StoreSettings } from './store-kind.ts';

const KIND = 'azure';
/** 2.5 million secrets; a vault has no stated limit, and slows down long before. */
const MAX_PAGES = 100_000;
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
    return new AzureStore(settings, context);
  },
  createRotator: createAzureRotator,
};

class AzureStore implements SecretStore {
  readonly kind = KIND;
  readonly id: string;
  readonly #vault: AzureVault;
  readonly #auth: AzureAuth;

  constructor(settings: StoreSettings, context: StoreContext) {
    this.#auth = azureAuthOf(settings, context);
    this.#vault = openVault(settings, context);
    this.id = this.#vault.id;
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    const claims = claimsOf(await this.#vault.api.tokens.get(signal));
    await this.#vault.get('/secrets', { maxresults: '1' }, signal);
    const who = [claims['upn'], claims['appid'], claims['oid']].find((one) => typeof one === 'string');
    return { identity: `${this.#auth}${typeof who === 'string' ? ` ${who}` : ''}`, tooMuch: [] };
  }

  async *secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    for await (const page of this.#vault.pages('/secrets', MAX_PAGES, signal)) {
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
      const reply = await this.#vault.ask(secretPath(ref, id), signal);
      const code = codeOf(reply);
      if (isOfOne(reply, code)) yield this.#problem(ref, `version ${id}: ${reply.status} ${code}`);
      else {
        const what = 'Azure GET /secrets/{name}/{version}';
        expectSuccess(reply, what);
        yield { ref, version: id, field: '', value: new Secret(textOf(jsonOf(reply, what), 'value', what), KIND) };
      }
    }
  }

  async close(): Promise<void> {
    await this.#vault.api.client.close();
  }

  async #described(name: string, signal: AbortSignal): Promise<(StoredSecret | Problem)[]> {
    let items: Json[];
    try {
      items = await this.#vault.versions(name, signal);
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
      for await (const page of this.#vault.pages('/deletedsecrets', MAX_PAGES, signal))
        for (const one of page) yield toStored(nameIn(textOf(one, 'id', 'Azure GET /deletedsecrets')), [deletedVersion(one)]);
    } catch (error) {
      if (!(error instanceof StoreError) || error.status === null || error.status === 401 || error.status >= 500) throw error;
      if (error.why === 'denied') yield this.#problem(this.id, 'its deleted secrets cannot be listed');
    }
  }

  #problem(ref: string, reason: string): Problem {
    return { code: 'store-unreadable', where: ref, data: { store: this.id, ref, reason } };
  }
}

/** A refusal of this secret alone. A vault's firewall refuses everything. */
function isOfOne({ status }: HttpReply, code: string): boolean {
  return (status === 403 && code !== 'ForbiddenByFirewall') || status === 404;
}
