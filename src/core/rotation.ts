/**
 * What rotation is made of: contracts between those who take part in one (stores that hold the credential, issuers that made it) and what runs it (src/rotate).
 * No I/O.
 *
 * A rotation is a list of actions in the order of the states that they reach. Each can say whether it has happened by asking the far side, so that a run that was
 * killed goes on from the truth and not from what it remembers.
 */
import type { Secret } from './secret.ts';
import type { StoreFailure } from './stores.ts';

/** The way of a credential from found to dead; a rotation whose participants do nothing for a state passes through it. */
export const ROTATION_STATES = [
  'FOUND',
  'CORRELATED',
  'PLANNED',
  'APPROVED',
  'LOCKED',
  /** The new credential exists, and its value is kept where a crash cannot lose it. */
  'CREATED',
  /** The issuer accepts it. */
  'APPLIED',
  /** It was tried and works. */
  'TESTED',
  /** The store gives it to those who read the secret. From here on a failure is rolled back, no longer discarded. */
  'PROMOTED',
  /** Readers change over. */
  'SETTLING',
  /** The old one is switched off, in a way that can be undone where the issuer has one. */
  'OLD_DISABLED',
  /** The old one was refused, several times over a while. */
  'OLD_DEAD',
  'CLOSED',
] as const;
export type RotationState = (typeof ROTATION_STATES)[number];

/** How a rotation ends otherwise. */
export const ROTATION_ENDS = [
  /** Failed before PROMOTED: the new one is thrown away, the old one untouched. */
  'ABORTED_SAFE',
  /** Failed after it: the old one is current again, and still exposed. */
  'ROLLED_BACK',
  /** What happened is not known, or cannot be undone; a person decides. */
  'NEEDS_HUMAN',
] as const;
export type RotationEnd = (typeof ROTATION_ENDS)[number];

/** Where a credential is kept: one field of one version of one secret, as it was when the plan was made. */
export type StoredPlace = {
  /** SecretStore.id. */
  readonly store: string;
  /** StoredSecret.ref: exact, never a prefix or a pattern. */
  readonly ref: string;
  readonly field: string;
  readonly version: string;
  /** StoredSecret.change; another one means that somebody else was here since. */
  readonly change: string;
};

/** What a run lends to its actions. */
export type RotationRun = {
  /** UUIDv5 of the plan: the same for every attempt, so a far side that takes a request token does the thing once. */
  readonly id: string;
  /** The value that leaked. */
  readonly old: Secret;
  /** The value that replaces it: null before CREATED. */
  readonly fresh: Secret | null;
  /** Keeps the new value, sealed, until the rotation has ended; to be called before anybody else learns it. The same value again is no error. */
  readonly keep: (value: Secret) => Promise<void>;
  /** What has no secret in it and a later action needs: a version's number, a key's id. Journalled; undefined when not set. */
  readonly fact: (name: string) => string | undefined;
  readonly setFact: (name: string, value: string) => Promise<void>;
  readonly signal: AbortSignal;
};

/** `unclear`: the far side cannot tell. */
export type Happened = 'yes' | 'no' | 'unclear';

export type RotationAction = {
  /** Unique within a rotation, stable from run to run: `vault-kv:write`. */
  readonly id: string;
  /** The state that it leads to; actions of one state run in the order given. */
  readonly reaches: RotationState;
  /** What it does, for the plan, with exact identifiers and versions: `writes version 4 of secret/app/db (check-and-set 3)`. The same text as long as nothing moved. */
  readonly does: string;
  /** Whether it may be done again: always; when `happened` says no; or never, and a person decides when it is unclear. */
  readonly repeat: 'always' | 'when-not-done' | 'never';
  /** What stops working, who is told: sentences for the plan. */
  readonly effects: readonly string[];
  /** Asks, and changes nothing. Throws RotationError. */
  readonly happened: (run: RotationRun) => Promise<Happened>;
  /** Throws RotationError. */
  readonly act: (run: RotationRun) => Promise<void>;
  /** How it is taken back; null where it cannot be. Taking back what did not happen does nothing. */
  readonly undo: null | { readonly does: string; readonly act: (run: RotationRun) => Promise<void> };
};

/** What another field of the secret becomes: known when the plan is made, or the fact of the run that says it once the new credential exists. No secrets. */
export type FieldText = string | { readonly fact: string };
export type FieldTexts = Readonly<Record<string, FieldText>>;

/** Returns the fields as they are to be written now. Throws RotationError for one that is not known yet. */
export function fieldsOf(fields: FieldTexts, run: Pick<RotationRun, 'fact'>): Record<string, string> {
  const texts = Object.entries(fields).map(([name, given]) => {
    const text = typeof given === 'string' ? given : run.fact(given.fact);
    if (text !== undefined) return [name, text] as const;
    throw new RotationError('cannot', `what ${name} becomes is not known yet`, { mayHaveHappened: false });
  });
  return Object.fromEntries(texts);
}

/** What a store does in a rotation. */
export type StorePart = {
  /**
   * Whether the store makes the new value (a static role, RotateSecret, a lease's next one); if not, an issuer or the owner's program must, and the store only
   * holds it. RotationRun.fresh is then set by an action, and stays null where the store does not give the new value to us.
   */
  readonly makesValue: boolean;
  readonly actions: readonly RotationAction[];
  /** Names of other fields of the same secret that are written with the value; who was asked for one and does not list it cannot. */
  readonly alsoWrites?: readonly string[];
  /** Who reads the secret today, as far as the store tells: sentences for the plan. */
  readonly consumers: readonly string[];
  /** What the owner should know before: an owner operator, alternating users, no rollback. */
  readonly warnings: readonly string[];
};

/** A store that can be changed; made by StoreKind.createRotator. Reads before it promises: what it cannot do it refuses here, not halfway. */
export interface StoreRotator {
  readonly id: string;
  /**
   * Throws RotationError `cannot` (owned by an operator, no right to write), `moved` (the place is not as given), or why the store failed.
   * `isBegun`: a run of this plan has begun, and may itself have moved the place: that is no error then, and the actions are those of before, by id and order.
   * `fields`: IssuerPart.fields. Whoever runs the rotation refuses it when StorePart.alsoWrites lacks one of them.
   */
  readonly plan: (place: StoredPlace, signal: AbortSignal, isBegun?: boolean, fields?: FieldTexts) => Promise<StorePart>;
  close(): Promise<void>;
}

/** What an issuer says of a credential. `unknown` is no refusal. */
export type IssuerAnswer =
  | { readonly state: 'accepted'; readonly identity?: string; readonly scopes?: readonly string[]; readonly expiresAt?: string }
  | { readonly state: 'refused' }
  | {
      readonly state: 'unknown';
      readonly why: 'denied' | 'unreachable' | 'timed-out' | 'rate-limited' | 'odd-reply' | 'no-checker';
      /** What it said, in our words: a clause for people. */
      readonly detail?: string;
    };

/** What an issuer does in a rotation or in a revocation. */
export type IssuerPart = {
  /** Exactly whose credential it is, as the issuer names it: `role app on db.example:5432`, `token 4711 of alice`. */
  readonly identity: string;
  /** Other fields of the secret that change with the value, by name: two users that alternate have another `username` each time. */
  readonly fields?: FieldTexts;
  /** CREATED, APPLIED, TESTED, OLD_DISABLED and the kill (reaches OLD_DISABLED too: OLD_DEAD is the run's own proof). */
  readonly actions: readonly RotationAction[];
  readonly warnings: readonly string[];
};

/** Whoever made the credential and can replace or revoke it; made by IssuerKind.create. */
export interface Issuer {
  readonly id: string;
  /** Whether it accepts the value. One request that changes nothing. */
  check(value: Secret, signal: AbortSignal): Promise<IssuerAnswer>;
  /**
   * `replace`: a new credential and then the end of the old one; `revoke`: only the end of it. Throws RotationError `cannot`, `ambiguous`.
   * `isBegun`: as for a store; the old value may be dead already.
   */
  plan(what: 'replace' | 'revoke', old: Secret, signal: AbortSignal, isBegun?: boolean): Promise<IssuerPart>;
  close(): Promise<void>;
}

export const ROTATION_FAILURES = [
  /** Another version, another owner than the plan saw. */
  'moved',
  /** The far side offers no way, or not to us. */
  'cannot',
  /** More than one credential fits: nothing is guessed. */
  'ambiguous',
  /** The far side said no to this very request (check-and-set, a validation). */
  'refused',
] as const;
export type RotationFailure = (typeof ROTATION_FAILURES)[number] | StoreFailure;

/** Thrown by participants. Its message is ours, never a reply's text, which may hold a secret. */
export class RotationError extends Error {
  readonly why: RotationFailure;
  /** False only when it is certain that nothing was changed. */
  readonly mayHaveHappened: boolean;

  constructor(why: RotationFailure, message: string, options: { readonly mayHaveHappened: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'RotationError';
    this.why = why;
    this.mayHaveHappened = options.mayHaveHappened;
  }
}
