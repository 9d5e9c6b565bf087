/**
 * Reads the value after an operator: a quoted literal with its escapes, the literal inside a call (`Base64.decode("…")`), the default
 * after `||`, a YAML block, or unquoted text as far as its syntax lets it go. Used by assignment-after.ts. Every walk ends at `high`.
 */
import { isBlank, isBreak, isLetter, isQuote, isSpace, isWideSign, isWord, literalFinder, skipBlanks, skipSpaces } from './characters.ts';

export type ReadValue = {
  readonly start: number;
  readonly end: number;
  /** The opening quote as written, or ''. */
  readonly quote: string;
  /** It is the default of an expression that first looks elsewhere: `env.X || "v"`, `${X:-v}`. */
  readonly isDefault: boolean;
};

export type ValueContext = {
  readonly operator: string;
  /** The name opens its line: unquoted text reaches to the line's end. */
  readonly isLine: boolean;
  readonly isUrl: boolean;
  /** The name is that of several: what a map has in it is read. */
  readonly isCollection: boolean;
};

/** Callees that are given a key and give back a value: a literal argument is the key, a second one the default. */
const LOOKUPS = new Set(
  'get getenv env environ fetch getproperty property getparameter param params parameter lookup find read readfile open load getstring getvalue config conf setting settings input prompt ask getpass t translate gettext i18n trans message querySelector select getelementbyid include require import cookie header session attr attribute field column _ __ _n tr l appsettings connectionstrings getenvironmentvariable form querystring servervariables gradleproperty findproperty environmentvariable systemproperty getsetting option_env include_str include_bytes'.split(
    ' ',
  ),
);

const schemeAt = literalFinder([
  'Bearer ',
  'bearer ',
  'Basic ',
  'basic ',
  'Token ',
  'token ',
  'ApiKey ',
  'Apikey ',
  'Bot ',
  'Digest ',
  'OAuth ',
  'JWT ',
  'SSWS ',
  'Key ',
]);

const MAX_CALLS = 3;
/** How far on the line an alternative (`|| "v"`) is looked for. */
const MAX_EXPRESSION_CHARACTERS = 120;

/** Returns the value that begins at or after `from`, or null where there is none. */
export function readValue(text: string, from: number, high: number, context: ValueContext): ReadValue | null {
  let at = skipBlanks(text, from, high);
  if (context.operator === ':') at = skipMarkup(text, at, high);
  if (isBreak(text, at)) {
    const next = skipSpaces(text, at, high);
    if (context.operator === ':' && text.startsWith('```', next)) return loneWord(text, at, high, context);
    const item = context.operator === ':' ? itemStart(text, next, high) : -1;
    if (item > 0 && !startsQuote(text, item)) return itemValue(text, item, high, context);
    if (context.operator !== '>' && item < 0 && !startsQuote(text, next))
      return context.operator === ':' ? loneWord(text, at, high, context) : null;
    at = item > 0 ? item : next;
  }
  const long = longString(text, at, high) ?? rawString(text, at, high) ?? perlString(text, at, high);
  if (long !== null) return long;
  // Rust's `*b"v"`, Erlang's binaries, Go's `[]byte("v")`.
  if (text[at] === '*' && startsQuote(text, at + 1)) at++;
  if (text.startsWith('<<"', at)) at += 2;
  if (text.startsWith('[]byte(', at)) at += 7;
  const fallback = templateDefault(text, at + (startsQuote(text, at) ? 1 : 0), high);
  if (fallback !== null) return fallback;
  const cast = text[at] === '(' ? CAST.exec(text.slice(at, Math.min(high, at + 40))) : null;
  if (cast !== null) at += cast[0].length;
  const member = context.isCollection ? MEMBER.exec(text.slice(at, Math.min(high, at + 140))) : null;
  if (member !== null) return quotedValue(text, at + member[0].length - 1, high);
  at = skipBrackets(text, at, high);
  if (context.operator === '>') return elementText(text, at, high);
  if (startsQuote(text, at)) return quotedValue(text, at, high, COMPARISONS.has(context.operator));
  const block = blockValue(text, at, high, context.operator);
  if (block !== null) return block;
  return expressionValue(text, at, high) ?? unquotedValue(text, at, high, context);
}

/** `(char *)"v"`, `(const uint8_t *)"v"` */
const CAST = /^\((?:const )?[A-Za-z_][\w.]{0,20} ?\*{0,2}\) ?(?=[LuU]?["'])/;

/** The first member of `passwords = { orders = "v" }`, `map[string]string{"orders": "v"}`, with its opening quote. */
const MEMBER = /^(?:map\[string\]string)?\{\s{0,40}["']?[\w.@:-]{1,60}["']?\s{0,8}(?:=>|[:=])\s{0,8}["'`]/;

/** Ends of emphasis between a label and its value: Markdown's `**Password:** v`, HTML's `<b>Password:</b> v`. */
function skipMarkup(text: string, at: number, high: number): number {
  if (text.startsWith('** ', at)) return skipBlanks(text, at + 2, high);
  const closed = text.startsWith('</', at) ? CLOSED_LABEL.exec(text.slice(at, Math.min(high, at + 80))) : null;
  return closed === null ? at : at + closed[0].length;
}

const CLOSED_LABEL = /^<\/(?:b|strong|em|i|span|label|dt|th|u)>[ \t]{0,8}(?:<(?:dd|td|span|code|tt|kbd)(?: [^<>]{0,40})?>)?/;

/** Returns where the first item of a YAML list begins, as recorded requests have them: `X-Api-Key:` above `- v`. -1 where there is none. */
function itemStart(text: string, at: number, high: number): number {
  return text[at] === '-' && isBlank(text, at + 1) ? skipBlanks(text, at + 1, high) : -1;
}

/** The item is one word with a digit in it, an authentication scheme apart: others are text. */
function itemValue(text: string, at: number, high: number, context: ValueContext): ReadValue | null {
  const value = unquotedValue(text, at, high, { ...context, isLine: true });
  if (value === null || !/\d/.test(text.slice(value.start, value.end))) return null;
  const end = skipBlanks(text, value.end, high);
  return end >= high || isBreak(text, end) ? value : null;
}

/** `API key:` above a line, or a block of code, with one word that has a digit. */
function loneWord(text: string, from: number, high: number, context: ValueContext): ReadValue | null {
  const opening = LONE_WORD.exec(text.slice(from, Math.min(high, from + 120)));
  if (opening === null) return null;
  const value = unquotedValue(text, from + opening[0].length, high, { ...context, isLine: true });
  if (value === null || !/\d/.test(text.slice(value.start, value.end))) return null;
  const end = skipBlanks(text, value.end, high);
  return (end >= high || isBreak(text, end)) && text[value.end - 1] !== ':' ? value : null;
}

const LONE_WORD = /^\r?\n(?:[ \t]{0,8}\r?\n)?(?:[ \t]{0,8}(?:```|~~~)[a-z]{0,12}\r?\n)?[ \t]{0,8}(?=[^\s#-])/;

/** Lua's `[[v]]`. A name in such brackets is a template; text with a digit is none. */
function longString(text: string, at: number, high: number): ReadValue | null {
  const found = text.startsWith('[[', at) ? /^\[\[([^\s[\]:#|]{8,200})\]\]/.exec(text.slice(at, Math.min(high, at + 204))) : null;
  if (found === null || !/\d/.test(found[1] ?? '')) return null;
  return { start: at + 2, end: at + found[0].length - 2, quote: '[[', isDefault: false };
}

/** Rust's `r#"v"#`, in which quotes need no escape. */
function rawString(text: string, at: number, high: number): ReadValue | null {
  const opening = text[at] === 'r' || text[at] === 'b' ? /^b?r(#{1,3})"/.exec(text.slice(at, Math.min(high, at + 6))) : null;
  if (opening === null) return null;
  const start = at + opening[0].length;
  const end = text.slice(start, high).indexOf(`"${opening[1] ?? ''}`) + start;
  return end > start ? { start, end, quote: opening[0], isDefault: false } : null;
}

/** Perl's `q{v}`, `qq(v)`. */
function perlString(text: string, at: number, high: number): ReadValue | null {
  const found =
    text[at] === 'q'
      ? /^(qq?)(?:\{([^\s{}]{4,200})\}|\(([^\s()]{4,200})\)|\[([^\s[\]]{4,200})\])[;,)\s]/.exec(text.slice(at, Math.min(high, at + 210)))
      : null;
  if (found === null) return null;
  const value = found[2] ?? found[3] ?? found[4] ?? '';
  const start = at + (found[1] ?? '').length + 1;
  return { start, end: start + value.length, quote: `${found[1]}{`, isDefault: false };
}

/** `["v"]`, `("v")`, `{"v"}`: steps over brackets where a quote follows. */
function skipBrackets(text: string, from: number, high: number): number {
  let at = from;
  for (let depth = 0; depth < 3 && (text[at] === '[' || text[at] === '(' || text[at] === '{'); depth++) at = skipSpaces(text, at + 1, high);
  return startsQuote(text, at) ? at : from;
}

/** Length of a string prefix (`b"`, `f'`, `@"`, `N'`) with the backslashes before an escaped quote, or -1 where no quote follows. */
function prefixLength(text: string, at: number): number {
  let length = 0;
  while (length < 2 && 'bBrRuUfFLN@$'.includes(text[at + length] ?? ' ') && !isQuote(text, at + length)) length++;
  if (!isQuote(text, at + length) && text[at + length] !== '\\') length = 0;
  let slashes = 0;
  while (text[at + length + slashes] === '\\' && slashes < 8) slashes++;
  return isQuote(text, at + length + slashes) ? length + slashes : -1;
}

function startsQuote(text: string, at: number): boolean {
  return prefixLength(text, at) >= 0 || entityAt(text, at) !== undefined;
}

const entityAt = literalFinder(['&quot;', '&#34;', '&#39;', '&apos;', '%22', '%27']);

/** After these a colon ends a condition (`if password == "v":`). */
const COMPARISONS = new Set(['==', '===', '!=', '!==']);

/** A literal in quotes. One that is itself a key (`"v":`) or is not closed on its line is no value. */
function quotedValue(text: string, at: number, high: number, isCompared = false): ReadValue | null {
  const entity = entityAt(text, at);
  if (entity !== undefined) {
    const start = at + entity.length;
    const end = text.slice(start, high).indexOf(entity);
    return end < 0 ? null : withoutScheme(text, start, start + end, entity);
  }
  const length = prefixLength(text, at);
  let open = at + length;
  let slashes = 0;
  while (text[open - 1 - slashes] === '\\' && slashes < length) slashes++;
  const mark = text[open] ?? '"';
  // `"""v"""` and, in Markdown, ``v``; two quotes of any other kind are an empty literal.
  const width = slashes > 0 || text[open + 1] !== mark ? 1 : text[open + 2] === mark ? 3 : mark === '`' ? 2 : 1;
  const quote = '\\'.repeat(slashes) + mark.repeat(width);
  open += width;
  if (width === 1 && slashes === 0 && text[open] === '\\' && isQuote(text, open + 1)) {
    // Gradle's `"\"v\""`: a literal of the language that is being written.
    const inner = quotedValue(text, open, high, true);
    if (inner !== null && text.startsWith(inner.quote + mark, inner.end)) return inner;
  }
  const end = closingQuote(text, open, high, mark, slashes, width);
  if (end < 0 || (!isCompared && isKey(text, end + quote.length, high))) return null;
  return withoutScheme(text, open, end, quote);
}

/** `'it''s'`: how SQL, YAML, PowerShell, Basic and CSV write a quote inside quotes. What ends an expression behind the second one shows an empty literal. */
function isDoubled(text: string, at: number, mark: string): boolean {
  const next = text[at + 2] ?? ' ';
  return mark !== '`' && text[at + 1] === mark && next !== mark && !isSpace(text, at + 2) && !',;:)]}'.includes(next);
}

/** Returns where the literal ends, or -1. Where no quote of its line is left to close it, the last one did: in SQL, YAML and PowerShell `'C:\'` ends in a backslash. */
function closingQuote(text: string, from: number, high: number, mark: string, slashes: number, width: number): number {
  let run = 0;
  let escaped = -1;
  for (let at = from; at < high; at++) {
    const character = text[at];
    if (character === '\\') {
      run++;
      continue;
    }
    if (character === mark) {
      const isClosing = slashes === 0 ? run % 2 === 0 : run <= slashes;
      if (!isClosing) escaped = at;
      else if (width === 1 && at > from && isDoubled(text, at, mark)) at++;
      else if (text.startsWith(mark.repeat(width), at)) return slashes === 0 ? at : at - run;
    } else if (character === '\n' && width !== 3 && mark !== '`') {
      return slashes === 0 && width === 1 && escaped >= 0 ? escaped : -1;
    }
    run = 0;
  }
  return -1;
}

/** What stands in quotes is a key itself: `"a": …`, `'a' => …`. */
function isKey(text: string, from: number, high: number): boolean {
  const at = skipBlanks(text, from, high);
  return (text[at] === ':' && text[at + 1] !== ':') || (text[at] === '=' && text[at + 1] !== '=') || text.startsWith('&gt;', at + 1);
}

/** Leaves an authentication scheme out: `Bearer v`. */
function withoutScheme(text: string, start: number, end: number, quote: string): ReadValue | null {
  const inner = start + (schemeAt(text, start)?.length ?? 0);
  return end > start ? { start: inner < end ? inner : start, end, quote, isDefault: false } : null;
}

/** Text of an XML element, CDATA opened, blanks round it left out. */
function elementText(text: string, from: number, high: number): ReadValue | null {
  let start = from;
  const isSection = text.startsWith('<![CDATA[', start);
  if (isSection) start += 9;
  start = skipSpaces(text, start, high);
  const close = isSection ? ']]>' : text.startsWith('&lt;', from) ? '' : '<';
  let end = start;
  while (end < high && !text.startsWith(close, end) && !text.startsWith('&lt;/', end)) end++;
  if (end >= high) return null;
  while (end > start && isSpace(text, end - 1)) end--;
  return end > start ? { start, end, quote: '', isDefault: false } : null;
}

/** YAML's `|` and `>` blocks of one line: `password: |` above the value. */
function blockValue(text: string, at: number, high: number, operator: string): ReadValue | null {
  if (operator !== ':' || (text[at] !== '|' && text[at] !== '>')) return null;
  let end = at + 1;
  while (end < high && '+-0123456789'.includes(text[end] ?? ' ')) end++;
  end = skipBlanks(text, end, high);
  if (!isBreak(text, end)) return null;
  const start = skipSpaces(text, end, high);
  return isBlank(text, start - 1) ? untilSpace(text, start, high) : null;
}

/** The operator before an alternative, or the line's end. */
const ALTERNATIVE = /[\r\n]|\|\||\?\?|\?:| \? | or | else |(?:(?:unwrap_or|value_or|orElse|getOrElse)\(|\bdefault=)(?=["'`])/;
const LONGEST_OPERATOR = 11;

/** A call's literal argument, the alternative after `||`, a branch of a condition, a shell default; null where the text is no such expression. */
function expressionValue(text: string, from: number, high: number): ReadValue | null {
  if (text.startsWith('${', from)) return shellDefault(text, from, high);
  if (!isLetter(text, from) && text[from] !== '_' && text[from] !== '$') return null;
  const inCall = callLiteral(text, from, high);
  if (inCall !== null) return inCall;
  const end = Math.min(high, from + MAX_EXPRESSION_CHARACTERS);
  const found = ALTERNATIVE.exec(text.slice(from, end + LONGEST_OPERATOR - 1));
  if (found === null || from + found.index >= end || isBreak(text, from + found.index)) return null;
  const next = skipBlanks(text, from + found.index + found[0].length, high);
  const value = startsQuote(text, next) ? quotedValue(text, next, high, found[0] === ' ? ') : null;
  const said = value ?? (found[0] === ' ? ' ? otherBranch(text, next, high) : null);
  return said === null ? null : { ...said, isDefault: true };
}

/** The literal behind the colon of `cond ? env.X : "v"`, on the same line. */
function otherBranch(text: string, from: number, high: number): ReadValue | null {
  const end = Math.min(high, from + MAX_EXPRESSION_CHARACTERS);
  const colon = text.slice(from, end).search(/ : |[\r\n]/);
  if (colon < 0 || text[from + colon] !== ' ') return null;
  const next = skipBlanks(text, from + colon + 3, high);
  return startsQuote(text, next) ? quotedValue(text, next, high) : null;
}

/** `{{ pw | default('v') }}`, `{{ default "v" .Values.pw }}`, Serverless' `${env:PW, 'v'}`: the literal that a template falls back to. */
const TEMPLATE_DEFAULT =
  /^(?:\{\{[^{}\r\n]{0,80}?\bdefault(?:\(| ) ?|\$\{[\w:.()-]{1,60}, ?|<%=[^%\r\n]{0,60}?\|\| ?)(["'])(?<value>[^"'\r\n]{4,120})\1/;

function templateDefault(text: string, from: number, high: number): ReadValue | null {
  const found =
    text[from] === '{' || text[from] === '$' || text[from] === '<'
      ? TEMPLATE_DEFAULT.exec(text.slice(from, Math.min(high, from + 240)))
      : null;
  if (!found?.groups) return null;
  const end = from + found[0].length - 1;
  return { start: end - (found.groups['value'] ?? '').length, end, quote: found[1] ?? '', isDefault: true };
}

function shellDefault(text: string, from: number, high: number): ReadValue | null {
  const inner = text.slice(from, Math.min(high, from + 300)).split('}', 1)[0] ?? '';
  const close = from + inner.length;
  if (text[close] !== '}') return null;
  const sign = inner.search(/:?[-=]/);
  if (sign < 0 || inner.includes(' ') || !/^\$\{[!#]?\w+$/.test(inner.slice(0, sign))) return null;
  const start = from + sign + (inner[sign] === ':' ? 2 : 1);
  return start < close ? { start, end: close, quote: '', isDefault: true } : null;
}

/** `decode("v")`, `new Secret(bytes("v"))`: the first literal; of look-ups the second, since the first is the key. */
function callLiteral(text: string, from: number, high: number): ReadValue | null {
  let at = from;
  for (let calls = 0; calls < MAX_CALLS; calls++) {
    const start = skipWords(text, at, high);
    let end = start;
    while (end < high && end - start < 80 && (isWord(text, end) || text[end] === '.' || text[end] === '$' || text[end] === ':')) end++;
    // Rust's macros: `hex!("v")`
    const open = text[end] === '!' ? end + 1 : end;
    if (text[open] !== '(' || end === start) return null;
    // `Base64.getDecoder().decode("v")`
    if (text.startsWith(').', open + 1)) {
      at = open + 3;
      continue;
    }
    at = skipSpaces(text, open + 1, high);
    if (!startsQuote(text, at)) {
      const fallback = DEFAULTS.has(lastWord(text.slice(start, end))) ? laterLiteral(text, at, high) : null;
      if (fallback !== null) return fallback;
      continue;
    }
    const first = quotedValue(text, at, high);
    const last = first === null ? null : lastOfChain(text, first, high);
    if (last !== null) return last;
    const callee = lastWord(text.slice(start, end));
    if (first === null || !LOOKUPS.has(callee)) return first;
    const comma = skipSpaces(text, first.end + first.quote.length, high);
    const second = skipSpaces(text, comma + 1, high);
    const value = text[comma] === ',' && startsQuote(text, second) ? quotedValue(text, second, high) : null;
    return value === null ? null : { ...value, isDefault: true };
  }
  return null;
}

/** `env::var("X").unwrap_or("v")`: a literal in the last call of a chain, which is what counts when the first one has nothing. */
const CHAIN = /^\)\??\s{0,24}\.(?:unwrap_or|unwrap_or_else|value_or|orElse|orElseGet|getOrElse)\((?:\|_?\| ?|\(\) ?[-=]> ?)?(?=["'`])/;

function lastOfChain(text: string, first: ReadValue, high: number): ReadValue | null {
  const behind = first.end + first.quote.length;
  const chain = CHAIN.exec(text.slice(behind, Math.min(high, behind + 60)));
  const value = chain === null ? null : quotedValue(text, behind + chain[0].length, high);
  return value === null ? null : { ...value, isDefault: true };
}

/** Callees that are given a name, and a value for when it has none: `coalesce(var.x, "v")`, `getenv(NAME, "v")`. */
const DEFAULTS = new Set(
  'coalesce try get getenv getproperty getordefault env fetch lookup nvl ifnull isnull firstnonempty withdefault default'.split(' '),
);

/** A literal as the second argument, behind a path of names. */
function laterLiteral(text: string, from: number, high: number): ReadValue | null {
  const behind = /^[\w.$:[\]-]{1,48}, {0,2}/.exec(text.slice(from, Math.min(high, from + 52)));
  const next = from + (behind?.[0].length ?? 0);
  const value = behind !== null && startsQuote(text, next) ? quotedValue(text, next, high) : null;
  return value === null ? null : { ...value, isDefault: true };
}

function lastWord(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('.'), path.lastIndexOf(':')) + 1).toLowerCase();
}

function skipWords(text: string, from: number, high: number): number {
  const word = ['new ', 'await ', 'return '].find((each) => text.startsWith(each, from));
  return word === undefined ? from : skipBlanks(text, from + word.length, high);
}

/** Unquoted text: to the line's end, a blank, a quote, or what ends a value in that syntax. */
function unquotedValue(text: string, from: number, high: number, context: ValueContext): ReadValue | null {
  const scheme = schemeAt(text, from);
  const start = scheme === undefined ? from : skipBlanks(text, from + scheme.length, high);
  if (context.isLine && !context.isUrl) return untilSpace(text, start, high);
  let end = start;
  while (
    end < high &&
    !isSpace(text, end) &&
    !isQuote(text, end) &&
    !';,&<>)]}|\\'.includes(text[end] ?? ' ') &&
    !isWideSign(text, end) &&
    !(text[end] === '-' && text[end + 1] === '>')
  )
    end++;
  if (context.isUrl && text.slice(start, end).includes('#')) end = text.indexOf('#', start);
  return end > start ? { start, end: trimEnd(text, start, end), quote: '', isDefault: false } : null;
}

/** A quote ends it where a word ends with it or where the line has its partner: else it is one of the characters of a password. */
function untilSpace(text: string, start: number, high: number): ReadValue | null {
  let end = start;
  while (end < high && !isSpace(text, end) && (!isQuote(text, end) || (end > start && isInside(text, end, high))) && !isWideSign(text, end))
    end++;
  const trimmed = trimEnd(text, start, end);
  return trimmed > start ? { start, end: trimmed, quote: '', isDefault: false } : null;
}

/** Whether text goes on behind the quote, without another such quote on its line up to `high`. */
function isInside(text: string, at: number, high: number): boolean {
  if (at + 1 >= high || isSpace(text, at + 1) || ',;:)]}\\'.includes(text[at + 1] ?? ' ')) return false;
  for (let next = at + 1; next < high && !isBreak(text, next); next++) if (text[next] === text[at]) return false;
  return true;
}

/** Commas and semicolons at the end belong to the syntax. */
function trimEnd(text: string, start: number, from: number): number {
  let end = from;
  while (end > start && (text[end - 1] === ',' || text[end - 1] === ';' || text[end - 1] === '\\')) end--;
  return end;
}
