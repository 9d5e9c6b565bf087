/**
 * Changes a Conjur variable: one that Conjur rotates itself (annotation rotation/rotator) is expired, so that its rotator makes the new value where it is used; any
 * other gets a new version. In: a place; out: what would be done. Called through the registry. Conjur has no check-and-set: that nobody was there in between is seen
 * by the version's number and the value, read just before. The API: github.com/cyberark/conjur-openapi-spec; app/controllers/secrets_controller.rb of cyberark/conjur.
 */
import type { RotationAction, StoredPlace, StorePart, StoreRotator } from '../core/rotation.ts';
import { reveal, Secret } from '../core/secret.ts';
import { StoreError } from '../core/stores.ts';
import { ConjurSession, variable } from './conjur-session.ts';
import { readMade } from './made-value.ts';
import { cannot, changing, judging, moved, reading, refused } from './rotation-failures.ts';
import { expectSuccess, isJson, type Json, jsonOf } from './store-http.ts';
import type { StoreContext, StoreSettings } from './store-kind.ts';
import { swapAction } from './value-swap.ts';
import { textOfBytes } from './value-text.ts';
import { versionNumber } from './version-ids.ts';
import { waitUntil } from './wait-until.ts';

/** Conjur looks for what has expired every few seconds; changing a password at its database takes as long as that takes. */
const PATIENCE = { firstPauseMs: 1000, longestPauseMs: 10_000, mostMs: 2 * 60_000 };
/** Of the vault's synchronizer, which writes the variable again at its next round. */
const SYNCED = 'cyberark-vault';
const SYNCED_FROM = 'cyberark-vault/accounts';
const ROTATOR = 'rotation/rotator';
/** Without it Conjur leaves the rotator alone (Secret.scheduled_rotations of cyberark/conjur). */
const ROTATES_EVERY = 'rotation/ttl';
/** Variables whose value is made when it is read. */
const DYNAMIC = /^data\/(?:dynamic|ephemerals)\//;

type Place = { readonly at: ConjurSession; readonly place: StoredPlace; readonly context: StoreContext };

export class ConjurRotator implements StoreRotator {
  readonly id: string;
  readonly #at: ConjurSession;
  readonly #context: StoreContext;

  constructor(settings: StoreSettings, context: StoreContext) {
    this.#at = new ConjurSession(settings, context);
    this.#context = context;
    this.id = this.#at.id;
  }

  async plan(place: StoredPlace, signal: AbortSignal, isBegun = false): Promise<StorePart> {
    const { ref, field, version, change } = place;
    if (ref === '') throw moved('there is no variable without a name');
    if (field !== '') throw moved(`${ref} is one value, and has no field ${JSON.stringify(field)}`);
    if (!this.#at.isWanted(ref)) throw cannot(`${ref} is outside of the paths that the settings of this store name`);
    if (DYNAMIC.test(ref)) throw cannot(`${ref} is made when it is read: there is nothing to change`);
    const one = { at: this.#at, place, context: this.#context };
    const found = await variableAt(one, signal);
    const known = variable(ref, found);
    if (!known) throw moved(`${ref} has no value`);
    if (!isBegun && (known.change !== change || known.versions[0]?.id !== version))
      throw moved(`${ref} was changed since its version ${versionNumber(version)}`);
    const synced = annotation(found, SYNCED);
    if (!isBegun && synced !== null && synced !== 'false') {
      const from = annotation(found, SYNCED_FROM);
      throw cannot(
        `${ref} is written by the Vault Synchronizer, which would write the old value again: change it in the vault${from === null ? '' : `, at ${from}`}`,
      );
    }
    if (!isBegun && !(await reading(this.#at.may('update', 'variable', ref, signal))))
      throw cannot(`${this.#at.login} may not change ${ref} (it has no update on it)`);
    const rotator = annotation(found, ROTATES_EVERY) === null ? null : annotation(found, ROTATOR);
    if (rotator === null) return swapPart(one, known.versions.length);
    return rotatorPart(one, rotator, await reading(this.#at.may('execute', 'variable', ref, signal)));
  }

  close(): Promise<void> {
    return this.#at.rest.close();
  }
}

function swapPart(one: Place, versions: number): StorePart {
  const { at, place } = one;
  const { ref, version } = place;
  return {
    makesValue: false,
    actions: [
      swapAction({
        id: 'conjur:write',
        does: `writes a new version of ${ref} (after version ${versionNumber(version)})`,
        undoes: `writes the old value of ${ref} as one more version`,
        effects: [`whoever reads ${ref} from now on gets the new value`],
        what: ref,
        others: {},
        read: async (signal) => {
          const latest = variable(ref, await variableAt(one, signal))?.versions[0]?.id;
          return { value: await valueAt(one, signal), others: {}, seen: latest };
        },
        write: ({ value }, _seen, signal) => write(one, value, signal),
        isPlanned: (seen) => seen === version,
      }),
    ],
    consumers: [`whoever has execute on ${at.account}:variable:${ref}; its policy says who, and the audit who reads it`],
    warnings: [
      'Conjur has no check-and-set: what somebody else writes to this variable in the same moment is followed by ours',
      `older versions can be read by their number, the old value's among them, until twenty newer ones are there${versions > 1 ? '; earlier ones may hold the same value' : ''}`,
    ],
  };
}

async function write({ at, place }: Place, value: Secret, signal: AbortSignal): Promise<void> {
  const path = at.pathOf('secrets', place.ref);
  const headers = { 'content-type': 'application/octet-stream' };
  const request = at.rest.send({ path, method: 'POST', text: reveal(value, 'store'), headers, isChange: true, signal });
  await changing(
    request.then((reply) => {
      if (reply.status === 422 || reply.status === 405)
        throw refused(`Conjur does not take a new value for ${place.ref} (${reply.status})`);
      expectCreated(reply, `POST ${at.rest.address}${path}`);
    }),
  );
}

function rotatorPart(one: Place, rotator: string, mayRead: boolean): StorePart {
  const { ref } = one.place;
  const isMade = async (signal: AbortSignal): Promise<boolean> => isNewer(await variableAt(one, signal), one.place);
  const read = readMade({ id: 'conjur:read', what: ref, isMade, read: (signal) => valueAt(one, signal) });
  return {
    makesValue: true,
    actions: [expireAction(one, rotator, isMade), ...(mayRead ? [read] : [])],
    consumers: [`whoever has execute on ${one.at.account}:variable:${ref}; its policy says who, and the audit who reads it`],
    warnings: [
      'this cannot be taken back: the rotator replaces the old value where it is used',
      ...(mayRead ? [] : ['we may not read the new value (execute): whether it works is not tried here']),
    ],
  };
}

function expireAction(one: Place, rotator: string, isMade: (signal: AbortSignal) => Promise<boolean>): RotationAction {
  const { at, place, context } = one;
  const { ref, version } = place;
  return {
    id: 'conjur:expire',
    reaches: 'PROMOTED',
    does: `expires ${ref} (version ${versionNumber(version)}), so that its rotator ${rotator} makes a new value, and waits for it`,
    // What has been rotated meanwhile is not expired again.
    repeat: 'always',
    effects: ['the old value stops working when the rotator has replaced it'],
    happened: async ({ signal }) => {
      const found = await variableAt(one, signal);
      // Expired already, by us or by somebody: its rotator may come at any moment.
      return isNewer(found, place) ? 'yes' : isDue(found) ? 'unclear' : 'no';
    },
    act: async ({ signal }) => {
      if (await isMade(signal)) return;
      const path = at.pathOf('secrets', ref);
      // The name alone is the query: `?expirations`.
      const request = at.rest.send({ path, query: { expirations: '' }, method: 'POST', text: '', isChange: true, signal });
      await changing(request.then((reply) => expectCreated(reply, `POST ${at.rest.address}${path}?expirations`)));
      await waitUntil(() => isMade(signal), `the rotation of ${ref} by ${rotator}`, PATIENCE, context, signal);
    },
    undo: null,
  };
}

function isNewer(found: Json, { ref, version }: StoredPlace): boolean {
  return variable(ref, found)?.versions[0]?.id !== version;
}

/** Whether the newest version waits for its rotator: it has no time at which it ends. */
function isDue({ secrets }: Json): boolean {
  const all = Array.isArray(secrets) ? secrets.filter(isJson) : [];
  const newest = Math.max(...all.map(({ version }) => Number(version)));
  return all.some(({ version, expires_at: endsAt }) => Number(version) === newest && endsAt === null);
}

async function variableAt({ at, place }: Place, signal: AbortSignal): Promise<Json> {
  const path = at.pathOf('resources', place.ref);
  const reply = await reading(at.rest.send({ path, signal }));
  if (reply.status === 404) throw moved(`${place.ref} is not there`);
  const what = `${at.rest.address}${path}`;
  const found = judging(() => {
    expectSuccess(reply, what);
    return jsonOf(reply, what);
  });
  if (at.variableOf(found) !== place.ref) throw moved(`${place.ref} is not there`);
  return found;
}

async function valueAt({ at, place }: Place, signal: AbortSignal): Promise<Secret> {
  const path = at.pathOf('secrets', place.ref);
  const reply = await reading(at.rest.send({ path, headers: { accept: '*/*' }, signal }));
  judging(() => expectSuccess(reply, `${at.rest.address}${path}`));
  const text = textOfBytes(reply.body);
  if (!Buffer.from(text, 'utf8').equals(reply.body)) throw cannot(`${place.ref} is no text, which alone can be replaced`);
  return new Secret(text, 'conjur');
}

/** 201 without a body; a page that signs people in says 200. */
function expectCreated(reply: Parameters<typeof expectSuccess>[0], what: string): void {
  expectSuccess(reply, what);
  if (reply.status !== 201) throw new StoreError('odd-reply', `${what} answered ${reply.status}, not 201`, { status: reply.status });
}

function annotation({ annotations }: Json, name: string): string | null {
  const found = Array.isArray(annotations) ? annotations.filter(isJson).find((one) => one['name'] === name) : undefined;
  return typeof found?.['value'] === 'string' ? found['value'].replace(/\p{Cc}/gu, '').slice(0, 300) : null;
}
