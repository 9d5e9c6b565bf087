/**
 * Values of AWS secrets. Current ones come in batches of up to 20: readings that wait at the same time share a BatchGetSecretValue; one alone, and every
 * older version, is a GetSecretValue. In: full ARN and version; out: the text, or AwsFault.
 */
import { StoreError } from '../core/stores.ts';
import { AwsFault, type AwsRegion, callAws, isRefusal } from './aws-api.ts';
import { Pace } from './pace.ts';
import { isJson, type Json, textOfBase64 } from './store-http.ts';

/** Of BatchGetSecretValue (docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html). */
const BATCH = 20;
/** AWS allows 100 BatchGetSecretValue a second, account and region; some are left to others. */
const BATCHES_PER_SECOND = 80;

type Waiting = { readonly arn: string; readonly done: (reply: Json) => void; readonly failed: (error: unknown) => void };

/** Reads values of one region. */
export class AwsValues {
  readonly #at: AwsRegion;
  readonly #batches: Pace;
  #waiting: Waiting[] = [];
  /** The credential may use BatchGetSecretValue, as far as is known. */
  #canBatch = true;

  constructor(at: AwsRegion) {
    this.#at = at;
    this.#batches = new Pace({ burst: BATCHES_PER_SECOND, perSecond: BATCHES_PER_SECOND, now: at.now });
  }

  async current(arn: string, version: string, signal: AbortSignal): Promise<string> {
    if (!this.#canBatch) return this.version(arn, version, signal);
    const reply = await new Promise<Json>((done, failed) => {
      this.#waiting.push({ arn, done, failed });
      if (this.#waiting.length >= BATCH) void this.#flush(signal);
      // Everything that asks in this turn of the loop goes together.
      else if (this.#waiting.length === 1) setImmediate(() => void this.#flush(signal));
    });
    // Rotated since it was listed: what was asked for is read by its id.
    return reply['VersionId'] === version ? textIn(reply) : this.version(arn, version, signal);
  }

  async version(arn: string, version: string, signal: AbortSignal): Promise<string> {
    return textIn(await callAws(this.#at, 'GetSecretValue', { SecretId: arn, VersionId: version }, signal));
  }

  /** Answers all that wait; never throws. */
  async #flush(signal: AbortSignal): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length < 2 || !this.#canBatch) return this.#oneByOne(waiting, signal);
    try {
      await this.#batches.turn(signal);
      const reply = await callAws(this.#at, 'BatchGetSecretValue', { SecretIdList: waiting.map(({ arn }) => arn) }, signal);
      await this.#oneByOne(this.#answer(waiting, reply), signal);
    } catch (error) {
      if (error instanceof AwsFault && isRefusal(error.fault)) {
        // A role may read values and not have the right to batches.
        this.#canBatch = false;
        return this.#oneByOne(waiting, signal);
      }
      for (const { failed } of waiting) failed(error);
    }
  }

  /** Returns those that the reply does not name: it may be cut short by its size. */
  #answer(waiting: readonly Waiting[], reply: Json): Waiting[] {
    const [values, errors] = [byArn(reply['SecretValues'], 'ARN'), byArn(reply['Errors'], 'SecretId')];
    return waiting.filter((one) => {
      const [value, error] = [values.get(one.arn), errors.get(one.arn)];
      if (value) one.done(value);
      else if (error) one.failed(faultOfItem(error, this.#at.region));
      return !value && !error;
    });
  }

  async #oneByOne(waiting: readonly Waiting[], signal: AbortSignal): Promise<void> {
    await Promise.all(
      waiting.map(({ arn, done, failed }) => callAws(this.#at, 'GetSecretValue', { SecretId: arn }, signal).then(done, failed)),
    );
  }
}

function byArn(list: unknown, key: string): Map<string, Json> {
  const items = Array.isArray(list) ? list.filter(isJson) : [];
  return new Map(items.flatMap((item) => (typeof item[key] === 'string' ? [[item[key], item] as const] : [])));
}

function faultOfItem(error: Json, region: string): AwsFault {
  const name = typeof error['ErrorCode'] === 'string' && /^[A-Za-z]{1,80}$/.test(error['ErrorCode']) ? error['ErrorCode'] : 'an error';
  return new AwsFault(name, 'denied', `AWS ${region} BatchGetSecretValue answered ${name}`, 200);
}

/** Binary values are given as text where they are UTF-8, else as the base64 in which they came. */
function textIn(reply: Json): string {
  const [text, binary] = [reply['SecretString'], reply['SecretBinary']];
  if (typeof text === 'string') return text;
  if (typeof binary !== 'string') throw new StoreError('odd-reply', 'AWS answered GetSecretValue without a value');
  return textOfBase64(binary);
}
