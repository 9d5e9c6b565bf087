/**
 * How leakwarden knows its own review and comments again: by a mark in them that people do not see, and by who wrote them, since anybody can copy a mark. A comment's
 * mark names the finding (its id, which tells nothing of the value) and a digest of the file. Pure.
 */
import { createHash } from 'node:crypto';
import type { FindingId } from '../core/contracts.ts';

const REVIEW_MARK = '<!-- leakwarden:review -->';
const MORE_MARK = '<!-- leakwarden:more -->';
const FIXED_MARK = '<!-- leakwarden:fixed -->';
const COMMENT_MARK = /^<!-- leakwarden:finding ([0-9a-f]{32} [0-9a-f]{16}) -->/;

/** Returns what stands for a finding in a file, whatever lines it moves to. */
export function commentKey(finding: FindingId, path: string): string {
  return `${finding} ${createHash('sha256').update(path).digest('hex').slice(0, 16)}`;
}

export function markReview(body: string): string {
  return `${REVIEW_MARK}\n${body}`;
}

/** A later review, which only brings more comments to the first. */
export function markMore(body: string): string {
  return `${MORE_MARK}\n${body}`;
}

export function markComment(key: string, body: string): string {
  return `<!-- leakwarden:finding ${key} -->\n${body}`;
}

export function markFixed(key: string, body: string): string {
  return `<!-- leakwarden:finding ${key} -->${FIXED_MARK}\n${body}`;
}

export function isReview(body: string | null | undefined): boolean {
  return body?.startsWith(REVIEW_MARK) === true;
}

/** Returns the key that a comment is about, or null for one that is not ours. */
export function keyOfComment(body: string | null | undefined): { readonly key: string; readonly isFixed: boolean } | null {
  const found = COMMENT_MARK.exec(body ?? '');
  if (found?.[1] === undefined) return null;
  return { key: found[1], isFixed: (body ?? '').slice(found[0].length).startsWith(FIXED_MARK) };
}

/** GitHub writes a bot's login as `name[bot]` in one of its interfaces and as `name` in the other. */
export function isSameAuthor(login: string | undefined, own: string): boolean {
  const plain = (name: string): string => name.replace(/\[bot\]$/, '');
  return login !== undefined && plain(login) === plain(own);
}
