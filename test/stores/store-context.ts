/** The outside world as tests give it to a connector: an environment and files that the test names, a client whose pauses take no time, a clock that stands. */
import { StoreError } from '../../src/core/stores.ts';
import { HttpClient, type HttpClientOptions } from '../../src/net/http-client.ts';
import type { StoreContext } from '../../src/stores/store-kind.ts';

export type TestContext = StoreContext & {
  /** What clients were asked for, in order. */
  readonly clients: Pick<HttpClientOptions, 'origins' | 'tls' | 'retriedStatuses'>[];
  /** Moves the clock that stands. */
  pass(ms: number): void;
};

type Given = {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** Else the clock that stands. */
  readonly now?: () => Date;
};

/** For far sides that tell the time by their own clocks. */
export const realTime = (): Date => new Date();

export function createContext({ env = {}, files = {}, now }: Given = {}): TestContext {
  const clients: TestContext['clients'] = [];
  let standing = Date.parse('2026-01-01T00:00:00Z');
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
    now: now ?? (() => new Date(standing)),
    pass(ms) {
      standing += ms;
    },
  };
}
