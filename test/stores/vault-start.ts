/** Vault's connector over its fake, and what its tests read of it. */
import { inspect } from 'node:util';
import { type FakeVaultOptions, startFakeVault } from '../../fixtures/stores/vault.ts';
import type { Problem } from '../../src/core/contracts.ts';
import { reveal } from '../../src/core/secret.ts';
import { type SecretStore, type StoredSecret, type StoredValue, StoreError } from '../../src/core/stores.ts';
import type { StoreSettings } from '../../src/stores/store-kind.ts';
import { vault } from '../../src/stores/vault.ts';
import { createContext, realTime } from './store-context.ts';

export const signal = new AbortController().signal;

export type Started = Awaited<ReturnType<typeof startFakeVault>> & {
  readonly store: SecretStore;
  readonly context: ReturnType<typeof createContext>;
};

export async function start(
  options: Partial<FakeVaultOptions> = {},
  settings: StoreSettings = {},
  env: Readonly<Record<string, string>> = { VAULT_TOKEN: 'root' },
  files: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const fake = await startFakeVault({ flavour: 'openbao', engine: 2, ...options });
  const context = createContext({ env, files, now: options.now ?? realTime });
  return { ...fake, context, store: vault.create({ address: fake.origin, ...settings }, context) };
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

export const isProblem = (one: object): one is Problem => 'code' in one;
export const refsOf = (listed: readonly (StoredSecret | Problem)[]) =>
  listed.map((one) => (isProblem(one) ? `! ${one.where}` : one.ref)).sort();
export const secretsOf = async (store: SecretStore) =>
  (await all(store.secrets(signal))).filter((one) => !isProblem(one)) as StoredSecret[];
export const textsOf = (values: readonly (StoredValue | Problem)[]) =>
  values.map((one) => (isProblem(one) ? `! ${one.where}` : `${one.version}.${one.field}=${reveal(one.value, 'compare')}`)).sort();
export const pathsOf = (fake: { readonly asked: readonly { readonly path: string }[] }) =>
  fake.asked.map(({ path }) => path.slice('/v1/'.length));

export async function failure(doing: Promise<unknown>): Promise<StoreError> {
  const thrown = await doing.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof StoreError) return thrown;
  throw new Error(`no StoreError: ${inspect(thrown)}`);
}
