/**
 * Asks AWS whether a secret access key works: GetCallerIdentity of STS, signed with it and the key id found beside it; the secret itself is never sent. In: the value,
 * its companions. Out: an IssuerAnswer that names account and ARN. An id does not say of which partition it is, so that one that is unknown in one is asked for in the next.
 * Replies: docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html and CommonErrors.html.
 */
import type { IssuerAnswer } from '../core/rotation.ts';
import { reveal, type Secret } from '../core/secret.ts';
import type { AwsKeys } from '../net/aws-sigv4.ts';
import { AWS_PARTITIONS, callerOf, isThrottledByIam } from './aws-iam-api.ts';
import type { CodeCheck, CodeCheckOptions, IssuerChecker } from './issuer-checker.ts';

const [ID, TEMPORARY_ID, TOKEN] = ['aws-access-key-id', 'aws-temporary-access-key-id', 'aws-session-token'];

export const awsKeyCheck: CodeCheck = {
  companions: [ID, TEMPORARY_ID, TOKEN],
  create: (options) => new AwsKeyChecker(options),
};

type Place = { readonly sts: string; readonly region: string };
type Accepted = IssuerAnswer & { readonly state: 'accepted' };

class AwsKeyChecker implements IssuerChecker {
  readonly #options: CodeCheckOptions;
  /** Who took the key. */
  #home: Place | null = null;

  constructor(options: CodeCheckOptions) {
    this.#options = options;
  }

  originsFor(value: Secret): readonly string[] {
    return this.#keysOf(value).length === 0 ? [] : this.#places().map(({ sts }) => new URL(sts).origin);
  }

  obstacle(value: Secret): string | null {
    const { beside } = this.#options;
    if (this.#places().length === 0) return `partition in issuers.toml is one of ${Object.keys(AWS_PARTITIONS).join(', ')}`;
    if (this.#keysOf(value).length > 0) return null;
    return beside.has(TEMPORARY_ID) ? 'the session token is needed beside the value' : 'the key id is needed beside the value';
  }

  /** Dead is what is dead with each of the ids beside it. */
  async check(value: Secret, signal: AbortSignal): Promise<IssuerAnswer> {
    let unknown: IssuerAnswer | null = null;
    const all = this.#keysOf(value);
    for (const keys of all) {
      const answer = await this.#ask(keys, signal);
      if (answer.state === 'accepted') return answer;
      if (answer.state === 'unknown') unknown ??= answer;
    }
    return unknown ?? (all.length === 0 ? { state: 'unknown', why: 'no-checker' } : { state: 'refused' });
  }

  async #ask(keys: AwsKeys, signal: AbortSignal): Promise<IssuerAnswer> {
    const { createClient, now } = this.#options;
    const isTemporary = keys.sessionToken !== undefined;
    for (const place of this.#places()) {
      const { sts, region } = place;
      const client = createClient({ origins: [new URL(sts).origin], isThrottled: isThrottledByIam });
      const caller = await callerOf({ client, sts, region, now }, keys, signal);
      if (caller.state === 'accepted') {
        this.#home = place;
        return identified(caller.arn);
      }
      if (caller.state === 'unknown') return caller;
      if (caller.why === 'expired') return { state: 'refused' };
      // A secret never changes: the value is another key's, or was altered. Of its own key nothing was said.
      if (caller.why === 'not-its-secret')
        return { state: 'unknown', why: 'denied', detail: 'it says that the key whose id stands beside it has another secret' };
    }
    // The text may have a part of the token, or that of other keys; tokens that are merely over have a code of their own.
    if (isTemporary) return { state: 'unknown', why: 'denied', detail: 'it does not know the session token beside the value' };
    return { state: 'refused' };
  }

  /** The keys that the value may belong to: an id that stands near is not always its own. */
  #keysOf(value: Secret): AwsKeys[] {
    const { beside } = this.#options;
    const secretAccessKey = reveal(value, 'ask-issuer');
    const textOf = (rule: string): string | null => {
      const found = beside.get(rule);
      return found === undefined ? null : reveal(found, 'ask-issuer');
    };
    const [id, temporaryId, sessionToken] = [textOf(ID), textOf(TEMPORARY_ID), unescaped(textOf(TOKEN) ?? '')];
    return [
      ...(id === null ? [] : [{ accessKeyId: id, secretAccessKey }]),
      ...(temporaryId === null || sessionToken === null ? [] : [{ accessKeyId: temporaryId, secretAccessKey, sessionToken }]),
    ];
  }

  /** The owner's endpoints first, then each partition that may have made it. */
  #places(): readonly Place[] {
    if (this.#home !== null) return [this.#home];
    const { installations, isPublicAsked, names } = this.#options;
    const partition = names.get('partition');
    const fitting = Object.entries(AWS_PARTITIONS).filter(([name]) => partition === undefined || name === partition);
    const region = fitting[0]?.[1].region;
    if (region === undefined) return [];
    const own = installations.map((sts) => ({ sts, region: regionOf(sts) ?? names.get('region') ?? region }));
    return [...own, ...(isPublicAsked ? fitting.map(([, place]) => place) : [])];
  }
}

/** `sts.eu-west-1.amazonaws.com`, `vpce-….sts.eu-west-1.vpce.amazonaws.com`: the region that it signs for. */
function regionOf(sts: string): string | null {
  return /(?:^|\.)sts\.([a-z]{2}(?:-[a-z]{2,9}){1,2}-\d)\./.exec(new URL(sts).hostname)?.[1] ?? null;
}

/** A token in an address is percent-encoded. Null where there is none that can be sent. */
function unescaped(token: string): string | null {
  try {
    const text = token.includes('%') ? decodeURIComponent(token) : token;
    return /^[A-Za-z0-9+/=]+$/.test(text) ? text : null;
  } catch {
    // Cut in the middle of an escape.
    return null;
  }
}

/** A caller without a name of AWS's form is none. */
function identified(arn: string): IssuerAnswer {
  const account = /^arn:[a-z-]{3,20}:(?:iam|sts)::(\d{12}):[\w+=,.@/:-]{1,600}$/.exec(arn)?.[1];
  if (account === undefined) return { state: 'unknown', why: 'odd-reply' };
  return { state: 'accepted', identity: `account ${account}, ${arn}` } satisfies Accepted;
}
