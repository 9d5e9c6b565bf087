/**
 * What the suppressors are built from: plain data that the CLI has read from options, configuration and files. Nothing in src/suppress
 * touches a disk. Every entry carries where it was written, so that a suppression can name its cause.
 */
import { relative, resolve, sep } from 'node:path';
import type { FindingId, Match } from '../core/contracts.ts';
import type { Confidence, RuleId } from '../core/rule.ts';
import type { BaselineEntry } from './baseline.ts';
import type { IgnoredId } from './fingerprints.ts';
import type { IgnoredPlace } from './gitleaks-ignore.ts';
import type { ReportedSecret } from './gitleaks-report.ts';
import type { Glob } from './glob.ts';
import type { HashedSecret } from './secrets-baseline.ts';

/** Where an entry was written, for people: `leakwarden.toml:12`. */
export type Origin = string;

/** One `[[allow]]` of the configuration. All that it names must hold; it names at least one of `id`, `rule` and `path`. */
export type AllowEntry = {
  readonly id: FindingId | null;
  readonly rule: RuleId | null;
  readonly path: Glob | null;
  readonly reason: string | null;
  readonly from: Origin;
};

export type SuppressSettings = {
  /** Absolute; the paths of places are relative to it. */
  readonly cwd: string;
  /** Absolute; globs, baselines and ignore files speak of paths below it. */
  readonly root: string;
  readonly allow: readonly AllowEntry[];
  /** Matches below it are not reported; null reports all but what looks like a sample. */
  readonly minConfidence: { readonly level: Confidence; readonly from: Origin } | null;
  readonly ignoredIds: readonly IgnoredId[];
  readonly baseline: readonly BaselineEntry[];
  readonly ignoredPlaces: readonly IgnoredPlace[];
  readonly reportedSecrets: readonly ReportedSecret[];
  readonly hashedSecrets: readonly HashedSecret[];
};

export const NO_SUPPRESSIONS: Omit<SuppressSettings, 'cwd' | 'root'> = {
  allow: [],
  minConfidence: null,
  ignoredIds: [],
  baseline: [],
  ignoredPlaces: [],
  reportedSecrets: [],
  hashedSecrets: [],
};

export type IdOf = (match: Match) => FindingId;

/** Returns a place's path as configuration names it: relative to the root, with `/`. */
export function pathFromRoot(path: string, { cwd, root }: Pick<SuppressSettings, 'cwd' | 'root'>): string {
  const fromRoot = cwd === root && !path.startsWith('.') && !path.startsWith('/') ? path : relative(root, resolve(cwd, path));
  return sep === '/' ? fromRoot : fromRoot.replaceAll(sep, '/');
}

/** Returns `reason (origin)`, or the origin alone. */
export function because(reason: string | null, from: Origin): string {
  return reason === null || reason === '' ? from : `${reason} (${from})`;
}
