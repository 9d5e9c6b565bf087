/**
 * The time of `--since`: `2024-01-31`, `2024-01-31T12:00:00Z`, `3 weeks`, `90 days ago`, `yesterday`. git itself takes any text for a time, and
 * what it does not know for now: an audit of nothing. Text in, seconds since 1970 out. Called by run-audit.ts.
 */
import { ToolError } from '../core/errors.ts';

const SECONDS: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 7 * 86_400,
  month: 30 * 86_400,
  year: 365 * 86_400,
};

/** Throws ToolError bad-option. A date without a zone is in UTC. */
export function parseSince(text: string, now: Date): number {
  const ago = /^(\d{1,5}) *(second|minute|hour|day|week|month|year)s?(?: ago)?$/i.exec(text.trim());
  const seconds = Math.floor(now.getTime() / 1000);
  if (ago) return seconds - Number(ago[1]) * (SECONDS[(ago[2] ?? '').toLowerCase()] ?? 0);
  if (text.trim().toLowerCase() === 'yesterday') return seconds - 86_400;
  const date = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:?\d\d)?)?$/.exec(text.trim());
  const time = date ? Date.parse(`${date[1]}T${date[2] ?? '00:00:00'}${date[3] ?? 'Z'}`) : Number.NaN;
  if (!Number.isNaN(time)) return Math.floor(time / 1000);
  throw new ToolError('bad-option', { message: `--since must be a date (2024-01-31) or an age (3 weeks), not ${text}` });
}
