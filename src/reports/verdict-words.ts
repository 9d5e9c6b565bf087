/** Verdicts in words, for the reports that people read. */
import type { Verdict } from '../core/contracts.ts';

/** Returns what is known beyond the match, or null where nobody was asked. */
export function verdictWords(verdict: Verdict): string | null {
  switch (verdict.state) {
    case 'live':
      return `live: ${placeOf(verdict)}${ownerOf(verdict)}${verdict.since ? ` since ${day(verdict.since)}` : ''}${verdict.expiresAt ? `, ends ${minute(verdict.expiresAt)}` : ''}${othersOf(verdict)}, says ${verdict.by}${verdict.refusedBy === undefined ? '' : `, though ${verdict.refusedBy} refuses it`}`;
    case 'superseded':
      return `superseded${verdict.since ? ` since ${minute(verdict.since)}` : ''}: ${placeOf(verdict)}${openOf(verdict)}, says ${verdict.by}`;
    case 'retired':
      return `retired${verdict.since ? ` since ${minute(verdict.since)}` : ''}${openOf(verdict)}${othersOf(verdict)}, says ${verdict.by}`;
    case 'unknown':
      return verdict.why === 'not-asked' ? null : `not known whether live: ${whyNot(verdict.why, verdict.by, verdict.detail)}`;
  }
}

type Why = (Verdict & { readonly state: 'unknown' })['why'];

function whyNot(why: Exclude<Why, 'not-asked'>, by: string | undefined, detail: string | undefined): string {
  const clause = (by === undefined ? undefined : ASKED[why]?.(by)) ?? UNKNOWN[why];
  return detail === undefined ? clause : `${clause} (${detail})`;
}

/** Of issuers, who are named. */
const ASKED: Readonly<Partial<Record<Why, (by: string) => string>>> = {
  'no-checker': (by) => `${by} was not asked`,
  'denied': (by) => `${by} denies the question, which proves nothing`,
  'unreachable': (by) => `${by} cannot be reached, or has a fault`,
  'timed-out': (by) => `${by} did not answer in time`,
  'rate-limited': (by) => `${by} is not to be asked that much`,
  'odd-reply': (by) => `${by} gave an answer that proves nothing`,
};

type Answered = Exclude<Verdict, { readonly state: 'unknown' }>;

/** One clause each. */
const UNKNOWN: Readonly<Record<Exclude<Why, 'not-asked'>, string>> = {
  'no-checker': 'nothing can check it',
  'not-in-store': 'in no store that is indexed',
  'denied': 'the right to ask is missing',
  'unreachable': 'whoever knows cannot be reached',
  'timed-out': 'no answer in time',
  'rate-limited': 'too many questions',
  'odd-reply': 'the answer was not understood',
  'no-index': 'there is no index of the stores (leakwarden store sync)',
  'index-expired': 'the index of the stores is too old (leakwarden store sync)',
  'index-unreadable': 'the index of the stores cannot be read (leakwarden store sync)',
  'not-looked-up': 'only a few values that can be guessed are looked up in a run',
  'changed': 'something else stands at its place now',
};

function placeOf({ where, version }: Answered): string {
  return version ? `${where} (version ${version})` : where;
}

/** Whose it is, and what it may do. */
function ownerOf({ identity, scopes = [] }: Answered): string {
  const rights =
    scopes.length === 0 ? '' : `may ${scopes.slice(0, 5).join(' ')}${scopes.length > 5 ? ` and ${scopes.length - 5} more` : ''}`;
  const said = [identity ?? '', rights].filter((part) => part !== '').join('; ');
  return said === '' ? '' : ` (${said})`;
}

function othersOf({ also = [] }: Answered): string {
  return also.length === 0 ? '' : `, also ${also.slice(0, 3).join(', ')}${also.length > 3 ? ` and ${also.length - 3} more` : ''}`;
}

/** The exposure window, where both ends are known. */
function openOf({ exposure }: Answered): string {
  return exposure?.from && exposure.until ? `, was open from ${day(exposure.from)} to ${day(exposure.until)}` : '';
}

/** Times of a report that somebody else wrote may be anything. */
function day(time: string): string {
  return time.slice(0, 10);
}

function minute(time: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(time) ? `${time.slice(0, 10)} ${time.slice(11, 16)}` : time.slice(0, 40);
}
