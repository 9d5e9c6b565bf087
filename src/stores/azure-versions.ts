/** What Key Vault's lists say of versions: items go in, plain data comes out. Pure. */
import { createHash } from 'node:crypto';
import { type StoredSecret, type StoredVersion, StoreError } from '../core/stores.ts';
import { isJson, type Json, textOf } from './store-http.ts';

type Item = { readonly id: string; readonly isEnabled: boolean; readonly created: number | null; readonly updated: number | null };

/** `https://team.vault.azure.net/secrets/NAME/VERSION` and `…/deletedsecrets/NAME`: the name. */
export function nameIn(id: string): string {
  const name = URL.canParse(id) ? new URL(id).pathname.split('/')[2] : undefined;
  if (name && /^[0-9A-Za-z-]{1,127}$/.test(name)) return name;
  throw new StoreError('odd-reply', 'Azure named a secret by something that is no name');
}

/**
 * Returns the versions, newest first. A reader without a version gets the newest; while that one is enabled it is current, and the ones before are superseded.
 * Times are whole seconds, and lists have no order: of two that are both the newest, the other one is `previous`, so that it is not taken for replaced.
 */
export function readVersions(items: readonly Json[]): StoredVersion[] {
  const sorted = items
    .map(readItem)
    .sort((a, b) => (b.created ?? 0) - (a.created ?? 0) || (b.updated ?? 0) - (a.updated ?? 0) || a.id.localeCompare(b.id));
  const [newest] = sorted;
  return sorted.map((one) => {
    const isNewest = one.created === newest?.created;
    const next = sorted.filter(({ created }) => (created ?? 0) > (one.created ?? 0)).at(-1);
    const createdAt = timeOf(one.created);
    if (!one.isEnabled) return { id: one.id, state: 'disabled', createdAt, endedAt: timeOf(next?.created ?? one.updated) };
    const state = one === newest ? 'current' : isNewest ? 'previous' : 'superseded';
    return { id: one.id, state, createdAt, endedAt: timeOf(next?.created ?? null) };
  });
}

/** A deleted secret does not say which versions it had. It can be recovered until it is purged. */
export function deletedVersion(item: Json): StoredVersion {
  const attributes = isJson(item['attributes']) ? item['attributes'] : {};
  return {
    id: 'deleted',
    state: 'disabled',
    createdAt: timeOf(numberOf(attributes['created'])),
    endedAt: timeOf(numberOf(item['deletedDate'])),
  };
}

export function toStored(ref: string, versions: readonly StoredVersion[]): StoredSecret {
  const marks = JSON.stringify(versions.map(({ id, state }) => [id, state]));
  return { ref, change: createHash('sha256').update(marks).digest('hex').slice(0, 32), versions };
}

/** `https://team.vault.azure.net/secrets/NAME/VERSION`: the version. */
export function versionIn(item: Json): string {
  const path = new URL(textOf(item, 'id', 'Azure GET /secrets/{name}'), 'https://vault.invalid').pathname;
  const id = path.split('/')[3] ?? '';
  if (!/^[0-9A-Za-z-]{1,64}$/.test(id)) throw new StoreError('odd-reply', 'Azure named a version by something that is no version');
  return id;
}

function readItem(item: Json): Item {
  const attributes = isJson(item['attributes']) ? item['attributes'] : {};
  return {
    id: versionIn(item),
    isEnabled: attributes['enabled'] !== false,
    created: numberOf(attributes['created']),
    updated: numberOf(attributes['updated']),
  };
}

export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Seconds since 1970. */
function timeOf(seconds: number | null): string | null {
  return seconds !== null && Math.abs(seconds) < 8e12 ? new Date(1000 * seconds).toISOString() : null;
}
