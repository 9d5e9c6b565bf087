/**
 * The gitlab report: GitLab's own format of secret detection (gitlab.com/gitlab-org/security-products/security-report-schemas, version 15), which a job hands over as
 * `artifacts:reports:secret_detection`. A vulnerability for each file of a finding; problems are messages, and make the scan a failure only if nothing was found. Suppressed
 * findings are left to the other formats: GitLab keeps its own list of what was dismissed. No values and no lines of files, `--reveal` or not.
 */
import { createHash } from 'node:crypto';
import type { Finding, Place, RenderOptions, Report, Reporter } from '../core/contracts.ts';
import { describe, hintOf, printable } from '../core/errors.ts';
import type { Severity } from '../core/rule.ts';
import { counted, decodedWords } from './amounts.ts';
import { historyFields } from './fields.ts';
import { jsonArray, toJson } from './json-text.ts';
import { advice, code, prose } from './markdown-text.ts';
import { maskPath, maskText, pageOf } from './mask.ts';
import { nextSteps } from './next-steps.ts';
import { timelineOf } from './timeline.ts';
import { verdictWords } from './verdict-words.ts';

export const gitlabReporter: Reporter = { format: 'gitlab', render: renderGitlab };

/** Of the schema that this follows; GitLab takes any of version 15. */
const SCHEMA_VERSION = '15.2.1';
/** The schema wants a commit; GitLab's own analyser gives this where it looked at files alone. */
const NO_COMMIT = '0000000';
const SEVERITY = { critical: 'Critical', high: 'High', medium: 'Medium', low: 'Low' } as const satisfies Record<Severity, string>;
/** Limits of the schema, in characters. */
const LONGEST_NAME = 255;
const LONGEST_SOLUTION = 7000;
const LONGEST_DESCRIPTION = 100_000;
/** Lines told of one file. */
const MOST_PLACES = 20;

function* renderGitlab(report: Report, options: RenderOptions): Iterable<string> {
  const { tool, problems, findings } = report;
  const ours = { id: tool.name, name: tool.name, version: tool.version, vendor: { name: tool.name } };
  const scan = {
    analyzer: ours,
    scanner: ours,
    type: 'secret_detection',
    start_time: timeOf(report.started, 0),
    end_time: timeOf(report.started, report.stats.seconds),
    status: problems.length > 0 && findings.length === 0 ? 'failure' : 'success',
    messages: problems.map(({ code, data }) => ({ level: 'warn', value: printable(`${describe(code, data)}; ${hintOf(code, data)}`) })),
  };
  yield `{\n  "version": "${SCHEMA_VERSION}",\n  "scan": ${toJson(scan).replaceAll('\n', '\n  ')},\n  "vulnerabilities": `;
  yield* jsonArray(vulnerabilitiesOf(report, options), 2);
  yield '\n}\n';
}

function* vulnerabilitiesOf({ findings }: Report, { rules }: RenderOptions): Iterable<unknown> {
  for (const finding of findings) {
    const files = new Map<string, Place[]>();
    for (const place of finding.places) files.set(place.path, [...(files.get(place.path) ?? []), place]);
    for (const [path, places] of files) yield vulnerabilityOf(finding, path, places, rules.get(finding.rule));
  }
}

function vulnerabilityOf(
  finding: Finding,
  path: string,
  places: readonly Place[],
  help: ReturnType<RenderOptions['rules']['get']>,
): unknown {
  const [first] = places;
  const links = [help?.guide, ...(help?.references ?? []), first && pageOf(first, finding)].flatMap((url) =>
    url && /^https?:\/\/[!-~]+$/.test(url) ? [{ url }] : [],
  );
  const solution = nextSteps(help, finding.verdict.state)
    .map((step, index) => `${index + 1}. ${step}`)
    .join('; ');
  return {
    id: uuidOf(`${finding.id}\0${path}`),
    name: cut(finding.name, LONGEST_NAME),
    description: cut(descriptionOf(finding, places, help?.description), LONGEST_DESCRIPTION),
    severity: SEVERITY[finding.severity],
    solution: cut(solution, LONGEST_SOLUTION),
    identifiers: [
      { type: 'leakwarden_rule', name: printable(`leakwarden rule ${finding.rule}`), value: printable(finding.rule) || 'rule' },
      { type: 'cwe', name: 'CWE-798', value: '798', url: 'https://cwe.mitre.org/data/definitions/798.html' },
    ],
    ...(links.length === 0 ? {} : { links }),
    location: {
      file: printable(maskPath(path, finding)),
      start_line: first?.line ?? 1,
      end_line: first?.endLine ?? 1,
      commit: commitOf(finding, first),
    },
    tracking: {
      type: 'source',
      items: [{ signatures: [{ algorithm: 'leakwarden_v1', value: digestOf(`${finding.id}\0${path}`) }] }],
    },
  };
}

/** GitLab shows this as its Markdown. */
function descriptionOf(finding: Finding, places: readonly Place[], why: string | undefined): string {
  const opening = finding.preview === '' ? '' : `${code(`${finding.preview}…`)}, `;
  const known = verdictWords(finding.verdict);
  const lines = places
    .slice(0, MOST_PLACES)
    .map(({ line, column, decoded }) => `${line}:${column}${decoded ? ` ${decodedWords(decoded)}` : ''}`);
  const more = places.length > MOST_PLACES ? ` and ${counted(places.length - MOST_PLACES, 'more', 'more')}` : '';
  return [
    `${prose(finding.name)} (${opening}${counted(finding.secret.length, 'character')}, ${finding.confidence} confidence)`,
    ...(why === undefined ? [] : [advice(why)]),
    ...(known === null ? [] : [code(maskText(known, finding))]),
    `lines ${lines.join(', ')}${more}`,
    ...timelineOf(finding).map(({ label, text }) => `${label} ${code(text)}`),
  ].join('; ');
}

function commitOf(finding: Finding, place: Place | undefined): Readonly<Record<string, string>> {
  const history = historyFields(finding);
  const sha = place?.commit ?? NO_COMMIT;
  // The author is that of the first commit, and of no other.
  if (history === undefined || sha !== history.firstCommit) return { sha };
  return {
    sha,
    ...(history.author === null ? {} : { author: printable(history.author) }),
    ...(history.firstSeen === null ? {} : { date: history.firstSeen }),
  };
}

/** `2020-01-28T03:26:02`, in UTC. */
function timeOf(started: string, seconds: number): string {
  const begun = Date.parse(started);
  return new Date((Number.isNaN(begun) ? 0 : begun) + Math.round(1000 * seconds)).toISOString().slice(0, 19);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A UUID of a digest (RFC 9562, version 8): the same for the same secret in the same file. */
function uuidOf(text: string): string {
  const hex = digestOf(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function cut(text: string, most: number): string {
  const shown = printable(text);
  return shown.length > most ? `${shown.slice(0, most - 1)}…` : shown;
}
