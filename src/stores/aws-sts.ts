/**
 * AWS's security token service, as far as credentials need it: who am I, and give me this role. Form in, XML out, of which a few known elements are read.
 */
import { StoreError } from '../core/stores.ts';
import { type AwsKeys, signV4 } from '../net/aws-sigv4.ts';
import type { HttpClient, HttpReply } from '../net/http-client.ts';
import { ask } from './store-http.ts';

export type TemporaryKeys = AwsKeys & {
  /** Null for keys that do not end. */
  readonly expiresAt: Date | null;
};

export type Sts = {
  readonly client: HttpClient;
  /** `https://sts.eu-west-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly region: string;
  readonly now: () => Date;
};

export type RoleWish = {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly externalId?: string | undefined;
};

const VERSION = '2011-06-15';
/** The least that a role may be given for (AWS allows 900 s to 12 h); a sync is shorter, and keys are renewed. */
const ROLE_SECONDS = '3600';

/** Returns the ARN that AWS takes these keys for. Needs no right. */
export async function callerArn(sts: Sts, keys: AwsKeys, signal: AbortSignal): Promise<string> {
  return elementOf(await askSts(sts, keys, { Action: 'GetCallerIdentity' }, signal), 'Arn');
}

export async function assumeRole(sts: Sts, keys: AwsKeys, wish: RoleWish, signal: AbortSignal): Promise<TemporaryKeys> {
  const { roleArn, sessionName, externalId } = wish;
  const form = {
    Action: 'AssumeRole',
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    DurationSeconds: ROLE_SECONDS,
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
  };
  return keysOf(await askSts(sts, keys, form, signal));
}

/** As assumeRole, by an OpenID token (EKS, GitHub Actions). */
export async function assumeRoleByToken(sts: Sts, token: string, wish: RoleWish, signal: AbortSignal): Promise<TemporaryKeys> {
  const { roleArn, sessionName } = wish;
  const form = {
    Action: 'AssumeRoleWithWebIdentity',
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    DurationSeconds: ROLE_SECONDS,
    WebIdentityToken: token,
  };
  return keysOf(await askSts(sts, null, form, signal));
}

async function askSts(sts: Sts, keys: AwsKeys | null, form: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string> {
  const body = new URLSearchParams({ ...form, Version: VERSION }).toString();
  const request = {
    method: 'POST' as const,
    url: `${sts.endpoint}/`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body,
  };
  const headers = keys ? signV4(request, { service: 'sts', region: sts.region, keys, now: sts.now() }) : request.headers;
  const reply = await ask(sts.client, { ...request, headers, signal, isIdempotent: true });
  const xml = reply.body.toString('utf8');
  if (reply.status === 200 && xml.includes('<')) return xml;
  throw refusal(reply, `AWS STS ${form['Action'] ?? ''}`);
}

function refusal({ status, body }: HttpReply, what: string): StoreError {
  if (body.includes('<Code>Throttling')) return new StoreError('throttled', `${what} asks for a pause (${status})`, { status });
  if (status >= 500) return new StoreError('unreachable', `${what} answered ${status}`, { status });
  // 403 AccessDenied, InvalidClientTokenId, SignatureDoesNotMatch, ExpiredToken; 400 ExpiredTokenException, InvalidIdentityToken, IDPRejectedClaim.
  if (status === 403 || status === 400) return new StoreError('denied', `${what} refused the credentials (${status})`, { status });
  return new StoreError('odd-reply', `${what} answered ${status}`, { status });
}

function keysOf(xml: string): TemporaryKeys {
  const expiresAt = new Date(elementOf(xml, 'Expiration'));
  if (Number.isNaN(expiresAt.getTime())) throw new StoreError('odd-reply', 'AWS STS answered without a time of expiry');
  return {
    accessKeyId: elementOf(xml, 'AccessKeyId'),
    secretAccessKey: elementOf(xml, 'SecretAccessKey'),
    sessionToken: elementOf(xml, 'SessionToken'),
    expiresAt,
  };
}

/** Returns the text of the first element of that name. The elements read here hold neither markup nor entities. */
function elementOf(xml: string, name: string): string {
  const start = xml.indexOf(`<${name}>`);
  const end = xml.indexOf(`</${name}>`, start);
  if (start < 0 || end < 0) throw new StoreError('odd-reply', `AWS STS answered without ${name}`);
  return xml.slice(start + name.length + 2, end).trim();
}
