/** Reads a compiled ruleset: rules and programs by number, each made when it is first asked for. One a thread. */
import type { RuleId } from '../core/rule.ts';
import { type CompiledRule, type CompiledRuleset, PROGRAM_FIELDS, PROGRAM_KINDS, type Program } from './compiled.ts';

export class RuleView {
  readonly #ruleset: CompiledRuleset;
  readonly #rules: (CompiledRule | undefined)[] = [];
  readonly #programs: (Program | undefined)[] = [];

  constructor(ruleset: CompiledRuleset) {
    this.#ruleset = ruleset;
  }

  /** Returns a rule, or undefined where there is none of that number. */
  at(index: number): CompiledRule | undefined {
    const known = this.#rules[index];
    if (known) return known;
    const { texts, ends } = this.#ruleset;
    const end = ends[index];
    if (end === undefined) return undefined;
    const rule: CompiledRule = JSON.parse(textFrom(texts, index === 0 ? 0 : (ends[index - 1] ?? 0), end));
    this.#rules[index] = rule;
    return rule;
  }

  byId(id: RuleId): CompiledRule | undefined {
    return this.at(this.#ruleset.ids.indexOf(id));
  }

  idOf(index: number): RuleId {
    return this.#ruleset.ids[index] ?? '';
  }

  /** Returns a program of the kernel, or undefined where there is none of that number. */
  program(index: number): Program | undefined {
    const known = this.#programs[index];
    if (known) return known;
    const fields = this.#ruleset.programs.subarray(PROGRAM_FIELDS * index, PROGRAM_FIELDS * (index + 1));
    const [rule, kindIndex = -1, beforeMin, beforeMax, keywordLength] = fields;
    const kind = PROGRAM_KINDS[kindIndex];
    if (rule === undefined || beforeMin === undefined || beforeMax === undefined || keywordLength === undefined || !kind) return undefined;
    const program: Program = { rule, kind, beforeMin, beforeMax, keywordLength };
    this.#programs[index] = program;
    return program;
  }
}

function textFrom({ buffer, byteOffset }: Uint8Array, from: number, to: number): string {
  return Buffer.from(buffer, byteOffset + from, to - from).toString('utf8');
}
