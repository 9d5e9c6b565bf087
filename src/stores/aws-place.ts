/**
 * One secret of AWS Secrets Manager as its rotation sees it: which version has which label, the text of a version, changes. In: a region and a full ARN; out:
 * plain data, or RotationError that says whether something may have changed. Called by the rotator's parts.
 */
import { RotationError } from '../core/rotation.ts';
import { AwsFault, type AwsRegion, callAws } from './aws-api.ts';
import { type ListedSecret, readDescribed } from './aws-versions.ts';
import { cannot, changing, reading } from './rotation-failures.ts';
import type { Json } from './store-http.ts';

/** What a version holds. Bytes are shown as the text that they are in UTF-8. */
export type AwsText = { readonly text: string; readonly isBinary: boolean };

export class AwsPlace {
  readonly at: AwsRegion;
  readonly arn: string;

  constructor(at: AwsRegion, arn: string) {
    this.at = at;
    this.arn = arn;
  }

  /** Returns the reply of DescribeSecret, and what it says of versions. Throws RotationError `cannot` for what is not exactly this secret. */
  async described(signal: AbortSignal): Promise<{ readonly secret: ListedSecret; readonly reply: Json }> {
    const reply = await reading(callAws(this.at, 'DescribeSecret', { SecretId: this.arn }, signal));
    const secret = readDescribed(reply, this.at.region);
    // AWS takes the beginning of an ARN for the ARN.
    if (secret.arn !== this.arn) throw cannot(`${this.arn} is not the whole ARN of a secret`);
    return { secret, reply };
  }

  /** Returns the labels by version; a version without a label is not in it. */
  async labels(signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
    return (await this.described(signal)).secret.stages;
  }

  async text(version: string, signal: AbortSignal): Promise<AwsText> {
    const reply = await reading(callAws(this.at, 'GetSecretValue', { SecretId: this.arn, VersionId: version }, signal));
    const [text, binary] = [reply['SecretString'], reply['SecretBinary']];
    if (typeof text === 'string') return { text, isBinary: false };
    const bytes = Buffer.from(typeof binary === 'string' ? binary : '', 'base64');
    const shown = bytes.toString('utf8');
    if (bytes.length === 0 || !bytes.equals(Buffer.from(shown, 'utf8')))
      throw cannot(`version ${version} of ${this.arn} holds bytes that are no text`);
    return { text: shown, isBinary: true };
  }

  /** Calls an operation that changes the secret. It is sent again by itself only where AWS knows it by its token. */
  async change(operation: string, body: Json, signal: AbortSignal, isIdempotent = false): Promise<Json> {
    // Keys that cannot be had are no change that may have happened.
    await reading(this.at.credentials.get(signal));
    try {
      return await changing(callAws(this.at, operation, { SecretId: this.arn, ...body }, signal, isIdempotent));
    } catch (error) {
      if (!(error instanceof RotationError) || !(error.cause instanceof AwsFault)) throw error;
      const { why, status } = error.cause;
      // InvalidRequestException, InvalidParameterException, ResourceExistsException: not this request, not now.
      if (why !== 'odd-reply' || status !== 400) throw error;
      throw new RotationError('refused', error.message, { mayHaveHappened: false, cause: error.cause });
    }
  }

  /** Moves a label; without `to` it is taken off. */
  async moveLabel(label: string, from: string | undefined, to: string | undefined, signal: AbortSignal): Promise<void> {
    const ends = { ...(from === undefined ? {} : { RemoveFromVersionId: from }), ...(to === undefined ? {} : { MoveToVersionId: to }) };
    await this.change('UpdateSecretVersionStage', { VersionStage: label, ...ends }, signal);
  }
}

/** Returns the version that has a label. */
export function holderOf(labels: ReadonlyMap<string, readonly string[]>, label: string): string | undefined {
  return [...labels].find(([, own]) => own.includes(label))?.[0];
}

/** Returns the version of another's rotation: AWSPENDING on what is neither current nor ours. */
export function foreignPending(labels: ReadonlyMap<string, readonly string[]>, own: readonly string[]): string | undefined {
  const pending = holderOf(labels, 'AWSPENDING');
  return pending === undefined || own.includes(pending) || pending === holderOf(labels, 'AWSCURRENT') ? undefined : pending;
}
