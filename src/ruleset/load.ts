/** Gives the ruleset of a scan: the built-in rules as compiled at build time, with a user's own beside them and switches applied. */
import { readFile } from 'node:fs/promises';
import { build, readBuilt } from '#builtin';
import { reasonOf, ToolError } from '../core/errors.ts';
import type { Rule, RuleId } from '../core/rule.ts';
import type { CompiledRuleset } from './compiled.ts';
import { unpackRuleset } from './packed.ts';
import { RuleView } from './rule-view.ts';

export type RulesetRequest = {
  /** Only these rules, where there are any. */
  readonly only?: readonly RuleId[];
  readonly disable?: readonly RuleId[];
  /** Rule files of the user (docs/rules.md). */
  readonly files?: readonly string[];
  /** Those of `files` that came with a scanned repository: what they say of issuers does not count, or they would say where values are sent. */
  readonly foreignFiles?: ReadonlySet<string>;
  /** Rules from the configuration, as plain data; `where` names the place for errors. */
  readonly inline?: readonly { readonly entry: unknown; readonly where: string }[];
};

export type Ruleset = {
  readonly compiled: CompiledRuleset;
  /** All rules as written; parsed when first asked for. */
  readonly rules: readonly Rule[];
  /** Returns the rules with these ids, without parsing the others. */
  readonly named: (ids: ReadonlySet<RuleId>) => readonly Rule[];
  /** Indices of `compiled.rules` that are switched off. */
  readonly off: ReadonlySet<number>;
};

/** Returns the ruleset. Throws ToolError for unknown ids, unreadable files, faulty rules. */
export async function loadRuleset(request: RulesetRequest = {}): Promise<Ruleset> {
  const own = await readOwnRules(request);
  const compiled = own.length > 0 ? await compileWithOwn(own) : builtInRuleset();
  return {
    compiled,
    get rules() {
      return [...builtInRules(), ...own];
    },
    named: (ids) => [...builtInRulesNamed(ids), ...own.filter(({ id }) => ids.has(id))],
    off: switchedOff(compiled, request),
  };
}

/** Returns the built-in rules as written in rules/. */
export function builtInRules(): readonly Rule[] {
  return JSON.parse(readBuilt('rules.json').toString('utf8'));
}

/**
 * The same for some ids: 20 ms sooner, which a hook that blocks would make people wait. src/build/compile-built-in.ts writes a rule a line, with the id first; each
 * line is looked at once, since a search for each of a hundred ids reads the file a hundred times.
 */
function builtInRulesNamed(ids: ReadonlySet<RuleId>): Rule[] {
  const bytes = readBuilt('rules.json');
  const text = bytes.toString('latin1');
  const wanted = new Map<string, Rule | null>([...ids].map((id) => [id, null]));
  let missing = wanted.size;
  for (let at = text.indexOf(RULE_LINE); at >= 0 && missing > 0; at = text.indexOf(RULE_LINE, at + RULE_LINE.length)) {
    const id = text.slice(at + RULE_LINE.length, text.indexOf('"', at + RULE_LINE.length));
    if (wanted.get(id) !== null) continue;
    wanted.set(id, parseRule(bytes.toString('utf8', at + 1, text.indexOf('\n', at + 1))));
    missing--;
  }
  return [...wanted.values()].flatMap((rule) => rule ?? []);
}

const RULE_LINE = '\n{"id":"';

function parseRule(line: string): Rule {
  return JSON.parse(line.replace(/,$/, ''));
}

/** Returns the built-in rules, compiled. */
export function builtInRuleset(): CompiledRuleset {
  return unpackRuleset(readBuilt('rules.compiled'), build);
}

async function readOwnRules({ files = [], foreignFiles = new Set(), inline = [] }: RulesetRequest): Promise<Rule[]> {
  if (files.length === 0 && inline.length === 0) return [];
  const { readRule, readRules, RuleFileError } = await import('./read-rules.ts');
  const out: Rule[] = [];
  for (const path of files) {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw new ToolError('config-unreadable', { path, reason: reasonOf(error) }, { cause: error });
    });
    const rules = await guarded(path, () => readRules(text, path));
    out.push(...(foreignFiles.has(path) ? rules.map((rule) => ({ ...rule, check: null, revoke: null })) : rules));
  }
  for (const { entry, where } of inline) out.push(await guarded(where, async () => readRule(entry, where)));
  return out;

  async function guarded<T>(path: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof RuleFileError)) throw error;
      throw new ToolError('rules-invalid', { path, reason: error.message.replace(`${path}: `, '') }, { cause: error });
    }
  }
}

async function compileWithOwn(own: readonly Rule[]): Promise<CompiledRuleset> {
  const { compileRules } = await import('./compile.ts');
  const builtIn = builtInRuleset();
  const taken = new Set(builtIn.ids);
  for (const rule of own) {
    if (taken.has(rule.id)) throw new ToolError('rules-invalid', { path: rule.id, reason: 'there is a rule with this id already' });
    taken.add(rule.id);
  }
  const { ruleset, faults } = compileRules(own, new Set(own), builtIn);
  const [fault] = faults;
  if (fault) throw new ToolError('pattern-refused', { rule: fault.rule, reason: fault.reason });
  await checkOnLinearEngine(ruleset);
  return ruleset;
}

/** Patterns that a linear engine refuses (too large when their repeats are spelled out) are named before anything is scanned. */
async function checkOnLinearEngine(ruleset: CompiledRuleset): Promise<void> {
  const { loadLinearEngine } = await import('./regex-engine.ts');
  const engine = await loadLinearEngine();
  const view = new RuleView(ruleset);
  for (const rule of ruleset.ids.map((_, i) => view.at(i)).filter((one) => one !== undefined)) {
    if (!rule.isForeign) continue;
    try {
      engine.make(rule.source);
    } catch (error) {
      throw new ToolError('pattern-refused', { rule: rule.id, reason: reasonOf(error) }, { cause: error });
    }
  }
}

function switchedOff(compiled: CompiledRuleset, { only = [], disable = [] }: RulesetRequest): Set<number> {
  if (only.length === 0 && disable.length === 0) return new Set();
  const index = new Map(compiled.ids.map((id, i) => [id, i]));
  for (const rule of [...only, ...disable]) if (!index.has(rule)) throw new ToolError('unknown-rule', { rule });
  const off = new Set<number>();
  for (const [i, id] of compiled.ids.entries()) {
    if ((only.length > 0 && !only.includes(id)) || disable.includes(id)) off.add(i);
  }
  return off;
}
