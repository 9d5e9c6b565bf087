/**
 * The report for people: findings grouped by rule, gravest first; for each what, where and what it may be; for each rule why it matters
 * and what to do next; then what was suppressed, what could not be read, and one line of totals.
 */
import pc from 'picocolors';
import type { Finding, Part, Place, Problem, RenderOptions, Report, Reporter, RuleHelp, Suppressed } from '../core/contracts.ts';
import { describe, hintOf, printable } from '../core/errors.ts';
import type { Severity } from '../core/rule.ts';
import { bySeverity, counted, decodedWords, size } from './amounts.ts';
import { gravest, groupByRule, mostPressing, type RuleGroup } from './by-rule.ts';
import { detailFields, revealedValue } from './fields.ts';
import { maskPath, pageOf } from './mask.ts';
import { nextSteps, rotateCommand } from './next-steps.ts';
import { shortId, timelineOf } from './timeline.ts';
import { verdictWords } from './verdict-words.ts';

export const textReporter: Reporter = { format: 'text', render: renderText };

const MOST_PLACES = 10;
const MOST_PROBLEMS_A_CODE = 10;
const LINE_WIDTH = 100;

type Colours = ReturnType<typeof pc.createColors>;

function* renderText(report: Report, options: RenderOptions): Iterable<string> {
  const colours = pc.createColors(options.colour);
  for (const group of groupByRule(report.findings)) yield* groupLines(group, report, options, colours);
  yield* suppressedLines(report.suppressed);
  yield* problemLines(report.problems, colours);
  yield summaryLine(report, colours);
}

function* groupLines(group: RuleGroup, report: Report, options: RenderOptions, colours: Colours): Iterable<string> {
  const help = options.rules.get(group.rule);
  const name = printable(help?.name ?? group.findings[0]?.name ?? group.rule);
  yield `${painted(gravest(group), colours)}  ${colours.bold(name)}  ${colours.dim(printable(group.rule))}\n`;
  for (const finding of group.findings) yield* findingLines(finding, report, options, colours);
  if (help !== undefined) yield* labelled('why', printable(help.description));
  yield* stepLines(group, help, options);
  yield '\n';
}

function* findingLines(finding: Finding, report: Report, options: RenderOptions, colours: Colours): Iterable<string> {
  const facts = [`${finding.confidence} confidence`];
  if (finding.checksum === 'valid') facts.push('checksum valid');
  const verdict = verdictWords(finding.verdict);
  yield `  ${shownSecret(finding, options)}  ${colours.dim(printable(facts.join(', ')))}\n`;
  if (verdict !== null) yield `    ${finding.verdict.state === 'live' ? colours.red(printable(verdict)) : printable(verdict)}\n`;
  const command = rotateCommand(finding, report);
  if (command !== null) yield `    ${colours.bold(command)}\n`;
  const planned = report.rotations?.find((rotation) => rotation.finding === finding.id);
  if (planned)
    yield `    ${'id' in planned ? `planned: leakwarden rotate --apply ${shortId(planned.id)}` : `no plan: ${printable(planned.refused)}`}\n`;
  const told = Object.entries(detailFields(finding)).map(([label, text]) => `${label} ${text}`);
  if (told.length > 0) yield `    ${colours.dim(printable(`of ${told.join(', ')}`))}\n`;
  for (const place of finding.places.slice(0, MOST_PLACES)) {
    yield `    ${placeWords(place, finding, colours)}\n`;
    const url = pageOf(place, finding);
    if (url !== undefined) yield `      ${colours.dim(printable(url))}\n`;
  }
  const places = finding.history?.totals.places ?? finding.places.length;
  if (places > MOST_PLACES) yield `    and ${counted(places - Math.min(finding.places.length, MOST_PLACES), 'more', 'more')}\n`;
  for (const [name, part] of Object.entries(finding.parts)) yield `    ${partWords(name, part, finding, colours)}\n`;
  for (const { label, text } of timelineOf(finding)) yield `    ${colours.dim(label.padEnd(8))}${printable(text)}\n`;
}

function shownSecret(finding: Finding, options: RenderOptions): string {
  if (options.reveal) return printable(revealedValue(finding.secret));
  const length = counted(finding.secret.length, 'character');
  return finding.preview === '' ? `secret of ${length}` : `${printable(finding.preview)}…  ${length}`;
}

function placeWords(place: Place, finding: Finding, colours: Colours): string {
  const decoded = place.decoded ? `  ${colours.dim(decodedWords(place.decoded))}` : '';
  const commit = place.commit === undefined ? '' : `  ${colours.dim(shortId(place.commit))}`;
  return `${colours.cyan(printable(maskPath(place.path, finding)))}:${place.line}:${place.column}${decoded}${commit}`;
}

function partWords(name: string, part: Part, finding: Finding, colours: Colours): string {
  return `with ${printable(name)} at ${placeWords(part.place, finding, colours)}`;
}

/** The steps that the most pressing verdict of the group asks for. */
function* stepLines(group: RuleGroup, help: RuleHelp | undefined, options: RenderOptions): Iterable<string> {
  const steps = nextSteps(help, mostPressing(group), fixablePlace(group.findings, options));
  for (const [index, step] of steps.entries()) yield* labelled(index === 0 ? 'next' : '', `${index + 1}. ${printable(step)}`);
}

/** Returns the first place that stands in a file now, in clear, of a kind that can be rewritten, and whose path needs no quotes in a shell and is not broken over lines. */
function fixablePlace(findings: readonly Finding[], { isFixable = (): boolean => true }: RenderOptions): string | null {
  for (const finding of findings) {
    if (finding.history !== undefined) continue;
    const place = finding.places.find(
      (one) =>
        one.commit === undefined &&
        one.url === undefined &&
        one.decoded === undefined &&
        /^[\w./@+-]{1,40}$/.test(one.path) &&
        isFixable(one.path),
    );
    if (place !== undefined && maskPath(place.path, finding) === place.path) return `${place.path}:${place.line}`;
  }
  return null;
}

function* suppressedLines(suppressed: readonly Suppressed[]): Iterable<string> {
  if (suppressed.length === 0) return;
  const counts = new Map<string, number>();
  for (const { by } of suppressed) counts.set(by, (counts.get(by) ?? 0) + 1);
  const reasons = [...counts].map(([by, count]) => `${count} by ${printable(by)}`).join(', ');
  yield `${counted(suppressed.length, 'finding')} suppressed: ${reasons} (--format json lists them)\n`;
}

function* problemLines(problems: readonly Problem[], colours: Colours): Iterable<string> {
  const byCode = new Map<string, Problem[]>();
  for (const problem of problems) byCode.set(problem.code, [...(byCode.get(problem.code) ?? []), problem]);
  for (const group of byCode.values()) {
    for (const problem of group.slice(0, MOST_PROBLEMS_A_CODE)) {
      yield `${colours.yellow('problem:')} ${printable(describe(problem.code, problem.data))}\n`;
    }
    if (group.length > MOST_PROBLEMS_A_CODE)
      yield `  and ${counted(group.length - MOST_PROBLEMS_A_CODE, 'more', 'more')} (--format json lists them)\n`;
    const [first] = group;
    if (first !== undefined) yield `  hint: ${printable(hintOf(first.code, first.data))}\n`;
  }
}

function summaryLine(report: Report, colours: Colours): string {
  const { stats, findings, problems } = report;
  const what =
    findings.length === 0
      ? colours.green('no findings')
      : colours.bold(`${counted(findings.length, 'finding')} (${bySeverity(findings)}${liveWords(findings)})`);
  const binary = stats.binaryFiles === 0 ? '' : `, ${counted(stats.binaryFiles, 'binary file')} not scanned`;
  const incomplete = problems.length === 0 ? '' : `; ${colours.yellow('incomplete')}: ${counted(problems.length, 'problem')}`;
  const where =
    stats.commits === undefined
      ? counted(stats.files, 'file')
      : `${counted(stats.files, 'version')} of files, ${counted(stats.commits, 'commit')}`;
  return `${what} in ${where}, ${size(stats.bytes)}, ${stats.seconds.toFixed(2)} s${binary}${incomplete}\n`;
}

function liveWords(findings: readonly Finding[]): string {
  const live = findings.filter(({ verdict }) => verdict.state === 'live').length;
  return live === 0 ? '' : `; ${live} live`;
}

/** Yields text under a label in the margin, broken between words; a web address is never broken. */
function* labelled(label: string, text: string): Iterable<string> {
  const margin = 8;
  let line = '';
  let head = `  ${label}`.padEnd(margin);
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > LINE_WIDTH - margin) {
      yield `${head}${line}\n`;
      head = ' '.repeat(margin);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  yield `${head}${line}\n`;
}

function painted(severity: Severity, colours: Colours): string {
  const paint = { critical: colours.bgRed, high: colours.red, medium: colours.yellow, low: colours.blue }[severity];
  return paint(severity);
}
