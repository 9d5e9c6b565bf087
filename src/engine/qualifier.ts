/**
 * What stands round an assignment and says whose credential it is, where its own name (`key`, `Authorization`) does not: the host of the URL that a parameter
 * belongs to or that a header is sent to, the object, section or call that a member stands in, the comment on the line above.
 *
 * confirm.ts asks it for rules with `context: assignment`, before the name that assignment.ts has read. Backwards only, at most to `low`; O(nameStart - low).
 */

/** The URL that begins on the same line, a backslash at the line's end going on: its host. */
const HOST = /:\/\/(?:[^\s/@"'`]{1,80}@)?([A-Za-z0-9.-]{3,80})(?:[^\r\n]|\\\r?\n){0,255}$/;

/** `"acme": {`, `acme:` with the member on the next line, `acme = {`, `acme => [`. */
const OBJECT = /([A-Za-z][\w.-]{1,63})["']?[ \t]{0,4}(?::|=>|=)[ \t]{0,4}(?:[[{(][ \t\r\n]{0,40}|\r?\n[ \t]{1,40}(?:- )?)["']?$/;

/** `[acme]` or `[services.acme]` above. */
const SECTION = /\[["']?([\w. "'/-]{2,64})\]{1,2}[ \t]{0,4}\r?\n[ \t]{0,40}$/;

/** `new Acme({`, `Acme.configure(`, `acme.Client(`. */
const CALL = /([A-Za-z][\w.:]{1,63})\([ \t\r\n]{0,40}\{?[ \t\r\n]{0,40}["':]?$/;

/** `# Acme` on the line above. */
const COMMENT = /(?:^|[\r\n])[ \t]{0,40}(?:#|\/\/|--|;|\/\*)[ \t]{0,4}([^\r\n]{2,80})\r?\n[ \t]{0,40}(?:export |const |let |var )?$/;

/** A shorter word is looked for as a whole: `rev` is no part of `review`. */
const MIN_OPENING = 6;

/** Returns whether one of the words (lower case) stands in what qualifies the name at `nameStart`. */
export function isQualifiedBy(words: readonly string[], text: string, nameStart: number, low: number): boolean {
  const before = text.slice(Math.max(0, low), nameStart);
  return [HOST, OBJECT, SECTION, CALL, COMMENT].some((form) => {
    const found = form.exec(before)?.[1]?.toLowerCase();
    return found !== undefined && words.some((word) => holdsWord(found, word));
  });
}

function holdsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const isOpening = !/[a-z]/.test(text[at - 1] ?? ' ');
    if (isOpening && (word.length >= MIN_OPENING || !/[a-z]/.test(text[at + word.length] ?? ' '))) return true;
  }
  return false;
}
