/**
 * How we come to a token of Vault or OpenBao. In: settings (names, roles, paths) and the environment or a file, which hold the credential itself. Out: the token
 * that was given, or the login that makes one. Called by vault-session.ts. Methods: developer.hashicorp.com/vault/docs/auth (approle, kubernetes, jwt).
 */
import { StoreError } from '../core/stores.ts';
import { actionsIdToken, hasActionsIdToken } from './actions-id-token.ts';
import type { Json } from './store-http.ts';
import { type StoreContext, type StoreSettings, settingOf } from './store-kind.ts';

export type VaultAuth =
  | { readonly method: 'token'; readonly token: () => Promise<string> }
  /** `path`: where to log in, `auth/approle/login`. */
  | { readonly method: string; readonly path: string; readonly credentials: (signal: AbortSignal) => Promise<Json> };

/** Where a pod finds its own token. */
const SERVICE_ACCOUNT_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Reads how to authenticate. Throws StoreError misconfigured, naming what is missing. */
export function readAuth(settings: StoreSettings, context: StoreContext): VaultAuth {
  const method = settingOf(settings, 'auth') ?? (settingOf(settings, 'role-id') === undefined ? 'token' : 'approle');
  const path = `auth/${settingOf(settings, 'auth-path') ?? method}/login`;
  switch (method) {
    case 'token':
      return { method, token: tokenSource(settings, context) };
    case 'approle': {
      const role_id = needed(settings, 'role-id');
      const secretId = secretSource(settings, context, 'secret-id', ['VAULT_SECRET_ID', 'BAO_SECRET_ID']);
      return { method, path, credentials: async () => ({ role_id, secret_id: await secretId() }) };
    }
    case 'kubernetes': {
      const role = needed(settings, 'role');
      const file = settingOf(settings, 'jwt-file') ?? SERVICE_ACCOUNT_FILE;
      return { method, path, credentials: async () => ({ role, jwt: (await context.readFile(file)).trim() }) };
    }
    case 'jwt': {
      const role = needed(settings, 'role');
      const jwt = jwtSource(settings, context);
      return { method, path, credentials: async (signal) => ({ role, jwt: await jwt(signal) }) };
    }
    default:
      throw new StoreError('misconfigured', `store of kind vault: auth is one of token, approle, kubernetes, jwt; not ${method}`);
  }
}

function tokenSource(settings: StoreSettings, context: StoreContext): () => Promise<string> {
  const file = settingOf(settings, 'token-file');
  const variable = settingOf(settings, 'token-variable');
  if (file !== undefined || variable !== undefined) return secretSource(settings, context, 'token', []);
  const given = context.env['VAULT_TOKEN'] || context.env['BAO_TOKEN'];
  if (given) return async () => given;
  const home = context.env['HOME'] ?? context.env['USERPROFILE'];
  if (!home)
    throw new StoreError('misconfigured', 'store of kind vault: VAULT_TOKEN is not set, and neither token-file nor another auth is');
  // Where `vault login` and `bao login` leave it.
  return async () => (await context.readFile(`${home}/.vault-token`)).trim();
}

function jwtSource(settings: StoreSettings, context: StoreContext): (signal: AbortSignal) => Promise<string> {
  if (settingOf(settings, 'jwt-variable') !== undefined || settingOf(settings, 'jwt-file') !== undefined)
    return secretSource(settings, context, 'jwt', []);
  if (!hasActionsIdToken(context.env))
    throw new StoreError(
      'misconfigured',
      'store of kind vault: jwt-variable or jwt-file is missing (and this is no GitHub Actions job with the permission id-token: write)',
    );
  return (signal) => actionsIdToken(settingOf(settings, 'jwt-audience'), context, signal);
}

/** Returns a way to read `<name>-file`, or the variable that `<name>-variable` names, or the first of `variables` that is set. */
function secretSource(settings: StoreSettings, context: StoreContext, name: string, variables: readonly string[]): () => Promise<string> {
  const file = settingOf(settings, `${name}-file`);
  // Read anew each time: agents replace such files.
  if (file !== undefined) return async () => (await context.readFile(file)).trim();
  const named = settingOf(settings, `${name}-variable`);
  const names = named === undefined ? variables : [named];
  const value = names.map((variable) => context.env[variable]).find(Boolean);
  if (value === undefined)
    throw new StoreError('misconfigured', `store of kind vault: ${name}-file is missing, and ${names.join(' or ')} is not set`);
  return async () => value;
}

function needed(settings: StoreSettings, name: string): string {
  const value = settingOf(settings, name);
  if (value) return value;
  throw new StoreError('misconfigured', `store of kind vault: ${name} is missing`);
}
