/** Makes matches of what a scan of a blob found: from here on a value is a Secret. */
import type { LineRange, Match, Part, Place, Provenance } from '../core/contracts.ts';
import type { RuleId } from '../core/rule.ts';
import { Secret } from '../core/secret.ts';
import { STORED_SECRET } from '../core/stored-rule.ts';
import type { FoundMatch, FoundPart } from './found-match.ts';
import type { BlobResult } from './scan-blob.ts';

/** Returns the matches; with `added`, those that touch an added line (a part may stand on any line). */
export function toMatches(
  found: readonly FoundMatch[],
  rules: readonly RuleId[],
  provenance: Provenance,
  added?: readonly LineRange[],
): Match[] {
  const idOf = (index: number): string => rules[index] ?? '';
  const commit = 'commit' in provenance ? { commit: provenance.commit } : {};
  const placeOf = (part: FoundPart): Place => ({ path: provenance.path, ...part.place, ...commit });
  const partOf = (part: FoundPart): Part => ({
    rule: idOf(part.rule),
    secret: new Secret(part.secret, idOf(part.rule)),
    place: placeOf(part),
  });
  return found
    .filter((match) => !added || touches(match, added))
    .map((match) => ({
      ...partOf(match),
      provenance,
      parts: Object.fromEntries(Object.entries(match.parts).map(([name, part]) => [name, partOf(part)])),
      confidence: match.confidence,
      entropy: match.entropy,
      checksum: match.checksum,
      details: Object.assign({}, ...Object.values(match.parts).map((part) => part.details), match.details),
      placeholder: match.placeholder,
      doubt: match.doubt,
      excerpt: new Secret(match.excerpt, 'excerpt'),
      excerptLine: match.excerptLine,
    }));
}

/** Returns what stands in the places of passwords as matches of the rule that a store may make of them. */
export function toValues({ values = [] }: BlobResult, provenance: Provenance, added?: readonly LineRange[]): Match[] {
  if (values.length === 0) return [];
  const renamed = values.map((value) => ({ ...value, rule: 0 }));
  return toMatches(renamed, [STORED_SECRET.id], provenance, added);
}

function touches(match: FoundMatch, added: readonly LineRange[]): boolean {
  return [match, ...Object.values(match.parts)].some(({ place }) =>
    added.some((range) => place.line <= range.last && place.endLine >= range.first),
  );
}
