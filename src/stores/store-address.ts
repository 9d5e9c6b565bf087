/** Settings that connectors have in common: the store's address, a credential by variable or file, the server's certificate authority. */
import { StoreError } from '../core/stores.ts';
import type { HttpClient } from '../net/http-client.ts';
import { type StoreContext, type StoreSetting, type StoreSettings, settingOf } from './store-kind.ts';

/** Returns the address of a setting, or of the first variable that is set, without a slash at its end. Throws StoreError misconfigured. */
export function addressOf(
  settings: StoreSettings,
  { env }: StoreContext,
  kind: string,
  { variables = [], fallback }: { readonly variables?: readonly string[]; readonly fallback?: string } = {},
): string {
  const text = settingOf(settings, 'address') || variables.map((name) => env[name]).find(Boolean) || fallback;
  if (!text) {
    const unset = variables.length > 0 ? `, and ${variables.join(', ')} is not set` : '';
    throw new StoreError('misconfigured', `store of kind ${kind}: address is missing${unset}`);
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new StoreError('misconfigured', `store of kind ${kind}: address is no address like https://store.example`);
  return `${url.origin}${url.pathname.replace(/\/{1,9}$/, '')}`;
}

/** Returns a client for that address, by the settings `ca-file` (then nothing else is trusted), `cert-file` and `key-file`. Throws StoreError misconfigured. */
export async function createTrustingClient(
  address: string,
  settings: StoreSettings,
  context: StoreContext,
  retriedStatuses: readonly number[] = [],
): Promise<HttpClient> {
  const text = async (name: string): Promise<string | undefined> => {
    const file = settingOf(settings, name);
    return file ? context.readFile(file) : undefined;
  };
  const [ca, cert, key] = [await text('ca-file'), await text('cert-file'), await text('key-file')];
  const tls = { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
  return context.createClient({ origins: [new URL(address).origin], tls, retriedStatuses });
}

export const CA_SETTING: StoreSetting = { name: 'ca-file', help: 'PEM of the authority that the server’s certificate is of' };

/** Returns the two settings that say where a credential is: `token-variable`, `token-file`. */
export function credentialSettings(name: string, variable: string): readonly StoreSetting[] {
  return [
    { name: `${name}-variable`, help: `the variable that holds the ${name}; else ${variable}` },
    { name: `${name}-file`, help: `a file that holds the ${name}` },
  ];
}

/** Returns a credential, from the file or variable that the settings name, else from `variable`; undefined where there is none. */
export async function findCredential(
  settings: StoreSettings,
  context: StoreContext,
  name: string,
  variable: string,
): Promise<string | undefined> {
  const file = settingOf(settings, `${name}-file`);
  const text = file ? await context.readFile(file) : context.env[settingOf(settings, `${name}-variable`) ?? variable];
  return text?.trim() || undefined;
}

/** As findCredential. Throws StoreError misconfigured, naming where it was looked for. */
export async function readCredential(
  settings: StoreSettings,
  context: StoreContext,
  kind: string,
  name: string,
  variable: string,
): Promise<string> {
  const text = await findCredential(settings, context, name, variable);
  if (text) return text;
  const where = settingOf(settings, `${name}-file`)
    ? `${name}-file is empty`
    : `${settingOf(settings, `${name}-variable`) ?? variable} is not set`;
  throw new StoreError('misconfigured', `store of kind ${kind}: there is no ${name}: ${where}`);
}
