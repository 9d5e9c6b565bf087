/** Settings to the rules of a run: the built-in ones, those of files and those that stand in the configuration. Called by the commands. */
import { ToolError } from '../core/errors.ts';
import type { Rule } from '../core/rule.ts';
import type { Ruleset } from '../ruleset/load.ts';
import type { InlineRule } from './config-file.ts';
import { didYouMean } from './nearest-word.ts';
import { MAX_CONFIG_BYTES, readText, shortReason } from './read-text.ts';
import type { NamedFile, Settings } from './settings.ts';

/** Throws ToolError `unknown-rule`, `rules-invalid`, `pattern-refused`, `config-unreadable`. */
export async function loadRules({ only, disable, ruleFiles, inlineRules }: Settings): Promise<Ruleset> {
  const { builtInRules, loadRuleset } = await import('../ruleset/load.ts');
  for (const file of ruleFiles) checkFile(file);
  try {
    return await loadRuleset({
      only,
      disable,
      files: ruleFiles.map(({ path }) => path),
      foreignFiles: new Set(ruleFiles.filter(({ within }) => within !== null).map(({ path }) => path)),
      inline: inlineRules.map(({ rule, from }) => ({ entry: withDefaults(rule), where: from })),
    });
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'unknown-rule') throw error;
    const id = String(error.data['rule']);
    const known = builtInRules().map((rule) => rule.id);
    throw new ToolError('unknown-rule', { rule: id + didYouMean(id, known) }, { cause: error });
  }
}

/** Returns the rules that are switched on. */
export function rulesInUse({ rules, compiled, off }: Ruleset): Rule[] {
  const idsOff = new Set(compiled.ids.filter((_, index) => off.has(index)));
  return rules.filter(({ id }) => !idsOff.has(id));
}

/** The loader reads whatever it is given; devices, pipes and what lies outside of the repository are refused here. */
export function checkFile({ path, shown, within }: NamedFile): void {
  try {
    readText(path, MAX_CONFIG_BYTES, within);
  } catch (error) {
    throw new ToolError('rules-invalid', { path: shown, reason: shortReason(error) }, { cause: error });
  }
}

/** A `[[rule]]` of the configuration says less than a rule file must. */
function withDefaults({ id, pattern, keywords, name, description, severity }: InlineRule): Readonly<Record<string, unknown>> {
  return {
    id,
    name: name ?? id,
    provider: 'own rule',
    category: 'generic',
    description: description ?? `A value in the form of the rule ${id} of the configuration.`,
    severity: severity ?? 'high',
    keywords,
    pattern,
  };
}
