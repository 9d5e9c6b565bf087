/**
 * CyberArk's vault through its web access (PVWA; self-hosted, and Privilege Cloud with a vault user) as a store. In: settings (address, user, safes), a password; out: SecretStore.
 * Called through the registry. The list has no values; versions are asked for by account; a value is retrieved by version, with a reason that lands in the vault's audit.
 * What is done where: pvwa-session.ts (login, one account), pvwa-rotate.ts (changing).
 */
import type { Problem } from '../core/contracts.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import { mapAhead } from './map-ahead.ts';
import { allPages, createFreshness } from './paging.ts';
import { PvwaRotator } from './pvwa-rotate.ts';
import { changeOf, numberIn, PvwaSession, refOf } from './pvwa-session.ts';
import { CA_SETTING, credentialSettings } from './store-address.ts';
import { isJson, type Json } from './store-http.ts';
import type { StoreContext, StoreKind, StoreSettings } from './store-kind.ts';
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
  createRotator: (settings, context) => new PvwaRotator(settings, context),
};

const PAGE = 500;
/** Versions that are asked for at a time. */
const AHEAD = 8;
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
  readonly #at: PvwaSession;
  /** Accounts whose secret is a key, by their id: these are retrieved elsewhere. */
  readonly #keys = new Set<string>();

  constructor(settings: StoreSettings, context: StoreContext) {
    this.#at = new PvwaSession(settings, context);
    this.id = this.#at.id;
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    const { safes, username } = this.#at;
    const tooMuch: string[] = [];
    for (const safe of safes) {
      const held = [...((await this.#at.permissions(safe, signal)) ?? [])].filter((name) => WRITING.has(name));
      if (held.length > 0) tooMuch.push(`it may change safe ${safe} (${held.sort().join(', ')})`);
    }
    // So that a wrong password is told here, also where no safe is named.
    if (safes.length === 0) await this.#page(null, 0, 1, signal);
    return { identity: username, tooMuch };
  }

  async *secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    const what = `${this.#at.rest.address}/API/Accounts`;
    for (const safe of this.#at.safes.length > 0 ? this.#at.safes : [null]) {
      const fresh = createFreshness<Json>(what, ({ id }) => String(id));
      const accounts = allPages<Json, number>(0, what, async (offset) => {
        const { items, hasNext } = await this.#page(safe, offset, PAGE, signal);
        return { items: fresh(items), next: hasNext && items.length > 0 ? offset + items.length : null };
      });
      yield* mapAhead(accounts, AHEAD, (account) => this.#describe(account, signal));
    }
  }

  async *values({ ref }: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncIterable<StoredValue | Problem> {
    const id = numberIn(ref);
    if (id === null) return;
    for (const { id: version, state } of versions) {
      try {
        const value = await this.#at.retrieve(id, this.#keys.has(id) ? 'Secret' : 'Password', state === 'current' ? null : version, signal);
        if (value) yield { ref, version, field: '', value };
      } catch (error) {
        yield problemOf(error, this.id, ref);
        // The others would be refused alike.
        return;
      }
    }
  }

  close(): Promise<void> {
    return this.#at.rest.close();
  }

  async #page(
    safe: string | null,
    offset: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ readonly items: readonly Json[]; readonly hasNext: boolean }> {
    const query = { limit: String(limit), offset: String(offset), ...(safe === null ? {} : { filter: `safeName eq ${safe}` }) };
    const { value, nextLink } = await this.#at.rest.get({ path: '/API/Accounts', query, signal });
    if (!Array.isArray(value) || !value.every(isJson))
      throw new StoreError('odd-reply', `${this.#at.rest.address}/API/Accounts answered without value`);
    return { items: value, hasNext: typeof nextLink === 'string' && nextLink !== '' };
  }

  async #describe(account: Json, signal: AbortSignal): Promise<StoredSecret> {
    const ref = refOf(account);
    if (account['secretType'] === 'key') this.#keys.add(String(account['id']));
    const versions = await this.#at.versions(account, signal);
    return { ref, change: changeOf(versions), versions };
  }
}
