/**
 * Which commits are in the history of which tips, from one walk and in memory: thousands of refs and findings must not mean thousands of
 * `git for-each-ref --contains`. In come commits (children before parents), out go sets.
 *
 * Parents first, each commit's set is the union of its parents' and itself, if it is one that is asked for. Equal sets are one object and
 * unions are remembered, so along a line of commits nothing is computed.
 */
import { ObjectIds } from './object-ids.ts';

const NO_SET = 0;

/** Commits asked for in one go; more are answered in several. A set takes a bit for each. */
const BATCH = 4096;

export class Ancestry {
  readonly #ids = new ObjectIds();
  /** Commit, number of parents, parents …, in the order of the walk. */
  #links = new Int32Array(1 << 12);
  #used = 0;
  #count = 0;

  get size(): number {
    return this.#count;
  }

  /** Returns whether the commit was added, or is a parent of one that was. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Adds a commit; all its children must have been added before it. */
  add(id: string, parents: readonly string[]): void {
    if (this.#used + parents.length + 2 > this.#links.length) {
      const links = new Int32Array(2 * this.#links.length + parents.length);
      links.set(this.#links);
      this.#links = links;
    }
    // Parents stand before their count, so that the list can be read backwards.
    for (const parent of parents) this.#links[this.#used++] = this.#ids.add(parent);
    this.#links[this.#used++] = parents.length;
    this.#links[this.#used++] = this.#ids.add(id);
    this.#count += 1;
  }

  /** Returns a function that gives the tips whose history holds one of the asked commits (a commit is in its own), in the order of `tips`. */
  holders<Tip extends { readonly id: string }>(asked: readonly string[], tips: readonly Tip[]): (commit: string) => Tip[] {
    const batches = new Map<string, { readonly bit: number; readonly sets: (Uint32Array | undefined)[] }>();
    for (let start = 0; start < asked.length; start += BATCH) {
      const batch = asked.slice(start, start + BATCH);
      const { of } = this.#setsOf(batch);
      const sets = tips.map(({ id }) => of(this.#ids.numberOf(id)));
      for (const [bit, id] of batch.entries()) batches.set(id, { bit, sets });
    }
    return (commit) => {
      const known = batches.get(commit);
      return known ? tips.filter((_, tip) => (((known.sets[tip]?.[known.bit >> 5] ?? 0) >>> (known.bit & 31)) & 1) === 1) : [];
    };
  }

  #setsOf(asked: readonly string[]): { of: (commit: number) => Uint32Array | undefined } {
    const sets = new Sets(Math.ceil(asked.length / 32));
    const bits = new Map(asked.map((id, bit) => [this.#ids.numberOf(id), bit]));
    const setOf = new Int32Array(this.#ids.size);
    for (let at = this.#used - 1; at >= 0; ) {
      const commit = this.#links[at] ?? 0;
      const parents = this.#links[at - 1] ?? 0;
      let set = NO_SET;
      for (let parent = 0; parent < parents; parent++) set = sets.union(set, setOf[this.#links[at - 2 - parent] ?? 0] ?? NO_SET);
      const bit = bits.get(commit);
      setOf[commit] = bit === undefined ? set : sets.union(set, sets.single(bit));
      at -= 2 + parents;
    }
    return { of: (commit) => (commit < 0 ? undefined : sets.at(setOf[commit] ?? NO_SET)) };
  }
}

/** Sets of small numbers, each made once and known by its number; 0 is the empty one. */
class Sets {
  readonly #words: number;
  readonly #sets: Uint32Array[];
  readonly #numbers = new Map<string, number>();
  readonly #unions = new Map<number, number>();

  constructor(words: number) {
    this.#words = words;
    this.#sets = [];
    this.#number(new Uint32Array(words));
  }

  at(number: number): Uint32Array | undefined {
    return number === NO_SET ? undefined : this.#sets[number];
  }

  single(bit: number): number {
    const set = new Uint32Array(this.#words);
    set[bit >> 5] = 1 << (bit & 31);
    return this.#number(set);
  }

  union(a: number, b: number): number {
    if (a === b || b === NO_SET) return a;
    if (a === NO_SET) return b;
    const key = Math.min(a, b) * 2 ** 26 + Math.max(a, b);
    const known = this.#unions.get(key);
    if (known !== undefined) return known;
    const [left, right] = [this.#sets[a], this.#sets[b]];
    const set = new Uint32Array(this.#words);
    for (let word = 0; word < this.#words; word++) set[word] = (left?.[word] ?? 0) | (right?.[word] ?? 0);
    const number = this.#number(set);
    this.#unions.set(key, number);
    return number;
  }

  #number(set: Uint32Array): number {
    const key = Buffer.from(set.buffer).toString('latin1');
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#sets.push(set) - 1;
    this.#numbers.set(key, number);
    return number;
  }
}
