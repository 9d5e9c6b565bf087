/**
 * One connection to a store over REST: address, authorisation and its life (asked for once, again before it ends, once more when the store says 401), requests.
 * In: how to connect and how to log in; out: replies, or StoreError. Called by the connectors whose store has no more special ways.
 */
import { StoreError } from '../core/stores.ts';
import type { HttpClient, HttpReply, HttpRequest } from '../net/http-client.ts';
import { ask, expectSuccess, type Json, jsonListOf, jsonOf } from './store-http.ts';

export type RestRequest = {
  /** Under the address, encoded: `/v1/secrets`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly method?: HttpRequest['method'];
  /** A JSON body. */
  readonly body?: Json;
  /** A body as it is, instead. */
  readonly text?: string;
  /** It changes something: sent once, and not again where the answer was lost. All else may be sent again. */
  readonly isChange?: true;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

/** Headers that let us in, and when they stop doing so; null: they do not end by themselves. */
export type Authorisation = { readonly headers: Readonly<Record<string, string>>; readonly endsAt: number | null };

export type RestOptions = {
  /** Without a slash at the end. */
  readonly address: string;
  readonly connect: () => Promise<HttpClient>;
  readonly logIn: (client: HttpClient, signal: AbortSignal) => Promise<Authorisation>;
  /** Gives back what logIn took. */
  readonly logOut?: (client: HttpClient, authorisation: Authorisation, signal: AbortSignal) => Promise<void>;
  readonly now: () => Date;
};

/** A credential is renewed so long before it ends: longer than the slowest request takes. */
const RENEW_BEFORE_MS = 30_000;
/** Giving it back must not hold up the end. */
const LOG_OUT_MS = 5000;

export class RestSession {
  readonly address: string;
  readonly #options: RestOptions;
  #client: Promise<HttpClient> | null = null;
  #login: Promise<Authorisation> | null = null;
  #held: Authorisation | null = null;

  constructor(options: RestOptions) {
    this.address = options.address;
    this.#options = options;
  }

  /** Sends a request, logged in; returns the reply whatever its status. */
  async send(request: RestRequest): Promise<HttpReply> {
    const client = await this.#connect();
    const held = await this.#authorise(client, request.signal);
    const reply = await ask(client, this.#message(request, held));
    if (reply.status !== 401) return reply;
    // It ended sooner than was said, or was taken back: one more login tells which.
    this.#forget(held);
    return ask(client, this.#message(request, await this.#authorise(client, request.signal)));
  }

  /** Returns the reply's JSON object. Throws StoreError. */
  async get(request: RestRequest): Promise<Json> {
    const reply = await this.send(request);
    expectSuccess(reply, this.#nameOf(request));
    return jsonOf(reply, this.#nameOf(request));
  }

  /** Returns the reply's JSON array. Throws StoreError. */
  async list(request: RestRequest): Promise<readonly unknown[]> {
    const reply = await this.send(request);
    expectSuccess(reply, this.#nameOf(request));
    return jsonListOf(reply, this.#nameOf(request));
  }

  async close(): Promise<void> {
    const [client, held] = [await this.#client, this.#held];
    this.#held = null;
    this.#login = null;
    this.#client = null;
    if (!client) return;
    try {
      if (held) await this.#options.logOut?.(client, held, AbortSignal.timeout(LOG_OUT_MS));
    } catch (error) {
      // It ends by itself.
      if (!(error instanceof StoreError)) throw error;
    } finally {
      await client.close();
    }
  }

  #connect(): Promise<HttpClient> {
    this.#client ??= this.#options.connect().catch((error: unknown) => {
      this.#client = null;
      throw error;
    });
    return this.#client;
  }

  /** Returns what lets us in. One login for all requests that wait for it: whoever finds it ended takes it out, and the next ones wait for the same new one. */
  #authorise(client: HttpClient, signal: AbortSignal): Promise<Authorisation> {
    const held = this.#held;
    if (held && held.endsAt !== null && this.#options.now().getTime() >= held.endsAt - RENEW_BEFORE_MS) this.#forget(held);
    this.#login ??= this.#options.logIn(client, signal).then(
      (given) => {
        this.#held = given;
        return given;
      },
      (error: unknown) => {
        this.#login = null;
        throw error;
      },
    );
    return this.#login;
  }

  /** Takes it out, unless another request has done so. */
  #forget(held: Authorisation): void {
    if (this.#held !== held) return;
    this.#held = null;
    this.#login = null;
  }

  #message({ path, query, method, body, text, isChange, headers, signal }: RestRequest, held: Authorisation): HttpRequest {
    // A server that lists such a name would have us ask for another place: the URL standard takes them out.
    if (/\/\.{1,2}(?:\/|$)/.test(path)) throw new StoreError('odd-reply', 'a name of dots alone, which cannot be asked for');
    return {
      method: method ?? (body ? 'POST' : 'GET'),
      url: `${this.address}${path}${query ? `?${new URLSearchParams(query)}` : ''}`,
      headers: { accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}), ...held.headers, ...headers },
      ...(body ? { body: JSON.stringify(body) } : text === undefined ? {} : { body: text }),
      signal,
      isIdempotent: isChange !== true,
    };
  }

  #nameOf({ path, method, body }: RestRequest): string {
    return `${method ?? (body ? 'POST' : 'GET')} ${this.address}${path}`;
  }
}
