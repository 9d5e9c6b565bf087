/** The outside world as tests give it to a connector: no environment, files by name, a client whose pauses take no time, a clock that stands. */
import { StoreError } from '../../src/core/stores.ts';
import { HttpClient, type HttpClientOptions } from '../../src/net/http-client.ts';
import type { StoreContext } from '../../src/stores/store-kind.ts';

export type TestContext = StoreContext & {
  /** What clients were asked for, in order. */
  readonly clients: Pick<HttpClientOptions, 'origins' | 'tls' | 'retriedStatuses'>[];
  /** Moves the clock. */
  pass(ms: number): void;
};

export function createContext({
  env = {},
  files = {},
}: {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
} = {}): TestContext {
  const clients: TestContext['clients'] = [];
  let now = Date.parse('2026-01-01T00:00:00Z');
  return {
    env,
    folder: '/work/here',
    clients,
    createClient(options) {
      clients.push(options);
      return new HttpClient({ ...options, env: {}, sleep: async () => undefined, random: () => 0 });
    },
    async readFile(path) {
      const text = files[path];
      if (text === undefined) throw new StoreError('misconfigured', `${path} cannot be read`);
      return text;
    },
    now: () => new Date(now),
    pass(ms) {
      now += ms;
    },
  };
}
