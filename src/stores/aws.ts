/**
 * AWS Secrets Manager as a secrets store. A list call tells every secret and its labelled versions; secrets with history are asked for all their versions; values
 * come by aws-values.ts. References are full ARNs: a name whose own end looks like the six random characters of an ARN is mistaken for one, an ARN never.
 */
import { createHash } from 'node:crypto';
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import type { HttpClient } from '../net/http-client.ts';
import { AwsFault, type AwsRegion, callAws, isAboutAll, isThrottledByAws } from './aws-api.ts';
import { AwsCredentials } from './aws-credentials.ts';
import { readProfiles } from './aws-profiles.ts';
import { callerArn, type Sts } from './aws-sts.ts';
import { AwsValues } from './aws-values.ts';
import { type ListedSecret, labelledVersions, readListed, readVersions } from './aws-versions.ts';
import { Pace } from './pace.ts';
import type { Json } from './store-http.ts';
import { type StoreContext, type StoreKind, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';

const KIND = 'aws';
/** AWS's largest page; MAX_PAGES of them are ten times the secrets that an account may have in a region (500,000). */
const PAGE = 100;
const MAX_PAGES = 50_000;
/** Pages of one secret's versions; AWS prunes those without a label above 100. */
const MAX_VERSION_PAGES = 20;
/** Version lists asked for side by side. */
const LISTS_AT_A_TIME = 8;
/** AWS allows 50 ListSecretVersionIds a second, account and region; some are left to others. */
const LISTS_PER_SECOND = 40;
const UNKNOWN = 'unknown: AWS STS cannot be reached';
const PAGING_AGAIN = 'gives the same page again and again';

export const aws: StoreKind = {
  kind: KIND,
  name: 'AWS Secrets Manager',
  settings: [
    { name: 'region', help: 'regions to read; else AWS_REGION, or the profile’s', isList: true },
    { name: 'profile', help: 'profile of AWS’s shared files, before all other credentials' },
    { name: 'role', help: 'ARN of a role to take with the credentials found' },
    { name: 'prefix', help: 'read only secrets whose names begin so', isList: true },
    { name: 'history', help: '`labelled`: only versions with a stage label, one request a secret less; else all' },
    { name: 'endpoint', help: 'address of Secrets Manager, for a VPC endpoint' },
    { name: 'sts-endpoint', help: 'address of STS, for a VPC endpoint' },
  ],
  create(settings, context) {
    const history = settingOf(settings, 'history');
    if (history !== undefined && history !== 'all' && history !== 'labelled')
      throw new StoreError('misconfigured', 'store of kind aws: history is all or labelled');
    for (const region of settingsOf(settings, 'region')) checkRegion(region);
    return new AwsStore(settings, context);
  },
};

type Connection = {
  readonly client: HttpClient;
  readonly sts: Sts;
  readonly credentials: AwsCredentials;
  readonly regions: readonly Region[];
};
type Region = { readonly at: AwsRegion; readonly values: AwsValues; readonly lists: Pace };

class AwsStore implements SecretStore {
  readonly kind = KIND;
  readonly id: string;
  readonly #settings: StoreSettings;
  readonly #context: StoreContext;
  #connection: Promise<Connection> | null = null;

  constructor(settings: StoreSettings, context: StoreContext) {
    this.#settings = settings;
    this.#context = context;
    const parts = [settingOf(settings, 'role') ?? settingOf(settings, 'profile'), ...settingsOf(settings, 'region')];
    const prefixes = settingsOf(settings, 'prefix').map((prefix) => `/${prefix}`);
    this.id = `aws:${[...parts, ...prefixes].filter((part) => part !== undefined).join(':') || 'default'}`;
  }

  async access(signal: AbortSignal): Promise<StoreAccess> {
    const { sts, credentials } = await this.#connect();
    const identity = await callerArn(sts, await credentials.get(signal), signal).catch((error: unknown) => {
      // A network may let through to Secrets Manager alone, which does not say who asks.
      if (error instanceof StoreError && (error.why === 'unreachable' || error.why === 'timed-out')) return UNKNOWN;
      throw error;
    });
    const tooMuch = identity.endsWith(':root')
      ? ['this is the account’s root user: give leakwarden a role of its own that can only read']
      : [];
    return { identity, tooMuch };
  }

  async *secrets(signal: AbortSignal): AsyncIterable<StoredSecret | Problem> {
    const { regions } = await this.#connect();
    const names = new Set(regions.map(({ at }) => at.region));
    const seen = new Set<string>();
    for (const { at, lists } of regions) {
      for await (const page of this.#pages(at, signal)) {
        const own = page.filter(({ arn, primaryRegion }) => {
          const isReplica = primaryRegion !== null && primaryRegion !== at.region;
          // A replica is its primary's copy: listed there, or, where that region is not read, once.
          if (isReplica && names.has(primaryRegion)) return false;
          const key = isReplica ? arn.replace(`:${at.region}:`, `:${primaryRegion}:`) : arn;
          return !seen.has(key) && seen.add(key);
        });
        for (let from = 0; from < own.length; from += LISTS_AT_A_TIME) {
          const some = own.slice(from, from + LISTS_AT_A_TIME);
          yield* (await Promise.all(some.map((one) => this.#described(at, lists, one, signal)))).flat();
        }
      }
    }
  }

  async *values(secret: StoredSecret, versions: readonly StoredVersion[], signal: AbortSignal): AsyncIterable<StoredValue | Problem> {
    const { ref } = secret;
    const { regions } = await this.#connect();
    const region = regions.find(({ at }) => ref.split(':')[3] === at.region);
    if (!region) throw new StoreError('misconfigured', `${ref} is in a region that is not read`);
    for (const { id, state } of versions) {
      // A secret that is planned to be deleted gives no value until it is restored.
      if (state === 'disabled' || state === 'destroyed') continue;
      try {
        const text = state === 'current' ? await region.values.current(ref, id, signal) : await region.values.version(ref, id, signal);
        yield { ref, version: id, field: '', value: new Secret(text, KIND) };
      } catch (error) {
        if (isAboutAll(error) || !(error instanceof AwsFault)) throw error;
        // A rotation that failed leaves a version without a value (AWSPENDING); there is nothing to read.
        if (state !== 'current' && error.fault === 'ResourceNotFoundException') continue;
        yield this.#unreadable(ref, `version ${id}: ${error.fault}`);
      }
    }
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => null);
    await connection?.client.close();
    this.#connection = null;
  }

  async *#pages(at: AwsRegion, signal: AbortSignal): AsyncIterable<ListedSecret[]> {
    const prefixes = settingsOf(this.#settings, 'prefix');
    const filters = prefixes.length > 0 ? { Filters: [{ Key: 'name', Values: prefixes }] } : {};
    const body = { MaxResults: PAGE, IncludePlannedDeletion: true, ...filters };
    for await (const reply of pagesOf(at, 'ListSecrets', body, MAX_PAGES, signal)) yield readListed(reply, at.region);
  }

  async #described(at: AwsRegion, lists: Pace, listed: ListedSecret, signal: AbortSignal): Promise<(StoredSecret | Problem)[]> {
    const labelled = labelledVersions(listed, []);
    // One version, and the label that every secret has: there was never another.
    if (labelled.length < 2 || settingOf(this.#settings, 'history') === 'labelled')
      return labelled.length > 0 ? [toStored(listed, labelled)] : [];
    try {
      await lists.turn(signal);
      const pages: Json[] = [];
      const body = { SecretId: listed.arn, IncludeDeprecated: true, MaxResults: PAGE };
      for await (const reply of pagesOf(at, 'ListSecretVersionIds', body, MAX_VERSION_PAGES, signal)) pages.push(reply);
      return [toStored(listed, labelledVersions(listed, pages.flatMap(readVersions)))];
    } catch (error) {
      if (isAboutAll(error) || !(error instanceof AwsFault)) throw error;
      return [toStored(listed, labelled), this.#unreadable(listed.arn, `its older versions cannot be listed: ${error.fault}`)];
    }
  }

  #unreadable(ref: string, reason: string): Problem {
    return { code: 'store-unreadable', where: ref, data: { store: this.id, ref, reason } };
  }

  #connect(): Promise<Connection> {
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async #open(): Promise<Connection> {
    const [settings, context] = [this.#settings, this.#context];
    const { env, now } = context;
    const profiles = await readProfiles(context);
    const profile = settingOf(settings, 'profile');
    const known = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? profiles.get(profile ?? env['AWS_PROFILE'] ?? 'default')?.['region'];
    const listed = settingsOf(settings, 'region');
    const names = [...new Set(listed.length > 0 ? listed : known ? [known] : [])];
    const [first] = names;
    if (first === undefined) throw new StoreError('misconfigured', 'store of kind aws: region is missing; AWS_REGION is not set either');
    for (const name of names) checkRegion(name);
    const endpointOf = (service: string, name: string, setting: string): string =>
      settingOf(settings, setting)?.replace(/\/+$/, '') ?? `https://${service}.${name}.amazonaws.com${name.startsWith('cn-') ? '.cn' : ''}`;
    const stsEndpoint = endpointOf('sts', first, 'sts-endpoint');
    const endpoints = names.map((name) => endpointOf('secretsmanager', name, 'endpoint'));
    const client = context.createClient({ origins: [...endpoints, stsEndpoint], isThrottled: isThrottledByAws });
    const sts = { client, endpoint: stsEndpoint, region: first, now };
    const credentials = new AwsCredentials({ context, profiles, profile, role: settingOf(settings, 'role'), sts });
    const regions = names.map((region, index) => {
      const at = { region, endpoint: endpoints[index] ?? '', client, credentials, now };
      return { at, values: new AwsValues(at), lists: new Pace({ burst: LISTS_PER_SECOND, perSecond: LISTS_PER_SECOND, now }) };
    });
    return { client, sts, credentials, regions };
  }
}

/** Yields the replies of a listing operation, page by page. */
async function* pagesOf(at: AwsRegion, operation: string, body: Json, limit: number, signal: AbortSignal): AsyncIterable<Json> {
  let token: string | undefined;
  for (let page = 0; page < limit; page++) {
    const reply = await callAws(at, operation, { ...body, ...(token === undefined ? {} : { NextToken: token }) }, signal);
    yield reply;
    const next = reply['NextToken'];
    if (typeof next !== 'string' || next === '') return;
    if (next === token) break;
    token = next;
  }
  throw new StoreError('odd-reply', `AWS ${at.region} ${operation} ${PAGING_AGAIN}`);
}

function toStored({ arn, isDeleted }: ListedSecret, versions: readonly StoredVersion[]): StoredSecret {
  const marks = JSON.stringify([isDeleted, ...versions.map(({ id, state }) => [id, state])]);
  return { ref: arn, change: createHash('sha256').update(marks).digest('hex').slice(0, 32), versions };
}

/** A region becomes part of a host's name. */
function checkRegion(region: string): void {
  if (!/^[a-z0-9-]{1,40}$/.test(region)) throw new StoreError('misconfigured', `store of kind aws: ${region} is no region`);
}
