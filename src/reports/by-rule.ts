/** Findings in the order in which people read them: those of one rule together, rules with something live first, then the gravest. Used by text, markdown and html. */
import type { Finding } from '../core/contracts.ts';
import type { Severity } from '../core/rule.ts';
import { severityRank } from './amounts.ts';

export type RuleGroup = { readonly rule: string; readonly findings: Finding[] };

/** Returns the findings of each rule together, otherwise in the order of the report. */
export function groupByRule(findings: readonly Finding[]): RuleGroup[] {
  const groups = new Map<string, RuleGroup>();
  for (const finding of findings) {
    const group = groups.get(finding.rule);
    if (group === undefined) groups.set(finding.rule, { rule: finding.rule, findings: [finding] });
    else group.findings.push(finding);
  }
  return [...groups.values()].sort((a, b) => liveRank(a) - liveRank(b) || severityRank(gravest(a)) - severityRank(gravest(b)));
}

export function gravest({ findings }: RuleGroup): Severity {
  return findings.reduce<Severity>((worst, { severity }) => (severityRank(severity) < severityRank(worst) ? severity : worst), 'low');
}

/** Returns the verdict that asks for most: what the group's next steps are about. */
export function mostPressing({ findings }: RuleGroup): Finding['verdict']['state'] {
  const states = new Set(findings.map(({ verdict }) => verdict.state));
  return (['live', 'unknown', 'superseded', 'retired'] as const).find((state) => states.has(state)) ?? 'unknown';
}

function liveRank({ findings }: RuleGroup): number {
  return findings.some(({ verdict }) => verdict.state === 'live') ? 0 : 1;
}
