/**
 * What GitHub keeps on other hosts (logs of Actions): fetched from the address that its API gives, which is good for some minutes and needs no token, so none goes
 * along. Only https, and loopback where the API itself is there: no reply can make this program ask a server of the network it runs in over plain http.
 */
import { GitHubError } from './github-client.ts';
import { HttpClient, HttpError } from './http-client.ts';

export type StorageReader = {
  /** Returns the bytes. Throws GitHubError, without the address's query, which is what opens it. */
  readonly fetch: (url: string) => Promise<Buffer>;
  readonly close: () => Promise<void>;
};

export type StorageOptions = {
  readonly apiUrl: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly maxBytes?: number;
};

/** An archive of logs: text, packed some ten times. */
const MAX_ARCHIVE_BYTES = 256 << 20;
const TOTAL_MS = 300_000;
/** Hosts of one audit: GitHub has a few. */
const MAX_HOSTS = 100;

export function createStorageReader({ apiUrl, env, signal, maxBytes = MAX_ARCHIVE_BYTES }: StorageOptions): StorageReader {
  const clients = new Map<string, HttpClient>();
  const isLocal = isLoopback(apiUrl);
  const clientOf = (url: string): HttpClient => {
    const origin = URL.canParse(url) ? new URL(url).origin : '';
    const isAllowed = origin.startsWith('https://') || (isLocal && isLoopback(url));
    const known = clients.get(origin);
    if (!isAllowed || (known === undefined && clients.size >= MAX_HOSTS))
      throw new GitHubError('not-allowed', 0, 'GitHub gave an address that is not asked');
    const client = known ?? new HttpClient({ origins: [origin], env, maxReplyBytes: maxBytes, totalMs: TOTAL_MS });
    clients.set(origin, client);
    return client;
  };
  return {
    async fetch(url) {
      const client = clientOf(url);
      try {
        const { status, body } = await client.send({ method: 'GET', url, signal });
        if (status === 200) return body;
        const why = status === 404 || status === 410 ? 'missing' : status >= 500 ? 'server' : 'refused';
        throw new GitHubError(why, status, `GET ${new URL(url).host}: ${status}`);
      } catch (error) {
        if (error instanceof HttpError) throw new GitHubError(error.why, 0, error.message);
        throw error;
      }
    },
    close: async () => {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && /^http:\/\/(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::|$)/.test(new URL(url).origin);
}
