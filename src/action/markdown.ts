/**
 * Findings as Markdown for GitHub: the job's summary, the body of a review, a comment on a line, the text of a check run. In: an outcome (outcome.ts) and where
 * links lead. Everything from the scanned side is put in code spans or escaped: no link, mention, command or HTML of a stranger comes through. Pure.
 */
import type { Place } from '../core/contracts.ts';
import { describe, printable } from '../core/errors.ts';
import { counted, decodedWords } from '../reports/amounts.ts';
import { maskPath } from '../reports/mask.ts';
import { nextSteps } from '../reports/next-steps.ts';
import { shortId } from '../reports/timeline.ts';
import { verdictWords } from '../reports/verdict-words.ts';
import type { Outcome, Shown } from './outcome.ts';

/** What was looked at, and where links lead. */
export type Links = {
  /** `https://github.com/owner/name`. */
  readonly repository: string;
  readonly head: string;
  /** `12 commits up to abc1234`. */
  readonly range: string;
};

const MOST_PLACES = 5;
const MOST_PROBLEMS = 20;
/** Of a path in a table; the reports have them whole. */
const MOST_PATH_CHARACTERS = 300;

/** Returns everything in one page of at most `maxBytes` bytes: findings are left out at the end and said. */
export function renderPage(outcome: Outcome, links: Links, maxBytes: number): string {
  const head = [`### ${headline(outcome)}`, '', sentenceOfRange(outcome, links), ''];
  const tail = [...problemLines(outcome), ...lastWords(outcome)];
  const rows = outcome.shown.map((one) => rowOf(one, links));
  for (let count = rows.length; ; count = Math.floor(count / 2)) {
    const left = rows.length - count;
    const table = rows.length === 0 ? [] : ['| Finding | Where | State |', '| --- | --- | --- |', ...rows.slice(0, count), ''];
    const note = left === 0 ? [] : [`${counted(left, 'more finding')} left out here; the report file has them all.`, ''];
    const page = [...head, ...table, ...note, ...tail].join('\n');
    if (Buffer.byteLength(page) <= maxBytes || count === 0) return page;
  }
}

/** `leakwarden: 2 findings, 1 live`. */
export function headline({ shown, live, problems }: Outcome): string {
  const incomplete = problems.length === 0 ? '' : ', incomplete';
  if (shown.length === 0) return `leakwarden: no findings${incomplete}`;
  return `leakwarden: ${counted(shown.length, 'finding')}${live === 0 ? '' : `, ${live} live`}${incomplete}`;
}

/** A comment on the line: what it is, what is known, what to do. */
export function renderComment({ finding, help, here, inCommits }: Shown, links: Links): string {
  const verdict = verdictWords(finding.verdict);
  const steps = nextSteps(help, finding.verdict.state).map((step, index) => `${index + 1}. ${escaped(step)}`);
  const others = here.length > 1 ? ['', `The same value is at ${counted(here.length - 1, 'other place')} in these files.`] : [];
  const first = inCommits[0]?.commit;
  const since = first === undefined ? [] : ['', `It came in with commit ${commitLink(first, links)}.`];
  return [
    `**${escaped(finding.name)}** · ${finding.severity}${verdict === null ? '' : ` · ${escaped(verdict)}`}`,
    ...since,
    ...others,
    '',
    ...steps,
    '',
    `<sub>leakwarden · rule ${code(finding.rule)} · finding ${code(finding.id)}</sub>`,
  ].join('\n');
}

/** What becomes of a comment whose value is gone from the place. */
export function renderFixed(commit: string): string {
  return [
    `The value that was found here is gone as of ${shortId(commit)}: it was taken out, or allowed.`,
    '',
    'Taking a credential out of the code does not take it out of the history: if it was ever valid, it must be rotated.',
  ].join('\n');
}

function sentenceOfRange({ suppressed }: Outcome, { range }: Links): string {
  const hidden =
    suppressed === 0 ? '' : ` ${counted(suppressed, 'finding is', 'findings are')} suppressed (baseline, allow comments, placeholders).`;
  return `Looked at ${escaped(range)}.${hidden}`;
}

function rowOf({ finding, here, inCommits, isNew, counts }: Shown, links: Links): string {
  const places = here.length > 0 ? here : inCommits;
  const shown = places.slice(0, MOST_PLACES).map((place) => placeCell(place, maskPath(place.path, finding), links));
  if (places.length > MOST_PLACES) shown.push(`and ${counted(places.length - MOST_PLACES, 'more place')}`);
  const known = verdictWords(finding.verdict);
  const state = [
    known === null ? '' : escaped(known),
    here.length === 0 ? 'in commits only, not in the files of the head' : '',
    isNew ? '' : 'not new',
  ];
  const what = `**${escaped(finding.name)}**<br>${finding.severity}${counts ? '' : ', does not fail the job'}<br>${code(finding.rule)}`;
  return `| ${what} | ${shown.join('<br>')} | ${state.filter((one) => one !== '').join('<br>')} |`;
}

function placeCell(place: Place, path: string, links: Links): string {
  const encoded = place.decoded === undefined ? '' : ` (${decodedWords(place.decoded)})`;
  const name = `${path.slice(0, MOST_PATH_CHARACTERS)}:${place.line}`;
  // Messages, notes and tags are no files that a link could lead to.
  if (path.startsWith('.git/')) return `message of ${place.commit === undefined ? code(path) : commitLink(place.commit, links)}${encoded}`;
  const at = place.commit ?? links.head;
  const target = `${links.repository}/blob/${at}/${path.split('/').map(encodeSegment).join('/')}#L${place.line}`;
  const commit = place.commit === undefined ? '' : ` in ${commitLink(place.commit, links)}`;
  return path === place.path ? `[${code(name)}](${target})${commit}${encoded}` : `${code(name)}${commit}${encoded}`;
}

function commitLink(id: string, { repository }: Links): string {
  return `[${shortId(id)}](${repository}/commit/${id})`;
}

function problemLines({ problems }: Outcome): string[] {
  if (problems.length === 0) return [];
  const lines = problems.slice(0, MOST_PROBLEMS).map(({ code: name, data }) => `- ${escaped(describe(name, data))}`);
  if (problems.length > MOST_PROBLEMS) lines.push(`- and ${counted(problems.length - MOST_PROBLEMS, 'more problem')}`);
  return ['**Not everything was looked at:**', '', ...lines, ''];
}

function lastWords({ shown }: Outcome): string[] {
  if (shown.length === 0) return [];
  return [
    'Rotate what is real where it was issued, then take it out of the code: git keeps the old value. Not a secret? Say so on the line: `leakwarden:allow -- reason`.',
  ];
}

/** Escapes what Markdown and GitHub would obey: emphasis, links, HTML, tables, mentions, issue numbers. */
export function escaped(text: string): string {
  return printable(text)
    .split(/(https?:\/\/[^\s<>"'|`\\]+)/)
    .map((piece, index) => (index % 2 === 1 ? `<${piece}>` : escapedWords(piece)))
    .join('');
}

function escapedWords(text: string): string {
  return text.replace(/[&<>@#\\`*_[\]|~]/g, (character) => ENTITIES[character] ?? `\\${character}`);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '@': '&#64;', '#': '&#35;' };

/** A code span that its text cannot end: the fence is longer than any run of backticks in it. Bars would end a table's cell. */
export function code(text: string): string {
  const clean = printable(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...(clean.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${clean}${fence}` : `${fence} ${clean} ${fence}`;
}

function encodeSegment(segment: string): string {
  const wellFormed = segment.replace(/\p{Surrogate}/gu, '\ufffd');
  return encodeURIComponent(wellFormed).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
