/**
 * A plan: all that a rotation will do, on paper, before anything is done. In: what the participants offer (StorePart, IssuerPart) and what it is about. Out: a
 * document whose id is the digest of its canonical form (RFC 8785), so that what is applied is what was read. It holds no secret: of the leaked value a salted slow
 * digest, by which whoever applies the plan knows the value again. Made by the command line; `--apply` makes it anew from the far sides and compares.
 */
import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../core/canonical-json.ts';
import {
  type IssuerPart,
  ROTATION_STATES,
  type RotationAction,
  type RotationState,
  type StoredPlace,
  type StorePart,
} from '../core/rotation.ts';
import { reveal, type Secret } from '../core/secret.ts';

export const PLAN_SCHEMA = 'leakwarden/rotation-plan@1';

/** What was seen is believed so long: usually, and where the owner says so. */
export const PLAN_MINUTES = 15;
export const MAX_PLAN_MINUTES = 1440;
/** As the index stretches values that can be guessed: 32 MiB and about 0.1 s. */
const SCRYPT = { N: 1 << 15, r: 8, p: 1, maxmem: 64 << 20 } as const;
const PRINT_BYTES = 16;
/** Of UUIDv5, made once for this purpose. */
const NAMESPACE = Buffer.from('6f0c7c1e6b4b5d0e9d1f4f0f2a7c9b31', 'hex');

export type PlanStep = {
  readonly id: string;
  readonly by: 'store' | 'issuer';
  readonly reaches: RotationState;
  readonly does: string;
  readonly repeat: RotationAction['repeat'];
  readonly effects: readonly string[];
  /** How it is taken back; null: it cannot be. */
  readonly undo: string | null;
};

export type RotationPlan = {
  readonly schema: typeof PLAN_SCHEMA;
  readonly tool: string;
  readonly madeAt: string;
  readonly expiresAt: string;
  /** `revoke`: only the end of the leaked one. */
  readonly what: 'replace' | 'revoke';
  readonly finding: {
    readonly id: string;
    readonly rule: string;
    /** `path:line`, the first few. */
    readonly places: readonly string[];
    /** Files that hold it, or held it: that it stands in one of these is no news later. */
    readonly paths: readonly string[];
    /** When it was first committed; null where that is not known. */
    readonly exposedSince: string | null;
  };
  /** Salted digest of the leaked value. */
  readonly old: { readonly salt: string; readonly print: string };
  /** `name`: of the store in stores.toml. */
  readonly place: (StoredPlace & { readonly name: string }) | null;
  readonly issuer: { readonly rotator: string; readonly kind: string; readonly identity: string } | null;
  /** The store makes the new value itself. */
  readonly makesValue: boolean;
  readonly steps: readonly PlanStep[];
  readonly consumers: readonly string[];
  readonly warnings: readonly string[];
  /** Between the new value's coming into force and the old one's end. */
  readonly settlingSeconds: number;
  /** Over which the old one must be refused three times. */
  readonly proofSeconds: number;
  /** Names that must approve. */
  readonly approvals: number;
};

export type PlannedAction = { readonly by: PlanStep['by']; readonly action: RotationAction };

const FIRST_ACTION = ROTATION_STATES.indexOf('CREATED');
const LAST_ACTION = ROTATION_STATES.indexOf('OLD_DISABLED');

/**
 * Returns the actions of both participants in the order in which they run: by state; within one the issuer first, but for the end of the old value, where what can be
 * undone (the store) goes before what often cannot (the issuer). Throws RangeError for actions that no run could hold.
 */
export function composeActions(store: StorePart | null, issuer: IssuerPart | null): readonly PlannedAction[] {
  const of = (by: PlanStep['by'], actions: readonly RotationAction[] = []): PlannedAction[] => actions.map((action) => ({ by, action }));
  const all = [...of('issuer', issuer?.actions), ...of('store', store?.actions)];
  const stateOf = ({ action }: PlannedAction): number => ROTATION_STATES.indexOf(action.reaches);
  const rankOf = ({ by, action }: PlannedAction): number => ((by === 'issuer') === (action.reaches !== 'OLD_DISABLED') ? 0 : 1);
  const misplaced = all.find((one) => stateOf(one) < FIRST_ACTION || stateOf(one) > LAST_ACTION);
  if (misplaced) throw new RangeError(`the action ${misplaced.action.id} reaches ${misplaced.action.reaches}, which is the run's own`);
  const twice = all.find(({ action }, at) => all.findIndex((other) => other.action.id === action.id) !== at);
  if (twice) throw new RangeError(`two actions are called ${twice.action.id}`);
  return all.toSorted((a, b) => stateOf(a) - stateOf(b) || rankOf(a) - rankOf(b));
}

export function stepsOf(actions: readonly PlannedAction[]): PlanStep[] {
  return actions.map(({ by, action: { id, reaches, does, repeat, effects, undo } }) => {
    return { id, by, reaches, does, repeat, effects: [...effects], undo: undo?.does ?? null };
  });
}

/** Returns the text whose SHA-256 is the plan's id. */
export function planText(plan: RotationPlan): string {
  return canonicalJson(plan);
}

/** 64 hexadecimal digits. */
export function planIdOf(plan: RotationPlan): string {
  return createHash('sha256').update(planText(plan)).digest('hex');
}

/** Returns the UUIDv5 (RFC 9562) that far sides know the run by: the same for every attempt at the plan. */
export function rotationIdOf(planId: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(planId).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Returns the digest by which a value is known again; costs about 0.1 s, so that it cannot be found by trying. */
export function printOf(value: Secret): RotationPlan['old'] {
  const salt = randomBytes(16).toString('hex');
  return { salt, print: digest(value, salt) };
}

export function isPrintOf({ salt, print }: RotationPlan['old'], value: Secret): boolean {
  const [a, b] = [Buffer.from(print), Buffer.from(digest(value, salt))];
  return a.length === b.length && timingSafeEqual(a, b);
}

function digest(value: Secret, salt: string): string {
  return scryptSync(reveal(value, 'digest'), `${PLAN_SCHEMA}\0${salt}`, PRINT_BYTES, SCRYPT).toString('hex');
}

/** Returns what of a plan is about the far sides, in one text: equal as long as nothing moved. */
export function substanceOf({ what, place, issuer, makesValue, steps, finding }: RotationPlan): string {
  return canonicalJson({ what, place, issuer, makesValue, steps, finding: finding.id });
}
