/** JSON that is safe to print: all that a terminal or an editor could obey is escaped, so that a hostile path stays text. */

/** Control characters that JSON may hold raw, line separators and marks of direction: what core/errors.ts `printable` escapes too. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Returns the value as JSON (UTF-8 and printable), indented by two spaces unless `isCompact`. */
export function toJson(value: unknown, isCompact = false): string {
  const text = isCompact ? JSON.stringify(value) : JSON.stringify(value, null, 2);
  return text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Yields the members of a JSON array one by one, as they stand in an object that is indented by `depth` spaces. */
export function* jsonArray(values: Iterable<unknown>, depth: number): Iterable<string> {
  const margin = `\n${' '.repeat(depth + 2)}`;
  let isFirst = true;
  yield '[';
  for (const value of values) {
    // Line feeds stand between tokens only: inside strings they are escaped.
    yield `${isFirst ? '' : ','}${margin}${toJson(value).replaceAll('\n', margin)}`;
    isFirst = false;
  }
  yield isFirst ? ']' : `\n${' '.repeat(depth)}]`;
}
