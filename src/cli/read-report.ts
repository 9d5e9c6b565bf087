/**
 * Reads a saved JSON report (`leakwarden/report@1`, src/reports/fields.ts) back, so that it can be written in another form. The values are not in
 * it (or are not taken over): secrets keep their length only. Called by the report command.
 */
import {
  type AuditedRepository,
  ENCODINGS,
  type Finding,
  type FindingHistory,
  type FindingId,
  type Part,
  type Place,
  type Problem,
  type Report,
  type Suppressed,
  type Verdict,
} from '../core/contracts.ts';
import { ERRORS, type ErrorCode, ToolError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { asFields, type Fields, fieldsOf, isFields, listOf, numberOf, oneOf, optional, ShapeError, textOf } from './json-fields.ts';
import { toRotations } from './read-rotations.ts';
import { readText, shortReason } from './read-text.ts';

/** Bytes; V8's longest string is twice that. */
const MAX_REPORT_BYTES = 256 << 20;
/** Characters of a secret: longer than any match. */
const MAX_SECRET_CHARS = 1 << 20;

const SCHEMA = 'leakwarden/report@1';

/** Throws ToolError `report-invalid`. */
export function readReport(path: string): Report {
  return readReportAndValues(path).report;
}

/** As readReport; `values` are those of a report that was written with --reveal, by the findings' ids. Throws ToolError `report-invalid`. */
export function readReportAndValues(path: string): { report: Report; values: ReadonlyMap<FindingId, Secret> } {
  const fail = (reason: string, cause?: unknown): ToolError => new ToolError('report-invalid', { path, reason }, { cause });
  let value: unknown;
  try {
    value = JSON.parse(readText(path, MAX_REPORT_BYTES, null));
  } catch (error) {
    throw fail(error instanceof SyntaxError ? 'it is not JSON' : shortReason(error), error);
  }
  if (!isFields(value) || value['schema'] !== SCHEMA) throw fail(`its schema is not ${SCHEMA}`);
  try {
    return { report: toReport(value), values: valuesOf(value) };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw fail(error.message, error);
  }
}

function valuesOf(report: Fields): Map<FindingId, Secret> {
  const found = listOf(report, 'findings').map((entry) => asFields(entry, 'findings'));
  return new Map(
    found.flatMap((entry): [FindingId, Secret][] => {
      const { value } = fieldsOf(entry, 'secret');
      return typeof value === 'string' && value.length <= MAX_SECRET_CHARS
        ? [[textOf(entry, 'id'), new Secret(value, textOf(entry, 'rule'))]]
        : [];
    }),
  );
}

function toReport(value: Fields): Report {
  const { version } = fieldsOf(value, 'tool');
  const stats = fieldsOf(value, 'stats');
  const count = (name: string): number => (typeof stats[name] === 'number' ? stats[name] : 0);
  return {
    tool: { name: 'leakwarden', version: String(version) },
    started: textOf(value, 'started'),
    inputs: listOf(value, 'inputs').map(String),
    findings: listOf(value, 'findings').map((entry) => toFinding(asFields(entry, 'findings'))),
    suppressed: listOf(value, 'suppressed').map((entry) => toSuppressed(asFields(entry, 'suppressed'))),
    problems: listOf(value, 'problems').map((entry) => toProblem(asFields(entry, 'problems'))),
    stats: {
      files: count('files'),
      bytes: count('bytes'),
      binaryFiles: count('binaryFiles'),
      candidates: count('candidates'),
      rules: count('rules'),
      threads: count('threads'),
      seconds: count('seconds'),
      regexEngine: String(stats['regexEngine'] ?? ''),
      ...(stats['commits'] === undefined ? {} : { commits: count('commits'), scannedBytes: count('scannedBytes') }),
    },
    ...(value['repositories'] === undefined
      ? {}
      : { repositories: listOf(value, 'repositories').map((entry) => toRepository(asFields(entry, 'repositories'))) }),
    ...(value['rotations'] === undefined ? {} : { rotations: toRotations(listOf(value, 'rotations')) }),
  };
}

function toSuppressed(entry: Fields): Suppressed {
  return { by: textOf(entry, 'by'), reason: textOf(entry, 'reason'), finding: toFinding(fieldsOf(entry, 'finding')) };
}

function toFinding(entry: Fields): Finding {
  return {
    id: textOf(entry, 'id'),
    rule: textOf(entry, 'rule'),
    name: textOf(entry, 'name'),
    provider: textOf(entry, 'provider'),
    severity: oneOf(entry, 'severity', ['critical', 'high', 'medium', 'low']),
    confidence: oneOf(entry, 'confidence', ['high', 'medium', 'low']),
    entropy: numberOf(entry, 'entropy'),
    checksum: oneOf(entry, 'checksum', ['valid', 'invalid', 'none']),
    details: toDetails(entry['details']),
    secret: toSecret(fieldsOf(entry, 'secret')),
    preview: textOf(fieldsOf(entry, 'secret'), 'preview'),
    parts: Object.fromEntries(Object.entries(fieldsOf(entry, 'parts')).map(([name, part]) => [name, toPart(asFields(part, 'parts'))])),
    places: listOf(entry, 'places').map((place) => toPlace(asFields(place, 'places'))),
    verdict: toVerdict(fieldsOf(entry, 'verdict')),
    ...(entry['history'] === undefined ? {} : { history: toHistory(fieldsOf(entry, 'history')) }),
  };
}

function toHistory(history: Fields): FindingHistory {
  const names = (name: string): string[] => listOf(history, name).map(String);
  const optional = (name: string): string | null => (history[name] === null ? null : textOf(history, name));
  const extra = (name: string): Record<string, string> => (history[name] === undefined ? {} : { [name]: textOf(history, name) });
  const totals = fieldsOf(history, 'totals');
  return {
    firstCommit: optional('firstCommit'),
    firstSeen: optional('firstSeen'),
    author: optional('author'),
    ...extra('authorEmail'),
    paths: names('paths'),
    branches: names('branches'),
    tags: names('tags'),
    refs: names('refs'),
    today: names('today'),
    inHead: history['inHead'] === true,
    ...extra('removedIn'),
    ...extra('removedAt'),
    totals: {
      places: numberOf(totals, 'places'),
      paths: numberOf(totals, 'paths'),
      branches: numberOf(totals, 'branches'),
      tags: numberOf(totals, 'tags'),
      refs: numberOf(totals, 'refs'),
      today: numberOf(totals, 'today'),
    },
  };
}

function toRepository(entry: Fields): AuditedRepository {
  const optional = (name: string): string | null => (entry[name] === null ? null : textOf(entry, name));
  return {
    name: textOf(entry, 'name'),
    origin: optional('origin'),
    head: optional('head'),
    branch: optional('branch'),
    submodules: listOf(entry, 'submodules').map(String),
  };
}

function toVerdict(found: Fields): Verdict {
  const state = oneOf(found, 'state', ['live', 'superseded', 'retired', 'unknown']);
  if (state === 'unknown') return { state, why: oneOf(found, 'why', REASONS), ...optional(found, 'by'), ...optional(found, 'detail') };
  const { exposure, also, scopes } = found;
  const answer = {
    by: textOf(found, 'by'),
    at: textOf(found, 'at'),
    where: textOf(found, 'where'),
    ...optional(found, 'version'),
    ...(isFields(exposure) ? { exposure: { from: textOrNull(exposure['from']), until: textOrNull(exposure['until']) } } : {}),
    ...(Array.isArray(also) ? { also: also.map(String) } : {}),
    ...optional(found, 'identity'),
    ...(Array.isArray(scopes) ? { scopes: scopes.map(String) } : {}),
    ...optional(found, 'refusedBy'),
  };
  if (state === 'superseded') return { state, ...answer, since: textOrNull(found['since']) };
  if (state === 'retired') return { state, ...answer, ...optional(found, 'since') };
  return { state, ...answer, ...optional(found, 'since'), ...optional(found, 'expiresAt') };
}

const REASONS = [
  'not-asked',
  'no-checker',
  'not-in-store',
  'denied',
  'unreachable',
  'timed-out',
  'rate-limited',
  'odd-reply',
  'no-index',
  'index-expired',
  'index-unreadable',
  'not-looked-up',
  'changed',
] as const;

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** Reports of before there were details have none. */
function toDetails(found: unknown): Finding['details'] {
  if (found === undefined) return {};
  const entries = Object.entries(asFields(found, 'details'));
  return Object.fromEntries(entries.map(([label]) => [label, textOf(asFields(found, 'details'), label)]));
}

function toPart(part: Fields): Part {
  return { rule: textOf(part, 'rule'), secret: toSecret(fieldsOf(part, 'secret')), place: toPlace(fieldsOf(part, 'place')) };
}

function toSecret(secret: Fields): Secret {
  return new Secret('*'.repeat(Math.min(Math.max(0, Math.trunc(numberOf(secret, 'length'))), MAX_SECRET_CHARS)));
}

function toPlace(place: Fields): Place {
  const [line, column] = [numberOf(place, 'line'), numberOf(place, 'column')];
  const [endLine, endColumn] = [numberOf(place, 'endLine'), numberOf(place, 'endColumn')];
  const known = { path: textOf(place, 'path'), line, column, endLine, endColumn, span: { start: 0, end: 0 } };
  const commit = { ...optional(place, 'commit'), ...optional(place, 'url') };
  if (place['decoded'] === undefined) return { ...known, ...commit };
  const decoded = listOf(place, 'decoded').map((encoding) => oneOf({ decoded: encoding }, 'decoded', ENCODINGS));
  return { ...known, decoded, ...commit };
}

function toProblem(problem: Fields): Problem {
  const code = textOf(problem, 'code');
  if (!Object.hasOwn(ERRORS, code)) throw new ShapeError(`it has a problem of unknown code ${code}`);
  const data = Object.entries(fieldsOf(problem, 'data')).map(([name, value]) => [name, typeof value === 'number' ? value : String(value)]);
  return { code: code as ErrorCode, where: textOf(problem, 'where'), data: Object.fromEntries(data) };
}
