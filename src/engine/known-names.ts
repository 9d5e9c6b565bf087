/**
 * Remembers what names mean (name-words.ts): source text is full of the same few hundred names, and a word list is asked for each. Used by confirm.ts, one a thread;
 * what it says is a function of the name alone.
 */
import { meaningOf, type NameMeaning } from './name-words.ts';

/** The names of a large tree, measured: some hundred. A hostile one only makes it forget. */
const MOST_NAMES = 2000;

export class KnownNames {
  readonly #meanings = new Map<string, NameMeaning | null>();

  /** Returns what meaningOf says of the name. */
  meaningOf(name: string): NameMeaning | null {
    const known = this.#meanings.get(name);
    if (known !== undefined) return known;
    if (this.#meanings.size >= MOST_NAMES) this.#meanings.clear();
    const meaning = meaningOf(name);
    this.#meanings.set(name, meaning);
    return meaning;
  }
}
