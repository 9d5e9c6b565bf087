/**
 * Reads the plans of a saved report back (`--rotate=plan`, report-plans.ts), so that the report says in another form what it said. In: the entries of `rotations`. Out:
 * the same, checked: a plan is read as `rotate --apply` reads one, and its id must be the digest of it. Called by read-report.ts.
 */
import type { PlannedRotation } from '../core/contracts.ts';
import { planIdOf } from '../rotate/plan.ts';
import { checkPlan } from '../rotate/read-plan.ts';
import { asFields, type Fields, fieldsOf, ShapeError, textOf } from './json-fields.ts';

/** A run plans for 20 (MOST_PLANNED); each finding of a report is looked up among them. */
const MAX_ROTATIONS = 1000;

/** Throws ShapeError. */
export function toRotations(entries: readonly unknown[]): PlannedRotation[] {
  if (entries.length > MAX_ROTATIONS) throw new ShapeError(`rotations has more than ${MAX_ROTATIONS} entries`);
  return entries.map((entry) => toRotation(asFields(entry, 'rotations')));
}

function toRotation(entry: Fields): PlannedRotation {
  const finding = textOf(entry, 'finding');
  if (entry['refused'] !== undefined) return { finding, refused: textOf(entry, 'refused') };
  const id = textOf(entry, 'id');
  const plan = checkPlan(fieldsOf(entry, 'plan'));
  if (typeof plan === 'string') throw new ShapeError(`a plan of rotations cannot be read: ${plan}`);
  if (planIdOf(plan) !== id) throw new ShapeError('the id of a plan of rotations is not that of the plan');
  return { finding, id, plan };
}
