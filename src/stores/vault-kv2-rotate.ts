/**
 * Writes a new version of a KV v2 secret with check-and-set, and deletes the old one softly, so that it can be undeleted; never destroys. In: a place; out: the part.
 * Called by vault-rotate.ts. One field is replaced, the others stay: by PATCH, which does not read them, where the token may and the server knows it, else by
 * reading and writing. The API: openbao.org/api-docs/secret/kv/kv-v2, read off a real OpenBao.
 */
import {
  type FieldTexts,
  fieldsOf,
  type Happened,
  type RotationAction,
  RotationError,
  type RotationRun,
  type StorePart,
} from '../core/rotation.ts';
import { reveal, Secret } from '../core/secret.ts';
import { StoreError } from '../core/stores.ts';
import { cannot, changing, moved, reading, refused } from './rotation-failures.ts';
import { isJson, type Json } from './store-http.ts';
import { versioned } from './vault-kv.ts';
import { fieldsAmong, losesDigits, mayAny, textIn, textsAmong, type VaultPlace } from './vault-place.ts';

/** Keys of custom metadata that by custom name people; others may hold anything, and are not printed. */
const OWNERS = ['owner', 'team', 'contact', 'service', 'rotator'];
const WRITING = ['create', 'update'];
const WRITE = 'vault-kv2:write';
/** Set before the write, and once it was refused. */
const ASKED = `${WRITE}:asked`;

type Change = {
  /** The version that is planned from. */
  readonly from: number;
  readonly others: FieldTexts;
  readonly mayPatch: boolean;
};
type Writing = Omit<Change, 'others'> & { readonly value: Secret; readonly others: Readonly<Record<string, string>> };

/** Plans the change of one field. Throws RotationError. */
export async function planKv2(at: VaultPlace): Promise<StorePart> {
  const { place, isBegun, fields, now } = at;
  const metadata = await metadataOf(at);
  const known = versioned(place.ref, metadata, now());
  const version = Number(place.version);
  if (!Number.isSafeInteger(version) || version < 1 || !known) throw moved(`${place.ref} has no version ${place.version}`);
  if (!isBegun) {
    if (known.change !== place.change || metadata['current_version'] !== version)
      throw moved(`${place.ref} was changed: its version ${place.version} is not the current one as it was seen`);
    if (known.versions[0]?.state !== 'current') throw moved(`version ${place.version} of ${place.ref} is deleted`);
  }
  const mayPatch = (await mayAny(at, dataPath(at), ['patch'])) === true;
  const mayWrite = await mayAny(at, dataPath(at), WRITING);
  if (mayWrite === false && !mayPatch) throw cannot(`the token may not write ${dataPath(at)} (it has neither update nor patch there)`);
  const others = isBegun ? fields : await othersAt(at, version);
  const mayDelete = await mayAny(at, `${at.scope.mount}/delete/${at.path}`, WRITING);
  const mayUndelete = mayDelete && (await mayAny(at, `${at.scope.mount}/undelete/${at.path}`, WRITING)) !== false;
  const older = known.versions.filter(({ id, state }) => Number(id) < version && state === 'superseded').map(({ id }) => id);
  const old = mayDelete === false ? [] : [deleteAction(at, version, mayUndelete !== false)];
  return {
    makesValue: false,
    actions: [writeAction(at, { from: version, others, mayPatch }), ...old],
    alsoWrites: Object.keys(others),
    consumers: ownersIn(metadata),
    warnings: [
      'the server does not say who reads the secret; its audit log does',
      ...(older.length > 0 ? [`older versions can still be read, and may hold the same value: ${older.join(', ')}`] : []),
      ...(mayDelete === false
        ? [`version ${version} stays readable: the token may not delete it (update on ${at.scope.mount}/delete/${at.path})`]
        : []),
      ...(metadata['max_versions'] === 1 ? [`one version is kept: writing the new one destroys version ${version} for good`] : []),
    ],
  };
}

function writeAction(at: VaultPlace, change: Change): RotationAction {
  const { place } = at;
  const { from } = change;
  return {
    id: WRITE,
    reaches: 'PROMOTED',
    does: `writes version ${from + 1} of ${place.ref} with another ${place.field} (check-and-set ${from})`,
    repeat: 'when-not-done',
    effects: [`whoever reads ${place.ref} from now on gets the new value; its other fields stay`],
    happened: (run) => hasWritten(at, run, from),
    act: async (run) => {
      if (!run.fresh) throw cannot('there is no new value to write yet');
      await keepOthers(at, change, run);
      await run.setFact(ASKED, 'yes');
      try {
        await write(at, run.signal, { ...change, others: fieldsOf(change.others, run), value: run.fresh });
      } catch (error) {
        if (error instanceof RotationError && !error.mayHaveHappened) await run.setFact(ASKED, 'refused');
        throw error;
      }
    },
    undo: {
      does: `writes the old ${place.field} of ${place.ref} as one more version (check-and-set ${from + 1})`,
      act: (run) => takeBack(at, run, change),
    },
  };
}

function deleteAction(at: VaultPlace, version: number, mayUndelete: boolean): RotationAction {
  const { ref } = at.place;
  const { namespace, mount } = at.scope;
  const ask = (verb: 'delete' | 'undelete', { signal }: RotationRun) =>
    changing(
      at.session.get({ path: `${mount}/${verb}/${at.path}`, namespace, body: { versions: [version] }, change: 'POST', signal }),
    ).then(() => undefined);
  return {
    id: 'vault-kv2:delete-old',
    reaches: 'OLD_DISABLED',
    does: `deletes version ${version} of ${ref}, which can be undeleted; destroys nothing`,
    repeat: 'always',
    effects: [`version ${version} of ${ref} can no longer be read by its number`],
    happened: async ({ signal }) => ((await isDeleted(at, version, signal)) ? 'yes' : 'no'),
    act: async (run) => {
      const { current_version } = await metadataOf(at, run.signal);
      // Otherwise readers would get nothing at all.
      if (current_version === version) throw moved(`version ${version} of ${ref} is the current one, and is not deleted`);
      await ask('delete', run);
    },
    undo: mayUndelete
      ? {
          does: `undeletes version ${version} of ${ref}`,
          act: async (run) => {
            if (await isDeleted(at, version, run.signal)) await ask('undelete', run);
          },
        }
      : null,
  };
}

/** The version after the one that was planned from is there, and holds the new value. */
async function hasWritten(at: VaultPlace, { fresh, signal }: RotationRun, version: number): Promise<Happened> {
  const { current_version, versions } = await metadataOf(at, signal);
  if (current_version === version || fresh === null) return 'no';
  const ours = isJson(versions) ? versions[version + 1] : undefined;
  if (!isJson(ours)) return 'no';
  if (ours['destroyed'] === true || ours['deletion_time'] !== '') return 'unclear';
  const value = (await dataOf(at, version + 1, signal))[at.place.field];
  return typeof value === 'string' && new Secret(value).equals(fresh) ? 'yes' : 'no';
}

/** What the fields held before that are written with the value: names of users and hosts, no secrets (IssuerPart.fields). */
async function keepOthers(at: VaultPlace, { from, others }: Change, run: RotationRun): Promise<void> {
  if (Object.keys(others).length === 0) return;
  const before = textsAmong(await dataOf(at, from, run.signal), others, at.place);
  for (const [name, text] of Object.entries(before)) await run.setFact(`${WRITE}:${name}`, text);
}

/** Returns those of the fields asked for that the version has. Throws RotationError where it has not the value's own. */
async function othersAt(at: VaultPlace, version: number): Promise<FieldTexts> {
  const data = await dataOf(at, version);
  textIn(data, at.place);
  return fieldsAmong(data, at.fields, at.place);
}

/** Writes the next version of `from` with another value in the field. */
async function write(at: VaultPlace, signal: AbortSignal, { from, value, others, mayPatch }: Writing): Promise<void> {
  const { place, scope, session } = at;
  const path = dataPath(at);
  const options = { cas: from };
  const send = (change: 'POST' | 'PATCH', data: Json) =>
    session.get({ path, namespace: scope.namespace, body: { options, data }, change, signal });
  const changed = { ...others, [place.field]: reveal(value, 'store') };
  const isDone = mayPatch && (await written(send('PATCH', changed), place.ref, from));
  if (isDone) return;
  const data = await dataOf(at, from, signal);
  textIn(data, place);
  if (losesDigits(data))
    throw cannot(`${place.ref} holds numbers that would lose digits when it is written; give the token the right to patch ${path}`);
  await written(send('POST', { ...data, ...changed }), place.ref, from);
}

/** Returns false where the server does not know PATCH (before 1.9). Throws RotationError, `refused` where check-and-set stood against it. */
async function written(doing: Promise<Json>, ref: string, from: number): Promise<boolean> {
  try {
    const { version } = await doing;
    if (version !== from + 1) throw new StoreError('odd-reply', `the write of ${ref} was answered without version ${from + 1}`);
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.status === 405) return false;
    // 404: the version to merge into was deleted since.
    if (error instanceof StoreError && (error.status === 400 || error.status === 404))
      throw refused(
        `the write of ${ref} was refused: its version ${from} is no longer the current one, or the store wants other fields`,
        error,
      );
    return changing(Promise.reject(error));
  }
}

async function takeBack(at: VaultPlace, run: RotationRun, { from: version, others, mayPatch }: Change): Promise<void> {
  const { ref, field } = at.place;
  const { current_version } = await metadataOf(at, run.signal);
  if (typeof current_version !== 'number' || current_version < version) return;
  if (current_version === version) {
    // A write that got no answer may still arrive. One more version of what is there, and its check-and-set fails.
    if (run.fact(ASKED) === 'yes') await write(at, run.signal, { from: version, value: run.old, others: {}, mayPatch });
    return;
  }
  const value = textIn(await dataOf(at, current_version, run.signal), at.place);
  if (new Secret(value).equals(run.old)) return;
  if (!run.fresh || !new Secret(value).equals(run.fresh))
    throw moved(`version ${current_version} of ${ref} was written by somebody else; its ${field} is left as it is`);
  const before = Object.keys(others).flatMap((name) => {
    const text = run.fact(`${WRITE}:${name}`);
    return text === undefined ? [] : [[name, text] as const];
  });
  await write(at, run.signal, { from: current_version, value: run.old, others: Object.fromEntries(before), mayPatch });
}

async function isDeleted(at: VaultPlace, version: number, signal: AbortSignal): Promise<boolean> {
  const { versions } = await metadataOf(at, signal);
  const one = isJson(versions) ? versions[version] : undefined;
  // What fell out of the list is gone for good.
  if (!isJson(one) || one['destroyed'] === true) return true;
  const { deletion_time: time } = one;
  return typeof time === 'string' && time !== '' && Date.parse(time) <= at.now().getTime();
}

async function metadataOf({ session, scope, path, place, signal }: VaultPlace, until = signal): Promise<Json> {
  const asked = { path: `${scope.mount}/metadata/${path}`, namespace: scope.namespace, signal: until };
  const metadata = await reading(session.find(asked));
  if (!metadata) throw moved(`${place.ref} is not there`);
  return metadata;
}

async function dataOf(at: VaultPlace, version: number, until = at.signal): Promise<Json> {
  const query = { version: String(version) };
  const reply = await reading(at.session.find({ path: dataPath(at), namespace: at.scope.namespace, query, signal: until }));
  if (!reply || !isJson(reply['data'])) throw moved(`version ${version} of ${at.place.ref} cannot be read any more`);
  return reply['data'];
}

function dataPath({ scope, path }: VaultPlace): string {
  return `${scope.mount}/data/${path}`;
}

function ownersIn({ custom_metadata: given }: Json): string[] {
  if (!isJson(given)) return [];
  return OWNERS.flatMap((name) => {
    const value = given[name];
    return typeof value === 'string' && value !== '' ? [`${name}: ${value.replace(/\p{Cc}/gu, '').slice(0, 100)}`] : [];
  });
}
