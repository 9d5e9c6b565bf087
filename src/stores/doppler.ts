/**
 * Doppler as a store. In: settings (configs by PROJECT/CONFIG) and a token; out: SecretStore, in which each config is one secret whose fields are Doppler's secrets.
 * Called through the registry. Doppler tells versions by config only: its log's newest entry is the change token. All values of a config come with one request.
 * The API: docs.doppler.com/reference, github.com/DopplerHQ/node-sdk.
 */
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import { namedSecrets } from './named-secrets.ts';
import { RestSession } from './rest-session.ts';
import { addressOf, CA_SETTING, createTrustingClient, credentialSettings, readCredential } from './store-address.ts';
import { expectSuccess, isJson, jsonOf } from './store-http.ts';
import { type StoreContext, type StoreKind, type StoreSettings, settingsOf } from './store-kind.ts';
import { problemOf, unreadable } from './store-problem.ts';

export const doppler: StoreKind = {
  kind: 'doppler',
  name: 'Doppler',
  settings: [
    { name: 'config', help: 'configs to read, as PROJECT/CONFIG (shop/prd)', isRequired: true, isList: true },
    ...credentialSettings('token', 'DOPPLER_TOKEN'),
    { name: 'address', help: 'else https://api.doppler.com' },
    CA_SETTING,
  ],
  create: (settings, context) => new DopplerStore(settings, context),
};

/** Tokens that act for a person, with all that person's rights. */
const PERSONAL = /^dp\.(?:pt|ct)\./;

class DopplerStore implements SecretStore {
  readonly kind = 'doppler';
  readonly id: string;
  readonly #configs: readonly string[];
  readonly #session: RestSession;
  readonly #now: () => Date;
  readonly #token: () => Promise<string>;

  constructor(settings: StoreSettings, context: StoreContext) {
    const address = addressOf(settings, context, 'doppler', { fallback: 'https://api.doppler.com' });
    this.#configs = settingsOf(settings, 'config');
    for (const config of this.#configs) partsOf(config);
    this.#now = context.now;
    this.id = `doppler:${address}/${this.#configs.join(',')}`;
    this.#token = () => readCredential(settings, context, 'doppler', 'token', 'DOPPLER_TOKEN');
    this.#session = new RestSession({
      address,
      connect: () => createTrustingClient(address, settings, context),
      logIn: async () => ({ headers: { authorization: `Bearer ${await this.#token()}` }, endsAt: null }),
      now: context.now,
    });
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    const self = await this.#session.get({ path: '/v3/me', signal });
    const [type, name] = ['type', 'name'].map((key) => (typeof self[key] === 'string' ? self[key] : ''));
    const isPersonal = PERSONAL.test(await this.#token());
    return {
      identity: `${type || 'token'} ${name}`
        .replace(/\p{Cc}/gu, '')
        .slice(0, 300)
        .trim(),
      tooMuch: isPersonal
        ? ['it is a personal token, which may do all that its owner may; make a service token for one config, with read access']
        : [],
    };
  }

  secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    const ask = async (ref: string): Promise<StoredSecret | null> =>
      (await this.#names(ref, signal)) > 0 ? this.#describe(ref, signal) : null;
    const refused = (ref: string): Problem => unreadable(this.id, ref, 'it may not be read');
    return namedSecrets({ store: this.id, refs: this.#configs, ask, refused });
  }

  async *values({ ref }: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncIterable<StoredValue | Problem> {
    const [version] = versions;
    if (!version) return;
    const path = '/v3/configs/config/secrets';
    try {
      const { secrets } = await this.#session.get({ path, query: { ...partsOf(ref), ...PLAIN }, signal });
      if (!isJson(secrets)) throw new StoreError('odd-reply', `${this.#session.address}${path} answered without secrets`);
      for (const [field, one] of Object.entries(secrets)) {
        // `raw` may name other secrets; `computed` is what applications get. Both are null where the visibility is restricted.
        const text = isJson(one) ? (one['computed'] ?? one['raw']) : null;
        if (typeof text !== 'string') yield unreadable(this.id, `${ref}/${field}`, 'its visibility is restricted');
        else if (text !== '') yield { ref, version: version.id, field, value: new Secret(text, 'doppler') };
      }
    } catch (error) {
      yield problemOf(error, this.id, ref);
    }
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  async #names(ref: string, signal: AbortSignal): Promise<number> {
    const path = '/v3/configs/config/secrets/names';
    const { names } = await this.#session.get({ path, query: { ...partsOf(ref), ...PLAIN }, signal });
    if (!Array.isArray(names)) throw new StoreError('odd-reply', `${this.#session.address}${path} answered without names`);
    return names.length;
  }

  async #describe(ref: string, signal: AbortSignal): Promise<StoredSecret> {
    const path = '/v3/configs/config/logs';
    const reply = await this.#session.send({ path, query: { ...partsOf(ref), page: '1', per_page: '1' }, signal });
    const isOpen = reply.status !== 403 && reply.status !== 404;
    if (isOpen) expectSuccess(reply, `${this.#session.address}${path}`);
    const { logs } = isOpen ? jsonOf(reply, `${this.#session.address}${path}`) : {};
    const newest: unknown = Array.isArray(logs) ? logs[0] : null;
    const log = isJson(newest) && typeof newest['id'] === 'string' ? newest['id'] : null;
    const change = log ?? `unknown at ${this.#now().toISOString()}`;
    // When one value of the config changed is not known by when the config did: no time is better than a wrong one.
    const version = { id: change, state: 'current' as const, createdAt: null, endedAt: null };
    return { ref, change, versions: [version] };
  }
}

/** Dynamic secrets would be made, and paid for, by asking; managed ones are the names of project and config. */
const PLAIN = { include_dynamic_secrets: 'false', include_managed_secrets: 'false' } as const;

function partsOf(config: string): { readonly project: string; readonly config: string } {
  const [project = '', name = '', ...more] = config.split('/');
  if (project === '' || name === '' || more.length > 0)
    throw new StoreError('misconfigured', `store of kind doppler: ${JSON.stringify(config)} is not PROJECT/CONFIG`);
  return { project, config: name };
}
