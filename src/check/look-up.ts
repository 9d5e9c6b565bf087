/**
 * Looks found secrets up in the index. In: matches and findings. Out: which of them a store holds, and verdicts. Each value is looked up as it stands and in the
 * forms in which it may be stored (structured.ts); values that can be guessed cost a fifth of a second each, so only the first few of a run are looked up, and
 * whoever called is told how many were not. No network: the index is all that is asked. Made by the command line, called by src/pipeline.ts.
 */
import type { Checker, FoundSecret, Verdict } from '../core/contracts.ts';
import { reveal, Secret } from '../core/secret.ts';
import type { IndexFile, IndexRecord } from './index-file.ts';
import { takeApart } from './structured.ts';
import { verdictOfRecords } from './verdict.ts';
import { isWorthIndexing, isWorthLookingUp } from './worth.ts';

/** Guessable values of a run that are stretched: about a second on two cores. */
export const MOST_SLOW_LOOK_UPS = 8;
/** The same in an audit of history, which takes longer by itself: some ten seconds at most. */
export const MOST_SLOW_LOOK_UPS_OF_AUDIT = 64;
/** Forms of one value. */
const MAX_FORMS = 20;

export type LookUpOptions = {
  /** How much there is to guess in a value. */
  readonly bitsOf: (value: string) => number;
  readonly guessableBelowBits: number;
  readonly mostSlow: number;
  readonly now: Date;
};

export class StoreChecker implements Checker {
  readonly #index: IndexFile;
  readonly #options: LookUpOptions;
  /** By value; the values never leave this object. null: it was to be slow, and there was no time. */
  readonly #records = new Map<string, readonly IndexRecord[] | null>();
  readonly #forms = new Map<string, readonly string[]>();
  #slow = 0;
  #passedOver = 0;

  constructor(index: IndexFile, options: LookUpOptions) {
    this.#index = index;
    this.#options = options;
  }

  /** Guessable values that were not looked up. */
  get passedOver(): number {
    return this.#passedOver;
  }

  async prepare(found: readonly FoundSecret[]): Promise<void> {
    const guessable: { readonly value: string; readonly bits: number }[] = [];
    const isAnySlow = this.#index.header.guessable > 0;
    for (const value of found.flatMap(secretsOf).flatMap((secret) => this.#formsOf(secret))) {
      if (this.#records.has(value)) continue;
      // A guessable value has no fast tag, so asking for it costs less than telling that it is one.
      const bits = isAnySlow ? this.#options.bitsOf(value) : Number.POSITIVE_INFINITY;
      if (bits < this.#options.guessableBelowBits) {
        guessable.push({ value, bits });
        this.#records.set(value, null);
      } else this.#records.set(value, this.#index.recordsOf(this.#index.keys.fastTag(value)));
    }
    // The likeliest passwords first, since what is slow is done for a few only.
    const ranked = guessable.sort((a, b) => b.bits - a.bits).slice(0, Math.max(0, this.#options.mostSlow - this.#slow));
    this.#slow += ranked.length;
    this.#passedOver += guessable.length - ranked.length;
    await Promise.all(ranked.map(({ value }) => this.#stretch(value)));
  }

  async #stretch(value: string): Promise<void> {
    this.#records.set(value, this.#index.recordsOf(await this.#index.keys.slowTag(value)));
  }

  isStored(found: FoundSecret): boolean {
    return this.#recordsOf(found).records.length > 0;
  }

  verdictOf(found: FoundSecret, leakedAt: string | null = null): Verdict {
    const { records, isWhole } = this.#recordsOf(found);
    return verdictOfRecords(records, this.#options.now, leakedAt) ?? { state: 'unknown', why: isWhole ? 'not-in-store' : 'not-looked-up' };
  }

  /** Returns where stores hold it, with the value as it is stored there: the secret itself before its parts, a value as it was found before what it holds. */
  placesOf(found: FoundSecret): { readonly value: Secret; readonly record: IndexRecord }[] {
    const values = new Set(secretsOf(found).flatMap((secret) => this.#formsOf(secret)));
    return [...values].flatMap((value) =>
      (this.#records.get(value) ?? []).map((record) => ({ value: new Secret(value, 'stored'), record })),
    );
  }

  /** Taken apart once: the same value stands at many places, and is asked for more than once. */
  #formsOf(secret: Secret): readonly string[] {
    const value = reveal(secret, 'index');
    const forms = this.#forms.get(value) ?? formsOf(value);
    this.#forms.set(value, forms);
    return forms;
  }

  #recordsOf(found: FoundSecret): { records: IndexRecord[]; isWhole: boolean } {
    const looked = secretsOf(found)
      .flatMap((secret) => this.#formsOf(secret))
      .map((value) => this.#records.get(value) ?? null);
    return { records: looked.flatMap((records) => records ?? []), isWhole: !looked.includes(null) };
  }
}

/** Gives every finding the same answer: there is no index that could be asked. */
export function createUnknowing(why: 'no-index' | 'index-expired' | 'index-unreadable'): Checker {
  return { prepare: async () => undefined, isStored: () => false, verdictOf: () => ({ state: 'unknown', why }) };
}

function secretsOf({ secret, parts }: FoundSecret): Secret[] {
  return [secret, ...Object.values(parts).map((part) => part.secret)];
}

/** Returns the texts that a stored value could be. */
function formsOf(value: string): string[] {
  const forms = takeApart(value).filter((leaf) => leaf.field === '' || isWorthIndexing(leaf));
  return [...new Set([value, ...forms.flatMap((leaf) => [leaf.value, ...decoded(leaf.value)])])]
    .filter(isWorthLookingUp)
    .slice(0, MAX_FORMS);
}

function decoded(text: string): string[] {
  if (!/%[0-9a-fA-F]{2}/.test(text)) return [];
  try {
    return [decodeURIComponent(text)];
  } catch {
    return [];
  }
}
