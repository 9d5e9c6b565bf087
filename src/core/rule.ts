/** What a rule is: data, as it stands in rules/<category>/<provider>.yml (rules/schema.json is its schema, docs/rules.md its guide). */
import type { IssuerCheck, IssuerRevocation } from './issuer-requests.ts';

export type RuleId = string;

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const CONFIDENCES = ['high', 'medium', 'low'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** How the place of a value counts. See docs/rules.md, "Three kinds of rules". */
export type Context =
  /** The pattern says it all by itself. */
  | 'none'
  /** A keyword must stand in the name that the value is assigned to. */
  | 'assignment'
  /** A keyword must stand within `within` bytes before the value. */
  | 'nearby';

/** Another rule whose match close by belongs to the same credential. */
export type Companion = {
  readonly rule: RuleId;
  /** Name of the part in the finding. */
  readonly as: string;
  /** At most so many lines away, in either direction. */
  readonly lines: number;
  /** Without it the match is dropped. */
  readonly required: boolean;
};

export type NegativeExample = { readonly text: string; readonly because: string };

export type Rule = {
  readonly id: RuleId;
  readonly name: string;
  readonly provider: string;
  readonly category: string;
  readonly description: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly keywords: readonly string[];
  /** RE2 syntax over bytes; one group named `secret`. */
  readonly pattern: string;
  readonly context: Context;
  /** Bytes before the value in which a keyword counts (context `nearby` and `assignment`). */
  readonly within: number;
  /** Least Shannon entropy of the secret, bits per character. */
  readonly entropy: number;
  /** Values are judged by rarity, words and context, not by form: the generic rules. */
  readonly generic: boolean;
  /** The value must hold a digit among its first DIGIT_BYTES: for names as common as `key`. */
  readonly digit: boolean;
  /** The value must look random, as generic rules ask of a password: for places where names and words stand as often. */
  readonly rare: boolean;
  readonly checksum: { readonly id: string; readonly seed?: string } | null;
  /** How the issuer built it (src/ruleset/structures/), which is checked, and read for what it tells of its owner. */
  readonly structure: { readonly id: string; readonly at?: string; readonly part?: number; readonly label?: string } | null;
  readonly with: readonly Companion[];
  /** False: never reported by itself, only as a part of another rule's finding. */
  readonly alone: boolean;
  readonly overlaps: readonly RuleId[];
  readonly references: readonly string[];
  /** How the issuer says whether a value works, and how it ends it; null where none is known. */
  readonly check: IssuerCheck | null;
  readonly revoke: IssuerRevocation | null;
  readonly guide: string | null;
  readonly examples: readonly string[];
  readonly not: readonly NegativeExample[];
};
