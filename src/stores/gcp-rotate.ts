/**
 * Google Secret Manager as a rotator: reads a secret, and says what would be done with it (version-rotate.ts). A new version is what `latest` gives at once; aliases
 * that name the old version follow it, with the secret's etag as check-and-set. The old version is switched off, never destroyed: that is the owner's, later.
 * Protocol: cloud.google.com/secret-manager/docs/reference/rest.
 */
import { type FieldTexts, RotationError, type RotationRun, type StoredPlace, type StorePart, type StoreRotator } from '../core/rotation.ts';
import { StoreError } from '../core/stores.ts';
import { crc32c } from './crc32c.ts';
import { dataIn, type GcpParent, GcpProject } from './gcp-project.ts';
import { lastPart, readVersions, toStored } from './gcp-versions.ts';
import { hasField, siblingsOf } from './replace-field.ts';
import { cannot, changing, moved, reading } from './rotation-failures.ts';
import { isJson, type Json, textOf } from './store-http.ts';
import type { StoreContext, StoreSettings } from './store-kind.ts';
import { type HeldVersion, type VersionedSecret, versionActions } from './version-rotate.ts';

const KIND = 'gcp';
/** Journalled: aliases that were moved, and to which version. */
const [ALIASES, ALIASED] = ['gcp:aliases', 'gcp:aliased'];

/** Throws StoreError misconfigured. */
export function createGcpRotator(settings: StoreSettings, context: StoreContext): StoreRotator {
  return new GcpRotator(new GcpProject(settings, context));
}

class GcpRotator implements StoreRotator {
  readonly id: string;
  readonly #project: GcpProject;

  constructor(project: GcpProject) {
    this.id = project.id;
    this.#project = project;
  }

  async plan(place: StoredPlace, signal: AbortSignal, isBegun = false, fields: FieldTexts = {}): Promise<StorePart> {
    const { ref, version } = place;
    const parent = this.#project.parentOf(ref);
    if (!parent || !/^[A-Za-z0-9_-]{1,255}$/.test(ref.slice(`${parent.path}/secrets/`.length)))
      throw cannot(`${ref || 'it'} is no name of a secret in ${this.id}`);
    if (!/^\d{1,15}$/.test(version)) throw moved(`${ref} has no version ${version}`);
    const secret = new GcpSecret(this.#project, parent, ref);
    const described = await secret.described(signal);
    refuseManaged(ref, described);
    const known = readVersions(await reading(this.#project.versions(parent, ref, signal)), described['versionAliases']);
    if (!isBegun && toStored(ref, known).change !== place.change) throw moved(`${ref} was changed since it was read`);
    // A run begins only where all could be written; the old version may be off by now.
    const alsoWrites = isBegun ? Object.keys(fields) : await writable(secret, place, Object.keys(fields), signal);
    const siblings = Object.fromEntries(Object.entries(fields).filter(([name]) => alsoWrites.includes(name)));
    const older = known.filter(({ id, state }) => id !== version && (state === 'superseded' || state === 'previous')).map(({ id }) => id);
    return {
      makesValue: false,
      actions: versionActions(versioned(secret, place, siblings, namesOf(described, version))),
      alsoWrites,
      consumers: [],
      warnings: [
        'Google does not say who reads the secret; the Data Access audit log does, where it is switched on',
        ...(!isBegun && older.length > 0 ? [`older versions can still be read, and may hold the same value: ${older.join(', ')}`] : []),
        ...scheduleOf(described),
      ],
    };
  }

  async close(): Promise<void> {
    await this.#project.api.client.close();
  }
}

/** One secret's requests. All throw RotationError. */
class GcpSecret {
  readonly #project: GcpProject;
  readonly #parent: GcpParent;
  readonly ref: string;

  constructor(project: GcpProject, parent: GcpParent, ref: string) {
    this.#project = project;
    this.#parent = parent;
    this.ref = ref;
  }

  described(signal: AbortSignal): Promise<Json> {
    return this.#get(this.ref, signal);
  }

  async held(version: string, signal: AbortSignal): Promise<HeldVersion> {
    const reply = await this.#get(`${this.ref}/versions/${version}:access`, signal);
    const name = lastPart(await reading(this.#nameOf(reply)));
    const data = await reading(Promise.resolve(reply).then(dataIn));
    const text = data === null ? null : Buffer.from(data, 'base64').toString('utf8');
    if (data === null || text === null) throw cannot(`version ${name} of ${this.ref} came with bytes that do not fit their checksum`);
    if (Buffer.from(text, 'utf8').toString('base64') !== data) throw cannot(`version ${name} of ${this.ref} holds bytes that are no text`);
    return { version: name, text, reply };
  }

  async isOn(version: string, signal: AbortSignal): Promise<boolean> {
    return (await this.#get(`${this.ref}/versions/${version}`, signal))['state'] === 'ENABLED';
  }

  /** Returns the new version's number. */
  async add(text: string, signal: AbortSignal): Promise<string> {
    const bytes = Buffer.from(text, 'utf8');
    const payload = { data: bytes.toString('base64'), dataCrc32c: String(crc32c(bytes)) };
    return this.#change('POST', `${this.ref}:addVersion`, { payload }, signal);
  }

  async switchTo(version: string, isOn: boolean, signal: AbortSignal): Promise<void> {
    await this.#change('POST', `${this.ref}/versions/${version}:${isOn ? 'enable' : 'disable'}`, {}, signal);
  }

  /** Sets aliases beside those that stay; refused when the secret was changed since `from` was read. */
  async setAliases(changed: Readonly<Record<string, string>>, { etag, versionAliases }: Json, signal: AbortSignal): Promise<void> {
    const body = {
      ...(typeof etag === 'string' ? { etag } : {}),
      versionAliases: { ...(isJson(versionAliases) ? versionAliases : {}), ...changed },
    };
    await this.#change('PATCH', `${this.ref}?updateMask=versionAliases`, body, signal);
  }

  #get(path: string, signal: AbortSignal): Promise<Json> {
    return reading(this.#project.get(this.#parent, path, signal));
  }

  /** Returns the last part of the name that came back. */
  async #change(method: 'POST' | 'PATCH', path: string, body: Json, signal: AbortSignal): Promise<string> {
    // Credentials that cannot be had are no change that may have happened.
    await reading(this.#project.api.tokens.get(signal));
    try {
      const asked = this.#project.change(this.#parent, method, path, body, signal);
      return await changing(asked.then((reply) => this.#nameOf(reply)).then(lastPart));
    } catch (error) {
      const cause = error instanceof RotationError ? error.cause : null;
      // FAILED_PRECONDITION, INVALID_ARGUMENT, ABORTED: not this request, not now.
      if (!(error instanceof RotationError) || !(cause instanceof StoreError) || ![400, 409].includes(cause.status ?? 0)) throw error;
      throw new RotationError('refused', error.message, { mayHaveHappened: false, cause });
    }
  }

  /** Every reply of Google names what it is about. */
  async #nameOf(reply: Json): Promise<string> {
    return textOf(reply, 'name', `Google ${this.ref}`);
  }
}

function versioned(
  secret: GcpSecret,
  place: StoredPlace,
  siblings: VersionedSecret['siblings'],
  names: readonly string[],
): VersionedSecret {
  const { ref } = secret;
  const { version } = place;
  return {
    kind: KIND,
    place,
    siblings,
    newest: (signal) => secret.held('latest', signal),
    held: (id, signal) => secret.held(id, signal),
    add: (text, _like, signal) => secret.add(text, signal),
    isOn: (id, signal) => secret.isOn(id, signal),
    switchTo: (id, isOn, signal) => secret.switchTo(id, isOn, signal),
    names: {
      isMoved: async (signal) => namesOf(await secret.described(signal), version).length === 0,
      move: (to, run) => moveAliases(secret, version, to, run),
      moveBack: (run) => moveAliasesBack(secret, version, run),
    },
    effects: [
      ...(names.length > 0 ? [`the aliases of version ${version} follow to the new one: ${names.join(', ')}`] : []),
      `version ${version} is kept, switched off; when nobody misses it: gcloud secrets versions destroy ${version} --secret=${lastPart(ref)}`,
    ],
  };
}

async function moveAliases(secret: GcpSecret, from: string, to: string, run: RotationRun): Promise<void> {
  const described = await secret.described(run.signal);
  const names = namesOf(described, from);
  await run.setFact(ALIASES, names.join(','));
  await run.setFact(ALIASED, to);
  await secret.setAliases(Object.fromEntries(names.map((name) => [name, to])), described, run.signal);
}

async function moveAliasesBack(secret: GcpSecret, from: string, run: RotationRun): Promise<void> {
  const [names, to] = [run.fact(ALIASES) ?? '', run.fact(ALIASED)];
  if (names === '' || to === undefined) return;
  const described = await secret.described(run.signal);
  // One that somebody has moved since stays.
  const ours = namesOf(described, to).filter((name) => names.split(',').includes(name));
  if (ours.length > 0) await secret.setAliases(Object.fromEntries(ours.map((name) => [name, from])), described, run.signal);
}

/** Returns which of these fields can be written with the value. Throws where the place is not what readers get, or has no such field. */
async function writable(
  secret: GcpSecret,
  { ref, version, field }: StoredPlace,
  names: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const newest = await secret.held('latest', signal);
  if (newest.version !== version) throw moved(`version ${newest.version} of ${ref} is the newest, not ${version}`);
  if (!hasField(newest.text, field)) throw cannot(`version ${version} of ${ref} has no ${field}`);
  return siblingsOf(newest.text, field, names);
}

/** Aliases of a version, in order. */
function namesOf({ versionAliases }: Json, version: string): string[] {
  const all = Object.entries(isJson(versionAliases) ? versionAliases : {});
  return all
    .filter(([, target]) => String(target) === version)
    .map(([name]) => name)
    .sort();
}

function refuseManaged(ref: string, { rotation }: Json): void {
  if (isJson(rotation) && 'managedRotationStatus' in rotation)
    throw cannot(`${ref} is rotated by Google itself (managed rotation): rotate it there`);
}

function scheduleOf({ rotation }: Json): string[] {
  const next = isJson(rotation) ? rotation['nextRotationTime'] : undefined;
  return typeof next === 'string' && /^[\dT:.Z-]{10,40}$/.test(next)
    ? [`its rotation schedule tells its topics again on ${next}: a function of yours may change it then`]
    : [];
}
