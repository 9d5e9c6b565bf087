/** Where a token may begin and end: the `\b` of rules (docs/rules.md), on Latin-1 text. The kernel's mayBegin() lets through at least these places. */

const WORD = /[0-9A-Za-z_]/;
const HEX2 = /^[0-9A-Fa-f]{2}$/;
const HEX4 = /^[0-9A-Fa-f]{4}$/;

/** Returns whether a token may begin at `at`: no word character before it, or one that ends an escape (`\n`, `%3D`, `\x3d`, `\u003d`). */
export function mayBegin(text: string, at: number): boolean {
  if (at === 0 || !WORD.test(text.charAt(at - 1))) return true;
  if (text.charAt(at - 2) === '\\' && at >= 2) return true;
  if (at >= 3 && text.charAt(at - 3) === '%' && HEX2.test(text.slice(at - 2, at))) return true;
  if (at >= 4 && text.startsWith('\\x', at - 4) && HEX2.test(text.slice(at - 2, at))) return true;
  return at >= 6 && text.startsWith('\\u', at - 6) && HEX4.test(text.slice(at - 4, at));
}

/** Returns whether a value that ends at `end` simply goes on with letters, digits, `_` or `-`. */
export function goesOn(text: string, end: number): boolean {
  const next = text.charAt(end);
  return next !== '' && (WORD.test(next) || next === '-');
}

/** Returns whether a value with a keyword may begin after this text: as mayBegin(), and not after `+`, `/` or `-` either: inside encoded data or a path. */
export function mayBeValue(before: string): boolean {
  return !/[+/-]$/.test(before) && mayBegin(before, before.length);
}

/** Token characters, as far as the kernel looks at them. */
const TOKEN = /^[0-9A-Za-z_-]{0,256}/;

/**
 * Returns whether what begins here is a name by its looks: CamelCase with at most a quarter of capitals, snake_case or kebab-case, with no digit, or in one case
 * with hardly any. Of random values, 16 long, hardly one in 200 looks so. The kernel asks the same before it looks for keywords.
 */
export function isNameLike(text: string): boolean {
  const token = TOKEN.exec(text)?.[0] ?? '';
  if (/^[+/=.~:]/.test(text.slice(token.length))) return false;
  const count = (what: RegExp): number => token.match(what)?.length ?? 0;
  const [upper, digits, joiners] = [count(/[A-Z]/g), count(/[0-9]/g), count(/[_-]/g)];
  const isMixed = upper > 0 && /[a-z]/.test(token);
  if (digits > 0) return !isMixed && joiners >= 2 && digits * 8 <= token.length;
  return isMixed ? upper * 4 <= token.length : joiners > 0;
}
