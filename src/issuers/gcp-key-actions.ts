/**
 * What is done to a service account's keys in a rotation or a revocation: another key, its trial, the old one switched off, the old one deleted. Each asks Google whether
 * it has happened. keys.create knows no request token and a key no name, so what was there before is journalled: a key that came with our request and whose private half
 * nobody has is switched off again, which can be undone if it was another's. Called by gcp-service-account.ts.
 */
import { type RotationAction, RotationError, type RotationRun } from '../core/rotation.ts';
import type { Secret } from '../core/secret.ts';
import { createKey, deleteKey, type GcpKeyPlace, listKeys, type ServiceAccountKey, switchKey, tryKey } from './gcp-key-api.ts';
import { keyLike, privateKeyIn } from './gcp-key-text.ts';
import type { IssuerContext } from './issuer-kind.ts';
import { cameWith, pause, refused } from './key-rotation.ts';

export type GcpKeyOptions = {
  readonly at: GcpKeyPlace;
  /** Returns the id of the key that this is. Throws RotationError. */
  readonly find: (value: Secret, signal: AbortSignal) => Promise<string>;
  /** Null where a run has begun. */
  readonly leaked: string | null;
  readonly context: Pick<IssuerContext, 'sleep'>;
};

/** Journalled: the key that leaked, the new one, the ones before it was made, and when that was tried by Google's clock. */
const OLD_ID = 'gcp-key:old';
export const NEW_ID = 'gcp-key:new';
const [KNOWN, TRIED] = ['gcp-key:known', 'gcp-key:tried'];
/** New keys are known everywhere after a minute or so, to lists sooner: cloud.google.com/iam/docs/keys-create-delete. */
const PAUSE_MS = 5000;
const TRIAL_MS = 180_000;
const LIST_MS = 10_000;

export function makeAction(options: GcpKeyOptions): RotationAction {
  const { account } = options.at;
  return {
    id: 'gcp-key:create',
    reaches: 'CREATED',
    does: `makes another key of ${account}`,
    repeat: 'when-not-done',
    effects: [],
    // A key whose private half nobody has is none: the act switches it off first.
    happened: async ({ fresh }) => (fresh === null ? 'no' : 'yes'),
    act: (run) => makeKey(options, run),
    undo: { does: `deletes the new key of ${account}`, act: (run) => removeNew(options, run) },
  };
}

export function testAction({ at, context }: GcpKeyOptions): RotationAction {
  const isTaken = async ({ fresh, signal }: RotationRun): Promise<boolean> => {
    const key = fresh && privateKeyIn(fresh);
    return key !== null && (await tryKey(at, key, signal)) === 'accepted';
  };
  return {
    id: 'gcp-key:test',
    reaches: 'TESTED',
    does: `asks Google for a token with the new key of ${at.account}, until it gives one`,
    repeat: 'always',
    effects: [],
    happened: async (run) => ((await isTaken(run)) ? 'yes' : 'no'),
    act: async (run) => {
      for (let waitedMs = 0; !(await isTaken(run)); waitedMs += PAUSE_MS) {
        if (waitedMs >= TRIAL_MS) throw refused(`Google does not take the new key of ${at.account}`);
        await pause(context, PAUSE_MS, run.signal);
      }
    },
    // Nothing was changed.
    undo: { does: 'forgets the token', act: async () => undefined },
  };
}

export function disableAction(options: GcpKeyOptions): RotationAction {
  const { at, leaked } = options;
  return {
    id: 'gcp-key:disable',
    reaches: 'OLD_DISABLED',
    does: `switches ${leaked ?? 'the key that leaked'} of ${at.account} off`,
    repeat: 'when-not-done',
    effects: [`whoever still uses ${leaked ?? 'it'} gets no new token, within minutes; tokens that were given live on for an hour`],
    happened: async (run) => (run.fact(OLD_ID) === undefined || (await oldKey(options, run))?.isOn ? 'no' : 'yes'),
    act: async (run) => {
      const key = await oldKey(options, run);
      if (key) await switchKey(at, key.id, false, run.signal);
    },
    undo: {
      does: `switches ${leaked ?? 'it'} on again`,
      act: async (run) => {
        const key = run.fact(OLD_ID) === undefined ? undefined : await oldKey(options, run);
        if (key && !key.isOn) await switchKey(at, key.id, true, run.signal);
      },
    },
  };
}

export function deleteAction(options: GcpKeyOptions): RotationAction {
  const { at, leaked } = options;
  return {
    id: 'gcp-key:delete',
    reaches: 'OLD_DISABLED',
    does: `deletes ${leaked ?? 'the key that leaked'} of ${at.account}`,
    repeat: 'when-not-done',
    effects: ['it cannot be switched on again'],
    happened: async (run) => (run.fact(OLD_ID) === undefined || (await oldKey(options, run)) ? 'no' : 'yes'),
    act: async (run) => {
      const key = await oldKey(options, run);
      if (key?.isOn) throw refused(`${key.id} of ${at.account} is on again, and is not deleted`);
      if (key) await deleteKey(at, key.id, run.signal);
    },
    undo: null,
  };
}

/** Sentences for the plan. */
export function afterwards(account: string, leaked: string | null, isDeleted: boolean): string[] {
  return isDeleted
    ? []
    : [
        `the old key is kept, switched off; when nobody misses it: gcloud iam service-accounts keys delete ${leaked ?? 'KEY_ID'} --iam-account=${account}`,
      ];
}

async function makeKey(options: GcpKeyOptions, run: RotationRun): Promise<void> {
  const { at } = options;
  if (run.fresh !== null) return;
  await removeNew(options, run);
  const { keys, asOf } = await listKeys(at, run.signal);
  await run.setFact(KNOWN, keys.map(({ id }) => id).join(','));
  await run.setFact(TRIED, asOf.toISOString());
  const { id, file } = await createKey(at, run.signal);
  // The id first: a key that is known by it can be deleted, whatever happens next.
  await run.setFact(NEW_ID, id);
  const fresh = keyLike(run.old, file);
  if (fresh === null)
    throw new RotationError('odd-reply', `Google gave a key file without a key for ${at.account}`, { mayHaveHappened: true });
  await run.keep(fresh);
}

/** Deletes the key that this run made, or, where only the time tells, switches it off. Throws RotationError `ambiguous` where several may be it. */
async function removeNew({ at, context }: GcpKeyOptions, run: RotationRun): Promise<void> {
  const tried = run.fact(TRIED);
  if (tried === undefined) return;
  const named = run.fact(NEW_ID);
  if (named !== undefined) {
    if (await keyAt(at, named, run.signal)) await deleteKey(at, named, run.signal);
    return;
  }
  const known = (run.fact(KNOWN) ?? '').split(',');
  const newOnes = async (): Promise<ServiceAccountKey[]> =>
    (await listKeys(at, run.signal)).keys.filter(
      ({ id, isGoogles, createdAt }) => !known.includes(id) && isGoogles && cameWith(createdAt, tried),
    );
  let keys = await newOnes();
  // A key whose making nobody answered may not be in the list yet.
  for (let waitedMs = 0; keys.length === 0 && waitedMs < LIST_MS; waitedMs += PAUSE_MS) {
    await pause(context, PAUSE_MS, run.signal);
    keys = await newOnes();
  }
  const [only, ...more] = keys.filter(({ isOn }) => isOn);
  if (more.length > 0)
    throw new RotationError('ambiguous', `${at.account} got several keys as this run began: switch off what is nobody's`, {
      mayHaveHappened: false,
    });
  if (only) await switchKey(at, only.id, false, run.signal);
}

/** Found once by its public half, and journalled before anything is changed: a key that is deleted cannot be found. */
async function oldKey({ at, find }: GcpKeyOptions, run: RotationRun): Promise<ServiceAccountKey | undefined> {
  const known = run.fact(OLD_ID) ?? (await find(run.old, run.signal));
  if (run.fact(OLD_ID) === undefined) await run.setFact(OLD_ID, known);
  return keyAt(at, known, run.signal);
}

async function keyAt(at: GcpKeyPlace, id: string, signal: AbortSignal): Promise<ServiceAccountKey | undefined> {
  return (await listKeys(at, signal)).keys.find((key) => key.id === id);
}
