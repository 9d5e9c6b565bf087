/** Plans the rotation of one finding: where the value is kept, who makes a new one, what both would do. Changes nothing. Called by `rotate` and by `--rotate=plan`. */
import type { Finding } from '../core/contracts.ts';
import { RotationError } from '../core/rotation.ts';
import type { Secret } from '../core/secret.ts';
import { makePlan, PROOF_SECONDS, SETTLING_SECONDS } from '../rotate/make-plan.ts';
import type { RotationPlan } from '../rotate/plan.ts';
import { hasIndex } from './index-files.ts';
import type { Io } from './io.ts';
import { locateStored } from './locate-stored.ts';
import { besideOf, closeParticipants, openParticipants, rotatorByRule } from './rotation-participants.ts';
import { type NamedRotator, type Rotators, readRotators, rotatorOfPlace, rotatorOfRule, rotatorsFile } from './rotators-file.ts';

export type PlanOptions = {
  /** `either`: a replacement where a store holds it, else the end of it at its issuer. */
  readonly what: RotationPlan['what'] | 'either';
  readonly at: string | undefined;
  readonly settlingSeconds: number | undefined;
  readonly proofSeconds: number | undefined;
};

/** Throws RotationError, ToolError. */
export async function planRotation(finding: Finding, options: PlanOptions, io: Io): Promise<RotationPlan> {
  const { what, at } = options;
  const signal = new AbortController().signal;
  const rotators = await readRotators(rotatorsFile(io.env));
  const isStored = what === 'replace' || (what === 'either' && hasIndex(io.env));
  const found = isStored ? await locateStored(finding, at, signal, io) : null;
  if (what === 'replace' && found === null)
    throw new RotationError('cannot', 'no store that is indexed holds it as a current version: to end it at its issuer, add --revoke', {
      mayHaveHappened: false,
    });
  const place = found?.place ?? null;
  const rotator = place === null ? await rotatorToRevoke(rotators, finding, io) : rotatorOfPlace(rotators, place.name, place);
  const old: Secret = found?.old ?? finding.secret;
  // A store's value is rotated with what stands in the store, whatever lay beside it where it leaked.
  const beside = place === null ? besideOf(finding) : new Map<string, Secret>();
  const participants = await openParticipants({ place, rotator, beside }, io);
  try {
    return await makePlan({
      what: place === null ? 'revoke' : 'replace',
      finding,
      participants,
      place,
      old,
      settlingSeconds: options.settlingSeconds ?? rotator?.settlingSeconds ?? SETTLING_SECONDS,
      proofSeconds: options.proofSeconds ?? rotator?.proofSeconds ?? PROOF_SECONDS,
      approvals: approvalsFor(place, rotator, rotators),
      minutes: rotators.planMinutes,
      version: io.version,
      now: io.now(),
      signal,
    });
  } finally {
    await closeParticipants(participants);
  }
}

async function rotatorToRevoke(rotators: Rotators, { rule }: Finding, io: Io): Promise<NamedRotator | null> {
  return rotatorOfRule(rotators, rule) ?? (await rotatorByRule(rule, io));
}

/** Returns how many people must approve a plan by what the owner's list says now, whatever the plan says. */
export async function requiredApprovals({ place, issuer }: RotationPlan, io: Io): Promise<number> {
  const rotators = await readRotators(rotatorsFile(io.env));
  return approvalsFor(place, rotators.rotators.find(({ name }) => name === issuer?.rotator) ?? null, rotators);
}

function approvalsFor(place: RotationPlan['place'], rotator: NamedRotator | null, { protected: stores }: Rotators): number {
  const usual = place !== null && stores.includes(place.name) ? 2 : 1;
  return Math.max(usual, rotator?.approvals ?? 1);
}
