/**
 * Who is asked whether a value works, for `--check issuers`: by a rule's data (rule-issuer.ts), or by code where the request is signed with the value instead of carrying
 * it (aws-key-check.ts, gcp-key-check.ts). for-rule.ts says which.
 */
import type { IssuerAnswer } from '../core/rotation.ts';
import type { Secret } from '../core/secret.ts';
import type { HttpClient, HttpClientOptions } from '../net/http-client.ts';

export type IssuerChecker = {
  /** Returns who would be asked, in order; [] where something is missing. */
  originsFor(value: Secret): readonly string[];
  check(value: Secret, signal: AbortSignal): Promise<IssuerAnswer>;
  /** Why the question cannot be asked, or a refusal proves nothing: a clause for people; null where neither is so. */
  obstacle(value: Secret): string | null;
};

/** What is known beside the value. Hosts never come from what was found. */
export type CodeCheckOptions = {
  /** Found beside it: companions by the id of their rule. */
  readonly beside: ReadonlyMap<string, Secret>;
  /** As ProviderSettings have them. */
  readonly installations: readonly string[];
  readonly isPublicAsked: boolean;
  readonly names: ReadonlyMap<string, string>;
  readonly createClient: (options: Pick<HttpClientOptions, 'origins' | 'isThrottled'>) => HttpClient;
  readonly now: () => Date;
};

/** A rule whose values are asked about by code. */
export type CodeCheck = {
  /** Rules of the companions that the question needs, or may use. */
  readonly companions: readonly string[];
  create(options: CodeCheckOptions): IssuerChecker;
};
