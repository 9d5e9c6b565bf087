/**
 * AWS Secrets Manager as a secrets store. A list call tells every secret and its labelled versions; secrets with history are asked for all their versions; values
 * come by aws-values.ts. References are full ARNs: a name whose own end looks like the six random characters of an ARN is mistaken for one, an ARN never.
 */
import type { Problem } from '../core/contracts.ts';
import { Secret } from '../core/secret.ts';
import { type SecretStore, type StoreAccess, type StoredSecret, type StoredValue, type StoredVersion, StoreError } from '../core/stores.ts';
import { AwsFault, type AwsRegion, isAboutAll } from './aws-api.ts';
import { type AwsConnection, awsIdOf, checkRegion, connectAws } from './aws-connect.ts';
import { AWS_PAGE, allVersions, pagesOf, toStored } from './aws-lists.ts';
import { createAwsRotator } from './aws-rotate.ts';
import { callerArn } from './aws-sts.ts';
import { AwsValues } from './aws-values.ts';
import { type ListedSecret, labelledVersions, readListed } from './aws-versions.ts';
import { Pace } from './pace.ts';
import { type StoreContext, type StoreKind, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';

const KIND = 'aws';
/** Ten times the secrets that an account may have in a region (500,000). */
const MAX_PAGES = 50_000;
/** Version lists asked for side by side. */
const LISTS_AT_A_TIME = 8;
/** AWS allows 50 ListSecretVersionIds a second, account and region; some are left to others. */
const LISTS_PER_SECOND = 40;
const UNKNOWN = 'unknown: AWS STS cannot be reached';

export const aws: StoreKind = {
  kind: KIND,
  name: 'AWS Secrets Manager',
  settings: [
    { name: 'region', help: 'regions to read; else AWS_REGION, or the profile’s', isList: true },
    { name: 'profile', help: 'profile of AWS’s shared files, before all other credentials' },
    { name: 'role', help: 'ARN of a role to take with the credentials found' },
    { name: 'prefix', help: 'read only secrets whose names begin so', isList: true },
    { name: 'history', help: '`labelled`: only versions with a stage label, one request a secret less; else all' },
    { name: 'rotate-role', help: 'ARN of a role to take for rotations, instead of `role`' },
    { name: 'rotation-users', help: '`single` or `alternating`: what the rotation functions do; else it is looked for in the secret' },
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
  createRotator: createAwsRotator,
};

type Region = { readonly at: AwsRegion; readonly values: AwsValues; readonly lists: Pace };
type Connection = Omit<AwsConnection, 'regions'> & { readonly regions: readonly Region[] };

class AwsStore implements SecretStore {
  readonly kind = KIND;
  readonly id: string;
  readonly #settings: StoreSettings;
  readonly #context: StoreContext;
  #connection: Promise<Connection> | null = null;

  constructor(settings: StoreSettings, context: StoreContext) {
    this.#settings = settings;
    this.#context = context;
    this.id = awsIdOf(settings);
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
    const body = { MaxResults: AWS_PAGE, IncludePlannedDeletion: true, ...filters };
    for await (const reply of pagesOf(at, 'ListSecrets', body, MAX_PAGES, signal)) yield readListed(reply, at.region);
  }

  async #described(at: AwsRegion, lists: Pace, listed: ListedSecret, signal: AbortSignal): Promise<(StoredSecret | Problem)[]> {
    const labelled = labelledVersions(listed, []);
    // One version, and the label that every secret has: there was never another.
    if (labelled.length < 2 || settingOf(this.#settings, 'history') === 'labelled')
      return labelled.length > 0 ? [toStored(listed, labelled)] : [];
    try {
      await lists.turn(signal);
      return [toStored(listed, labelledVersions(listed, await allVersions(at, listed.arn, signal)))];
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
    const connection = await connectAws(this.#settings, this.#context);
    const { now } = this.#context;
    const regions = connection.regions.map((at) => {
      return { at, values: new AwsValues(at), lists: new Pace({ burst: LISTS_PER_SECOND, perSecond: LISTS_PER_SECOND, now }) };
    });
    return { ...connection, regions };
  }
}
