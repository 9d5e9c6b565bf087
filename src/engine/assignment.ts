/**
 * Reads assignments backwards: from the place where a value begins to the name that it is given to, in every usual syntax
 * (docs/rules.md, "Three kinds of rules"). The engine calls it for rules with `context: assignment`.
 *
 * The basic idea: walk back over openers (quotes, blanks, brackets), an operator, closers, then over the name with all that qualifies
 * it. Nothing is parsed, since the language is unknown: what is read is the union of what languages do, and the keyword that must
 * occur in the name is what decides. Every walk ends at `low`, so the cost is O(within) whatever the text.
 */
import { lastWithin, nameBefore, type Span } from './assignment-name.ts';
import { isBlank, isBreak, isLetter, isQuote, isSpace, isWord } from './characters.ts';

export type AssignmentBefore = { readonly nameStart: number; readonly nameEnd: number; readonly operator: string };

/** A name and its value stand on one line, on two, or with one line between them (XML, arguments on lines of their own). */
const LINE_BREAKS = 2;

/** Names that say only that a value follows; what it is stands before: `name: X` above `value: …`, `<key>X</key><string>…`. */
const CARRIERS = new Set([
  'value',
  'val',
  'default',
  'defaultvalue',
  'default_value',
  'string',
  'text',
  'content',
  'data',
  'return',
  'stringvalue',
  'envvalue',
]);

/** Authentication schemes: `Authorization: Bearer …`. */
const SCHEMES = new Set(['bearer', 'basic', 'token', 'apikey', 'key', 'digest', 'bot', 'oauth', 'negotiate', 'jwt', 'by']);

/**
 * Returns the name that the value at `valueStart` is assigned to, with what qualifies it (`config["twilio"]["token"]`, the callee
 * of a call, the header before `Bearer`), or null where the value stands alone. Looks at most `within` bytes and two lines back.
 */
export function readAssignmentBefore(text: string, valueStart: number, within: number): AssignmentBefore | null {
  const end = Math.min(Math.max(valueStart, 0), text.length);
  const low = lowestOf(text, end, within);
  const opened = skipOpeners(text, end, low);
  const operator = operatorBefore(text, opened, end, low);
  if (operator === null) return null;
  const nameSpan = operator.text === '>' ? tagBefore(text, operator.at, low) : nameBefore(text, operator.at, low, operator.text);
  if (nameSpan === null || nameSpan.end <= nameSpan.start) return null;
  return { nameStart: widen(text, nameSpan, low, operator.text), nameEnd: nameSpan.end, operator: operator.text };
}

function lowestOf(text: string, end: number, within: number): number {
  const low = Math.max(0, end - Math.max(0, within));
  let breaks = 0;
  for (let at = end; at > low; at--) {
    if (text.charCodeAt(at - 1) === 10 && ++breaks > LINE_BREAKS) return at;
  }
  return low;
}

/** Walks back over what may stand between an operator and the value's first character. */
function skipOpeners(text: string, end: number, low: number): number {
  let at = end;
  while (at > low) {
    const before = at - 1;
    const character = text[before] ?? '';
    if (isSpace(text, before) || character === '\\' || character === '[' || character === '{') at = before;
    else if (isQuote(text, before)) at = skipStringPrefix(text, before, low);
    else if (character === '(' && !isWord(text, before - 1) && text[before - 1] !== '!') at = before;
    else if (character === '-' && startsLine(text, before, low)) at = before;
    else {
      const coded = ['&quot;', '&#34;', '&apos;', '&#39;', '%22', '%27', '<![CDATA'].find((code) =>
        text.startsWith(code, at - code.length),
      );
      if (coded === undefined || at - coded.length < low) return castBefore(text, at, end, low);
      at -= coded.length;
    }
  }
  return at;
}

/** Letters of `b"`, `f'`, `@"`, `N'`, `rb"`: at most two, and no word before them. */
function skipStringPrefix(text: string, at: number, low: number): number {
  let start = at;
  while (start > low && at - start < 2 && 'bBrRuUfFLN@$'.includes(text[start - 1] ?? ' ')) start--;
  return start > low && isWord(text, start - 1) ? at : start;
}

/** `= (String) "v"`: steps over the cast if there is one. */
function castBefore(text: string, at: number, end: number, low: number): number {
  if (text[at - 1] !== ')' || at === end) return at;
  const open = lastWithin(text, '(', Math.max(low, at - 32), at - 1);
  if (open < 0 || isWord(text, open - 1)) return at;
  let start = open;
  while (start > low && isSpace(text, start - 1)) start--;
  return start;
}

function startsLine(text: string, at: number, low: number): boolean {
  let start = at;
  while (start > low && isBlank(text, start - 1)) start--;
  return start === 0 || isBreak(text, start - 1);
}

type Operator = { readonly text: string; readonly at: number };

const CODED_OPERATORS: readonly (readonly [string, string])[] = [
  ['%3D', '='],
  ['%3d', '='],
  ['%3A', ':'],
  ['%3a', ':'],
  ['\\u003d', '='],
  ['\\u003D', '='],
  ['&#61;', '='],
  ['&gt;', '>'],
];

/** Reads the operator that ends at `at`; where there is none, blanks or a quote between a word and the value count as one. */
function operatorBefore(text: string, at: number, valueStart: number, low: number): Operator | null {
  if (at <= low) return null;
  for (const [code, meaning] of CODED_OPERATORS) {
    if (text.startsWith(code, at - code.length) && at - code.length >= low) return { text: meaning, at: at - code.length };
  }
  const last = text[at - 1] ?? '';
  if (last === '(' || last === ',' || last === '+') return { text: last, at: at - 1 };
  if (last === '=' || last === ':' || last === '>' || last === '|' || last === '?' || last === '~') return signBefore(text, at, low);
  if (last === '-' && text[at - 2] === '<' && at - 2 >= low) return { text: '<-', at: at - 2 };
  const isApart = at < valueStart && !isBreak(text, at);
  return isApart && (isWord(text, at - 1) || isQuote(text, at - 1) || last === ']' || last === ')' || last === '}')
    ? { text: ' ', at }
    : null;
}

/** An operator of signs, at most four of them: `:=`, `||=`, `=>`, `===`. A lone `>` closes an XML tag. */
function signBefore(text: string, at: number, low: number): Operator | null {
  let start = at - 1;
  if (text[start] === '>' && !'=-~'.includes(text[start - 1] ?? ' ')) return { text: '>', at };
  while (start > low && at - start < 4 && '=:!?|&.+~<-'.includes(text[start - 1] ?? ' ')) start--;
  return { text: text.slice(start, at), at: start };
}

/** The inside of the tag whose `>` stands just before `at`: `<string name="api_key">` gives `string name="api_key"`. */
function tagBefore(text: string, at: number, low: number): Span | null {
  const isEscaped = text[at - 1] !== '>';
  const end = isEscaped ? at : at - 1;
  const open = lastWithin(text, isEscaped ? '&lt;' : '<', low, end);
  if (open < 0) return null;
  const start = open + (isEscaped ? 4 : 1);
  return start < end ? { start, end } : null;
}

/** Returns where the name begins once all that says what it is counts: the call's left side, the key of a carrier, more words. */
function widen(text: string, span: Span, low: number, operator: string): number {
  const last = text.slice(Math.max(span.start, span.end - 24), span.end).toLowerCase();
  if (CARRIERS.has(last)) return carrierStart(text, span.start, low);
  if (SCHEMES.has(last) || '(,+||??'.includes(operator)) return leftSideStart(text, span.start, low, operator);
  return wordsStart(text, span.start, low);
}

/** A carrier's own name stands before it: in the same tag or braces, else on the line above. */
function carrierStart(text: string, from: number, low: number): number {
  let breaks = 0;
  for (let at = from; at > low; at--) {
    const character = text[at - 1];
    if (character === '{' || (character === '<' && at < from && text[at] !== '/' && breaks === 0 && isBlank(text, from - 1))) return at;
    if (character === '\n' && ++breaks > 1) return at;
  }
  return low;
}

/** `token = env("X", "v")`, `Authorization: Bearer v`: goes on to the left side of the same line. */
function leftSideStart(text: string, from: number, low: number, operator: string): number {
  let at = from;
  while (at > low && (isSpace(text, at - 1) || isQuote(text, at - 1) || text[at - 1] === '\\')) at--;
  const outer = operatorBefore(text, at, from, low);
  if (outer === null || outer.text === '>' || outer.at < low) return from;
  const left = nameBefore(text, outer.at, low, outer.text);
  if (left === null) return from;
  return operator === ',' && outer.text !== '=' ? leftSideStart(text, left.start, low, '') : wordsStart(text, left.start, low);
}

/** Up to four more words on the line, a blank apart: `AWS secret key: …`, `export NAME=…`, `String name = …`. */
function wordsStart(text: string, from: number, low: number): number {
  let start = from;
  for (let words = 0; words < 4; words++) {
    if (!isBlank(text, start - 1) || start - 2 < low || !(isLetter(text, start - 2) || isWord(text, start - 2))) return start;
    start--;
    while (start > low && (isWord(text, start - 1) || text[start - 1] === '-' || text[start - 1] === '.')) start--;
  }
  return start;
}
