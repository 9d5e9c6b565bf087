/**
 * Secrets Manager's protocol in one region: AWS JSON 1.1, signed. In: operation and its JSON; out: its JSON, or AwsFault with AWS's own name for what failed.
 * The message beside that name is never repeated.
 */
import { StoreError, type StoreFailure } from '../core/stores.ts';
import { signV4 } from '../net/aws-sigv4.ts';
import type { HttpClient, HttpReply } from '../net/http-client.ts';
import type { AwsCredentials } from './aws-credentials.ts';
import { ask, isJson, type Json, jsonOf } from './store-http.ts';

export type AwsRegion = {
  readonly region: string;
  /** `https://secretsmanager.eu-west-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly client: HttpClient;
  readonly credentials: AwsCredentials;
  readonly now: () => Date;
};

/** An error of the service, by its name: `ResourceNotFoundException`. */
export class AwsFault extends StoreError {
  readonly fault: string;

  constructor(fault: string, why: StoreFailure, message: string, status: number) {
    super(why, message, { status });
    this.fault = fault;
  }
}

const THROTTLED = new Set(['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'RequestLimitExceeded', 'SlowDown']);
const EXPIRED = new Set(['ExpiredTokenException', 'ExpiredToken']);
/** About the credentials, not about a right: nothing else will work either. */
const NO_IDENTITY = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'AuthFailure',
  'IncompleteSignature',
  'MissingAuthenticationTokenException',
  'RequestExpired',
  ...EXPIRED,
]);

/** Calls an operation. Renews keys that ended meanwhile, once. `isIdempotent`: sent again when the connection broke. Throws AwsFault, StoreError. */
export async function callAws(at: AwsRegion, operation: string, body: Json, signal: AbortSignal, isIdempotent = true): Promise<Json> {
  try {
    return await callOnce(at, operation, body, signal, isIdempotent);
  } catch (error) {
    if (!(error instanceof AwsFault && EXPIRED.has(error.fault))) throw error;
    at.credentials.forget();
    return callOnce(at, operation, body, signal, isIdempotent);
  }
}

async function callOnce(at: AwsRegion, operation: string, body: Json, signal: AbortSignal, isIdempotent: boolean): Promise<Json> {
  const request = {
    method: 'POST' as const,
    url: `${at.endpoint}/`,
    headers: { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': `secretsmanager.${operation}` },
    body: JSON.stringify(body),
  };
  const keys = await at.credentials.get(signal);
  const headers = signV4(request, { service: 'secretsmanager', region: at.region, keys, now: at.now() });
  const reply = await ask(at.client, { ...request, headers, signal, isIdempotent });
  const what = `AWS ${at.region} ${operation}`;
  if (reply.status === 200) return jsonOf(reply, what);
  throw faultOf(reply, what);
}

/** Tells the throttling replies of AWS's JSON protocol, which come with status 400. */
export function isThrottledByAws(reply: HttpReply): boolean {
  return reply.status === 400 && THROTTLED.has(faultName(reply));
}

/** Whether a fault ends everything, rather than one secret's or one operation's part. */
export function isAboutAll(error: unknown): boolean {
  if (error instanceof AwsFault) return error.fault === '' || NO_IDENTITY.has(error.fault) || error.why === 'unreachable';
  return true;
}

function faultOf(reply: HttpReply, what: string): AwsFault {
  const fault = faultName(reply);
  const said = fault === '' ? `${reply.status}` : `${reply.status} ${fault}`;
  const skewed = fault === 'InvalidSignatureException' ? ': the secret key is wrong, or this machine’s clock' : '';
  return new AwsFault(fault, whyOf(fault, reply.status), `${what} answered ${said}${skewed}`, reply.status);
}

function whyOf(fault: string, status: number): StoreFailure {
  if (status >= 500) return 'unreachable';
  if (THROTTLED.has(fault)) return 'throttled';
  if (NO_IDENTITY.has(fault) || isRefusal(fault) || fault === 'DecryptionFailure' || status === 403) return 'denied';
  if (fault === 'ResourceNotFoundException') return 'not-found';
  return 'odd-reply';
}

/** A right is missing, for this secret or this operation. */
export function isRefusal(fault: string): boolean {
  return fault === 'AccessDeniedException' || fault === 'AccessDenied';
}

/**
 * `{"__type":"com.amazonaws.secretsmanager#ResourceNotFoundException"}`, the header that gateways set, or the XML that what stands before the service may write;
 * '' for anything that is no such name.
 */
function faultName(reply: HttpReply): string {
  const named = reply.headers['x-amzn-errortype'] ?? typeIn(reply.body);
  return /(?:^|#)([A-Za-z]{1,80})(?::|$)/.exec(named)?.[1] ?? '';
}

function typeIn(body: Buffer): string {
  try {
    const json: unknown = JSON.parse(body.toString('utf8'));
    const named = isJson(json) ? (json['__type'] ?? json['code']) : undefined;
    return typeof named === 'string' ? named : '';
  } catch {
    // No JSON: AWS's XML, or a proxy's page, which has no name.
    return /<Code>([A-Za-z]{1,80})<\/Code>/.exec(body.toString('utf8'))?.[1] ?? '';
  }
}
