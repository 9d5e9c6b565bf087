/**
 * The csv report (RFC 4180, header, CRLF): a row for each place of each finding. Suppressed findings and problems do not fit a table
 * of findings and are left to the other formats. A cell that a spreadsheet would take for a formula gets a leading quote (OWASP, "CSV injection").
 */
import type { Finding, FindingHistory, Place, RenderOptions, Report, Reporter } from '../core/contracts.ts';
import { printable } from '../core/errors.ts';
import { detailFields, historyFields, revealedValue } from './fields.ts';
import { maskPath, maskText, pageOf } from './mask.ts';

export const csvReporter: Reporter = { format: 'csv', render: renderCsv };

const COLUMNS = [
  'id',
  'rule',
  'name',
  'provider',
  'severity',
  'confidence',
  'checksum',
  'entropy',
  'verdict',
  'preview',
  'length',
  'path',
  'line',
  'column',
  'endLine',
  'endColumn',
  'decoded',
  'details',
  'where',
  'since',
] as const;

/** Only in the report of an audit. */
const HISTORY_COLUMNS = [
  'commit',
  'firstCommit',
  'firstSeen',
  'author',
  'inHead',
  'today',
  'branches',
  'tags',
  'removedIn',
  'removedAt',
] as const;

/** What a spreadsheet takes for the start of a formula, the full-width forms and the leading blanks that some skip included. */
const FORMULA = /^[\s]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

function* renderCsv(report: Report, options: RenderOptions): Iterable<string> {
  const isAudit = report.repositories !== undefined;
  const hasPages = report.findings.some(({ places }) => places.some(({ url }) => url !== undefined));
  yield row([...COLUMNS, ...(isAudit ? HISTORY_COLUMNS : []), ...(hasPages ? ['url'] : []), ...(options.reveal ? ['value'] : [])]);
  for (const finding of report.findings) {
    // The value is the only cell that is not made printable: a private key must come out whole.
    const value = options.reveal ? [revealedValue(finding.secret)] : [];
    const history = isAudit ? historyFields(finding) : undefined;
    for (const place of finding.places) {
      const url = hasPages ? [pageOf(place, finding) ?? ''] : [];
      const cells = [...cellsOf(finding, place), ...(isAudit ? historyCellsOf(history, place) : []), ...url];
      yield row([...cells.map((cell) => printable(String(cell))), ...value]);
    }
  }
}

function cellsOf(finding: Finding, place: Place): (string | number)[] {
  return [
    finding.id,
    finding.rule,
    finding.name,
    finding.provider,
    finding.severity,
    finding.confidence,
    finding.checksum,
    finding.entropy.toFixed(3),
    finding.verdict.state,
    finding.preview,
    finding.secret.length,
    maskPath(place.path, finding),
    place.line,
    place.column,
    place.endLine,
    place.endColumn,
    place.decoded?.join(' ') ?? '',
    Object.entries(detailFields(finding))
      .map(([label, text]) => `${label}: ${text}`)
      .join('; '),
    finding.verdict.state === 'unknown' ? '' : maskText(finding.verdict.where, finding),
    finding.verdict.state === 'unknown' ? '' : (finding.verdict.since ?? ''),
  ];
}

function historyCellsOf(history: FindingHistory | undefined, place: Place): string[] {
  return [
    place.commit ?? '',
    history?.firstCommit ?? '',
    history?.firstSeen ?? '',
    history?.author ?? '',
    history?.inHead === true ? 'true' : 'false',
    (history?.today ?? []).join(' '),
    (history?.branches ?? []).join(' '),
    (history?.tags ?? []).join(' '),
    history?.removedIn ?? '',
    history?.removedAt ?? '',
  ];
}

function row(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\r\n`;
}

function quoted(cell: string): string {
  const guarded = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
