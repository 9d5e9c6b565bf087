/** HTTP as the connectors need it: JSON in and out, failures as StoreError. What a reply says in words is never repeated: it may hold a secret. */
import { StoreError } from '../core/stores.ts';
import { type HttpClient, HttpError, type HttpReply, type HttpRequest, TOLD_FAILURES } from '../net/http-client.ts';

export type Json = { readonly [key: string]: unknown };

/** Sends a request and returns the reply, whatever its status. Throws StoreError. */
export async function ask(client: HttpClient, request: HttpRequest): Promise<HttpReply> {
  try {
    return await client.send(request);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    throw new StoreError(TOLD_FAILURES[error.why], error.message, { cause: error });
  }
}

/** Returns the reply's JSON object. Throws StoreError odd-reply for anything else. */
export function jsonOf(reply: HttpReply, what: string): Json {
  try {
    const value: unknown = JSON.parse(reply.body.toString('utf8'));
    if (isJson(value)) return value;
  } catch {
    // Said below, as for JSON of another kind.
  }
  throw new StoreError('odd-reply', `${what} answered with something that is no JSON object (${reply.status})`, { status: reply.status });
}

/** Returns the reply's JSON array. Throws StoreError odd-reply for anything else. */
export function jsonListOf(reply: HttpReply, what: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(reply.body.toString('utf8'));
    if (Array.isArray(value)) return value;
  } catch {
    // Said below, as for JSON of another kind.
  }
  throw new StoreError('odd-reply', `${what} answered with something that is no JSON array (${reply.status})`, { status: reply.status });
}

/** Throws StoreError by the status where it is no success: 401 and 403 denied, 404 not-found, 429 throttled, 5xx unreachable, others odd-reply. */
export function expectSuccess(reply: HttpReply, what: string): void {
  const { status } = reply;
  if (status >= 200 && status < 300) return;
  const why =
    status === 401 || status === 403
      ? 'denied'
      : status === 404
        ? 'not-found'
        : status === 429
          ? 'throttled'
          : status >= 500
            ? 'unreachable'
            : 'odd-reply';
  throw new StoreError(why, `${what} answered ${status}`, { status });
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns a text of a reply, or throws StoreError odd-reply. */
export function textOf(json: Json, key: string, what: string): string {
  const value = json[key];
  if (typeof value === 'string') return value;
  throw new StoreError('odd-reply', `${what} answered without ${key}`);
}

/** Returns a value that came as base64: its text where it is UTF-8, else the base64 itself. */
export function textOfBase64(base64: string): string {
  const text = Buffer.from(base64, 'base64').toString('utf8');
  return Buffer.from(text, 'utf8').toString('base64') === base64 ? text : base64;
}
