/**
 * Makes the plan of one finding from what its participants say, and makes it again when it is applied, to see that nothing moved. In: participants, place, value. Out:
 * RotationPlan, which holds no secret. Throws RotationError.
 */
import type { Finding } from '../core/contracts.ts';
import type { StoredPlace } from '../core/rotation.ts';
import { RotationError } from '../core/rotation.ts';
import type { Secret } from '../core/secret.ts';
import { refusedPlace } from './guards.ts';
import { askParts, type Participants, type Parts } from './parts.ts';
import { PLAN_SCHEMA, printOf, type RotationPlan, stepsOf } from './plan.ts';

/** Between the new value's coming into force and the old one's end, and over which the old one must be refused: facts/stores.md 6.2. */
export const SETTLING_SECONDS = 600;
export const PROOF_SECONDS = 60;
/** Places of a finding that a plan names. */
const MOST_PLACES = 20;
/** As many as a plan may have sentences. */
const MOST_PATHS = 1000;

export type PlanRequest = {
  readonly what: RotationPlan['what'];
  readonly finding: Finding;
  readonly participants: Participants;
  readonly place: RotationPlan['place'];
  /** The value as it is stored: a password, where an address with the password in it was found. */
  readonly old: Secret;
  readonly settlingSeconds: number;
  readonly proofSeconds: number;
  readonly approvals: number;
  /** How long it is good for. */
  readonly minutes: number;
  readonly version: string;
  readonly now: Date;
  readonly signal: AbortSignal;
};

export async function makePlan(request: PlanRequest): Promise<RotationPlan> {
  const { what, finding, participants, place, old, settlingSeconds, proofSeconds, approvals, minutes, version, now, signal } = request;
  const refusal = place === null ? null : refusedPlace(place.ref, place.field);
  if (refusal !== null) throw new RotationError('cannot', refusal, { mayHaveHappened: false });
  const parts = await askParts(participants, { what, place: storedPlaceOf(place), old, signal, isBegun: false });
  const places = finding.places.slice(0, MOST_PLACES).map(({ path, line }) => `${path}:${line}`);
  const paths = [...new Set([...finding.places.map(({ path }) => path), ...(finding.history?.paths ?? [])])].slice(0, MOST_PATHS);
  return {
    schema: PLAN_SCHEMA,
    tool: `leakwarden ${version}`,
    madeAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + 60_000 * minutes).toISOString(),
    what,
    finding: { id: finding.id, rule: finding.rule, places, paths, exposedSince: finding.history?.firstSeen ?? null },
    old: printOf(old),
    ...substanceFrom(participants, place, parts),
    consumers: [...(parts.store?.consumers ?? [])],
    warnings: [...(parts.issuer?.warnings ?? []), ...(parts.store?.warnings ?? []), ...(await ownWarnings(request, parts))],
    settlingSeconds: what === 'revoke' ? 0 : settlingSeconds,
    proofSeconds,
    approvals,
  };
}

/** Returns what of a plan comes from the far sides. */
export function substanceFrom(
  { issuer }: Participants,
  place: RotationPlan['place'],
  parts: Parts,
): Pick<RotationPlan, 'place' | 'issuer' | 'makesValue' | 'steps'> {
  return {
    place,
    issuer: issuer && { rotator: issuer.rotator, kind: issuer.kind, identity: parts.issuer?.identity ?? issuer.issuer.id },
    makesValue: parts.store?.makesValue ?? false,
    steps: stepsOf(parts.actions),
  };
}

/** Participants see the place without our own name for its store. */
export function storedPlaceOf(place: RotationPlan['place']): StoredPlace | null {
  if (place === null) return null;
  const { name: _, ...stored } = place;
  return stored;
}

async function ownWarnings({ participants: { issuer }, old, signal }: PlanRequest, { actions }: Parts): Promise<string[]> {
  const final = actions.filter(({ action }) => action.undo === null).map(({ action }) => `this cannot be taken back: ${action.does}`);
  if (issuer === null)
    return [...final, 'nobody can be asked whether values work: at the end a person has to say that the old one is dead'];
  const answer = await issuer.issuer.check(old, signal);
  if (answer.state === 'refused') return [...final, `${issuer.issuer.id} refuses the leaked value already`];
  if (answer.state === 'unknown') return [...final, `${issuer.issuer.id} cannot say whether the leaked value works (${answer.why})`];
  return final;
}
