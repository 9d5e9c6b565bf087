/**
 * The job's identity for the connectors of the clouds: inputs in; out come the variables that they know already (a role, a file with a token), and the files that these
 * name, which exist in memory only and are asked for anew each time they are read. Vault's connector asks for its token by itself.
 * Methods: docs.github.com "OpenID Connect" with AWS, Azure, Google Cloud; google.aip.dev/auth/4117.
 */
import { ToolError } from '../core/errors.ts';
import type { Inputs } from './inputs.ts';

/** Gives a token for an audience. */
export type AskToken = (audience: string) => Promise<string>;

export type CloudIdentity = {
  readonly env: Readonly<Record<string, string>>;
  readonly held: ReadonlyMap<string, () => Promise<string>>;
};

const AWS_AUDIENCE = 'sts.amazonaws.com';
const AZURE_AUDIENCE = 'api://AzureADTokenExchange';
const GOOGLE = '//iam.googleapis.com/';
const PROVIDER = /^projects\/\d+\/locations\/global\/workloadIdentityPools\/[\w-]+\/providers\/[\w-]+$/;
const SERVICE_ACCOUNT = /^[\w.-]+@[\w.-]+$/;

/** Throws ToolError bad-input. */
export function cloudIdentity({ text }: Pick<Inputs, 'text'>, ask: AskToken): CloudIdentity {
  const env: Record<string, string> = {};
  const held = new Map<string, () => Promise<string>>();
  const hold = (name: string, content: () => Promise<string>): string => {
    // No path that a disk could have.
    const file = `github-actions:${name}`;
    held.set(file, content);
    return file;
  };
  if (text('aws-role') !== '') {
    env['AWS_ROLE_ARN'] = text('aws-role');
    env['AWS_WEB_IDENTITY_TOKEN_FILE'] = hold('aws', () => ask(AWS_AUDIENCE));
  }
  const [client, tenant] = [text('azure-client-id'), text('azure-tenant-id')];
  if (client !== '' || tenant !== '') {
    if (client === '' || tenant === '') throw new ToolError('bad-input', { message: 'azure-client-id and azure-tenant-id go together' });
    env['AZURE_CLIENT_ID'] = client;
    env['AZURE_TENANT_ID'] = tenant;
    env['AZURE_FEDERATED_TOKEN_FILE'] = hold('azure', () => ask(AZURE_AUDIENCE));
  }
  const [provider, account] = [text('gcp-provider'), text('gcp-service-account')];
  if (account !== '' && provider === '') throw new ToolError('bad-input', { message: 'gcp-service-account needs gcp-provider' });
  if (provider !== '') {
    const token = hold('gcp', () => ask(`https:${GOOGLE}${provider}`));
    const credentials = JSON.stringify(googleCredentials(provider, account, token));
    env['GOOGLE_APPLICATION_CREDENTIALS'] = hold('gcp.json', async () => credentials);
  }
  return { env, held };
}

function googleCredentials(provider: string, account: string, file: string): Readonly<Record<string, unknown>> {
  if (!PROVIDER.test(provider))
    throw new ToolError('bad-input', {
      message: 'gcp-provider is projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER',
    });
  if (account !== '' && !SERVICE_ACCOUNT.test(account))
    throw new ToolError('bad-input', { message: 'gcp-service-account is an e-mail address' });
  const role = `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account}:generateAccessToken`;
  return {
    type: 'external_account',
    audience: `${GOOGLE}${provider}`,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    credential_source: { file },
    ...(account === '' ? {} : { service_account_impersonation_url: role }),
  };
}
