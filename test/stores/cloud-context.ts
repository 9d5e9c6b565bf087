/** What the clouds' connectors are given in tests: an environment and files of the test's own, real time, and pauses that last no time. */
import { StoreError } from '../../src/core/stores.ts';
import { HttpClient } from '../../src/net/http-client.ts';
import type { StoreContext } from '../../src/stores/store-kind.ts';

export type TestContext = StoreContext & { readonly pauses: number[] };

/** `tls` is for real servers with certificates of their own. */
export function createContext(
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
  now: () => Date = () => new Date(),
  tls: { readonly isVerified?: boolean } = {},
): TestContext {
  const pauses: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    pauses.push(ms);
  };
  return {
    env,
    folder: '/nowhere',
    createClient: (options) => new HttpClient({ tls, ...options, env: {}, random: () => 0.5, sleep }),
    readFile: async (path) => {
      const text = files[path];
      if (text === undefined) throw new StoreError('misconfigured', `${path} cannot be read`);
      return text;
    },
    now,
    pauses,
  };
}
