/**
 * What a guard says when it stops a commit or a push: each secret without its value, where it is, why it was stopped, and the ways out. For people, on
 * stderr, a few lines: longer ones are not read in the middle of something else. Called by the guard commands; not a format of `--format`.
 */
import pc from 'picocolors';
import type { Finding, Problem, RenderOptions, Report } from '../core/contracts.ts';
import { describe, hintOf, printable } from '../core/errors.ts';
import { counted } from './amounts.ts';
import { detailFields } from './fields.ts';
import { maskPath } from './mask.ts';
import { verdictWords } from './verdict-words.ts';

/** What was to happen: `commit`, `push`. */
export type Blocked = {
  readonly what: string;
  /** The command that lets it through once, on the record; null where there is none. */
  readonly skip: string | null;
};

const MOST_FINDINGS = 20;
const MOST_PLACES = 3;
const MOST_PROBLEMS = 5;

/** Yields the message of a report with findings or problems. */
export function* renderBlocked(report: Report, { what, skip }: Blocked, options: RenderOptions): Iterable<string> {
  const colours = pc.createColors(options.colour);
  const count = report.findings.length;
  const because = count > 0 ? counted(count, 'secret') : 'not everything could be checked';
  yield `leakwarden: ${colours.red(colours.bold(`${what} blocked`))}: ${because}\n\n`;
  for (const finding of report.findings.slice(0, MOST_FINDINGS)) yield* findingLines(finding, colours);
  if (count > MOST_FINDINGS) yield `  and ${counted(count - MOST_FINDINGS, 'more', 'more')}\n\n`;
  yield* problemLines(report.problems);
  if (count > 0) yield* waysOut(report, skip, options);
  else if (skip !== null) yield `  once, on the record:  ${skip}\n`;
}

function* findingLines(finding: Finding, colours: ReturnType<typeof pc.createColors>): Iterable<string> {
  const length = counted(finding.secret.length, 'character');
  const shown = finding.preview === '' ? length : `${printable(finding.preview)}… ${length}`;
  const told = Object.entries(detailFields(finding)).map(([label, text]) => `${label} ${text}`);
  const verdict = verdictWords(finding.verdict);
  const why = [`${finding.severity} severity`, `${finding.confidence} confidence`, ...(verdict === null ? [] : [verdict]), ...told];
  yield `  ${colours.bold(printable(finding.name))}  ${shown}  ${colours.dim(printable(finding.rule))}\n`;
  for (const place of finding.places.slice(0, MOST_PLACES))
    yield `    ${colours.cyan(printable(maskPath(place.path, finding)))}:${place.line}:${place.column}\n`;
  if (finding.places.length > MOST_PLACES) yield `    and ${counted(finding.places.length - MOST_PLACES, 'more place')}\n`;
  yield `    ${colours.dim(printable(why.join(', ')))}\n\n`;
}

function* problemLines(problems: readonly Problem[]): Iterable<string> {
  for (const { code, data } of problems.slice(0, MOST_PROBLEMS))
    yield `  not checked: ${describe(code, data)}\n    ${hintOf(code, data)}\n`;
  if (problems.length > MOST_PROBLEMS) yield `  and ${counted(problems.length - MOST_PROBLEMS, 'more problem')}\n`;
  if (problems.length > 0) yield '\n';
}

function* waysOut({ findings }: Report, skip: string | null, options: RenderOptions): Iterable<string> {
  const guides = new Set(findings.map(({ rule }) => options.rules.get(rule)?.guide).filter((guide) => typeof guide === 'string'));
  const [guide] = guides;
  const rotate = guides.size === 1 && guide !== undefined ? ` (rotate it at ${printable(guide)})` : '';
  yield `  a secret?      keep it in your secrets store and read it from there; was it shared before, rotate it${rotate}\n`;
  yield '  not a secret?  say so on its line, with the reason:  leakwarden:allow -- reason\n';
  if (skip !== null) yield `  just this once, on the record:  ${skip}\n`;
}
