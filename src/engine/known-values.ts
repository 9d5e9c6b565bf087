/**
 * Remembers what values are by their text alone: several rules meet at one value and ask the same of it (dozens of patterns each time), and a tree holds the same values again
 * and again, in copies of a file. Used by confirm.ts, one a thread; what it says is a function of the value. It stays in the thread's memory, as the matches do.
 */
import { judgePlaceholder, type Placeholder } from './placeholders.ts';
import { type Rarity, rarityOf } from './rarity.ts';
import { isTechnicalText } from './value-forms.ts';
import { kindOfValue, type ValueKind } from './value-kinds.ts';

/** A tree of 20,000 files has some 400. A hostile one only makes it forget. */
const MOST_VALUES = 1000;
/** Longer ones are data, and would fill the memory. */
const MAX_CHARACTERS = 1000;

const UNMARKED = { marked: false, prefixLength: 0 } as const;

/** One value without a mark; each question is answered once. */
export class KnownValue {
  readonly text: string;
  #rarity: Rarity | undefined;
  #kind: ValueKind | null | undefined;
  #placeholder: Placeholder | null | undefined;
  #isTechnical: boolean | undefined;
  #isTechnicalInQuotes: boolean | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get rarity(): Rarity {
    this.#rarity ??= rarityOf(this.text);
    return this.#rarity;
  }

  get kind(): ValueKind | null {
    if (this.#kind === undefined) this.#kind = kindOfValue(this.text, this.#rarity);
    return this.#kind;
  }

  get placeholder(): Placeholder | null {
    if (this.#placeholder === undefined) this.#placeholder = judgePlaceholder(this.text, UNMARKED, this.kind);
    return this.#placeholder;
  }

  /** `quoted`: it stood in quotes. */
  isTechnical(quoted: boolean): boolean {
    if (quoted) {
      this.#isTechnicalInQuotes ??= isTechnicalText(this.text, true);
      return this.#isTechnicalInQuotes;
    }
    this.#isTechnical ??= isTechnicalText(this.text, false);
    return this.#isTechnical;
  }
}

export class KnownValues {
  readonly #values = new Map<string, KnownValue>();

  /** Returns what is known of the value. */
  of(text: string): KnownValue {
    const known = this.#values.get(text);
    if (known !== undefined) return known;
    const made = new KnownValue(text);
    if (text.length > MAX_CHARACTERS) return made;
    if (this.#values.size >= MOST_VALUES) this.#values.clear();
    this.#values.set(text, made);
    return made;
  }
}
