/**
 * Tells what stands at a place of program text: a literal, a comment or code. Called by rewrite-code.ts with the strings and comments of the language
 * (code-languages.ts). Text is Latin-1, a character a byte.
 *
 * The basic idea: walk from the file's start and keep count of strings and comments alone. A string that may not span lines and has no end on its line
 * is no string (an apostrophe in a regular expression, say), so what is misread ends with its line.
 */

export type StringForm = {
  /** What may stand just before the opening mark and belongs to the literal: `f`, `$`, `@`. Lower case; absent: nothing. */
  readonly prefixes?: readonly string[];
  readonly open: string;
  readonly close: string;
  /** `backslash` or the backtick of PowerShell before a character; `doubled`: the closing mark twice stands for itself. */
  readonly escape: 'backslash' | 'backtick' | 'doubled' | 'none';
  readonly isMultiline?: true;
  /** Opens code inside of it, up to the next brace or parenthesis that closes it: `${`, `#{`, `$(`. */
  readonly hole?: string;
};

export type Lexis = {
  /** Longer opening marks first. */
  readonly strings: readonly StringForm[];
  readonly lineComments: readonly string[];
  readonly blockComment?: readonly [open: string, close: string];
  /** `#` starts a comment after a blank only (shells: `${x#y}`). */
  readonly commentNeedsBlank?: true;
  /** `'a'` is a character and `'a` is not: skipped when it has an end. */
  readonly hasCharacters?: true;
  /** `/…/` may be a regular expression, with quotes in it. */
  readonly hasSlashPatterns?: true;
};

/** `start` and `end` with marks and prefix, `inner` and `innerEnd` without. */
export type Token =
  | {
      readonly kind: 'string';
      readonly start: number;
      readonly end: number;
      readonly inner: number;
      readonly innerEnd: number;
      readonly form: StringForm;
    }
  | { readonly kind: 'comment'; readonly start: number; readonly end: number }
  | { readonly kind: 'code' };

const CODE: Token = { kind: 'code' };

/** Code in strings in code in strings … */
const MAX_NESTING = 8;
/** Characters of a regular expression between slashes. */
const MAX_PATTERN = 500;

/** Returns the token that holds [start, end) wholly; `code` where none does. One pass, O(length). */
export function tokenAt(text: string, start: number, end: number, lexis: Lexis): Token {
  const walker = new Walker(text, start, end, lexis);
  walker.walkCode(0, null, 0);
  return walker.found;
}

class Walker {
  found: Token = CODE;
  readonly #text: string;
  readonly #start: number;
  readonly #end: number;
  readonly #lexis: Lexis;

  constructor(text: string, start: number, end: number, lexis: Lexis) {
    this.#text = text;
    this.#start = start;
    this.#end = end;
    this.#lexis = lexis;
  }

  /** Walks code from `from` to the mark that closes it, or past the place that is looked for; returns where it stopped. */
  walkCode(from: number, close: string | null, depth: number): number {
    const text = this.#text;
    const opener = close === ')' ? '(' : '{';
    let open = 0;
    let at = from;
    while (at < text.length && (at <= this.#start || close !== null)) {
      if (close !== null) {
        if (text[at] === opener) open++;
        else if (text[at] === close && open-- === 0) return at + 1;
      }
      at = this.#skipComment(at) ?? this.#skipPattern(at) ?? this.#skipString(at, depth) ?? at + 1;
    }
    return at;
  }

  #isInside(start: number, end: number): boolean {
    return start <= this.#start && this.#end <= end;
  }

  #skipComment(at: number): number | null {
    const { lineComments, blockComment, commentNeedsBlank } = this.#lexis;
    const text = this.#text;
    let end: number | null = null;
    if (blockComment !== undefined && text.startsWith(blockComment[0], at)) {
      const closed = text.indexOf(blockComment[1], at + blockComment[0].length);
      end = closed < 0 ? text.length : closed + blockComment[1].length;
    } else if (
      lineComments.some((mark) => text.startsWith(mark, at)) &&
      (!commentNeedsBlank || at === 0 || /\s/.test(text[at - 1] ?? ''))
    ) {
      end = lineEnd(text, at);
    }
    if (end !== null && this.#isInside(at, end)) this.found = { kind: 'comment', start: at, end };
    return end;
  }

  /** A slash is a pattern's where no value stands before it. */
  #skipPattern(at: number): number | null {
    if (!this.#lexis.hasSlashPatterns || this.#text[at] !== '/') return null;
    const before = this.#text.slice(Math.max(0, at - 20), at).trimEnd();
    if (before !== '' && !/[(,=:[!&|?{};>]$|\b(?:return|typeof|case|in|of)$/.test(before)) return null;
    let inClass = false;
    for (let end = at + 1; end < at + MAX_PATTERN; end++) {
      const character = this.#text[end];
      if (character === undefined || character === '\n') return null;
      if (character === '\\') end++;
      else if (character === '[') inClass = true;
      else if (character === ']') inClass = false;
      else if (character === '/' && !inClass) return end + 1;
    }
    return null;
  }

  #skipString(at: number, depth: number): number | null {
    const text = this.#text;
    if (this.#lexis.hasCharacters && text[at] === "'") {
      const length = text[at + 1] === '\\' ? 4 : 3;
      return text[at + length - 1] === "'" ? at + length : null;
    }
    const form = this.#lexis.strings.find(({ open }) => text.startsWith(open, at));
    if (form === undefined) return null;
    const inner = at + form.open.length;
    const close = this.#endOf(form, inner, depth);
    if (close === null) return null;
    const end = close + form.close.length;
    // What a hole of this string holds was found already, and is the narrower one.
    if (this.found === CODE && this.#isInside(at, end)) {
      this.found = { kind: 'string', start: at - prefixLength(text, at, form), end, inner, innerEnd: close, form };
    }
    return end;
  }

  /** Returns where the closing mark of a string stands, or null. */
  #endOf(form: StringForm, from: number, depth: number): number | null {
    const text = this.#text;
    let at = from;
    while (at < text.length) {
      if (form.escape === 'backslash' && text[at] === '\\') at += 2;
      else if (form.escape === 'backtick' && text[at] === '`') at += 2;
      else if (text.startsWith(form.close, at)) {
        if (form.escape !== 'doubled' || !text.startsWith(form.close, at + form.close.length)) return at;
        at += 2 * form.close.length;
      } else if (!form.isMultiline && text[at] === '\n') return null;
      else if (form.hole !== undefined && depth < MAX_NESTING && text.startsWith(form.hole, at)) {
        at = this.walkCode(at + form.hole.length, form.hole.endsWith('(') ? ')' : '}', depth + 1);
      } else at++;
    }
    return null;
  }
}

function prefixLength(text: string, at: number, { prefixes = [] }: StringForm): number {
  const fitting = prefixes.find(
    (prefix) => text.slice(Math.max(0, at - prefix.length), at).toLowerCase() === prefix && !/\w/.test(text[at - prefix.length - 1] ?? ''),
  );
  return fitting?.length ?? 0;
}

/** Returns the index of the line's break, or the text's length. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** Returns the index of the line's first character. */
export function lineStart(text: string, at: number): number {
  // A negative index would count as the first.
  return at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
}
