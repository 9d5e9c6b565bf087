/**
 * Google's IAM and token endpoint as the keys of a service account need them: JSON over REST. In: a request; out: its reply, or RotationError that says whether something
 * may have changed. What Google says in words is never repeated. Called by gcp-service-account.ts and gcp-key-actions.ts.
 * Protocol: cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts.keys; tokens: RFC 7523 and google.aip.dev/auth/4112.
 */
import { createSign, type KeyObject } from 'node:crypto';
import { RotationError, type RotationFailure } from '../core/rotation.ts';
import { type HttpClient, HttpError, type HttpReply, TOLD_FAILURES } from '../net/http-client.ts';

export type GcpKeyPlace = {
  readonly client: HttpClient;
  /** `https://iam.googleapis.com`. */
  readonly iam: string;
  /** `https://oauth2.googleapis.com/token`. */
  readonly tokenUrl: string;
  /** `robot@demo.iam.gserviceaccount.com`. */
  readonly account: string;
  readonly now: () => Date;
  /** Of the credentials that act, not of the account. */
  readonly token: (signal: AbortSignal) => Promise<string>;
};

/** Enough to ask whether Google takes a key. */
export type GcpTokenPlace = Pick<GcpKeyPlace, 'client' | 'tokenUrl' | 'account' | 'now'>;

export type ServiceAccountKey = {
  readonly id: string;
  readonly isOn: boolean;
  readonly createdAt: Date;
  /** Made by Google, not uploaded. */
  readonly isGoogles: boolean;
};

/** `refused` only where Google said that no key of the account made the signature, or that there is no such account. */
export type Taken = 'accepted' | 'refused' | { readonly unknown: Unknown; readonly detail?: string };
export type Unknown = 'denied' | 'unreachable' | 'timed-out' | 'rate-limited' | 'odd-reply';
type Json = Readonly<Record<string, unknown>>;

/** A token for it opens nothing, and tells all the same whether the key is taken. */
const SCOPE = 'openid';
/** The audience, too, wherever tokens are asked for. */
export const GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token';
const TOKEN_SECONDS = 600;
/** Returns the account's own keys (not those that Google keeps for itself), and Google's own time. */
export async function listKeys(
  at: GcpKeyPlace,
  signal: AbortSignal,
): Promise<{ readonly keys: readonly ServiceAccountKey[]; readonly asOf: Date }> {
  const reply = await send(at, 'GET', '/keys?keyTypes=USER_MANAGED', undefined, signal, false);
  // An empty list is left out.
  const list = jsonOf(reply, false)['keys'] ?? [];
  if (!Array.isArray(list)) throw odd('Google IAM answered without a list of keys', false);
  const date = Date.parse(reply.headers['date'] ?? '');
  return { keys: list.map((one) => keyOf(isJson(one) ? one : {})), asOf: Number.isNaN(date) ? at.now() : new Date(date) };
}

/** Returns a key's certificate, PEM. */
export async function certificateOf(at: GcpKeyPlace, id: string, signal: AbortSignal): Promise<string> {
  const json = jsonOf(await send(at, 'GET', `/keys/${id}?publicKeyType=TYPE_X509_PEM_FILE`, undefined, signal, false), false);
  const data = json['publicKeyData'];
  if (typeof data !== 'string') throw odd(`Google IAM gave no public half of ${id}`, false);
  return Buffer.from(data, 'base64').toString('utf8');
}

/** Makes a key, once. Returns its id and the text of its key file, which Google never gives again. */
export async function createKey(at: GcpKeyPlace, signal: AbortSignal): Promise<{ readonly id: string; readonly file: string }> {
  const body = { privateKeyType: 'TYPE_GOOGLE_CREDENTIALS_FILE', keyAlgorithm: 'KEY_ALG_RSA_2048' };
  const json = jsonOf(await send(at, 'POST', '/keys', body, signal, true), true);
  const data = json['privateKeyData'];
  if (typeof data !== 'string') throw odd('Google IAM made a key and did not give it', true);
  return { id: idOf(json), file: Buffer.from(data, 'base64').toString('utf8') };
}

export async function switchKey(at: GcpKeyPlace, id: string, isOn: boolean, signal: AbortSignal): Promise<void> {
  jsonOf(await send(at, 'POST', `/keys/${id}:${isOn ? 'enable' : 'disable'}`, {}, signal, true), true);
}

export async function deleteKey(at: GcpKeyPlace, id: string, signal: AbortSignal): Promise<void> {
  jsonOf(await send(at, 'DELETE', `/keys/${id}`, undefined, signal, true), true);
}

/** Asks for a token with a private key: whether Google takes it for one of the account's. The token is thrown away. */
export async function tryKey(at: GcpTokenPlace, key: KeyObject, signal: AbortSignal): Promise<Taken> {
  const issued = Math.floor(at.now().getTime() / 1000);
  const claims = { iss: at.account, scope: SCOPE, aud: GOOGLE_TOKEN_URL, iat: issued, exp: issued + TOKEN_SECONDS };
  const text = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const assertion = `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`;
  const body = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }).toString();
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Accept': 'application/json' };
  try {
    const reply = await at.client.send({ method: 'POST', url: at.tokenUrl, headers, body, signal, isIdempotent: true });
    return takenOf(reply);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    if (error.why === 'throttled') return { unknown: 'rate-limited' };
    return { unknown: error.why === 'unreachable' ? 'unreachable' : error.why === 'too-large' ? 'odd-reply' : 'timed-out' };
  }
}

/** A key that is deleted or off, an account that is gone and a wrong clock are all `invalid_grant`, and told apart by words alone. */
function takenOf(reply: HttpReply): Taken {
  const json = parsed(reply);
  if (reply.status === 200 && [json['access_token'], json['id_token']].some((token) => typeof token === 'string')) return 'accepted';
  const said = json['error'] === 'invalid_grant' && typeof json['error_description'] === 'string' ? json['error_description'] : '';
  if (reply.status === 400 && /Invalid JWT Signature|account not found/i.test(said)) return 'refused';
  if (/reasonable timeframe|\biat\b/i.test(said)) return { unknown: 'denied', detail: 'it says that the clock of this machine is wrong' };
  if (said !== '') return { unknown: 'denied' };
  return { unknown: reply.status >= 500 ? 'unreachable' : reply.status === 403 ? 'denied' : 'odd-reply' };
}

/** `robot@demo.iam.gserviceaccount.com`. */
export function isAccount(text: string): boolean {
  return /^[a-z0-9-]{1,63}@[a-z0-9.-]{1,200}\.gserviceaccount\.com$/.test(text);
}

async function send(
  at: GcpKeyPlace,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body: Json | undefined,
  signal: AbortSignal,
  isChange: boolean,
): Promise<HttpReply> {
  const headers = { Authorization: `Bearer ${await at.token(signal)}`, Accept: 'application/json' };
  const url = `${at.iam}/v1/projects/-/serviceAccounts/${encodeURIComponent(at.account)}${path}`;
  const given =
    body === undefined ? { headers } : { headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  try {
    return await at.client.send({ method, url, ...given, signal });
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const mayHaveHappened = isChange && !['throttled', 'not-allowed'].includes(error.why);
    throw new RotationError(TOLD_FAILURES[error.why], `Google IAM: ${error.message}`, { mayHaveHappened, cause: error });
  }
}

function jsonOf(reply: HttpReply, isChange: boolean): Json {
  const { status } = reply;
  const json = parsed(reply);
  if (status === 200 && !(ODD in json)) return json;
  const error = json['error'];
  const code = isJson(error) && typeof error['status'] === 'string' && /^[A-Z_]{1,40}$/.test(error['status']) ? error['status'] : '';
  const why: RotationFailure =
    status === 401 || status === 403
      ? 'denied'
      : status === 404
        ? 'not-found'
        : status >= 500
          ? 'unreachable'
          : status === 400 || status === 409
            ? 'refused'
            : 'odd-reply';
  const policy = code === 'FAILED_PRECONDITION' ? ' (ten keys are the most, and a policy of the organisation may forbid them)' : '';
  const isRefusal = status >= 400 && status < 500;
  throw new RotationError(why, `Google IAM answered ${[status, code].join(' ').trim()}${policy}`, {
    mayHaveHappened: isChange && !isRefusal,
  });
}

const ODD = '\u0000odd';

/** Returns the JSON object of a reply; what is none has a name that none has. */
function parsed(reply: HttpReply): Json {
  try {
    const json: unknown = JSON.parse(reply.body.toString('utf8'));
    if (isJson(json)) return json;
  } catch {
    // A proxy's page.
  }
  return { [ODD]: true };
}

function keyOf(json: Json): ServiceAccountKey {
  const created = json['validAfterTime'];
  return {
    id: idOf(json),
    isOn: json['disabled'] !== true,
    createdAt: new Date(typeof created === 'string' ? created : Number.NaN),
    isGoogles: json['keyOrigin'] === 'GOOGLE_PROVIDED',
  };
}

/** `projects/P/serviceAccounts/EMAIL/keys/ID`: the id. */
function idOf({ name }: Json): string {
  const id = typeof name === 'string' ? name.slice(name.lastIndexOf('/') + 1) : '';
  if (/^[0-9a-f]{1,64}$/.test(id)) return id;
  throw odd('Google IAM named a key by something that is no id', true);
}

function odd(message: string, mayHaveHappened: boolean): RotationError {
  return new RotationError('odd-reply', message, { mayHaveHappened });
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
