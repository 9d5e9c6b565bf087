/**
 * A resolved match on its way out of the engine: with its value in clear, its place in lines and columns, its parts and the lines round it. Plain data, since it crosses
 * threads. Called by scan-blob.ts, which knows the window.
 */
import { isUtf8 } from 'node:buffer';
import type { ByteSpan, Place } from '../core/contracts.ts';
import type { Confidence } from '../core/rule.ts';
import type { Details } from '../ruleset/structures/index.ts';
import { type DecodedText, placeInWindow } from './decoded-text.ts';
import type { Locator } from './locate.ts';
import type { RawMatch } from './raw-match.ts';
import type { Resolved } from './resolve.ts';
import type { LoadedWindow } from './windows.ts';

export type FoundPlace = Omit<Place, 'path' | 'commit' | 'url'>;

export type FoundPart = { readonly rule: number; readonly secret: string; readonly place: FoundPlace; readonly details: Details };

/** A match as it crosses threads: plain data, with the value in clear. The receiver makes it a Secret at once (to-matches.ts). */
export type FoundMatch = FoundPart & {
  readonly parts: Readonly<Record<string, FoundPart>>;
  readonly confidence: Confidence;
  readonly entropy: number;
  readonly checksum: 'valid' | 'invalid' | 'none';
  readonly placeholder: string | null;
  readonly doubt: string | null;
  readonly excerpt: string;
  readonly excerptLine: number;
};

/** Bytes of the lines round a match that are kept for allow comments, on either side. */
const EXCERPT_BYTES = 1500;

/** A match with the place of its secret in the window; `text` is what it was found in, null for the window itself. */
export type Placed = Resolved & { readonly text: DecodedText | null; readonly span: ByteSpan };

/** Returns all matches in the order of the window. */
export function inPlace(plain: readonly Resolved[], decoded: readonly (Resolved & { readonly text: DecodedText })[]): Placed[] {
  const all: Placed[] = plain.map((one) => ({ ...one, text: null, span: { start: one.match.secretStart, end: one.match.secretEnd } }));
  if (decoded.length === 0) return all;
  for (const one of decoded) all.push({ ...one, span: placeInWindow(one.text, one.match.secretStart, one.match.secretEnd) });
  return all.sort((a, b) => a.span.start - b.span.start);
}

/** Returns the match with lines, columns and what stands round it. */
export function locateMatch(placed: Placed, window: LoadedWindow, locator: Locator): FoundMatch {
  const { match, text, span } = placed;
  const { start, line } = excerptStart(span.start, locator);
  const end = Math.min(locator.lineEnd(span.end), span.end + EXCERPT_BYTES);
  const { confidence, entropy, checksum, placeholder, doubt } = match;
  return {
    ...located(match, text, match.secretStart, match.secretEnd, window, locator),
    parts: partsOf(placed, window, locator),
    confidence,
    entropy,
    checksum,
    placeholder,
    doubt,
    excerpt: locator.textBetween(start, end),
    excerptLine: line,
  };
}

function partsOf({ match, parts, text }: Placed, window: LoadedWindow, locator: Locator): Record<string, FoundPart> {
  const companions = Object.entries(parts).map(
    ([name, part]) => [name, located(part, text, part.secretStart, part.secretEnd, window, locator)] as const,
  );
  const own = match.password ? [['password', located(match, text, ...match.password, window, locator)] as const] : [];
  return Object.fromEntries([...own, ...companions]);
}

function located(match: RawMatch, text: DecodedText | null, start: number, end: number, window: LoadedWindow, locator: Locator): FoundPart {
  const span = text ? placeInWindow(text, start, end) : { start, end };
  return {
    rule: match.rule,
    secret: toText(match.secret.slice(start - match.secretStart, end - match.secretStart)),
    place: {
      line: locator.lineAt(span.start),
      column: locator.columnAt(span.start),
      endLine: locator.lineAt(span.end),
      endColumn: locator.columnAt(span.end),
      span: { start: window.toBlob(span.start), end: window.toBlob(span.end) },
      ...(text ? { decoded: text.encodings } : {}),
    },
    details: match.details,
  };
}

/** The line before a match and its own; only its own where they are long. */
function excerptStart(at: number, locator: Locator): { start: number; line: number } {
  const own = locator.lineStart(at);
  if (at - own > EXCERPT_BYTES) return { start: at - EXCERPT_BYTES, line: 0 };
  const before = own > 0 ? locator.lineStart(own - 1) : own;
  return before === own || at - before > EXCERPT_BYTES ? { start: own, line: 0 } : { start: before, line: 1 };
}

/** Bytes as Latin-1 to text: UTF-8 where they are that. */
export function toText(latin1: string): string {
  if (isAscii(latin1)) return latin1;
  const bytes = Buffer.from(latin1, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : latin1;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
