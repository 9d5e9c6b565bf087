/**
 * One secret of the local store as a file: its ref and versions in clear, the values of each version sealed about ref and version, and a keyed digest over the
 * whole, so that nobody without the key can change a state, swap two versions or drop one. Pure: text in, SecretRecord out, and back.
 */
import { createHash } from 'node:crypto';
import { reveal, Secret } from '../core/secret.ts';
import { type StoredVersion, StoreError, VERSION_STATES } from '../core/stores.ts';
import type { StoreKeys } from './local-key.ts';

const RECORD_FORMAT = 'leakwarden/local-secret@1';

/** Bytes of all fields of a version together; what AWS Secrets Manager takes, too. */
const MAX_VALUE_BYTES = 64 << 10;
/** Of one secret; the oldest goes when another comes. A rotation every week fills it in twenty years. */
const MAX_VERSIONS = 1000;
const MAX_REF_CHARS = 512;

/** '' is the name of the one field of a secret that is one text. */
export type Fields = Readonly<Record<string, Secret>>;

export type LocalVersion = StoredVersion & { readonly sealed: string };

export type SecretRecord = {
  readonly ref: string;
  /** Newest first, at least one. */
  readonly versions: readonly LocalVersion[];
  /** Of the whole: changes with anything in it. */
  readonly mac: string;
};

/** Returns the name of the file that holds a secret: refs may hold `/`, and file systems may fold their case. */
export function recordFileOf(ref: string): string {
  return `${createHash('sha256').update(ref).digest('hex').slice(0, 40)}.json`;
}

export const RECORD_FILE = /^[0-9a-f]{40}\.json$/;

/** Throws StoreError misconfigured. */
export function checkRef(ref: string): void {
  const isGood = ref.length <= MAX_REF_CHARS && ref.trim() === ref && /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+$/u.test(ref);
  if (!isGood)
    throw new StoreError('misconfigured', `a ref is a name such as app/db: 1 to ${MAX_REF_CHARS} characters that can be printed`);
}

/** Throws StoreError misconfigured. */
export function checkField(field: string): void {
  if (field !== '' && !/^[\w.-]{1,128}$/.test(field))
    throw new StoreError('misconfigured', 'the name of a field has letters, digits and . _ - only, 128 at most');
}

/** Returns the versions with a new current one, and the id of the one that had to go for it, or null. `added.createdAt` is when the others end. */
export function addVersion(
  before: readonly LocalVersion[],
  added: LocalVersion,
): { readonly versions: readonly LocalVersion[]; readonly dropped: string | null } {
  const ended = before.map(
    (one): LocalVersion => (one.state === 'current' ? { ...one, state: 'superseded', endedAt: added.createdAt } : one),
  );
  return { versions: [added, ...ended.slice(0, MAX_VERSIONS - 1)], dropped: ended[MAX_VERSIONS - 1]?.id ?? null };
}

/** Returns the text of a record's file. */
export function writeRecord(ref: string, versions: readonly LocalVersion[], keys: StoreKeys): string {
  const body = canonical(ref, versions);
  return `${JSON.stringify({ ...body, mac: keys.mac('files', JSON.stringify(body)) })}\n`;
}

/** Throws StoreError odd-reply for what is not ours, or was changed. */
export function readRecord(path: string, text: string, keys: StoreKeys): SecretRecord {
  const value = parse(text);
  if (value !== null && keys.isMac('files', JSON.stringify(canonical(value.ref, value.versions)), value.mac)) return value;
  throw new StoreError('odd-reply', `${path} is damaged, was changed by something else, or is of another store`);
}

export function sealFields(fields: Fields, ref: string, version: string, keys: StoreKeys): string {
  const texts = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, reveal(value, 'store')]));
  const json = JSON.stringify(texts);
  if (Buffer.byteLength(json) > MAX_VALUE_BYTES)
    throw new StoreError('misconfigured', `a secret holds ${MAX_VALUE_BYTES >> 10} KiB at most`);
  return keys.seal(json, `${ref}\0${version}`);
}

/** Throws StoreError odd-reply. */
export function openFields({ id, sealed }: LocalVersion, ref: string, keys: StoreKeys): Fields {
  const text = keys.open(sealed, `${ref}\0${id}`);
  if (text === null) throw new StoreError('odd-reply', `version ${id} of ${ref} is damaged`);
  const fields = JSON.parse(text) as Record<string, string>;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, new Secret(value, 'local')]));
}

/** One order of keys, whatever order the file has. */
function canonical(
  ref: string,
  versions: readonly LocalVersion[],
): { readonly format: string; readonly ref: string; readonly versions: readonly LocalVersion[] } {
  return {
    format: RECORD_FORMAT,
    ref,
    versions: versions.map(({ id, state, createdAt, endedAt, sealed }) => ({ id, state, createdAt, endedAt, sealed })),
  };
}

function parse(text: string): SecretRecord | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    // No JSON: the caller says so, as for JSON of another kind.
    return null;
  }
}

function isRecord(value: unknown): value is SecretRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { format, ref, versions, mac } = value as Partial<Record<string, unknown>>;
  const isFramed = format === RECORD_FORMAT && typeof ref === 'string' && typeof mac === 'string';
  return isFramed && Array.isArray(versions) && versions.length > 0 && versions.length <= MAX_VERSIONS && versions.every(isVersion);
}

function isVersion(value: unknown): value is LocalVersion {
  if (typeof value !== 'object' || value === null) return false;
  const { id, state, createdAt, endedAt, sealed } = value as Partial<Record<string, unknown>>;
  const isDated = typeof createdAt === 'string' && (endedAt === null || typeof endedAt === 'string');
  return (
    typeof id === 'string' &&
    /^\d{1,9}$/.test(id) &&
    VERSION_STATES.some((known) => known === state) &&
    isDated &&
    typeof sealed === 'string'
  );
}
