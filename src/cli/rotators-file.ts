/**
 * The user's own list of rotators, `rotators.toml` beside stores.toml: a `[[rotator]]` table for each credential that can be replaced, with who issues it and how that
 * is asked. Never one that is found in a repository: it names programs that are run and servers that are sent credentials. In: the file. Out: NamedRotator, chosen by
 * exact places only. Throws ToolError `rotators-invalid`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../core/errors.ts';
import type { StoredPlace } from '../core/rotation.ts';
import type { IssuerSettings } from '../issuers/issuer-kind.ts';
import { PROOF_SECONDS, SETTLING_SECONDS } from '../rotate/make-plan.ts';
import { MAX_PLAN_MINUTES, PLAN_MINUTES } from '../rotate/plan.ts';
import type { Io } from './io.ts';
import { isTable, readOwnToml } from './stores-file.ts';
import { requiredFolder } from './user-files.ts';

export type NamedRotator = {
  readonly name: string;
  /** IssuerKind.kind. */
  readonly kind: string;
  /** Which credential it is for; null where it is for findings of rules only. `store`: its name in stores.toml. */
  readonly place: { readonly store: string; readonly ref: string; readonly field: string } | null;
  /** Ids of rules whose findings it revokes. */
  readonly rules: readonly string[];
  readonly settlingSeconds: number;
  readonly proofSeconds: number;
  /** Null: as usual. */
  readonly approvals: number | null;
  readonly settings: IssuerSettings;
};

export type Rotators = {
  readonly rotators: readonly NamedRotator[];
  /** Names of stores that nothing is rotated in without two people who approve. */
  readonly protected: readonly string[];
  /** How long a plan is good for. */
  readonly planMinutes: number;
};

/** Rotators of one user. */
const MAX_ROTATORS = 1000;
/** A week: whoever waits longer begins anew. */
const MAX_SECONDS = 604_800;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

export function rotatorsFile(env: Io['env']): string {
  return join(requiredFolder('config', 'the list of rotators', env), 'rotators.toml');
}

/** Returns none where there is no list. */
export async function readRotators(path: string): Promise<Rotators> {
  if (!existsSync(path)) return { rotators: [], protected: [], planMinutes: PLAN_MINUTES };
  const fail = (reason: string, cause?: unknown): ToolError => new ToolError('rotators-invalid', { path, reason }, { cause });
  const {
    rotator: tables = [],
    protected: stores = [],
    'plan-minutes': planMinutes = PLAN_MINUTES,
    ...others
  } = await readOwnToml(path, fail);
  const [odd] = Object.keys(others);
  if (odd !== undefined) throw fail(`${odd} means nothing here: a rotator is a table [[rotator]]`);
  if (!isTexts(stores)) throw fail('protected is a list of names of stores');
  if (!isWhole(planMinutes, 1, MAX_PLAN_MINUTES)) throw fail(`plan-minutes must be a whole number from 1 to ${MAX_PLAN_MINUTES}`);
  if (!Array.isArray(tables) || tables.length > MAX_ROTATORS) throw fail(`it is a list of at most ${MAX_ROTATORS} tables [[rotator]]`);
  const rotators = tables.map((table: unknown, index) => toRotator(table, (reason) => fail(`rotator ${index + 1}: ${reason}`)));
  const twice = rotators.find(({ name }, index) => rotators.findIndex((other) => other.name === name) !== index);
  if (twice) throw fail(`two rotators are called ${twice.name}`);
  return { rotators, protected: stores, planMinutes };
}

type Fail = (reason: string) => ToolError;

function toRotator(table: unknown, fail: Fail): NamedRotator {
  if (!isTable(table)) throw fail('it is no table');
  const { name, issuer, store, ref, field = '', rules = [], approvals, ...rest } = table;
  const { 'settle-seconds': settle = SETTLING_SECONDS, 'proof-seconds': proof = PROOF_SECONDS, ...settings } = rest;
  if (typeof name !== 'string' || !NAME.test(name)) throw fail('name must be letters, digits, dots, dashes');
  if (typeof issuer !== 'string') throw fail('issuer is missing: the kind of whoever makes the credential');
  if (!isTexts(rules)) throw fail('rules is a list of ids of rules');
  if ((store === undefined) !== (ref === undefined)) throw fail('store and ref belong together');
  if (store === undefined && rules.length === 0) throw fail('it says of no credential that it is for it: store and ref, or rules');
  if (store === undefined && field !== '') throw fail('field belongs to store and ref');
  if (approvals !== undefined && approvals !== 1 && approvals !== 2) throw fail('approvals is 1 or 2');
  const text = (value: unknown, key: string): string => {
    if (typeof value === 'string') return value;
    throw fail(`${key} must be text`);
  };
  return {
    name,
    kind: issuer,
    place: store === undefined ? null : { store: text(store, 'store'), ref: text(ref, 'ref'), field: text(field, 'field') },
    rules,
    settlingSeconds: seconds(settle, 'settle-seconds', fail),
    proofSeconds: seconds(proof, 'proof-seconds', fail),
    approvals: approvals ?? null,
    settings: Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [key, Array.isArray(value) && isTexts(value) ? value.join(',') : text(value, key)]),
    ),
  };
}

function seconds(value: unknown, key: string, fail: Fail): number {
  if (isWhole(value, 0, MAX_SECONDS)) return value;
  throw fail(`${key} must be a whole number up to ${MAX_SECONDS}`);
}

/** Returns the rotator of a place, exactly. */
export function rotatorOfPlace(
  { rotators }: Rotators,
  name: string,
  { ref, field }: Pick<StoredPlace, 'ref' | 'field'>,
): NamedRotator | null {
  return rotators.find(({ place }) => place !== null && place.store === name && place.ref === ref && place.field === field) ?? null;
}

export function rotatorOfRule({ rotators }: Rotators, rule: string): NamedRotator | null {
  return rotators.find(({ rules }) => rules.includes(rule)) ?? null;
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
