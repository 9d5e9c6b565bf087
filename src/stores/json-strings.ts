/**
 * Finds the strings in a JSON text, with the names that lead to each and where each stands, so that one can be replaced and every other byte stays: numbers keep
 * their digits, objects their order and layout. In: valid JSON; out: spans. Called by replace-field.ts. Linear, without recursion.
 */

export type JsonString = {
  /** `spring.datasource.password`; items of lists by their number. */
  readonly path: string;
  /** Of the string with its quotes, in UTF-16 units, half-open. */
  readonly start: number;
  readonly end: number;
  readonly value: string;
};

/** Strings below are passed over: nobody nests a password so deep, and the names that lead to it would grow without end. */
const MAX_LEVELS = 64;

type Level = { readonly isList: boolean; index: number; name: string; expectsName: boolean };

/** Returns the strings that are values, in the order of the text; null where it is no JSON object, list or string. */
export function jsonStrings(text: string): JsonString[] | null {
  if (!/^\s*[{["]/.test(text) || !isJsonText(text)) return null;
  const found: JsonString[] = [];
  const levels: Level[] = [];
  for (let at = 0; at < text.length; at++) {
    const top = levels.at(-1);
    switch (text[at]) {
      case '{':
        levels.push({ isList: false, index: 0, name: '', expectsName: true });
        break;
      case '[':
        levels.push({ isList: true, index: 0, name: '', expectsName: false });
        break;
      case '}':
      case ']':
        levels.pop();
        break;
      case ',':
        if (top) {
          top.index++;
          top.expectsName = !top.isList;
        }
        break;
      case '"': {
        const end = endOfString(text, at);
        const value: unknown = JSON.parse(text.slice(at, end));
        if (top?.expectsName) {
          top.name = String(value);
          top.expectsName = false;
        } else if (levels.length <= MAX_LEVELS) {
          const path = levels.map(({ isList, index, name }) => (isList ? String(index) : name)).join('.');
          found.push({ path, start: at, end, value: String(value) });
        }
        at = end - 1;
        break;
      }
    }
  }
  return found;
}

/** Returns where a string ends whose opening quote is at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Another text: it is treated as a whole.
    return false;
  }
}
