/**
 * The history of a finding in words, a line for each thing that happened: came in, where it is today, which tags keep it, taken out.
 * Finding in, lines out, not yet made printable; used by the text and sarif reports.
 */
import type { Finding } from '../core/contracts.ts';
import { counted } from './amounts.ts';
import { historyFields } from './fields.ts';

export type Event = { readonly label: string; readonly text: string };

/** Names in one line. */
const MOST_NAMES = 4;

/** Digits of a commit's id that people are shown: git's own choice for large repositories. */
const ID_DIGITS = 12;

/** Returns the events, oldest first; none for a finding without history. */
export function timelineOf(finding: Finding): Event[] {
  const history = historyFields(finding);
  if (history === undefined) return [];
  const { firstCommit, firstSeen, author, authorEmail, paths, branches, tags, refs, today, inHead, removedIn, removedAt, totals } = history;
  const events: Event[] = [];
  if (firstCommit === null) events.push({ label: 'in', text: 'an object that no known commit holds' });
  else {
    const email = authorEmail === undefined ? '' : ` <${authorEmail}>`;
    events.push({ label: 'since', text: `${dayOf(firstSeen)} in ${shortId(firstCommit)} by ${author ?? ''}${email}` });
  }
  if (totals.paths > 1) events.push({ label: 'paths', text: listed(paths, totals.paths) });
  if (totals.today > 0 || inHead)
    events.push({ label: 'today', text: listed([...(inHead ? ['HEAD'] : []), ...today], totals.today + (inHead ? 1 : 0)) });
  else if (removedIn !== undefined) events.push({ label: 'gone', text: `${dayOf(removedAt ?? null)} in ${shortId(removedIn)}` });
  const holders = [...branches, ...tags, ...refs];
  const total = totals.branches + totals.tags + totals.refs;
  events.push({ label: 'kept by', text: total === 0 ? 'no branch and no tag: git gc may drop it' : listed(holders, total) });
  return events;
}

/** Returns the first digits of a commit's id. */
export function shortId(id: string): string {
  return id.slice(0, ID_DIGITS);
}

function dayOf(date: string | null): string {
  return date === null ? 'at an unknown time' : date.slice(0, 10);
}

function listed(names: readonly string[], total: number): string {
  const shown = names.slice(0, MOST_NAMES).join(', ');
  const more = total - Math.min(names.length, MOST_NAMES);
  return more > 0 ? `${shown} and ${counted(more, 'more', 'more')}` : shown;
}
