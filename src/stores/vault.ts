/**
 * HashiCorp Vault and OpenBao as a store: KV v1 and v2, static roles of the database engine, leases. In: settings (address, namespaces, paths, how to log in); out:
 * SecretStore. Called through the registry. What is done where: vault-scope.ts (what is read), vault-session.ts (requests, token), vault-kv.ts,
 * vault-database.ts, vault-rights.ts. The API: developer.hashicorp.com/vault/api-docs, openbao.org/api-docs.
 */
import type { Problem } from '../core/contracts.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import { type StoreContext, type StoreKind, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';
import { askAuditTrail } from './vault-audit-hash.ts';
import { leases, staticPassword, staticRoles } from './vault-database.ts';
import { VaultKv } from './vault-kv.ts';
import { type Rights, readRights } from './vault-rights.ts';
import { VaultRotator } from './vault-rotate.ts';
import { namespacesBelow, placeOf, refOf, scopesIn, unreadable, type VaultScope } from './vault-scope.ts';
import { VaultSession } from './vault-session.ts';

type Opened = {
  readonly scopes: readonly VaultScope[];
  readonly problems: readonly Problem[];
  readonly rights: Rights;
  readonly access: StoreAccess;
};

export const vault: StoreKind = {
  kind: 'vault',
  name: 'HashiCorp Vault and OpenBao',
  settings: [
    { name: 'address', help: 'https://vault.example:8200; else VAULT_ADDR' },
    { name: 'namespace', help: 'namespaces to read; else VAULT_NAMESPACE, else the root', isList: true },
    { name: 'recursive', help: 'yes: also the namespaces below them' },
    { name: 'path', help: 'mounts, or paths in them, to read (secret/app); else every mount that the token may know of', isList: true },
    { name: 'auth', help: 'token, approle, kubernetes or jwt; else approle where there is a role-id, else token' },
    { name: 'auth-path', help: 'where that method is mounted; else its name' },
    { name: 'auth-namespace', help: 'the namespace to log in to; else the one namespace that is read, else the root' },
    { name: 'token-variable', help: 'the variable that holds the token; else VAULT_TOKEN or BAO_TOKEN' },
    { name: 'token-file', help: 'a file that holds the token; else ~/.vault-token' },
    { name: 'role-id', help: 'of AppRole' },
    { name: 'secret-id-variable', help: 'the variable that holds the secret id of AppRole; else VAULT_SECRET_ID or BAO_SECRET_ID' },
    { name: 'secret-id-file', help: 'a file that holds it' },
    { name: 'role', help: 'of kubernetes or jwt' },
    { name: 'jwt-variable', help: 'the variable that holds the JWT' },
    { name: 'jwt-file', help: 'a file that holds it; for kubernetes else the service account’s own' },
    { name: 'jwt-audience', help: 'the audience to ask GitHub Actions for' },
    { name: 'ca-file', help: 'PEM of the authority that the server’s certificate is of; else VAULT_CACERT' },
    { name: 'cert-file', help: 'PEM of our certificate, where the server asks for one; else VAULT_CLIENT_CERT' },
    { name: 'key-file', help: 'PEM of its key; else VAULT_CLIENT_KEY' },
  ],
  create: (settings, context) => new VaultStore(settings, context),
  askTrail: async (settings, context, trail, values, signal) => {
    const session = createSession(settings, context);
    try {
      return await askAuditTrail(session, trail, values, signal);
    } finally {
      await session.close();
    }
  },
  createRotator(settings, context) {
    const reading = readingOf(settings, context);
    const session = createSession(settings, context);
    return new VaultRotator({
      session,
      id: idOf(session, reading),
      scopes: (signal) => scopesOf(session, reading, signal),
      now: context.now,
    });
  },
};

/** What the settings say is to be read. */
type Reading = { readonly namespaces: readonly string[]; readonly isRecursive: boolean; readonly paths: readonly string[] };

function readingOf(settings: StoreSettings, context: StoreContext): Reading {
  const recursive = settingOf(settings, 'recursive') ?? 'no';
  if (!['yes', 'no'].includes(recursive)) throw new StoreError('misconfigured', 'store of kind vault: recursive is yes or no');
  return { namespaces: namespacesOf(settings, context), isRecursive: recursive === 'yes', paths: settingsOf(settings, 'path') };
}

function idOf({ address }: VaultSession, { namespaces }: Reading): string {
  const where = namespaces.join(',');
  return `vault:${address}${where === '' ? '' : `/${where}`}`;
}

async function scopesOf(
  session: VaultSession,
  { namespaces, isRecursive, paths }: Reading,
  signal: AbortSignal,
): Promise<readonly VaultScope[]> {
  const all = isRecursive ? (await namespacesBelow(session, namespaces, '', signal)).namespaces : namespaces;
  return scopesIn(session, all, paths, signal);
}

/** Returns a connection by the settings of a store of this kind: for what is asked of the server beside reading it (vault-audit-hash.ts). */
export function createSession(settings: StoreSettings, context: StoreContext): VaultSession {
  const [first, ...more] = namespacesOf(settings, context);
  const own = settingOf(settings, 'auth-namespace') ?? (more.length === 0 ? first : undefined) ?? '';
  return new VaultSession(settings, context, own.replace(/^\/+|\/+$/g, ''));
}

class VaultStore implements SecretStore {
  readonly kind = 'vault';
  readonly id: string;
  readonly #session: VaultSession;
  readonly #kv: VaultKv;
  readonly #reading: Reading;
  #opened: Promise<Opened> | null = null;

  constructor(settings: StoreSettings, context: StoreContext) {
    this.#reading = readingOf(settings, context);
    this.#session = createSession(settings, context);
    this.id = idOf(this.#session, this.#reading);
    this.#kv = new VaultKv(this.#session, this.id, context.now);
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    return (await this.#open(signal)).access;
  }

  async *secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    const { scopes, problems, rights } = await this.#open(signal);
    yield* problems;
    let denied: StoreError | null = null;
    let isAnyOpen = false;
    for (const scope of scopes) {
      try {
        yield* this.#secretsOf(scope, rights, signal);
        // Leases are listed where that is allowed, and say nothing where it is not.
        isAnyOpen ||= scope.engine !== 'leases';
      } catch (error) {
        if (!(error instanceof StoreError) || error.why !== 'denied') throw error;
        denied ??= error;
        yield unreadable(this.id, refOf(scope, scope.path), 'it may not be listed');
      }
    }
    if (denied && !isAnyOpen) throw denied;
  }

  async *values(secret: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncIterable<StoredValue | Problem> {
    const { scopes } = await this.#open(signal);
    const mounts = scopes.map((scope) => ({ ...scope, path: '' }));
    const place = placeOf(secret.ref, mounts);
    if (!place) {
      yield unreadable(this.id, secret.ref, 'it is in no mount that is read');
      return;
    }
    const { scope, path } = place;
    const [newest] = versions;
    if (scope.engine === 'kv1' || scope.engine === 'kv2') yield* this.#kv.values(scope, path, versions, signal);
    else if (scope.engine === 'database' && newest) yield* staticPassword(this.#session, scope, path, newest.id, this.id, signal);
  }

  async close(): Promise<void> {
    this.#opened = null;
    await this.#session.close();
  }

  #open(signal: AbortSignal): Promise<Opened> {
    this.#opened ??= this.#connect(signal).catch((error: unknown) => {
      // So that it can be tried again.
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  async #connect(signal: AbortSignal): Promise<Opened> {
    const session = this.#session;
    const identity = await identify(session, signal);
    const { paths, isRecursive, ...reading } = this.#reading;
    const { namespaces, problems } = isRecursive
      ? await namespacesBelow(session, reading.namespaces, this.id, signal)
      : { namespaces: reading.namespaces, problems: [] };
    const scopes = await scopesIn(session, namespaces, paths, signal);
    const { rights, tooMuch } = await readRights(session, scopes, signal);
    return { scopes, problems, rights, access: { identity, tooMuch } };
  }

  async *#secretsOf(scope: VaultScope, rights: Rights, signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    if (scope.engine === 'kv1' || scope.engine === 'kv2') {
      yield* this.#kv.secrets(scope, rights, signal);
      return;
    }
    if (scope.engine === 'database') yield* staticRoles(this.#session, scope, this.id, signal);
    yield* leases(this.#session, scope, rights, this.id, signal);
  }
}

/** Returns the namespaces that are read, without slashes round them; [''] is the root. */
function namespacesOf(settings: StoreSettings, { env }: StoreContext): readonly string[] {
  const given = settingsOf(settings, 'namespace');
  const named = given.length > 0 ? given : [env['VAULT_NAMESPACE'] || env['BAO_NAMESPACE'] || ''];
  return [...new Set(named.map((namespace) => namespace.replace(/^\/+|\/+$/g, '')))];
}

/** Returns who the server takes us for, fit for print. */
async function identify(session: VaultSession, signal: AbortSignal): Promise<string> {
  try {
    const self = await session.get({ path: 'auth/token/lookup-self', namespace: session.authNamespace, signal });
    const policies = Array.isArray(self['policies']) ? self['policies'].filter((one) => typeof one === 'string') : [];
    const name = typeof self['display_name'] === 'string' ? self['display_name'] : 'token';
    return `${name} with policies ${policies.join(', ')}`.replace(/\p{Cc}/gu, '').slice(0, 300);
  } catch (error) {
    // A policy may keep a token from looking at itself; whether it is good for anything the mounts show.
    if (error instanceof StoreError && (error.why === 'denied' || error.why === 'not-found')) return 'a token that may not look at itself';
    throw error;
  }
}
