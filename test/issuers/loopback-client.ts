/** The HTTP client as issuers have it, whose every host is a server on loopback: the origins that a request may go to are held to as in the real one, then it is sent there. */
import { HttpClient, type HttpClientOptions, HttpError, type HttpReply, type HttpRequest } from '../../src/net/http-client.ts';

export class LoopbackClient extends HttpClient {
  readonly #origins: readonly string[];
  readonly #server: string;

  constructor(server: string, options: HttpClientOptions) {
    super({ ...options, origins: [server] });
    this.#origins = options.origins;
    this.#server = server;
  }

  override async send(request: HttpRequest): Promise<HttpReply> {
    const { origin, host, pathname, search } = new URL(request.url);
    if (!this.#origins.includes(origin)) throw new HttpError('not-allowed', `${host} is not allowed`);
    return super.send({
      ...request,
      url: `${this.#server}${pathname}${search}`,
      headers: { ...request.headers, 'x-forwarded-host': host },
    });
  }
}

/** Returns what issuers make clients with. */
export function clientsOf(server: string, others: Partial<HttpClientOptions> = {}) {
  return {
    createClient: (options: Pick<HttpClientOptions, 'origins' | 'isThrottled'>): HttpClient =>
      new LoopbackClient(server, { ...options, env: {}, sleep: () => Promise.resolve(), ...others }),
  };
}
