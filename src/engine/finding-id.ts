/**
 * Ids of findings: a digest of rule and secret, without path or line, so that baselines survive moves.
 *
 * Ids stand in baselines and reports, which outlive the purge of a value, so a value that can be guessed (`Winter2024!`) must not be found again from
 * its id by trying: for those the digest goes through scrypt. Values that say of themselves that they are not real need no such care.
 */
import { createHash, scrypt, scryptSync } from 'node:crypto';
import type { FindingId, Match } from '../core/contracts.ts';
import { reveal } from '../core/secret.ts';
import { PLAIN } from './doubtful-values.ts';
import { estimatedBits, GUESSABLE_BELOW_BITS } from './entropy.ts';

/** About 10 ms and 4 MiB a value; measured on the development machine, docs/decisions/0003-finding-ids.md. */
const SCRYPT = { N: 4096, r: 8, p: 1 } as const;
const SALT = 'leakwarden/finding@1';
const DIGEST_BYTES = 16;
/** Values of one run that get a slow digest: half a minute. Who hides ten thousand made-up passwords in each file would keep a runner busy for days. */
const MAX_SLOW_DIGESTS = 5_000;

export class FindingIds {
  /** Slow digests by value; the values never leave this object. */
  readonly #slow = new Map<string, string>();
  /** What stands for the values beyond the limit: the place where each was met first. It says nothing of the value, and a baseline loses it when lines move. */
  readonly #places = new Map<string, string>();
  /** Whether a value can be guessed; an audit meets the same one in thousands of versions. */
  readonly #guessable = new Map<string, boolean>();
  readonly #limit: number;

  constructor(limit: number = MAX_SLOW_DIGESTS) {
    this.#limit = limit;
  }

  /** Computes the slow digests of many matches at once, on the thread pool, so that of() finds them ready. */
  async prepare(matches: readonly Match[]): Promise<void> {
    const values = new Set<string>();
    for (const match of matches) {
      if (!this.#isGuessable(match)) continue;
      const value = reveal(match.secret, 'digest');
      if (values.has(value) || this.#slow.size + values.size < this.#limit) values.add(value);
      else this.#placeOf(value, match);
    }
    await Promise.all([...values].map(async (value) => this.#slow.set(value, await stretch(value))));
  }

  /** Returns the id of the match's finding. */
  of(match: Match): FindingId {
    const value = reveal(match.secret, 'digest');
    const basis = this.#isGuessable(match) ? this.#stretched(value, match) : value;
    return createHash('sha256')
      .update(`${SALT}\0${match.rule}\0${basis}`)
      .digest('hex')
      .slice(0, 2 * DIGEST_BYTES);
  }

  #isGuessable(match: Match): boolean {
    if (match.placeholder !== null || (match.doubt !== null && match.doubt !== PLAIN)) return false;
    // Of an address with a password in it, whoever knows the address has only the password to guess.
    const unknown = reveal(match.parts['password']?.secret ?? match.secret, 'digest');
    const known = this.#guessable.get(unknown) ?? estimatedBits(unknown) < GUESSABLE_BELOW_BITS;
    this.#guessable.set(unknown, known);
    return known;
  }

  #stretched(value: string, match: Match): string {
    const known = this.#slow.get(value) ?? this.#places.get(value);
    if (known !== undefined) return known;
    if (this.#slow.size >= this.#limit) return this.#placeOf(value, match);
    const stretched = scryptSync(value, SALT, DIGEST_BYTES, SCRYPT).toString('hex');
    this.#slow.set(value, stretched);
    return stretched;
  }

  #placeOf(value: string, { place }: Match): string {
    const known = this.#places.get(value) ?? `\0${place.path}\0${place.line}\0${place.column}`;
    this.#places.set(value, known);
    return known;
  }
}

function stretch(value: string): Promise<string> {
  return new Promise((resolve, reject) => {
    scrypt(value, SALT, DIGEST_BYTES, SCRYPT, (error, key) => (error ? reject(error) : resolve(key.toString('hex'))));
  });
}
