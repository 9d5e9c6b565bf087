/**
 * Reads the name that ends somewhere before an operator: words, dotted and arrow paths, quoted keys, subscripts, the callee of a
 * call, with type annotations stepped over. Backwards only, never below `low`. Used by assignment.ts.
 */
import { isBlank, isQuote, isSpace, isWord } from './characters.ts';

export type Span = { readonly start: number; readonly end: number };

/** Type names that stand between a name and its `=`: `x: string =`, `var x string =`. */
const TYPES = new Set([
  'string',
  'str',
  'bytes',
  'byte',
  'text',
  'nsstring',
  'any',
  'securestring',
  'optional',
  'varchar',
  'char',
  'object',
  'wstring',
  'charsequence',
]);

/** Returns the span of the name that ends before `at`, closers between them skipped, or null. `operator` is what stands at `at`. */
export function nameBefore(text: string, at: number, low: number, operator: string): Span | null {
  if (operator === ',') return argumentBefore(text, at, low);
  const end = skipClosers(text, at, low);
  const start = pathStart(text, end, low);
  if (start >= end) return null;
  return withoutType(text, { start, end }, low);
}

/** `: string =`, `x string =`: what is read first is the type; the name stands before it. */
function withoutType(text: string, span: Span, low: number): Span {
  if (
    !TYPES.has(
      text
        .slice(span.start, Math.min(span.end, span.start + 16))
        .toLowerCase()
        .replace('?', ''),
    )
  )
    return span;
  let at = span.start;
  // `&str`, `*string`, `[]byte`.
  while (at > low && (isBlank(text, at - 1) || '&*[]'.includes(text[at - 1] ?? ' '))) at--;
  if (text[at - 1] === ':' && text[at - 2] !== ':') at--;
  else if (at === span.start) return span;
  while (at > low && (isBlank(text, at - 1) || text[at - 1] === '?' || text[at - 1] === '!')) at--;
  const start = pathStart(text, at, low);
  return start < at ? { start, end: at } : span;
}

/** Walks back over blanks, closing quotes and marks of emphasis between a name and its operator. */
function skipClosers(text: string, from: number, low: number): number {
  let at = from;
  while (at > low) {
    const before = at - 1;
    if (isSpace(text, before) || text[before] === '*' || text[before] === '?' || text[before] === '!') at = before;
    else if (text.startsWith('&quot;', at - 6) && at - 6 >= low) return at - 6;
    else if (text.startsWith('%22', at - 3) && at - 3 >= low) return at - 3;
    else break;
  }
  if (at > low && isQuote(text, at - 1)) {
    at--;
    if (at > low && text[at - 1] === '\\') at--;
  }
  return at;
}

/** Start of the path that ends at `end`: words joined by `.`, `-`, `::`, `->`, `[…]`, `(…)`, or the text of a quoted key. */
function pathStart(text: string, end: number, low: number): number {
  if (isQuote(text, end) || (text[end] === '\\' && isQuote(text, end + 1))) return quotedStart(text, end, low);
  let at = end;
  for (;;) {
    const stepped = stepBack(text, at, low);
    if (stepped === at) break;
    at = stepped;
  }
  while (at < end && !isWord(text, at) && text[at] !== '$' && text[at] !== '[' && text[at] !== '"') at++;
  return at;
}

function stepBack(text: string, at: number, low: number): number {
  if (at <= low) return at;
  const character = text[at - 1] ?? '';
  if (isWord(text, at - 1) || character === '.' || character === '-' || character === '$' || character === '@' || character === '#')
    return at - 1;
  if (at - 2 >= low && (text.startsWith('::', at - 2) || text.startsWith('->', at - 2) || text.startsWith('?.', at - 2))) return at - 2;
  if (character === '>' || character === ':') return at;
  if (character === ']') return groupStart(text, at, low, '[');
  if (character === ')') return groupStart(text, at, low, '(');
  if (character === '}') return groupStart(text, at, low, '{');
  return at;
}

function groupStart(text: string, at: number, low: number, open: string): number {
  const start = lastWithin(text, open, low, at);
  return start < 0 ? at : start;
}

/** Returns where `wanted` begins last within [low, end), or -1. `lastIndexOf` would go on to the beginning of the text. */
export function lastWithin(text: string, wanted: string, low: number, end: number): number {
  for (let at = end - wanted.length; at >= low; at--) if (text.startsWith(wanted, at)) return at;
  return -1;
}

/** A quoted key ends at `end`; what subscripts it counts too: `config["a"]["b"]`, `env("X"`. */
function quotedStart(text: string, end: number, low: number): number {
  const quote = text[end] === '\\' ? text[end + 1] : text[end];
  let at = end;
  while (at > low && text[at - 1] !== quote && text[at - 1] !== '\n') at--;
  if (at === low || text[at - 1] !== quote) return wordStart(text, end, low);
  let outer = at - 1;
  while (outer > low && (text[outer - 1] === '\\' || text[outer - 1] === ':' || text[outer - 1] === '@')) outer--;
  if (text[outer - 1] !== '[' && text[outer - 1] !== '(') return at;
  const start = pathStart(text, outer - 1, low);
  return start < outer - 1 ? start : at;
}

function wordStart(text: string, end: number, low: number): number {
  let at = end;
  while (at > low && isWord(text, at - 1)) at--;
  return at;
}

/** The arguments before a comma, with the callee: `setProperty("NAME", "v")`, `Client(sid, "v")`, and the items of a list. */
function argumentBefore(text: string, comma: number, low: number): Span | null {
  let end = comma;
  while (end > low && isSpace(text, end - 1)) end--;
  if (end > low && isQuote(text, end - 1)) end--;
  if (end > low && text[end - 1] === '\\') end--;
  for (let at = end, depth = 0; at > low; at--) {
    const character = text[at - 1];
    if (character === ')' || character === ']') depth++;
    else if (character === '(' || character === '[' || character === '{') {
      if (depth-- === 0) {
        const start = pathStart(text, skipAssigned(text, at - 1, low), low);
        return { start: Math.min(start, at), end };
      }
    } else if (character === ';' && depth === 0) break;
  }
  return commandBefore(text, comma, low);
}

/** A command with the name as its first argument: Gradle's `property "sonar.login", "v"`, Ruby's `set :api_key, "v"`. */
const COMMAND = /(?:^|[\n;{])[ \t]*([A-Za-z_][\w.]{0,40}[ \t]{1,8}(?:["'][\w.:-]{2,80}|:\w{2,80}))["']?[ \t]*$/;
const MAX_COMMAND_CHARACTERS = 160;

function commandBefore(text: string, comma: number, low: number): Span | null {
  const from = Math.max(low, comma - MAX_COMMAND_CHARACTERS);
  const found = COMMAND.exec(text.slice(from, comma));
  if (found === null) return null;
  const start = from + found.index + found[0].indexOf(found[1] ?? '');
  return { start, end: start + (found[1]?.length ?? 0) };
}

/** Before the bracket of a list stands its operator, before that its name. */
function skipAssigned(text: string, at: number, low: number): number {
  let end = at;
  while (end > low && isSpace(text, end - 1)) end--;
  if (end > low && (text[end - 1] === '=' || text[end - 1] === ':')) {
    while (end > low && '=:>'.includes(text[end - 1] ?? ' ')) end--;
    end = skipClosers(text, end, low);
  }
  return end;
}
