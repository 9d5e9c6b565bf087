/** The outside world as connectors see it, for tests: an environment and files that the test names, no pauses. */

import { StoreError } from '../../src/core/stores.ts';
import { HttpClient, type HttpClientOptions } from '../../src/net/http-client.ts';
import type { StoreContext } from '../../src/stores/store-kind.ts';

type TestContext = StoreContext & { readonly origins: string[] };

export function createTestContext(
  env: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
  now: () => Date = () => new Date(),
): TestContext {
  const origins: string[] = [];
  return {
    env,
    folder: '/nowhere',
    origins,
    createClient: (options: Pick<HttpClientOptions, 'origins' | 'tls' | 'retriedStatuses'>) => {
      origins.push(...options.origins);
      return new HttpClient({ ...options, env, sleep: async () => undefined, random: () => 0 });
    },
    readFile: async (path) => {
      const text = files[path];
      if (text === undefined) throw new StoreError('misconfigured', `${path} cannot be read`);
      return text;
    },
    now,
  };
}
