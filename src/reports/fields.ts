/**
 * What a finding looks like in the machine-readable reports: json and jsonl write exactly these fields, in this order.
 * The value of a secret is among them only when the user asked for it (`reveal`).
 */
import type { AuditedRepository, Finding, FindingHistory, Part, Place, Problem, Report, Suppressed, Verdict } from '../core/contracts.ts';
import { describe, type ErrorCode, hintOf } from '../core/errors.ts';
import type { Confidence, Severity } from '../core/rule.ts';
import { reveal, type Secret } from '../core/secret.ts';
import { maskPath, maskText, pageOf } from './mask.ts';

export const REPORT_SCHEMA = 'leakwarden/report@1';

export type PlaceFields = Omit<Place, 'span'>;

type SecretFields = { readonly preview: string; readonly length: number; readonly value?: string };

export type FindingFields = {
  readonly id: string;
  readonly rule: string;
  readonly name: string;
  readonly provider: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly secret: SecretFields;
  readonly entropy: number;
  readonly checksum: Finding['checksum'];
  readonly details: Finding['details'];
  readonly parts: Readonly<Record<string, { readonly rule: string; readonly secret: SecretFields; readonly place: PlaceFields }>>;
  readonly places: readonly PlaceFields[];
  readonly verdict: Verdict;
  readonly history?: FindingHistory;
};

export type SuppressedFields = { readonly by: string; readonly reason: string; readonly finding: FindingFields };

export type ProblemFields = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly where: string;
  readonly data: Problem['data'];
};

export function findingFields(finding: Finding, isRevealed: boolean): FindingFields {
  const history = historyFields(finding);
  const parts = Object.entries(finding.parts).map(([name, part]) => [name, partFields(part, finding, isRevealed)] as const);
  return {
    id: finding.id,
    rule: finding.rule,
    name: finding.name,
    provider: finding.provider,
    severity: finding.severity,
    confidence: finding.confidence,
    secret: secretFields(finding.secret, finding.preview, isRevealed),
    entropy: Math.round(finding.entropy * 1000) / 1000,
    checksum: finding.checksum,
    details: detailFields(finding),
    parts: Object.fromEntries(parts),
    places: finding.places.map((place) => placeFields(place, finding)),
    verdict: finding.verdict,
    ...(history ? { history } : {}),
  };
}

/** Returns a finding's history; names of people, branches and files come from the scanned side, and may repeat the value. */
export function historyFields(finding: Finding): FindingHistory | undefined {
  const { history } = finding;
  if (history === undefined) return undefined;
  const masked = (names: readonly string[]): string[] => names.map((name) => maskPath(name, finding));
  const { author, authorEmail, paths, branches, tags, refs, today } = history;
  return {
    ...history,
    author: author === null ? null : maskText(author, finding),
    ...(authorEmail === undefined ? {} : { authorEmail: maskText(authorEmail, finding) }),
    paths: masked(paths),
    branches: masked(branches),
    tags: masked(tags),
    refs: masked(refs),
    today: masked(today),
  };
}

export function suppressedFields(suppressed: Suppressed, isRevealed: boolean): SuppressedFields {
  return {
    by: suppressed.by,
    reason: maskText(suppressed.reason, suppressed.finding),
    finding: findingFields(suppressed.finding, isRevealed),
  };
}

export function problemFields(problem: Problem): ProblemFields {
  return {
    code: problem.code,
    message: describe(problem.code, problem.data),
    hint: hintOf(problem.code, problem.data),
    where: problem.where,
    data: problem.data,
  };
}

export type HeadFields = {
  readonly schema: string;
  readonly tool: Report['tool'];
  readonly started: string;
  readonly inputs: readonly string[];
  readonly repositories?: readonly AuditedRepository[];
  readonly rotations?: Report['rotations'];
};

/** Returns what stands at the head of a report: who made it, when, of what. */
export function headFields({ tool, started, inputs, repositories, rotations }: Report): HeadFields {
  return { schema: REPORT_SCHEMA, tool, started, inputs, ...(repositories ? { repositories } : {}), ...(rotations ? { rotations } : {}) };
}

/** Returns what the credential tells of its owner; should a detail hold the secret after all, it is masked. */
export function detailFields(finding: Finding): Finding['details'] {
  return Object.fromEntries(Object.entries(finding.details).map(([label, text]) => [label, maskText(text, finding)]));
}

/** Returns the value of a secret for a report in which the user asked for values. */
export function revealedValue(secret: Secret): string {
  return reveal(secret, 'report');
}

function secretFields(secret: Secret, preview: string, isRevealed: boolean): SecretFields {
  return { preview, length: secret.length, ...(isRevealed ? { value: revealedValue(secret) } : {}) };
}

function partFields(part: Part, finding: Finding, isRevealed: boolean): FindingFields['parts'][string] {
  return { rule: part.rule, secret: secretFields(part.secret, '', isRevealed), place: placeFields(part.place, finding) };
}

function placeFields(place: Place, finding: Finding): PlaceFields {
  const { line, column, endLine, endColumn, decoded, commit } = place;
  const url = pageOf(place, finding);
  const rest = { ...(decoded ? { decoded } : {}), ...(commit === undefined ? {} : { commit }), ...(url === undefined ? {} : { url }) };
  return { path: maskPath(place.path, finding), line, column, endLine, endColumn, ...rest };
}
