/**
 * The user's own list of stores, `stores.toml` in leakwarden's folder below XDG_CONFIG_HOME: a `[[store]]` table for each, with name, kind and the kind's settings.
 * Never one that is found in a repository: whoever names a store says whom leakwarden sends a credential to. Settings are no secrets.
 */
import { existsSync, lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ToolError } from '../core/errors.ts';
import type { StoreRotator } from '../core/rotation.ts';
import type { Secret } from '../core/secret.ts';
import { type SecretStore, StoreError } from '../core/stores.ts';
import type { CloudIdentity } from '../issuers/issuer-kind.ts';
import { HttpClient, type HttpReply, type HttpRequest } from '../net/http-client.ts';
import type { StoreContext, StoreKind, StoreSettings } from '../stores/store-kind.ts';
import type { AuditTrail } from '../stores/vault-audit-hash.ts';
import type { AuditSearch } from '../stores/vault-audit-log.ts';
import { askHidden } from './ask-hidden.ts';
import type { Io } from './io.ts';
import { didYouMean } from './nearest-word.ts';
import { MAX_CONFIG_BYTES, readText, shortReason } from './read-text.ts';
import { requiredFolder, writePrivateFile } from './user-files.ts';

export type NamedStore = { readonly name: string; readonly kind: string; readonly settings: StoreSettings };

/** Stores of one user. */
const MAX_STORES = 200;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

export function storesFile(env: Io['env']): string {
  return join(requiredFolder('config', 'the list of stores', env), 'stores.toml');
}

/** Returns the stores, [] where there is no list. Throws ToolError `stores-invalid`. */
export async function readStores(path: string): Promise<NamedStore[]> {
  if (!existsSync(path)) return [];
  const fail = (reason: string, cause?: unknown): ToolError => new ToolError('stores-invalid', { path, reason }, { cause });
  const tables = (await readOwnToml(path, fail))['store'] ?? [];
  if (!Array.isArray(tables) || tables.length > MAX_STORES) throw fail(`it is a list of at most ${MAX_STORES} tables [[store]]`);
  const stores = tables.map((table: unknown, index) => toStore(table, (reason) => fail(`store ${index + 1}: ${reason}`)));
  const twice = stores.find(({ name }, index) => stores.findIndex((other) => other.name === name) !== index);
  if (twice) throw fail(`two stores are called ${twice.name}`);
  return stores;
}

/** Reads a file of the owner's that says whom leakwarden sends credentials to, or what it runs: nobody else may write to it. */
export async function readOwnToml(
  path: string,
  fail: (reason: string, cause?: unknown) => ToolError,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const text = readText(path, MAX_CONFIG_BYTES, null);
    if (process.platform !== 'win32' && (lstatSync(path).mode & 0o022) !== 0) throw new Error('others may write to it; chmod 600 it');
    const { parse } = await import('smol-toml');
    return parse(text, { maxDepth: 4 });
  } catch (error) {
    // A parser's message goes on with an excerpt of the file.
    throw fail(shortReason(error).split('\n')[0] ?? '', error);
  }
}

function toStore(table: unknown, fail: (reason: string) => ToolError): NamedStore {
  if (!isTable(table)) throw fail('it is no table');
  const { name, kind, ...settings } = table;
  if (typeof name !== 'string' || !NAME.test(name)) throw fail('name must be letters, digits, dots, dashes');
  if (typeof kind !== 'string') throw fail('kind is missing');
  const isText = (value: unknown): boolean =>
    typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string'));
  const odd = Object.entries(settings).find(([, value]) => !isText(value));
  if (odd) throw fail(`${odd[0]} must be text or a list of texts`);
  return { name, kind, settings: settings as StoreSettings };
}

/** Adds a table at the end; what stands there stays as it is. Throws ToolError `stores-invalid`, `bad-option`. */
export async function addStore(path: string, store: NamedStore): Promise<void> {
  if (!NAME.test(store.name)) throw new ToolError('bad-option', { message: '--name must be letters, digits, dots, dashes' });
  const known = await readStores(path);
  if (known.some(({ name }) => name === store.name))
    throw new ToolError('bad-option', { message: `a store called ${store.name} is there already` });
  const lines = [
    '[[store]]',
    `name = ${JSON.stringify(store.name)}`,
    `kind = ${JSON.stringify(store.kind)}`,
    ...Object.entries(store.settings).map(([name, value]) => `${name} = ${JSON.stringify(value)}`),
  ];
  const before = existsSync(path) ? readText(path, MAX_CONFIG_BYTES, null) : '';
  writePrivateFile(
    path,
    `${before}${before === '' || before.endsWith('\n\n') ? '' : before.endsWith('\n') ? '\n' : '\n\n'}${lines.join('\n')}\n`,
  );
}

/** Returns the kind of that name. Throws ToolError `bad-option`. */
export async function kindOf(name: string): Promise<StoreKind> {
  const { STORE_KINDS } = await import('../stores/index.ts');
  const kind = STORE_KINDS.find((one) => one.kind === name);
  if (kind) return kind;
  const names = STORE_KINDS.map((one) => one.kind);
  throw new ToolError('bad-option', { message: `there is no kind of store ${name}${didYouMean(name, names)}; kinds: ${names.join(', ')}` });
}

/** Counts what it sends: people want to know what a sync costs their store. */
class CountingClient extends HttpClient {
  readonly #count: () => void;

  constructor(options: ConstructorParameters<typeof HttpClient>[0], count: () => void) {
    super(options);
    this.#count = count;
  }

  override send(request: HttpRequest): Promise<HttpReply> {
    this.#count();
    return super.send(request);
  }
}

export type OpenedStore = { readonly store: SecretStore; readonly requests: () => number };

/** Makes the connector of a named store. Throws StoreError misconfigured, ToolError `bad-option`. */
export async function openStore({ kind: name, settings }: NamedStore, path: string, io: Io): Promise<OpenedStore> {
  const kind = await checkedKind(name, settings);
  let requests = 0;
  const store = kind.create(
    settings,
    contextOf(path, io, () => requests++),
  );
  return { store, requests: () => requests };
}

/** Makes what changes secrets in a named store; null where nothing can. Throws as `openStore`. */
export async function openRotator({ kind: name, settings }: NamedStore, path: string, io: Io): Promise<StoreRotator | null> {
  const kind = await checkedKind(name, settings);
  return (
    kind.createRotator?.(settings, { ...contextOf(path, io, () => undefined), askHidden: (question) => askHidden(io, question) }) ?? null
  );
}

/** Asks a named store's audit log about values. Throws as `openStore`. */
export async function askTrail(
  { name, kind: kindName, settings }: NamedStore,
  path: string,
  io: Io,
  trail: AuditTrail,
  values: readonly Secret[],
  signal: AbortSignal,
): Promise<AuditSearch> {
  const kind = await checkedKind(kindName, settings);
  if (!kind.askTrail)
    throw new ToolError('bad-option', { message: `${name} is of kind ${kindName}, whose audit log cannot be asked: of kind vault it can` });
  const context = contextOf(path, io, () => undefined);
  return await kind.askTrail(settings, context, trail, values, signal);
}

/** Returns who this machine is for the clouds, for issuers; found only when one of them asks. */
export function openCloudIdentity(path: string, io: Io): CloudIdentity {
  let opened: Promise<CloudIdentity> | null = null;
  const open = (): Promise<CloudIdentity> => {
    opened ??= import('../stores/cloud-identity.ts').then(
      ({ CloudIdentities }) => new CloudIdentities(contextOf(path, io, () => undefined)),
    );
    return opened;
  };
  return {
    awsKeys: async (wish, signal) => (await open()).awsKeys(wish, signal),
    gcpToken: async (wish, signal) => (await open()).gcpToken(wish, signal),
  };
}

async function checkedKind(name: string, settings: StoreSettings): Promise<StoreKind> {
  const kind = await kindOf(name);
  const odd = Object.keys(settings).find((setting) => !kind.settings.some((known) => known.name === setting));
  if (odd !== undefined) throw new StoreError('misconfigured', `a store of kind ${name} has no setting ${odd}`);
  return kind;
}

function contextOf(path: string, io: Io, count: () => void): StoreContext {
  return {
    env: io.env,
    folder: dirname(path),
    createClient: (options) => new CountingClient({ ...options, env: io.env }, count),
    readFile: async (file) => {
      const held = io.held?.get(file);
      if (held) return held();
      try {
        return readText(file, MAX_CONFIG_BYTES, null);
      } catch (error) {
        throw new StoreError('misconfigured', `${file} cannot be read: ${shortReason(error)}`);
      }
    },
    now: io.now,
  };
}

export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
