/**
 * One connection to a Vault or OpenBao: address, token and its life (made, renewed before it ends, given back), and requests whose failures are told apart.
 * In: settings and the outside world; out: the `data` of replies, or StoreError. Called by vault.ts and the files beside it.
 * The API: developer.hashicorp.com/vault/api-docs, openbao.org/api-docs.
 */
import { StoreError } from '../core/stores.ts';
import { type HttpClient, HttpError, type HttpReply } from '../net/http-client.ts';
import { ask, expectSuccess, isJson, type Json, jsonOf, textOf } from './store-http.ts';
import { type StoreContext, type StoreSettings, settingOf } from './store-kind.ts';
import { readAuth, type VaultAuth } from './vault-auth.ts';

type VaultRequest = {
  /** Under /v1, not encoded: `secret/data/app/db`. */
  readonly path: string;
  /** '' for the root namespace. */
  readonly namespace: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent by POST; a GET without. */
  readonly body?: Json;
  /** It changes something: sent once, and not again where the answer was lost. PATCH merges the body into what is there (RFC 7396). */
  readonly change?: 'POST' | 'PATCH';
  readonly signal: AbortSignal;
};

type Token = { readonly text: string; readonly isOurs: boolean };

/** A token is renewed when this part of its life is over. */
const RENEW_AFTER = 2 / 3;
/** Giving the token back must not hold up the end. */
const REVOKE_MS = 5000;
/** "Eventual consistency": the node has not seen yet what the token was given (Vault's API, status 412). */
const RETRIED = [412];
/** Standby nodes that cannot forward: they point elsewhere, or say that they serve a replica. */
const STANDBY = new Set([301, 302, 307, 308, 472, 473]);

export class VaultSession {
  /** `https://vault.example:8200`, without a slash at the end. */
  readonly address: string;
  /** Where the token lives, and so is made, renewed and revoked. */
  readonly authNamespace: string;
  readonly #context: StoreContext;
  readonly #settings: StoreSettings;
  readonly #auth: VaultAuth;
  #client: Promise<HttpClient> | null = null;
  #token: Token | null = null;
  #opening: Promise<Token> | null = null;
  #ttlMs = 0;
  #renewAt = Number.POSITIVE_INFINITY;

  constructor(settings: StoreSettings, context: StoreContext, authNamespace: string) {
    this.address = readAddress(settings, context);
    this.authNamespace = authNamespace;
    this.#settings = settings;
    this.#context = context;
    this.#auth = readAuth(settings, context);
  }

  /** Returns a reply's JSON: its `data` where it has one. Throws StoreError. */
  async get(request: VaultRequest): Promise<Json> {
    const reply = await this.#send(request);
    await this.#expect(reply, request);
    if (reply.status === 204) return {};
    const json = jsonOf(reply, nameOf(request));
    return isJson(json['data']) ? json['data'] : json;
  }

  /** As get; null where the store answers 404: no such path, or a version that was deleted. */
  async find(request: VaultRequest): Promise<Json | null> {
    try {
      return await this.get(request);
    } catch (error) {
      if (error instanceof StoreError && error.why === 'not-found') return null;
      throw error;
    }
  }

  /** Gives back the token, if it was made for us, and the connections. */
  async close(): Promise<void> {
    const token = this.#token;
    this.#token = null;
    const client = await this.#client;
    if (!client) return;
    try {
      if (token?.isOurs)
        await client.send({ ...this.#message('auth/token/revoke-self', {}, token.text), signal: AbortSignal.timeout(REVOKE_MS) });
    } catch (error) {
      // It ends by itself soon.
      if (!(error instanceof HttpError)) throw error;
    } finally {
      await client.close();
      this.#client = null;
    }
  }

  async #send(request: VaultRequest): Promise<HttpReply> {
    const { path, namespace, query, body, change, signal } = request;
    const token = await this.#freshToken(signal);
    const search = query ? `?${new URLSearchParams(query)}` : '';
    const message = this.#message(path, body, token, namespace, search);
    if (change === undefined) {
      // What we ask by POST changes nothing: capabilities, leases, hashes.
      return ask(await this.#connect(), { ...message, signal, isIdempotent: true });
    }
    const type = change === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    return ask(await this.#connect(), { ...message, method: change, headers: { ...message.headers, 'content-type': type }, signal });
  }

  #message(path: string, body: Json | undefined, token: string | null, namespace = this.authNamespace, search = '') {
    return {
      method: body ? ('POST' as const) : ('GET' as const),
      url: `${this.address}/v1/${encodePath(path)}${search}`,
      headers: {
        // Proves to an agent in between that no browser was tricked into asking.
        'x-vault-request': 'true',
        ...(token === null ? {} : { 'x-vault-token': token }),
        ...(namespace === '' ? {} : { 'x-vault-namespace': namespace }),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    };
  }

  #connect(): Promise<HttpClient> {
    this.#client ??= this.#createClient().catch((error: unknown) => {
      this.#client = null;
      throw error;
    });
    return this.#client;
  }

  async #createClient(): Promise<HttpClient> {
    const read = async (name: string, variable: string): Promise<string | undefined> => {
      const file = settingOf(this.#settings, name) ?? this.#context.env[variable];
      return file === undefined || file === '' ? undefined : this.#context.readFile(file);
    };
    const [ca, cert, key] = [
      await read('ca-file', 'VAULT_CACERT'),
      await read('cert-file', 'VAULT_CLIENT_CERT'),
      await read('key-file', 'VAULT_CLIENT_KEY'),
    ];
    const tls = { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
    return this.#context.createClient({ origins: [new URL(this.address).origin], tls, retriedStatuses: RETRIED });
  }

  async #freshToken(signal: AbortSignal): Promise<string> {
    if (this.#token && this.#context.now().getTime() < this.#renewAt) return this.#token.text;
    // One renewal for all requests that wait for it.
    this.#opening ??= (this.#token ? this.#renew(this.#token, signal) : this.#open(signal)).finally(() => {
      this.#opening = null;
    });
    return (await this.#opening).text;
  }

  async #open(signal: AbortSignal): Promise<Token> {
    const auth = this.#auth;
    if ('path' in auth) return this.#logIn(auth.path, await auth.credentials(signal), signal);
    this.#token = { text: await auth.token(), isOurs: false };
    const what = `${this.address} auth/token/lookup-self`;
    const reply = await ask(await this.#connect(), { ...this.#message('auth/token/lookup-self', undefined, this.#token.text), signal });
    // A token that may not look at itself may still read, and which namespace there is not is better said by who asks for its mounts.
    if (reply.status === 403 || reply.status === 404) return this.#token;
    await this.#expect(reply, { path: 'auth/token/lookup-self', signal });
    const { data } = jsonOf(reply, what);
    if (isJson(data)) this.#live(data['ttl'], data['renewable']);
    return this.#token;
  }

  async #logIn(path: string, credentials: Json, signal: AbortSignal): Promise<Token> {
    const what = `${this.address} ${path}`;
    const reply = await ask(await this.#connect(), { ...this.#message(path, credentials, null), signal });
    // Vault answers a wrong role or credential with 400.
    if (reply.status === 400) throw new StoreError('denied', `${what} refuses the credential or the role`, { status: 400 });
    await this.#expect(reply, { path, signal });
    const { auth } = jsonOf(reply, what);
    if (!isJson(auth)) throw new StoreError('odd-reply', `${what} answered without auth`);
    // Batch tokens cannot be revoked; they end with their time.
    this.#token = { text: textOf(auth, 'client_token', what), isOurs: auth['token_type'] !== 'batch' };
    this.#live(auth['lease_duration'], true);
    return this.#token;
  }

  /** Renews a token before it ends; where that gives no more time, logs in again. A token that we were given is then used to its end. */
  async #renew(token: Token, signal: AbortSignal): Promise<Token> {
    const reply = await ask(await this.#connect(), { ...this.#message('auth/token/renew-self', {}, token.text), signal });
    const before = this.#ttlMs;
    const auth = reply.status === 200 ? jsonOf(reply, `${this.address} auth/token/renew-self`)['auth'] : null;
    if (isJson(auth)) this.#live(auth['lease_duration'], true);
    // Near its longest life a token is renewed for ever shorter times.
    if (isJson(auth) && this.#ttlMs > before * (1 - RENEW_AFTER)) return token;
    if ('path' in this.#auth) return this.#logIn(this.#auth.path, await this.#auth.credentials(signal), signal);
    this.#renewAt = Number.POSITIVE_INFINITY;
    return token;
  }

  #live(ttlSeconds: unknown, isRenewable: unknown): void {
    this.#ttlMs = typeof ttlSeconds === 'number' && ttlSeconds > 0 ? ttlSeconds * 1000 : 0;
    const ends = this.#ttlMs > 0 && isRenewable === true;
    this.#renewAt = ends ? this.#context.now().getTime() + this.#ttlMs * RENEW_AFTER : Number.POSITIVE_INFINITY;
  }

  async #expect(reply: HttpReply, request: Pick<VaultRequest, 'path' | 'signal'>): Promise<void> {
    const what = `${this.address} ${nameOf(request)}`;
    if (STANDBY.has(reply.status))
      throw new StoreError('sealed', `${what}: a standby node that does not forward; name the active node`, { status: reply.status });
    if (reply.status === 503) throw await this.#unavailable(reply, request.signal);
    if (reply.status === 403) throw new StoreError('denied', `${what}: permission denied`, { status: 403 });
    expectSuccess(reply, what);
  }

  /** 503 says sealed, standby, or something in between that is down: the health page, which needs no token, tells which. */
  async #unavailable(reply: HttpReply, signal: AbortSignal): Promise<StoreError> {
    const asOk = '?sealedcode=200&uninitcode=200&standbycode=200&drsecondarycode=200&performancestandbycode=200';
    const { status } = reply;
    const health = await ask(await this.#connect(), { ...this.#message('sys/health', undefined, null, '', asOk), signal }).catch(
      (error: unknown) => {
        // What the page cannot say, the first answer has said.
        if (error instanceof StoreError) return null;
        throw error;
      },
    );
    const state = health?.status === 200 ? jsonOf(health, `${this.address} sys/health`) : {};
    if (state['initialized'] === false) return new StoreError('sealed', `${this.address} is not initialised`, { status });
    if (state['sealed'] === true) return new StoreError('sealed', `${this.address} is sealed`, { status });
    if (state['standby'] === true)
      return new StoreError('sealed', `${this.address} is a standby node that does not forward; name the active node`, { status });
    return new StoreError('unreachable', `${this.address} answered ${status}`, { status });
  }
}

function nameOf({ path }: Pick<VaultRequest, 'path'>): string {
  return path;
}

function encodePath(path: string): string {
  const segments = path.split('/');
  // A server that lists such a name would have us ask for another place: the URL standard takes them out.
  if (segments.some((segment) => /^\.{1,2}$/.test(segment)))
    throw new StoreError('odd-reply', 'a name of dots alone, which cannot be asked for');
  return segments.map(encodeURIComponent).join('/');
}

function readAddress(settings: StoreSettings, { env }: StoreContext): string {
  const text = settingOf(settings, 'address') ?? (env['VAULT_ADDR'] || env['BAO_ADDR']);
  if (!text) throw new StoreError('misconfigured', 'store of kind vault: address is missing, and VAULT_ADDR is not set');
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol) || new URL(text).username !== '')
    throw new StoreError('misconfigured', 'store of kind vault: address is no address like https://vault.example:8200');
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}
