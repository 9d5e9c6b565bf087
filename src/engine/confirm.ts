/**
 * Confirms candidates: the kernel says "this rule, about here"; this says whether it is so, and where the secret begins and ends.
 *
 * Reads a bounded piece of text round the place (a Latin-1 string, one character a byte) and runs the rule's pattern anchored in it. The result
 * does not depend on where a window begins or on what else matched, which is what makes windows, threads and the slow twin agree.
 */

import type { CompiledRule, Program } from '../ruleset/compiled.ts';
import { type Engine, type FoundHit, type Hit, type Pattern, V8 } from '../ruleset/regex-engine.ts';
import type { RuleView } from '../ruleset/rule-view.ts';
import { readAssignmentBefore } from './assignment.ts';
import { type Assignment, MAX_NAME_CHARACTERS, nameAround, readAssignmentsAfter } from './assignment-after.ts';
import { goesOn, isNameLike, mayBegin, mayBeValue } from './boundary.ts';
import { inEachRole, judgeGeneric } from './generic.ts';
import { BEHIND_BYTES, judgeHit } from './judge-hit.ts';
import { KnownNames } from './known-names.ts';
import { KnownValues } from './known-values.ts';
import type { NameKind } from './name-kinds.ts';
import { isOfId, isOfVersion, isPublicBehind, type NameMeaning, wholeName } from './name-words.ts';
import { isQualifiedBy } from './qualifier.ts';
import { rarityOf } from './rarity.ts';
import { assignedValue, type RawMatch } from './raw-match.ts';

/** Bytes by their place; what lies outside is ''. */
export interface ByteText {
  readonly length: number;
  /** Returns [start, end) as Latin-1, cut to what there is. */
  slice(start: number, end: number): string;
}

/** Bytes read before a place, for names, escapes and boundaries. */
const BEFORE = 320;
/** Bytes before a place that say whether a token begins there (boundary.ts). */
const BOUNDARY_BYTES = 6;
/** Bytes that an assignment may take after its keyword. */
const ASSIGNMENT_BYTES = 1024;
/** Shorter values are in no index of stores (src/check/worth.ts). */
const MIN_STORED_CHARACTERS = 6;
/** Bytes round a keyword in which the pattern of a foreign rule without an anchor is searched. */
const SEARCH_BYTES = 4096;

export class Confirmer {
  readonly #rules: RuleView;
  readonly #patterns: (Pattern | undefined)[] = [];
  readonly #builtIn: Engine;
  readonly #foreign: Engine;
  readonly #isAudit: boolean;
  readonly #names = new KnownNames();
  readonly #values = new KnownValues();
  /** What valueAt() read last: confirm() is asked next, mostly. */
  #read: ReadAssignment | null = null;

  /** `foreign` runs the patterns of unknown origin and must be linear. `isAudit`: see ScanSetup. */
  constructor(rules: RuleView, foreign: Engine, builtIn: Engine = V8, isAudit = false) {
    this.#rules = rules;
    this.#foreign = foreign;
    this.#builtIn = builtIn;
    this.#isAudit = isAudit;
  }

  /** Returns the match of a candidate, or null. That of a generic rule holds in files of some roles only: ask inRole. */
  confirm(text: ByteText, at: number, program: Program): RawMatch | null {
    const rule = this.#rules.at(program.rule);
    if (!rule) return null;
    const match = this.#confirmAs(text, at, program, rule);
    if (!match || match.byRole || rule.context === 'none') return match;
    // In lock files, minified and generated ones, and in tables of data, only a value with a form of its own counts.
    const { confidence } = match;
    return { ...match, byRole: inEachRole((role) => (role === 'rows' ? null : { confidence, doubt: null })) };
  }

  #confirmAs(text: ByteText, at: number, program: Program, rule: CompiledRule): RawMatch | null {
    switch (program.kind) {
      case 'shape':
        return this.#confirmShape(text, at, program);
      case 'value':
        return this.confirmValue(text, at, program.rule);
      case 'keyword':
        return this.#confirmKeyword(text, at, program, rule);
      case 'search':
        return this.#confirmSearch(text, at, program, rule);
    }
  }

  #confirmShape(text: ByteText, at: number, program: Program): RawMatch | null {
    if (program.beforeMax === 0) return this.matchAt(text, at, program.rule);
    const rule = this.#rules.at(program.rule);
    if (!rule) return null;
    // One search of what may hold the start, instead of a try at each place.
    const from = Math.max(0, at - program.beforeMax);
    const around = text.slice(from, at + rule.maxLength + BEHIND_BYTES);
    const pattern = this.#patternOf(program.rule);
    const last = at - program.beforeMin - from;
    for (let found = pattern.find(around, 0, last); found && found.start <= last; found = pattern.find(around, found.start + 1, last)) {
      const match = this.matchAt(text, from + found.start, program.rule);
      if (match && match.end > at) return match;
    }
    return null;
  }

  /** Returns the rule's match that begins at `start`, whatever stands before it but the boundary. */
  matchAt(text: ByteText, start: number, index: number): RawMatch | null {
    const rule = this.#rules.at(index);
    if (!rule || start < 0) return null;
    const lead = rule.hasLeftBoundary ? Math.min(start, BOUNDARY_BYTES) : 0;
    const around = text.slice(start - lead, start + rule.maxLength + BEHIND_BYTES);
    if (lead > 0 && !mayBegin(around, lead)) return null;
    const slice = { text: around.slice(lead), from: start };
    const hit = this.#patternOf(index).matchAtStart(slice.text);
    return hit && isEnd(rule, slice.text, hit) ? judgeHit(rule, index, slice, 0, hit, this.#values) : null;
  }

  /** Returns the match of a rule with a context whose value begins at `start`. */
  confirmValue(text: ByteText, start: number, index: number): RawMatch | null {
    const rule = this.#rules.at(index);
    if (
      !rule ||
      isNameLike(text.slice(start, start + 257)) ||
      !mayBeValue(text.slice(Math.max(0, start - BOUNDARY_BYTES), start)) ||
      !this.#hasKeyword(text, start, rule)
    )
      return null;
    const match = this.matchAt(text, start, index);
    if (!match || isMadeOfWords(match.secret)) return null;
    return goesOn(text.slice(match.end, match.end + 1), 0) ? null : match;
  }

  #hasKeyword(text: ByteText, start: number, rule: CompiledRule): boolean {
    const from = Math.max(0, start - BEFORE);
    const before = text.slice(from, start + 1);
    const at = start - from;
    const found = readAssignmentBefore(before, at, rule.within);
    const written = found ? before.slice(found.nameStart, found.nameEnd) : '';
    if (isOfThing(written, rule)) return false;
    if (rule.context === 'nearby') {
      const near = before.slice(Math.max(0, at - rule.within), at).toLowerCase();
      return rule.keywords.some((keyword) => near.includes(keyword));
    }
    if (!found) return false;
    const name = written.toLowerCase();
    if (rule.keywords.some((keyword) => name.includes(keyword))) return true;
    return this.#names.meaningOf(name) !== null && isQualifiedBy(rule.keywords, before, found.nameStart, at - rule.within);
  }

  #confirmKeyword(text: ByteText, at: number, program: Program, rule: CompiledRule): RawMatch | null {
    const meaning = rule.generic ? this.#meaningAt(text, at, program) : null;
    // First, since half of the names in source text mean nothing, and what follows takes ten times as long.
    if (rule.generic && !meaning?.about.includes(kindOf(rule.id))) return null;
    const { from, local, found } = this.#takeRead(text, at, program) ?? readAt(text, at, program, rule);
    if (!found || found.valueEnd <= found.valueStart) return null;
    const hit = this.#patternOf(program.rule).matchAtStart(local.slice(found.valueStart, found.valueEnd));
    if (!hit) return null;
    const slice = { text: local, from };
    if (!meaning) {
      if (goesOn(local, found.valueStart + hit.end) || isOfThing(local.slice(found.nameStart, found.nameEnd), rule)) return null;
      return judgeHit(rule, program.rule, slice, found.valueStart, hit, this.#values);
    }
    const [valueStart, valueEnd] = [found.valueStart + hit.secretStart, found.valueStart + hit.secretEnd];
    const byRole = judgeGeneric(local, { ...found, valueStart, valueEnd }, meaning, this.#isAudit, this.#values);
    const match = byRole && judgeHit(rule, program.rule, slice, found.valueStart, hit, this.#values);
    return match && { ...match, byRole };
  }

  /** Returns what the name round a keyword says, or null. */
  #meaningAt(text: ByteText, at: number, program: Program): NameMeaning | null {
    const from = Math.max(0, at - MAX_NAME_CHARACTERS - 1);
    const around = text.slice(from, at + program.keywordLength + MAX_NAME_CHARACTERS);
    const { start, end } = nameAround(around, at - from, at - from + program.keywordLength, around.length);
    const before = around.slice(0, start);
    return isPublicBehind(before) ? null : this.#names.meaningOf(wholeName(before, around.slice(start, end)));
  }

  /**
   * Returns what stands in the place of a password at a candidate of a generic rule, whatever its name and its looks are worth: such a value is no match, but a
   * secrets store may hold it. null where nothing is assigned.
   */
  valueAt(text: ByteText, at: number, program: Program): RawMatch | null {
    const rule = this.#rules.at(program.rule);
    if (!rule?.generic || program.kind !== 'keyword') return null;
    this.#read = readAt(text, at, program, rule);
    const { from, local, found } = this.#read;
    if (!found || found.valueEnd < found.valueStart + MIN_STORED_CHARACTERS) return null;
    const secret = local.slice(found.valueStart, found.valueEnd);
    const [start, end] = [from + found.valueStart, from + found.valueEnd];
    return assignedValue(program.rule, start, end, secret);
  }

  /** Returns what valueAt() has just read here, once. */
  #takeRead(text: ByteText, at: number, program: Program): ReadAssignment | null {
    const read = this.#read;
    this.#read = null;
    return read?.text === text && read.at === at && read.program === program ? read : null;
  }

  #confirmSearch(text: ByteText, at: number, program: Program, rule: CompiledRule): RawMatch | null {
    // Behind a keyword, enough to see whether a pattern that opens with it begins there.
    const before = rule.context === 'none' ? Math.min(rule.maxLength, SEARCH_BYTES) : BOUNDARY_BYTES;
    const from = Math.max(0, at - before);
    const reach = rule.context === 'none' ? rule.maxLength : rule.within + rule.maxLength;
    const slice = { text: text.slice(from, at + program.keywordLength + Math.min(reach, SEARCH_BYTES)), from };
    const pattern = this.#patternOf(program.rule);
    for (let found = pattern.find(slice.text, 0); found; found = pattern.find(slice.text, Math.max(found.end, found.start + 1))) {
      const hit = relativeTo(found);
      const isRight = !rule.hasLeftBoundary || mayBegin(slice.text, found.start);
      const match =
        isRight && isEnd(rule, slice.text.slice(found.start), hit)
          ? judgeHit(rule, program.rule, slice, found.start, hit, this.#values)
          : null;
      if (match && rule.context === 'none' && match.start <= at && match.end > at) return match;
      if (match && rule.context !== 'none' && match.secretStart >= at + program.keywordLength) return match;
    }
    return null;
  }

  #patternOf(index: number): Pattern {
    const known = this.#patterns[index];
    if (known) return known;
    const rule = this.#rules.at(index);
    const made = (rule?.isForeign ? this.#foreign : this.#builtIn).make(rule?.source ?? '');
    this.#patterns[index] = made;
    return made;
  }
}

/** The text round a candidate, from `from` on, and what is assigned there. */
type ReadAssignment = {
  readonly text: ByteText;
  readonly at: number;
  readonly program: Program;
  readonly from: number;
  readonly local: string;
  readonly found: Assignment | null;
};

function readAt(text: ByteText, at: number, program: Program, { maxLength }: CompiledRule): ReadAssignment {
  const from = Math.max(0, at - BEFORE);
  const local = text.slice(from, at + program.keywordLength + ASSIGNMENT_BYTES + maxLength);
  const found = readAssignmentsAfter(local, at - from, at - from + program.keywordLength, ASSIGNMENT_BYTES);
  return { text, at, program, from, local, found };
}

/** Returns the hit's offsets from where it starts. */
function relativeTo({ start, end, secretStart, secretEnd, password }: FoundHit): Hit {
  return {
    end: end - start,
    secretStart: secretStart - start,
    secretEnd: secretEnd - start,
    password: password && [password[0] - start, password[1] - start],
  };
}

/** A pattern that ends in `\b` after a counted class does not match the opening of something longer. */
function isEnd(rule: CompiledRule, text: string, hit: Hit): boolean {
  if (rule.endSet === '' || hit.end >= text.length) return true;
  const byte = text.charCodeAt(hit.end);
  return ((Number.parseInt(rule.endSet.slice(2 * (byte >> 3), 2 * (byte >> 3) + 2), 16) >> (byte & 7)) & 1) === 0;
}

/** Whether the name, though its provider's, says that a value without a mark is none of its credentials: a version's, or an id's where no id is looked for. */
function isOfThing(name: string, rule: CompiledRule): boolean {
  if (rule.prefix !== '') return false;
  return isOfVersion(name) || (isOfId(name) && !isOfId(rule.id) && !rule.keywords.some(isOfId));
}

/** What a generic rule is about. */
const KINDS: Readonly<Record<string, NameKind>> = {
  'generic-password': 'password',
  'generic-secret': 'secret',
  'generic-token': 'token',
  'generic-auth': 'auth',
};

function kindOf(rule: string): NameKind {
  return KINDS[rule] ?? 'key';
}

/** Letters in words, and their share, that no random value comes to: `JiraTriggerV11ParamsNode`. */
const WORDS_FROM = { letters: 8, share: 0.5 } as const;

/** Whether half of the value's letters and more stand in words of four letters and more. */
function isMadeOfWords(value: string): boolean {
  const letters = value.match(/[A-Za-z]/g)?.length ?? 0;
  if (letters < WORDS_FROM.letters || /^[0-9A-Fa-f._-]+$/.test(value)) return false;
  const { known } = rarityOf(value);
  return known >= WORDS_FROM.share && known * letters >= WORDS_FROM.letters;
}
