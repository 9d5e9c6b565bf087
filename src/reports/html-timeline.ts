/**
 * When each secret was in the code: a bar for each finding of an audit, from the day on which it came in to the day on which it went, or to the day of the audit. Drawn as
 * SVG with attributes alone. Called by html.ts.
 */
import type { Finding, Report } from '../core/contracts.ts';
import { counted } from './amounts.ts';
import { escaped } from './html-page.ts';

/** Bars; the rest are in the list below. */
const MOST_ROWS = 100;
const MOST_LABEL_CHARACTERS = 38;

/** In units of the drawing. */
const WIDTH = 1000;
const LEFT = 240;
const ROW = 16;
const TOP = 20;
const DAY_MS = 86_400_000;

type Bar = { readonly finding: Finding; readonly from: number; readonly until: number; readonly isOpen: boolean };

export function* htmlTimeline({ findings, started }: Report): Iterable<string> {
  const end = Date.parse(started);
  const bars = findings.flatMap((finding) => barOf(finding, end)).sort((a, b) => a.from - b.from || order(a.finding.id, b.finding.id));
  if (bars.length === 0) return;
  const begin = Math.min(...bars.map(({ from }) => from));
  const last = Math.max(begin + DAY_MS, ...bars.map(({ until }) => until));
  const at = (time: number): string => (LEFT + ((time - begin) / (last - begin)) * (WIDTH - LEFT)).toFixed(1);
  const shown = bars.slice(0, MOST_ROWS);
  const height = TOP + shown.length * ROW + 4;
  yield `<section id="timeline">\n<h2>Time in the code</h2>\n<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="when each secret was in the code">\n`;
  yield `<line class="axis" x1="${LEFT}" y1="${TOP - 4}" x2="${WIDTH}" y2="${TOP - 4}"/>\n`;
  yield `<text x="${LEFT}" y="11">${dayOf(begin)}</text><text x="${WIDTH}" y="11" text-anchor="end">${dayOf(last)}</text>\n`;
  for (const [index, { finding, from, until, isOpen }] of shown.entries()) {
    const y = TOP + index * ROW;
    const width = Math.max(3, Number(at(until)) - Number(at(from))).toFixed(1);
    const name = finding.name.length > MOST_LABEL_CHARACTERS ? `${finding.name.slice(0, MOST_LABEL_CHARACTERS)}…` : finding.name;
    const x = Math.min(Number(at(from)), WIDTH - 3).toFixed(1);
    const title = `<title>${dayOf(from)} to ${isOpen ? 'today' : dayOf(until)}</title>`;
    yield `<text x="0" y="${y + 10}">${escaped(name)}</text><rect class="${isOpen ? 'open' : 'closed'}" x="${x}" y="${y + 1}" width="${width}" height="${ROW - 5}">${title}</rect>\n`;
  }
  yield '</svg>\n';
  if (bars.length > MOST_ROWS) yield `<p>and ${counted(bars.length - MOST_ROWS, 'more', 'more')}</p>\n`;
  yield '</section>\n';
}

/** Clocks of authors say anything: what ends before it begins is a day. */
function barOf(finding: Finding, end: number): Bar[] {
  const { history } = finding;
  const from = Date.parse(history?.firstSeen ?? '');
  if (history === undefined || Number.isNaN(from) || Number.isNaN(end)) return [];
  const gone = Date.parse(history.removedAt ?? '');
  const isOpen = Number.isNaN(gone);
  return [{ finding, from, until: Math.max(from, isOpen ? end : gone), isOpen }];
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
