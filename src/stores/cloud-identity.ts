/**
 * The clouds' own credentials for those who are no store: issuers, who may not know the connectors (IssuerContext.cloud). In: what their settings wish; out: keys or a
 * token, found as the connectors find theirs, and renewed before they end. Made by the command line (src/cli/stores-file.ts). Throws RotationError.
 */

import type { AwsKeys } from '../net/aws-sigv4.ts';
import { AccessTokens } from './access-token.ts';
import { AwsCredentials } from './aws-credentials.ts';
import { readProfiles } from './aws-profiles.ts';
import { fetchGcpToken } from './gcp-auth.ts';
import { reading } from './rotation-failures.ts';
import type { StoreContext } from './store-kind.ts';

export type AwsWish = { readonly profile?: string; readonly role?: string; readonly sts: string; readonly region: string };
export type GcpWish = { readonly credentialsFile?: string; readonly tokenVariable?: string };

export class CloudIdentities {
  readonly #context: StoreContext;
  readonly #aws = new Map<string, Promise<AwsCredentials>>();
  readonly #gcp = new Map<string, AccessTokens>();

  constructor(context: StoreContext) {
    this.#context = context;
  }

  readonly awsKeys = (wish: AwsWish, signal: AbortSignal): Promise<AwsKeys> => {
    const key = JSON.stringify([wish.profile, wish.role, wish.sts, wish.region]);
    const known = this.#aws.get(key) ?? this.#openAws(wish);
    this.#aws.set(key, known);
    return reading(known.then((credentials) => credentials.get(signal)));
  };

  readonly gcpToken = (wish: GcpWish, signal: AbortSignal): Promise<string> => {
    const { credentialsFile, tokenVariable } = wish;
    const settings = {
      ...(credentialsFile === undefined ? {} : { 'credentials-file': credentialsFile }),
      ...(tokenVariable === undefined ? {} : { 'token-variable': tokenVariable }),
    };
    const key = JSON.stringify(settings);
    const known = this.#gcp.get(key) ?? new AccessTokens((until) => fetchGcpToken(settings, this.#context, until), this.#context.now);
    this.#gcp.set(key, known);
    return reading(known.get(signal));
  };

  async #openAws({ profile, role, sts, region }: AwsWish): Promise<AwsCredentials> {
    const context = this.#context;
    const profiles = await readProfiles(context);
    const client = context.createClient({ origins: [new URL(sts).origin] });
    return new AwsCredentials({ context, profiles, profile, role, sts: { client, endpoint: sts, region, now: context.now } });
  }
}
