/**
 * The one HTTP client: everything that leaves this machine leaves through here, and only because somebody asked for it. In: a request to an allowed origin.
 * Out: a reply whose body is whole and bounded, or an HttpError that says which of six things went wrong.
 *
 * https only, but for loopback; no redirects (a token must not follow one); time-outs; a few tries for what may pass, with the pause that the server asks for.
 * Proxies by the usual variables. Errors name method, host and path, never a query, a header or a body: these hold secrets (facts/stores.md §8).
 */

import type { Dispatcher } from 'undici';
import { startDeadline } from '../core/deadline.ts';

export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'LIST' | 'SCAN';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal: AbortSignal;
  /** Sending it again does the same once more, or nothing: then it is tried again when the connection broke. GET, LIST and SCAN are by themselves. */
  readonly isIdempotent?: boolean;
  /** The path holds a secret: errors name the host alone. */
  readonly isPathSecret?: boolean;
};

export type HttpReply = {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

export const HTTP_FAILURES = ['unreachable', 'timed-out', 'throttled', 'too-large', 'not-allowed', 'interrupted'] as const;
export type HttpFailure = (typeof HTTP_FAILURES)[number];

/** What stores and rotations call it (StoreFailure, RotationFailure). */
export const TOLD_FAILURES = {
  'unreachable': 'unreachable',
  'timed-out': 'timed-out',
  'throttled': 'throttled',
  'too-large': 'odd-reply',
  'not-allowed': 'misconfigured',
  'interrupted': 'timed-out',
} as const satisfies Readonly<Record<HttpFailure, string>>;

/** What kept a request from being answered. A reply with an error's status is a reply, except 429 when all tries met it. */
export class HttpError extends Error {
  readonly why: HttpFailure;

  constructor(why: HttpFailure, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'HttpError';
    this.why = why;
  }
}

export type HttpClientOptions = {
  /** Origins (`https://vault.example:8200`) that may be asked: from the owner's configuration, never from a scanned repository. */
  readonly origins: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly isVerified?: boolean };
  /** Waits; replaced in tests, so that they need no time. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0 to 1, for the pauses between tries. */
  readonly random?: () => number;
  /** Statuses that are tried again beside 429, 502, 503, 504. */
  readonly retriedStatuses?: readonly number[];
  /** Tells replies that mean 429 and say it in another way (AWS: 400 with ThrottlingException). */
  readonly isThrottled?: (reply: HttpReply) => boolean;
  /** Each request is sent once and its reply given, whatever it is: the caller tries again by itself. */
  readonly isSingleTry?: boolean;
  /** Instead of MAX_REPLY_BYTES. */
  readonly maxReplyBytes?: number;
  /** Instead of TOTAL_MS. */
  readonly totalMs?: number;
  /** A longer pause than this is not waited for. */
  readonly maxPauseMs?: number;
};

const CONNECT_MS = 5000;
const TOTAL_MS = 15_000;
const TRIES = 4;
/** Full jitter: a random part of this, doubled with each try. */
const FIRST_PAUSE_MS = 250;
/** A server that asks for a longer pause is throttling us, and is reported so. */
const MAX_PAUSE_MS = 30_000;
/** A page of any store's list is smaller. */
export const MAX_REPLY_BYTES = 8 << 20;
/** Requests to one origin at a time. */
const CONNECTIONS = 8;

const RETRIED = [429, 502, 503, 504];
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'LIST', 'SCAN']);

export class HttpClient {
  readonly #options: HttpClientOptions;
  #dispatcher: Dispatcher | null = null;
  /** Past every proxy. */
  #direct: Dispatcher | null = null;

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  /** Sends a request, again where that helps, and returns the last reply. Throws HttpError. */
  async send(request: HttpRequest): Promise<HttpReply> {
    const where = this.#check(request);
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#try(request, where);
      const isLast = attempt >= TRIES || this.#options.isSingleTry === true;
      const pauseMs = isLast ? null : this.#pauseAfter(outcome, request, attempt);
      if (pauseMs === null) {
        if (outcome instanceof HttpError) throw outcome;
        if (this.#options.isSingleTry) return outcome;
        if (this.#isThrottled(outcome)) throw new HttpError('throttled', `${where} asks for a pause (${outcome.status})`);
        return outcome;
      }
      await this.#sleep(pauseMs, request.signal);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#dispatcher?.destroy(), this.#direct?.destroy()]);
    this.#dispatcher = null;
    this.#direct = null;
  }

  /** Returns method, host and, where it holds no secret, path: what errors may name. */
  #check({ method, url, isPathSecret }: HttpRequest): string {
    const parsed = URL.canParse(url) ? new URL(url) : null;
    const where = parsed ? `${method} ${parsed.host}${isPathSecret ? '' : parsed.pathname}` : method;
    if (!parsed || parsed.username !== '' || parsed.password !== '')
      throw new HttpError('not-allowed', `${where}: no address that can be asked`);
    if (parsed.protocol !== 'https:' && !(parsed.protocol === 'http:' && (isLoopback(parsed.hostname) || isMetadata(parsed.hostname))))
      throw new HttpError('not-allowed', `${where}: only https is used`);
    if (!this.#options.origins.includes(parsed.origin))
      throw new HttpError('not-allowed', `${where}: the configuration does not name this host`);
    return where;
  }

  async #try(request: HttpRequest, where: string): Promise<HttpReply | HttpError> {
    const { totalMs = TOTAL_MS, maxReplyBytes = MAX_REPLY_BYTES } = this.#options;
    const deadline = startDeadline(request.signal, totalMs);
    try {
      const { request: send } = await import('undici');
      const reply = await send(request.url, {
        dispatcher: await this.#connect(isMetadata(new URL(request.url).hostname)),
        // LIST and SCAN are methods of Vault and OpenBao, which undici's types do not know.
        method: request.method as Dispatcher.HttpMethod,
        headers: { ...request.headers },
        body: request.body ?? null,
        signal: deadline.signal,
        headersTimeout: totalMs,
        bodyTimeout: totalMs,
      });
      const body = await readBounded(reply.body, where, maxReplyBytes);
      return { status: reply.statusCode, headers: plainHeaders(reply.headers), body };
    } catch (error) {
      if (error instanceof HttpError) return error;
      if (request.signal.aborted) return new HttpError('interrupted', `${where} was interrupted`);
      if (deadline.isOver() || isTimeout(error))
        return new HttpError('timed-out', `${where} did not answer within ${totalMs / 1000} s`, { cause: error });
      return new HttpError('unreachable', `${where} cannot be reached: ${codeOf(error)}`, { cause: error });
    } finally {
      deadline.end();
    }
  }

  async #connect(isDirect: boolean): Promise<Dispatcher> {
    const known = isDirect ? this.#direct : this.#dispatcher;
    if (known) return known;
    const { Agent, EnvHttpProxyAgent } = await import('undici');
    const { env, tls = {} } = this.#options;
    const connect = { timeout: CONNECT_MS, rejectUnauthorized: tls.isVerified !== false, ...pick(tls, ['ca', 'cert', 'key']) };
    const proxy = env['HTTPS_PROXY'] ?? env['https_proxy'] ?? env['HTTP_PROXY'] ?? env['http_proxy'];
    const shared = { connections: CONNECTIONS, connect, keepAliveTimeout: 2000 };
    if (isDirect) {
      this.#direct = new Agent(shared);
      return this.#direct;
    }
    this.#dispatcher = proxy
      ? new EnvHttpProxyAgent({
          ...shared,
          httpProxy: env['HTTP_PROXY'] ?? env['http_proxy'] ?? proxy,
          httpsProxy: env['HTTPS_PROXY'] ?? env['https_proxy'] ?? proxy,
          noProxy: env['NO_PROXY'] ?? env['no_proxy'] ?? 'localhost,127.0.0.1,::1',
          requestTls: connect,
        })
      : new Agent(shared);
    return this.#dispatcher;
  }

  /** Returns how long to wait before the next try, or null when another would not help. */
  #pauseAfter(outcome: HttpReply | HttpError, { method, isIdempotent }: HttpRequest, attempt: number): number | null {
    const random = this.#options.random ?? Math.random;
    const own = random() * FIRST_PAUSE_MS * 2 ** (attempt - 1);
    const isSafe = isIdempotent === true || SAFE_METHODS.has(method);
    if (outcome instanceof HttpError) return isSafe && (outcome.why === 'unreachable' || outcome.why === 'timed-out') ? own : null;
    const isThrottled = this.#isThrottled(outcome);
    if (!isThrottled && ![...RETRIED, ...(this.#options.retriedStatuses ?? [])].includes(outcome.status)) return null;
    // Nothing was done when a server says 429; after 5xx it may have been.
    if (!isThrottled && !isSafe) return null;
    const asked = retryAfterMs(outcome.headers['retry-after']);
    if (asked === null) return own;
    return asked > (this.#options.maxPauseMs ?? MAX_PAUSE_MS) ? null : Math.max(asked, own);
  }

  #isThrottled(reply: HttpReply): boolean {
    return reply.status === 429 || this.#options.isThrottled?.(reply) === true;
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#options.sleep) return this.#options.sleep(ms, signal);
    const { setTimeout: wait } = await import('node:timers/promises');
    try {
      await wait(ms, undefined, { signal });
    } catch (error) {
      throw new HttpError('interrupted', 'the wait before another try was interrupted', { cause: error });
    }
  }
}

async function readBounded(body: AsyncIterable<Uint8Array>, where: string, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > most) throw new HttpError('too-large', `${where} answered with more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

/** Seconds, or a date (RFC 9110 §10.2.3); null where there is none, or nonsense. */
function retryAfterMs(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,6}$/.test(text.trim())) return 1000 * Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * Where clouds give a machine its own credentials: link-local addresses of the machine's own host, which speak plain http alone. Asked like any other host only
 * when a connector names it, and never through a proxy, which would learn the credentials.
 */
function isMetadata(host: string): boolean {
  return (
    /^169\.254\.\d+\.\d+$/.test(host) || host === '[fd00:ec2::254]' || host === '[fd00:ec2::23]' || host === 'metadata.google.internal'
  );
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && /Timeout/.test(error.name);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no connection';
}

function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Partial<Pick<T, K>> {
  return Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]])) as Partial<Pick<T, K>>;
}
