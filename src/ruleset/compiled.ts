/** What the rule compiler makes (at build time for the built-in rules, at start for a user's), and the engine runs. Plain data: it crosses threads. */
import type { Rule, RuleId } from '../core/rule.ts';

/** How a candidate of a program is confirmed. */
export type ProgramKind =
  /** The pattern begins within [at - beforeMax, at - beforeMin]. */
  | 'shape'
  /** A value that a keyword stands before: the pattern begins at the place. */
  | 'value'
  /** A keyword stands at the place; the value is what is assigned to the name that it is part of. */
  | 'keyword'
  /** A keyword stands at the place; the pattern is searched round it. */
  | 'search';

export const PROGRAM_KINDS: readonly ProgramKind[] = ['shape', 'value', 'keyword', 'search'];
export const PROGRAM_FIELDS = 5;

export type Program = {
  /** Index into `rules`. */
  readonly rule: number;
  readonly kind: ProgramKind;
  readonly beforeMin: number;
  readonly beforeMax: number;
  /** Bytes of the keyword, for `keyword` and `search`. */
  readonly keywordLength: number;
};

/** What the engine needs of a rule to confirm a candidate. */
export type CompiledRule = Pick<
  Rule,
  | 'id'
  | 'context'
  | 'within'
  | 'entropy'
  | 'generic'
  | 'rare'
  | 'checksum'
  | 'structure'
  | 'confidence'
  | 'keywords'
  | 'with'
  | 'alone'
  | 'severity'
  | 'provider'
  | 'name'
> & {
  /** Normal form of the pattern (write-pattern.ts), without `\b` at its ends and without anchor; the match is the group `whole`. */
  readonly source: string;
  readonly hasLeftBoundary: boolean;
  /** Most bytes that a match can have. */
  readonly maxLength: number;
  /** The pattern ends in `\b` after so many bytes of this class: as hex of a byte set; a match must not go on with one more. '' = no such end. */
  readonly endSet: string;
  /** The secret must have a digit, since a random one of its form has, or the rule says so. */
  readonly needsDigit: boolean;
  /** Opening that the rule fixes: what may be shown of a secret. */
  readonly prefix: string;
  /** From a user: its pattern never runs on a backtracking engine. */
  readonly isForeign: boolean;
};

export type CompiledRuleset = {
  readonly ids: readonly RuleId[];
  /** JSON of a CompiledRule for each rule, one behind the other: parsed when its first candidate comes (rule-view.ts), so that starting costs nothing for 1,000 rules. */
  readonly texts: Uint8Array;
  /** Where each rule's text ends in `texts`. */
  readonly ends: Uint32Array;
  readonly hasForeign: boolean;
  /** PROGRAM_FIELDS numbers for each program: rule, kind (PROGRAM_KINDS), beforeMin, beforeMax, keywordLength. */
  readonly programs: Int32Array;
  /** The kernel's tables from address 0 (src/core/kernel-layout.ts). */
  readonly image: Uint8Array;
};

/** Rules that the kernel cannot look for, and why: what `rules lint` reports. */
export type CompileFault = { readonly rule: RuleId; readonly reason: string };
