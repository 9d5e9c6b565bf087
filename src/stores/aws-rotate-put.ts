/**
 * Rotation of an AWS secret that has no rotation function: a new version is written as AWSPENDING under the run's id, and becomes AWSCURRENT when it has been
 * tried. Called by aws-rotate.ts.
 */
import { type FieldTexts, fieldsOf, type RotationAction, type RotationRun, type StoredPlace } from '../core/rotation.ts';
import { type AwsPlace, foreignPending, holderOf } from './aws-place.ts';
import { retireAction } from './aws-retire.ts';
import { replaceField, setSiblings } from './replace-field.ts';
import { afterChange, cannot, moved } from './rotation-failures.ts';

export type PutOptions = {
  readonly secret: AwsPlace;
  readonly place: StoredPlace;
  /** Fields that are written with the value. */
  readonly siblings: FieldTexts;
};

export function putActions(options: PutOptions): RotationAction[] {
  const { secret, place } = options;
  const { arn } = secret;
  const names = [place.field, ...Object.keys(options.siblings)].join(' and ');
  const what = place.field === '' ? 'its text is the new value' : `it differs from version ${place.version} in ${names} alone`;
  const write: RotationAction = {
    id: 'aws:write',
    reaches: 'CREATED',
    does: `writes a new version of ${arn} with the label AWSPENDING; ${what}`,
    repeat: 'always',
    effects: [`readers go on getting version ${place.version}`],
    happened: async ({ id, signal }) => ((await secret.labels(signal)).has(id) ? 'yes' : 'no'),
    act: (run) => writePending(options, run),
    undo: {
      does: 'takes the labels off the new version: nobody gets it any more, and AWS deletes it in time',
      act: ({ id, signal }) => takeLabelsOff(secret, place.version, id, signal),
    },
  };
  const promote: RotationAction = {
    id: 'aws:promote',
    reaches: 'PROMOTED',
    does: `moves the label AWSCURRENT of ${arn} from version ${place.version} to the new version`,
    repeat: 'when-not-done',
    effects: ['who reads the secret from then on gets the new value', `version ${place.version} stays readable, as AWSPREVIOUS`],
    happened: async ({ id, signal }) => (holderOf(await secret.labels(signal), 'AWSCURRENT') === id ? 'yes' : 'no'),
    act: (run) => promoteNew(options, run),
    undo: {
      does: `moves AWSCURRENT back to version ${place.version}`,
      act: ({ id, signal }) => moveBack(secret, place.version, id, signal),
    },
  };
  return [write, promote, retireAction(secret, place.version, ({ id }) => id)];
}

async function writePending({ secret, place, siblings }: PutOptions, run: RotationRun): Promise<void> {
  const { id, old, fresh, signal } = run;
  const { arn } = secret;
  if (fresh === null) throw cannot(`there is no new value for ${arn} yet`);
  const labels = await secret.labels(signal);
  // Promoted already: it was written.
  if (holderOf(labels, 'AWSCURRENT') === id) return;
  checkCurrent(arn, labels, place.version);
  const foreign = foreignPending(labels, [id]);
  if (foreign !== undefined) throw moved(`another rotation of ${arn} has begun: version ${foreign} has the label AWSPENDING`);
  const { text, isBinary } = await secret.text(place.version, signal);
  const replaced = replaceField(text, place.field, old, fresh);
  const whole = replaced === null ? null : setSiblings(replaced, place.field, fieldsOf(siblings, run));
  if (whole === null) throw cannot(`version ${place.version} of ${arn} does not hold the value that leaked where it can be replaced`);
  const content = isBinary ? { SecretBinary: Buffer.from(whole, 'utf8').toString('base64') } : { SecretString: whole };
  await secret.change('PutSecretValue', { ClientRequestToken: id, VersionStages: ['AWSPENDING'], ...content }, signal, true);
  // A version that was written before, and lost its label, is left as it is by AWS.
  const after = await afterChange(secret.labels(signal));
  if (!after.has(id)) await afterChange(secret.moveLabel('AWSPENDING', holderOf(after, 'AWSPENDING'), id, signal));
}

async function promoteNew({ secret, place }: PutOptions, { id, signal }: RotationRun): Promise<void> {
  const labels = await secret.labels(signal);
  if (holderOf(labels, 'AWSCURRENT') !== id) {
    checkCurrent(secret.arn, labels, place.version);
    if (!labels.has(id)) throw moved(`the new version of ${secret.arn} is not there`);
    // AWS refuses when the label is not where we say: a check-and-set.
    await secret.moveLabel('AWSCURRENT', place.version, id, signal);
  }
  // Left on the current version it means nothing, and is taken off for those who look.
  if ((labels.get(id) ?? []).includes('AWSPENDING')) await afterChange(secret.moveLabel('AWSPENDING', id, undefined, signal));
}

/** Makes the version before current again, where ours is; what somebody else made current stays. */
export async function moveBack(secret: AwsPlace, version: string, ours: string, signal: AbortSignal): Promise<void> {
  const current = holderOf(await secret.labels(signal), 'AWSCURRENT');
  if (current === version) return;
  if (current !== ours) throw moved(`version ${current ?? '(none)'} of ${secret.arn} was made current by somebody else`);
  await secret.moveLabel('AWSCURRENT', ours, version, signal);
}

async function takeLabelsOff(secret: AwsPlace, version: string, ours: string, signal: AbortSignal): Promise<void> {
  const labels = await secret.labels(signal);
  const [own, current] = [labels.get(ours) ?? [], holderOf(labels, 'AWSCURRENT')];
  if (current === ours) throw moved(`the new version of ${secret.arn} is current`);
  // AWSPREVIOUS came with moving back. Under a version of somebody else's it is what their readers fall back to.
  for (const label of own) if (label === 'AWSPENDING' || current === version) await secret.moveLabel(label, ours, undefined, signal);
}

export function checkCurrent(arn: string, labels: ReadonlyMap<string, readonly string[]>, version: string): void {
  const current = holderOf(labels, 'AWSCURRENT');
  if (current !== version) throw moved(`version ${current ?? '(none)'} of ${arn} is current, no longer ${version}`);
}
