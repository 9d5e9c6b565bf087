/**
 * Tells values that are no literal credentials by their form: references to code, templates, paths, regular expressions, prose, mark-up.
 * Used by generic.ts on values of at most a thousand characters.
 */
import { isBlank, isBreak, isQuote } from './characters.ts';
import type { FileRole } from './file-role.ts';
import { kindOfWord, wordsOf } from './name-words.ts';
import { rarityOf } from './rarity.ts';
import { kindOfValue } from './value-kinds.ts';

/** How far back on its line the opening of a string or a comment is looked for. */
const MAX_LINE_CHARACTERS = 400;

/** The shortest keys of ciphers in use have 128 bits. */
const LEAST_KEY_BYTES = 16;
/** What random text takes to describe: thirteen characters of any kind, and ten where small letters, capitals, digits and a sign are among them. */
const RANDOM_BITS = 60;
const GENERATED_BITS = 44;
const SIGNS = /[!#$%&*+;<=>?@^|~()[\]{}]/g;
/** Different signs, none of them a blank, that neither words nor code have. */
const MANY_SIGNS = 5;

/** Returns whether the text cannot be a credential whatever it is assigned to. */
export function isTechnicalText(value: string, quoted: boolean): boolean {
  let isForeign = false;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === 0x7f || (code < 0x20 && code !== 10 && code !== 13)) return true;
    if (code > 0x7f) isForeign = true;
  }
  if (isForeign && !isMixed(value)) return true;
  if (isProse(value) || isPathOrUrl(value)) return true;
  if (isGenerated(value)) return false;
  return isTemplate(value) || isExpression(value, quoted) || isConstant(value, quoted);
}

/** What regular expressions are made of, printf formats, bytes and numbers as code writes them; random text holds one of them once in fifty times. */
const PATTERN_MARKS = /\(\?|\\[dwsbS]|\[\^?[A-Za-z0-9]-[A-Za-z0-9]|\.[*+]|\]\{\d|%[-+ #0]\d|%\d\$|\\x[0-9A-Fa-f]{2}|0[xX][0-9A-Fa-f]{4}/;

/**
 * What a generator of passwords makes with all signs of the keyboard: `^c^Gyi#Rsg5*2C`, `M(!D^,.yJ47a`. It looks like the opening of a pattern, a call or a format by chance
 * alone, and hardly anything in it is a word.
 */
function isGenerated(value: string): boolean {
  const signs = value.match(SIGNS)?.length ?? 0;
  if (signs === 0 || PATTERN_MARKS.test(value) || hasClosedBrackets(value)) return false;
  const hasAll = /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value);
  return (hasAll || signs > 1) && isRandomText(value, hasAll ? GENERATED_BITS : RANDOM_BITS);
}

/** Letters that ASCII lacks are those of a word of some language, unless digits and signs stand among them as in a password. */
function isMixed(value: string): boolean {
  return hasManySigns(value) || (!/\s/.test(value) && /[!#$%&*+?@^~]/.test(value) && /\d/.test(value) && /[A-Za-z]/.test(value));
}

/** Signs keep letters apart that would be words or code: what has many different ones is neither. */
export function hasManySigns(value: string): boolean {
  return !/\s/.test(value) && new Set(value.match(SIGNS)).size >= MANY_SIGNS;
}

/** Constants of C and its kin (`#define CN57XX_PASS1 OCTEON_CN56XX_PASS1`), printf formats, and text of another script as \u escapes. */
function isConstant(value: string, quoted: boolean): boolean {
  if (/^\(?0[xX][0-9A-Fa-f]{1,16}[uUlL]{0,3}\)?$/.test(value)) return true;
  // Serial numbers, fingerprints, the modulus of a public key as openssl prints them.
  if (/^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5,}$/.test(value)) return true;
  if (!quoted && (value.startsWith('(') || /^[A-Z][A-Z0-9]*(?:_{1,2}[A-Z0-9]+){2,}$/.test(value))) return true;
  if (/%[-+ #0]{0,3}\d{0,2}(?:hh?|ll?|z)?[dixXuofeg](?![A-Za-z0-9])|%0?\d{0,2}ll?x/.test(value)) return true;
  // Bytes as escapes: the mark of a format, a piece of text. From LEAST_KEY_BYTES on it may be a key.
  const bytes = value.match(/\\x[0-9A-Fa-f]{2}/g)?.length ?? 0;
  if (bytes > 0 && bytes < LEAST_KEY_BYTES) return true;
  return (value.match(/\\u[0-9A-Fa-f]{4}/g)?.length ?? 0) >= 3;
}

/** Text with blanks is text for people, but for a few words in quotes that are no words of the language. */
function isProse(value: string): boolean {
  return /[\t\r\n]| {2}|^ | $|(?: [^ ]{0,40}){4}/.test(value) || (value.includes(' ') && rarityOf(value).perLetter < 4.6);
}

function isTemplate(value: string): boolean {
  if ((/<%|%\(|@@(?=[A-Za-z_])|__[A-Z]/.test(value) || opensExpression(value)) && !isRandomText(value)) return true;
  // `$name:$mail:admin`, a list of a shell's variables; `|arg1:password|`, a message's blank.
  if (/^\$[A-Za-z_]\w*[:;,/@-]\$[A-Za-z_]/.test(value) || /^\|[\w:.-]+\|$/.test(value)) return true;
  if (/^(?:\$|%)[A-Za-z_][\w:]*%?$/.test(value) || /^[<[{(].*[>\]})]$/.test(value)) return true;
  if (/%[sdvqx](?![A-Za-z0-9])|%[-+]?\d*[sdv]$/.test(value)) return true;
  return /\.\.\.|\*\*\*|^&[a-z]+;/i.test(value);
}

/** Openings of expressions in templates; what follows goes on in the innermost bracket of the opening. */
const OPENINGS = /[$#]\{|\$\(|\{[{%]|\[\[/g;
/** Openings that are followed to the value's end; no value that is typed has more of them, and hostile text would make each cost as much as all before it. */
const MOST_OPENINGS = 8;
const PARTNERS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** The brackets of an expression come in pairs, up to its end or to where the value was cut: `${e]nob(` opens none. */
function opensExpression(value: string): boolean {
  let followed = 0;
  for (const opening of value.matchAll(OPENINGS)) {
    if (hasPairs(value, opening.index, opening[0])) return true;
    if (++followed === MOST_OPENINGS) return false;
  }
  return false;
}

function hasPairs(value: string, start: number, opening: string): boolean {
  const open = [...opening].filter((sign) => '([{'.includes(sign));
  for (let at = start + opening.length; at < value.length && open.length > 0; at++) {
    const sign = value[at] ?? '';
    if ('([{'.includes(sign)) open.push(sign);
    else if (PARTNERS[sign] !== undefined && open.pop() !== PARTNERS[sign]) return false;
  }
  return true;
}

/** Brackets that are all closed, in their order, are those of code. */
function hasClosedBrackets(value: string): boolean {
  const open: string[] = [];
  let pairs = 0;
  for (const sign of value) {
    if ('([{'.includes(sign)) open.push(sign);
    else if (PARTNERS[sign] !== undefined && open.pop() !== PARTNERS[sign]) return false;
    else if (PARTNERS[sign] !== undefined) pairs++;
  }
  return pairs > 0 && open.length === 0;
}

/**
 * What a generator of passwords makes with all signs of the keyboard, which now and then opens a template that nothing closes (`kJ9#{mL2$vN4`): no blank, and
 * hardly anything in it that is a word. A template that is closed is one whatever stands in it.
 */
function isRandomText(value: string, leastBits = RANDOM_BITS): boolean {
  if (kindOfValue(value) !== null || /\s/.test(value)) return false;
  const { bits, perLetter, perCharacter } = rarityOf(value);
  return bits >= leastBits && perLetter >= 4.2 && perCharacter >= 4;
}

function isPathOrUrl(value: string): boolean {
  if (/^(?:~|\.{1,2})?\/[\w.-]+(?:\/|$)/.test(value) && !/[+=]/.test(value)) return /[/.]/.test(value.slice(1)) || value.length < 14;
  if (/^[A-Za-z]:\\|^\\\\|:\/\/|^(?:arn|op|vault|ref\+\w+|projects|secret|ssm|file|data|urn|keyring|env|classpath):/.test(value))
    return true;
  return /\.(?:pem|key|crt|cer|p12|pfx|jks|json|ya?ml|txt|conf|cfg|ini|properties|xml|js|ts|py|rb|go|java|php|html?|css|sh|env|com|org|net|io)$/i.test(
    value,
  );
}

function isExpression(value: string, quoted: boolean): boolean {
  // Regular expressions.
  if (/\(\?|\\[dwsbS]|\[\^|\.\*|\.\+|^\^|\[[a-zA-Z0-9]-[a-zA-Z0-9]/.test(value)) return true;
  // Names joined by dots, arrows, scopes; calls and subscripts.
  if (/^[A-Za-z_$][\w$]*(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*)+$/.test(value) && !/\d{2}/.test(value) && !isRandomText(value)) return true;
  if (/[A-Za-z_]\w*\(|\w\[|\)$/.test(value) && (!quoted || /^[\w.$:>-]+[([]/.test(value))) return true;
  // A selector of a style sheet: `#smtp_password`.
  if (/^[#.][A-Za-z][A-Za-z_-]*$/.test(value) && wordsOf(value).some((word) => kindOfWord(word) !== null)) return true;
  return (/^[:@&*!][A-Za-z_]\w*$/.test(value) && !/\d/.test(value)) || /^_*[A-Z]+(?:_[A-Z]+)+_*$/.test(value) || /[{(]$/.test(value);
}

/** Returns whether unquoted text is code: in source files, unless the assignment stands inside a string or a comment. */
export function isCodeReference(text: string, nameStart: number, valueStart: number, valueEnd: number, role: FileRole): boolean {
  const after = text[valueEnd];
  if (after === '(' || after === '[' || after === '{') return true;
  const isSource = role === 'code' || role === 'test-code';
  return isSource && !isInsideText(text, nameStart, valueStart);
}

/** The assignment stands in a string (an odd number of quotes before it on the line) or a comment. */
function isInsideText(text: string, nameStart: number, valueStart: number): boolean {
  let start = nameStart;
  const lowest = Math.max(0, nameStart - MAX_LINE_CHARACTERS);
  while (start > lowest && !isBreak(text, start - 1)) start--;
  const counts = new Map<string, number>();
  for (let at = start; at < nameStart; at++) {
    if (isQuote(text, at)) counts.set(text[at] ?? '', (counts.get(text[at] ?? '') ?? 0) + 1);
  }
  if ([...counts.values()].some((count) => count % 2 === 1)) return !isBlank(text, valueStart - 1) || counts.size > 0;
  let first = start;
  while (first < nameStart && isBlank(text, first)) first++;
  return ['//', '#', '*', '--', '/*', ';', '%'].some((mark) => text.startsWith(mark, first));
}
