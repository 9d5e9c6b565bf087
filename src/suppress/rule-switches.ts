/**
 * `[[allow]] rule = "…"`, mostly with a path: a rule that is switched off for a part of the tree. Rules that are off everywhere
 * (`[rules] disable`, --disable) have their candidates passed over in the engine and never come here.
 */
import type { Suppressor } from '../core/contracts.ts';
import type { RuleId } from '../core/rule.ts';
import { type Glob, matchesGlob } from './glob.ts';
import { because, pathFromRoot, type SuppressSettings } from './settings.ts';

type Switch = { readonly path: Glob | null; readonly why: string };

/** Looks at the entries that name a rule and no finding; returns null when there is none. */
export function createRuleSwitchSuppressor(settings: SuppressSettings): Suppressor | null {
  const byRule = new Map<RuleId, Switch[]>();
  for (const { id, rule, path, reason, from } of settings.allow) {
    if (rule === null || id !== null) continue;
    const words = reason ?? (path === null ? `${rule} is switched off` : `${rule} is switched off under ${path.text}`);
    const switches = byRule.get(rule) ?? [];
    byRule.set(rule, switches);
    switches.push({ path, why: because(words, from) });
  }
  if (byRule.size === 0) return null;
  return {
    id: 'rule-switch',
    why(match) {
      const switches = byRule.get(match.rule);
      if (switches === undefined) return null;
      const path = pathFromRoot(match.place.path, settings);
      return switches.find((entry) => entry.path === null || matchesGlob(entry.path, path))?.why ?? null;
    },
  };
}
