/**
 * Azure Key Vault as a rotator: reads a secret, and says what would be done with it (version-rotate.ts). Key Vault has no staging (a version that is off hides the one
 * before it from readers) and no check-and-set: the newest version is asked for right before each write.
 * Protocol: learn.microsoft.com/rest/api/keyvault/secrets/set-secret and …/update-secret.
 */
import type { FieldTexts, StoredPlace, StorePart, StoreRotator } from '../core/rotation.ts';
import { type AzureVault, openVault, secretPath } from './azure-vault.ts';
import { numberOf, readVersions, toStored, versionIn } from './azure-versions.ts';
import { hasField, siblingsOf } from './replace-field.ts';
import { cannot, changing, moved, reading } from './rotation-failures.ts';
import { isJson, type Json, textOf } from './store-http.ts';
import type { StoreContext, StoreSettings } from './store-kind.ts';
import { type HeldVersion, versionActions } from './version-rotate.ts';

const WHAT = '/secrets/{name}';
/** Azure's rotation functions for storage keys and the like mark their secrets so. */
const FUNCTION_TAG = 'ProviderAddress';

/** Throws StoreError misconfigured. */
export function createAzureRotator(settings: StoreSettings, context: StoreContext): StoreRotator {
  return new AzureRotator(openVault(settings, context), context.now);
}

class AzureRotator implements StoreRotator {
  readonly id: string;
  readonly #vault: AzureVault;
  readonly #now: () => Date;

  constructor(vault: AzureVault, now: () => Date) {
    this.id = vault.id;
    this.#vault = vault;
    this.#now = now;
  }

  async plan(place: StoredPlace, signal: AbortSignal, isBegun = false, fields: FieldTexts = {}): Promise<StorePart> {
    const { ref, version } = place;
    if (!/^[0-9A-Za-z-]{1,127}$/.test(ref)) throw cannot(`${ref || 'it'} is no name of a secret`);
    const items = await reading(this.#vault.versions(ref, signal));
    if (items.length === 0) throw moved(`${ref} is not there`);
    if (items.some(({ managed }) => managed === true))
      throw cannot(`${ref} belongs to a certificate of the vault, which is renewed as such`);
    const known = readVersions(items);
    if (!isBegun && toStored(ref, known).change !== place.change) throw moved(`${ref} was changed since it was read`);
    // A run begins only where all could be written; the old version may be off by now.
    const alsoWrites = isBegun ? Object.keys(fields) : await this.#writable(place, Object.keys(fields), signal);
    const siblings = Object.fromEntries(Object.entries(fields).filter(([name]) => alsoWrites.includes(name)));
    const older = known.filter(({ id, state }) => id !== version && state === 'superseded').map(({ id }) => id);
    const ours = items.find((item) => versionIn(item) === version);
    return {
      makesValue: false,
      actions: versionActions({
        kind: 'azure',
        place,
        siblings,
        newest: (until) => this.#held(ref, undefined, until),
        held: (id, until) => this.#held(ref, id, until),
        add: (text, like, until) => this.#add(ref, text, like.reply, until),
        isOn: (id, until) => this.#isOn(ref, id, until),
        switchTo: (id, enabled, until) => this.#switchTo(ref, id, enabled, until),
        effects: [],
      }),
      alsoWrites,
      consumers: [],
      warnings: [
        'the vault does not say who reads the secret; its diagnostic log does (AuditEvent, SecretGet)',
        'the vault has no check-and-set: who writes the same secret in the same moment is not seen',
        ...(!isBegun && older.length > 0 ? [`older versions can still be read, and may hold the same value: ${older.join(', ')}`] : []),
        ...(isOfFunction(ours) ? [`its tag ${FUNCTION_TAG} says that a rotation function looks after it: it may change it too`] : []),
      ],
    };
  }

  async close(): Promise<void> {
    await this.#vault.api.client.close();
  }

  /** Returns which of these fields can be written with the value. Throws RotationError where the place is not what readers get, or has no such field. */
  async #writable({ ref, version, field }: StoredPlace, names: readonly string[], signal: AbortSignal): Promise<string[]> {
    const newest = await this.#held(ref, undefined, signal);
    if (newest.version !== version) throw moved(`version ${newest.version} of ${ref} is the newest, not ${version}`);
    if (!hasField(newest.text, field)) throw cannot(`version ${version} of ${ref} has no ${field}`);
    return siblingsOf(newest.text, field, names);
  }

  async #held(ref: string, version: string | undefined, signal: AbortSignal): Promise<HeldVersion> {
    const asked = this.#vault.get(secretPath(ref, version), {}, signal, `GET ${WHAT}`);
    return reading(asked.then((reply) => ({ version: versionIn(reply), text: textOf(reply, 'value', WHAT), reply })));
  }

  /** Azure takes neither type nor tags nor expiry over from the version before. */
  async #add(ref: string, text: string, like: Json, signal: AbortSignal): Promise<string> {
    const { contentType, tags } = like;
    const expiry = this.#expiryLike(like);
    const body = {
      value: text,
      ...(typeof contentType === 'string' ? { contentType } : {}),
      ...(isJson(tags) ? { tags } : {}),
      attributes: { enabled: true, ...(expiry === null ? {} : { exp: expiry }) },
    };
    await reading(this.#vault.api.tokens.get(signal));
    return changing(this.#vault.change('PUT', secretPath(ref), body, WHAT, signal).then(versionIn));
  }

  /** A version that was to live for a while is followed by one that lives as long. */
  #expiryLike({ attributes }: Json): number | null {
    if (!isJson(attributes)) return null;
    const [created, expires] = [numberOf(attributes['created']), numberOf(attributes['exp'])];
    if (created === null || expires === null || expires <= created) return null;
    return Math.floor(this.#now().getTime() / 1000) + expires - created;
  }

  async #isOn(ref: string, version: string, signal: AbortSignal): Promise<boolean> {
    const items = await reading(this.#vault.versions(ref, signal));
    const found = items.find((item) => versionIn(item) === version);
    return found !== undefined && !(isJson(found['attributes']) && found['attributes']['enabled'] === false);
  }

  async #switchTo(ref: string, version: string, enabled: boolean, signal: AbortSignal): Promise<void> {
    await reading(this.#vault.api.tokens.get(signal));
    const body = { attributes: { enabled } };
    await changing(this.#vault.change('PATCH', secretPath(ref, version), body, `${WHAT}/{version}`, signal).then(versionIn));
  }
}

function isOfFunction(item: Json | undefined): boolean {
  return item !== undefined && isJson(item['tags']) && FUNCTION_TAG in item['tags'];
}
