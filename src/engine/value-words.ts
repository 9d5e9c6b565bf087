/**
 * Forms of values that are made of words: URLs, paths, sentences, expressions of code, names. Word-likeness is measured (rarity.ts), so
 * that base64 with slashes is no path and a random token with a dot is no property. Used by value-kinds.ts.
 */
import { type Rarity, rarityOf } from './rarity.ts';

/**
 * Bits per letter below which letters are words. Random base 62 of 12 characters stays above 4.3 in 999 of 1,000 cases, 8 characters
 * above 3.9; three dictionary words joined stay below 3.9 in 95 of 100.
 */
const WORDS_BELOW_BITS = 3.8;

/** Returns whether the letters are those of words, and there are few digits beside them. `rarity`: the text's, where that is known. */
export function isWordy(text: string, rarity?: Rarity): boolean {
  const letters = countOf(text, /[A-Za-z]/g);
  const digits = countOf(text, /[0-9]/g);
  return letters >= 3 && digits * 4 <= letters && (rarity ?? rarityOf(text)).perLetter < WORDS_BELOW_BITS;
}

function countOf(text: string, characters: RegExp): number {
  return text.match(characters)?.length ?? 0;
}

/** An address with a scheme, `//host/path`, `host.tld/path`, `host:port`, an e-mail address. */
export function isUrl(value: string): boolean {
  if (/^[A-Za-z][A-Za-z0-9+.-]{1,20}:\/\/\S/.test(value) || /^(?:mailto|data|tel|javascript|urn):\S/.test(value)) return true;
  const mail = /^[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9-]{1,60}(?:\.[A-Za-z0-9-]{1,60}){0,5}\.[A-Za-z]{2,12})$/.exec(value);
  if (mail !== null) return isWordy(mail[1] ?? '');
  const host = /^(?:\/\/)?([A-Za-z0-9-]{1,60}(?:\.[A-Za-z0-9-]{1,60}){1,6}|localhost)(:\d{2,5})?(\/\S*)?$/.exec(value);
  if (host === null) return false;
  return (
    host[1] === 'localhost' ||
    (value.startsWith('//') && host[3] !== undefined) ||
    (/\.(?:com|org|net|io|dev|local|internal|cloud|app|de|uk|fr|eu|us|gov|edu|info|svc|co)$/.test(host[1] ?? '') && isWordy(host[1] ?? ''))
  );
}

/** A path of a file system, absolute or relative, or a file name. Base64 text has slashes too, so most of its parts must be words. */
export function isPath(value: string): boolean {
  if (/\s{2}|[<>|"?*;^{}!]/.test(value)) return false;
  if (/^(?:\.{1,2}\/|~\/|[A-Za-z]:[\\/]|\\\\[A-Za-z]|file:)/.test(value)) return true;
  if (
    /^[\w. -]{1,100}\.(?:pem|key|crt|cer|p12|pfx|jks|json|ya?ml|toml|xml|txt|env|ini|cfg|conf|log|md|html?|js|ts|py|rb|go|java|php|sh|css|png|jpe?g|svg|gpg|asc|pub)$/i.test(
      value,
    )
  )
    return true;
  const parts = value.split(/[\\/]/).filter((part) => part !== '');
  if (!/[\\/]/.test(value) || parts.length === 0 || /[+=]/.test(value)) return false;
  const names = parts.filter((part) => isWordy(part) || /^[a-z]{1,6}$|^v?\d{1,4}$/.test(part));
  const named = names.join('').length;
  return named * 3 >= parts.join('').length * 2 && (parts.length > 1 || value.startsWith('/'));
}

/** Words with spaces between them, or text in another script. */
export function isSentence(value: string): boolean {
  const words = value.split(/\s+/).filter((word) => word !== '');
  const isForeign = countOf(value, /[\x80-\xff]/g) * 3 >= value.length && !/[0-9]/.test(value);
  if (isForeign) return value.length >= 4;
  if (words.length < 2) return false;
  const plain = words.filter((word) =>
    /^["'([]?[A-Za-z][a-z'-]*[)\].,:;!?"']*$|^[A-Z]{2,12}[.,:;!?]?$|^(?:a|an|I|&|-|\d{1,4})$/.test(word),
  );
  return plain.length * 3 >= words.length * 2;
}

/** A variable's property, an index, a call: what code writes where a value comes from elsewhere. */
export function isCodeReference(value: string): boolean {
  if (/^(?:process\.env|os\.environ|os\.Getenv|ENV\[|System\.getenv|import\.meta\.env|env\(|getenv\(|Deno\.env|std::env)/.test(value))
    return true;
  if (/^(?:await|new|typeof|return|lambda|function|async|yield|not|!)\s*[A-Za-z_$][\w$.]*\s*[(.[\w]?/.test(value) && /\s/.test(value))
    return true;
  // A call or an index: a name, then something in brackets up to the end.
  const call = /^([A-Za-z_$@&*][\w$.>:-]{1,100})(?:\(|\(([^)]{0,200})\)|\[([^\]]{0,200})\])([\w.()[\];,!?'"-]{0,100})$/.exec(value);
  if (call !== null) return isExpression(call[1] ?? '', (call[2] ?? call[3] ?? '') + (call[4] ?? ''));
  const chain = /^[A-Za-z_$@&*][\w$]{0,60}(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]{0,60}){1,8};?$/.test(value);
  return chain && value.split(/\??\.|->|::/).every(isName);
}

/** A call needs a name of words or a chain of short ones, and arguments that are names, numbers or quoted text. */
function isExpression(name: string, rest: string): boolean {
  if (/[!#%^~+;]/.test(rest.replace(/;$/, ''))) return false;
  return (
    name.split(/\.|->|::/).every((part) => part === '' || isName(part)) &&
    (rest.length < 4 || /^["':]|^[^"]*["']\)?$/.test(rest) || isWordy(name + rest))
  );
}

/** A short name (`cfg`, `self`, `os`) or one of words. */
function isName(part: string): boolean {
  return /^[$@&*]?(?:[a-z]{1,6}|[A-Z]{1,6});?$/.test(part) || isWordy(part);
}

/** Words joined by separators or case: a name of a program's parts, a header, a slug, a flag; or one word. */
export function isIdentifier(value: string, rarity?: Rarity): boolean {
  return /^[-@#.&]{0,2}[A-Za-z_][A-Za-z0-9_.:#-]{2,200}$/.test(value) && isWordy(value, rarity);
}
