/** What a kind of issuer is to the registry (index.ts): how it is configured and made. One file a kind beside this one exports one. */
import type { Issuer } from '../core/rotation.ts';
import type { Secret } from '../core/secret.ts';
import type { AwsKeys } from '../net/aws-sigv4.ts';
import type { HttpClient, HttpClientOptions } from '../net/http-client.ts';

/** A setting of a `[[rotator]]` table. Secrets are no settings: they come from the environment, a file or a store. */
export type IssuerSetting = {
  /** kebab-case: `user`, `admin-password-file`. */
  readonly name: string;
  readonly help: string;
  readonly isRequired?: true;
  /** May be a list in the table; its texts are then given here as one, with commas between them. */
  readonly isList?: true;
};

export type IssuerSettings = Readonly<Record<string, string>>;

/** Companions by the id of their rule. */
export type Beside = ReadonlyMap<string, Secret>;

/** The outside world as an issuer sees it. */
export type IssuerContext = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; for relative paths in settings. */
  readonly folder: string;
  /** Returns a client for the origins that the settings, or the rule's own data, name. */
  readonly createClient: (options: Pick<HttpClientOptions, 'origins' | 'tls' | 'retriedStatuses' | 'isThrottled'>) => HttpClient;
  /** Returns a file's text, at most 1 MiB. Throws RotationError cannot. */
  readonly readFile: (path: string) => Promise<string>;
  /** Returns the current value of a field of a secret in a store of the owner's list, by the store's name. Throws RotationError. Left out where stores are not at hand. */
  readonly readStored?: (
    place: { readonly store: string; readonly ref: string; readonly field: string },
    signal: AbortSignal,
  ) => Promise<Secret>;
  /** Other parts of the same credential, found beside the value that is to be ended: by the id of the rule that found each. Left out where the value comes from a store. */
  readonly beside?: Beside;
  readonly now: () => Date;
  /** Waits for what an issuer does in its own time; by the clock where it is left out. Rejects when the signal ends it. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Left out where it is not at hand. */
  readonly cloud?: CloudIdentity;
};

/** Who this machine is for the clouds, found as the connectors of stores find it. Methods throw RotationError. */
export type CloudIdentity = {
  /** `profile`: of AWS's shared files; `role`: taken with what is found; `sts`: where roles are asked for. */
  readonly awsKeys: (
    wish: { readonly profile?: string; readonly role?: string; readonly sts: string; readonly region: string },
    signal: AbortSignal,
  ) => Promise<AwsKeys>;
  readonly gcpToken: (wish: { readonly credentialsFile?: string; readonly tokenVariable?: string }, signal: AbortSignal) => Promise<string>;
};

export type IssuerKind = {
  /** `postgresql`, `github`: what `issuer` of a table says. */
  readonly kind: string;
  readonly name: string;
  readonly settings: readonly IssuerSetting[];
  /** Reads settings and environment; asks nobody yet. Throws RotationError cannot, naming the setting or variable that is missing. */
  create(settings: IssuerSettings, context: IssuerContext): Issuer;
};
