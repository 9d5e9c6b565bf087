/**
 * A confirmed match as the engine passes it on: made by judge-hit.ts from a rule's hit, or here from a value that no rule speaks for; what it is in a file of a certain
 * role. Pure.
 */
import type { Confidence } from '../core/rule.ts';
import type { Details } from '../ruleset/structures/index.ts';
import { entropyBitsPerChar } from './entropy.ts';
import type { FileRole } from './file-role.ts';
import type { VerdictByRole } from './generic.ts';

/** A confirmed match; offsets in the text it was found in. */
export type RawMatch = {
  readonly rule: number;
  readonly start: number;
  readonly end: number;
  readonly secretStart: number;
  readonly secretEnd: number;
  readonly secret: string;
  /** What of the secret must be guessed, where the rule's pattern names it (group `password`): start and end. */
  readonly password: readonly [number, number] | null;
  readonly confidence: Confidence;
  /** Of a rule with a context: how sure it is in a file of each role (inRole). null: the same in all. */
  readonly byRole: VerdictByRole | null;
  readonly entropy: number;
  readonly checksum: 'valid' | 'invalid' | 'none';
  /** Why it is certainly none, and why it may be none; at most one of them. */
  readonly placeholder: string | null;
  readonly doubt: string | null;
  /** What it tells of its owner (src/ruleset/structures/). */
  readonly details: Details;
};

/** Returns the match as it is in a file of that role, or null where it is none there. */
export function inRole(match: RawMatch, role: FileRole): RawMatch | null {
  if (!match.byRole) return match;
  const verdict = match.byRole[role];
  if (verdict === undefined) return null;
  const doubt = match.placeholder === null ? (match.doubt ?? verdict.doubt) : null;
  return { ...match, doubt, confidence: match.checksum === 'invalid' || doubt !== null ? 'low' : verdict.confidence };
}

/** Returns a value that no rule speaks for: of the place of a password, or of a store. */
export function assignedValue(rule: number, start: number, end: number, secret: string): RawMatch {
  return {
    rule,
    start,
    end,
    secretStart: start,
    secretEnd: end,
    secret,
    password: null,
    confidence: 'low',
    doubt: null,
    byRole: null,
    entropy: entropyBitsPerChar(secret),
    checksum: 'none',
    placeholder: null,
    details: {},
  };
}
