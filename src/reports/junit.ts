/**
 * The junit report, for CI systems that show tests: a failed test for each file of a finding, a skipped one for what is suppressed, an error for each problem, and one
 * that passed where there is nothing of these. XML 1.0; attributes as Jenkins, GitLab and GitHub's test reporters read them (github.com/testmoapp/junitxml). Everything
 * that comes from the scanned side is escaped, and made printable first, since XML has no form for control characters. No values, `--reveal` or not.
 */
import type { Finding, Place, RenderOptions, Report, Reporter } from '../core/contracts.ts';
import { describe, hintOf, printable } from '../core/errors.ts';
import { counted, decodedWords } from './amounts.ts';
import { maskPath, maskText, pageOf } from './mask.ts';
import { nextSteps } from './next-steps.ts';
import { timelineOf } from './timeline.ts';
import { verdictWords } from './verdict-words.ts';

export const junitReporter: Reporter = { format: 'junit', render: renderJunit };

/** Places told of one file. */
const MOST_PLACES = 20;
/** Digits of a finding's id in a test's name: the name is the same when the secret moves within its file. */
const ID_DIGITS = 8;

function* renderJunit(report: Report, options: RenderOptions): Iterable<string> {
  const failures = report.findings.reduce((sum, { places }) => sum + filesOf(places).size, 0);
  const [skipped, errors] = [report.suppressed.length, report.problems.length];
  const counts = { tests: Math.max(1, failures + skipped + errors), failures, errors, skipped, time: report.stats.seconds.toFixed(3) };
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites${attributes({ name: 'leakwarden', ...counts })}>\n`;
  yield `  <testsuite${attributes({ name: 'leakwarden', timestamp: report.started.slice(0, 19), ...counts })}>\n`;
  for (const finding of report.findings) {
    for (const [path, places] of filesOf(finding.places)) yield failure(finding, path, places, options);
  }
  for (const { finding, by, reason } of report.suppressed) {
    const [place] = finding.places;
    const message = `${by}: ${maskText(reason, finding)}`;
    yield testCase(finding, place?.path ?? '', place, `      <skipped${attributes({ message })}/>\n`);
  }
  for (const { code, where, data } of report.problems) {
    const name = `${code}: ${where}`;
    const error = `      <error${attributes({ type: code, message: describe(code, data) })}>${escaped(hintOf(code, data))}</error>\n`;
    yield `    <testcase${attributes({ classname: 'leakwarden', name })}>\n${error}    </testcase>\n`;
  }
  if (failures + skipped + errors === 0) yield `    <testcase${attributes({ classname: 'leakwarden', name: 'no findings' })}/>\n`;
  yield '  </testsuite>\n</testsuites>\n';
}

function failure(finding: Finding, path: string, places: readonly Place[], { rules }: RenderOptions): string {
  const help = rules.get(finding.rule);
  const opening = finding.preview === '' ? '' : `${finding.preview}…, `;
  const what = `${finding.name} (${opening}${counted(finding.secret.length, 'character')}, ${finding.confidence} confidence)`;
  const known = verdictWords(finding.verdict);
  const more = places.length > MOST_PLACES ? [`and ${counted(places.length - MOST_PLACES, 'more', 'more')}`] : [];
  const lines = [
    ...places.slice(0, MOST_PLACES).map((place) => placeWords(place, finding)),
    ...more,
    ...(known === null ? [] : [maskText(known, finding)]),
    ...timelineOf(finding).map(({ label, text }) => `${label}: ${text}`),
    ...(help === undefined ? [] : [help.description]),
    ...nextSteps(help, finding.verdict.state).map((step, index) => `${index + 1}. ${step}`),
  ];
  const body = `      <failure${attributes({ type: finding.rule, message: what })}>${lines.map(escaped).join('\n')}</failure>\n`;
  return testCase(finding, path, places[0], body);
}

function testCase(finding: Finding, path: string, place: Place | undefined, body: string): string {
  const file = maskPath(path, finding);
  const name = `${finding.name} ${finding.id.slice(0, ID_DIGITS)}`;
  return `    <testcase${attributes({ classname: file, name, file, line: place?.line ?? 1 })}>\n${body}    </testcase>\n`;
}

function placeWords(place: Place, finding: Finding): string {
  const decoded = place.decoded ? ` ${decodedWords(place.decoded)}` : '';
  const commit = place.commit === undefined ? '' : ` in commit ${place.commit}`;
  const url = pageOf(place, finding);
  return `${maskPath(place.path, finding)}:${place.line}:${place.column}${decoded}${commit}${url === undefined ? '' : ` ${url}`}`;
}

function filesOf(places: readonly Place[]): Map<string, Place[]> {
  const files = new Map<string, Place[]>();
  for (const place of places) {
    const known = files.get(place.path);
    if (known === undefined) files.set(place.path, [place]);
    else known.push(place);
  }
  return files;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('');
}

/** XML 1.0 section 2.2 has no place for the last two code points of the plane either. */
function escaped(text: string): string {
  return printable(text).replace(/[&<>"'\ufffe\uffff]/g, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xff ? `\\u{${code.toString(16)}}` : `&#${code};`;
  });
}
