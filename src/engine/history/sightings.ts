/**
 * Makes matches of what was found in blobs and texts, and of where history has them: a match for each place, the oldest sighting of it
 * where many versions of a file hold the same line. The role of the path decides which matches of a blob count.
 */
import type { LineRange, Match, Provenance } from '../../core/contracts.ts';
import type { RuleId } from '../../core/rule.ts';
import { type FileRole, roleOf } from '../file-role.ts';
import type { FoundMatch } from '../found-match.ts';
import { toMatches } from '../to-matches.ts';
import type { HistoryBlob } from './contract.ts';

/** Where something was seen in history. `order`: its commit's place in the walk, the greater the older. */
export type Seen = {
  readonly provenance: Provenance;
  readonly order: number;
  /** Only matches that touch these lines count. */
  readonly added?: readonly LineRange[];
};

/** Blobs that hold a match, and texts (by the commit that they stand for). */
export type Sighting = { readonly blobs: Set<string>; readonly commit: string | null; readonly tag: string | null };

export type Located = { readonly match: Match; readonly sighting: Sighting };

type Entry = Seen & {
  readonly found: FoundMatch;
  readonly blob: string | null;
  readonly commit: string | null;
  readonly tag: string | null;
};

export class Sightings {
  readonly #rules: readonly RuleId[];
  readonly #prefix: string;
  readonly #foundIn: (blob: HistoryBlob, role: FileRole) => readonly FoundMatch[];
  readonly #entries: Entry[] = [];

  /** `prefix` stands before every path, and names the repository, which says nothing of a file. `foundIn`: what counts of a blob at a path of that role. */
  constructor(rules: readonly RuleId[], prefix: string, foundIn: (blob: HistoryBlob, role: FileRole) => readonly FoundMatch[]) {
    this.#rules = rules;
    this.#prefix = prefix;
    this.#foundIn = foundIn;
  }

  /** Adds the matches of a blob that was seen at a path. */
  addBlob(blob: HistoryBlob, seen: Seen): void {
    const role = roleOf(seen.provenance.path.slice(this.#prefix.length));
    for (const found of this.#foundIn(blob, role)) this.#entries.push({ ...seen, found, blob: blob.id, commit: null, tag: null });
  }

  /** Adds the matches of a text that stands for a commit, or for a tag of it. */
  addText(matches: readonly FoundMatch[], seen: Seen, commit: string, tag: string | null): void {
    for (const found of matches) this.#entries.push({ ...seen, found, blob: null, commit, tag });
  }

  /** Returns the matches, oldest first, then by path and place; the same whatever the order in which they were added. */
  located(): Located[] {
    const located = new Map<string, Located>();
    const numbers = new Numbers();
    for (const entry of this.#entries.sort(compare)) {
      const { found, provenance, added } = entry;
      const key = keyOf(entry, numbers);
      const known = located.get(key);
      if (known) {
        // An older version of the file said the same at the same place.
        const { blob } = entry;
        if (blob !== null && (!added || toMatches([found], this.#rules, provenance, added).length > 0)) known.sighting.blobs.add(blob);
        continue;
      }
      const [match] = toMatches([found], this.#rules, provenance, added);
      if (!match) continue;
      const blobs = new Set(entry.blob === null ? [] : [entry.blob]);
      located.set(key, { match, sighting: { blobs, commit: entry.commit, tag: entry.tag } });
    }
    return [...located.values()];
  }
}

function compare(a: Entry, b: Entry): number {
  return (
    b.order - a.order ||
    order(a.provenance.path, b.provenance.path) ||
    a.found.place.span.start - b.found.place.span.start ||
    a.found.rule - b.found.rule ||
    order(a.blob ?? '', b.blob ?? '')
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What two sightings must share to be one place: the value, where it stands, and the lines round it, since a comment there may allow it. */
function keyOf({ found, provenance }: Entry, numbers: Numbers): string {
  const { rule, secret, place, excerpt, confidence, placeholder } = found;
  const texts = `${numbers.of(provenance.path)} ${numbers.of(secret)} ${numbers.of(excerpt)} ${placeholder === null ? '' : numbers.of(placeholder)}`;
  return `${provenance.kind} ${place.line} ${place.column} ${rule} ${confidence} ${texts}`;
}

/** A number for each text: most are the same few, and an excerpt has up to 3 KB. */
class Numbers {
  readonly #numbers = new Map<string, number>();

  of(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}
