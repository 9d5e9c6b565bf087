/**
 * How improbable a text is as something that people write: an estimate, in bits, of what it takes to describe the text with common
 * words, letter triples of English and identifiers, digits and separators. Random text costs about 4.7 bits a letter and more, words
 * joined in any way 1 to 3. Used by the generic rules to tell `some_silly_password` from `yllontxlpa`.
 *
 * The basic idea is that of zxcvbn (Wheeler, USENIX Security 2016): the cheapest of all ways to cut the text into known pieces, found
 * by dynamic programming. Cost O(length × longest word), at most MAX_CHARACTERS characters.
 */
import { lazily } from '../core/lazily.ts';
import { isDigit, isLetter, isUpper } from './characters.ts';
import { wordsOfLanguages } from './name-languages.ts';
import { commonWords } from './word-list.ts';

export type Rarity = {
  /** Cheapest description, bits. */
  readonly bits: number;
  /** The same per character. */
  readonly perCharacter: number;
  /** Bits per letter, of the letters alone; 0 where there are fewer than three. */
  readonly perLetter: number;
  /** Share of the letters that stand in known words of at least four letters, 0 to 1. */
  readonly known: number;
};

/** What comes later does not change the judgement. */
const MAX_CHARACTERS = 160;
/** About log2 of the number of words; a word costs this whatever its length. */
const WORD_BITS = 11.5;
/** A letter triple never seen costs no more than this: 4.7 bits is a uniform letter, and names and abbreviations have rare triples too. */
const MOST_LETTER_BITS = 7;

type Model = {
  readonly words: ReadonlySet<string>;
  readonly counts: Uint16Array;
  readonly pairs: Uint16Array;
  /** Characters of the longest word that opens with a triple: random letters open one in ten times. */
  readonly longest: Uint8Array;
};

/** Built at first use: most scans meet no generic value at all. */
const model = lazily(buildModel);

/** How often letters follow each other in words. Letters are 1 to 26, 0 is the edge of a run of letters; a triple's index is (a · 27 + b) · 27 + c. */
function buildModel(): Model {
  const counts = new Uint16Array(27 * 27 * 27);
  const pairs = new Uint16Array(27 * 27);
  const longest = new Uint8Array(27 * 27 * 27);
  const words = [...commonWords(), ...latinWords()];
  for (const word of words) {
    let pair = 0;
    for (let i = 0; i < word.length; i++) {
      const last = word.charCodeAt(i) - 96;
      const index = pair * 27 + last;
      counts[index] = (counts[index] ?? 0) + 1;
      pairs[pair] = (pairs[pair] ?? 0) + 1;
      if (i === 2 && word.length > (longest[index] ?? 0)) longest[index] = word.length;
      pair = (pair % 27) * 27 + last;
    }
  }
  return { words: new Set(words), counts, pairs, longest };
}

/** What other languages call passwords and keys, which is common as a value too: `salasana`, `MinhaSenha`. */
function latinWords(): readonly string[] {
  return wordsOfLanguages().flatMap(([word]) => (/^[a-z]{3,}$/.test(word) ? [word] : []));
}

function tripleBits({ counts, pairs }: Model, index: number): number {
  return Math.min(MOST_LETTER_BITS, -Math.log2(((counts[index] ?? 0) + 0.15) / ((pairs[Math.floor(index / 27)] ?? 0) + 6)));
}

/** Returns the triple that ends at `at`, given the one before it. */
function nextTriple(before: number, text: string, at: number): number {
  const code = text.charCodeAt(at) | 32;
  return (before % 729) * 27 + (code >= 97 && code <= 122 ? code - 96 : 0);
}

/** Returns the rarity of `value`. */
export function rarityOf(value: string): Rarity {
  const text = value.slice(0, MAX_CHARACTERS);
  // The one letter whose small form is two characters: words behind it would be out of place.
  const lower = text.replaceAll('\u0130', 'i').toLowerCase();
  const known = model();
  const triples = new Uint16Array(text.length + 2);
  for (let at = 0, triple = 0; at < text.length; at++) triples[at] = triple = nextTriple(triple, text, at);
  const cost = new Float64Array(text.length + 1).fill(Number.POSITIVE_INFINITY, 1);
  const inWord = new Uint8Array(text.length + 1);
  for (let at = 0; at < text.length; at++) {
    const before = cost[at] ?? 0;
    const furthest = Math.min(text.length, at + (known.longest[triples[at + 2] ?? 0] ?? 0));
    for (let end = at + 3; end <= furthest; end++) {
      const bits = before + wordBits(text, at, end);
      // Of words that cost the same the shortest, which comes last; and rather than a word its characters.
      if (bits <= (cost[end] ?? 0) && known.words.has(lower.slice(at, end))) {
        cost[end] = bits;
        inWord[end] = end - at;
      }
    }
    const bits = before + characterBits(known, text, at, triples[at] ?? 0);
    if (bits <= (cost[at + 1] ?? 0)) {
      cost[at + 1] = bits;
      inWord[at + 1] = 0;
    }
  }
  return summarise(text, cost, inWord);
}

function summarise(text: string, cost: Float64Array, inWord: Uint8Array): Rarity {
  let letters = 0;
  let letterBits = 0;
  let known = 0;
  for (let end = text.length; end > 0; ) {
    const length = inWord[end] ?? 0;
    const step = Math.max(1, length);
    if (isLetter(text, end - 1)) {
      letters += step;
      letterBits += (cost[end] ?? 0) - (cost[end - step] ?? 0);
      if (length >= 4) known += length;
    }
    end -= step;
  }
  const bits = cost[text.length] ?? 0;
  return {
    bits,
    perCharacter: text.length === 0 ? 0 : bits / text.length,
    perLetter: letters < 3 ? 0 : letterBits / letters,
    known: letters === 0 ? 0 : known / letters,
  };
}

/** A word costs less where it begins as words do: at the start, after a separator, with a capital. */
function wordBits(text: string, start: number, end: number): number {
  const isEdge = !isLetter(text, start - 1) || (isUpper(text, start) && !isUpper(text, start - 1));
  const isMixed = !isUpper(text, start) && isUpper(text, end - 1);
  return WORD_BITS + (isEdge ? 0 : 1.5) + (isMixed ? 6 : 0);
}

/** Bits of one character given the two before it; `triple` ends with it. */
function characterBits(known: Model, text: string, at: number, triple: number): number {
  const character = text[at] ?? '';
  if (at > 0 && character === text[at - 1]) return isLetter(text, at) ? 3 : 1.2;
  if (isDigit(text, at)) return digitBits(text, at);
  if (isLetter(text, at)) return tripleBits(known, triple) + caseBits(text, at);
  return ' _-./'.includes(character) ? 1.5 : 4.5;
}

/** Digits in order cost little; else one in ten, and a little more where they break into letters. */
function digitBits(text: string, at: number): number {
  if (!isDigit(text, at - 1)) return at === 0 || isLetter(text, at - 1) ? 4.2 : 3.5;
  const step = text.charCodeAt(at) - text.charCodeAt(at - 1);
  return step === 1 || step === -1 ? 1.5 : 3.3;
}

/** A capital after a small letter begins a word (cheap once), a small letter after two capitals does not. */
function caseBits(text: string, at: number): number {
  if (!isLetter(text, at - 1)) return 0.3;
  if (isUpper(text, at) === isUpper(text, at - 1)) return 0.1;
  return isUpper(text, at) ? 1.5 : isUpper(text, at - 2) ? 1.5 : 0.3;
}
