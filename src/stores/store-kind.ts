/** What a kind of store is to the registry (index.ts): how it is configured and made. One file a kind beside this one exports one. */
import type { StoreRotator } from '../core/rotation.ts';
import type { Secret } from '../core/secret.ts';
import type { SecretStore } from '../core/stores.ts';
import { StoreError } from '../core/stores.ts';
import type { HttpClient, HttpClientOptions } from '../net/http-client.ts';
import type { AuditTrail } from './vault-audit-hash.ts';
import type { AuditSearch } from './vault-audit-log.ts';

/** A setting of a `[[store]]` table, or of `leakwarden store add`. Secrets are no settings: they come from the environment, a file or the keychain. */
export type StoreSetting = {
  /** kebab-case: `role-id`, `token-file`. */
  readonly name: string;
  readonly help: string;
  readonly isRequired?: true;
  readonly isList?: true;
};

export type StoreSettings = Readonly<Record<string, string | readonly string[]>>;

/** The outside world as a connector sees it. */
export type StoreContext = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; for relative paths in settings. */
  readonly folder: string;
  /** Returns a client for the origins that the settings name. */
  readonly createClient: (options: Pick<HttpClientOptions, 'origins' | 'tls' | 'retriedStatuses' | 'isThrottled'>) => HttpClient;
  /** Returns a file's text, at most 1 MiB. Throws StoreError misconfigured. */
  readonly readFile: (path: string) => Promise<string>;
  readonly now: () => Date;
  /** Waits for what a store does in its own time; by the clock where it is left out. Rejects when the signal ends it. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Asks the user on a terminal, without echo; null where there is none. Left out where nobody may be asked. */
  readonly askHidden?: (question: string) => Promise<string | null>;
};

export type StoreKind = {
  /** `vault`, `aws`: what `kind` of a table says. */
  readonly kind: string;
  /** `HashiCorp Vault and OpenBao`. */
  readonly name: string;
  readonly settings: readonly StoreSetting[];
  /** Reads settings and environment; asks nobody yet. Throws StoreError misconfigured, naming the setting or variable that is missing. */
  create(settings: StoreSettings, context: StoreContext): SecretStore;
  /** The same with rights to change secrets, where this kind can be changed; asks nobody yet. Throws as `create`. */
  createRotator?(settings: StoreSettings, context: StoreContext): StoreRotator;
  /** Says where and when values passed through the store, by its audit log, where this kind has one that can be asked. Throws StoreError. */
  askTrail?(
    settings: StoreSettings,
    context: StoreContext,
    trail: AuditTrail,
    values: readonly Secret[],
    signal: AbortSignal,
  ): Promise<AuditSearch>;
};

/** Returns a setting's one text, or undefined. */
export function settingOf(settings: StoreSettings, name: string): string | undefined {
  const value = settings[name];
  return typeof value === 'string' ? value : value?.[0];
}

/** Returns a setting's list; a single text is a list of one. */
export function settingsOf(settings: StoreSettings, name: string): readonly string[] {
  const value = settings[name];
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

/** Returns a setting, or throws StoreError misconfigured with how to give it. */
export function requiredSetting(settings: StoreSettings, name: string, kind: string): string {
  const value = settingOf(settings, name);
  if (value) return value;
  throw new StoreError('misconfigured', `store of kind ${kind}: ${name} is missing`);
}
