/**
 * Changes a secret of Secret Server: a password that it can change at its target (remote password changing) is changed there, by the server; of any other the field is
 * written. In: a place; out: what would be done. Called through the registry. Which of the two is possible, and to us, the server says itself (`state`). Nothing is
 * checked out, and no comment or approval asked for. The API: docs.delinea.com (Secret Server REST: secrets, change-password, state, fields).
 */
import {
  type RotationAction,
  RotationError,
  type RotationRun,
  type StoredPlace,
  type StorePart,
  type StoreRotator,
} from '../core/rotation.ts';
import { reveal, Secret } from '../core/secret.ts';
import { DelineaSession, itemsOf, numberIn, UNKNOWN } from './delinea-session.ts';
import { readMade } from './made-value.ts';
import type { RestRequest } from './rest-session.ts';
import { busy, cannot, changing, judging, moved, reading, refused } from './rotation-failures.ts';
import { expectSuccess, type Json, jsonOf } from './store-http.ts';
import type { StoreContext, StoreSettings } from './store-kind.ts';
import { swapAction } from './value-swap.ts';
import { waitUntil } from './wait-until.ts';

/** Changes are queued for the next round of the server or of its engine, once a minute or so, and log in to the target. */
const PATIENCE = { firstPauseMs: 2000, longestPauseMs: 15_000, mostMs: 10 * 60_000 };
/** Set before the server is asked, so that a failure that it notes later is known for ours. */
const ASKED = 'delinea:change:asked';
/** Folders inside of each other. */
const MAX_FOLDER_DEPTH = 64;

type Place = { readonly at: DelineaSession; readonly number: string; readonly place: StoredPlace; readonly context: StoreContext };

export class DelineaRotator implements StoreRotator {
  readonly id: string;
  readonly #at: DelineaSession;
  readonly #context: StoreContext;

  constructor(settings: StoreSettings, context: StoreContext) {
    this.#at = new DelineaSession(settings, context);
    this.#context = context;
    this.id = this.#at.id;
  }

  async plan(place: StoredPlace, signal: AbortSignal, isBegun = false): Promise<StorePart> {
    const { ref, version } = place;
    const number = numberIn(ref);
    if (number === null) throw moved(`${JSON.stringify(ref)} is no secret: it has no number`);
    const one: Place = { at: this.#at, number, place, context: this.#context };
    const state = await json(one, { path: `/api/v1/secrets/${number}/state`, signal });
    if (!isBegun) refuseState(ref, state);
    const { isPassword } = await valueAt(one, signal);
    if (!isBegun) {
      await refuseFolder(one, state, signal);
      const now = this.#at.versionAt(await reading(this.#at.changedAt(number, signal)));
      if (!version.startsWith(UNKNOWN) && now !== version) throw moved(`${ref} was changed since ${version}`);
    }
    const allowed = Array.isArray(state['actions']) ? state['actions'] : [];
    // While one is pending the server offers to stop it instead.
    const isChangeable =
      allowed.includes('ChangePasswordNow') || allowed.includes('StopChangePasswordNow') || state['passwordChangePending'] === true;
    if (isPassword && isChangeable) return changePart(one);
    if (isBegun || allowed.includes('Edit')) return fieldPart(one);
    throw cannot(`${this.#at.username} may not change ${ref} (it may neither edit it nor change its password)`);
  }

  close(): Promise<void> {
    return this.#at.rest.close();
  }
}

/** Throws what the server says that speaks against a beginning. */
function refuseState(ref: string, state: Json): void {
  const wants = String(state['secretState'] ?? 'None');
  if (wants !== 'None')
    throw cannot(
      `${ref} wants a check-out, a comment or an approval first (${wants.replace(/\W/g, '').slice(0, 40)}): that is for a person`,
    );
  if (state['isActive'] === false) throw moved(`${ref} is deactivated`);
  if (state['isCheckedOut'] === true && state['isCheckedOutByCurrentUser'] !== true)
    throw cannot(`${ref} is checked out by somebody: wait for it`);
  if (state['passwordChangePending'] === true) throw cannot(`a password change of ${ref} is pending already: wait for it, and plan again`);
}

/** Throws where the settings name folders, and the secret lies in none of them. */
async function refuseFolder(one: Place, state: Json, signal: AbortSignal): Promise<void> {
  const { folders } = one.at;
  if (folders.length === 0) return;
  let folder = state['folderId'];
  for (let depth = 0; depth < MAX_FOLDER_DEPTH && typeof folder === 'number' && folder > 0; depth++) {
    if (folders.includes(String(folder))) return;
    folder = (await json(one, { path: `/api/v1/folders/${folder}`, signal }))['parentFolderId'];
  }
  throw cannot(`${one.place.ref} is outside of the folders that the settings of this store name`);
}

function changePart(one: Place): StorePart {
  const { ref, field } = one.place;
  const read = readMade({
    id: 'delinea:read',
    what: `the ${field} of ${ref}`,
    // Whether it is another one, the reading itself says.
    isMade: async () => true,
    read: async (signal) => (await valueAt(one, signal)).value,
  });
  return {
    makesValue: true,
    actions: [changeAction(one), read],
    consumers: ['whoever may view the secret, and its dependencies, which the server changes with it; the audit says who did'],
    warnings: [
      'it is taken back by having the server set the old value again, which a password history at the target may not allow',
      ...unknownVersion(one),
    ],
  };
}

function changeAction(one: Place): RotationAction {
  const { ref, field } = one.place;
  return {
    id: 'delinea:change',
    reaches: 'PROMOTED',
    does: `has the server change the ${field} of ${ref} at its target (remote password changing), and waits for it`,
    // What has been changed meanwhile, or is pending, is not asked for again.
    repeat: 'always',
    effects: ['the old value stops working when the server has replaced it at the target'],
    happened: async ({ signal, old, fact }) => {
      const now = await valueAt(one, signal);
      if (!now.value.equals(old)) return 'yes';
      return (await isPending(one, signal)) || (now.isOutOfSync && fact(ASKED) !== undefined) ? 'unclear' : 'no';
    },
    act: async (run) => {
      const before = await valueAt(one, run.signal);
      if (!before.value.equals(run.old)) return;
      const wasPending = await isPending(one, run.signal);
      if (wasPending && run.fact(ASKED) === undefined) throw cannot(`a password change of ${ref} is pending already: wait for it`);
      if (!wasPending) {
        await run.setFact(ASKED, 'yes');
        await changePassword(one, null, run.signal);
      }
      await waitForServer(one, before.attempt, (value) => !value.equals(run.old), run.signal);
    },
    undo: { does: `has the server set the old ${field} of ${ref} again`, act: (run) => takeBack(one, run) },
  };
}

async function takeBack(one: Place, run: RotationRun): Promise<void> {
  const now = await valueAt(one, run.signal);
  if (await isPending(one, run.signal)) throw busy(`a password change of ${one.place.ref} is pending`);
  if (now.value.equals(run.old)) return;
  if (!run.fresh?.equals(now.value)) throw moved(`${one.place.ref} was changed by somebody else, and is left as it is`);
  await changePassword(one, run.old, run.signal);
  await waitForServer(one, now.attempt, (value) => value.equals(run.old), run.signal);
}

/** `null`: the server makes the new one. */
function changePassword(one: Place, value: Secret | null, signal: AbortSignal): Promise<void> {
  const body = { comment: 'leakwarden', ...(value === null ? {} : { newPassword: reveal(value, 'store') }) };
  return change(one, { path: `/api/v1/secrets/${one.number}/change-password`, body, isChange: true, signal });
}

/** Waits until the server has changed it; reads the value only when no change is pending, since every reading stands in the audit. */
async function waitForServer(one: Place, attemptBefore: string, isSo: (value: Secret) => boolean, signal: AbortSignal): Promise<void> {
  const { ref } = one.place;
  const isDone = async (): Promise<boolean> => {
    if (await isPending(one, signal)) return false;
    const { value, attempt } = await valueAt(one, signal);
    if (isSo(value)) return true;
    // The server tries again by itself, so it may still happen.
    if (attempt !== attemptBefore)
      throw new RotationError('refused', `the server could not change ${ref}; why stands in its password-change log`, {
        mayHaveHappened: true,
      });
    return false;
  };
  await waitUntil(isDone, `the change of ${ref} by the server`, PATIENCE, one.context, signal);
}

function fieldPart(one: Place): StorePart {
  const { at, number, place } = one;
  const { ref, field, version } = place;
  const path = `/api/v1/secrets/${number}/fields/${encodeURIComponent(field)}`;
  return {
    makesValue: false,
    actions: [
      swapAction({
        id: 'delinea:write',
        does: `writes the ${field} of ${ref}, and nothing at its target`,
        undoes: `writes the old ${field} of ${ref} back`,
        effects: [`whoever reads ${ref} from now on gets the new value; its other fields stay`],
        what: `the ${field} of ${ref}`,
        others: {},
        read: async (signal) => {
          const { value } = await valueAt(one, signal);
          return { value, others: {}, seen: await reading(at.changedAt(number, signal)) };
        },
        write: ({ value }, _seen, signal) =>
          change(one, { path, method: 'PUT', body: { value: reveal(value, 'store') }, isChange: true, signal }),
        isPlanned: (seen) => version.startsWith(UNKNOWN) || seen === version,
      }),
    ],
    consumers: ['whoever may view the secret; the audit says who did'],
    warnings: [
      'the server has no check-and-set: what somebody else writes to this field in the same moment is overwritten',
      'the server keeps the old value in the history of the field, for those who may see that',
      ...unknownVersion(one),
    ],
  };
}

function unknownVersion({ place }: Place): string[] {
  return place.version.startsWith(UNKNOWN) ? ['the audit may not be read: that nobody changed it since is seen by the value alone'] : [];
}

type Value = { readonly value: Secret; readonly isPassword: boolean; readonly attempt: string; readonly isOutOfSync: boolean };

async function valueAt(one: Place, signal: AbortSignal): Promise<Value> {
  const { ref, field } = one.place;
  const path = `/api/v1/secrets/${one.number}`;
  const secret = await json(one, { path, signal });
  if (!isCalled(ref, `${String(secret['name'])} (${one.number})`)) throw moved(`secret ${one.number} is no longer called ${ref}`);
  const item = judging(() => itemsOf(secret, path)).find(({ slug }) => slug === field);
  if (!item) throw moved(`${ref} has no field ${JSON.stringify(field)} any more`);
  if (item['isFile'] === true) throw cannot(`the ${field} of ${ref} is a file, which is not replaced from here`);
  if (typeof item['itemValue'] !== 'string' || item['itemValue'] === '') throw moved(`the ${field} of ${ref} is empty`);
  return {
    value: new Secret(item['itemValue'], 'delinea'),
    isPassword: item['isPassword'] === true,
    attempt: String(secret['lastPasswordChangeAttempt'] ?? ''),
    isOutOfSync: secret['isOutOfSync'] === true,
  };
}

/** Whether a ref, `Folder\name (12)`, ends with the secret's own name and number. */
function isCalled(ref: string, name: string): boolean {
  return ref === name || ref.endsWith(`\\${name}`);
}

async function isPending(one: Place, signal: AbortSignal): Promise<boolean> {
  return (await json(one, { path: `/api/v1/secrets/${one.number}/state`, signal }))['passwordChangePending'] === true;
}

async function json({ at, place }: Place, request: RestRequest): Promise<Json> {
  const reply = await reading(at.rest.send(request));
  const what = `${at.rest.address}${request.path}`;
  if (reply.status === 404) throw moved(`${place.ref} is not there`);
  if (reply.status === 400) throw cannot(`${place.ref} may not be read, or only after a check-out, a comment or an approval`);
  return judging(() => {
    expectSuccess(reply, what);
    return jsonOf(reply, what);
  });
}

async function change({ at, place }: Place, request: RestRequest): Promise<void> {
  await changing(
    at.rest.send(request).then((reply) => {
      if (reply.status === 400) throw refused(`the server does not take the change of ${place.ref} (400)`);
      expectSuccess(reply, `${request.method ?? 'POST'} ${at.rest.address}${request.path}`);
    }),
  );
}
