/**
 * How much there is to guess in a value. `entropyBitsPerChar` is Shannon's measure, which rules set a minimum for; `estimatedBits` is
 * a guess of the work of an attacker who knows words and habits, which tells guessable values (below 64 bits: slow digests only,
 * DESIGN section 6) from random ones. Text is Latin-1, one character a byte.
 */
import { rarityOf } from './rarity.ts';
import { isStep } from './sequences.ts';

/** Below this many bits a fast digest of the value would give it away. */
export const GUESSABLE_BELOW_BITS = 64;

/** Returns the Shannon entropy of the characters, bits per character; 0 for empty text. */
export function entropyBitsPerChar(text: string): number {
  if (text.length === 0) return 0;
  const counts = new Uint32Array(256);
  let [least, most] = [255, 0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at) & 0xff;
    counts[code] = (counts[code] ?? 0) + 1;
    if (code < least) least = code;
    if (code > most) most = code;
  }
  let bits = 0;
  for (let code = least; code <= most; code++) {
    const share = (counts[code] ?? 0) / text.length;
    if (share > 0) bits -= share * Math.log2(share);
  }
  return Math.max(0, bits);
}

/** A private key needs no more than this to be called random. */
const MAX_CHARACTERS = 512;
/** What rarity.ts looks at. */
const RARITY_CHARACTERS = 160;

/**
 * Returns about how many bits an attacker has to try: the lesser of alphabet × length, where repeats and sequences count for one bit a
 * character, and of the cheapest description in words. A text that repeats a shorter one counts as that one.
 */
export function estimatedBits(text: string): number {
  const seen = text.slice(0, MAX_CHARACTERS);
  const period = periodOf(seen);
  const unit = seen.slice(0, period);
  const repeats = period < seen.length ? Math.log2(seen.length / period) + 1 : 0;
  const perCharacter = Math.log2(alphabetSize(unit));
  let uniform = perCharacter;
  for (let at = 1; at < unit.length; at++) {
    uniform += unit[at] === unit[at - 1] || isStep(unit, at) ? Math.min(1, perCharacter) : perCharacter;
  }
  const described = rarityOf(plainLetters(unit)).bits * Math.max(1, unit.length / RARITY_CHARACTERS);
  return unit.length === 0
    ? 0
    : Math.min(uniform, rarityOf(unit).bits * Math.max(1, unit.length / RARITY_CHARACTERS), described + leetBits(unit)) + repeats;
}

/** Returns the length of the shortest text whose repetition gives `text`, or its whole length. At most half the length counts. */
export function periodOf(text: string): number {
  // The failure function of Knuth, Morris and Pratt: linear, whatever the text.
  const border = new Uint16Array(Math.min(text.length, MAX_CHARACTERS));
  for (let at = 1, length = 0; at < border.length; at++) {
    while (length > 0 && text[at] !== text[length]) length = border[length - 1] ?? 0;
    if (text[at] === text[length]) length++;
    border[at] = length;
  }
  const period = border.length - (border[border.length - 1] ?? 0);
  return period <= text.length / 2 && text.length <= MAX_CHARACTERS ? period : text.length;
}

/** Returns how many characters a value could have been drawn from, by the classes that it shows. */
export function alphabetSize(text: string): number {
  if (/^[0-9]*$/.test(text)) return 10;
  if (/^(?:[0-9a-f]+|[0-9A-F]+)$/.test(text)) return 16;
  const classes: readonly (readonly [RegExp, number])[] = [
    [/[0-9]/, 10],
    [/[a-z]/, 26],
    [/[A-Z]/, 26],
    [/[^0-9A-Za-z]/, 33],
  ];
  return classes.reduce((size, [characters, count]) => size + (characters.test(text) ? count : 0), 0);
}

const LEET: Readonly<Record<string, string>> = { '0': 'o', '1': 'l', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's', '!': 'i' };

/** Returns the text with the usual figures for letters undone where they stand between letters (`P4ssw0rd`). */
function plainLetters(text: string): string {
  return text.replace(/(?<=[A-Za-z])[013457@$!](?=[A-Za-z])/g, (figure) => LEET[figure] ?? figure);
}

function leetBits(text: string): number {
  return text.length === 0 || plainLetters(text) === text ? 0 : 3;
}
