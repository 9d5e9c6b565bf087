/**
 * Access keys of an IAM user as an issuer: the key that leaked is found among the user's own by trying it, replaced by a second key, made inactive first, and deleted
 * only where the owner wants that. In: settings of the owner's list; out: answers and plans. The actions: aws-iam-actions.ts.
 * Facts: a user has two keys at most; AWS keeps the secret of neither, so one whose answer was lost is deleted again.
 */
import { type Issuer, type IssuerAnswer, type IssuerPart, RotationError } from '../core/rotation.ts';
import { reveal, type Secret } from '../core/secret.ts';
import { afterwards, createKey, deactivateKey, deleteKey, NEW_ID, testKey } from './aws-iam-actions.ts';
import { AWS_PARTITIONS, type AwsIamPlace, callerOf, isThrottledByIam, isUserName, lastUse, listKeys, userOfKey } from './aws-iam-api.ts';
import type { IssuerContext, IssuerKind, IssuerSettings } from './issuer-kind.ts';
import { addressOf, cannot } from './key-rotation.ts';

/** `AKIA…`: an id, which is no secret. */
export const KEY_ID = /^AKIA[A-Z2-7]{16}$/;

/** The rule that finds such ids. */
const BESIDE = 'aws-access-key-id';

export const awsIam: IssuerKind = {
  kind: 'aws-iam',
  name: 'AWS IAM, access keys of a user',
  settings: [
    { name: 'user', help: 'name of the IAM user whose key it is; else AWS is asked, by the key id beside the value' },
    { name: 'id-field', help: 'field of the stored secret that holds the key’s id; needed to replace a key' },
    { name: 'delete', help: 'yes: the old key is deleted once it is inactive; else it is kept so' },
    { name: 'profile', help: 'profile of AWS’s shared files to act with, before all other credentials' },
    { name: 'role', help: 'ARN of a role to take with the credentials found' },
    { name: 'partition', help: 'aws (as is without it), aws-cn or aws-us-gov' },
    { name: 'endpoint', help: 'address of IAM, for a VPC endpoint' },
    { name: 'sts-endpoint', help: 'address of STS, for a VPC endpoint' },
  ],
  create: (settings, context) => new AwsIam(settings, context),
};

class AwsIam implements Issuer {
  readonly id: string;
  /** Null until AWS was asked whose key it is. */
  #user: string | null;
  readonly #keyId: string;
  readonly #idField: string | undefined;
  readonly #deletes: boolean;
  readonly #at: AwsIamPlace;
  readonly #context: IssuerContext;
  /** A plan has shown that the value is this user's: only then does a refusal by all of its keys prove anything. */
  #isKnown = false;

  constructor(settings: IssuerSettings, context: IssuerContext) {
    const { user = null, partition = 'aws', profile, role } = settings;
    const beside = context.beside?.get(BESIDE);
    const keyId = beside === undefined ? '' : reveal(beside, 'ask-issuer');
    const place = Object.hasOwn(AWS_PARTITIONS, partition) ? AWS_PARTITIONS[partition] : undefined;
    const { cloud } = context;
    if (user === null ? !KEY_ID.test(keyId) : !isUserName(user))
      throw cannot('issuer of kind aws-iam: user is missing, or no name of a user, and no key id stands beside the value');
    if (!place) throw cannot(`issuer of kind aws-iam: partition is one of ${Object.keys(AWS_PARTITIONS).join(', ')}`);
    if (!cloud) throw cannot('issuer of kind aws-iam: there are no credentials of AWS here');
    const [iam, sts] = [addressOf('aws-iam', settings['endpoint'], place.iam), addressOf('aws-iam', settings['sts-endpoint'], place.sts)];
    const wish = { sts, region: place.region, ...(profile === undefined ? {} : { profile }), ...(role === undefined ? {} : { role }) };
    this.id = `aws-iam:${user ?? keyId}`;
    this.#user = user;
    this.#keyId = keyId;
    this.#idField = settings['id-field'];
    this.#deletes = settings['delete'] === 'yes';
    this.#context = context;
    this.#at = {
      client: context.createClient({ origins: [...new Set([iam, sts].map((url) => new URL(url).origin))], isThrottled: isThrottledByIam }),
      iam,
      sts,
      region: place.region,
      now: context.now,
      keys: (signal) => cloud.awsKeys(wish, signal),
    };
  }

  /** Tries the value with each of the user's key ids: AWS takes it with its own alone. */
  async check(value: Secret, signal: AbortSignal): Promise<IssuerAnswer> {
    try {
      const user = await this.#userName(signal);
      const { keys } = await listKeys(this.#at, user, signal);
      const text = reveal(value, 'ask-issuer');
      if (KEY_ID.test(text)) {
        const own = keys.find(({ id }) => id === text);
        if (own?.isActive) return { state: 'accepted', identity: `access key ${text} of ${user}` };
        return this.#refused();
      }
      const answers = await Promise.all(keys.map(({ id }) => callerOf(this.#at, { accessKeyId: id, secretAccessKey: text }, signal)));
      const accepted = answers.find((one) => one.state === 'accepted');
      if (accepted?.state === 'accepted') return { state: 'accepted', identity: accepted.arn };
      const unknown = answers.find((one) => one.state === 'unknown');
      return unknown?.state === 'unknown' ? unknown : this.#refused();
    } catch (error) {
      if (!(error instanceof RotationError)) throw error;
      return { state: 'unknown', why: unknownOf(error) };
    }
  }

  async plan(what: 'replace' | 'revoke', old: Secret, signal: AbortSignal, isBegun = false): Promise<IssuerPart> {
    const at = this.#at;
    const acting = await at.keys(signal);
    const caller = await callerOf(at, acting, signal);
    if (caller.state !== 'accepted')
      throw new RotationError('denied', 'AWS does not take the credentials that would act', { mayHaveHappened: false });
    const account = /^arn:[\w-]{3,20}:[\w-]{3,10}::(\d{12}):/.exec(caller.arn)?.[1] ?? 'unknown';
    const user = await this.#userName(signal);
    // Before the keys are tried, which is a use, too.
    const uses = isBegun ? new Map<string, readonly string[]>() : await this.#uses(signal);
    const find = (value: Secret, until: AbortSignal): Promise<string> => this.#find(value, until);
    const leaked = isBegun ? null : await find(old, signal);
    if (leaked === acting.accessKeyId) throw cannot(`${leaked} is the very key that would act: name others, by profile or role`);
    if (what === 'replace' && !isBegun) await this.#checkReplaceable(old, signal);
    this.#isKnown = true;
    const options = { at, user, find, leaked, context: this.#context };
    const end = [deactivateKey(options), ...(this.#deletes ? [deleteKey(options)] : [])];
    return {
      identity: `IAM user ${user} of account ${account}`,
      actions: what === 'revoke' ? end : [createKey(options), testKey(options), ...end],
      ...(what === 'replace' && this.#idField !== undefined ? { fields: { [this.#idField]: { fact: NEW_ID } } } : {}),
      warnings: [...(leaked === null ? [] : (uses.get(leaked) ?? [])), ...afterwards(user, leaked, this.#deletes)],
    };
  }

  async close(): Promise<void> {
    await this.#at.client.close();
  }

  /** Returns the id of the key that leaked. Throws RotationError `cannot` where it is none of this user's that work. */
  async #find(value: Secret, signal: AbortSignal): Promise<string> {
    const [at, user] = [this.#at, await this.#userName(signal)];
    const { keys } = await listKeys(at, user, signal);
    const text = reveal(value, 'ask-issuer');
    if (KEY_ID.test(text)) {
      if (keys.some(({ id }) => id === text)) return text;
      throw cannot(`${text} is no access key of ${user}`);
    }
    for (const { id } of keys.filter(({ isActive }) => isActive)) {
      const answer = await callerOf(at, { accessKeyId: id, secretAccessKey: text }, signal);
      if (answer.state === 'unknown')
        throw new RotationError(
          answer.why === 'rate-limited' ? 'throttled' : answer.why,
          `AWS does not say whether the value is that of ${id}`,
          { mayHaveHappened: false },
        );
      if (answer.state === 'refused') continue;
      if (answer.arn.split('/').at(-1) === user) return id;
      throw cannot(`AWS takes ${id} for another than ${user}`);
    }
    throw cannot(`the value is the secret of none of the active access keys of ${user}`);
  }

  async #checkReplaceable(old: Secret, signal: AbortSignal): Promise<void> {
    const user = await this.#userName(signal);
    if (KEY_ID.test(reveal(old, 'ask-issuer')))
      throw cannot('the value is the id of a key: a rotation replaces its secret, a revocation ends it');
    if (this.#idField === undefined) throw cannot('a new key has another id: name the field that holds it (id-field)');
    const { keys } = await listKeys(this.#at, user, signal);
    if (keys.length < 2) return;
    const all = keys.map(({ id, isActive }) => `${id} (${isActive ? 'active' : 'inactive'})`).join(' and ');
    throw cannot(`${user} has ${all}, and AWS allows two: delete the one that is not used first`);
  }

  /** Returns for each key when it was last used, as a sentence. */
  async #uses(signal: AbortSignal): Promise<Map<string, readonly string[]>> {
    const { keys } = await listKeys(this.#at, await this.#userName(signal), signal);
    const uses = new Map<string, readonly string[]>();
    for (const { id } of keys) {
      const used = await lastUse(this.#at, id, signal);
      if (used !== null) uses.set(id, [used === 'never' ? `${id} was never used, as far as AWS knows` : `${id} was last used ${used}`]);
    }
    return uses;
  }

  async #userName(signal: AbortSignal): Promise<string> {
    this.#user ??= await userOfKey(this.#at, this.#keyId, signal);
    return this.#user;
  }

  #refused(): IssuerAnswer {
    return this.#isKnown ? { state: 'refused' } : { state: 'unknown', why: 'no-checker' };
  }
}

function unknownOf({ why }: RotationError): 'denied' | 'unreachable' | 'timed-out' | 'rate-limited' | 'odd-reply' {
  if (why === 'throttled') return 'rate-limited';
  return why === 'denied' || why === 'unreachable' || why === 'timed-out' ? why : 'odd-reply';
}
