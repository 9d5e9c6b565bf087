/**
 * What one walk over history tells about some blobs: the oldest commit that brought each to each of its paths, and the last ones that took
 * it away. A visitor of src/git/log.ts; kept are facts about the wanted blobs, the graph of commits, and the id of every blob that was met,
 * so that blobs which the store lacks are noticed. Commits come children before parents, so what comes last is the oldest.
 */
import { ToolError } from '../../core/errors.ts';
import { Ancestry } from '../../git/ancestry.ts';
import type { LogChange, LogCommit, LogVisitor } from '../../git/log.ts';
import { ObjectIds } from '../../git/object-ids.ts';
import { pathText } from '../../git/path-text.ts';

/** What is kept of a commit. `order` is its place in the walk: the greater, the older. */
export type CommitFacts = {
  readonly id: string;
  readonly order: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly author: string;
  readonly email: string;
};

export type Introduction = {
  readonly commit: CommitFacts;
  readonly path: string;
  /** Contents before, one for each parent, zeros for none; and after. */
  readonly before: readonly string[];
  readonly after: string;
};

/** `after`: what took the blob's place, zeros for nothing. */
export type Removal = { readonly commit: CommitFacts; readonly after: string };

export type Wanted = { has(id: string): boolean };

/** Paths that are kept of one blob. */
const MAX_PATHS = 1000;

/** More than the largest import ever; a tree that contains itself many times has more. */
const MAX_CHANGES = 20_000_000;

/** Names of submodules that are kept. */
const MAX_SUBMODULES = 1000;

const SUBMODULE = '160000';

export class Attribution implements LogVisitor {
  readonly ancestry = new Ancestry();
  /** Every blob that a visited commit brought in. */
  readonly blobs = new ObjectIds();
  readonly submodules = new Set<string>();
  readonly #wanted: Wanted;
  readonly #onCommit: (commit: LogCommit, order: number) => void;
  readonly #introductions = new Map<string, Map<string, Introduction>>();
  readonly #removals = new Map<string, { last?: Removal; lastReplaced?: Removal }>();
  #commit: LogCommit | null = null;
  #facts: CommitFacts | null = null;
  #changes = 0;

  constructor(wanted: Wanted, onCommit: (commit: LogCommit, order: number) => void) {
    this.#wanted = wanted;
    this.#onCommit = onCommit;
  }

  commit(commit: LogCommit): void {
    this.#commit = commit;
    this.#facts = null;
    this.#changes = 0;
    this.#onCommit(commit, this.ancestry.size);
    this.ancestry.add(commit.id, commit.parents);
  }

  change({ mode, before, after, path }: LogChange): void {
    if (++this.#changes > MAX_CHANGES)
      throw new ToolError('git-failed', { command: 'log', reason: `a commit changes more than ${MAX_CHANGES} paths` });
    if (mode === SUBMODULE) {
      if (this.submodules.size < MAX_SUBMODULES) this.submodules.add(pathText(path));
    } else if (!isGone(after)) {
      this.blobs.add(after);
      if (this.#wanted.has(after)) this.#introduce(path, before, after);
    }
    for (const id of before) if (id !== after && this.#wanted.has(id)) this.#remove(id, after);
  }

  /** Returns where the blob came from, the oldest commit for each path, newest path first. */
  introductionsOf(blob: string): readonly Introduction[] {
    return [...(this.#introductions.get(blob)?.values() ?? [])];
  }

  /** Returns the last commit that took the blob from a path for good, and the last that put another wanted blob in its place. */
  removalsOf(blob: string): readonly Removal[] {
    const { last, lastReplaced } = this.#removals.get(blob) ?? {};
    return [last, lastReplaced].filter((removal) => removal !== undefined);
  }

  #introduce(path: Buffer, before: readonly string[], after: string): void {
    const paths = this.#introductions.get(after) ?? new Map<string, Introduction>();
    this.#introductions.set(after, paths);
    const name = pathText(path);
    if (paths.size < MAX_PATHS || paths.has(name)) paths.set(name, { commit: this.#currentFacts(), path: name, before, after });
  }

  #remove(blob: string, after: string): void {
    const removals = this.#removals.get(blob) ?? {};
    this.#removals.set(blob, removals);
    if (this.#wanted.has(after)) removals.lastReplaced ??= { commit: this.#currentFacts(), after };
    else removals.last ??= { commit: this.#currentFacts(), after };
  }

  #currentFacts(): CommitFacts {
    const commit = this.#commit;
    this.#facts ??= factsOf(commit, this.ancestry.size - 1);
    return this.#facts;
  }
}

/** Returns what is kept of a commit. */
export function factsOf(commit: LogCommit | null, order: number): CommitFacts {
  return {
    id: commit?.id ?? '',
    order,
    time: commit?.authorTime ?? 0,
    author: commit?.author.name ?? '',
    email: commit?.author.email ?? '',
  };
}

/** The changes of some commits, kept whole for the wanted blobs: what a range brought where, in the order of the walk. */
export class Changes implements LogVisitor {
  /** Every blob that came in. */
  readonly blobs = new Set<string>();
  readonly introductions: Introduction[] = [];
  readonly submodules = new Set<string>();
  readonly #wanted: Wanted;
  readonly #since: number;
  readonly #onCommit: (commit: LogCommit, order: number) => void;
  #commit: LogCommit | null = null;
  #order = -1;

  /** `since`: commits whose committer wrote them earlier (seconds since 1970) do not count. */
  constructor(wanted: Wanted, since: number, onCommit: (commit: LogCommit, order: number) => void) {
    this.#wanted = wanted;
    this.#since = since;
    this.#onCommit = onCommit;
  }

  get commits(): number {
    return this.#order + 1;
  }

  commit(commit: LogCommit): void {
    this.#commit = commit.committerTime >= this.#since ? commit : null;
    if (!this.#commit) return;
    this.#order += 1;
    this.#onCommit(commit, this.#order);
  }

  change({ mode, before, after, path }: LogChange): void {
    if (!this.#commit || isGone(after)) return;
    if (mode === SUBMODULE) {
      if (this.submodules.size < MAX_SUBMODULES) this.submodules.add(pathText(path));
      return;
    }
    // A file that got another name, mode or parent and nothing else.
    if (before.includes(after)) return;
    this.blobs.add(after);
    if (this.#wanted.has(after))
      this.introductions.push({ commit: factsOf(this.#commit, this.#order), path: pathText(path), before, after });
  }
}

/** All zeros: nothing is there. */
function isGone(id: string): boolean {
  return id.startsWith('0000000000000000') && /^0+$/.test(id);
}
