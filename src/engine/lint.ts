/**
 * Checks rules as a whole: what docs/rules.md asks of each, its examples run through the real engine, and neighbours' examples too.
 * Behind `leakwarden rules lint`, the build and the rules test.
 */
import type { Rule } from '../core/rule.ts';
import { Kernel } from '../kernel/load.ts';
import { CHECKSUMS } from '../ruleset/checksums/index.ts';
import { compileRules } from '../ruleset/compile.ts';
import type { CompiledRuleset } from '../ruleset/compiled.ts';
import { fillExample } from '../ruleset/examples.ts';
import { type Engine, loadLinearEngine } from '../ruleset/regex-engine.ts';
import { STRUCTURES } from '../ruleset/structures/index.ts';
import { type BlobResult, BlobScanner } from './scan-blob.ts';
import { readFromBytes } from './windows.ts';

export type LintFault = { readonly rule: string; readonly reason: string };

/** Any file name without a role: no test, no documentation. */
const EXAMPLE_PATH = 'src/settings.conf';

/**
 * Returns what is wrong with `rules`; `neighbours` are compiled beside them, so that overlaps show. `isForeign`: the rules are a user's, so
 * their patterns run on the linear engine, whatever it costs.
 */
export async function lintRules(
  kernel: WebAssembly.Module,
  rules: readonly Rule[],
  neighbours: readonly Rule[] = [],
  isForeign = false,
): Promise<LintFault[]> {
  const all = [...rules, ...neighbours];
  const { ruleset, faults } = compileRules(all);
  const known = new Set(rules.map((rule) => rule.id));
  const engine = await loadLinearEngine();
  const scan = scannerOf(kernel, ruleset, engine, isForeign ? engine : undefined);
  return [
    ...faults.filter((fault) => known.has(fault.rule)),
    ...rules.flatMap((rule) => formFaults(rule, all)),
    ...rules.filter((rule) => !faults.some((fault) => fault.rule === rule.id)).flatMap((rule) => exampleFaults(rule, all, scan)),
  ];
}

type Scan = (text: string) => { rule: string; secret: string; parts: readonly string[]; isPlaceholder: boolean }[];

/** Returns a function that gives the matches of a text. */
export function scannerOf(kernel: WebAssembly.Module, ruleset: CompiledRuleset, foreign: Engine, builtIn?: Engine): Scan {
  const scanner = new BlobScanner(
    new Kernel(kernel, ruleset.image),
    { ruleset, off: new Set(), includeBinary: false, maxDecodeDepth: 0, archiveDepth: 0 },
    foreign,
    builtIn,
  );
  const idOf = (index: number): string => ruleset.ids[index] ?? '';
  return (text) => {
    const result: BlobResult = scanner.scan(readFromBytes(Buffer.from(text)), EXAMPLE_PATH);
    return result.matches.map((match) => ({
      rule: idOf(match.rule),
      secret: match.secret,
      parts: Object.values(match.parts).map((part) => idOf(part.rule)),
      isPlaceholder: match.placeholder !== null || match.doubt !== null,
    }));
  };
}

function formFaults(rule: Rule, all: readonly Rule[]): LintFault[] {
  const fault = (reason: string): LintFault => ({ rule: rule.id, reason });
  const out: LintFault[] = [];
  const exists = (id: string): boolean => all.some((other) => other.id === id);
  if (all.filter((other) => other.id === rule.id).length > 1) out.push(fault('its id is used twice'));
  if (rule.description.length < 40) out.push(fault('description: say what it is and what a thief can do with it'));
  if (rule.examples.length < 2) out.push(fault('examples: at least two'));
  if (rule.not.length < 1) out.push(fault('not: at least one, with its reason'));
  if (rule.references.length < 1) out.push(fault('references: at least one'));
  if (rule.checksum && !CHECKSUMS[rule.checksum.id]) out.push(fault(`there is no checksum ${rule.checksum.id}`));
  if (rule.structure && !STRUCTURES[rule.structure.id]) out.push(fault(`there is no structure ${rule.structure.id}`));
  for (const id of [...rule.overlaps, ...rule.with.map((companion) => companion.rule)])
    if (!exists(id)) out.push(fault(`there is no rule ${id}`));
  for (const id of rule.overlaps) {
    if (!all.find((other) => other.id === id)?.overlaps.includes(rule.id)) out.push(fault(`overlaps: ${id} does not name it in return`));
  }
  return out;
}

function exampleFaults(rule: Rule, all: readonly Rule[], scan: Scan): LintFault[] {
  const out: LintFault[] = [];
  const fault = (reason: string): number => out.push({ rule: rule.id, reason });
  const related = new Set([
    rule.id,
    ...rule.overlaps,
    ...rule.with.map((companion) => companion.rule),
    ...all.filter((other) => other.with.some((c) => c.rule === rule.id)).map((other) => other.id),
  ]);
  for (const [i, example] of rule.examples.entries()) {
    const text = fill(example, rule.id, fault);
    const found = scan(text).filter((match) => !match.isPlaceholder);
    const own = found.filter((match) => match.rule === rule.id || match.parts.includes(rule.id));
    const place = `example ${i + 1}`;
    if (own.length === 0 && !(rule.alone === false))
      fault(
        `${place}: no match${found.length > 0 ? ` of it, but of ${found.map((match) => match.rule).join(', ')}` : ''}: ${text.slice(0, 120)}`,
      );
    if (own.length > 1) fault(`${place}: ${own.length} matches of it: one is wanted`);
    for (const match of found) if (!related.has(match.rule)) fault(`${place}: also a match of ${match.rule}`);
    const lower = text.toLowerCase();
    if (!rule.keywords.some((keyword) => lower.includes(keyword.toLowerCase()))) fault(`${place}: holds no keyword`);
  }
  for (const [i, negative] of rule.not.entries()) {
    const found = scan(fill(negative.text, rule.id, fault)).filter((match) => match.rule === rule.id && !match.isPlaceholder);
    if (found.length > 0) fault(`not ${i + 1} (${negative.because}) matches`);
  }
  return out;
}

function fill(text: string, seed: string, fault: (reason: string) => unknown): string {
  try {
    return fillExample(text, seed);
  } catch (error) {
    fault(error instanceof Error ? error.message : String(error));
    return text;
  }
}
