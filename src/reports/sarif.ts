/**
 * The sarif report: SARIF 2.1.0 for GitHub code scanning and other viewers, checked against the schema and GitHub's own rules
 * (test/tools/sarif-validate.mjs). Findings become results (sarif-results.ts), rules descriptors (sarif-rules.ts), problems notifications.
 * No snippet and no value of a secret is ever part of it, `--reveal` or not: it is made to be uploaded.
 */
import type { Invocation, Notification, ReportingDescriptor, Result, VersionControlDetails } from 'sarif';
import type { Finding, RenderOptions, Report, Reporter, RuleHelp } from '../core/contracts.ts';
import { describe, ERRORS, type ErrorCode, hintOf, printable } from '../core/errors.ts';
import type { RuleId } from '../core/rule.ts';
import { counted, severityRank } from './amounts.ts';
import { jsonArray, toJson } from './json-text.ts';
import { SOURCE_ROOT, sarifResults } from './sarif-results.ts';
import { sarifRule, sentence } from './sarif-rules.ts';

export const sarifReporter: Reporter = { format: 'sarif', render: renderSarif };

/** GitHub refuses a run with more (docs, "SARIF results exceed one or more limits"). */
const MOST_RESULTS = 25_000;

type Rules = { readonly descriptors: readonly ReportingDescriptor[]; readonly indexOf: ReadonlyMap<RuleId, number> };

function* renderSarif(report: Report, options: RenderOptions): Iterable<string> {
  const rules = collectRules(report, options.rules);
  const total = countResults(report);
  const codes = [...new Set(report.problems.map((problem) => problem.code))].sort();
  const versions = versionsOf(report);
  const run = {
    tool: {
      driver: {
        name: report.tool.name,
        version: report.tool.version,
        semanticVersion: report.tool.version,
        rules: rules.descriptors,
        notifications: codes.map(notificationDescriptor),
      },
    },
    automationDetails: { id: report.repositories === undefined ? 'leakwarden/scan/' : 'leakwarden/audit/' },
    ...(versions.length === 0 ? {} : { versionControlProvenance: versions }),
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: {
      [SOURCE_ROOT]: {
        description: {
          text: report.repositories === undefined ? 'The folder in which the scan was started.' : 'The top of the repository.',
        },
      },
    },
    invocations: [invocationOf(report, total)],
  };
  yield '{\n  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",\n  "version": "2.1.0",\n  "runs": [\n    {\n';
  for (const [key, value] of Object.entries(run)) yield `      "${key}": ${toJson(value).replaceAll('\n', '\n      ')},\n`;
  yield '      "results": ';
  yield* jsonArray(resultsOf(report, options, rules), 6);
  yield '\n    }\n  ]\n}\n';
}

/** Repositories of which it is known where they come from: SARIF wants an address. */
function versionsOf({ repositories = [] }: Report): VersionControlDetails[] {
  return repositories.flatMap(({ origin, head, branch }) => {
    if (origin === null) return [];
    return [
      {
        repositoryUri: encodeURI(origin),
        ...(repositories.length === 1 ? { mappedTo: { uriBaseId: SOURCE_ROOT } } : {}),
        ...(head === null ? {} : { revisionId: head }),
        ...(branch === null ? {} : { branch: printable(branch) }),
      },
    ];
  });
}

/** Returns a descriptor for each rule that has a result, sorted by id. */
function collectRules(report: Report, help: ReadonlyMap<RuleId, RuleHelp>): Rules {
  const examples = new Map<RuleId, Finding>();
  for (const finding of [...report.findings, ...report.suppressed.map((suppressed) => suppressed.finding)]) {
    // One that is live speaks for its rule: code scanning knows a severity of rules only.
    if (!examples.has(finding.rule) || finding.verdict.state === 'live') examples.set(finding.rule, finding);
  }
  const sorted = [...examples].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    descriptors: sorted.map(([id, finding]) => sarifRule(help.get(id), finding)),
    indexOf: new Map(sorted.map(([id], index) => [id, index])),
  };
}

/** Yields at most MOST_RESULTS: reported before suppressed, and where they do not all fit, the gravest first. */
function* resultsOf(report: Report, { rules: help, replacementsOf }: RenderOptions, rules: Rules): Iterable<Result> {
  const isTooMany = countResults(report) > MOST_RESULTS;
  const findings = isTooMany ? [...report.findings].sort((a, b) => severityRank(a.severity) - severityRank(b.severity)) : report.findings;
  const entries = [
    ...findings.map((finding) => ({ finding, suppressed: null })),
    ...report.suppressed.map((suppressed) => ({ finding: suppressed.finding, suppressed })),
  ];
  let left = MOST_RESULTS;
  for (const { finding, suppressed } of entries) {
    const index = rules.indexOf.get(finding.rule) ?? -1;
    for (const result of sarifResults(finding, index, help.get(finding.rule), suppressed, replacementsOf)) {
      if (left === 0) return;
      left -= 1;
      yield result;
    }
  }
}

function countResults(report: Report): number {
  const files = (finding: Finding): number => new Set(finding.places.map((place) => place.path)).size;
  const all = [...report.findings, ...report.suppressed.map((suppressed) => suppressed.finding)];
  return all.reduce((sum, finding) => sum + files(finding), 0);
}

function invocationOf(report: Report, totalResults: number): Invocation {
  const notifications: Notification[] = report.problems.map(({ code, data }) => ({
    level: 'error',
    message: { text: `${sentence(describe(code, data))} ${sentence(hintOf(code, data))}` },
    descriptor: { id: code },
  }));
  if (totalResults > MOST_RESULTS) {
    const text = `${counted(totalResults - MOST_RESULTS, 'result')} left out: code scanning takes ${counted(MOST_RESULTS, 'result')} a run. The json report has them all.`;
    notifications.push({ level: 'warning', message: { text } });
  }
  const end = new Date(Date.parse(report.started) + report.stats.seconds * 1000);
  return {
    executionSuccessful: report.problems.length === 0,
    startTimeUtc: report.started,
    ...(Number.isNaN(end.getTime()) ? {} : { endTimeUtc: end.toISOString() }),
    toolExecutionNotifications: notifications,
    properties: { ...report.stats },
  };
}

/** GitHub asks the same of these as of rules: a full description and help. */
function notificationDescriptor(code: ErrorCode): ReportingDescriptor {
  const { sentence: what, hint } = ERRORS[code];
  const text = sentence(what);
  return {
    id: code,
    shortDescription: { text },
    fullDescription: { text },
    help: { text: sentence(hint) },
    defaultConfiguration: { level: 'error' },
  };
}
