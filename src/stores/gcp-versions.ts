/** What Secret Manager's lists say of versions: items go in, plain data comes out. Pure. */
import { createHash } from 'node:crypto';
import { type StoredSecret, type StoredVersion, StoreError, type VersionState } from '../core/stores.ts';
import { isJson, type Json, textOf } from './store-http.ts';

type Item = { readonly number: number; readonly state: unknown; readonly createdAt: string | null; readonly destroyedAt: string | null };

/** `projects/123/secrets/NAME` and `…/versions/7`: the last part. */
export function lastPart(name: string): string {
  const part = name.slice(name.lastIndexOf('/') + 1);
  if (/^[A-Za-z0-9_-]{1,255}$/.test(part)) return part;
  throw new StoreError('odd-reply', 'Google named a secret by something that is no name');
}

/**
 * Returns the versions, newest first. `latest` is the one with the highest number: while it is switched on it is current, and those before were replaced. One
 * that an alias names is still handed out by that name: `previous`, whatever its number.
 */
export function readVersions(items: readonly Json[], aliases: unknown): StoredVersion[] {
  const aliased = new Set(Object.values(isJson(aliases) ? aliases : {}).map(String));
  const sorted = items.map(readItem).sort((a, b) => b.number - a.number);
  return sorted.map(({ number, state, createdAt, destroyedAt }, index) => {
    const next = sorted[index - 1]?.createdAt ?? null;
    const id = String(number);
    const kept: VersionState = index === 0 ? 'current' : aliased.has(id) ? 'previous' : 'superseded';
    const version = { id, createdAt, endedAt: next ?? destroyedAt };
    if (state === 'ENABLED') return { ...version, state: kept };
    return { ...version, state: state === 'DESTROYED' ? 'destroyed' : 'disabled' };
  });
}

export function toStored(ref: string, versions: readonly StoredVersion[]): StoredSecret {
  const marks = JSON.stringify(versions.map(({ id, state }) => [id, state]));
  return { ref, change: createHash('sha256').update(marks).digest('hex').slice(0, 32), versions };
}

function readItem(item: Json): Item {
  const number = Number(lastPart(textOf(item, 'name', 'Google versions.list')));
  if (!Number.isSafeInteger(number)) throw new StoreError('odd-reply', 'Google numbered a version by something that is no number');
  return { number, state: item['state'], createdAt: timeOf(item['createTime']), destroyedAt: timeOf(item['destroyTime']) };
}

function timeOf(value: unknown): string | null {
  const time = typeof value === 'string' ? new Date(value) : null;
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : null;
}
