/**
 * Says why a value is not real, when it says so itself: samples out of documents, fill characters, sequences, blanks to be filled in,
 * references in place of a value. Classes and their limits follow the catalogue of false positives (docs/rules.md, "placeholders").
 *
 * Of a marked token only what follows its mark is looked at, and only forms that random text does not take by chance count: in 200,000
 * random values the tests allow fewer than five. A caller whose checksum passed does not ask.
 */
import { createHash } from 'node:crypto';
import { estimatedBits, periodOf } from './entropy.ts';
import { isCommonBlank, isOnlyRoleWords, isTrivial, isWeakWord, sayingWord, wordsOf } from './placeholder-words.ts';
import { rarityOf } from './rarity.ts';
import { SAMPLE_DIGESTS } from './sample-digests.ts';
import { longestRise, shareOfSteps, shareOfWovenSteps } from './sequences.ts';
import { defaultOf, kindOfValue, type ValueKind } from './value-kinds.ts';

export type PlaceholderOptions = {
  /** The rule has a distinctive mark. */
  readonly marked: boolean;
  /** Characters of the mark that open the value; 0 where the mark stands elsewhere. */
  readonly prefixLength: number;
};

/** Enough to tell; the bodies of private keys are longer. */
const MAX_CHARACTERS = 512;
/** An ellipsis may stand at the end of a key's body. */
const MAX_CHARACTERS_OF_KEY = 16_384;

export type Placeholder = {
  /** Short, for the report. */
  readonly reason: string;
  /** It is none whatever its form: a variable, a reference, a blank in brackets, what a provider documents. Else it only looks like a sample. */
  readonly isCertain: boolean;
};

/** Returns why the value is not a real one, or null. `secret` is Latin-1 text, one character a byte. `kind`: what kindOfValue says of it, where that is known. */
export function judgePlaceholder(secret: string, options: PlaceholderOptions, kind?: ValueKind | null): Placeholder | null {
  const value = secret.trim();
  if (isDocumented(value)) return { reason: 'documented sample', isCertain: true };
  if (isSampleOfAws(value)) return { reason: 'documented sample', isCertain: false };
  // Where the mark stands outside of the secret (a password in an address), the secret is as free in its form as an unmarked one.
  const marked = options.marked && options.prefixLength > 0;
  const start = marked ? options.prefixLength : 0;
  const body = value.slice(start, start + MAX_CHARACTERS);
  if (body === '') return null;
  const isLong = value.length > MAX_CHARACTERS;
  const certain =
    (marked ? whyStored(value) : whyReference(value, kind)) ?? whyMarkedBlank(isLong ? value.slice(start, MAX_CHARACTERS_OF_KEY) : body);
  if (certain !== null) return { reason: certain, isCertain: true };
  const doubt = whyBlank(body, marked) ?? (isLong ? null : whyFilled(body, marked)) ?? whyWord(body, marked);
  return doubt === null ? null : { reason: doubt, isCertain: false };
}

/** Returns the reason alone. */
export function whyPlaceholder(secret: string, options: PlaceholderOptions): string | null {
  return judgePlaceholder(secret, options)?.reason ?? null;
}

/** AWS ends the ids and keys of its documents in EXAMPLE and EXAMPLEKEY. */
function isSampleOfAws(value: string): boolean {
  return value.endsWith('EXAMPLE') || value.endsWith('EXAMPLEKEY');
}

function isDocumented(value: string): boolean {
  return SAMPLE_DIGESTS.has(createHash('sha256').update(value, 'latin1').digest('hex'));
}

/** Of names with a mark only those of AWS may point into a store. */
function whyStored(value: string): string | null {
  return /^arn:aws[a-z-]{0,10}:(?:secretsmanager|ssm):/.test(value) ? 'reference to a store' : null;
}

function whyReference(value: string, kind = kindOfValue(value)): string | null {
  const fallback = defaultOf(value);
  if (fallback !== null) return whyPlaceholder(fallback, { marked: false, prefixLength: 0 });
  switch (kind) {
    case 'template':
      return 'template variable';
    case 'store-reference':
      return 'reference to a store';
    case 'code-reference':
      return 'expression of code';
    case 'path':
      return 'path of a file';
    case 'public-key':
      return value.startsWith('0x') ? null : 'public key';
    default:
      return null;
  }
}

/** Bytes of `…`, `•`, `●`, `█` and `*` in UTF-8, as Latin-1, and the first three as characters. */
const MASKED = /\xe2\x80\xa6|(?:\xe2\x80\xa2|\xe2\x97\x8f|\xe2\x96\x88){3}|\*{3}|[\u2026\u2022\u25cf]/;

function whyMarkedBlank(body: string): string | null {
  if (MASKED.test(body) || /\.{3}/.test(body)) return 'cut short or masked';
  return /<[A-Za-z][A-Za-z0-9 _.-]{1,60}>/.test(body) || /^[<[{(][A-Za-z][A-Za-z0-9 _.:|'-]{1,80}[>\]})]$/.test(body)
    ? 'blank to be filled in'
    : null;
}

function whyBlank(body: string, marked: boolean): string | null {
  if (/x{5}|X{5}|#{4}|\?{4}/.test(body) || (!marked && /_{5}/.test(body))) return 'fill characters';
  return !marked && isCommonBlank(body) ? 'blank to be filled in' : null;
}

function whyFilled(body: string, marked: boolean): string | null {
  const length = body.length;
  if (length < 4) return null;
  const { distinct, most } = countCharacters(body);
  // In short values of ten digits half of them are equal by chance once in 200.
  if (length < 12 ? most * 4 >= length * 3 : most * 2 > length) return 'fill characters';
  if (length >= 16 && distinct < 5) return 'fill characters';
  if (shareOfRepeats(body) > 0.6 || hasLongRun(body, marked)) return 'fill characters';
  if (length >= 12 && periodOf(body) <= length / (length >= 16 ? 2 : 3)) return 'repeated text';
  return whySequence(body);
}

/** Returns how many different characters there are, and how often the commonest occurs. */
function countCharacters(body: string): { readonly distinct: number; readonly most: number } {
  const counts = new Uint16Array(256);
  let distinct = 0;
  let most = 0;
  for (let at = 0; at < body.length; at++) {
    const code = body.charCodeAt(at) & 0xff;
    const count = (counts[code] ?? 0) + 1;
    counts[code] = count;
    if (count === 1) distinct++;
    if (count > most) most = count;
  }
  return { distinct, most };
}

function shareOfRepeats(body: string): number {
  let repeats = 0;
  for (let at = 1; at < body.length; at++) if (body[at] === body[at - 1]) repeats++;
  return repeats / (body.length - 1);
}

/** A token's length from which a run of zeros in it (the letter A) says nothing. */
const LONG_TOKEN = 40;

/** Eight equal characters in a row; the letter A is zero in base64 and real tokens hold many. */
function hasLongRun(body: string, marked: boolean): boolean {
  return (marked || body.length >= LONG_TOKEN ? /([^A])\1{7}/ : /(.)\1{7}/).test(body);
}

function whySequence(body: string): string | null {
  const length = body.length;
  const limit = length < 6 ? 0.99 : length < 12 ? 0.8 : length < 16 ? 0.7 : 0.6;
  if (shareOfSteps(body) > limit || longestRise(body) >= 9) return 'sequence';
  return length >= 8 && shareOfWovenSteps(body) > (length < 16 ? 0.8 : 0.6) ? 'sequence' : null;
}

/** Below this many bits what stands beside a word like `test` is not a random value. */
const RANDOM_FROM_BITS = 60;
/** Characters below which a value is a word or nothing. */
const SHORTEST_RANDOM = 12;
/** Words cost 1 to 3 bits a character to describe, random text with signs in it 4.5 and more. */
const RANDOM_FROM_BITS_PER_CHARACTER = 4.2;

function whyWord(body: string, marked: boolean): string | null {
  if (!marked && isTrivial(body)) return 'word of the language, no value';
  const saying = sayingWord(body);
  if (saying !== null) return `says "${saying}"`;
  if (!marked && isOnlyRoleWords(body)) return 'only names a credential';
  const weak = marked
    ? body.split(/[^A-Za-z]/).find((word) => word.length >= 4 && isWeakWord(word.toLowerCase()))
    : wordsOf(body).find(isWeakWord);
  if (weak === undefined) return null;
  return isBesideRandom(body) ? null : `says "${weak.toLowerCase()}"`;
}

function isBesideRandom(body: string): boolean {
  if (body.length >= SHORTEST_RANDOM && rarityOf(body).perCharacter >= RANDOM_FROM_BITS_PER_CHARACTER) return true;
  return body.split(/[^0-9A-Za-z]/).some((piece) => piece.length >= 10 && estimatedBits(piece) >= RANDOM_FROM_BITS);
}
