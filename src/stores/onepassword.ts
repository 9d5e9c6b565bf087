/**
 * 1Password through a Connect server as a store. In: settings (address, vaults) and a Connect token; out: SecretStore. Called through the registry.
 * Lists have no values and no pages; an item's version goes up with every change. There is no history. The API: developer.1password.com/docs/connect/api-reference.
 */
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import { RestSession } from './rest-session.ts';
import { addressOf, CA_SETTING, createTrustingClient, credentialSettings, readCredential } from './store-address.ts';
import { isJson, type Json } from './store-http.ts';
import { type StoreContext, type StoreKind, type StoreSettings, settingsOf } from './store-kind.ts';
import { problemOf, unreadable } from './store-problem.ts';

export const onepassword: StoreKind = {
  kind: '1password',
  name: '1Password Connect',
  settings: [
    { name: 'address', help: 'https://connect.example; else OP_CONNECT_HOST' },
    ...credentialSettings('token', 'OP_CONNECT_TOKEN'),
    { name: 'vault', help: 'names or ids of vaults to read; else all that the token opens', isList: true },
    CA_SETTING,
  ],
  create: (settings, context) => new OnePasswordStore(settings, context),
};

type Vault = { readonly id: string; readonly name: string };

/** The server answers 403 now and then where it should not, and well when asked again (external-secrets issue 4205). */
const RETRIED = [403];
/** Fields that are no secrets by their type. */
const PLAIN_TYPES = new Set(['URL', 'DATE', 'MONTH_YEAR', 'MENU', 'PHONE', 'EMAIL', 'ADDRESS', 'GENDER', 'REFERENCE', 'CREDIT_CARD_TYPE']);
const ID = /^[\da-z]{26}$/;

class OnePasswordStore implements SecretStore {
  readonly kind = '1password';
  readonly id: string;
  readonly #wanted: readonly string[];
  readonly #session: RestSession;
  /** Where each item lies that was listed, by its id. */
  readonly #vaultOf = new Map<string, string>();

  constructor(settings: StoreSettings, context: StoreContext) {
    const address = addressOf(settings, context, '1password', { variables: ['OP_CONNECT_HOST'] });
    this.#wanted = settingsOf(settings, 'vault');
    this.id = `1password:${address}${this.#wanted.length > 0 ? `/${this.#wanted.join(',')}` : ''}`;
    this.#session = new RestSession({
      address,
      connect: () => createTrustingClient(address, settings, context, RETRIED),
      logIn: async () => {
        const token = await readCredential(settings, context, '1password', 'token', 'OP_CONNECT_TOKEN');
        return { headers: { authorization: `Bearer ${token}` }, endsAt: null };
      },
      now: context.now,
    });
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    const names = (await this.#vaults(signal)).map(({ name }) => name.replace(/\p{Cc}/gu, ''));
    return { identity: `a Connect token for ${names.length} vaults: ${names.join(', ')}`.slice(0, 300), tooMuch: [] };
  }

  async *secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    const vaults = await this.#vaults(signal);
    for (const name of this.#wanted)
      if (!vaults.some((vault) => vault.name === name || vault.id === name))
        yield unreadable(this.id, `${name}/*`, 'there is no such vault, or the token does not open it');
    for (const vault of vaults.filter(
      ({ id, name }) => this.#wanted.length === 0 || this.#wanted.includes(name) || this.#wanted.includes(id),
    ))
      for (const item of await this.#session.list({ path: `/v1/vaults/${vault.id}/items`, signal })) yield this.#describe(vault, item);
  }

  async *values({ ref }: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncIterable<StoredValue | Problem> {
    const [version] = versions;
    const id = /\(([\da-z]{26})\)$/.exec(ref)?.[1];
    if (!version || id === undefined) return;
    try {
      const vault = this.#vaultOf.get(id) ?? (await this.#vaults(signal)).find(({ name }) => ref.startsWith(`${name}/`))?.id;
      if (vault === undefined) throw new StoreError('not-found', `${ref}: its vault is gone`);
      const { fields } = await this.#session.get({ path: `/v1/vaults/${vault}/items/${id}`, signal });
      for (const field of Array.isArray(fields) ? fields.filter(isJson) : []) {
        const text = field['value'];
        if (typeof text !== 'string' || text === '' || PLAIN_TYPES.has(String(field['type']))) continue;
        yield { ref, version: version.id, field: fieldName(field), value: new Secret(text, '1password') };
      }
    } catch (error) {
      yield problemOf(error, this.id, ref);
    }
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  async #vaults(signal: AbortSignal): Promise<readonly Vault[]> {
    const found = await this.#session.list({ path: '/v1/vaults', signal });
    return found.map((vault) => {
      const [id, name] = isJson(vault) ? [vault['id'], vault['name']] : [];
      if (typeof id !== 'string' || !ID.test(id) || typeof name !== 'string')
        throw new StoreError('odd-reply', `${this.#session.address}/v1/vaults names one without id or name`);
      return { id, name };
    });
  }

  #describe(vault: Vault, item: unknown): StoredSecret {
    const { id, title, version, updatedAt } = isJson(item) ? item : {};
    if (typeof id !== 'string' || !ID.test(id) || typeof title !== 'string' || typeof version !== 'number')
      throw new StoreError('odd-reply', `${this.#session.address}/v1/vaults/${vault.id}/items names one without id, title or version`);
    this.#vaultOf.set(id, vault.id);
    const createdAt = typeof updatedAt === 'string' ? updatedAt : null;
    // Titles come more than once; the id is what the server goes by.
    return {
      ref: `${vault.name}/${title} (${id})`,
      change: String(version),
      versions: [{ id: String(version), state: 'current', createdAt, endedAt: null }],
    };
  }
}

/** `password`, or `section/label` for a field that somebody added. */
function fieldName(field: Json): string {
  const label = String(field['label'] || field['id'] || '');
  const section = isJson(field['section']) ? field['section']['label'] : null;
  return typeof section === 'string' && section !== '' ? `${section}/${label}` : label;
}
