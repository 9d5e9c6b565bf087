/**
 * Infisical as a store. In: settings (address, project, environments) and a machine identity; out: SecretStore. Called through the registry.
 * The list gives version numbers without values; current values come by folder, older ones by number. The API: infisical.com/docs/api-reference, github.com/Infisical/node-sdk-v2.
 */
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import type { HttpClient } from '../net/http-client.ts';
import { gatherReads } from './gathered-reads.ts';
import { type Authorisation, RestSession } from './rest-session.ts';
import { addressOf, CA_SETTING, createTrustingClient, credentialSettings, findCredential, readCredential } from './store-address.ts';
import { ask, expectSuccess, isJson, type Json, jsonOf, textOf } from './store-http.ts';
import { requiredSetting, type StoreContext, type StoreKind, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';
import { problemOf, unreadable } from './store-problem.ts';
import { versionId, versionNumber } from './version-ids.ts';

export const infisical: StoreKind = {
  kind: 'infisical',
  name: 'Infisical',
  settings: [
    { name: 'address', help: 'https://eu.infisical.com, or your own; else https://app.infisical.com' },
    { name: 'project', help: 'the id of the project', isRequired: true },
    { name: 'environment', help: 'environments to read, by slug: prod', isRequired: true, isList: true },
    { name: 'path', help: 'the folder to read, with those below it; else /' },
    { name: 'client-id', help: 'of the machine identity; else INFISICAL_UNIVERSAL_AUTH_CLIENT_ID' },
    ...credentialSettings('client-secret', 'INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET'),
    ...credentialSettings('token', 'INFISICAL_TOKEN'),
    CA_SETTING,
  ],
  create: (settings, context) => new InfisicalStore(settings, context),
};

/** Each older version costs a request, of which Infisical's cloud allows 200 a minute. */
const OLDER_VERSIONS = 3;
/** Values asked for in one turn; those of one folder come with one request. */
const BATCH = 1000;

type Place = { readonly environment: string; readonly path: string; readonly name: string };

class InfisicalStore implements SecretStore {
  readonly kind = 'infisical';
  readonly id: string;
  readonly #project: string;
  readonly #environments: readonly string[];
  readonly #path: string;
  readonly #session: RestSession;
  /** Of each run, which one signal ends. */
  readonly #readers = new WeakMap<AbortSignal, (ref: string) => Promise<Secret | Problem>>();

  constructor(settings: StoreSettings, context: StoreContext) {
    const address = addressOf(settings, context, 'infisical', { fallback: 'https://app.infisical.com' });
    this.#project = requiredSetting(settings, 'project', 'infisical');
    this.#environments = settingsOf(settings, 'environment');
    if (this.#environments.length === 0) requiredSetting(settings, 'environment', 'infisical');
    this.#path = settingOf(settings, 'path') ?? '/';
    this.id = `infisical:${address}/${this.#project}/${this.#environments.join(',')}${this.#path === '/' ? '' : this.#path}`;
    this.#session = new RestSession({
      address,
      connect: () => createTrustingClient(address, settings, context),
      logIn: (client, signal) => this.#logIn(client, settings, context, signal),
      now: context.now,
    });
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    for (const environment of this.#environments) await this.#list(environment, this.#path, { recursive: false, hasValues: false }, signal);
    return { identity: `a machine identity in project ${this.#project}`, tooMuch: [] };
  }

  async *secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    for (const environment of this.#environments) {
      for (const found of await this.#list(environment, this.#path, { recursive: true, hasValues: false }, signal)) {
        const secret = describe(environment, found);
        if (secret) yield secret;
      }
    }
  }

  async *values({ ref }: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncIterable<StoredValue | Problem> {
    for (const { id: version, state } of versions) {
      const read = state === 'current' ? await this.#current(signal)(ref) : await this.#readOne(ref, version, signal);
      if (read instanceof Secret) {
        if (read.length > 0) yield { ref, version, field: '', value: read };
      } else if (read) yield read;
    }
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  async #logIn(client: HttpClient, settings: StoreSettings, context: StoreContext, signal: AbortSignal): Promise<Authorisation> {
    const clientId = settingOf(settings, 'client-id') || context.env['INFISICAL_UNIVERSAL_AUTH_CLIENT_ID'];
    const token = clientId ? undefined : await findCredential(settings, context, 'token', 'INFISICAL_TOKEN');
    if (token) return { headers: { authorization: `Bearer ${token}` }, endsAt: null };
    if (!clientId)
      throw new StoreError(
        'misconfigured',
        'store of kind infisical: there is neither a client-id (INFISICAL_UNIVERSAL_AUTH_CLIENT_ID) nor a token (INFISICAL_TOKEN)',
      );
    const clientSecret = await readCredential(settings, context, 'infisical', 'client-secret', 'INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET');
    const url = `${this.#session.address}/api/v1/auth/universal-auth/login`;
    const body = JSON.stringify({ clientId, clientSecret });
    const reply = await ask(client, { method: 'POST', url, headers: { 'content-type': 'application/json' }, body, signal });
    expectSuccess(reply, `POST ${url}`);
    const grant = jsonOf(reply, `POST ${url}`);
    const seconds = Number(grant['expiresIn']);
    return {
      headers: { authorization: `Bearer ${textOf(grant, 'accessToken', `POST ${url}`)}` },
      endsAt: seconds > 0 ? context.now().getTime() + seconds * 1000 : null,
    };
  }

  async #list(
    environment: string,
    path: string,
    { recursive, hasValues }: { readonly recursive: boolean; readonly hasValues: boolean },
    signal: AbortSignal,
  ): Promise<readonly Json[]> {
    const query = { ...this.#scope(environment, path), recursive: String(recursive), viewSecretValue: String(hasValues) };
    const { secrets } = await this.#session.get({ path: '/api/v4/secrets', query, signal });
    if (!Array.isArray(secrets) || !secrets.every(isJson))
      throw new StoreError('odd-reply', `${this.#session.address}/api/v4/secrets answered without secrets`);
    // What somebody overrides for himself is no secret of the team's.
    return secrets.filter(({ type }) => type !== 'personal');
  }

  #scope(environment: string, secretPath: string): Readonly<Record<string, string>> {
    return { projectId: this.#project, environment, secretPath, includeImports: 'false', expandSecretReferences: 'false' };
  }

  #current(signal: AbortSignal): (ref: string) => Promise<Secret | Problem> {
    const known = this.#readers.get(signal);
    if (known) return known;
    const reader = gatherReads(BATCH, (refs) => this.#readMany(refs, signal));
    this.#readers.set(signal, reader);
    return reader;
  }

  /** Reads current values: by one request a folder, where more than one lie there. */
  async #readMany(refs: readonly string[], signal: AbortSignal): Promise<readonly (Secret | Problem)[]> {
    const folders = new Map<string, string[]>();
    for (const ref of refs) {
      const folder = ref.slice(0, ref.lastIndexOf('/'));
      folders.set(folder, [...(folders.get(folder) ?? []), ref]);
    }
    const read = new Map<string, Secret | Problem>();
    for (const [ref = '', ...others] of folders.values()) {
      if (others.length === 0) read.set(ref, (await this.#readOne(ref, null, signal)) ?? unreadable(this.id, ref, 'it is gone'));
      else await this.#readFolder([ref, ...others], read, signal);
    }
    return refs.map((ref) => read.get(ref) ?? unreadable(this.id, ref, 'it is gone'));
  }

  async #readFolder(refs: readonly string[], read: Map<string, Secret | Problem>, signal: AbortSignal): Promise<void> {
    const { environment, path } = placeOf(refs[0] ?? '');
    try {
      const found = await this.#list(environment, path, { recursive: false, hasValues: true }, signal);
      const byName = new Map(found.map((one) => [String(one['secretKey']), one]));
      for (const ref of refs) read.set(ref, this.#valueOf(ref, byName.get(placeOf(ref).name) ?? null));
    } catch (error) {
      for (const ref of refs) read.set(ref, problemOf(error, this.id, ref));
    }
  }

  /** Reads a version, or the current one; null where the store keeps it no more. */
  async #readOne(ref: string, version: string | null, signal: AbortSignal): Promise<Secret | Problem | null> {
    const { environment, path, name } = placeOf(ref);
    const query = {
      ...this.#scope(environment, path),
      viewSecretValue: 'true',
      ...(version === null ? {} : { version: versionNumber(version) }),
    };
    try {
      const { secret } = await this.#session.get({ path: `/api/v4/secrets/${encodeURIComponent(name)}`, query, signal });
      return this.#valueOf(ref, isJson(secret) ? secret : {});
    } catch (error) {
      if (error instanceof StoreError && error.why === 'not-found') return null;
      return problemOf(error, this.id, ref);
    }
  }

  #valueOf(ref: string, found: Json | null): Secret | Problem {
    if (!found) return unreadable(this.id, ref, 'it is gone');
    // A text in place of the value stands there then.
    if (found['secretValueHidden'] === true) return unreadable(this.id, ref, 'it may not be read');
    const text = found['secretValue'];
    return typeof text === 'string' ? new Secret(text, 'infisical') : unreadable(this.id, ref, 'the store answered without its value');
  }
}

function describe(environment: string, found: Json): StoredSecret | null {
  const { id, secretKey, secretPath, version, updatedAt } = found;
  if (typeof secretKey !== 'string' || typeof version !== 'number' || version < 1)
    throw new StoreError('odd-reply', 'the list of secrets names one without key or version');
  const path = typeof secretPath === 'string' ? secretPath.replace(/^\/|\/$/g, '') : '';
  const at = typeof updatedAt === 'string' ? updatedAt : null;
  const count = Math.min(version, OLDER_VERSIONS + 1);
  return {
    ref: [environment, ...(path === '' ? [] : [path]), secretKey].join('/'),
    change: versionId(version, String(id)),
    versions: Array.from({ length: count }, (_, back) => ({
      id: versionId(version - back, String(id)),
      state: back === 0 ? ('current' as const) : ('superseded' as const),
      createdAt: back === 0 ? at : null,
      endedAt: back === 1 ? at : null,
    })),
  };
}

/** Takes `prod/shop/DB_PASSWORD` apart; names of secrets and folders hold no slash. */
function placeOf(ref: string): Place {
  const [environment = '', ...rest] = ref.split('/');
  const name = rest.pop() ?? '';
  return { environment, path: `/${rest.join('/')}`, name };
}
