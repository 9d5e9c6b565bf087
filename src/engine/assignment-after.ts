/**
 * Reads assignments forwards: from a keyword such as `password` to the whole name it is part of, the operator, and the value that the
 * name is given. The generic rules use it, since they know a name and no form of value.
 *
 * Like assignment.ts this is no parser of any one language but the union of what languages do. Every walk is bounded by `limit` or by a
 * constant, so the cost is O(limit) for one keyword.
 */
import { type Cell, COLUMN, readColumn } from './assignment-column.ts';
import { indexWithin, tagOperator } from './assignment-tag.ts';
import { type ReadValue, readValue } from './assignment-value.ts';
import { isBlank, isBreak, isDigit, isLetter, isQuote, isSpace, isWideSign, isWord, literalFinder, skipBlanks } from './characters.ts';

export type Assignment = {
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly operator: string;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly quoted: boolean;
  /** The opening quote as written (`"`, `'`, `\"`, `"""`), or ''. */
  readonly quote: string;
};

/** Names longer than this on either side of the keyword are not names. */
export const MAX_NAME_CHARACTERS = 64;

/** Commands whose next word is a name and the one after it a value. */
const DIRECTIVES = ['ENV', 'ARG', 'LABEL', 'export', 'set', 'setenv', 'setx', 'define', 'declare', 'let'];

/** Returns the assignment whose name holds the keyword at [keywordStart, keywordEnd), or null; reads at most `limit` bytes on. */
export function readAssignmentsAfter(text: string, keywordStart: number, keywordEnd: number, limit: number): Assignment | null {
  const high = Math.min(text.length, keywordEnd + Math.max(0, limit));
  if (keywordStart < 0 || keywordEnd <= keywordStart || keywordEnd > high) return null;
  const name = nameAround(text, keywordStart, keywordEnd, high);
  const cell = readColumn(text, name, high);
  if (cell !== null) return inColumn(name, cell);
  const operator = operatorAfter(text, name, high);
  if (operator === null || (operator.text === ':' && opensVerdict(text, name))) return null;
  const value = readValue(text, operator.end, high, {
    operator: operator.text,
    isLine: startsLine(text, name.start),
    isCollection: /[^s]s$/i.test(text.slice(name.start, name.end)),
    isUrl: isQueryName(text, name.start),
  });
  if (value === null || value.end <= value.start || !isFit(operator.text, value, text)) return null;
  // `${aws-secret:orders/db}`: the word before the colon is a store's.
  if (operator.text === ':' && text.startsWith('${', name.start - 2) && text.slice(value.start, value.end).includes('/')) return null;
  return {
    nameStart: name.start,
    nameEnd: name.end,
    operator: value.isDefault ? '||' : operator.text,
    valueStart: value.start,
    valueEnd: value.end,
    quoted: value.quote !== '',
    quote: value.quote,
  };
}

function inColumn(name: Name, { start, end, quote }: Cell): Assignment {
  return { nameStart: name.start, nameEnd: name.end, operator: COLUMN, valueStart: start, valueEnd: end, quoted: quote !== '', quote };
}

/** `echo "PASS: vxlan"`: what a test prints. */
function opensVerdict(text: string, name: Name): boolean {
  return isQuote(text, name.start - 1) && !isQuote(text, name.end) && isPass(text, name);
}

/** The whole name is `pass`, which is a verb as often. */
function isPass(text: string, { start, end }: Name): boolean {
  return end - start === 4 && text.slice(start, end).toLowerCase() === 'pass';
}

/** Commas and brackets introduce values only when these are quoted: else they separate code. Prose is told apart by digits. */
function isFit(operator: string, value: ReadValue, text: string): boolean {
  if (value.quote !== '') return true;
  if (operator === '(' || operator === ',' || operator === '{') return false;
  return (operator !== '?' && operator !== '|') || hasDigitWithin(text, value.start, value.end);
}

function hasDigitWithin(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (isDigit(text, at)) return true;
  return false;
}

type Name = { readonly start: number; readonly end: number };

/**
 * Returns the word or dotted, dashed path that the keyword is part of: at most MAX_NAME_CHARACTERS before and after it, and not beyond `high`. One byte more than
 * that is looked at on the left.
 */
export function nameAround(text: string, keywordStart: number, keywordEnd: number, high: number): Name {
  let start = keywordStart;
  const lowest = Math.max(0, keywordStart - MAX_NAME_CHARACTERS);
  while (
    start > lowest &&
    (isWord(text, start - 1) || ((text[start - 1] === '-' || text[start - 1] === '.') && isWord(text, start))) &&
    !isWideSign(text, start - 3)
  )
    start--;
  while (start < keywordStart && !isWord(text, start)) start++;
  // A compiler's option: `-DAPI_KEY=…`
  if (start < keywordStart && text[start] === 'D' && text[start - 1] === '-' && /[A-Z_]/.test(text[start + 1] ?? '')) start++;
  // The letter of an escape: `\nAuthorization: …` inside a string.
  if (start < keywordStart && text[start - 1] === '\\' && 'nrt'.includes(text[start] ?? ' ')) start++;
  let end = keywordEnd;
  const highest = Math.min(high, keywordEnd + MAX_NAME_CHARACTERS);
  while (
    end < highest &&
    (isWord(text, end) || ((text[end] === '-' || text[end] === '.') && isWord(text, end + 1) && end + 1 < highest)) &&
    !isWideSign(text, end)
  )
    end++;
  return { start, end };
}

type Operator = { readonly text: string; readonly end: number };

function operatorAfter(text: string, name: Name, high: number): Operator | null {
  const tag = tagOperator(text, name, high);
  if (tag !== null) return tag;
  const isInBraces = text[name.start - 1] === '{' && text[name.end] === '}';
  const { at: closed, quoted } = skipClosers(text, isInBraces ? name.end + 1 : name.end, high);
  if (quoted && INFIX.test(text.slice(closed, Math.min(high, closed + 8)))) return { text: ',', end: closed + 3 };
  const accessors = ACCESSORS.exec(text.slice(closed, Math.min(high, closed + 40)));
  let at = skipBlanks(text, closed + (accessors?.[0].length ?? 0), high);
  const code = codeAt(text, at);
  if (code !== undefined) return { text: CODED.get(code) ?? code, end: at + code.length };
  at = skipType(text, at, high);
  const sign = signAfter(text, at, high);
  // A shell's variable in a path (`$PWD:/src`), a pipe behind a literal (`'…password' | md5sum`)
  if (sign?.text === ':' && text[name.start - 1] === '$' && !isBlank(text, sign.end)) return null;
  if (sign?.text === '|' && quoted) return null;
  if (sign !== null) return sign;
  const carried = carrierAfter(text, closed, high);
  if (carried !== null) return carried;
  const character = text[at];
  // Erlang's `{password, "v"}` and Ruby's `set :password, "v"` have no quotes round the name.
  const isName = quoted || text[name.start - 1] === '{' || isSetting(text, name.start);
  if (character === ',' && isName && !isChecked(text, name.start) && !isListItem(text, name.start)) return { text: ',', end: at + 1 };
  if (character === '(' && LOOK_UP.test(text.slice(name.start, name.end))) return null;
  if ((character === '(' || character === '{') && at === name.end) return { text: character, end: at + 1 };
  return at > closed && !isBreak(text, at) ? blankOperator(text, name, at, quoted) : null;
}

/** Methods that are given the name of a credential: `getCredentials('stripe1')`. */
const LOOK_UP = /(?:^|\.)(?:get|find|fetch|load|has|delete|remove|lookup)(?=[A-Z_])\w*$/;

/** Kotlin's pairs: `"password" to "v"`. */
const INFIX = /^ to ["']/;

/** C#'s properties: `Password { get; set; } = "v"`. */
const ACCESSORS = /^ ?\{ get;[^{}\r\n]{0,30}\}(?= =)/;

const CODED: ReadonlyMap<string, string> = new Map([
  ['%3D', '='],
  ['%3d', '='],
  ['%3A', ':'],
  ['%3a', ':'],
  ['\\u003d', '='],
  ['\\u003D', '='],
  ['&#61;', '='],
  ['&#x3D;', '='],
  ['=&gt;', '=>'],
  ['&gt;', '>'],
  // The wide colon and equals sign of East Asian text, U+FF1A and U+FF1D.
  ['\xef\xbc\x9a', ':'],
  ['\xef\xbc\x9d', '='],
  // Notes: an arrow, a long dash, U+2192, U+2014.
  ['\xe2\x86\x92', '->'],
  ['\xe2\x80\x94', '->'],
]);

const codeAt = literalFinder([...CODED.keys()]);

/** Longest first, so that `:=` is not read as `:`. */
const SIGNS = [
  ':::=',
  '<<<',
  '||=',
  '??=',
  '&&=',
  '===',
  '!==',
  '::=',
  '<:>',
  ':=',
  '=>',
  '==',
  '!=',
  '?=',
  '+=',
  '.=',
  '|=',
  '<-',
  '->',
  '~>',
  '||',
  '??',
  '?:',
  '=',
  ':',
  '|',
];

const signAt = literalFinder(SIGNS);

function signAfter(text: string, at: number, high: number): Operator | null {
  const sign = signAt(text, at);
  if (sign === undefined || at + sign.length > high) return null;
  // `a::b` is a scope and `=~` a match.
  if ((sign === ':' && text[at + 1] === ':') || (sign === '=' && text[at + 1] === '~')) return null;
  // `a->b` is a member, `token -> v` a note.
  if (sign === '->' && !(isBlank(text, at - 1) && isBlank(text, at + 2))) return null;
  // A shell's default: `${TOKEN:-v}`
  if (sign === ':' && text[at + 1] === '-' && !isBlank(text, at + 2)) return { text: sign, end: at + 2 };
  return { text: sign, end: at + sign.length };
}

/** `password: string = `, `password string = `, `password[32] = `: steps over what stands before the `=`. */
function skipType(text: string, from: number, high: number): number {
  let at = from;
  if (text[at] === '[') {
    const close = indexWithin(text, ']', at, Math.min(high, at + 24));
    if (close > 0) at = skipBlanks(text, close + 1, high);
  }
  const isColon = text[at] === ':' && text[at + 1] !== ':' && text[at + 1] !== '=';
  let end = skipBlanks(text, isColon ? at + 1 : at, high);
  // Visual Basic: `password As String = `
  if (/^as +\w/i.test(text.slice(end, end + 5))) end = skipBlanks(text, end + 2, high);
  if (!isLetter(text, end) && !'*&['.includes(text[end] ?? ' ')) return at;
  if (!isColon && !isBlank(text, end - 1)) return at;
  const longest = Math.min(high, end + 40);
  end += OPENING_OF_TYPE.exec(text.slice(end, Math.min(longest, end + 24)))?.[0].length ?? 0;
  while (end < longest && (isWord(text, end) || '.<>[]|?*&'.includes(text[end] ?? ' '))) end++;
  // Rust's `[u8; 32]`
  if (text[end] === ';' && text.slice(at, end).includes('['))
    end += /^; ?\w{1,12}\]/.exec(text.slice(end, Math.min(high, end + 16)))?.[0].length ?? 0;
  end = skipBlanks(text, end, high);
  const isAssigned =
    (text[end] === '=' && text[end + 1] !== '=' && text[end + 1] !== '>' && isBlank(text, end - 1)) || text.startsWith(':=', end);
  return isAssigned ? end : at;
}

/** Rust's `&'static str`, Zig's `[]const u8`, Ada's `constant String`. */
const OPENING_OF_TYPE = /^(?:&'[a-z_]{1,16} )?(?:\[\])?(?:const |constant |mut )?/;

const carrierAt = literalFinder(['value', 'Value', 'VALUE', 'defaultValue', 'default', 'content']);

/** `name: PASSWORD` above `value: v`, `key="password" value="v"`, `{"name": "password", "value": "v"}`: the name is itself a value. */
function carrierAfter(text: string, from: number, high: number): Operator | null {
  let at = from;
  while (at < high && (isSpace(text, at) || ',{\\'.includes(text[at] ?? ' ') || isQuote(text, at))) at++;
  if (at === from) return null;
  // Android's `android:value="v"`
  if (text.startsWith('android:', at)) at += 8;
  const carrier = carrierAt(text, at);
  if (carrier === undefined || isWord(text, at + carrier.length)) return null;
  const closed = skipClosers(text, at + carrier.length, high).at;
  return signAfter(text, skipBlanks(text, closed, high), high);
}

/** A symbol as the first argument of a command: `set :password, …`. */
function isSetting(text: string, nameStart: number): boolean {
  return text[nameStart - 1] === ':' && isBlank(text, nameStart - 2) && isLetter(text, nameStart - 3);
}

/** `HashPassword("password", "…")`, `assertEquals("token", "…")`: the first argument is a value itself, and names nothing. */
function isChecked(text: string, nameStart: number): boolean {
  let at = nameStart;
  while (at > nameStart - 4 && (isQuote(text, at - 1) || text[at - 1] === '\\')) at--;
  if (at === nameStart || text[at - 1] !== '(') return false;
  const callee =
    text
      .slice(Math.max(0, at - 1 - MAX_NAME_CHARACTERS), at - 1)
      .match(/[\w.]*$/)?.[0]
      .toLowerCase() ?? '';
  return ['hash', 'check', 'verif', 'compare', 'assert', 'equal', 'expect', 'encrypt', 'digest', 'crypt', 'sign'].some((verb) =>
    callee.includes(verb),
  );
}

/** Gradle's Android plugin names the type before the name: `buildConfigField "String", "API_KEY", "v"`. */
const TYPED = /(?:buildConfigField|resValue)[ (]{1,2}["'][A-Za-z.]{1,20}["'],$/;

/** `["user", "password", "libvpx9"]`: an item further on in a list of texts names nothing, unless it is an option (`"--token", "v"`). */
function isListItem(text: string, nameStart: number): boolean {
  let at = nameStart;
  while (at > 0 && text[at - 1] === '\\') at--;
  if (!isQuote(text, at - 1)) return false;
  at--;
  while (at > 0 && (isSpace(text, at - 1) || text[at - 1] === '\\')) at--;
  return text[at - 1] === ',' && isQuote(text, at - 2) && !TYPED.test(text.slice(Math.max(0, at - 40), at));
}

/** Where only blanks stand between: an option, a directive, a quoted value; anything else is prose (`?`) and needs a digit. */
function blankOperator(text: string, name: Name, at: number, quoted: boolean): Operator | null {
  const isOption = text[name.start - 1] === '-';
  // `docker run -e TOKEN nginx:1.25` hands a variable on.
  if (/ (?:-e|--env)[ =]$/.test(text.slice(Math.max(0, name.start - 8), name.start))) return null;
  // `pass` is a verb: "you can pass `kwargs` too".
  const isVerb = !isOption && isPass(text, name);
  // SQL's `UNIQUE KEY `name``
  if (text[at] === '`') return null;
  if (isQuote(text, at) || (text[at] === '\\' && isQuote(text, at + 1))) return quoted || isVerb ? null : { text: ' ', end: at };
  return isOption || followsDirective(text, name.start) ? { text: ' ', end: at } : { text: '?', end: at };
}

function followsDirective(text: string, nameStart: number): boolean {
  let end = nameStart;
  while (end > 0 && isBlank(text, end - 1)) end--;
  if (end === nameStart) return false;
  return DIRECTIVES.some((word) => text.startsWith(word, end - word.length) && !isWord(text, end - word.length - 1));
}

const quoteAt = literalFinder(['&quot;', '&#34;', '&#39;', '%22']);

/** Steps over a closing quote, a subscript's bracket, emphasis, an optional mark. */
function skipClosers(text: string, from: number, high: number): { readonly at: number; readonly quoted: boolean } {
  let at = from;
  while (at < high && text[at] === '\\' && at - from < 8) at++;
  const coded = quoteAt(text, at);
  const quoted = isQuote(text, at) || coded !== undefined;
  if (!quoted) at = from;
  else at += coded?.length ?? 1;
  while (at < high && (text[at] === ']' || (text[at] === ')' && quoted) || text[at] === '*' || (text[at] === '?' && text[at + 1] === ':')))
    at++;
  return { at, quoted };
}

/** The name opens its line, after indentation, a list's dash, a comment mark or `export`: then the value reaches to the line's end. */
function startsLine(text: string, nameStart: number): boolean {
  let at = nameStart;
  const lowest = Math.max(0, nameStart - 40);
  while (at > lowest && (isBlank(text, at - 1) || '-#;"\''.includes(text[at - 1] ?? 'x'))) at--;
  if (at > 6 && text.startsWith('export', at - 6)) at -= 6;
  return at === 0 || isBreak(text, at - 1);
}

/** `?access_token=…`, `&token=…`. */
function isQueryName(text: string, nameStart: number): boolean {
  const before = text[nameStart - 1];
  return before === '?' || before === '&' || (before === ';' && text.startsWith('&amp;', nameStart - 5));
}
