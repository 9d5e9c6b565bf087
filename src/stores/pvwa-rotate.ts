/**
 * Changes an account of CyberArk's vault: one that the CPM manages is flagged for an immediate change, which the CPM makes at the target and in the vault; of one that
 * nobody manages only the value in the vault is replaced. In: a place; out: what would be done. Called through the registry. A group's other accounts are never
 * changed with it. The API: docs.cyberark.com (REST APIs, Accounts), github.com/pspete/psPAS (Invoke-PASCPMOperation).
 */
import {
  type RotationAction,
  RotationError,
  type RotationRun,
  type StoredPlace,
  type StorePart,
  type StoreRotator,
} from '../core/rotation.ts';
import { reveal, type Secret } from '../core/secret.ts';
import { readMade } from './made-value.ts';
import { changeOf, numberIn, PvwaSession, refOf, UNKNOWN } from './pvwa-session.ts';
import { busy, cannot, changing, judging, moved, reading, refused } from './rotation-failures.ts';
import { expectSuccess, isJson, type Json, jsonOf } from './store-http.ts';
import type { StoreContext, StoreSettings } from './store-kind.ts';
import { swapAction } from './value-swap.ts';
import { waitUntil } from './wait-until.ts';

/** The CPM comes round for immediate tasks every few minutes (ImmediateInterval, 5 by default), and logs in to the target twice. */
const PATIENCE = { firstPauseMs: 3000, longestPauseMs: 15_000, mostMs: 10 * 60_000 };
/** When the CPM was asked, set before; or that it was refused. The server does not tell a request that waits for the CPM from one that never came. */
const ASKED = 'pvwa:change:asked';
const REFUSED = 'refused';
/** So long a request may still be carried out, as far as we know. */
const MAY_COME_MS = 60 * 60_000;

type Place = { readonly at: PvwaSession; readonly number: string; readonly place: StoredPlace; readonly context: StoreContext };

export class PvwaRotator implements StoreRotator {
  readonly id: string;
  readonly #at: PvwaSession;
  readonly #context: StoreContext;

  constructor(settings: StoreSettings, context: StoreContext) {
    this.#at = new PvwaSession(settings, context);
    this.#context = context;
    this.id = this.#at.id;
  }

  async plan(place: StoredPlace, signal: AbortSignal, isBegun = false): Promise<StorePart> {
    const { ref, version, change, field } = place;
    const number = numberIn(ref);
    if (number === null) throw moved(`${JSON.stringify(ref)} is no account: it has no number`);
    if (field !== '') throw moved(`${ref} is one value, and has no field ${JSON.stringify(field)}`);
    const one: Place = { at: this.#at, number, place, context: this.#context };
    const account = await accountAt(one, signal);
    const safe = String(account['safeName']);
    if (this.#at.safes.length > 0 && !this.#at.safes.includes(safe))
      throw cannot(`${ref} is outside of the safes that the settings of this store name`);
    if (account['secretType'] === 'key') throw cannot(`${ref} is an SSH key, which is not changed from here`);
    const managed = managementOf(account);
    if (!isBegun) {
      const versions = await reading(this.#at.versions(account, signal));
      if (versions[0]?.id.startsWith(UNKNOWN))
        throw cannot(`the server does not say when ${ref} was changed, so that a change could not be told`);
      if (changeOf(versions) !== change || versions[0]?.id !== version) throw moved(`${ref} was changed since its version ${version}`);
      if (managed.state === 'under way') throw cannot(`the CPM is changing or verifying ${ref} right now: wait for it, and plan again`);
    }
    const held = await reading(this.#at.permissions(safe, signal));
    const needed = managed.isManaged ? 'initiateCPMAccountManagementOperations' : 'updateAccountContent';
    if (!isBegun && held !== null && !held.has(needed))
      throw cannot(`${this.#at.username} may not change ${ref} (it has no ${needed} on safe ${safe})`);
    return managed.isManaged ? changePart(one, held) : updatePart(one, managed.reason);
  }

  close(): Promise<void> {
    return this.#at.rest.close();
  }
}

function changePart(one: Place, held: ReadonlySet<string> | null): StorePart {
  const { place, number } = one;
  const mayRead = held === null || held.has('retrieveAccounts');
  const mayTakeBack = mayRead && held?.has('specifyNextAccountContent') === true;
  const read = readMade({
    id: 'pvwa:read',
    what: place.ref,
    isMade: async (signal) => (await stateOf(one, signal)).hasMoved,
    read: (signal) => valueAt(one, signal),
  });
  return {
    makesValue: true,
    actions: [changeAction(one, mayTakeBack), ...(mayRead ? [read] : [])],
    consumers: [`whoever has Retrieve on the safe, and the dependencies of account ${number}, which the CPM changes with it`],
    warnings: [
      mayTakeBack
        ? 'it is taken back by having the CPM set the old value again, which a password history at the target may not allow'
        : 'this cannot be taken back: the CPM replaces the old value at the target',
      ...(mayRead ? [] : ['we may not retrieve the new value: whether it works is not tried here']),
      ...(held === null ? ['what we may do in the safe is not known: we are no member by name'] : []),
    ],
  };
}

function changeAction(one: Place, mayTakeBack: boolean): RotationAction {
  const { place } = one;
  const { ref, version } = place;
  return {
    id: 'pvwa:change',
    reaches: 'PROMOTED',
    does: `has the CPM change ${ref} at once, at its target and in the vault (after version ${version}), and waits for it`,
    // What has been changed meanwhile, or is being changed, is not asked for again.
    repeat: 'always',
    effects: ['the old value stops working when the CPM has replaced it at the target'],
    happened: async (run) => {
      const { hasMoved, state } = await stateOf(one, run.signal);
      return hasMoved ? 'yes' : state === 'under way' || mayCome(one, run) ? 'unclear' : 'no';
    },
    act: async (run) => {
      const before = await stateOf(one, run.signal);
      if (before.hasMoved) return;
      if (before.state === 'under way' && !mayCome(one, run))
        throw cannot(`the CPM is changing or verifying ${ref} right now: wait for it`);
      if (before.state !== 'under way') await askCpm(one, run);
      await waitForCpm(one, before.state === 'failed', async (now) => now.hasMoved, run.signal);
    },
    undo: mayTakeBack ? { does: `has the CPM set the old value of ${ref} again`, act: (run) => takeBack(one, run) } : null,
  };
}

async function askCpm(one: Place, { signal, setFact }: RotationRun): Promise<void> {
  await setFact(ASKED, one.context.now().toISOString());
  try {
    await post(one, 'Change', { ChangeEntireGroup: false }, signal);
  } catch (error) {
    if (error instanceof RotationError && !error.mayHaveHappened) await setFact(ASKED, REFUSED);
    throw error;
  }
}

/** Whether the CPM was asked, and may still come. */
function mayCome({ context }: Place, { fact }: RotationRun): boolean {
  const asked = fact(ASKED);
  return asked !== undefined && asked !== REFUSED && context.now().getTime() - Date.parse(asked) < MAY_COME_MS;
}

async function takeBack(one: Place, run: RotationRun): Promise<void> {
  const { hasMoved, state, version } = await stateOf(one, run.signal);
  if (state === 'under way') throw busy(`the CPM is changing ${one.place.ref} right now`);
  if (!hasMoved && mayCome(one, run)) throw busy(`the CPM may still change ${one.place.ref}: it was asked, and has not come yet`);
  if (!hasMoved) return;
  const value = await valueAt(one, run.signal);
  if (value.equals(run.old)) return;
  if (!run.fresh?.equals(value)) throw moved(`${one.place.ref} was changed by somebody else, and is left as it is`);
  await post(one, 'SetNextPassword', { ChangeImmediately: true, NewCredentials: reveal(run.old, 'store') }, run.signal);
  await waitForCpm(one, state === 'failed', async (now) => now.version !== version, run.signal);
}

/** Waits for the CPM; `hadFailed` before it was asked: then a failure that is noted says nothing. */
async function waitForCpm(one: Place, hadFailed: boolean, isSo: (now: State) => Promise<boolean>, signal: AbortSignal): Promise<void> {
  const { ref } = one.place;
  const isDone = async (): Promise<boolean> => {
    const now = await stateOf(one, signal);
    if (await isSo(now)) return true;
    // The CPM tries again by itself, so it may still happen.
    if (now.state === 'failed' && !hadFailed)
      throw new RotationError('refused', `the CPM could not change ${ref}; why stands in the account's activities`, {
        mayHaveHappened: true,
      });
    return false;
  };
  await waitUntil(isDone, `the change of ${ref} by the CPM`, PATIENCE, one.context, signal);
}

function updatePart(one: Place, why: string): StorePart {
  const { ref, version } = one.place;
  return {
    makesValue: false,
    actions: [
      swapAction({
        id: 'pvwa:update',
        does: `replaces the value of ${ref} in the vault (after version ${version}), and nothing at its target`,
        undoes: `replaces the value of ${ref} in the vault by the old one`,
        effects: [`whoever retrieves ${ref} from now on gets the new value`],
        what: ref,
        others: {},
        read: async (signal) => {
          const { version: seen } = await stateOf(one, signal);
          return { value: await valueAt(one, signal), others: {}, seen };
        },
        write: ({ value }, _seen, signal) =>
          post(one, 'Password/Update', { ChangeEntireGroup: false, NewCredentials: reveal(value, 'store') }, signal),
        isPlanned: (seen) => seen === version,
      }),
    ],
    consumers: ['whoever has Retrieve on the safe; the account’s activities say who did'],
    warnings: [
      `the CPM does not manage this account${why === '' ? '' : ` (${why})`}: only the vault's value is replaced`,
      'the vault has no check-and-set: what somebody else writes to this account in the same moment is followed by ours',
      'the versions before stay readable as the safe keeps them, the old value’s among them',
    ],
  };
}

type State = { readonly hasMoved: boolean; readonly version: string; readonly state: Management['state'] };

async function stateOf(one: Place, signal: AbortSignal): Promise<State> {
  const account = await accountAt(one, signal);
  const [current] = await reading(one.at.versions(account, signal));
  const version = current?.id ?? '';
  return { version, hasMoved: version !== one.place.version, state: managementOf(account).state };
}

async function accountAt({ at, number, place }: Place, signal: AbortSignal): Promise<Json> {
  const path = `/API/Accounts/${number}`;
  const reply = await reading(at.rest.send({ path, signal }));
  if (reply.status === 404) throw moved(`${place.ref} is not there`);
  const account = judging(() => {
    expectSuccess(reply, `${at.rest.address}${path}`);
    return jsonOf(reply, `${at.rest.address}${path}`);
  });
  const ref = judging(() => refOf(account));
  if (ref !== place.ref) throw moved(`account ${number} is no longer called ${place.ref}`);
  return account;
}

type Management = { readonly isManaged: boolean; readonly state: 'idle' | 'under way' | 'failed'; readonly reason: string };

function managementOf({ secretManagement }: Json): Management {
  const given = isJson(secretManagement) ? secretManagement : {};
  // `inProcess`, `success`, `failure`; other words of other versions stand for nothing under way.
  const status = String(given['status'] ?? '').toLowerCase();
  const reason = given['manualManagementReason'];
  return {
    isManaged: given['automaticManagementEnabled'] === true,
    state: status.startsWith('inprocess') || status.startsWith('in process') ? 'under way' : status.startsWith('fail') ? 'failed' : 'idle',
    reason: typeof reason === 'string' ? reason.replace(/\p{Cc}/gu, '').slice(0, 200) : '',
  };
}

async function valueAt({ at, number, place }: Place, signal: AbortSignal): Promise<Secret> {
  const value = await reading(at.retrieve(number, 'Password', null, signal));
  if (!value) throw moved(`${place.ref} has no value`);
  return value;
}

async function post({ at, number, place }: Place, what: string, body: Json, signal: AbortSignal): Promise<void> {
  const path = `/API/Accounts/${number}/${what}`;
  await changing(
    at.rest.send({ path, body, isChange: true, signal }).then((reply) => {
      if (reply.status === 400 || reply.status === 409)
        throw refused(`the PVWA does not take the change of ${place.ref} (${reply.status})`);
      expectSuccess(reply, `POST ${at.rest.address}${path}`);
    }),
  );
}
