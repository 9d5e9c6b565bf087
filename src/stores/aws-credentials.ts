/**
 * Where AWS keys come from, in the order of AWS's own tools: a profile that the settings name; environment; web identity (EKS, GitHub Actions); the shared
 * files; the container's and the machine's metadata. Gives keys that are still good, and takes new ones before they end. Keys stay in private fields.
 */
import { startDeadline } from '../core/deadline.ts';
import { StoreError } from '../core/stores.ts';
import type { AwsKeys } from '../net/aws-sigv4.ts';
import type { HttpClient, HttpReply } from '../net/http-client.ts';
import { type AwsProfile, refuseUnsupported } from './aws-profiles.ts';
import { assumeRole, assumeRoleByToken, type RoleWish, type Sts, type TemporaryKeys } from './aws-sts.ts';
import { isJson, jsonOf, textOf } from './store-http.ts';
import type { StoreContext } from './store-kind.ts';

export type AwsSources = {
  readonly context: StoreContext;
  readonly profiles: ReadonlyMap<string, AwsProfile>;
  /** The profile that the settings name, or undefined. */
  readonly profile: string | undefined;
  /** A role to take with the keys found, or undefined. */
  readonly role: string | undefined;
  readonly sts: Sts;
};

/** Keys are renewed this long before they end, so that a page that takes its time is still signed with good ones. */
const RENEW_MS = 5 * 60_000;
/** Metadata answers at once or is not there; on a machine outside of AWS nobody does. */
const METADATA_MS = 2000;
/** Profiles that take each other's roles. */
const MAX_CHAIN = 5;
const SESSION_NAME = 'leakwarden';
/** Hosts of AWS_CONTAINER_CREDENTIALS_FULL_URI that may be asked over plain http: ECS and EKS Pod Identity. */
const CONTAINER_HOSTS = ['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]', 'localhost', '127.0.0.1', '[::1]'];
const FROM_NOWHERE =
  'no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or run where a role is given (EC2, ECS, EKS)';

export class AwsCredentials {
  readonly #sources: AwsSources;
  #keys: TemporaryKeys | null = null;
  #pending: Promise<TemporaryKeys> | null = null;

  constructor(sources: AwsSources) {
    this.#sources = sources;
  }

  /** Returns keys that are good for some minutes yet. Throws StoreError. */
  async get(signal: AbortSignal): Promise<AwsKeys> {
    const ends = this.#keys?.expiresAt?.getTime();
    if (this.#keys && (ends === undefined || ends - this.#sources.context.now().getTime() > RENEW_MS)) return this.#keys;
    // Requests run side by side; one of them fetches.
    this.#pending ??= this.#fetch(signal).finally(() => {
      this.#pending = null;
    });
    this.#keys = await this.#pending;
    return this.#keys;
  }

  /** The store says that these keys are not good any more. */
  forget(): void {
    this.#keys = null;
  }

  async #fetch(signal: AbortSignal): Promise<TemporaryKeys> {
    const { role, sts } = this.#sources;
    const keys = await this.#find(signal);
    return role === undefined ? keys : assumeRole(sts, keys, { roleArn: role, sessionName: SESSION_NAME }, signal);
  }

  async #find(signal: AbortSignal): Promise<TemporaryKeys> {
    const { profile, profiles, sts, context } = this.#sources;
    const { env } = context;
    if (profile !== undefined) return this.#fromProfile(profile, [], signal);
    const own = keysFrom(env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY'], env['AWS_SESSION_TOKEN']);
    if (own) return own;
    const [tokenFile, roleArn] = [env['AWS_WEB_IDENTITY_TOKEN_FILE'], env['AWS_ROLE_ARN']];
    if (tokenFile && roleArn) {
      const token = await readToken(context, tokenFile);
      return assumeRoleByToken(sts, token, { roleArn, sessionName: env['AWS_ROLE_SESSION_NAME'] ?? SESSION_NAME }, signal);
    }
    const named = env['AWS_PROFILE'] ?? env['AWS_DEFAULT_PROFILE'];
    if (named || profiles.has('default')) {
      const keys = await this.#fromProfile(named ?? 'default', [], signal, named === undefined);
      if (keys) return keys;
    }
    return (await this.#fromContainer(signal)) ?? (await this.#fromMachine(signal)) ?? nowhere();
  }

  async #fromProfile(name: string, from: readonly string[], signal: AbortSignal): Promise<TemporaryKeys>;
  async #fromProfile(name: string, from: readonly string[], signal: AbortSignal, mayBeEmpty: boolean): Promise<TemporaryKeys | null>;
  async #fromProfile(name: string, from: readonly string[], signal: AbortSignal, mayBeEmpty = false): Promise<TemporaryKeys | null> {
    const { profiles, sts, context } = this.#sources;
    const profile = profiles.get(name);
    if (!profile) throw new StoreError('misconfigured', `AWS profile ${name} is in neither of AWS's shared files`);
    if (from.length >= MAX_CHAIN) throw new StoreError('misconfigured', `AWS profile ${from[0]}: its roles form a circle or a long chain`);
    const own = keysFrom(profile['aws_access_key_id'], profile['aws_secret_access_key'], profile['aws_session_token']);
    const [roleArn, source, given] = [profile['role_arn'], profile['source_profile'], profile['credential_source']];
    // A profile that is its own source takes the role with its own keys.
    if (roleArn === undefined || from.includes(name)) {
      if (own) return own;
      refuseUnsupported(name, profile);
      if (mayBeEmpty) return null;
      throw new StoreError('misconfigured', `AWS profile ${name} has no credentials`);
    }
    const wish: RoleWish = { roleArn, sessionName: profile['role_session_name'] ?? SESSION_NAME, externalId: profile['external_id'] };
    const tokenFile = profile['web_identity_token_file'];
    if (tokenFile !== undefined) return assumeRoleByToken(sts, await readToken(context, tokenFile), wish, signal);
    if (profile['mfa_serial'] !== undefined) refuseUnsupported(name, profile);
    if (source !== undefined) return assumeRole(sts, await this.#fromProfile(source, [...from, name], signal), wish, signal);
    return assumeRole(sts, await this.#fromSource(name, given, signal), wish, signal);
  }

  async #fromSource(profile: string, source: string | undefined, signal: AbortSignal): Promise<TemporaryKeys> {
    const { env } = this.#sources.context;
    const keys =
      source === 'Environment'
        ? keysFrom(env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY'], env['AWS_SESSION_TOKEN'])
        : source === 'EcsContainer'
          ? await this.#fromContainer(signal)
          : source === 'Ec2InstanceMetadata'
            ? await this.#fromMachine(signal)
            : null;
    if (keys) return keys;
    throw new StoreError('misconfigured', `AWS profile ${profile}: its role has no source_profile or credential_source that gives keys`);
  }

  /** ECS and EKS Pod Identity: docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html. */
  async #fromContainer(signal: AbortSignal): Promise<TemporaryKeys | null> {
    const { context } = this.#sources;
    const { env } = context;
    const relative = env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
    const address = relative ? `http://169.254.170.2${relative}` : env['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
    if (!address) return null;
    const url = URL.canParse(address) ? new URL(address) : null;
    if (!url || (url.protocol !== 'https:' && !CONTAINER_HOSTS.includes(url.hostname)))
      throw new StoreError('misconfigured', 'AWS_CONTAINER_CREDENTIALS_FULL_URI names a host that may not give credentials');
    const tokenFile = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
    const token = tokenFile ? await readToken(context, tokenFile) : env['AWS_CONTAINER_AUTHORIZATION_TOKEN'];
    return this.#with(url.origin, async (client) => {
      const headers: Record<string, string> = token ? { Authorization: token } : {};
      const reply = await client.send({ method: 'GET', url: url.href, headers, signal });
      return keysOfReply(reply, 'the container’s AWS credentials');
    });
  }

  /** IMDSv2 only: version 1 answers whoever can make this machine send a GET. Returns null where there is no metadata service, or no role. */
  async #fromMachine(signal: AbortSignal): Promise<TemporaryKeys | null> {
    const { env } = this.#sources.context;
    if (env['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true') return null;
    const endpoint = (env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] || 'http://169.254.169.254').replace(/\/+$/, '');
    const short = startDeadline(signal, METADATA_MS);
    return this.#with(endpoint, async (client) => {
      const ttl = { 'X-aws-ec2-metadata-token-ttl-seconds': '300' };
      const token = await client
        .send({ method: 'PUT', url: `${endpoint}/latest/api/token`, headers: ttl, signal: short.signal })
        // Nobody there: this is no machine of AWS.
        .catch(() => null)
        .finally(short.end);
      if (token?.status !== 200) return null;
      const headers = { 'X-aws-ec2-metadata-token': token.body.toString('utf8') };
      const folder = `${endpoint}/latest/meta-data/iam/security-credentials/`;
      const roles = await client.send({ method: 'GET', url: folder, headers, signal });
      const role = roles.body.toString('utf8').split('\n')[0]?.trim();
      if (roles.status !== 200 || !role) return null;
      const reply = await client.send({ method: 'GET', url: `${folder}${encodeURIComponent(role)}`, headers, signal });
      return keysOfReply(reply, 'the machine’s AWS credentials');
    });
  }

  async #with<T>(origin: string, doing: (client: HttpClient) => Promise<T>): Promise<T> {
    const client = this.#sources.context.createClient({ origins: [origin] });
    try {
      return await doing(client);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw new StoreError('unreachable', `AWS metadata at ${origin} did not answer`, { cause: error });
    } finally {
      await client.close();
    }
  }
}

function keysFrom(id: string | undefined, secret: string | undefined, token: string | undefined): TemporaryKeys | null {
  if (!id || !secret) return null;
  return { accessKeyId: id, secretAccessKey: secret, expiresAt: null, ...(token ? { sessionToken: token } : {}) };
}

/** Reads what both metadata services give: AccessKeyId, SecretAccessKey, Token, Expiration. */
function keysOfReply(reply: HttpReply, what: string): TemporaryKeys {
  if (reply.status !== 200) throw new StoreError('denied', `${what} were refused (${reply.status})`, { status: reply.status });
  const json = jsonOf(reply, what);
  const expiresAt = isJson(json) && typeof json['Expiration'] === 'string' ? new Date(json['Expiration']) : null;
  return {
    accessKeyId: textOf(json, 'AccessKeyId', what),
    secretAccessKey: textOf(json, 'SecretAccessKey', what),
    ...(typeof json['Token'] === 'string' ? { sessionToken: json['Token'] } : {}),
    expiresAt: expiresAt && !Number.isNaN(expiresAt.getTime()) ? expiresAt : null,
  };
}

async function readToken({ readFile }: StoreContext, path: string): Promise<string> {
  const token = (await readFile(path)).trim();
  if (token !== '') return token;
  throw new StoreError('misconfigured', `${path} is empty; it is to hold a token`);
}

function nowhere(): never {
  throw new StoreError('misconfigured', FROM_NOWHERE);
}
