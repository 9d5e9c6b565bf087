/**
 * Bearer tokens of OAuth, for Azure and Google: fetched when the first request needs one, kept as long as they last, in a private field.
 * In: a way to fetch one; out: replies to requests that carry it.
 */
import { startDeadline } from '../core/deadline.ts';
import { StoreError } from '../core/stores.ts';
import type { HttpClient, HttpReply, HttpRequest } from '../net/http-client.ts';
import { ask, type Json, jsonOf, textOf } from './store-http.ts';
import type { StoreContext } from './store-kind.ts';

export type AccessToken = {
  readonly token: string;
  /** Null where nobody says. */
  readonly expiresAt: Date | null;
};

/** Renewed this long before the end, so that a request under way still has a good one. */
const RENEW_MS = 2 * 60_000;
/** Metadata services answer at once or are not there. */
const METADATA_MS = 3000;

export class AccessTokens {
  readonly #fetch: (signal: AbortSignal) => Promise<AccessToken>;
  readonly #now: () => Date;
  #token: AccessToken | null = null;
  #pending: Promise<AccessToken> | null = null;

  constructor(fetch: (signal: AbortSignal) => Promise<AccessToken>, now: () => Date) {
    this.#fetch = fetch;
    this.#now = now;
  }

  async get(signal: AbortSignal): Promise<string> {
    const ends = this.#token?.expiresAt?.getTime();
    if (this.#token && (ends === undefined || ends - this.#now().getTime() > RENEW_MS)) return this.#token.token;
    // Requests run side by side; one of them fetches.
    this.#pending ??= this.#fetch(signal).finally(() => {
      this.#pending = null;
    });
    this.#token = await this.#pending;
    return this.#token.token;
  }

  forget(): void {
    this.#token = null;
  }
}

export type BearerApi = { readonly client: HttpClient; readonly tokens: AccessTokens };

/** GETs with a token, or POSTs a question; after a 401 once more with a fresh token, since they are also taken back before their time. */
export function askWithToken(api: BearerApi, url: string, signal: AbortSignal, question?: Json): Promise<HttpReply> {
  return question === undefined
    ? sendWithToken(api, { method: 'GET', url }, signal)
    : sendWithToken(api, { method: 'POST', url, body: question, isIdempotent: true }, signal);
}

export type TokenRequest = {
  readonly method: HttpRequest['method'];
  readonly url: string;
  readonly body?: Json;
  readonly isIdempotent?: boolean;
};

/** Sends any request with a token. `isIdempotent`: again where the connection broke. */
export async function sendWithToken(
  { client, tokens }: BearerApi,
  { body, ...request }: TokenRequest,
  signal: AbortSignal,
): Promise<HttpReply> {
  const send = async (): Promise<HttpReply> => {
    const headers = { Authorization: `Bearer ${await tokens.get(signal)}`, Accept: 'application/json' };
    if (body === undefined) return ask(client, { ...request, headers, signal });
    const typed = { ...headers, 'Content-Type': 'application/json' };
    return ask(client, { ...request, headers: typed, body: JSON.stringify(body), signal });
  };
  const reply = await send();
  if (reply.status !== 401) return reply;
  tokens.forget();
  return send();
}

/** Sends one request with a client of its own, for the hosts that give credentials: the store's client may not ask them. */
export async function askOnce(context: StoreContext, request: HttpRequest): Promise<HttpReply> {
  const client = context.createClient({ origins: URL.canParse(request.url) ? [new URL(request.url).origin] : [] });
  try {
    return await ask(client, request);
  } finally {
    await client.close();
  }
}

/** As askOnce, for a metadata service: what is not there within seconds is said to be missing. */
export async function askMetadata(context: StoreContext, request: HttpRequest, missing: string): Promise<HttpReply> {
  const { signal, end } = startDeadline(request.signal, METADATA_MS);
  try {
    return await askOnce(context, { ...request, signal });
  } catch (error) {
    if (!(error instanceof StoreError) || request.signal.aborted) throw error;
    throw new StoreError('misconfigured', missing, { cause: error });
  } finally {
    end();
  }
}

/** POSTs a form to a token endpoint and reads the token. `reason` finds a code fit for print in an error's JSON, or ''. */
export async function fetchToken(
  context: StoreContext,
  request: { readonly url: string; readonly form: Readonly<Record<string, string>>; readonly what: string; readonly signal: AbortSignal },
  reason: (json: Json) => string,
): Promise<AccessToken> {
  const { url, form, what, signal } = request;
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' };
  const body = new URLSearchParams(form).toString();
  const reply = await askOnce(context, { method: 'POST', url, headers, body, signal, isIdempotent: true });
  return readToken(reply, what, context.now(), reason);
}

/** Reads `access_token` and `expires_in` (seconds, as a number or a text). Throws StoreError denied where a client's error came instead. */
export function readToken(reply: HttpReply, what: string, now: Date, reason: (json: Json) => string = () => ''): AccessToken {
  const { status } = reply;
  if (status >= 500) throw new StoreError('unreachable', `${what} answered ${status}`, { status });
  if (status >= 400)
    throw new StoreError('denied', `${what} refused the credentials (${[status, refusalIn(reply, reason)].join(' ').trim()})`, { status });
  const json = jsonOf(reply, what);
  const seconds = Number(json['expires_in']);
  const isKnown = Number.isFinite(seconds) && seconds > 0 && seconds < 1e9;
  return { token: textOf(json, 'access_token', what), expiresAt: isKnown ? new Date(now.getTime() + 1000 * seconds) : null };
}

function refusalIn(reply: HttpReply, reason: (json: Json) => string): string {
  try {
    return reason(jsonOf(reply, ''));
  } catch {
    // An error without JSON: its status says enough.
    return '';
  }
}

/** Returns the claims of a token that is a JWT, unchecked, to say whose it is; {} for one that is not. */
export function claimsOf(token: string): Json {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? { ...claims } : {};
  } catch {
    // An opaque token.
    return {};
  }
}
