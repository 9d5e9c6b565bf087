/**
 * GitHub's API through Octokit, whose plugins keep its limits and try again; every byte goes through the one HTTP client (http-client.ts), so proxies, custom
 * CAs, bounds and time-outs are the same as everywhere. In: the API's address and a token. Out: an Octokit whose every failure is a GitHubError, which names
 * method, path and GitHub's own words, never the token, a query or a body. Octokit and undici are loaded when a client is made, since most runs need none.
 * Called by the Action and by audits of organisations. Limits: docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api.
 */
import { rootCertificates } from 'node:tls';
import type { Octokit } from '@octokit/rest';
import { printable } from '../core/errors.ts';
import { HttpClient, HttpError, type HttpFailure, type HttpRequest } from './http-client.ts';

export type GitHub = Octokit;

export type GitHubClient = {
  readonly octokit: GitHub;
  readonly close: () => Promise<void>;
};

export type GitHubClientOptions = {
  /** `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise Server: from the runner or the owner, never from a scanned repository. */
  readonly apiUrl: string;
  /** null: what everybody may read, with a low rate limit. */
  readonly token: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Ends requests and pauses. */
  readonly signal: AbortSignal;
  /** Certificates (PEM) that are trusted beside the usual ones. */
  readonly ca?: string;
  /** A longer pause than this is not waited for when GitHub asks for it; the request then fails as `throttled`. */
  readonly maxPauseSeconds?: number;
  readonly maxReplyBytes?: number;
  /** Told before a pause that GitHub asked for. */
  readonly onPause?: (seconds: number) => void;
  /** A second as the plugins count it; tests make it short. */
  readonly secondMs?: number;
};

export type GitHubFailure = HttpFailure | 'unauthorized' | 'forbidden' | 'missing' | 'refused' | 'unchanged' | 'server';

/** What kept a request from being answered. `status` is 0 where there was no reply. */
export class GitHubError extends Error {
  readonly why: GitHubFailure;
  readonly status: number;

  constructor(why: GitHubFailure, status: number, message: string) {
    super(message);
    this.name = 'GitHubError';
    this.why = why;
    this.status = status;
  }
}

const MAX_PAUSE_SECONDS = 120;
/** SARIF uploads and pages of a hundred pull requests take GitHub longer than a store takes for a secret. */
const TOTAL_MS = 60_000;
/** A page of a hundred entries with their texts (65,536 characters each, written as JSON) is smaller. */
const MAX_REPLY_BYTES = 32 << 20;
/** Of GitHub's own sentence. */
const MAX_MESSAGE_CHARACTERS = 300;
const MAX_REDIRECTS = 3;
const RETRIES = 3;

/** Throws GitHubError not-allowed where `apiUrl` is no https address (http on loopback apart). */
export async function createGitHubClient(options: GitHubClientOptions): Promise<GitHubClient> {
  const { apiUrl, token, env, signal, ca, secondMs = 1000, maxPauseSeconds = MAX_PAUSE_SECONDS } = options;
  if (!URL.canParse(apiUrl)) throw new GitHubError('not-allowed', 0, `${printable(apiUrl)} is no address`);
  const [{ Octokit }, { retry }, { throttling }] = await Promise.all([
    import('@octokit/rest'),
    import('@octokit/plugin-retry'),
    import('@octokit/plugin-throttling'),
  ]);
  const http = new HttpClient({
    origins: [new URL(apiUrl).origin],
    env,
    isSingleTry: true,
    totalMs: TOTAL_MS,
    maxReplyBytes: options.maxReplyBytes ?? MAX_REPLY_BYTES,
    // A list of certificates takes the place of the usual ones, so those are part of it.
    ...(ca === undefined ? {} : { tls: { ca: [...rootCertificates, ca].join('\n') } }),
  });
  const waits = (seconds: number, _options: unknown, _octokit: unknown, count: number): boolean => {
    if (seconds > maxPauseSeconds || count >= RETRIES) return false;
    options.onPause?.(seconds);
    return true;
  };
  const octokit = new (Octokit.plugin(retry, throttling))({
    baseUrl: apiUrl.replace(/\/+$/, ''),
    auth: token === null || token === '' ? undefined : token,
    userAgent: `leakwarden/${options.version}`,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    request: { fetch: fetchThrough(http, signal) },
    // A limit is the other plugin's business, which waits as long as GitHub asks; the rest would be refused again.
    retry: { retries: RETRIES, retryAfterBaseValue: secondMs, doNotRetry: [304, 400, 401, 403, 404, 409, 410, 413, 422, 429, 451] },
    throttle: { onRateLimit: waits, onSecondaryRateLimit: waits, retryAfterBaseValue: secondMs },
  });
  octokit.hook.before('request', (request) => {
    // Sent again after a reply that got lost, it might be done twice: two reviews. Who sends it looks first.
    if (request.method === 'POST') request.request = { ...request.request, retries: 0 };
  });
  octokit.hook.wrap('request', async (send, request) => {
    try {
      return await untilAborted(send(request), signal);
    } catch (error) {
      throw asGitHubError(error, request, token);
    }
  });
  return { octokit, close: () => http.close() };
}

function silent(): void {
  // Octokit's own words would go to the console.
}

type Fetch = (url: string, init: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array }) => Promise<Response>;

/** Follows redirects of reading requests within GitHub itself (a repository that was renamed); what leads elsewhere is given back as it is, without the token. */
function fetchThrough(http: HttpClient, signal: AbortSignal): Fetch {
  return async (address, { method = 'GET', headers = {}, body }) => {
    let url = address;
    for (let count = 0; ; count++) {
      const reply = await http.send({ method: methodOf(method), url, headers, ...(body ? { body } : {}), signal });
      const target = reply.headers['location'];
      const isHere = target !== undefined && URL.canParse(target, url) && new URL(target, url).origin === new URL(url).origin;
      if (method !== 'GET' || !isHere || reply.status < 301 || reply.status > 308 || count === MAX_REDIRECTS)
        return toResponse(reply.status, reply.headers, reply.body, url);
      url = new URL(target, url).href;
    }
  };
}

function methodOf(text: string): HttpRequest['method'] {
  const known = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).find((method) => method === text);
  if (known === undefined) throw new HttpError('not-allowed', `${text} is not asked of GitHub`);
  return known;
}

function toResponse(status: number, headers: Readonly<Record<string, string>>, body: Buffer, url: string): Response {
  // A Response of these statuses may have no body (fetch standard, "null body status").
  const hasNone = [101, 204, 205, 304].includes(status);
  const response = new Response(hasNone ? null : new Uint8Array(body), { status, headers });
  Object.defineProperty(response, 'url', { value: url });
  return response;
}

/** A pause of the plugins does not end by itself when somebody interrupts. */
async function untilAborted<T>(sent: Promise<T> | T, signal: AbortSignal): Promise<T> {
  let stop: () => void = silent;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new HttpError('interrupted', 'it was interrupted'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([sent, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function asGitHubError(error: unknown, request: { readonly method: string; readonly url: string }, token: string | null): GitHubError {
  const where = `${request.method} ${pathOf(error, request.url)}`;
  const cause = error instanceof Error && error.cause instanceof HttpError ? error.cause : error;
  if (cause instanceof HttpError) return new GitHubError(cause.why, 0, cause.message);
  const status = numberAt(error, 'status');
  const words = error instanceof Error ? error.message : 'no reply';
  const hidden = token === null || token === '' ? words : words.replaceAll(token, '…');
  const said = printable(hidden.split(' - https://')[0] ?? '').slice(0, MAX_MESSAGE_CHARACTERS);
  const needs = neededPermissions(error);
  return new GitHubError(failureOf(status, words), status, `${where}: ${status} ${said}${needs === '' ? '' : ` (needs ${needs})`}`);
}

function failureOf(status: number, words: string): GitHubFailure {
  if (status === 429 || (status === 403 && /rate limit/i.test(words))) return 'throttled';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404 || status === 410) return 'missing';
  if (status === 304) return 'unchanged';
  return status >= 500 ? 'server' : 'refused';
}

/** What was asked for, with its parameters filled in and without a query. */
function pathOf(error: unknown, template: string): string {
  const asked = error instanceof Error && 'request' in error && isRecord(error.request) ? error.request['url'] : undefined;
  const url = typeof asked === 'string' ? asked : template;
  return printable(URL.canParse(url) ? new URL(url).pathname : (url.split('?')[0] ?? ''));
}

/** GitHub tells what a token would need (`x-accepted-github-permissions: pull_requests=write`). */
function neededPermissions(error: unknown): string {
  if (!(error instanceof Error) || numberAt(error, 'status') !== 403 || !('response' in error) || !isRecord(error.response)) return '';
  const headers = error.response['headers'];
  const needed = isRecord(headers) ? headers['x-accepted-github-permissions'] : undefined;
  return typeof needed === 'string' ? printable(needed).slice(0, MAX_MESSAGE_CHARACTERS) : '';
}

function numberAt(error: unknown, name: string): number {
  const value = isRecord(error) ? error[name] : undefined;
  return typeof value === 'number' ? value : 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
