/**
 * The kernel's slow twin: the same programs (src/core/kernel-layout.ts), run at every byte, without any filter. What it reports is what the fast one must
 * report too; it may report more, since values are not held against their keywords here (confirming does that).
 */
import {
  CLASS,
  CLASS_DIGIT,
  CLASS_JOINER,
  CLASS_WORD,
  DIGIT_BYTES,
  HEADER_CODE,
  HEADER_PROGRAM_COUNT,
  HEADER_PROGRAMS,
  HEADER_SETS,
  OP_ASSIGN,
  OP_BACK,
  OP_BYTE,
  OP_FOLD,
  OP_KEYWORD,
  OP_LEFT,
  OP_NEAR,
  OP_NOT_NEXT,
  OP_REPORT,
  OP_SET,
} from '../../src/core/kernel-layout.ts';

export type Candidate = { readonly at: number; readonly program: number };

export function slowScan(image: Uint8Array, data: Uint8Array): Candidate[] {
  const twin = new SlowKernel(image, data);
  const count = new DataView(image.buffer, image.byteOffset).getUint32(HEADER_PROGRAM_COUNT, true);
  const out = new Map<string, Candidate>();
  for (let p = 0; p < data.length; p++) {
    for (let program = 0; program < count; program++) {
      const at = twin.run(program, p);
      if (at !== null) out.set(`${at}:${program}`, { at, program });
    }
  }
  return [...out.values()];
}

const OPERATORS = '=:>|';
const OPENERS = ' \t\r\n\\])}[{?+-@&<*!';
const QUOTES = '"\'`';

class SlowKernel {
  readonly #image: Uint8Array;
  readonly #view: DataView;
  readonly #data: Uint8Array;

  constructor(image: Uint8Array, data: Uint8Array) {
    this.#image = image;
    this.#view = new DataView(image.buffer, image.byteOffset);
    this.#data = data;
  }

  #byte(at: number): number {
    return this.#data[at] ?? 0;
  }

  #char(at: number): string {
    return String.fromCharCode(this.#byte(at));
  }

  #is(at: number, classes: number): boolean {
    return ((this.#image[CLASS + this.#byte(at)] ?? 0) & classes) !== 0;
  }

  #inSet(number: number, at: number): boolean {
    const set = this.#view.getUint32(HEADER_SETS, true) + 32 * number;
    const byte = this.#byte(at);
    return (((this.#image[set + (byte >> 3)] ?? 0) >> (byte & 7)) & 1) === 1;
  }

  /** Returns where the match begins when the program comes to its end, else null. */
  run(program: number, p0: number): number | null {
    const code = this.#view.getUint32(HEADER_CODE, true);
    let pc = code + this.#view.getUint32(this.#view.getUint32(HEADER_PROGRAMS, true) + 4 * program, true);
    let p = p0;
    let start = p0;
    const end = this.#data.length;
    for (;;) {
      const op = this.#image[pc];
      if (op === OP_REPORT) return start;
      if (op === OP_BYTE) {
        if (p >= end || this.#byte(p) !== this.#image[pc + 1]) return null;
        [p, pc] = [p + 1, pc + 2];
      } else if (op === OP_SET) {
        const [set, least, most] = [1, 3, 5].map((at) => this.#view.getUint16(pc + at, true)) as [number, number, number];
        const from = p;
        while (p < end && p - from < (most === 65535 ? Number.POSITIVE_INFINITY : most) && this.#inSet(set, p)) p++;
        if (p - from < least) return null;
        pc += 7;
      } else if (op === OP_BACK) {
        p -= this.#image[pc + 1] ?? 0;
        if (p < 0) return null;
        [start, pc] = [p, pc + 2];
      } else if (op === OP_FOLD) {
        const length = this.#image[pc + 1] ?? 0;
        if (p + length > end) return null;
        for (let i = 0; i < length; i++) if ((this.#byte(p + i) | 0x20) !== this.#image[pc + 2 + i]) return null;
        [p, pc] = [p + length, pc + 2 + length];
      } else if (op === OP_LEFT) {
        if (!this.#mayBegin(p)) return null;
        pc += 1;
      } else if (op === OP_NOT_NEXT) {
        if (p < end && this.#inSet(this.#view.getUint16(pc + 1, true), p)) return null;
        pc += 3;
      } else if (op === OP_ASSIGN) {
        if (!this.#mayAssign(p, this.#image[pc + 1] === 1)) return null;
        pc += 2;
      } else if (op === OP_KEYWORD) {
        const { words, size } = this.#wordsAt(pc);
        if (!words.some((word) => this.#folded(start - this.#view.getUint16(pc + 1, true), start).includes(word))) return null;
        pc += size;
      } else if (op === OP_NEAR) {
        const [set, distance] = [this.#view.getUint16(pc + 1, true), this.#view.getUint16(pc + 3, true)];
        const count = this.#image[pc + 5] ?? 0;
        const isNear = Array.from({ length: distance + 1 }, (_, i) => p + i).some((at) => {
          const between = Array.from({ length: at - p }, (_, i) => p + i);
          return at <= end && this.#hasLiteral(pc + 6, count, at) && between.every((one) => this.#inSet(set, one));
        });
        if (!isNear) return null;
        pc += 6 + 8 * count;
      } else throw new Error(`no instruction ${op}`);
    }
  }

  /** The bytes [from, to) with bit 5 set, as Latin-1. */
  #folded(from: number, to: number): string {
    return String.fromCharCode(...this.#data.subarray(Math.max(0, from), to).map((byte) => byte | 0x20));
  }

  #wordsAt(pc: number): { words: string[]; size: number } {
    const words: string[] = [];
    let at = pc + 4;
    for (let i = 0; i < (this.#image[pc + 3] ?? 0); i++) {
      const length = this.#image[at] ?? 0;
      words.push(String.fromCharCode(...this.#image.subarray(at + 1, at + 1 + length)));
      at += 1 + length;
    }
    return { words, size: at - pc };
  }

  #hasLiteral(from: number, count: number, at: number): boolean {
    return Array.from({ length: count }, (_, i) => from + 8 * i).some((literal) =>
      [0, 1, 2, 3].every((i) => {
        const mask = this.#image[literal + i] ?? 0;
        return ((this.#byte(at + i) | 0x20) & mask) === (this.#image[literal + 4 + i] ?? 0);
      }),
    );
  }

  #mayBegin(p: number): boolean {
    if (p === 0 || !this.#is(p - 1, CLASS_WORD)) return true;
    return this.#char(p - 2) === '\\' || this.#char(p - 3) === '%' || this.#char(p - 4) === '\\' || this.#char(p - 6) === '\\';
  }

  #mayAssign(start: number, needsDigit: boolean): boolean {
    const end = this.#data.length;
    let p = start;
    while (p < Math.min(start + 48, end) && this.#isOfName(p)) p++;
    if (this.#isColumn(start, p)) return true;
    const carrier = this.#afterCarrier(p);
    if (carrier !== p) {
      p = carrier;
      while (p < Math.min(carrier + 16, end) && this.#is(p, CLASS_WORD | CLASS_JOINER)) p++;
    }
    const nameEnd = p;
    const seen = { isAssigned: false, isQuoted: false };
    const first = this.#skipOperator(this.#afterAttributes(this.#afterAccessors(this.#afterSize(nameEnd))), seen);
    if (first === null) return false;
    p = first;
    if (!QUOTES.includes(this.#char(p - 1)) && this.#char(p - 1) !== '=') {
      const typed = this.#afterType(p);
      if (typed !== p) {
        const second = this.#skipOperator(typed, seen);
        if (second === null) return false;
        p = second;
      }
    }
    if (p === nameEnd) return false;
    p = this.#afterStringPrefix(this.#afterCast(p));
    if (!seen.isAssigned && !seen.isQuoted && /[a-z]/.test(this.#char(start - 1)) && !this.#isOption(start) && !this.#isDirective(start, p))
      return false;
    const value = p;
    const isQuote = (at: number): boolean => this.#isQuote(at);
    // A password may open with a sign that was walked over: "?T_…
    const isLiteral = isQuote(value - 1) || (isQuote(value - 2) && this.#byte(value - 1) > 0x20);
    const opening = this.#char(isQuote(value - 1) ? value - 1 : value - 2);
    const closing = isLiteral ? opening : QUOTES;
    const mayEscape = isLiteral && this.#char(value - 2) !== '\\';
    for (let i = 0; i < 4; i++) {
      const isCondition = this.#char(value + i) === ' ' && this.#char(value + i + 1) === '(';
      if (value + i >= end || this.#byte(value + i) < (isLiteral || isCondition ? 0x20 : 0x21)) return false;
      if (!closing.includes(this.#char(value + i))) continue;
      if (!isLiteral && i > 0 && this.#char(value + i - 1) === '(') break;
      const isDoubled = this.#byte(value + i + 1) === this.#byte(value + i);
      if (!mayEscape || i === 0 || (this.#char(value + i - 1) !== '\\' && !isDoubled)) return false;
      if (isDoubled) i++;
    }
    if ((isLiteral || !this.#isReference(value)) && (!needsDigit || this.#hasDigit(value, isLiteral, closing))) return true;
    return !isLiteral && this.#hasAlternative(value, needsDigit);
  }

  #isQuote(at: number): boolean {
    return this.#byte(at) !== 0 && QUOTES.includes(this.#char(at));
  }

  #isOfName(p: number): boolean {
    return this.#is(p, CLASS_WORD | CLASS_JOINER) || this.#char(p) === '.' || (this.#byte(p) >= 0x80 && !this.#isWideOperator(p));
  }

  /** U+FF1A, U+FF1D; U+2192, U+2014. */
  #isWideOperator(p: number): boolean {
    return ['efbc9a', 'efbc9d', 'e28692', 'e28094'].includes(Buffer.from(this.#data.subarray(p, p + 3)).toString('hex'));
  }

  #skipOperator(start: number, seen: { isAssigned: boolean; isQuoted: boolean }): number | null {
    let [hasParen, hasBreak, equals] = [false, false, 0];
    let p = start;
    for (; p < Math.min(start + 40, this.#data.length); p++) {
      const c = this.#char(p);
      if (c === '=') equals++;
      if (OPERATORS.includes(c)) seen.isAssigned = true;
      else if (c === ',') seen.isAssigned ||= seen.isQuoted;
      else if (QUOTES.includes(c)) {
        seen.isQuoted = true;
        if ((seen.isAssigned || hasParen) && this.#opensLiteral(p)) {
          p++;
          break;
        }
      } else if (c === '<' && seen.isAssigned && this.#char(p + 1) === '/') {
        while (p < Math.min(start + 40, this.#data.length) && this.#char(p) !== '>') p++;
      } else if (c === 't' && seen.isQuoted && this.#char(p + 1) === 'o' && this.#char(p + 2) === ' ' && this.#isQuote(p + 3)) {
        seen.isAssigned = true;
        p += 2;
      } else if (c === '(') hasParen = true;
      else if (c === '\n') hasBreak = true;
      else if (this.#isWideOperator(p)) {
        seen.isAssigned = true;
        p += 2;
      } else if (c === '&' && this.#entityEnd(p) > 0) {
        seen.isQuoted = true;
        p = this.#entityEnd(p);
      } else if (!OPENERS.includes(c)) break;
    }
    if (hasParen && QUOTES.includes(this.#char(p - 1))) seen.isAssigned = true;
    if (hasBreak && !seen.isAssigned) return null;
    return equals > 1 && !seen.isQuoted && this.#char(start) !== ':' ? null : p;
  }

  #opensLiteral(p: number): boolean {
    if (this.#byte(p + 1) <= 0x20 || QUOTES.includes(this.#char(p + 1))) return false;
    if (this.#byte(p - 1) !== 0 && QUOTES.includes(this.#char(p - 1))) return false;
    return this.#char(p + 1) !== '\\' || this.#char(p + 2) === '\\';
  }

  #entityEnd(p: number): number {
    const end = Buffer.from(this.#data.subarray(p + 1, p + 7)).indexOf(';');
    return end >= 3 ? p + 1 + end : 0;
  }

  #afterType(p: number): number {
    const limit = Math.min(p + 40, this.#data.length);
    let q = p;
    while (q < limit && this.#isOfType(q)) q++;
    if (q === p) return p;
    if (q < limit && this.#char(q) === ';' && this.#char(p - 1) === '[') {
      q++;
      while (q < limit && (this.#char(q) === ' ' || this.#isOfType(q))) q++;
    }
    const first = [0, 1, 2, 3].map((i) => this.#char(p + i)).join('');
    const isDouble = q === p + 2 ? first.slice(0, 2).toLowerCase() === 'as' : first === 'cons';
    while (q < limit && this.#char(q) === ' ') q++;
    if (isDouble) {
      while (q < limit && this.#is(q, CLASS_WORD)) q++;
      while (q < limit && this.#char(q) === ' ') q++;
    }
    if (q < limit && this.#char(q) === ':') q++;
    return this.#char(q) === '=' && this.#char(q + 1) !== '=' ? q : p;
  }

  #isOfType(p: number): boolean {
    return this.#is(p, CLASS_WORD) || (this.#char(p) !== '' && '.?*&]'.includes(this.#char(p)));
  }

  #afterSize(p: number): number {
    const size = /^\[[0-9A-Za-z_]+\]/.exec(Buffer.from(this.#data.subarray(p, p + 24)).toString('latin1'));
    return size ? p + size[0].length : p;
  }

  #afterAccessors(p: number): number {
    const accessors = /^ ?\{ get;[^}]*\}/.exec(Buffer.from(this.#data.subarray(p, p + 40)).toString('latin1'));
    return accessors ? p + accessors[0].length : p;
  }

  #afterAttributes(p: number): number {
    const text = Buffer.from(this.#data.subarray(p, p + 96)).toString('latin1');
    const attributes = /^["'`]?(?: [0-9A-Za-z_.$:[\]-]*=(["'`])(?:(?!\1)[^<\n])*\1)+(?=>)/.exec(text);
    return attributes ? p + attributes[0].length : p;
  }

  #afterCast(p: number): number {
    if (this.#char(p - 1) !== '(') return p;
    const cast = /^[0-9A-Za-z_.?*&\] ]+\)/.exec(Buffer.from(this.#data.subarray(p, p + 24)).toString('latin1'));
    if (!cast) return p;
    const quote = p + cast[0].length + (this.#char(p + cast[0].length) === ' ' ? 1 : 0);
    return QUOTES.includes(this.#char(quote)) && this.#byte(quote) !== 0 ? quote + 1 : p;
  }

  #afterCarrier(p: number): number {
    const limit = Math.min(p + 40, this.#data.length);
    let q = p;
    if (this.#char(p) === '<' && this.#char(p + 1) === '/') {
      while (q < limit && this.#char(q) !== '>') q++;
      q++;
      while (q < limit && this.#byte(q) <= 0x20) q++;
      return q < limit && this.#char(q) === '<' && this.#char(q + 1) !== '/' ? q + 1 : p;
    }
    while (q < limit && (' \t\r\n,\\{'.includes(this.#char(q)) || QUOTES.includes(this.#char(q)))) q++;
    if (q === p) return p;
    if (Buffer.from(this.#data.subarray(q, q + 8)).toString('latin1') === 'android:') q += 8;
    if (q + 5 > limit) return p;
    const word = [0, 1, 2, 3].map((i) => String.fromCharCode(this.#byte(q + i) | 0x20)).join('');
    return word === 'valu' || word === 'defa' || word === 'cont' ? q : p;
  }

  #afterStringPrefix(p: number): number {
    let q = p;
    while (q < p + 2 && 'bBrRuUfFLN$'.includes(this.#char(q)) && this.#char(q) !== '') q++;
    if (q === p) return p;
    while (q < p + 5 && this.#char(q) === '#') q++;
    return QUOTES.includes(this.#char(q)) && this.#byte(q) !== 0 ? q + 1 : p;
  }

  #isColumn(start: number, end: number): boolean {
    const text = Buffer.from(this.#data).toString('latin1');
    let name = start;
    while (name > Math.max(start - 40, 0) && this.#is(name - 1, CLASS_WORD | CLASS_JOINER)) name--;
    const behind = /^["'`]?(?<blanks> {0,24})(?<sign>[,;|\t\n\r])/.exec(text.slice(end, end + 26));
    if (!behind?.groups || (behind.groups['blanks'] !== '' && behind.groups['sign'] !== '|')) return false;
    const unquoted = QUOTES.includes(text[name - 1] ?? ' ') ? name - 1 : name;
    const blanks = / *$/.exec(text.slice(Math.max(0, unquoted - 24), unquoted))?.[0] ?? '';
    const at = unquoted - blanks.length;
    const before = at === 0 ? '\n' : (text[at - 1] ?? '\n');
    const sign = behind.groups['sign'] ?? '';
    const separator = sign === '\n' || sign === '\r' ? before : sign;
    if (!',;|\t'.includes(separator) || (before !== separator && before !== '\n') || (blanks !== '' && before !== '|')) return false;
    const from = end + behind[0].length - 1;
    const header = /^[^\n]*/.exec(text.slice(from, from + 200))?.[0] ?? '';
    if (/[(={<]/.test(header)) return false;
    const row = /^[^\n]*/.exec(text.slice(from + header.length + 1, from + header.length + 201))?.[0] ?? '';
    return row.includes(separator);
  }

  #isOption(start: number): boolean {
    let name = start;
    while (name > Math.max(start - 40, 0) && (this.#is(name - 1, CLASS_WORD | CLASS_JOINER) || this.#char(name - 1) === '.')) name--;
    return this.#char(name) === '-';
  }

  #isDirective(start: number, value: number): boolean {
    let name = start;
    while (name > Math.max(start - 40, 0) && (this.#is(name - 1, CLASS_WORD | CLASS_JOINER) || this.#char(name - 1) === '.')) name--;
    const before = Buffer.from(this.#data.subarray(0, name)).toString('latin1');
    if (!/(?:^|\n)[ \t]{0,24}$/.test(before)) return false;
    const rest = Buffer.from(this.#data.subarray(value)).toString('latin1');
    return /^[^\0- ]{1,64}(?=[\r\n]|$)/.test(rest) && /^[^\0- ]*?[0-9]/.test(rest.slice(0, 64));
  }

  #isReference(p: number): boolean {
    return this.#opensCode(p) && !this.#isLoneText(p);
  }

  #isLoneText(p: number): boolean {
    const text = Buffer.from(this.#data.subarray(p, p + 64)).toString('latin1');
    const line = /^[^\r\n]*/.exec(text)?.[0] ?? '';
    if (line.length === 64 || line.length < 12 || /[\0- "'`]/.test(line)) return false;
    return /[0-9]/.test(line) && /[A-Z]/.test(line) && /[a-z]/.test(line) && !/[();,{}[\]]$/.test(line);
  }

  #opensCode(p: number): boolean {
    const text = Buffer.from(this.#data.subarray(p, p + 67)).toString('latin1');
    const word = /^[0-9A-Za-z_]{0,64}/.exec(text)?.[0] ?? '';
    if (word === '' || /^\d/.test(word)) return false;
    const next = this.#char(p + word.length);
    let path = '';
    for (let rest = text; path.length < 64; rest = text.slice(path.length)) {
      const part = /^(?:[0-9A-Za-z_.]|\(\)(?=\.))/.exec(rest)?.[0] ?? '';
      if (part === '') break;
      path += part;
    }
    const call = p + path.length;
    if ((next === '.' || next === '(') && this.#char(call) === '(' && (this.#literalIn(call) ?? this.#literalBehind(call)) !== null)
      return false;
    const isMixed = (part: string): boolean => /[0-9]/.test(part) && /[A-Z]/.test(part) && /[a-z]/.test(part);
    if (next === '.' && isMixed(path) && path.length >= 12 && this.#char(call) !== '(' && this.#char(call) !== '[') return false;
    return ((next === '(' || next === '[') && !isMixed(word)) || (!/\d/.test(word) && ['.', ';', ',', ')', '}'].includes(next));
  }

  #literalBehind(bracket: number): number | null {
    const inside = Buffer.from(this.#data.subarray(bracket + 1, bracket + 54)).toString('latin1');
    const argument = /^[0-9A-Za-z_.$:[\]-]+, */.exec(inside.slice(0, 51))?.[0] ?? '';
    return argument !== '' && QUOTES.includes(inside[argument.length] ?? ' ') ? bracket + 2 + argument.length : null;
  }

  #hasAlternative(value: number, needsDigit: boolean): boolean {
    const line = /^[^\r\n]*/.exec(Buffer.from(this.#data.subarray(value, value + 80)).toString('latin1'))?.[0] ?? '';
    return [...line.matchAll(/["'`]/g)].some(({ index }) => {
      const before = Array.from({ length: 5 }, (_, i) => this.#char(value + index - 5 + i) || '\0').join('');
      if (!/[|?]$|[|?:] $| or $|else $|(?:or|se)\($|ault=$/.test(before)) return false;
      const inner = value + index + 1;
      return !needsDigit || this.#hasDigitWithin(inner, Math.min(inner + DIGIT_BYTES, this.#data.length));
    });
  }

  #literalIn(bracket: number): number | null {
    const opened = /^[bBrRuUfFLN$]?["'`]/.exec(Buffer.from(this.#data.subarray(bracket + 1, bracket + 3)).toString('latin1'));
    return opened && bracket + 1 + opened[0].length;
  }

  #hasDigitWithin(start: number, end: number): boolean {
    const quote = this.#char(start - 1);
    for (let p = start; p < end; p++) {
      if (this.#is(p, CLASS_DIGIT)) return true;
      if (this.#char(p) === '\n' || (this.#char(p) === quote && this.#char(p - 1) !== '\\')) return false;
    }
    return false;
  }

  #hasDigit(value: number, isLiteral: boolean, closing: string): boolean {
    let hasBlank = false;
    for (let p = value; p < Math.min(value + DIGIT_BYTES, this.#data.length); p++) {
      if (this.#is(p, CLASS_DIGIT)) return true;
      const c = this.#char(p);
      if (c === '\n' || (closing.includes(c) && this.#char(p - 1) !== '\\')) return false;
      if (!isLiteral && c === '(' && this.#char(p + 1) === ')' && this.#char(p + 2) === '.') {
        p++;
        continue;
      }
      const literal = !isLiteral && c === '(' ? (this.#literalIn(p) ?? this.#literalBehind(p)) : null;
      if (literal !== null) return this.#hasDigitWithin(literal, Math.min(value + DIGIT_BYTES, this.#data.length));
      if (!isLiteral && c === ' ' && !hasBlank) hasBlank = true;
      else if (!isLiteral && (this.#byte(p) <= 0x20 || ',;)(['.includes(c))) return false;
    }
    return false;
  }
}
