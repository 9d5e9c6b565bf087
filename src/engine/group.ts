/** Puts matches together: those that a suppressor speaks against on one side, and the others as findings, one for each rule and secret. */
import type { Finding, FindingId, Match, Suppressor } from '../core/contracts.ts';
import { CONFIDENCES, type RuleId } from '../core/rule.ts';
import type { CompiledRule } from '../ruleset/compiled.ts';
import type { FindingIds } from './finding-id.ts';

export type SuppressedMatches = { readonly by: string; readonly reason: string; readonly matches: readonly Match[] };

/** Asks the suppressors about each match; the first that speaks is named. Groups by suppressor and reason, in order of appearance. */
export function splitSuppressed(
  matches: readonly Match[],
  suppressors: readonly Suppressor[],
): { kept: Match[]; suppressed: SuppressedMatches[] } {
  const kept: Match[] = [];
  const groups = new Map<string, { by: string; reason: string; matches: Match[] }>();
  for (const match of matches) {
    const spoken = firstReason(match, suppressors);
    if (!spoken) {
      kept.push(match);
      continue;
    }
    const key = `${spoken.by}\0${spoken.reason}`;
    const group = groups.get(key) ?? { ...spoken, matches: [] };
    group.matches.push(match);
    groups.set(key, group);
  }
  return { kept, suppressed: [...groups.values()] };
}

function firstReason(match: Match, suppressors: readonly Suppressor[]): { by: string; reason: string } | null {
  for (const suppressor of suppressors) {
    const reason = suppressor.why(match);
    if (reason !== null) return { by: suppressor.id, reason };
  }
  return null;
}

/** What an audit knows of a finding beside its matches. */
export type Describe = (matches: readonly Match[]) => Pick<Finding, 'places' | 'history'>;

const placesOf: Describe = (matches) => ({ places: matches.map(({ place }) => place) });

/** What a finding says of its rule. */
export type RuleWords = {
  byId(id: RuleId): Pick<CompiledRule, 'id' | 'provider' | 'name' | 'severity' | 'prefix'> | undefined;
};

/** Returns the findings in order of their first place; the surest match speaks for the finding. */
export function groupFindings(matches: readonly Match[], rules: RuleWords, ids: FindingIds, describe: Describe = placesOf): Finding[] {
  const byId = new Map<FindingId, Match[]>();
  for (const match of matches) {
    const id = ids.of(match);
    const group = byId.get(id);
    if (group) group.push(match);
    else byId.set(id, [match]);
  }
  return [...byId].flatMap(([id, group]) => {
    const [best] = [...group].sort((a, b) => sureness(b) - sureness(a));
    const rule = best && rules.byId(best.rule);
    if (!best || !rule) return [];
    return [
      {
        id,
        rule: rule.id,
        provider: rule.provider,
        name: rule.name,
        severity: rule.severity,
        confidence: best.confidence,
        entropy: best.entropy,
        checksum: best.checksum,
        details: best.details,
        secret: best.secret,
        preview: rule.prefix,
        parts: best.parts,
        ...describe(group),
        verdict: { state: 'unknown', why: 'not-asked' },
      } satisfies Finding,
    ];
  });
}

function sureness(match: Match): number {
  return CONFIDENCES.length - CONFIDENCES.indexOf(match.confidence) + Object.keys(match.parts).length;
}
