/**
 * Where rotations lie on the disk: below XDG_STATE_HOME the log, the plans, the locks, the values of runs that are not over; below XDG_CONFIG_HOME the log's first key
 * and its checkpoint, so that a copy of one folder is not a copy of both. Called by the commands of rotations.
 */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../core/errors.ts';
import { StoreError } from '../core/stores.ts';
import { Journal, type JournalPlaces } from '../rotate/journal.ts';
import { planIdOf, planText, type RotationPlan } from '../rotate/plan.ts';
import { MAX_PLAN_CHARS, readPlan } from '../rotate/read-plan.ts';
import { createWhole, makeFolder, readWhole } from '../system/durable-files.ts';
import { type HeldLock, holderOf, takeLock } from '../system/lock.ts';
import type { Io } from './io.ts';
import { isMissing, readText, shortReason } from './read-text.ts';
import { requiredFolder } from './user-files.ts';

/** Hexadecimal digits of a plan's id that are told to people. */
export const SHORT_ID = 12;
const LEAST_DIGITS = 6;

export function rotationFolder(env: Io['env']): string {
  return join(requiredFolder('state', 'the log of rotations', env), 'rotation');
}

export function journalPlaces(env: Io['env']): JournalPlaces {
  const config = requiredFolder('config', 'the key of the log of rotations', env);
  return {
    folder: rotationFolder(env),
    keyFile: join(config, 'rotation-log.key'),
    checkpointFile: join(config, 'rotation-log.checkpoint'),
  };
}

export function openJournal({ env, now }: Pick<Io, 'env' | 'now'>): Journal {
  makeFolder(requiredFolder('config', 'the key of the log of rotations', env));
  return new Journal(journalPlaces(env), now);
}

const plansFolder = (env: Io['env']): string => join(rotationFolder(env), 'plans');

/** Keeps a plan where its id finds it; returns the id. */
export function keepPlan(plan: RotationPlan, env: Io['env']): string {
  const id = planIdOf(plan);
  makeFolder(plansFolder(env));
  createWhole(join(plansFolder(env), `${id}.json`), `${planText(plan)}\n`);
  return id;
}

export type KeptPlan = { readonly plan: RotationPlan; readonly id: string };

/** `named`: a file, or the first digits of an id. Throws ToolError `plan-invalid`, `rotation-unknown`. */
export function findPlan(named: string, env: Io['env']): KeptPlan {
  if (/^[0-9a-f]+$/.test(named)) return keptPlan(wholeId(named, env), env);
  let text: string;
  try {
    text = readText(named, MAX_PLAN_CHARS, null);
  } catch (error) {
    throw new ToolError('plan-invalid', { path: named, reason: shortReason(error) }, { cause: error });
  }
  return checked(text, named);
}

/** Returns the plan of this id as it was kept. */
export function keptPlan(id: string, env: Io['env']): KeptPlan {
  const path = join(plansFolder(env), `${id}.json`);
  const bytes = readWhole(path, 4 * MAX_PLAN_CHARS);
  if (bytes === null) throw new ToolError('rotation-unknown', { reason: `there is no plan ${id.slice(0, SHORT_ID)}` });
  const kept = checked(bytes.toString('utf8'), path);
  // The name of the file is the id that people approved.
  if (kept.id !== id) throw new ToolError('plan-invalid', { path, reason: 'it was changed' });
  return kept;
}

function wholeId(digits: string, env: Io['env']): string {
  const ids = namesIn(plansFolder(env)).flatMap((name) => /^([0-9a-f]{64})\.json$/.exec(name)?.[1] ?? []);
  const [only, ...others] = ids.filter((id) => id.startsWith(digits));
  if (only !== undefined && others.length === 0 && digits.length >= LEAST_DIGITS) return only;
  const reason =
    digits.length < LEAST_DIGITS
      ? `${digits} is too short: ${LEAST_DIGITS} digits of a plan's id at least`
      : `there ${only === undefined ? 'is no plan' : 'are several plans'} ${digits}`;
  throw new ToolError('rotation-unknown', { reason });
}

function checked(text: string, path: string): KeptPlan {
  const plan = readPlan(text);
  if (typeof plan === 'string') throw new ToolError('plan-invalid', { path, reason: plan });
  return { plan, id: planIdOf(plan) };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Takes the lock of what a plan is about. Throws ToolError `rotation-busy`. */
export function lockSubject(plan: RotationPlan, env: Io['env']): HeldLock {
  const folder = join(rotationFolder(env), 'locks');
  makeFolder(folder);
  const subject = plan.place ? `${plan.place.store}\0${plan.place.ref}` : `\0${plan.finding.id}`;
  const path = join(folder, `${createHash('sha256').update(subject).digest('hex').slice(0, 32)}.lock`);
  const lock = takeLock(path);
  if (lock) return lock;
  throw new ToolError('rotation-busy', { what: plan.place?.ref ?? plan.finding.id, process: holderOf(path) });
}

/** Runs `doing`, and says what fails on the disk, or in a far side before anything is done, in words for people. */
export async function withWords<T>(doing: () => Promise<T>): Promise<T> {
  const { RotationError } = await import('../core/rotation.ts');
  try {
    return await doing();
  } catch (error) {
    if (error instanceof RotationError) throw new ToolError('rotation-refused', { reason: error.message }, { cause: error });
    if (error instanceof StoreError) throw new ToolError('rotation-log-broken', { reason: error.message }, { cause: error });
    throw error;
  }
}
