/**
 * Settles what was found in clear against what was found decoded at the same place: the payload of a JWT is no second finding, but a private key in base64
 * says more than the name of the setting it stands in. In come the matches of a window and of its encoded text; out come those that stay. Called by
 * scan-blob.ts.
 */
import type { ByteSpan } from '../core/contracts.ts';
import type { RuleView } from '../ruleset/rule-view.ts';
import { type DecodedText, placeInWindow } from './decoded-text.ts';
import type { DecodedMatch } from './encoded-text.ts';
import type { RawMatch } from './raw-match.ts';
import type { Resolved } from './resolve.ts';

export type Settled = { readonly plain: readonly Resolved[]; readonly decoded: readonly DecodedMatch[] };

/** `decoded` comes level by level, the outermost first. */
export function settleDecoded(plain: readonly Resolved[], decoded: readonly DecodedMatch[], rules: RuleView): Settled {
  if (decoded.length === 0) return { plain, decoded };
  // What a text holds itself is "in clear" for what is encoded in it; null: the window.
  const hosts = new Map<DecodedText | null, Resolved[]>([[null, [...plain]]]);
  for (const one of decoded) {
    const group = hosts.get(one.text);
    if (group) group.push(one);
    else hosts.set(one.text, [one]);
  }
  const beaten = new Set<RawMatch>();
  const kept: DecodedMatch[] = [];
  const byRule = new Map<number, Kept[]>();
  for (const one of decoded) {
    const place = placeInWindow(one.text, one.match.secretStart, one.match.secretEnd);
    const rivals = rivalsOf(one, hosts).filter(({ host }) => !beaten.has(host));
    const equals = byRule.get(one.match.rule) ?? [];
    // The same line may be decoded in two ways, and in two pieces.
    const isDouble = equals.some((other) => other.text !== one.text && isOverlapping(other.place, place));
    if (beaten.has(one.match) || isDouble || rivals.some(({ host, span }) => !wins(one.match, span, host, rules))) {
      beaten.add(one.match);
      continue;
    }
    for (const { host } of rivals) beaten.add(host);
    kept.push(one);
    equals.push({ text: one.text, place });
    byRule.set(one.match.rule, equals);
  }
  return { plain: plain.filter(({ match }) => !beaten.has(match)), decoded: kept.filter(({ match }) => !beaten.has(match)) };
}

type Kept = { readonly text: DecodedText; readonly place: ByteSpan };

/** Returns the matches at the same place in the texts round a match's own, with that place in their text. */
function rivalsOf(one: DecodedMatch, hosts: ReadonlyMap<DecodedText | null, readonly Resolved[]>): { host: RawMatch; span: ByteSpan }[] {
  const out: { host: RawMatch; span: ByteSpan }[] = [];
  let span: ByteSpan = { start: one.match.secretStart, end: one.match.secretEnd };
  for (let text: DecodedText | null = one.text; text; text = text.parent) {
    span = text.outerOf(span.start, span.end);
    for (const host of overlapping(hosts.get(text.parent) ?? [], span)) out.push({ host, span });
  }
  return out;
}

/** Returns the matches whose secrets touch a span. Matches of one text are in order, and their secrets apart. */
function* overlapping(sorted: readonly Resolved[], span: ByteSpan): Generator<RawMatch> {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.match.secretEnd ?? 0) <= span.start) low = middle + 1;
    else high = middle;
  }
  for (let match = sorted[low]?.match; match && match.secretStart < span.end; match = sorted[++low]?.match) yield match;
}

/** Whether a decoded match stays and the one in clear at its place goes. */
function wins(decoded: RawMatch, span: ByteSpan, host: RawMatch, rules: RuleView): boolean {
  if (decoded.secret === host.secret) return false;
  if ((decoded.placeholder === null) !== (host.placeholder === null)) return decoded.placeholder === null;
  const [isGeneric, isHostGeneric] = [decoded, host].map(({ rule }) => rules.at(rule)?.generic === true);
  if (isGeneric !== isHostGeneric) return isGeneric !== true;
  const lengthBytes = host.secretEnd - host.secretStart;
  return host.secretStart >= span.start && host.secretEnd <= span.end && lengthBytes < span.end - span.start;
}

function isOverlapping(a: ByteSpan, b: ByteSpan): boolean {
  return a.start < b.end && b.start < a.end;
}
