/** The outside world as tests give it to an issuer: an environment, files and stored values that the test names. */
import { RotationError } from '../../src/core/rotation.ts';
import { Secret } from '../../src/core/secret.ts';
import type { IssuerContext } from '../../src/issuers/issuer-kind.ts';
import { HttpClient } from '../../src/net/http-client.ts';

export function createIssuerContext(
  env: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
  stored: Readonly<Record<string, string>> = {},
): IssuerContext {
  return {
    env,
    folder: '/work/here',
    createClient: (options) => new HttpClient({ ...options, env: {}, sleep: async () => undefined, random: () => 0 }),
    readFile: async (path) => {
      const text = files[path];
      if (text === undefined) throw new RotationError('cannot', `${path} cannot be read`, { mayHaveHappened: false });
      return text;
    },
    readStored: async ({ store, ref, field }) => {
      const text = stored[`${store} ${ref} ${field}`];
      if (text === undefined) throw new RotationError('not-found', `${ref} is not there`, { mayHaveHappened: false });
      return new Secret(text);
    },
    now: () => new Date('2026-01-01T00:00:00Z'),
  };
}
