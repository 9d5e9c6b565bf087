/**
 * What an audit leaves for the next one, so that this one scans only what is new: the commits from which everything was scanned, and the ids
 * of the blobs and commits that had matches, which are scanned again. No value, no digest of one: only names of git objects, which
 * whoever has the repository has too. Text in, plain data out; the command line reads and writes the file.
 */
import { createHash } from 'node:crypto';
import { ToolError } from '../../core/errors.ts';
import type { Ruleset } from '../../ruleset/load.ts';

export type AuditState = {
  /** Of rules, switches and version: another engine finds other things, so everything counts as new. */
  readonly engine: string;
  readonly tips: readonly string[];
  readonly blobs: readonly string[];
  readonly commits: readonly string[];
};

const SCHEMA = 'leakwarden/audit-state@1';

/** Entries of each list. */
const MAX_IDS = 1_000_000;

/** Returns the digest of everything that decides what is found in a blob. */
export function engineDigest(version: string, { compiled, off }: Ruleset, scanned: readonly (boolean | number | string)[]): string {
  const hash = createHash('sha256').update(JSON.stringify([SCHEMA, version, scanned, [...off].sort((a, b) => a - b), compiled.ids]));
  return hash.update(compiled.texts).update(compiled.image).digest('hex');
}

/** Returns the state as text; the same state gives the same text. */
export function writeState({ engine, tips, blobs, commits }: AuditState): string {
  const sorted = (ids: readonly string[]): string[] => [...new Set(ids)].sort();
  return `${JSON.stringify({ schema: SCHEMA, engine, tips: sorted(tips), blobs: sorted(blobs), commits: sorted(commits) }, null, 1)}\n`;
}

/** Throws ToolError state-invalid. */
export function readState(text: string, path: string): AuditState {
  const fail = (reason: string, cause?: unknown): ToolError => new ToolError('state-invalid', { path, reason }, { cause });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fail('it is not JSON', error);
  }
  if (typeof value !== 'object' || value === null || !('schema' in value) || value.schema !== SCHEMA)
    throw fail(`its schema is not ${SCHEMA}`);
  const { engine, tips, blobs, commits } = { engine: undefined, tips: undefined, blobs: undefined, commits: undefined, ...value };
  if (typeof engine !== 'string' || !areIds(tips) || !areIds(blobs) || !areIds(commits)) throw fail('an entry is no id of an object');
  return { engine, tips, blobs, commits };
}

function areIds(value: unknown): value is string[] {
  return (
    Array.isArray(value) &&
    value.length <= MAX_IDS &&
    value.every((id) => typeof id === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(id))
  );
}
