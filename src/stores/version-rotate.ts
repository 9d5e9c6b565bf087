/**
 * Rotation in stores that keep versions, give readers the newest one and cannot stage: a new version with the new value, later the old version switched off. In: how
 * such a store is read and written; out: two actions. Taken back by one more version with the old text. Nothing of ours is left in the store to know our version by:
 * it is the one that holds the new value. Called by azure-rotate.ts and gcp-rotate.ts.
 */
import { type FieldTexts, fieldsOf, type Happened, type RotationAction, type RotationRun, type StoredPlace } from '../core/rotation.ts';
import type { Secret } from '../core/secret.ts';
import { fieldHolds, replaceField, setSiblings } from './replace-field.ts';
import { afterChange, cannot, moved } from './rotation-failures.ts';
import type { Json } from './store-http.ts';

/** A version with its value. */
export type HeldVersion = {
  readonly version: string;
  readonly text: string;
  /** The store's whole reply. */
  readonly reply: Json;
};

/** All throw RotationError. */
export type VersionedSecret = {
  /** Of the store, the first part of the actions' ids. */
  readonly kind: string;
  readonly place: StoredPlace;
  /** Fields that are written with the value. */
  readonly siblings: FieldTexts;
  /** What readers get who name no version. */
  readonly newest: (signal: AbortSignal) => Promise<HeldVersion>;
  readonly held: (version: string, signal: AbortSignal) => Promise<HeldVersion>;
  /** Writes a version that takes everything but its text from another; returns which. */
  readonly add: (text: string, like: HeldVersion, signal: AbortSignal) => Promise<string>;
  readonly isOn: (version: string, signal: AbortSignal) => Promise<boolean>;
  readonly switchTo: (version: string, isOn: boolean, signal: AbortSignal) => Promise<void>;
  /** Names by which readers ask for the old version, where the store has such; they follow to the new one. */
  readonly names?: {
    readonly isMoved: (signal: AbortSignal) => Promise<boolean>;
    readonly move: (to: string, run: RotationRun) => Promise<void>;
    readonly moveBack: (run: RotationRun) => Promise<void>;
  };
  /** Beyond the usual, for the plan. */
  readonly effects: readonly string[];
};

export function versionActions(secret: VersionedSecret): RotationAction[] {
  const { kind, place, siblings, effects, names, held, add, isOn, switchTo } = secret;
  const { ref, version, field } = place;
  const fields = [field, ...Object.keys(siblings)].join(' and ');
  const write: RotationAction = {
    id: `${kind}:write`,
    reaches: 'PROMOTED',
    does: `writes a new version of ${ref}; ${field === '' ? 'its text is the new value' : `it differs from version ${version} in ${fields} alone`}`,
    repeat: 'when-not-done',
    effects: [`who reads ${ref} from then on gets the new value`, ...effects],
    happened: (run) => hasWritten(secret, run),
    act: (run) => writeNew(secret, run),
    undo: {
      does: `writes the text of version ${version} of ${ref} as one more version`,
      act: async (run) => {
        await names?.moveBack(run);
        const now = await newestOf(secret, run);
        if (run.fresh === null || now.version === version || fieldHolds(now.text, field, run.old)) return;
        if (!fieldHolds(now.text, field, run.fresh))
          throw moved(`version ${now.version} of ${ref} was written by somebody else, and stays`);
        const old = await held(version, run.signal);
        await add(old.text, old, run.signal);
      },
    },
  };
  const disable: RotationAction = {
    id: `${kind}:disable-old`,
    reaches: 'OLD_DISABLED',
    does: `switches version ${version} of ${ref} off`,
    repeat: 'always',
    effects: [`who reads version ${version} by its id is refused`],
    happened: async ({ signal }) => ((await isOn(version, signal)) ? 'no' : 'yes'),
    act: async (run) => {
      const { signal } = run;
      // Otherwise readers would get nothing at all.
      if ((await newestOf(secret, run)).version === version)
        throw moved(`version ${version} of ${ref} is the newest, and is not switched off`);
      if (await isOn(version, signal)) await switchTo(version, false, signal);
    },
    undo: {
      does: `switches version ${version} of ${ref} on again`,
      act: async ({ signal }) => {
        if (!(await isOn(version, signal))) await switchTo(version, true, signal);
      },
    },
  };
  return [write, disable];
}

/** Journalled: the version that the run made. */
function factOf(kind: string): string {
  return `${kind}:version`;
}

/** What readers get, or get in a moment: Google may go on giving the version before as the latest for a while, and has ours by its number already. */
async function newestOf({ kind, place, newest, held }: VersionedSecret, run: RotationRun): Promise<HeldVersion> {
  const now = await newest(run.signal);
  const ours = run.fact(factOf(kind));
  return now.version === place.version && ours !== undefined ? held(ours, run.signal) : now;
}

/** The newest version is not the old one, and holds the new value. */
async function hasWritten(secret: VersionedSecret, run: RotationRun): Promise<Happened> {
  const { place, names } = secret;
  const { fresh, signal } = run;
  if (fresh === null) return 'no';
  const now = await newestOf(secret, run);
  if (now.version === place.version || !fieldHolds(now.text, place.field, fresh)) return 'no';
  return (await names?.isMoved(signal)) === false ? 'no' : 'yes';
}

async function writeNew(secret: VersionedSecret, run: RotationRun): Promise<void> {
  const { kind, place, names, add } = secret;
  const { fresh, signal } = run;
  if (fresh === null) throw cannot(`there is no new value for ${place.ref} yet`);
  const now = await newestOf(secret, run);
  if (now.version === place.version) await run.setFact(factOf(kind), await add(textWith(secret, now, run, fresh), now, signal));
  else if (!fieldHolds(now.text, place.field, fresh)) throw moved(`version ${now.version} of ${place.ref} was written by somebody else`);
  if (!names || (await afterChange(names.isMoved(signal)))) return;
  const { version } = await afterChange(newestOf(secret, run));
  await afterChange(names.move(version, run));
}

function textWith({ place, siblings }: VersionedSecret, { version, text }: HeldVersion, run: RotationRun, fresh: Secret): string {
  const replaced = replaceField(text, place.field, run.old, fresh);
  const whole = replaced === null ? null : setSiblings(replaced, place.field, fieldsOf(siblings, run));
  if (whole !== null) return whole;
  throw cannot(`version ${version} of ${place.ref} does not hold the value that leaked where it can be replaced`);
}
