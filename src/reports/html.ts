/**
 * The html report: one file to open in a browser or to attach, with filters, and in an audit a picture of when each secret was in the code. It loads nothing: style and
 * script stand in it (html-page.ts), and a content security policy allows these two by their digests and nothing else, so that markup which got through in spite of the
 * escaping could still do nothing. What comes from the scanned side is made printable, then escaped, in elements and quoted attributes alone. No values, `--reveal` or not.
 */
import type { Finding, Part, Place, Problem, RenderOptions, Report, Reporter, Suppressed } from '../core/contracts.ts';
import { describe, hintOf } from '../core/errors.ts';
import { SEVERITIES } from '../core/rule.ts';
import { counted, decodedWords, size } from './amounts.ts';
import { gravest, groupByRule, mostPressing, type RuleGroup } from './by-rule.ts';
import { detailFields } from './fields.ts';
import { attribute, escaped, link, PAGE_END, pageStart, withLinks } from './html-page.ts';
import { htmlTimeline } from './html-timeline.ts';
import { maskPath, maskText, pageOf } from './mask.ts';
import { nextSteps, rotateCommand } from './next-steps.ts';
import { shortId, timelineOf } from './timeline.ts';
import { verdictWords } from './verdict-words.ts';

export const htmlReporter: Reporter = { format: 'html', render: renderHtml };

const STATES = ['live', 'superseded', 'unknown', 'retired'] as const;

function* renderHtml(report: Report, options: RenderOptions): Iterable<string> {
  const { findings } = report;
  yield pageStart(`leakwarden: ${findings.length === 0 ? 'no findings' : counted(findings.length, 'finding')}`);
  yield* head(report);
  if (findings.length > 0) yield filters();
  yield* htmlTimeline(report);
  for (const group of groupByRule(findings)) yield* section(group, report, options);
  yield* suppressedList(report.suppressed);
  yield* problemList(report.problems);
  yield PAGE_END;
}

function* head({ findings, stats, problems, inputs, repositories = [], started, tool }: Report): Iterable<string> {
  yield `<header>\n<h1>${findings.length === 0 ? 'No findings' : counted(findings.length, 'finding')}</h1>\n<ul class="totals">\n`;
  for (const severity of SEVERITIES) {
    const count = findings.filter((finding) => finding.severity === severity).length;
    if (count > 0) yield `<li class="${severity}">${count} ${severity}</li>\n`;
  }
  const live = findings.filter(({ verdict }) => verdict.state === 'live').length;
  if (live > 0) yield `<li class="live">${live} live</li>\n`;
  if (problems.length > 0) yield `<li class="incomplete">incomplete: <a href="#problems">${counted(problems.length, 'problem')}</a></li>\n`;
  const where =
    stats.commits === undefined
      ? counted(stats.files, 'file')
      : `${counted(stats.files, 'version')} of files, ${counted(stats.commits, 'commit')}`;
  const binary = stats.binaryFiles === 0 ? '' : `, ${counted(stats.binaryFiles, 'binary file')} not scanned`;
  yield `</ul>\n<p>${where}, ${size(stats.bytes)}${binary}. ${escaped(tool.name)} ${escaped(tool.version)}, ${escaped(started)}</p>\n<ul class="inputs">\n`;
  for (const input of inputs) yield `<li><code>${escaped(input)}</code></li>\n`;
  for (const { name, origin, head: at, branch } of repositories) {
    const from = origin === null || origin === name ? '' : ` ${link(origin, escaped(origin))}`;
    const out = at === null ? '' : ` ${escaped(branch ?? 'detached')} <code>${escaped(shortId(at))}</code>`;
    yield `<li>${escaped(name)}${from}${out}</li>\n`;
  }
  yield '</ul>\n</header>\n';
}

/** Hidden until the script is there to act on it. */
function filters(): string {
  const box = (kind: string, value: string): string => `<label><input type="checkbox" data-${kind}="${value}" checked> ${value}</label>`;
  const severities = SEVERITIES.map((severity) => box('severity', severity)).join(' ');
  const states = STATES.map((state) => box('state', state)).join(' ');
  return `<form id="filters" hidden>\n<label>find <input type="search" id="find" autocomplete="off"></label>\n<fieldset><legend>severity</legend>${severities}</fieldset>\n<fieldset><legend>state</legend>${states}</fieldset>\n<output id="shown"></output>\n</form>\n`;
}

function* section(group: RuleGroup, report: Report, { rules }: RenderOptions): Iterable<string> {
  const help = rules.get(group.rule);
  const name = help?.name ?? group.findings[0]?.name ?? group.rule;
  yield `<section class="rule">\n<h2><span class="badge ${gravest(group)}">${gravest(group)}</span> ${escaped(name)} <small>${escaped(group.rule)}</small></h2>\n`;
  if (help !== undefined) yield `<p>${escaped(help.description)}</p>\n`;
  for (const finding of group.findings) yield* article(finding, report);
  yield '<h3>what to do</h3>\n<ol>\n';
  for (const step of nextSteps(help, mostPressing(group))) yield `<li>${withLinks(step)}</li>\n`;
  yield '</ol>\n</section>\n';
}

function* article(finding: Finding, report: Report): Iterable<string> {
  const { severity, verdict, confidence, checksum, history } = finding;
  const opening = finding.preview === '' ? 'secret of ' : `<code>${escaped(finding.preview)}…</code> `;
  const facts = `${confidence} confidence${checksum === 'valid' ? ', checksum valid' : ''}`;
  const known = verdictWords(verdict);
  yield `<article${attribute('id', `finding-${finding.id}`)} data-severity="${severity}" data-state="${verdict.state}">\n`;
  yield `<h4>${opening}${counted(finding.secret.length, 'character')} <small>${facts}</small></h4>\n`;
  if (known !== null) yield `<p class="verdict ${verdict.state}">${escaped(maskText(known, finding))}</p>\n`;
  const command = rotateCommand(finding, report);
  if (command !== null) yield `<p><code>${escaped(command)}</code></p>\n`;
  const details = Object.entries(detailFields(finding)).map(([label, text]) => `${label} ${text}`);
  if (details.length > 0) yield `<p>of ${escaped(details.join(', '))}</p>\n`;
  yield '<ul class="places">\n';
  for (const place of finding.places) yield `<li>${placeWords(place, finding)}</li>\n`;
  const more = (history?.totals.places ?? 0) - finding.places.length;
  if (more > 0) yield `<li>and ${counted(more, 'more', 'more')}</li>\n`;
  for (const [name, part] of Object.entries(finding.parts)) yield partLine(name, part, finding);
  yield '</ul>\n';
  const events = timelineOf(finding);
  if (events.length > 0) yield '<dl>\n';
  for (const { label, text } of events) yield `<dt>${escaped(label)}</dt><dd>${escaped(text)}</dd>\n`;
  if (events.length > 0) yield '</dl>\n';
  yield `<p class="id">${escaped(finding.id)}</p>\n</article>\n`;
}

function partLine(name: string, part: Part, finding: Finding): string {
  return `<li>with ${escaped(name)} at ${placeWords(part.place, finding)}</li>\n`;
}

function placeWords(place: Place, finding: Finding): string {
  const path = `<code>${escaped(maskPath(place.path, finding))}:${place.line}:${place.column}</code>`;
  const url = pageOf(place, finding);
  const commit = place.commit === undefined ? '' : ` <code class="commit">${escaped(shortId(place.commit))}</code>`;
  const decoded = place.decoded ? ` <small>${escaped(decodedWords(place.decoded))}</small>` : '';
  return `${url === undefined ? path : link(url, path)}${commit}${decoded}`;
}

function* suppressedList(suppressed: readonly Suppressed[]): Iterable<string> {
  if (suppressed.length === 0) return;
  yield `<details>\n<summary>${counted(suppressed.length, 'finding')} suppressed</summary>\n<ul>\n`;
  for (const { finding, by, reason } of suppressed) {
    const [place] = finding.places;
    const where = place === undefined ? '' : ` at ${placeWords(place, finding)}`;
    yield `<li>${escaped(finding.name)}${where}: ${escaped(by)}, ${escaped(maskText(reason, finding))}</li>\n`;
  }
  yield '</ul>\n</details>\n';
}

function* problemList(problems: readonly Problem[]): Iterable<string> {
  if (problems.length === 0) return;
  yield '<section id="problems">\n<h2>Problems</h2>\n<ul>\n';
  for (const { code, data } of problems)
    yield `<li>${escaped(describe(code, data))}<br><small>${escaped(hintOf(code, data))}</small></li>\n`;
  yield '</ul>\n</section>\n';
}
