/**
 * Tokens for Azure Key Vault, by what the settings and the environment hold: a token in a variable, a client secret, a federated token file (workload identity),
 * or a managed identity. Endpoints: learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow and
 * …/entra/identity/managed-identities-azure-resources/how-to-use-vm-token.
 */
import { StoreError } from '../core/stores.ts';
import { type AccessToken, askMetadata, fetchToken, readToken } from './access-token.ts';
import type { Json } from './store-http.ts';
import { type StoreContext, type StoreSettings, settingOf } from './store-kind.ts';

export const AZURE_AUTHS = ['token', 'client-secret', 'workload-identity', 'managed-identity'] as const;
export type AzureAuth = (typeof AZURE_AUTHS)[number];

const AUTHORITY = 'https://login.microsoftonline.com';
const IMDS = 'http://169.254.169.254';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const NO_IDENTITY =
  'no Azure credentials: there is no managed identity here; set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE';

/** Returns how to authenticate, in the order of Azure's own tools. Throws StoreError misconfigured for an unknown one. */
export function azureAuthOf(settings: StoreSettings, { env }: StoreContext): AzureAuth {
  const named = settingOf(settings, 'auth');
  const known = AZURE_AUTHS.find((auth) => auth === named);
  if (named !== undefined && known === undefined)
    throw new StoreError('misconfigured', `store of kind azure: auth is one of ${AZURE_AUTHS.join(', ')}`);
  if (known !== undefined) return known;
  if (settingOf(settings, 'token-variable') !== undefined) return 'token';
  if (env['AZURE_CLIENT_SECRET']) return 'client-secret';
  return env['AZURE_FEDERATED_TOKEN_FILE'] ? 'workload-identity' : 'managed-identity';
}

/** Fetches a token for `resource` (`https://vault.azure.net`). Throws StoreError. */
export async function fetchAzureToken(
  auth: AzureAuth,
  resource: string,
  settings: StoreSettings,
  context: StoreContext,
  signal: AbortSignal,
): Promise<AccessToken> {
  const { env } = context;
  if (auth === 'token') return tokenOfVariable(settings, env);
  const client = settingOf(settings, 'client-id') ?? env['AZURE_CLIENT_ID'];
  if (auth === 'managed-identity') return tokenOfMachine(resource, client, context, signal);
  const tenant = needed(settingOf(settings, 'tenant') ?? env['AZURE_TENANT_ID'], 'tenant', 'AZURE_TENANT_ID');
  const proof =
    auth === 'client-secret'
      ? { client_secret: needed(env['AZURE_CLIENT_SECRET'], null, 'AZURE_CLIENT_SECRET') }
      : { client_assertion_type: ASSERTION_TYPE, client_assertion: await assertionOf(settings, context) };
  const authority = (settingOf(settings, 'authority') ?? env['AZURE_AUTHORITY_HOST'] ?? AUTHORITY).replace(/\/+$/, '');
  const form = {
    grant_type: 'client_credentials',
    client_id: needed(client, 'client-id', 'AZURE_CLIENT_ID'),
    scope: `${resource}/.default`,
    ...proof,
  };
  const url = `${authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`;
  return fetchToken(context, { url, form, what: 'Microsoft Entra ID', signal }, entraCode);
}

/** AADSTS numbers: learn.microsoft.com/entra/identity-platform/reference-error-codes. */
function entraCode(json: Json): string {
  const codes = json['error_codes'];
  const first: unknown = Array.isArray(codes) ? codes[0] : null;
  return typeof first === 'number' ? `AADSTS${first}` : '';
}

function tokenOfVariable(settings: StoreSettings, env: StoreContext['env']): AccessToken {
  const variable = settingOf(settings, 'token-variable') ?? 'AZURE_ACCESS_TOKEN';
  const token = env[variable]?.trim();
  if (!token) throw new StoreError('misconfigured', `store of kind azure: ${variable} holds no token`);
  return { token, expiresAt: null };
}

async function assertionOf(settings: StoreSettings, { env, readFile }: StoreContext): Promise<string> {
  const path = needed(settingOf(settings, 'token-file') ?? env['AZURE_FEDERATED_TOKEN_FILE'], 'token-file', 'AZURE_FEDERATED_TOKEN_FILE');
  // Read each time: its owner renews it.
  const assertion = (await readFile(path)).trim();
  if (assertion !== '') return assertion;
  throw new StoreError('misconfigured', `${path} is empty; it is to hold a token`);
}

/** App Service, Functions and Container Apps name their endpoint; machines and AKS have the fixed address. */
async function tokenOfMachine(
  resource: string,
  client: string | undefined,
  context: StoreContext,
  signal: AbortSignal,
): Promise<AccessToken> {
  const { env, now } = context;
  const [endpoint, header] = [env['IDENTITY_ENDPOINT'], env['IDENTITY_HEADER']];
  const isNamed = Boolean(endpoint && header);
  const machine = (env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] ?? IMDS).replace(/\/+$/, '');
  const url = new URL(isNamed ? (endpoint ?? '') : `${machine}/metadata/identity/oauth2/token`);
  url.searchParams.set('api-version', isNamed ? '2019-08-01' : '2018-02-01');
  url.searchParams.set('resource', resource);
  if (client) url.searchParams.set('client_id', client);
  const headers: Record<string, string> = isNamed ? { 'X-IDENTITY-HEADER': header ?? '' } : { Metadata: 'true' };
  const reply = await askMetadata(context, { method: 'GET', url: url.href, headers, signal }, NO_IDENTITY);
  return readToken(reply, 'the managed identity’s endpoint', now());
}

function needed(value: string | undefined, setting: string | null, variable: string): string {
  if (value) return value;
  const named = setting === null ? variable : `${setting} (or ${variable})`;
  throw new StoreError('misconfigured', `store of kind azure: ${named} is missing`);
}
