/**
 * The local store in a rotation: it holds the value, an issuer makes it. Writes the new one as the next version where the planned one is current still, and gives the
 * old version out no more at the end. In: a place, exact. Out: two actions, both of which can be taken back. Made by local.ts.
 */
import type { FieldTexts, Happened, RotationAction, RotationRun, StoredPlace, StorePart, StoreRotator } from '../core/rotation.ts';
import { fieldsOf, RotationError } from '../core/rotation.ts';
import { Secret } from '../core/secret.ts';
import { type StoredVersion, StoreError } from '../core/stores.ts';
import type { Fields, SecretRecord } from './local-record.ts';
import type { LocalStore } from './local-store.ts';

export class LocalRotator implements StoreRotator {
  readonly id: string;
  readonly #store: LocalStore;

  constructor(store: LocalStore) {
    this.id = `local:${store.folder}`;
    this.#store = store;
  }

  async plan(place: StoredPlace, _signal: AbortSignal, isBegun = false, fields: FieldTexts = {}): Promise<StorePart> {
    const record = await this.#record(place);
    const [current] = record.versions;
    if (!isBegun && (current?.id !== place.version || record.mac !== place.change))
      throw new RotationError('moved', `${place.ref} has changed since it was looked at`, { mayHaveHappened: false });
    const held = await reading(() => this.#store.fieldsOf(place.ref, place.version));
    if (!Object.hasOwn(held, place.field))
      throw new RotationError(
        'cannot',
        `${place.ref} has no field ${place.field} of its own: a value that is a part of a longer text is not replaced in the local store`,
        { mayHaveHappened: false },
      );
    return {
      makesValue: false,
      actions: [this.#write(place, fields), this.#disable(place)],
      alsoWrites: Object.keys(fields).filter((name) => Object.hasOwn(held, name)),
      consumers: await this.#readers(place.ref),
      warnings: [],
    };
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  #write(place: StoredPlace, fields: FieldTexts): RotationAction {
    const { ref, field, version } = place;
    const others = Object.keys(fields);
    const also = others.length === 0 ? '' : `, with ${others.join(', ')}`;
    return {
      id: 'local:write',
      reaches: 'PROMOTED',
      does: `writes version ${Number(version) + 1} of ${nameOf(place)}${also} into ${this.id}, if version ${version} is current still`,
      repeat: 'when-not-done',
      effects: [
        `leakwarden store get ${ref} gives the new value; programs that were started before have the old one until they read it again`,
      ],
      happened: (run) => this.#isWritten(place, run),
      act: async (run) => {
        const siblings = Object.entries(fieldsOf(fields, run)).map(([name, text]) => [name, new Secret(text, 'local')] as const);
        await this.#replace(place, { ...Object.fromEntries(siblings), [field]: freshOf(run) }, version);
      },
      undo: {
        does: `makes the value of version ${version} of ${nameOf(place)} the current one again`,
        act: async (run) => {
          if ((await this.#isWritten(place, run)) !== 'yes') return;
          const current = (await this.#record(place)).versions[0]?.id ?? '';
          const before = await reading(() => this.#store.fieldsOf(ref, version));
          await this.#replace(place, { ...before, [field]: run.old }, current);
        },
      },
    };
  }

  #disable({ ref, version }: StoredPlace): RotationAction {
    const stateOf = async (): Promise<StoredVersion['state'] | undefined> =>
      (await reading(() => this.#store.versions(ref))).find(({ id }) => id === version)?.state;
    return {
      id: 'local:disable',
      reaches: 'OLD_DISABLED',
      does: `disables version ${version} of ${ref} in ${this.id}`,
      repeat: 'always',
      effects: [],
      happened: async () => ((await stateOf()) === 'disabled' ? 'yes' : 'no'),
      act: () => writing(() => this.#store.disable(ref, version)),
      undo: {
        does: `enables version ${version} of ${ref} in ${this.id} again`,
        act: async () => {
          if ((await stateOf()) === 'disabled') await writing(() => this.#store.enable(ref, version));
        },
      },
    };
  }

  /** Whoever was there first has won. */
  async #replace(place: StoredPlace, changes: Fields, version: string): Promise<void> {
    if ((await this.#record(place)).versions[0]?.id !== version)
      throw new RotationError('moved', `version ${version} of ${place.ref} is no longer the current one`, { mayHaveHappened: false });
    await writing(() => this.#store.replace(place.ref, changes, version));
  }

  async #isWritten(place: StoredPlace, { fresh }: RotationRun): Promise<Happened> {
    const [current] = (await this.#record(place)).versions;
    if (fresh === null || current === undefined) return 'no';
    const held = await reading(() => this.#store.fieldsOf(place.ref, current.id));
    return held[place.field]?.equals(fresh) === true ? 'yes' : 'no';
  }

  async #record({ ref }: StoredPlace): Promise<SecretRecord> {
    return await reading(async () => {
      for await (const found of this.#store.records()) if ('ref' in found && found.ref === ref) return found;
      throw new StoreError('not-found', `there is no secret ${ref} in ${this.id}`);
    });
  }

  async #readers(ref: string): Promise<string[]> {
    let last: string | null = null;
    for await (const entry of this.#store.log())
      if (typeof entry !== 'string' && entry.action === 'read' && entry.ref === ref) last = entry.at;
    return [
      last === null
        ? `nobody has read ${ref} with leakwarden store get`
        : `somebody read ${ref} last at ${last}, says leakwarden store log`,
    ];
  }
}

function nameOf({ ref, field }: StoredPlace): string {
  return field === '' ? ref : `${ref}#${field}`;
}

function freshOf({ fresh }: RotationRun): Secret {
  if (fresh) return fresh;
  throw new RotationError('cannot', 'there is no new value to write', { mayHaveHappened: false });
}

const reading = <T>(doing: () => Promise<T>): Promise<T> => asRotation(doing, false);

/** A file may have been replaced although what came after it failed. */
const writing = async (doing: () => Promise<unknown>): Promise<void> => {
  await asRotation(doing, true);
};

async function asRotation<T>(doing: () => Promise<T>, mayHaveHappened: boolean): Promise<T> {
  try {
    return await doing();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new RotationError(error.why, error.message, { mayHaveHappened, cause: error });
  }
}
