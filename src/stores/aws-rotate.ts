/**
 * AWS Secrets Manager as a rotator: reads the secret, and says what would be done with it. By its rotation function where it has one (aws-rotate-function.ts),
 * else by a new version (aws-rotate-put.ts). Asked by full ARNs only.
 */
import type { FieldTexts, StoredPlace, StorePart, StoreRotator } from '../core/rotation.ts';
import { RotationError } from '../core/rotation.ts';
import { StoreError } from '../core/stores.ts';
import { type AwsConnection, awsIdOf, checkRegion, connectAws } from './aws-connect.ts';
import { allVersions, toStored } from './aws-lists.ts';
import { AwsPlace, foreignPending } from './aws-place.ts';
import { functionActions, type RotationUsers } from './aws-rotate-function.ts';
import { putActions } from './aws-rotate-put.ts';
import { type ListedSecret, labelledVersions, timeOf } from './aws-versions.ts';
import { hasField, siblingsOf, valueOfField } from './replace-field.ts';
import { cannot, moved, reading } from './rotation-failures.ts';
import type { Json } from './store-http.ts';
import { type StoreContext, type StoreSettings, settingOf, settingsOf } from './store-kind.ts';

/** Throws StoreError misconfigured. */
export function createAwsRotator(settings: StoreSettings, context: StoreContext): StoreRotator {
  for (const region of settingsOf(settings, 'region')) checkRegion(region);
  const users = settingOf(settings, 'rotation-users');
  if (users !== undefined && users !== 'single' && users !== 'alternating')
    throw new StoreError('misconfigured', 'store of kind aws: rotation-users is single or alternating');
  return new AwsRotator(settings, context, users);
}

class AwsRotator implements StoreRotator {
  readonly id: string;
  readonly #settings: StoreSettings;
  readonly #context: StoreContext;
  readonly #users: 'single' | 'alternating' | undefined;
  #connection: Promise<AwsConnection> | null = null;

  constructor(settings: StoreSettings, context: StoreContext, users: 'single' | 'alternating' | undefined) {
    this.id = awsIdOf(settings);
    const role = settingOf(settings, 'rotate-role');
    this.#settings = role === undefined ? settings : { ...settings, role };
    this.#context = context;
    this.#users = users;
  }

  async plan(place: StoredPlace, signal: AbortSignal, isBegun = false, fields: FieldTexts = {}): Promise<StorePart> {
    this.#connection ??= connectAws(this.#settings, this.#context);
    const { regions } = await reading(this.#connection);
    const region = regions.find((one) => one.region === place.ref.split(':')[3]);
    if (!region || !place.ref.startsWith('arn:')) throw cannot(`${place.ref || 'it'} is no ARN of a region of this store`);
    const secret = new AwsPlace(region, place.ref);
    const { secret: described, reply } = await secret.described(signal);
    refuseOthers(described, reply, region.region);
    if (!isBegun) await this.#checkUnmoved(secret, described, place, signal);
    const part = { consumers: consumersOf(reply), warnings: warningsOf(reply) };
    return reply['RotationEnabled'] === true
      ? this.#byFunction(secret, place, described, isBegun, reply, part, signal)
      : byPut(secret, place, described, isBegun, fields, part, signal);
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => null);
    await connection?.client.close();
    this.#connection = null;
  }

  /** As the connector tells a change. */
  async #checkUnmoved(secret: AwsPlace, described: ListedSecret, place: StoredPlace, signal: AbortSignal): Promise<void> {
    const labelled = labelledVersions(described, []);
    const isWhole = labelled.length < 2 || settingOf(this.#settings, 'history') === 'labelled';
    const versions = isWhole ? labelled : labelledVersions(described, await reading(allVersions(secret.at, secret.arn, signal)));
    if (toStored(described, versions).change !== place.change) throw moved(`${secret.arn} was changed since it was read`);
  }

  async #byFunction(
    secret: AwsPlace,
    place: StoredPlace,
    { stages }: ListedSecret,
    isBegun: boolean,
    reply: Json,
    { consumers, warnings }: Pick<StorePart, 'consumers' | 'warnings'>,
    signal: AbortSignal,
  ): Promise<StorePart> {
    const leaked = await readable(secret, place.version, signal);
    const users = this.#users ?? (await usersOf(secret, place.version, stages, leaked, reply, signal));
    const labels = stages.get(place.version) ?? [];
    if (!isBegun && !labels.includes('AWSCURRENT') && !(users === 'alternating' && labels.includes('AWSPREVIOUS')))
      throw cannot(`version ${place.version} of ${secret.arn} is not current: a rotation would not change what leaked`);
    const isReadable = leaked !== null && valueOfField(leaked, place.field) !== null;
    const own = [
      ...(users === 'alternating' ? [ALTERNATING] : users === 'unknown' ? [UNKNOWN_USERS] : [SINGLE]),
      ...(isReadable ? [] : [UNREADABLE]),
      'a rotation cannot be called off: CancelRotateSecret would switch the schedule off, and is not used',
    ];
    return {
      makesValue: true,
      actions: functionActions({ secret, place, users, isReadable, context: this.#context }),
      consumers,
      warnings: [...own, ...warnings],
    };
  }
}

const ALTERNATING =
  'its rotation function alternates between two users: after one rotation the user that leaked is still valid, so the secret is rotated twice';
const UNKNOWN_USERS =
  'whether its rotation function alternates between two users cannot be seen, since the secret may not be read: if it does, the user that leaked stays valid after one rotation; say it with rotation-users';
const SINGLE =
  'the function replaces the password at its target: it cannot be taken back, and who holds the old one fails until it reads again';
const UNREADABLE = 'the new value cannot be read here, so it is tried by the rotation function alone';

async function byPut(
  secret: AwsPlace,
  place: StoredPlace,
  { stages }: ListedSecret,
  isBegun: boolean,
  fields: FieldTexts,
  { consumers, warnings }: Pick<StorePart, 'consumers' | 'warnings'>,
  signal: AbortSignal,
): Promise<StorePart> {
  const { arn } = secret;
  if (!isBegun) {
    const labels = stages.get(place.version) ?? [];
    if (!labels.includes('AWSCURRENT'))
      throw cannot(`version ${place.version} of ${arn} is not current: another value has replaced what leaked`);
    const foreign = foreignPending(stages, []);
    if (foreign !== undefined) throw cannot(`a rotation of ${arn} is under way, or failed: version ${foreign} has the label AWSPENDING`);
  }
  const { text } = await secret.text(place.version, signal);
  if (!hasField(text, place.field)) throw cannot(`version ${place.version} of ${arn} has no ${place.field}`);
  const alsoWrites = siblingsOf(text, place.field, Object.keys(fields));
  const siblings = Object.fromEntries(Object.entries(fields).filter(([name]) => alsoWrites.includes(name)));
  return {
    makesValue: false,
    actions: putActions({ secret, place, siblings }),
    alsoWrites,
    consumers,
    warnings: [...otherLabels(place.version, stages), ...warnings],
  };
}

/** Labels of the owner's own stay where they are: what they mean is not known here. */
function otherLabels(version: string, stages: ListedSecret['stages']): string[] {
  const own = (stages.get(version) ?? []).filter((label) => !label.startsWith('AWS'));
  return own.length === 0
    ? []
    : [`version ${version} also has the label ${own.join(', ')}: who reads by it goes on getting the value that leaked`];
}

function refuseOthers({ arn, isDeleted, primaryRegion }: ListedSecret, reply: Json, region: string): void {
  if (isDeleted) throw cannot(`${arn} is planned for deletion: restore it first`);
  if (primaryRegion !== null && primaryRegion !== region) throw cannot(`${arn} is a replica: rotate it in ${primaryRegion}`);
  const owner = reply['OwningService'];
  if (reply['RotationEnabled'] !== true && typeof owner === 'string' && owner !== '')
    throw cannot(`${arn} belongs to the AWS service ${owner}, which alone may write it`);
}

/** Returns the text of a version, or null where this credential may not read it. */
async function readable(secret: AwsPlace, version: string, signal: AbortSignal): Promise<string | null> {
  try {
    return (await secret.text(version, signal)).text;
  } catch (error) {
    if (error instanceof RotationError && (error.why === 'denied' || error.why === 'cannot' || error.why === 'not-found')) return null;
    throw error;
  }
}

/**
 * Two users that alternate: AWS's functions for it want `masterarn` in the secret and call the second user `NAME_clone`; of others the users of two versions
 * tell. Where the secret may not be read, the name of AWS's own functions does.
 */
async function usersOf(
  secret: AwsPlace,
  version: string,
  stages: ReadonlyMap<string, readonly string[]>,
  leaked: string | null,
  reply: Json,
  signal: AbortSignal,
): Promise<RotationUsers> {
  if (/MultiUser/i.test(String(reply['RotationLambdaARN'] ?? ''))) return 'alternating';
  if (leaked === null) return 'unknown';
  const user = userIn(leaked);
  if (isOfTwo(leaked)) return 'alternating';
  for (const [id, labels] of stages) {
    if (id === version || !labels.some((label) => label === 'AWSCURRENT' || label === 'AWSPREVIOUS')) continue;
    const other = await readable(secret, id, signal);
    if (other !== null && (isOfTwo(other) || userIn(other) !== user)) return 'alternating';
  }
  return 'single';
}

function userIn(text: string): string | null {
  return plainField(text, 'username') ?? plainField(text, 'user');
}

function isOfTwo(text: string): boolean {
  return plainField(text, 'masterarn') !== null || (userIn(text)?.endsWith('_clone') ?? false);
}

/** A field that is no secret. */
function plainField(text: string, name: string): string | null {
  try {
    const json: unknown = JSON.parse(text);
    const value: unknown = typeof json === 'object' && json !== null ? Object.entries(json).find(([key]) => key === name)?.[1] : undefined;
    return typeof value === 'string' ? value : null;
  } catch {
    // No JSON: no fields.
    return null;
  }
}

function consumersOf(reply: Json): string[] {
  const read = timeOf(reply['LastAccessedDate']);
  return [
    read === null
      ? 'nobody has read it lately, as far as AWS tells'
      : `it was last read on ${read.slice(0, 10)} (AWS tells the day, not who; CloudTrail has GetSecretValue)`,
  ];
}

function warningsOf(reply: Json): string[] {
  const replicas = Array.isArray(reply['ReplicationStatus']) ? reply['ReplicationStatus'].length : 0;
  return replicas > 0 ? [`it is copied to ${replicas} other ${replicas === 1 ? 'region' : 'regions'}, which follow within seconds`] : [];
}
