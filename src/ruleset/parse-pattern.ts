/**
 * Parses a rule's pattern, RE2 syntax over bytes, to a syntax tree of byte sets.
 *
 * What comes out is the same for every engine: classes, cases, `.`, `\s` are resolved to sets of bytes here, so that RE2, re2js and V8 are
 * given one unmistakable form (write-pattern.ts), and the kernel's shapes (pieces.ts) are read off the same tree.
 * Refused, as RE2 does: look-around, back-references, repeats above 1000; also what has no meaning on bytes (`\pL`) and what rules don't need
 * (`(?m)`, `(?s)` inside groups, `\C`). Grammar: https://github.com/google/re2/wiki/Syntax
 */
import { addByte, addRange, type ByteSet, complement, DIGITS, emptySet, foldCase, SPACE, setOf, unite, WORD } from './byte-set.ts';

export type Assertion = 'word-boundary' | 'no-word-boundary' | 'start' | 'end';

export type PatternNode =
  | { readonly kind: 'set'; readonly set: ByteSet }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly item: PatternNode; readonly min: number; readonly max: number; readonly lazy: boolean }
  | { readonly kind: 'group'; readonly name: string | null; readonly item: PatternNode }
  | { readonly kind: 'assertion'; readonly what: Assertion };

/** Thrown for a pattern that is refused; `reason` is fit for users. */
export class PatternError extends Error {}

const MAX_PATTERN_CHARS = 8192;
const MAX_DEPTH = 64;
/** RE2's own limit. */
const MAX_REPEAT = 1000;

const POSIX: Readonly<Record<string, ByteSet>> = {
  alnum: withoutUnderscore(WORD),
  alpha: minus(withoutUnderscore(WORD), DIGITS),
  digit: DIGITS,
  lower: fromRange('a', 'z'),
  upper: fromRange('A', 'Z'),
  word: WORD,
  xdigit: unite(DIGITS, setOf('abcdefABCDEF')),
  space: unite(SPACE, setOf('\v')),
  punct: setOf('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'),
};

const ESCAPED: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, a: 7 };

/** Returns the tree of a pattern, or throws PatternError. */
export function parsePattern(pattern: string): PatternNode {
  if (pattern.length > MAX_PATTERN_CHARS) throw new PatternError(`the pattern is longer than ${MAX_PATTERN_CHARS} characters`);
  const parser = new Parser(pattern);
  const node = parser.choice(false, 0);
  if (!parser.atEnd()) throw new PatternError('unbalanced )');
  return node;
}

class Parser {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  choice(fold: boolean, depth: number): PatternNode {
    if (depth > MAX_DEPTH) throw new PatternError('nested too deeply');
    const items: PatternNode[] = [];
    const state = { fold };
    do items.push(this.#sequence(state, depth));
    while (this.#take('|'));
    const [only] = items;
    return items.length === 1 && only ? only : { kind: 'choice', items };
  }

  #sequence(state: { fold: boolean }, depth: number): PatternNode {
    const items: PatternNode[] = [];
    while (!this.atEnd() && this.#peek() !== '|' && this.#peek() !== ')') {
      const flags = /^\(\?([is]+)\)/.exec(this.#text.slice(this.#at, this.#at + 8));
      if (flags) {
        if (flags[1]?.includes('s')) throw new PatternError('(?s) is not supported: write [\\x00-\\xff] for any byte');
        state.fold = true;
        this.#at += flags[0].length;
        continue;
      }
      items.push(this.#repeated(this.#atom(state.fold, depth)));
    }
    const [only] = items;
    return items.length === 1 && only ? only : { kind: 'sequence', items };
  }

  #repeated(atom: PatternNode): PatternNode {
    const counts = this.#counts();
    if (!counts) return atom;
    if (atom.kind === 'assertion') throw new PatternError('a repeated assertion says nothing');
    const lazy = this.#take('?');
    if (this.#counts()) throw new PatternError('a repeat of a repeat needs brackets round it');
    const repeat: PatternNode = { kind: 'repeat', item: atom, ...counts, lazy };
    if (repeatProduct(repeat) > MAX_REPEAT) throw new PatternError(`repeats inside repeats multiply to more than ${MAX_REPEAT}`);
    return repeat;
  }

  #counts(): { min: number; max: number } | null {
    if (this.#take('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#take('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#take('?')) return { min: 0, max: 1 };
    const found = /^\{(\d{1,5})(,?)(\d{0,5})\}/.exec(this.#text.slice(this.#at, this.#at + 14));
    if (!found) return null;
    const min = Number(found[1]);
    const max = found[2] === '' ? min : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (min > MAX_REPEAT || (max !== Number.POSITIVE_INFINITY && max > MAX_REPEAT)) throw new PatternError(`repeats up to ${MAX_REPEAT}`);
    if (max < min) throw new PatternError('a repeat with its limits the wrong way round');
    this.#at += found[0].length;
    return { min, max };
  }

  #atom(fold: boolean, depth: number): PatternNode {
    if (this.#take('(')) return this.#group(fold, depth);
    if (this.#take('[')) return { kind: 'set', set: this.#class(fold) };
    if (this.#take('^')) return { kind: 'assertion', what: 'start' };
    if (this.#take('$')) return { kind: 'assertion', what: 'end' };
    if (this.#take('.')) return { kind: 'set', set: complement(setOf('\n')) };
    if (this.#take('\\')) return this.#escape(fold);
    const character = this.#peek();
    if ('*+?'.includes(character)) throw new PatternError(`nothing before ${character} to repeat`);
    this.#at++;
    return literal(byteOf(character), fold);
  }

  #group(fold: boolean, depth: number): PatternNode {
    let name: string | null = null;
    let isCapturing = true;
    let isFolded = fold;
    if (this.#take('?')) {
      const named = /^P?<([A-Za-z_]\w{0,31})>/.exec(this.#text.slice(this.#at, this.#at + 40));
      const flags = /^(i?(?:-i)?):/.exec(this.#text.slice(this.#at, this.#at + 4));
      if (named) {
        name = named[1] ?? null;
        this.#at += named[0].length;
      } else if (flags) {
        isCapturing = false;
        if (flags[1]) isFolded = !flags[1].startsWith('-');
        this.#at += flags[0].length;
      } else throw new PatternError('look-around, back-references and these flags are not RE2 syntax');
    }
    const item = this.choice(isFolded, depth + 1);
    if (!this.#take(')')) throw new PatternError('a bracket ( is not closed');
    return isCapturing && name !== null
      ? { kind: 'group', name, item }
      : item.kind === 'choice' || item.kind === 'sequence'
        ? { kind: 'group', name: null, item }
        : item;
  }

  #escape(fold: boolean): PatternNode {
    const character = this.#peek();
    if (character === 'b' || character === 'B') {
      this.#at++;
      return { kind: 'assertion', what: character === 'b' ? 'word-boundary' : 'no-word-boundary' };
    }
    if (character === 'A' || character === 'z') {
      this.#at++;
      return { kind: 'assertion', what: character === 'A' ? 'start' : 'end' };
    }
    const set = this.#escapedClass();
    if (set) return { kind: 'set', set };
    return literal(this.#escapedByte(), fold);
  }

  #escapedClass(): ByteSet | null {
    const character = this.#peek();
    const set = { d: DIGITS, w: WORD, s: SPACE }[character.toLowerCase()];
    if (!set) return null;
    this.#at++;
    return character === character.toLowerCase() ? set : complement(set);
  }

  #escapedByte(): number {
    const hex = /^x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,2})\})/.exec(this.#text.slice(this.#at, this.#at + 6));
    if (hex) {
      this.#at += hex[0].length;
      return Number.parseInt(hex[1] ?? hex[2] ?? '', 16);
    }
    const character = this.#peek();
    if (character === '') throw new PatternError('a \\ at the end');
    this.#at++;
    const known = ESCAPED[character];
    if (known !== undefined) return known;
    if (/[0-9A-Za-z]/.test(character)) throw new PatternError(`\\${character} is not supported`);
    return byteOf(character);
  }

  #class(fold: boolean): ByteSet {
    const isNegated = this.#take('^');
    let set = emptySet();
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      if (this.atEnd()) throw new PatternError('a class [ is not closed');
      set = unite(set, this.#classItem());
    }
    this.#at++;
    if (fold) set = foldCase(set);
    return isNegated ? complement(set) : set;
  }

  #classItem(): ByteSet {
    const posix = /^\[:(\^?)(\w{2,8}):\]/.exec(this.#text.slice(this.#at, this.#at + 14));
    if (posix) {
      const set = POSIX[posix[2] ?? ''];
      if (!set) throw new PatternError(`there is no class ${posix[0]}`);
      this.#at += posix[0].length;
      return posix[1] ? complement(set) : set;
    }
    if (this.#take('\\')) {
      const set = this.#escapedClass();
      if (set) return set;
      return this.#classRange(this.#escapedByte());
    }
    const byte = byteOf(this.#peek());
    this.#at++;
    return this.#classRange(byte);
  }

  #classRange(first: number): ByteSet {
    const set = emptySet();
    const isRange = this.#peek() === '-' && this.#text[this.#at + 1] !== ']' && this.#text[this.#at + 1] !== undefined;
    if (!isRange) {
      addByte(set, first);
      return set;
    }
    this.#at++;
    const last = this.#take('\\') ? this.#escapedByte() : byteOf(this.#text[this.#at++] ?? '');
    if (last < first) throw new PatternError('a range with its ends the wrong way round');
    addRange(set, first, last);
    return set;
  }
}

/** What RE2 limits: the greatest product of nested counts (unbounded repeats count as their least number). */
function repeatProduct(node: PatternNode): number {
  switch (node.kind) {
    case 'group':
      return repeatProduct(node.item);
    case 'sequence':
    case 'choice':
      return Math.max(1, ...node.items.map(repeatProduct));
    case 'repeat': {
      const count = node.max === Number.POSITIVE_INFINITY ? node.min : node.max;
      return Math.max(1, count) * repeatProduct(node.item);
    }
    default:
      return 1;
  }
}

function literal(byte: number, fold: boolean): PatternNode {
  const set = emptySet();
  addByte(set, byte);
  return { kind: 'set', set: fold ? foldCase(set) : set };
}

function byteOf(character: string): number {
  const code = character.charCodeAt(0);
  if (!(code < 0x80)) throw new PatternError('characters beyond ASCII are written as bytes: \\xc3\\xa4');
  return code;
}

function withoutUnderscore(set: ByteSet): ByteSet {
  return minus(set, setOf('_'));
}

function minus(a: ByteSet, b: ByteSet): ByteSet {
  return a.map((bits, i) => bits & ~(b[i] ?? 0));
}

function fromRange(first: string, last: string): ByteSet {
  const set = emptySet();
  addRange(set, first.charCodeAt(0), last.charCodeAt(0));
  return set;
}
