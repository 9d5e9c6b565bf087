/**
 * `leakwarden check REPORT`: verdicts for a saved report. A report holds no values unless it was written with --reveal, so the files are read again and what is found
 * there is recognised by its id, which is a digest of rule and value: a place that holds something else now gets no verdict, and is counted. Issuers are asked last,
 * about findings of the report alone.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { withIssuer } from '../../check/verdict.ts';
import type { Finding, FindingId, IssuerVerdicts, Report, Verdict } from '../../core/contracts.ts';
import { NO_SUPPRESSIONS } from '../../suppress/settings.ts';
import { withClosedFindings } from '../closed-file.ts';
import type { Given } from '../given.ts';
import { type Io, note } from '../io.ts';
import { loadRules } from '../load-rules.ts';
import { openChecker } from '../open-checker.ts';
import { openIssuers } from '../open-issuers.ts';
import { planPublication, publish } from '../publish.ts';
import { readReportAndValues } from '../read-report.ts';
import { performScan, settingOptionsOf } from '../run-scan.ts';
import { counted, loadSettings, type Settings } from '../settings.ts';

const CHANGED: Verdict = { state: 'unknown', why: 'changed' };

export async function run(given: Given, io: Io): Promise<number> {
  const publication = planPublication(given);
  const { report, values } = readReportAndValues(given.operands[0] ?? '');
  const found = await loadSettings(settingOptionsOf(given), io.env, io.cwd);
  const settings: Settings = { ...found, check: found.check ?? 'stores', exclude: [] };
  const ruleset = await loadRules(settings);
  for (const notice of settings.notices) note(io, notice);

  const { checker, notices } = await openChecker(settings.check, settings.comparesGuessable, io);
  const valued = report.findings.flatMap(({ id }) => {
    const secret = values.get(id);
    return secret === undefined ? [] : [{ id, secret, parts: {} }];
  });
  await checker?.prepare(valued);
  const verdicts = new Map<FindingId, Verdict>();
  for (const { id, ...one } of valued) verdicts.set(id, checker?.verdictOf(one) ?? { state: 'unknown', why: 'not-asked' });
  for (const notice of notices()) note(io, notice);

  const unread = report.findings.filter(({ id }) => !values.has(id));
  const now = await readAgain(unread, settings, ruleset, io);
  for (const { id, verdict } of now.findings) verdicts.set(id, verdict);

  const here = new Map(now.findings.map((finding) => [finding.id, finding]));
  const known = report.findings.flatMap((finding) => {
    const secret = values.get(finding.id);
    return here.get(finding.id) ?? (secret === undefined ? [] : [{ ...finding, secret }]);
  });
  const asked = await askAbout(known, settings, ruleset, io);
  const findings = report.findings.map((finding) => ({
    ...finding,
    verdict: withIssuer(verdicts.get(finding.id) ?? CHANGED, asked?.verdicts.get(finding.id)),
  }));
  const changed = findings.filter(({ verdict }) => verdict === CHANGED).length;
  if (changed > 0)
    note(io, `${counted(changed, 'finding is', 'findings are')} no longer at the places that the report names; no verdict for those`);
  const isLive = ({ verdict }: Finding): boolean => verdict.state === 'live';
  const problems = [...report.problems, ...now.problems, ...(asked?.problems ?? [])];
  const checked: Report = {
    ...report,
    problems,
    findings: [...findings.filter(isLive), ...findings.filter((finding) => !isLive(finding))],
  };
  return publish(withLivePlans(await withClosedFindings(checked, io)), publication, ruleset.named, settings.failOn, io);
}

/** Plans were made for what was live when the report was written: those of values that are no longer live are left out. */
function withLivePlans(report: Report): Report {
  if (report.rotations === undefined) return report;
  const live = new Set(report.findings.flatMap(({ id, verdict }) => (verdict.state === 'live' ? [id] : [])));
  return { ...report, rotations: report.rotations.filter(({ finding }) => live.has(finding)) };
}

/** Returns what stands in the files of these findings today with its verdicts, and what could not be read. */
async function readAgain(
  findings: readonly Finding[],
  settings: Settings,
  ruleset: Awaited<ReturnType<typeof loadRules>>,
  io: Io,
): Promise<Pick<Report, 'findings' | 'problems'>> {
  const paths = [...new Set(findings.flatMap(({ places }) => places.map(({ path }) => path)))].filter(
    (path) => statSync(resolve(io.cwd, path), { throwIfNoEntry: false })?.isFile() === true,
  );
  if (paths.length === 0) return { findings: [], problems: [] };
  const { SOURCES } = await import('../../sources/index.ts');
  const sources = [SOURCES.files({ inputs: paths, cwd: io.cwd, env: io.env, noIgnore: true, stdin: io.stdin })];
  const suppressions = { ...NO_SUPPRESSIONS, cwd: settings.cwd, root: settings.root };
  const scanned = await performScan({ settings, ruleset, suppressions, sources, inputs: paths, hasProgress: false, issuers: null }, io);
  return { findings: [...scanned.findings, ...scanned.suppressed.map(({ finding }) => finding)], problems: scanned.problems };
}

/** Asks those who made the credentials, where the user said so. */
async function askAbout(
  findings: readonly Finding[],
  settings: Settings,
  ruleset: Awaited<ReturnType<typeof loadRules>>,
  io: Io,
): Promise<IssuerVerdicts | null> {
  const issuers = await openIssuers(settings.check, ruleset, io);
  if (issuers === null) return null;
  const interruption = new AbortController();
  const stopListening = io.onInterrupt(() => interruption.abort());
  try {
    return await issuers.asker.ask(findings, interruption.signal);
  } finally {
    stopListening();
    await issuers.close();
  }
}
