/**
 * What an audit of a GitHub keeps in a folder (`--state`), so that one which was ended goes on where it was, and the next one clones what moved only: a file for each
 * repository, written when its audit is whole. In it are what the audit of its history left (src/engine/history/state.ts), a digest of what the host had, and its line
 * of the report: names and ids of git, no value and no digest of one. Clones lie in the folder too, so that what a killed one left is found and removed.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditedRepository } from '../core/contracts.ts';
import { reasonOf, ToolError } from '../core/errors.ts';
import { StoreError } from '../core/stores.ts';
import { type AuditState, readState, writeState } from '../engine/history/state.ts';
import type { GitHubUnit } from '../sources/github-repositories.ts';
import { type HeldLock, holderOf, takeLock } from '../system/lock.ts';
import { readText } from './read-text.ts';
import { writeFileAtomically } from './write-output.ts';

export type KeptUnit = {
  /** Of all refs that the host had. */
  readonly refs: string;
  readonly state: AuditState;
  readonly repository: AuditedRepository;
};

export type GitHubAuditState = {
  /** Where clones are made. */
  readonly clones: string;
  /** Returns what was kept, or null: nothing, or something else than this program writes. */
  readonly load: (unit: GitHubUnit) => KeptUnit | null;
  readonly keep: (unit: GitHubUnit, kept: KeptUnit) => void;
  /** Attempts of runs of a repository (`RUN-ATTEMPT`) whose logs had no match. */
  readonly doneLogs: (unit: GitHubUnit, engine: string) => ReadonlySet<string>;
  readonly keepLogs: (unit: GitHubUnit, engine: string, done: ReadonlySet<string>) => void;
  readonly close: () => void;
};

const SCHEMA = 'leakwarden/github-audit-state@1';
const MAX_STATE_BYTES = 256 << 20;
/** Of logs; older ones are gone after 90 days. */
const MAX_DONE = 100_000;
const MAX_SUBMODULES = 100_000;

/** Opens the folder, which is made. Throws ToolError: output-failed, state-in-use. `web` tells GitHubs apart. */
export function openGitHubState(folder: string, shown: string, web: string): GitHubAuditState {
  const clones = join(folder, 'clones');
  const lock = lockOf(folder, clones, shown);
  const pathOf = ({ kind, id }: GitHubUnit, sort = 'history'): string => {
    // Ids of two GitHubs may be the same.
    const host = createHash('sha256').update(web).digest('hex').slice(0, 8);
    return join(folder, `${host}-${kind}-${id}.${sort}.json`);
  };
  const write = (path: string, value: object): void =>
    writeFileAtomically(path, [`${JSON.stringify({ schema: SCHEMA, ...value }, null, 1)}\n`], { isPrivate: true });
  return {
    clones,
    load: (unit) => toKept(read(pathOf(unit)), unit),
    keep: (unit, { refs, state, repository }) => write(pathOf(unit), { refs, state: JSON.parse(writeState(state)), repository }),
    doneLogs: (unit, engine) => {
      const value = read(pathOf(unit, 'logs'));
      const done = value?.['engine'] === engine && Array.isArray(value['done']) ? value['done'] : [];
      return new Set(done.filter((one) => typeof one === 'string').slice(0, MAX_DONE));
    },
    keepLogs: (unit, engine, done) => write(pathOf(unit, 'logs'), { engine, done: [...done].sort().slice(-MAX_DONE) }),
    close: () => {
      rmSync(clones, { recursive: true, force: true });
      lock.release();
    },
  };
}

/** Whoever has the lock removes what was left, and nobody else. */
function lockOf(folder: string, clones: string, shown: string): HeldLock {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, 'lock');
    const lock = takeLock(path);
    if (lock === null) throw new ToolError('state-in-use', { path: shown, holder: holderOf(path) });
    rmSync(clones, { recursive: true, force: true });
    mkdirSync(clones, { mode: 0o700 });
    return lock;
  } catch (error) {
    if (error instanceof ToolError) throw error;
    if (!(error instanceof StoreError) && !(error instanceof Error && 'code' in error)) throw error;
    throw new ToolError('output-failed', { path: shown, reason: reasonOf(error) }, { cause: error });
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** What cannot be read is audited again, as if it were not there. */
function read(path: string): Fields | null {
  try {
    const value: unknown = JSON.parse(readText(path, MAX_STATE_BYTES, null));
    return isFields(value) && value['schema'] === SCHEMA ? value : null;
  } catch {
    return null;
  }
}

function toKept(value: Fields | null, unit: GitHubUnit): KeptUnit | null {
  const refs = value?.['refs'];
  const repository = toRepository(value?.['repository']);
  // A repository that was renamed has other paths and pages; what it holds is the same.
  if (value === null || typeof refs !== 'string' || repository === null || repository.name !== unit.shown) return null;
  try {
    return { refs, state: readState(JSON.stringify(value['state'] ?? null), unit.shown), repository };
  } catch (error) {
    if (error instanceof ToolError) return null;
    throw error;
  }
}

function toRepository(value: unknown): AuditedRepository | null {
  if (!isFields(value)) return null;
  const { name, origin, head, branch, submodules } = {
    name: value['name'],
    origin: value['origin'],
    head: value['head'],
    branch: value['branch'],
    submodules: value['submodules'],
  };
  if (typeof name !== 'string' || !isTextOrNull(origin) || !isTextOrNull(head) || !isTextOrNull(branch)) return null;
  if (!Array.isArray(submodules) || submodules.length > MAX_SUBMODULES) return null;
  return { name, origin, head, branch, submodules: submodules.filter((one) => typeof one === 'string') };
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
