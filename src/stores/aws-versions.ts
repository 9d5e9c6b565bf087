/** What Secrets Manager's lists say of a secret and its versions: replies go in, plain data comes out. Pure. */
import { type StoredVersion, StoreError, type VersionState } from '../core/stores.ts';
import { isJson, type Json, textOf } from './store-http.ts';

export type ListedSecret = {
  readonly arn: string;
  /** Set for replicas and replicated secrets: where the first of them lives. */
  readonly primaryRegion: string | null;
  /** Planned for deletion: it gives no value, and can be restored. */
  readonly isDeleted: boolean;
  readonly createdAt: string | null;
  /** Stage labels by version id; versions without a label are not in the list. */
  readonly stages: ReadonlyMap<string, readonly string[]>;
};

export type ListedVersion = { readonly id: string; readonly stages: readonly string[]; readonly createdAt: string | null };

export function readListed(reply: Json, region: string): ListedSecret[] {
  const list = reply['SecretList'];
  if (!Array.isArray(list) || !list.every(isJson)) throw new StoreError('odd-reply', `AWS ${region} ListSecrets answered without a list`);
  return list.map((one) => readSecret(one, one['SecretVersionsToStages'], `AWS ${region} ListSecrets`));
}

/** Reads a reply of DescribeSecret. */
export function readDescribed(reply: Json, region: string): ListedSecret {
  return readSecret(reply, reply['VersionIdsToStages'], `AWS ${region} DescribeSecret`);
}

function readSecret(one: Json, stages: unknown, what: string): ListedSecret {
  return {
    arn: textOf(one, 'ARN', what),
    primaryRegion: typeof one['PrimaryRegion'] === 'string' ? one['PrimaryRegion'] : null,
    isDeleted: typeof one['DeletedDate'] === 'number',
    createdAt: timeOf(one['CreatedDate']),
    stages: stagesOf(stages),
  };
}

/** Reads a reply of ListSecretVersionIds. */
export function readVersions(reply: Json): ListedVersion[] {
  const list = reply['Versions'];
  return (Array.isArray(list) ? list.filter(isJson) : []).flatMap((one) => {
    const id = one['VersionId'];
    return typeof id === 'string' ? [{ id, stages: textsIn(one['VersionStages']), createdAt: timeOf(one['CreatedDate']) }] : [];
  });
}

/**
 * Returns the versions of a secret, what readers get first, then newest first. `all` is the secret's full list, or nothing where it was not asked for.
 * A version that has any label but AWSCURRENT is still handed out under it, or is being set up (AWSPENDING is at work at its target before it is current):
 * both are `previous`, still in use. One without a label was replaced.
 */
export function labelledVersions(listed: ListedSecret, all: readonly ListedVersion[]): StoredVersion[] {
  const { stages, isDeleted, createdAt } = listed;
  // The only version of a secret came with it, or some time later where it was made without a value.
  const sole = stages.size === 1 ? createdAt : null;
  const known = new Map([...stages].map(([id, labels]) => [id, { id, stages: labels, createdAt: sole }] as const));
  for (const one of all) known.set(one.id, { ...one, stages: stages.get(one.id) ?? one.stages });
  const rank = (labels: readonly string[]): number =>
    labels.includes('AWSCURRENT') ? 0 : labels.includes('AWSPENDING') ? 1 : labels.length > 0 ? 2 : 3;
  const sorted = [...known.values()].sort(
    (a, b) => rank(a.stages) - rank(b.stages) || (b.createdAt ?? '').localeCompare(a.createdAt ?? '') || a.id.localeCompare(b.id),
  );
  // By time, for the end of each: a version ended when the next one that was ever current came.
  const byTime = sorted.filter((one) => one.createdAt !== null && rank(one.stages) !== 1);
  const times = byTime.map((one) => one.createdAt ?? '').sort();
  return sorted.map((one) => {
    const state = stateOf(one.stages, isDeleted);
    const isReplaced = rank(one.stages) > 1 && one.createdAt !== null;
    const endedAt = isReplaced ? (times.find((time) => time > (one.createdAt ?? '')) ?? null) : null;
    return { id: one.id, state, createdAt: one.createdAt, endedAt };
  });
}

function stateOf(labels: readonly string[], isDeleted: boolean): VersionState {
  if (isDeleted) return 'disabled';
  if (labels.includes('AWSCURRENT')) return 'current';
  return labels.length > 0 ? 'previous' : 'superseded';
}

function stagesOf(value: unknown): Map<string, readonly string[]> {
  return new Map(Object.entries(isJson(value) ? value : {}).map(([id, labels]) => [id, textsIn(labels)]));
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** Seconds since 1970, with a fraction. */
export function timeOf(value: unknown): string | null {
  return typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 8e12 ? new Date(1000 * value).toISOString() : null;
}
