/**
 * Reads a plan that somebody else may have written or changed: text to a checked RotationPlan, or a reason. Nothing of it is believed beyond its form: what is done
 * comes from the far sides again, and must be what the plan says.
 */
import { ROTATION_STATES } from '../core/rotation.ts';
import { PLAN_SCHEMA, type PlanStep, planText, type RotationPlan } from './plan.ts';

/** Characters; a plan with many consumers has some ten thousand. */
export const MAX_PLAN_CHARS = 1 << 20;
const MAX_STEPS = 100;
const MAX_SENTENCES = 1000;
const MAX_SENTENCE_CHARS = 4096;
/** Waiting longer is for another day: a week. */
const MAX_SECONDS = 604_800;

type Fields = Readonly<Record<string, unknown>>;

/** Returns the plan, or a sentence that says why it is none. */
export function readPlan(text: string): RotationPlan | string {
  if (text.length > MAX_PLAN_CHARS) return 'it is too large';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  return checkPlan(value);
}

/** As readPlan, of what was parsed already: a plan within a report. */
export function checkPlan(value: unknown): RotationPlan | string {
  if (!isFields(value) || value['schema'] !== PLAN_SCHEMA) return `its schema is not ${PLAN_SCHEMA}`;
  if (!isPlan(value)) return 'it is damaged, or was changed';
  // Members that no plan has would be in its id, but in nothing that is shown of it.
  return isKnown(value) ? value : 'it holds what no plan holds';
}

function isKnown(plan: RotationPlan): boolean {
  try {
    return planText(plan) === planText(known(plan));
  } catch (error) {
    // What is nested without end, or has no form in JSON.
    if (error instanceof RangeError || error instanceof TypeError) return false;
    throw error;
  }
}

function isPlan(value: Fields): value is Fields & RotationPlan {
  const { tool, madeAt, expiresAt, what, finding, old, place, issuer, makesValue, steps, consumers, warnings } = value;
  const { settlingSeconds, proofSeconds, approvals } = value;
  return (
    [tool, madeAt, expiresAt].every(isText) &&
    [madeAt, expiresAt].every((time) => !Number.isNaN(Date.parse(String(time)))) &&
    (what === 'replace' || what === 'revoke') &&
    isFields(finding) &&
    [finding['id'], finding['rule']].every(isText) &&
    [finding['places'], finding['paths']].every(isTexts) &&
    (finding['exposedSince'] === null || isText(finding['exposedSince'])) &&
    isFields(old) &&
    [old['salt'], old['print']].every((one) => typeof one === 'string' && /^[0-9a-f]{32}$/.test(one)) &&
    (place === null || (isFields(place) && PLACE.every((name) => isText(place[name])))) &&
    (issuer === null || (isFields(issuer) && ISSUER.every((name) => isText(issuer[name])))) &&
    typeof makesValue === 'boolean' &&
    Array.isArray(steps) &&
    steps.length <= MAX_STEPS &&
    steps.every(isStep) &&
    [consumers, warnings].every(isTexts) &&
    [settlingSeconds, proofSeconds].every((seconds) => isWhole(seconds, MAX_SECONDS)) &&
    isWhole(approvals, 2)
  );
}

const PLACE = ['name', 'store', 'ref', 'field', 'version', 'change'] as const;
const ISSUER = ['rotator', 'kind', 'identity'] as const;

function isStep(step: unknown): step is PlanStep {
  if (!isFields(step)) return false;
  const { id, by, reaches, does, repeat, effects, undo } = step;
  return (
    [id, does].every(isText) &&
    (by === 'store' || by === 'issuer') &&
    ROTATION_STATES.some((state) => state === reaches) &&
    ['always', 'when-not-done', 'never'].some((one) => one === repeat) &&
    isTexts(effects) &&
    (undo === null || isText(undo))
  );
}

/** Returns the plan with the members that plans have. */
function known(plan: RotationPlan): RotationPlan {
  const { schema, tool, madeAt, expiresAt, what, finding, old, place, issuer, makesValue, steps, consumers, warnings } = plan;
  const { settlingSeconds, proofSeconds, approvals } = plan;
  const { id, rule, places, paths, exposedSince } = finding;
  return {
    ...{ schema, tool, madeAt, expiresAt, what, makesValue, consumers, warnings, settlingSeconds, proofSeconds, approvals },
    finding: { id, rule, places, paths, exposedSince },
    old: { salt: old.salt, print: old.print },
    place: place && {
      ...{ name: place.name, store: place.store, ref: place.ref, field: place.field, version: place.version, change: place.change },
    },
    issuer: issuer && { rotator: issuer.rotator, kind: issuer.kind, identity: issuer.identity },
    steps: steps.map((step) => {
      const { id: name, by, reaches, does, repeat, effects, undo } = step;
      return { id: name, by, reaches, does, repeat, effects, undo };
    }),
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_SENTENCE_CHARS && Buffer.from(value).toString() === value;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= MAX_SENTENCES && value.every(isText);
}

function isWhole(value: unknown, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
}
