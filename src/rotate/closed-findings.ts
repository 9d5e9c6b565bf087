/**
 * Findings that were closed with proof, so that a scan says of them that they are dead, and since when; and opens them again when the value works, or stands at a place
 * where it did not before. In: the record, one JSON document of the user's, and findings with their verdicts. Out: verdicts, and the record as it is now. Pure.
 */
import type { Exposure, Finding, FindingId, Verdict } from '../core/contracts.ts';

export const CLOSED_SCHEMA = 'leakwarden/closed-findings@1';
/** Of one user. */
export const MAX_CLOSED = 100_000;

export type ClosedFinding = {
  readonly finding: FindingId;
  readonly rule: string;
  /** Id of the plan. */
  readonly plan: string;
  /** Who says that the value is dead: Issuer.id. */
  readonly by: string;
  /** What was rotated: `secret/app/db#password`, or whose credential it was. */
  readonly where: string;
  readonly deadSince: string;
  readonly closedAt: string;
  readonly exposure: Exposure;
  /** The evidence: when the old value was refused, and whether the new one works. */
  readonly refusedAt: readonly string[];
  readonly newWorks: boolean | null;
  /** Paths where the value stood when it was closed. */
  readonly paths: readonly string[];
  readonly reopened?: { readonly at: string; readonly because: string };
};

/** Returns the entries, or null for a text that is no such record. */
export function readClosed(text: string): ClosedFinding[] | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const { schema, closed } = value as Partial<Record<string, unknown>>;
    return schema === CLOSED_SCHEMA && Array.isArray(closed) && closed.length <= MAX_CLOSED && closed.every(isClosed) ? closed : null;
  } catch {
    // No JSON: the caller says so.
    return null;
  }
}

export function writeClosed(closed: readonly ClosedFinding[]): string {
  return `${JSON.stringify({ schema: CLOSED_SCHEMA, closed }, null, 1)}\n`;
}

/** Returns the record with one more entry; an earlier one of the same finding goes. */
export function withClosed(closed: readonly ClosedFinding[], added: ClosedFinding): ClosedFinding[] {
  return [...closed.filter(({ finding }) => finding !== added.finding), added].slice(-MAX_CLOSED);
}

export type Judged = {
  readonly findings: readonly Finding[];
  /** The record as it is now; the same object when nothing was opened again. */
  readonly closed: readonly ClosedFinding[];
  readonly reopened: readonly ClosedFinding[];
};

/** Live ones first, as before. */
export function judgeByClosed(findings: readonly Finding[], closed: readonly ClosedFinding[], now: Date): Judged {
  const byId = new Map(closed.map((one) => [one.finding, one]));
  const reopened: ClosedFinding[] = [];
  const judged = findings.map((finding) => {
    const known = byId.get(finding.id);
    if (known === undefined || known.reopened !== undefined) return finding;
    const because = whyOpen(finding, known);
    if (because === null) return { ...finding, verdict: verdictOf(known, finding.verdict) };
    reopened.push({ ...known, reopened: { at: now.toISOString(), because } });
    return finding;
  });
  const next = reopened.length === 0 ? closed : closed.map((one) => reopened.find(({ finding }) => finding === one.finding) ?? one);
  return { findings: judged, closed: next, reopened };
}

/** What a store said before the proof is no news: an index is up to a day old. */
function whyOpen({ verdict, places }: Finding, { paths, closedAt }: ClosedFinding): string | null {
  if (verdict.state === 'live' && verdict.at > closedAt) return `it works again, says ${verdict.by}`;
  const elsewhere = places.find(({ path }) => !paths.some((known) => isSame(path, known)));
  return elsewhere === undefined ? null : `it appeared in ${elsewhere.path}`;
}

/** Paths are as somebody wrote them, from whatever folder. */
function isSame(a: string, b: string): boolean {
  return a === b || a.endsWith(`/${b}`) || b.endsWith(`/${a}`);
}

/** The issuer's word counts more than what a store knows (src/check/verdict.ts). */
function verdictOf({ by, closedAt, where, deadSince, exposure }: ClosedFinding, known: Verdict): Verdict {
  const version = known.state === 'unknown' || known.version === undefined ? {} : { version: known.version };
  return { state: 'retired', by, at: closedAt, where, ...version, since: deadSince, exposure };
}

function isClosed(value: unknown): value is ClosedFinding {
  if (typeof value !== 'object' || value === null) return false;
  const { finding, rule, plan, by, where, deadSince, closedAt, exposure, refusedAt, newWorks, paths, reopened } = value as Partial<
    Record<string, unknown>
  >;
  const isTexts = (list: unknown): boolean => Array.isArray(list) && list.every((one) => typeof one === 'string');
  return (
    [finding, rule, plan, by, where, deadSince, closedAt].every((one) => typeof one === 'string') &&
    typeof exposure === 'object' &&
    exposure !== null &&
    isTexts(refusedAt) &&
    isTexts(paths) &&
    (newWorks === null || typeof newWorks === 'boolean') &&
    (reopened === undefined || (typeof reopened === 'object' && reopened !== null))
  );
}
