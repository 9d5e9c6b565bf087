/**
 * Compiles rules to what the engine runs: patterns to their normal form, and to programs and tables of the kernel.
 *
 * Runs at build time for the built-in rules (src/build/build.mjs) and at start for a user's own. docs/architecture.md, "From a pattern to the kernel".
 */

import { OP_ASSIGN, OP_BACK, OP_FOLD, OP_KEYWORD, OP_LEFT, OP_NOT_NEXT, OP_REPORT, RUN_LENGTH } from '../core/kernel-layout.ts';
import type { Rule } from '../core/rule.ts';
import { byteText, foldedBytes, hexOf, members, setOf, sizeOf } from './byte-set.ts';
import { type CompiledRule, type CompiledRuleset, type CompileFault, PROGRAM_KINDS, type Program, type ProgramKind } from './compiled.ts';
import { isDigitCertain, KernelImage } from './kernel-image.ts';
import { nearEither, writeNear } from './near.ts';
import { PatternError, type PatternNode, parsePattern } from './parse-pattern.ts';
import { isExact, maxLength, type Row, toRows } from './pieces.ts';
import {
  anchorOfKeyword,
  checkKeyword,
  openingAnchor,
  type PlannedProgram,
  planRow,
  runLength,
  TOKEN_SET,
  u16,
  writePieces,
} from './programs.ts';
import { writePattern } from './write-pattern.ts';

/** Most bytes that a match may have; windows overlap by as much. */
export const MAX_MATCH_BYTES = 65536;

/**
 * Compiles rules; a rule that cannot be looked for quickly is named in `faults` and left out, unless it is foreign: then keywords find it. `base`: rules that were
 * compiled before, which these come beside.
 */
export function compileRules(
  rules: readonly Rule[],
  foreign: ReadonlySet<Rule> = new Set(),
  base: CompiledRuleset | null = null,
): { ruleset: CompiledRuleset; faults: CompileFault[] } {
  const compiler = new Compiler(base);
  const faults: CompileFault[] = [];
  for (const rule of rules) {
    try {
      compiler.add(rule, foreign.has(rule));
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      faults.push({ rule: rule.id, reason: error.message });
    }
  }
  return { ruleset: compiler.finish(), faults };
}

class Compiler {
  readonly #base: CompiledRuleset | null;
  readonly #image: KernelImage;
  /** Those that come beside the base. */
  readonly #rules: CompiledRule[] = [];
  readonly #programs: Program[] = [];

  constructor(base: CompiledRuleset | null) {
    this.#base = base;
    this.#image = base ? KernelImage.from(base.image) : new KernelImage();
  }

  add(given: Rule, isForeign: boolean): void {
    if (given.context !== 'none') for (const keyword of given.keywords) checkKeyword(keyword);
    const rule = { ...given, keywords: given.keywords.map(byteText) };
    const { tree, hasLeftBoundary, hasRightBoundary } = stripBoundaries(parsePattern(rule.pattern));
    const rows = toRows(tree);
    const secretRows = toRows(secretOf(tree, rule.id));
    const needsDigit = rule.digit || (rule.context !== 'none' && !rule.generic && isDigitCertain(secretRows));
    const compiled = compileRule(rule, tree, { hasLeftBoundary, hasRightBoundary, rows, secretRows, needsDigit, isForeign });
    const index = (this.#base?.ids.length ?? 0) + this.#rules.length;
    this.#rules.push(compiled);
    if (rule.context === 'none') this.#addMarked(rule, index, rows, hasLeftBoundary, isForeign);
    else if (isBareValue(tree) && !rule.generic && rows.every((row) => runLength(row.pieces, 0) >= RUN_LENGTH))
      this.#addValues(rule, index, rows, needsDigit);
    else if (!isBareValue(tree) || rule.generic || !this.#addAnchored(rule, index, rows))
      this.#addKeywords(rule, index, rows, rule.context === 'assignment' ? 'keyword' : 'search');
  }

  #addMarked(rule: Rule, index: number, rows: readonly Row[], hasLeftBoundary: boolean, isForeign: boolean): void {
    const plans = rows.map((row) => planRow(row, hasLeftBoundary, (set) => this.#image.numberOf(set)));
    if (plans.some((plan) => plan === null)) {
      if (!isForeign) {
        this.#rules.pop();
        throw new PatternError(
          'the kernel cannot look for it: give it a literal of three characters, or a token of 16 with a fixed opening',
        );
      }
      this.#addKeywords(rule, index, [], 'search');
      return;
    }
    for (const plan of mergePlans(plans)) {
      this.#image.list(plan.anchor, this.#program(index, 'shape', this.#codeOf(plan), plan.beforeMin, plan.beforeMax));
    }
  }

  #addValues(rule: Rule, index: number, rows: readonly Row[], needsDigit: boolean): void {
    for (const row of rows) {
      const written = writePieces(row.pieces, (set) => this.#image.numberOf(set));
      const code = [OP_LEFT, ...written.code];
      if (written.isWhole && isExact(row)) code.push(OP_NOT_NEXT, ...u16(this.#image.numberOf(TOKEN_SET)));
      const opening = openingAnchor(row);
      if (opening) {
        this.#image.list(opening, this.#program(index, 'value', [...code, ...keywordsOf(rule), OP_REPORT]));
        continue;
      }
      const program = this.#program(index, 'value', [...code, OP_REPORT]);
      this.#image.gate(row, needsDigit, rule.within);
      for (const keyword of rule.keywords) this.#image.keyword(keyword, program);
    }
  }

  /** Values that can be looked for by something inside them, at a fixed distance from their start; false where some cannot. */
  #addAnchored(rule: Rule, index: number, rows: readonly Row[]): boolean {
    const plans = rows.map((row) => planRow(row, true, (set) => this.#image.numberOf(set)));
    if (plans.some((plan) => plan === null || plan.beforeMax > 0 || !isTelling(plan))) return false;
    for (const plan of plans) if (plan) this.#image.list(plan.anchor, this.#program(index, 'value', this.#codeOf(plan, keywordsOf(rule))));
    return true;
  }

  /** Looks for a rule by its keywords: what stands at them, or behind them, is read when the candidate is confirmed. */
  #addKeywords(rule: Rule, index: number, rows: readonly Row[], kind: ProgramKind): void {
    for (const keyword of rule.keywords) {
      const { anchor, offset } = anchorOfKeyword(keyword, kind === 'keyword' && isAscii(keyword) ? BEHIND_NAMES : undefined);
      const back = offset > 0 ? [OP_BACK, offset] : [];
      // Whatever matches rows that begin with the keyword begins where it stands.
      const isOpening = kind === 'search' && rows.length > 0 && rows.every((row) => beginsWith(row, keyword));
      const parts = isOpening
        ? rows.map((row) => writePieces(row.pieces, (set) => this.#image.numberOf(set)))
        : [{ code: this.#keyword(rule, keyword, kind), near: null }];
      const plans = parts.map(({ code, near }) => ({ anchor, beforeMin: 0, beforeMax: 0, code: [...back, ...code], near, bits: 0 }));
      for (const plan of mergePlans(plans)) this.#image.list(anchor, this.#program(index, kind, this.#codeOf(plan), 0, 0, keyword.length));
    }
  }

  #keyword(rule: Rule, keyword: string, kind: ProgramKind): number[] {
    const assign = kind === 'keyword' ? [OP_ASSIGN, rule.digit ? 1 : 0] : [];
    return [OP_FOLD, keyword.length, ...foldedBytes(keyword), ...assign];
  }

  /** Writes the whole program of a plan. `more` is asked of the place too. */
  #codeOf({ code, near }: PlannedProgram, more: readonly number[] = []): number[] {
    return [...code, ...writeNear(near, (set) => this.#image.numberOf(set)), ...more, OP_REPORT];
  }

  #program(rule: number, kind: ProgramKind, code: readonly number[], beforeMin = 0, beforeMax = 0, keywordLength = 0): number {
    this.#programs.push({ rule, kind, beforeMin, beforeMax, keywordLength });
    return this.#image.program(code);
  }

  finish(): CompiledRuleset {
    const own = this.#rules.map((rule) => Buffer.from(JSON.stringify(rule)));
    let end = this.#base?.texts.length ?? 0;
    return {
      ids: [...(this.#base?.ids ?? []), ...this.#rules.map((rule) => rule.id)],
      texts: Buffer.concat([...(this.#base ? [this.#base.texts] : []), ...own]),
      ends: Uint32Array.from([...(this.#base?.ends ?? []), ...own.map(({ length }) => (end += length))]),
      hasForeign: this.#base?.hasForeign === true || this.#rules.some((rule) => rule.isForeign),
      programs: Int32Array.from([
        ...(this.#base?.programs ?? []),
        ...this.#programs.flatMap((one) => [one.rule, PROGRAM_KINDS.indexOf(one.kind), one.beforeMin, one.beforeMax, one.keywordLength]),
      ]),
      image: this.#image.finish(),
    };
  }
}

/** What follows a keyword of a generic rule: the rest of a name, a quote, an operator, which are ASCII but for the wide signs of East Asian text (U+FF1A, U+FF1D). */
const BEHIND_NAMES = setOf(String.fromCharCode(...Array.from({ length: 128 }, (_, byte) => byte), 0xef));

const isAscii = (text: string): boolean => !/[^\x00-\x7f]/.test(text);

/** Whether all that a row takes begins with a keyword, in any case. */
function beginsWith(row: Row, keyword: string): boolean {
  const opening = row.pieces.flatMap(({ set, min, max }) =>
    min === max ? Array.from({ length: Math.min(min, keyword.length) }, () => set) : [null],
  );
  return foldedBytes(keyword).every((byte, i) => {
    const set = opening[i];
    return set !== null && set !== undefined && members(set).every((one) => (one | 0x20) === byte);
  });
}

/** Writes that one of a rule's keywords stands before the value, where confirming looks for them; nothing where a user's rule has more than an instruction takes. */
function keywordsOf({ keywords, within }: Rule): number[] {
  if (keywords.length > 255) return [];
  return [OP_KEYWORD, ...u16(within), keywords.length, ...keywords.flatMap((keyword) => [keyword.length, ...foldedBytes(keyword)])];
}

/** Whether a value's own form is rarer than the keywords that must stand before it: those find it otherwise. */
function isTelling({ anchor, bits }: PlannedProgram): boolean {
  if (anchor.kind === 'behind') return anchor.keys.length <= TELLING_KEYS;
  return anchor.kind === 'forward' || (anchor.kind === 'quad' && bits >= TELLING_BITS);
}

/** `s.` yes, any letter or digit of 62 and a dot no. */
const TELLING_KEYS = 40;
/** Some seven characters that are certain. */
const TELLING_BITS = 45;

/** Rows that differ only before or behind what their programs look at are looked for once. */
function mergePlans(plans: readonly (PlannedProgram | null)[]): PlannedProgram[] {
  const merged = new Map<string, PlannedProgram>();
  for (const plan of plans) {
    if (!plan) continue;
    const key = JSON.stringify([plan.anchor, plan.code]);
    const known = merged.get(key) ?? plan;
    merged.set(key, {
      ...plan,
      near: nearEither(plan.near, known.near),
      beforeMin: Math.min(plan.beforeMin, known.beforeMin),
      beforeMax: Math.max(plan.beforeMax, known.beforeMax),
    });
  }
  return [...merged.values()];
}

type Read = {
  hasLeftBoundary: boolean;
  hasRightBoundary: boolean;
  rows: readonly Row[];
  secretRows: readonly Row[];
  needsDigit: boolean;
  isForeign: boolean;
};

function compileRule(rule: Rule, tree: PatternNode, read: Read): CompiledRule {
  const { id, context, within, entropy, generic, rare, checksum, structure, confidence, keywords, alone, severity, provider, name } = rule;
  return {
    id,
    context,
    within,
    entropy,
    generic,
    rare,
    checksum,
    structure,
    confidence,
    alone,
    severity,
    provider,
    name,
    with: rule.with,
    keywords: keywords.map((keyword) => keyword.toLowerCase()),
    source: `(?<whole>${writePattern(tree)})${read.hasRightBoundary ? NOT_WORD : ''}`,
    hasLeftBoundary: read.hasLeftBoundary,
    maxLength: maxLength(tree, MAX_MATCH_BYTES),
    endSet: read.hasRightBoundary ? endSetOf(read.rows) : '',
    needsDigit: read.needsDigit,
    prefix: commonPrefix(read.secretRows),
    isForeign: read.isForeign,
  };
}

/** A byte that is no part of a word, or the end: RE2 has no look-ahead, so it is consumed and the match is the group `whole`. */
const NOT_WORD = '(?:[^0-9A-Za-z_]|$)';

/**
 * Takes the `\b` from both ends. On the left, where a token may begin is the engine's business (escapes count). On the right, a regex's own \b would
 * refuse a token that ends in `-` or `+`.
 */
function stripBoundaries(tree: PatternNode): { tree: PatternNode; hasLeftBoundary: boolean; hasRightBoundary: boolean } {
  const items = tree.kind === 'sequence' ? [...tree.items] : [tree];
  const hasLeftBoundary = isBoundary(items[0]);
  if (hasLeftBoundary) items.shift();
  const hasRightBoundary = isBoundary(items.at(-1));
  if (hasRightBoundary) items.pop();
  return { tree: { kind: 'sequence', items }, hasLeftBoundary, hasRightBoundary };
}

/** Whether the secret begins where the pattern does, so that a keyword before one stands before the other. */
function isBareValue(tree: PatternNode): boolean {
  const first = tree.kind === 'sequence' ? tree.items[0] : tree;
  return first?.kind === 'group' && (first.name === 'secret' || isBareValue(first.item));
}

function isBoundary(node: PatternNode | undefined): boolean {
  return node?.kind === 'assertion' && node.what === 'word-boundary';
}

function secretOf(tree: PatternNode, rule: string): PatternNode {
  const found = secretGroups(tree);
  const [only] = found;
  if (found.length !== 1 || !only) throw new PatternError(`rule ${rule}: the pattern needs exactly one group (?P<secret>…)`);
  return only;
}

function secretGroups(node: PatternNode): PatternNode[] {
  switch (node.kind) {
    case 'group':
      return [...(node.name === 'secret' ? [node.item] : []), ...secretGroups(node.item)];
    case 'sequence':
    case 'choice':
      return node.items.flatMap(secretGroups);
    case 'repeat':
      return secretGroups(node.item);
    default:
      return [];
  }
}

function endSetOf(rows: readonly Row[]): string {
  const ends = rows.map((row) => (isExact(row) ? row.pieces.at(-1) : undefined));
  const hexes = new Set(ends.map((piece) => (piece && piece.max < 65535 && sizeOf(piece.set) > 1 ? hexOf(piece.set) : '')));
  const [only] = hexes;
  return hexes.size === 1 && only ? only : '';
}

function commonPrefix(rows: readonly Row[]): string {
  const prefixes = rows.map((row) => {
    let out = '';
    for (const piece of row.pieces) {
      const [only] = members(piece.set);
      if (sizeOf(piece.set) !== 1 || piece.min !== piece.max || only === undefined) break;
      out += String.fromCharCode(only).repeat(piece.min);
    }
    return out;
  });
  return prefixes.reduce((a, b) => {
    let n = 0;
    while (n < a.length && a[n] === b[n]) n++;
    return a.slice(0, n);
  });
}
