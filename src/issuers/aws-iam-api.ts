/**
 * AWS's IAM and STS as the access keys of a user need them: form in, XML out, of which a few known elements are read. In: an action; out: its reply, or RotationError
 * that says whether something may have changed. The message beside AWS's code is never repeated. Called by aws-iam.ts and aws-iam-actions.ts.
 * Protocol: docs.aws.amazon.com/IAM/latest/APIReference and docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html.
 */
import { RotationError, type RotationFailure } from '../core/rotation.ts';
import { type AwsKeys, signV4 } from '../net/aws-sigv4.ts';
import { type HttpClient, HttpError, type HttpReply, TOLD_FAILURES } from '../net/http-client.ts';

export type AwsIamPlace = {
  readonly client: HttpClient;
  /** `https://iam.amazonaws.com`. */
  readonly iam: string;
  readonly sts: string;
  /** That both sign for. */
  readonly region: string;
  readonly now: () => Date;
  /** Of the credentials that act, not of the user. */
  readonly keys: (signal: AbortSignal) => Promise<AwsKeys>;
};

/** Enough to ask for whom AWS takes keys. */
export type AwsStsPlace = Pick<AwsIamPlace, 'client' | 'sts' | 'region' | 'now'>;

export type AccessKey = { readonly id: string; readonly isActive: boolean; readonly createdAt: Date };
/** `refused` only where AWS said of these very keys that they are not good: it knows no such id (or it is inactive), they have expired, the secret is not that of the id. */
export type Caller =
  | { readonly state: 'accepted'; readonly arn: string }
  | { readonly state: 'refused'; readonly why: 'no-such-key' | 'expired' | 'not-its-secret' }
  | { readonly state: 'unknown'; readonly why: Unknown; readonly detail?: string };
type Unknown = 'denied' | 'unreachable' | 'timed-out' | 'rate-limited' | 'odd-reply';
type Form = Readonly<Record<string, string>>;

/** docs.aws.amazon.com/general/latest/gr/iam-service.html; the region that both services sign for. */
export const AWS_PARTITIONS: Readonly<Record<string, { readonly iam: string; readonly sts: string; readonly region: string }>> = {
  'aws': { iam: 'https://iam.amazonaws.com', sts: 'https://sts.amazonaws.com', region: 'us-east-1' },
  'aws-cn': { iam: 'https://iam.cn-north-1.amazonaws.com.cn', sts: 'https://sts.cn-north-1.amazonaws.com.cn', region: 'cn-north-1' },
  'aws-us-gov': { iam: 'https://iam.us-gov.amazonaws.com', sts: 'https://sts.us-gov-west-1.amazonaws.com', region: 'us-gov-west-1' },
};
const IAM_VERSION = '2010-05-08';
const STS_VERSION = '2011-06-15';
/** What STS says of a clock that is wrong has the code of a wrong secret, or one of these. */
const CLOCK_CODES = ['RequestExpired', 'RequestTimeTooSkewed'];
const THROTTLED = ['Throttling', 'ThrottlingException', 'RequestLimitExceeded'];
/** Asks IAM what changes nothing. */
export async function askIam(at: AwsIamPlace, form: Form, signal: AbortSignal): Promise<HttpReply> {
  return expectXml(await send(at, 'iam', form, await at.keys(signal), signal, true), form, false);
}

/** Has IAM change something; sent once, unless `isIdempotent`. */
export async function changeIam(at: AwsIamPlace, form: Form, signal: AbortSignal, isIdempotent: boolean): Promise<string> {
  const reply = await send(at, 'iam', form, await at.keys(signal), signal, isIdempotent, true);
  return expectXml(reply, form, true).body.toString('utf8');
}

/** Returns a user's access keys, two at most, and AWS's own time. */
export async function listKeys(
  at: AwsIamPlace,
  user: string,
  signal: AbortSignal,
): Promise<{ readonly keys: readonly AccessKey[]; readonly asOf: Date }> {
  const reply = await askIam(at, { Action: 'ListAccessKeys', UserName: user }, signal);
  const xml = reply.body.toString('utf8');
  if (elementIn(xml, 'IsTruncated') === 'true') throw odd('AWS IAM ListAccessKeys gave a part of the keys', false);
  const keys = xml
    .split('<member>')
    .slice(1)
    .map((member) => ({
      id: needed(member, 'AccessKeyId', 'ListAccessKeys'),
      isActive: needed(member, 'Status', 'ListAccessKeys') === 'Active',
      createdAt: new Date(needed(member, 'CreateDate', 'ListAccessKeys')),
    }));
  const date = Date.parse(reply.headers['date'] ?? '');
  return { keys, asOf: Number.isNaN(date) ? at.now() : new Date(date) };
}

/** Returns when and for what a key was last used, as a clause; `never`; null where that may not be asked. */
export async function lastUse(at: AwsIamPlace, id: string, signal: AbortSignal): Promise<string | null> {
  try {
    const xml = (await askIam(at, { Action: 'GetAccessKeyLastUsed', AccessKeyId: id }, signal)).body.toString('utf8');
    const date = elementIn(xml, 'LastUsedDate');
    if (date === null) return 'never';
    const [service, region] = ['ServiceName', 'Region'].map((name) => elementIn(xml, name) ?? '');
    return `on ${date.slice(0, 10)}, for ${/^[\w.-]{1,60}$/.test(service ?? '') ? service : 'a service'} in ${/^[\w-]{1,40}$/.test(region ?? '') ? region : 'a region'}`;
  } catch (error) {
    if (error instanceof RotationError && error.why === 'denied') return null;
    throw error;
  }
}

/** Returns the user whose key an id names, active or not. Throws RotationError. */
export async function userOfKey(at: AwsIamPlace, id: string, signal: AbortSignal): Promise<string> {
  const xml = (await askIam(at, { Action: 'GetAccessKeyLastUsed', AccessKeyId: id }, signal)).body.toString('utf8');
  const user = elementIn(xml, 'UserName');
  if (user !== null && isUserName(user)) return user;
  throw odd('AWS IAM does not say of which user the key is', false);
}

/** As IAM allows them; they become parts of forms and of sentences. */
export function isUserName(text: string): boolean {
  return /^[\w+=,.@-]{1,64}$/.test(text);
}

/** Asks STS whether AWS takes these keys, and for whom. Needs no right. */
export async function callerOf(at: AwsStsPlace, keys: AwsKeys, signal: AbortSignal): Promise<Caller> {
  let reply: HttpReply;
  try {
    reply = await send({ ...at, iam: at.sts }, 'sts', { Action: 'GetCallerIdentity' }, keys, signal, true);
  } catch (error) {
    if (!(error instanceof RotationError)) throw error;
    const why =
      error.why === 'throttled' ? 'rate-limited' : error.why === 'timed-out' || error.why === 'unreachable' ? error.why : 'odd-reply';
    return { state: 'unknown', why };
  }
  const xml = reply.body.toString('utf8');
  const arn = reply.status === 200 ? elementIn(xml, 'Arn') : null;
  if (arn !== null) return { state: 'accepted', arn };
  const code = codeOf(reply);
  if (code === 'InvalidClientTokenId') return { state: 'refused', why: 'no-such-key' };
  if (code === 'ExpiredToken') return { state: 'refused', why: 'expired' };
  if (CLOCK_CODES.includes(code) || (code === 'SignatureDoesNotMatch' && /Signature (?:expired|not yet current)/.test(xml)))
    return { state: 'unknown', why: 'denied', detail: 'it says that the clock of this machine is wrong' };
  if (code === 'SignatureDoesNotMatch') return { state: 'refused', why: 'not-its-secret' };
  return { state: 'unknown', why: reply.status >= 500 ? 'unreachable' : reply.status === 403 ? 'denied' : 'odd-reply' };
}

/** AWS asks for a pause with status 400. */
export function isThrottledByIam(reply: HttpReply): boolean {
  return reply.status === 400 && THROTTLED.includes(codeOf(reply));
}

/** Returns the text of an element that the reply must have. Throws RotationError: something may have changed. */
export function needed(xml: string, name: string, what: string): string {
  const text = elementIn(xml, name);
  if (text !== null) return text;
  throw odd(`AWS IAM ${what} answered without ${name}`, true);
}

async function send(
  at: Omit<AwsIamPlace, 'keys'>,
  service: 'iam' | 'sts',
  form: Form,
  keys: AwsKeys,
  signal: AbortSignal,
  isIdempotent: boolean,
  isChange = false,
): Promise<HttpReply> {
  const body = new URLSearchParams({ ...form, Version: service === 'iam' ? IAM_VERSION : STS_VERSION }).toString();
  const type = { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const request = { method: 'POST' as const, url: `${service === 'iam' ? at.iam : at.sts}/`, headers: type, body };
  const headers = signV4(request, { service, region: at.region, keys, now: at.now() });
  try {
    return await at.client.send({ ...request, headers, signal, isIdempotent });
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const mayHaveHappened = isChange && !['throttled', 'not-allowed'].includes(error.why);
    throw new RotationError(TOLD_FAILURES[error.why], `AWS IAM ${form['Action'] ?? ''}: ${error.message}`, {
      mayHaveHappened,
      cause: error,
    });
  }
}

function expectXml(reply: HttpReply, form: Form, isChange: boolean): HttpReply {
  const { status } = reply;
  const what = `AWS IAM ${form['Action'] ?? ''}`;
  if (status === 200 && elementIn(reply.body.toString('utf8'), 'RequestId') !== null) return reply;
  const code = codeOf(reply);
  const why: RotationFailure =
    status >= 500
      ? 'unreachable'
      : THROTTLED.includes(code)
        ? 'throttled'
        : code === 'NoSuchEntity'
          ? 'not-found'
          : code === 'LimitExceeded' || code === 'EntityTemporarilyUnmodifiable'
            ? 'refused'
            : status === 403
              ? 'denied'
              : 'odd-reply';
  const isRefusal = status >= 400 && status < 500;
  throw new RotationError(why, `${what} answered ${[status, code].join(' ').trim()}`, { mayHaveHappened: isChange && !isRefusal });
}

function odd(message: string, mayHaveHappened: boolean): RotationError {
  return new RotationError('odd-reply', message, { mayHaveHappened });
}

/** `<Error><Code>AccessDenied</Code>`: the code, or ''. */
function codeOf({ body }: HttpReply): string {
  const code = elementIn(body.toString('utf8'), 'Code') ?? '';
  return /^[A-Za-z.]{1,80}$/.test(code) ? code : '';
}

/** Returns the text of the first element of that name, or null. The elements read here hold neither markup nor entities. */
function elementIn(xml: string, name: string): string | null {
  const start = xml.indexOf(`<${name}>`);
  const end = start < 0 ? -1 : xml.indexOf(`</${name}>`, start);
  return end < 0 ? null : xml.slice(start + name.length + 2, end).trim();
}
