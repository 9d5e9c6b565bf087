/** Reads mark-up after a name: `<password>v`, `<string name="password">v`, `<key>password</key><string>v`. Used by assignment-after.ts. */
import { isQuote, isSpace, isWord, skipSpaces } from './characters.ts';

export type TagOperator = { readonly text: '>'; readonly end: number };

const MAX_TAG_CHARACTERS = 200;

/** Returns where the text begins that the tag round the name [start, end) gives it, or null where it stands in no tag. */
export function tagOperator(text: string, name: { readonly start: number; readonly end: number }, high: number): TagOperator | null {
  const end = Math.min(high, name.end + MAX_TAG_CHARACTERS);
  const before = text[name.start - 1];
  const isElement = before === '<' || (before === ':' && isWord(text, name.start - 2));
  if (isElement && text[name.end] !== '/') {
    const close = indexWithin(text, '>', name.end, end);
    const isOneLine =
      close >= 0 &&
      indexWithin(text, '<', name.end, close) < 0 &&
      text[close - 1] !== '/' &&
      text[close - 1] !== '=' &&
      text[close - 1] !== '-';
    return isOneLine && (close === name.end || isSpace(text, name.end)) ? { text: '>', end: close + 1 } : null;
  }
  const rest = isQuote(text, name.end) ? REST_OF_TAG.exec(text.slice(name.end + 1, end)) : null;
  if (rest !== null) return { text: '>', end: childElement(text, name.end + 1 + rest[0].length, end) };
  if (text.startsWith('</', name.end)) return siblingElement(text, name.end, end);
  return null;
}

/** More attributes behind the one that is the name: `<string name="password" translatable="false">`. */
const REST_OF_TAG = /^(?: (?!value|content|default)[\w.:-]{1,40}=(?:"[^"<>\n]{0,80}"|'[^'<>\n]{0,80}')){0,4}>/;

/** `<setting name="password"><value>v`: goes on into the first element inside, if there is one. */
function childElement(text: string, from: number, end: number): number {
  const next = skipSpaces(text, from, end);
  const close = text[next] === '<' && text[next + 1] !== '/' ? indexWithin(text, '>', next, end) : -1;
  return close < 0 || text[close - 1] === '/' || text[next + 1] === '!' ? from : close + 1;
}

/** After `password</key>` or `password</name>` the next element's text is the value. */
function siblingElement(text: string, from: number, end: number): TagOperator | null {
  const close = indexWithin(text, '>', from, end);
  if (close < 0) return null;
  const next = skipSpaces(text, close + 1, end);
  if (text[next] !== '<' || text[next + 1] === '/') return null;
  const opened = indexWithin(text, '>', next, end);
  return opened < 0 || text[opened - 1] === '/' ? null : { text: '>', end: opened + 1 };
}

/** Returns the first place of a character in [from, end), or -1. */
export function indexWithin(text: string, wanted: string, from: number, end: number): number {
  for (let at = from; at < end; at++) if (text[at] === wanted) return at;
  return -1;
}
