/**
 * CyberArk's Central Credential Provider (AIMWebService) as a store. In: settings (address, application id, objects by name, client certificate); out: SecretStore.
 * Called through the registry. It gives one object by its name and cannot list: only objects that the settings name are read. It has one call, which gives the value with the
 * properties; so the value of the listing is kept, unprintable, until it is asked for. The API: docs.cyberark.com (Central Credential Provider, REST).
 */
import { createHash } from 'node:crypto';
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import { namedSecrets } from './named-secrets.ts';
import { RestSession } from './rest-session.ts';
import { addressOf, CA_SETTING, createTrustingClient } from './store-address.ts';
import { expectSuccess, type Json, jsonOf, textOf } from './store-http.ts';
import { requiredSetting, type StoreContext, type StoreKind, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';
import { problemOf } from './store-problem.ts';

export const ccp: StoreKind = {
  kind: 'ccp',
  name: 'CyberArk Central Credential Provider',
  settings: [
    { name: 'address', help: 'https://ccp.example, with /AIMWebService or whatever it is called there', isRequired: true },
    { name: 'app-id', help: 'the application that asks', isRequired: true },
    { name: 'object', help: 'objects to read, as SAFE/OBJECT or SAFE/FOLDER/OBJECT', isRequired: true, isList: true },
    { name: 'reason', help: 'what the audit gives as the reason; else leakwarden' },
    { name: 'cert-file', help: 'PEM of our certificate, where the application is known by it' },
    { name: 'key-file', help: 'PEM of its key' },
    CA_SETTING,
  ],
  create: (settings, context) => new CcpStore(settings, context),
};

class CcpStore implements SecretStore {
  readonly kind = 'ccp';
  readonly id: string;
  readonly #appId: string;
  readonly #objects: readonly string[];
  readonly #reason: string;
  readonly #session: RestSession;
  readonly #now: () => Date;
  /** Values that came with the listing, by ref; each is given once. */
  readonly #listed = new Map<string, Secret>();

  constructor(settings: StoreSettings, context: StoreContext) {
    const given = addressOf(settings, context, 'ccp');
    const address = new URL(given).pathname === '/' ? `${given}/AIMWebService` : given;
    this.#appId = requiredSetting(settings, 'app-id', 'ccp');
    this.#objects = settingsOf(settings, 'object');
    for (const object of this.#objects) splitName(object);
    this.#reason = settingOf(settings, 'reason') ?? 'leakwarden';
    this.#now = context.now;
    this.id = `ccp:${address}/${this.#appId}`;
    this.#session = new RestSession({
      address,
      connect: () => createTrustingClient(address, settings, context),
      // The certificate, the address of this machine or its user are what lets us in.
      logIn: async () => ({ headers: {}, endsAt: null }),
      now: context.now,
    });
  }

  async access(): Promise<StoreAccess> {
    // There is no call that asks without reading; the first object shows whether we are let in.
    return { identity: `application ${this.#appId}`, tooMuch: [] };
  }

  secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    const ask = async (ref: string): Promise<StoredSecret> => {
      const account = await this.#read(ref, signal);
      this.#listed.set(ref, contentOf(account));
      return this.#describe(ref, account);
    };
    // It is there; reading its value says that it may not be read.
    const refused = (ref: string): StoredSecret => this.#describe(ref, {});
    return namedSecrets({ store: this.id, refs: this.#objects, ask, refused });
  }

  async *values({ ref }: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncIterable<StoredValue | Problem> {
    const [version] = versions;
    if (!version) return;
    const listed = this.#listed.get(ref);
    this.#listed.delete(ref);
    try {
      const value = listed ?? contentOf(await this.#read(ref, signal));
      if (value.length > 0) yield { ref, version: version.id, field: '', value };
    } catch (error) {
      yield problemOf(error, this.id, ref);
    }
  }

  async close(): Promise<void> {
    this.#listed.clear();
    await this.#session.close();
  }

  async #read(ref: string, signal: AbortSignal): Promise<Json> {
    const path = '/api/Accounts';
    const reply = await this.#session.send({ path, query: { AppID: this.#appId, ...splitName(ref), Reason: this.#reason }, signal });
    expectSuccess(reply, `${this.#session.address}${path}`);
    return jsonOf(reply, `${this.#session.address}${path}`);
  }

  #describe(ref: string, { Content: _, PasswordChangeInProcess: _busy, ...properties }: Json): StoredSecret {
    const changed = Number(properties['LastSuccessChange']);
    // Without that, nothing tells a new value from the one before: it is read every time.
    const isKnown = changed > 0 && changed < 1e11;
    const names = Object.keys(properties).sort();
    const change = isKnown
      ? createHash('sha256')
          .update(JSON.stringify(names.map((name) => [name, properties[name]])))
          .digest('hex')
          .slice(0, 32)
      : `unknown at ${this.#now().toISOString()}`;
    const at = isKnown ? new Date(changed * 1000).toISOString() : null;
    return { ref, change, versions: [{ id: change, state: 'current', createdAt: at, endedAt: null }] };
  }
}

function contentOf(account: Json): Secret {
  return new Secret(textOf(account, 'Content', 'the provider'), 'ccp');
}

/** Returns the query's parts for SAFE/OBJECT or SAFE/FOLDER/OBJECT. Throws StoreError misconfigured. */
function splitName(ref: string): Readonly<Record<string, string>> {
  const [safe = '', ...rest] = ref.split('/');
  const object = rest.pop() ?? '';
  if (safe === '' || object === '') throw new StoreError('misconfigured', `store of kind ccp: ${JSON.stringify(ref)} is not SAFE/OBJECT`);
  return { Safe: safe, Folder: rest.length > 0 ? rest.join('\\') : 'Root', Object: object };
}
