/**
 * Values behind a credential's name that are too plain, or too odd, to be called a secret, and yet may be one: `open-sesame`, `team10`, a passphrase of
 * small words, text full of brackets. generic.ts asks where an audit wants them (--min-confidence low); they are reported with confidence low.
 *
 * What is certainly something else (a reference, a template, a path, a hash, a word of a programming language, text for people) stays out at every level.
 */
import type { FileRole } from './file-role.ts';
import type { KnownValue } from './known-values.ts';
import type { NameMeaning } from './name-words.ts';
import { isTrivial } from './placeholder-words.ts';
import type { ValueKind } from './value-kinds.ts';

/** The one doubt that the value itself does not speak of: it may be a password that somebody uses, and it can be guessed. */
export const PLAIN = 'plain enough to be a word or a sample';

/** Shorter ones are switches, codes, initials. */
const MIN_CHARACTERS = 4;
/** Longer ones are data or text. */
const MAX_CHARACTERS = 128;
/** Blanks of a passphrase; text for people has more. */
const MAX_BLANKS = 4;

/** Kinds that leave no doubt. An identifier, a number or a sentence may be a password; a digest or a UUID a token. */
const CERTAIN: ReadonlySet<ValueKind> = new Set<ValueKind>([
  'integrity-hash',
  'path',
  'url',
  'date',
  'version',
  'code-reference',
  'store-reference',
  'template',
  'public-key',
  'password-hash',
  'ciphertext',
]);

/** Returns why the value is perhaps no secret, or null when it is certainly none. `quoted`: it stood in quotes. */
export function whyDoubtful(known: KnownValue, meaning: NameMeaning, quoted: boolean, role: FileRole, operator: string): string | null {
  const value = known.text;
  if (value.length < MIN_CHARACTERS || value.length > MAX_CHARACTERS || !isPlaceOfValue(value, meaning, quoted, role, operator))
    return null;
  if (isTrivial(value) && !isRoleWord(value)) return null;
  const { kind } = known;
  if (kind !== null && CERTAIN.has(kind)) return null;
  if (isText(value, quoted) || isReference(value, quoted)) return null;
  const said = known.placeholder;
  if (said !== null) return said.isCertain ? null : said.reason;
  return PLAIN;
}

/** Characters from which a value with a digit is no word: a `token` may have it for a value in any syntax. */
const LONG_FROM = 12;

/** A literal stands here for certain: in quotes, or after the sign of a setting. Behind a bare word such as `key` everything else stands more often. */
function isPlaceOfValue(value: string, meaning: NameMeaning, quoted: boolean, role: FileRole, operator: string): boolean {
  const isLong = value.length >= LONG_FROM && /\d/.test(value);
  if (operator === '?' || operator === ',' || operator === '(' || operator === '|') return false;
  if (meaning.strength === 'plain' && meaning.kind !== 'password' && meaning.kind !== 'secret' && !(meaning.kind !== 'key' && isLong))
    return false;
  if (meaning.kind === 'auth') return isLong;
  return quoted || operator === '=' || operator === '>' || (operator === ':' && (role === 'config' || isLong));
}

/** `password: password` is a weak default more often than a mention. */
function isRoleWord(value: string): boolean {
  return /^(?:secret|password|default|username|private|public|token)$/i.test(value);
}

/** Text for people: other scripts apart, it begins with a capital, ends in punctuation or has many words. */
function isText(value: string, quoted: boolean): boolean {
  if (/[\x00-\x1f]/.test(value)) return true;
  const blanks = value.split(' ').length - 1;
  if (blanks === 0) return false;
  return !quoted || blanks > MAX_BLANKS || /^[A-Z]|^ | $| {2}|[.:?!,;%]$|[.:?!,;] |[{}%<>$]/.test(value);
}

/** Names of code in place of a value: a path of names, a call, a constant, a symbol. */
function isReference(value: string, quoted: boolean): boolean {
  if (/^[A-Za-z_$][\w$]*(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*)+$/.test(value) && !/\d{2}/.test(value)) return true;
  if (/^[\w.$:>-]+[([]/.test(value) || /^[$%@:&*!][A-Za-z_]\w*[%$@]?$/.test(value) || /^[A-Z]+(?:_[A-Z]+)+$/.test(value)) return true;
  return !quoted && /[[(]$|^[\][(){}<>]/.test(value);
}
