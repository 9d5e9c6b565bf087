/**
 * The markdown report (GitHub's dialect, github.github.com/gfm): for summaries of jobs, comments and wikis. A table of findings, what to do about each rule, what was
 * suppressed and what could not be read. It is shown where others write, so nothing of the scanned side may become markup, a link, or a mention of somebody: names and
 * paths stand as code (markdown-text.ts). No values, `--reveal` or not.
 */
import type { Finding, Place, Problem, RenderOptions, Report, Reporter, Suppressed } from '../core/contracts.ts';
import { describe, hintOf } from '../core/errors.ts';
import { bySeverity, counted, decodedWords, size } from './amounts.ts';
import { groupByRule, mostPressing, type RuleGroup } from './by-rule.ts';
import { advice, code, prose, webPage } from './markdown-text.ts';
import { maskPath, maskText, pageOf } from './mask.ts';
import { nextSteps } from './next-steps.ts';
import { shortId, timelineOf } from './timeline.ts';
import { verdictWords } from './verdict-words.ts';

export const markdownReporter: Reporter = { format: 'markdown', render: renderMarkdown };

/** Places in a cell. */
const MOST_PLACES = 5;
const MOST_PROBLEMS = 50;

function* renderMarkdown(report: Report, options: RenderOptions): Iterable<string> {
  const { findings, suppressed, problems } = report;
  const groups = groupByRule(findings);
  yield* head(report);
  if (findings.length > 0) yield '| severity | secret | where | known |\n|---|---|---|---|\n';
  for (const group of groups) for (const finding of group.findings) yield row(finding);
  if (findings.length > 0) yield '\n## What to do\n\n';
  for (const group of groups) yield* steps(group, options);
  yield* suppressedLines(suppressed);
  yield* problemLines(problems);
}

function* head({ findings, stats, problems, inputs }: Report): Iterable<string> {
  const live = findings.filter(({ verdict }) => verdict.state === 'live').length;
  const what =
    findings.length === 0
      ? 'no findings'
      : `${counted(findings.length, 'finding')} (${bySeverity(findings)}${live === 0 ? '' : `; **${live} live**`})`;
  const where =
    stats.commits === undefined
      ? counted(stats.files, 'file')
      : `${counted(stats.files, 'version')} of files, ${counted(stats.commits, 'commit')}`;
  const binary = stats.binaryFiles === 0 ? '' : `, ${counted(stats.binaryFiles, 'binary file')} not scanned`;
  const incomplete = problems.length === 0 ? '' : ` **Incomplete**: ${counted(problems.length, 'problem')}.`;
  yield `# leakwarden: ${what}\n\n`;
  yield `${inputs.map(code).join(', ')}: ${where}, ${size(stats.bytes)}${binary}.${incomplete}\n\n`;
}

function row(finding: Finding): string {
  const opening = finding.preview === '' ? '' : `${code(`${finding.preview}…`)} `;
  const secret = `${prose(finding.name)}<br>${opening}${counted(finding.secret.length, 'character')}, ${finding.confidence} confidence`;
  const places = finding.places.slice(0, MOST_PLACES).map((place) => placeWords(place, finding));
  const total = finding.history?.totals.places ?? finding.places.length;
  if (total > places.length) places.push(`and ${counted(total - places.length, 'more', 'more')}`);
  const verdict = verdictWords(finding.verdict);
  const known = [
    ...(verdict === null ? [] : [`${finding.verdict.state === 'live' ? '**live** ' : ''}${code(maskText(verdict, finding))}`]),
    ...timelineOf(finding).map(({ label, text }) => `${label} ${code(text)}`),
  ];
  return `| ${finding.severity} | ${secret} | ${places.join('<br>')} | ${known.join('<br>')} |\n`;
}

function placeWords(place: Place, finding: Finding): string {
  const path = code(`${maskPath(place.path, finding)}:${place.line}`);
  const url = webPage(pageOf(place, finding));
  const linked = url === undefined ? path : `[${path}](<${url}>)`;
  const commit = place.commit === undefined ? '' : ` ${code(shortId(place.commit))}`;
  return `${linked}${commit}${place.decoded ? ` ${decodedWords(place.decoded)}` : ''}`;
}

function* steps(group: RuleGroup, { rules }: RenderOptions): Iterable<string> {
  const help = rules.get(group.rule);
  yield `### ${prose(help?.name ?? group.findings[0]?.name ?? group.rule)}\n\n`;
  if (help !== undefined) yield `${advice(help.description)}\n\n`;
  for (const [index, step] of nextSteps(help, mostPressing(group)).entries()) yield `${index + 1}. ${advice(step)}\n`;
  yield '\n';
}

function* suppressedLines(suppressed: readonly Suppressed[]): Iterable<string> {
  if (suppressed.length === 0) return;
  const counts = new Map<string, number>();
  for (const { by } of suppressed) counts.set(by, (counts.get(by) ?? 0) + 1);
  yield `## Suppressed\n\n${[...counts].map(([by, count]) => `${count} by ${prose(by)}`).join(', ')}\n\n`;
}

function* problemLines(problems: readonly Problem[]): Iterable<string> {
  if (problems.length === 0) return;
  yield '## Problems\n\n';
  for (const { code: what, data } of problems.slice(0, MOST_PROBLEMS))
    yield `- ${prose(describe(what, data))}. ${prose(hintOf(what, data))}\n`;
  if (problems.length > MOST_PROBLEMS) yield `- and ${counted(problems.length - MOST_PROBLEMS, 'more', 'more')}\n`;
}
