/**
 * What the owner's secrets stores have in common: contracts between the connectors (src/stores), what asks them (src/check) and what changes them. No I/O.
 *
 * A store is read in two steps, so that a second reading costs little: first what there is, without any value; then the values of what changed.
 */
import type { Problem } from './contracts.ts';
import type { Secret } from './secret.ts';

/** How a version stands in its store; whether it still opens anything is another question. */
export const VERSION_STATES = [
  /** What a reader of the secret gets. */
  'current',
  /** The one before, kept for those who have not changed over (AWSPREVIOUS, two users that alternate): still in use. */
  'previous',
  /** Replaced, and readable. */
  'superseded',
  /** Switched off in the store, and can be switched on again. */
  'disabled',
  /** Gone for good; its value cannot be read any more. */
  'destroyed',
] as const;
export type VersionState = (typeof VERSION_STATES)[number];

export type StoredVersion = {
  /** As the store calls it: `3`, a UUID. */
  readonly id: string;
  readonly state: VersionState;
  /** ISO 8601, or null where the store does not say. */
  readonly createdAt: string | null;
  /** When it stopped being current, by what the store says or the next version's time; null when it is current, or nobody knows. */
  readonly endedAt: string | null;
};

/** A secret by its place, without a value. */
export type StoredSecret = {
  /** The place as its owner would write it: `secret/app/db`, `arn:aws:secretsmanager:…`, `default/registry`. */
  readonly ref: string;
  /** Another text whenever a version came, went or changed its state. Opaque. */
  readonly change: string;
  /** Newest first; at least one. */
  readonly versions: readonly StoredVersion[];
  /** When a lease on it ends, for credentials that end by themselves. */
  readonly expiresAt?: string;
};

/** A value of one version. A store may hold several fields under one version (`password`, `user`): each is a value. */
export type StoredValue = {
  readonly ref: string;
  readonly version: string;
  /** Name of the field, '' where the whole version is one text. */
  readonly field: string;
  readonly value: Secret;
};

/** What the credential that a connector was given may do there, as far as the store says. */
export type StoreAccess = {
  /** Who the store takes us for: `token of policy leakwarden-index`, an ARN. Fit for print. */
  readonly identity: string;
  /** Rights beyond what reading needs, as sentences; each is a reason to narrow the credential. */
  readonly tooMuch: readonly string[];
};

/** A secrets store, by its connector. Methods throw StoreError for what concerns the whole store; what concerns one secret is a Problem, and the rest goes on. */
export interface SecretStore {
  /** One of STORE_KINDS (src/stores/index.ts). */
  readonly kind: string;
  /** Names this store among all: `vault:https://vault.example:8200/team-a`. Fit for print. */
  readonly id: string;
  /** Connects, authenticates, and says what the credential may do. */
  access(signal: AbortSignal): Promise<StoreAccess>;
  /** Yields what there is, in pages as the store gives them. Reads no value where the store has a way to. */
  secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem>;
  /** Yields the values of these versions of a secret; destroyed ones have none, and disabled ones where the store does not give them. */
  values(secret: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncIterable<StoredValue | Problem>;
  /** Gives back what `access` took: revokes a token that was made for us. */
  close(): Promise<void>;
}

/** Why a store gave no answer. Told apart because each has another remedy. */
export const STORE_FAILURES = [
  'denied',
  'sealed',
  'unreachable',
  'timed-out',
  'throttled',
  'not-found',
  'odd-reply',
  'misconfigured',
] as const;
export type StoreFailure = (typeof STORE_FAILURES)[number];

/** Thrown by connectors. Its message says what failed in words of ours: never a reply's text, which may hold a secret. */
export class StoreError extends Error {
  readonly why: StoreFailure;
  /** HTTP status, or null. */
  readonly status: number | null;

  constructor(why: StoreFailure, message: string, options: { readonly status?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'StoreError';
    this.why = why;
    this.status = options.status ?? null;
  }
}
