/**
 * What is done to a user's access keys in a rotation or a revocation: a second key, its trial, the old one inactive, the old one deleted. Each asks IAM whether it has
 * happened. CreateAccessKey knows no request token and a key no name, so what was there before is journalled: a key that came with our request and whose secret nobody
 * has is deleted again, and only if nobody else can have made it. Called by aws-iam.ts.
 */
import { type RotationAction, RotationError, type RotationRun } from '../core/rotation.ts';
import { reveal, Secret } from '../core/secret.ts';
import { type AccessKey, type AwsIamPlace, callerOf, changeIam, lastUse, listKeys, needed } from './aws-iam-api.ts';
import type { IssuerContext } from './issuer-kind.ts';
import { cameWith, pause, refused } from './key-rotation.ts';

export type KeyOptions = {
  readonly at: AwsIamPlace;
  readonly user: string;
  /** Returns the id of the key whose secret (or id) this is. Throws RotationError. */
  readonly find: (value: Secret, signal: AbortSignal) => Promise<string>;
  /** Null where a run has begun, which knows it by its facts. */
  readonly leaked: string | null;
  readonly context: Pick<IssuerContext, 'sleep'>;
};

/** Journalled: the key that leaked, the new one, the ones before it was made, and when that was tried by AWS's clock. */
const OLD_ID = 'aws-iam:old';
export const NEW_ID = 'aws-iam:new';
const [KNOWN, TRIED] = ['aws-iam:known', 'aws-iam:tried'];
/** New keys are known everywhere after some seconds: to STS, and to lists. */
const PAUSE_MS = 2000;
const TRIAL_MS = 60_000;
const LIST_MS = 10_000;

export function createKey(options: KeyOptions): RotationAction {
  const { user } = options;
  return {
    id: 'aws-iam:create',
    reaches: 'CREATED',
    does: `makes a second access key of the user ${user}`,
    repeat: 'when-not-done',
    effects: [],
    // A key whose secret nobody has is none: the act removes it first.
    happened: async ({ fresh }) => (fresh === null ? 'no' : 'yes'),
    act: (run) => makeKey(options, run),
    undo: { does: `deletes the new access key of the user ${user}`, act: (run) => removeNew(options, run) },
  };
}

export function testKey({ at, user, context }: KeyOptions): RotationAction {
  const isTaken = async (run: RotationRun): Promise<boolean> => {
    const id = run.fact(NEW_ID);
    if (id === undefined || run.fresh === null) return false;
    const caller = await callerOf(at, { accessKeyId: id, secretAccessKey: reveal(run.fresh, 'ask-issuer') }, run.signal);
    return caller.state === 'accepted' && caller.arn.split('/').at(-1) === user;
  };
  return {
    id: 'aws-iam:test',
    reaches: 'TESTED',
    does: `asks AWS with the new key, until it takes it for one of the user ${user}`,
    repeat: 'always',
    effects: [],
    happened: async (run) => ((await isTaken(run)) ? 'yes' : 'no'),
    act: async (run) => {
      for (let waitedMs = 0; !(await isTaken(run)); waitedMs += PAUSE_MS) {
        if (waitedMs >= TRIAL_MS) throw refused(`AWS does not take the new key of ${user}`);
        await pause(context, PAUSE_MS, run.signal);
      }
    },
    // Nothing was changed.
    undo: { does: 'forgets the answer', act: async () => undefined },
  };
}

export function deactivateKey(options: KeyOptions): RotationAction {
  const { at, user, leaked } = options;
  return {
    id: 'aws-iam:deactivate',
    reaches: 'OLD_DISABLED',
    does: `makes ${leaked ?? 'the access key that leaked'} of ${user} inactive`,
    repeat: 'when-not-done',
    effects: [`whoever still uses ${leaked ?? 'the old key'} is refused, within seconds`],
    happened: async (run) => {
      const id = run.fact(OLD_ID);
      return id === undefined || (await keyOf(at, user, id, run.signal))?.isActive ? 'no' : 'yes';
    },
    act: async (run) => {
      const id = await oldId(options, run);
      await setStatus(at, user, id, 'Inactive', run.signal);
    },
    undo: {
      does: `makes ${leaked ?? 'it'} active again`,
      act: async (run) => {
        const id = run.fact(OLD_ID);
        const key = id === undefined ? undefined : await keyOf(at, user, id, run.signal);
        if (key && !key.isActive) await setStatus(at, user, key.id, 'Active', run.signal);
      },
    },
  };
}

export function deleteKey(options: KeyOptions): RotationAction {
  const { at, user, leaked } = options;
  return {
    id: 'aws-iam:delete',
    reaches: 'OLD_DISABLED',
    does: `deletes ${leaked ?? 'the access key that leaked'} of ${user}`,
    repeat: 'when-not-done',
    effects: ['it cannot be made active again'],
    happened: async (run) => {
      const id = run.fact(OLD_ID);
      return id === undefined || (await keyOf(at, user, id, run.signal)) ? 'no' : 'yes';
    },
    act: async (run) => {
      const key = await keyOf(at, user, await oldId(options, run), run.signal);
      if (key?.isActive) throw refused(`${key.id} of ${user} is active again, and is not deleted`);
      if (key) await remove(at, user, key.id, run.signal);
    },
    undo: null,
  };
}

/** Sentences for the plan. */
export function afterwards(user: string, leaked: string | null, isDeleted: boolean): string[] {
  const id = leaked ?? 'KEY_ID';
  return [
    'temporary credentials that were made with the key (GetSessionToken, GetFederationToken) live on, for 36 hours at most',
    ...(isDeleted
      ? []
      : [`the old key is kept inactive, and counts among the two: aws iam delete-access-key --user-name ${user} --access-key-id ${id}`]),
  ];
}

async function makeKey(options: KeyOptions, run: RotationRun): Promise<void> {
  const { at, user } = options;
  if (run.fresh !== null) return;
  await removeNew(options, run);
  await oldId(options, run);
  const { keys, asOf } = await listKeys(at, user, run.signal);
  await run.setFact(KNOWN, keys.map(({ id }) => id).join(','));
  await run.setFact(TRIED, asOf.toISOString());
  const xml = await changeIam(at, { Action: 'CreateAccessKey', UserName: user }, run.signal, false);
  const [id, secret] = [needed(xml, 'AccessKeyId', 'CreateAccessKey'), needed(xml, 'SecretAccessKey', 'CreateAccessKey')];
  // The id first: a key that is known by it can be deleted, whatever happens next.
  await run.setFact(NEW_ID, id);
  await run.keep(new Secret(secret, 'aws-secret-access-key'));
}

/** Deletes the key that this run made, where there is one. Throws RotationError `ambiguous` where it may be another's. */
async function removeNew({ at, user, context }: KeyOptions, run: RotationRun): Promise<void> {
  const tried = run.fact(TRIED);
  if (tried === undefined) return;
  const named = run.fact(NEW_ID);
  const known = (run.fact(KNOWN) ?? '').split(',');
  const newOnes = async (): Promise<AccessKey[]> =>
    (await listKeys(at, user, run.signal)).keys.filter(({ id }) => (named === undefined ? !known.includes(id) : id === named));
  let keys = await newOnes();
  // A key whose making nobody answered may not be in the list yet.
  for (let waitedMs = 0; named === undefined && keys.length === 0 && waitedMs < LIST_MS; waitedMs += PAUSE_MS) {
    await pause(context, PAUSE_MS, run.signal);
    keys = await newOnes();
  }
  for (const key of keys) {
    if (named === undefined && !(await cameWithUs(at, key, tried, run.signal)))
      throw new RotationError(
        'ambiguous',
        `${user} has ${key.id} since this run began, and it may be another's: delete it if it is nobody's`,
        {
          mayHaveHappened: false,
        },
      );
    await remove(at, user, key.id, run.signal);
  }
}

/** Made while our request was under way, and never used. */
async function cameWithUs(at: AwsIamPlace, { id, createdAt }: AccessKey, tried: string, signal: AbortSignal): Promise<boolean> {
  return cameWith(createdAt, tried) && (await lastUse(at, id, signal)) === 'never';
}

/** Found once, and journalled before anything is changed: a key that is inactive cannot be found by trying it. */
async function oldId({ find }: KeyOptions, run: RotationRun): Promise<string> {
  const known = run.fact(OLD_ID);
  if (known !== undefined) return known;
  const id = await find(run.old, run.signal);
  await run.setFact(OLD_ID, id);
  return id;
}

async function keyOf(at: AwsIamPlace, user: string, id: string, signal: AbortSignal): Promise<AccessKey | undefined> {
  return (await listKeys(at, user, signal)).keys.find((key) => key.id === id);
}

async function setStatus(at: AwsIamPlace, user: string, id: string, status: 'Active' | 'Inactive', signal: AbortSignal): Promise<void> {
  await changeIam(at, { Action: 'UpdateAccessKey', UserName: user, AccessKeyId: id, Status: status }, signal, true);
}

async function remove(at: AwsIamPlace, user: string, id: string, signal: AbortSignal): Promise<void> {
  await changeIam(at, { Action: 'DeleteAccessKey', UserName: user, AccessKeyId: id }, signal, false);
}
