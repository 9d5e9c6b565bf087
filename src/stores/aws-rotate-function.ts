/**
 * Rotation of an AWS secret by its own rotation function (RotateSecret): the function makes the value, changes it at its target, tries it and makes it current.
 *
 * Functions are of two kinds. One changes the password of the one user. The other has two users, and changes and hands out the one that is *not* in use: the user
 * whose password leaked keeps it. So such a secret is rotated twice; the second rotation is that user's turn.
 * Method: docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets_strategies.html and API_RotateSecret.html.
 */
import { createHash } from 'node:crypto';
import { type Happened, type RotationAction, RotationError, type RotationRun, type StoredPlace } from '../core/rotation.ts';
import { allVersions } from './aws-lists.ts';
import { type AwsPlace, foreignPending, holderOf } from './aws-place.ts';
import { retireAction } from './aws-retire.ts';
import { checkCurrent, moveBack } from './aws-rotate-put.ts';
import { fieldHolds, valueOfField } from './replace-field.ts';
import { afterChange, cannot, moved, reading } from './rotation-failures.ts';
import type { StoreContext } from './store-kind.ts';
import { waitUntil } from './wait-until.ts';

/** `unknown`: the credential may not read the secret, and nothing else tells. */
export type RotationUsers = 'single' | 'alternating' | 'unknown';

export type FunctionOptions = {
  readonly secret: AwsPlace;
  readonly place: StoredPlace;
  readonly users: RotationUsers;
  /** The credential may read values: the new one is taken, so that it can be tried. */
  readonly isReadable: boolean;
  readonly context: Pick<StoreContext, 'sleep'>;
};

/** A Lambda function has 15 minutes, most take seconds; AWS calls a failed one again. */
const PATIENCE = { firstPauseMs: 1000, longestPauseMs: 10_000, mostMs: 900_000 };
/** aws-sdk-js-v3 issue 7701: seconds, as a rule. */
const READ_PATIENCE = { firstPauseMs: 500, longestPauseMs: 5000, mostMs: 60_000 };
/** Journalled: whether the user that leaked has its turn in the second rotation. */
const AGAIN = 'aws:again';

export function functionActions(options: FunctionOptions): RotationAction[] {
  const { secret, place, users, isReadable } = options;
  const { arn } = secret;
  const isAlternating = users === 'alternating';
  const effect = isAlternating
    ? 'the other of two users gets a new password and is handed out; the one that leaked stays valid until the second rotation'
    : 'the password is changed at its target: who still has the old one is refused from then on';
  const rotate: RotationAction = {
    id: 'aws:rotate',
    reaches: 'PROMOTED',
    does: `has ${arn} rotated by its rotation function, and waits until the label AWSCURRENT is on the new version`,
    repeat: 'when-not-done',
    effects: [effect],
    happened: (run) => hasRotated(secret, firstToken(run), run.signal),
    act: (run) => rotateFirst(options, run),
    undo: isAlternating
      ? {
          does: `moves AWSCURRENT back to version ${place.version}, whose user is still valid`,
          act: (run) => undoFirst(options, run),
        }
      : null,
  };
  const again: RotationAction = {
    id: 'aws:rotate-again',
    reaches: 'OLD_DISABLED',
    does: `has ${arn} rotated a second time, where version ${place.version} was the current one: now the user that leaked gets a new password`,
    repeat: 'when-not-done',
    effects: ['the password that leaked is refused from then on; the user of the first rotation stays valid'],
    happened: async (run) => (run.fact(AGAIN) === 'no' ? 'yes' : hasRotated(secret, secondToken(run), run.signal)),
    act: async (run) => {
      if (run.fact(AGAIN) !== 'no') await rotateFrom(options, firstToken(run), secondToken(run), run.signal);
    },
    undo: null,
  };
  const actions = isReadable ? [rotate, readAction(options, 'aws:read', 'PROMOTED', firstToken)] : [rotate];
  // Of two users the one before is still valid, and its version in use.
  if (users === 'single') return [...actions, retireAction(secret, place.version, firstToken)];
  if (!isAlternating) return actions;
  const token = (run: RotationRun): string => (run.fact(AGAIN) === 'no' ? firstToken(run) : secondToken(run));
  return [...actions, again, ...(isReadable ? [readAction(options, 'aws:read-again', 'OLD_DISABLED', token)] : [])];
}

/** Takes the new value from the store, so that it can be tried; proves that the function changed the very field. */
function readAction(
  { secret, place, context }: FunctionOptions,
  id: string,
  reaches: RotationAction['reaches'],
  token: (run: RotationRun) => string,
): RotationAction {
  return {
    id,
    reaches,
    does: `reads the new version of ${secret.arn}, so that its value can be tried`,
    repeat: 'always',
    effects: [],
    happened: async (run) => (run.fresh !== null && run.fact(id) === token(run) ? 'yes' : 'no'),
    act: async (run) => {
      const text = await textSeen(secret, token(run), context, run.signal);
      const fresh = valueOfField(text, place.field);
      if (fresh === null) throw cannot(`the new version of ${secret.arn} has no ${place.field || 'value'}`);
      if (fresh.equals(run.old))
        throw new RotationError('refused', `the rotation function of ${secret.arn} left ${place.field || 'the value'} as it was`, {
          mayHaveHappened: true,
        });
      await run.keep(fresh);
      await run.setFact(id, token(run));
    },
    // Nothing was changed.
    undo: { does: 'forgets the value that was read', act: async () => undefined },
  };
}

/** A version that is current already may not be known to the next request for some seconds. */
async function textSeen(secret: AwsPlace, version: string, context: FunctionOptions['context'], signal: AbortSignal): Promise<string> {
  const seen: string[] = [];
  const isSeen = async (): Promise<boolean> => {
    try {
      seen.push((await secret.text(version, signal)).text);
      return true;
    } catch (error) {
      if (error instanceof RotationError && error.why === 'not-found') return false;
      throw error;
    }
  };
  await waitUntil(isSeen, `the reading of version ${version} of ${secret.arn}`, READ_PATIENCE, context, signal);
  return seen.join('');
}

async function rotateFirst(options: FunctionOptions, run: RotationRun): Promise<void> {
  const { secret, place, users, isReadable } = options;
  const token = firstToken(run);
  const labels = await secret.labels(run.signal);
  if (!labels.has(token)) {
    const own = labels.get(place.version) ?? [];
    const isPrevious = users === 'alternating' && own.includes('AWSPREVIOUS');
    if (!isPrevious) checkCurrent(secret.arn, labels, place.version);
    if (isReadable && !fieldHolds((await secret.text(place.version, run.signal)).text, place.field, run.old))
      throw moved(`version ${place.version} of ${secret.arn} does not hold the value that leaked`);
    // Known before anything is done: the labels move.
    if (run.fact(AGAIN) === undefined) await run.setFact(AGAIN, isPrevious ? 'no' : 'yes');
  }
  await rotateFrom(options, holderOf(labels, 'AWSCURRENT'), token, run.signal);
}

/** Starts a rotation from version `from`, or finds the one that was started, and waits for its end. */
async function rotateFrom(
  { secret, context }: FunctionOptions,
  from: string | undefined,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const labels = await secret.labels(signal);
  const isStarted = labels.has(token);
  if (!isStarted) {
    if (from !== undefined) checkCurrent(secret.arn, labels, from);
    const foreign = foreignPending(labels, [token]);
    if (foreign !== undefined)
      throw moved(`another rotation of ${secret.arn} is under way, or failed: version ${foreign} has the label AWSPENDING`);
    await secret.change('RotateSecret', { ClientRequestToken: token, RotateImmediately: true }, signal);
  }
  const isDone = async (): Promise<boolean> => wasCurrent((await secret.labels(signal)).get(token));
  await afterChange(waitUntil(isDone, `the rotation of ${secret.arn} by its function (its log says why)`, PATIENCE, context, signal));
}

async function undoFirst({ secret, place }: FunctionOptions, run: RotationRun): Promise<void> {
  const labels = await secret.labels(run.signal);
  if (!wasCurrent(labels.get(firstToken(run)))) return;
  if (labels.has(secondToken(run)))
    throw cannot(`${secret.arn} was rotated a second time: the password of version ${place.version} is dead`);
  // With the previous user leaked, its password was changed by the first rotation.
  if (run.fact(AGAIN) === 'no') throw cannot(`the password of version ${place.version} of ${secret.arn} was replaced`);
  await moveBack(secret, place.version, firstToken(run), run.signal);
}

async function hasRotated(secret: AwsPlace, token: string, signal: AbortSignal): Promise<Happened> {
  const own = (await secret.labels(signal)).get(token);
  if (own !== undefined) return wasCurrent(own) ? 'yes' : 'no';
  // Two rotations ago, or one that failed and lost its label to another.
  const all = await reading(allVersions(secret.at, secret.arn, signal));
  return all.some(({ id }) => id === token) ? 'unclear' : 'no';
}

/** A version that is only AWSPENDING is being made, or was left by a failure. */
function wasCurrent(labels: readonly string[] | undefined): boolean {
  return labels?.some((label) => label !== 'AWSPENDING') ?? false;
}

/** The run's own id: AWS makes it the version's. */
function firstToken({ id }: RotationRun): string {
  return id;
}

/** As a UUID, which is what AWS's own clients send. */
function secondToken({ id }: RotationRun): string {
  const hex = createHash('sha256').update(`${id} again`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}
