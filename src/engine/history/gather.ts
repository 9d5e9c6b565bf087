/**
 * Puts together what was found in blobs and texts with where the walks saw them: the last step of one repository's audit
 * (repository-audit.ts). In come the walks, out go matches, each with what is needed to tell its history.
 */
import type { AuditedRepository, Provenance } from '../../core/contracts.ts';
import type { RuleId } from '../../core/rule.ts';
import { STORED_SECRET } from '../../core/stored-rule.ts';
import { readAddedLinesOf } from '../../git/added-lines.ts';
import type { ObjectIds } from '../../git/object-ids.ts';
import type { GitScope } from '../../git/run-git.ts';
import type { Tips } from '../../git/tips.ts';
import { findInTrees, type InTrees } from '../../git/trees.ts';
import type { FoundMatch } from '../found-match.ts';
import type { ScanSetup } from '../scan-blob.ts';
import type { Attribution, CommitFacts, Introduction, Wanted } from './attribution.ts';
import { type HistoryBlob, pathOfBlob } from './contract.ts';
import { isLive, type LocatedIn, type RepositoryHistory } from './finding-history.ts';
import type { Selection, SelectionOptions } from './selection.ts';
import { type Located, type Seen, Sightings } from './sightings.ts';
import type { ScannedText } from './texts.ts';

/** What a text stands for: a commit, or a tag of it. */
export type TextKey = { readonly facts: CommitFacts; readonly tag: string | null };

/** What is known when a repository was scanned and walked. */
export type Walked = {
  readonly target: { readonly prefix: string };
  readonly options: Pick<SelectionOptions, 'unreachable'>;
  readonly isExcluded: (path: string) => boolean;
  readonly setup: { readonly ruleset: Pick<ScanSetup['ruleset'], 'ids'> };
  readonly repository: AuditedRepository;
  readonly git: GitScope;
  readonly tips: Tips;
  readonly mode: Selection['mode'];
  /** Blobs that hold a match. */
  readonly targets: ReadonlyMap<string, HistoryBlob>;
  readonly texts: readonly ScannedText<TextKey>[];
  /** What the chosen commits brought, where not everything counts. */
  readonly introductions: readonly Introduction[];
  readonly attribution: Attribution;
  readonly unreachable: Attribution | null;
  /** Commits of refs/notes. */
  readonly notes: ObjectIds;
  readonly facts: Map<string, CommitFacts>;
  /** The walk came to its end, so what it did not meet is reached by nothing. */
  readonly isWalked: boolean;
  /** Keeps what is a problem; throws the rest. */
  readonly onError: (error: unknown) => void;
};

const NO_TREES: InTrees = { of: () => [], blobsOf: () => new Set() };

/** Returns the matches, and the blobs among them that belong to a commit or ref. */
export async function gatherLocated(
  walked: Walked,
): Promise<{ located: readonly InHistory[]; values: readonly InHistory[]; attributed: string[] }> {
  const gathering = new Gathering(walked);
  const rules: readonly RuleId[] = walked.setup.ruleset.ids;
  const prefix = walked.target.prefix;
  const seen: SeenMatches = {
    matches: new Sightings(rules, prefix, ({ byRole }, role) => byRole[role] ?? []),
    values: new Sightings([STORED_SECRET.id], prefix, ({ values = [] }) => values.map(asStored)),
  };
  const attributed = await gathering.see(seen);
  const [located, values] = [seen.matches.located(), seen.values.located()];
  const history = await gathering.history([...located, ...values]);
  const inHistory = (one: Located): InHistory => ({ ...one, history });
  return { located: located.map(inHistory), values: values.map(inHistory), attributed };
}

type InHistory = LocatedIn & Pick<Located, 'match'>;

/** What rules found, and what a store holds or may hold. */
type SeenMatches = { readonly matches: Sightings; readonly values: Sightings };

/** Of the only rule that values have. */
function asStored(value: FoundMatch): FoundMatch {
  return { ...value, rule: 0 };
}

/** Returns the path that stands for a commit's message. */
export function pathOfMessage(commit: string): string {
  return `.git/commit/${commit}`;
}

class Gathering {
  readonly #walked: Walked;

  constructor(walked: Walked) {
    this.#walked = walked;
  }

  /** Adds everything that was found, with where it was; returns the blobs that belong somewhere. */
  async see(sightings: SeenMatches): Promise<string[]> {
    for (const { key, matches, values } of this.#walked.texts) {
      this.#seeText(sightings.matches, key, matches);
      this.#seeText(sightings.values, key, values.map(asStored));
    }
    if (this.#walked.mode === 'chosen' || this.#walked.mode === 'added') return await this.#seeChanges(sightings);
    const seen = new Set<string>();
    const see = (blob: HistoryBlob, provenance: Provenance, order: number): void => {
      seen.add(blob.id);
      if (!this.#walked.isExcluded(provenance.path)) addBlob(sightings, blob, { provenance, order });
    };
    for (const blob of this.#walked.targets.values()) {
      for (const one of this.#introductionsOf(blob.id)) see(blob, this.#provenanceOf(one), one.commit.order);
    }
    await this.#seeRefs(see);
    const keepsAll = this.#walked.options.unreachable || !this.#walked.isWalked;
    for (const blob of keepsAll ? this.#walked.targets.values() : []) {
      if (!seen.has(blob.id)) see(blob, { kind: 'unreachable', path: this.#walked.target.prefix + pathOfBlob(blob.id) }, -1);
    }
    return [...seen];
  }

  #seeText(sightings: Sightings, { facts, tag }: TextKey, matches: readonly FoundMatch[]): void {
    const known = this.#walked.facts.get(facts.id) ?? facts;
    const path = this.#walked.target.prefix + (tag === null ? pathOfMessage(facts.id) : `.git/tag/${tag}`);
    if (this.#walked.isExcluded(path)) return;
    if (known.order >= 0) this.#walked.facts.set(facts.id, known);
    const kind = tag === null ? 'commit-message' : 'tag-message';
    const { mode } = this.#walked;
    const order = mode === 'chosen' || mode === 'added' ? facts.order : known.order;
    sightings.addText(matches, { provenance: { kind, path, commit: facts.id }, order }, facts.id, tag);
  }

  async #seeChanges(sightings: SeenMatches): Promise<string[]> {
    const introductions = this.#walked.introductions;
    const isAdded = this.#walked.mode === 'added';
    const lines = isAdded ? await this.#addedLines([...new Set(introductions.map(({ commit }) => commit.id))]) : new Map();
    for (const one of introductions) {
      const blob = this.#walked.targets.get(one.after);
      const provenance = this.#provenanceOf(one);
      if (!blob || this.#walked.isExcluded(provenance.path)) continue;
      const added = isAdded && !one.before.every(isNothing) ? lines.get(`${one.before.join(',')}..${one.after}`) : undefined;
      addBlob(sightings, blob, { provenance, order: one.commit.order, ...(added ? { added } : {}) });
    }
    return introductions.map(({ after }) => after);
  }

  /** Without a patch (an old file is missing) all lines count as new: more is reported, never less. */
  async #addedLines(commits: readonly string[]): ReturnType<typeof readAddedLinesOf> {
    try {
      return await readAddedLinesOf(commits, this.#walked.git);
    } catch (error) {
      this.#walked.onError(error);
      return new Map();
    }
  }

  async #seeRefs(see: (blob: HistoryBlob, provenance: Provenance, order: number) => void): Promise<void> {
    const { prefix } = this.#walked.target;
    for (const { id, name } of this.#walked.tips.blobs) {
      const blob = this.#walked.targets.get(id);
      if (blob) see(blob, { kind: 'unreachable', path: `${prefix}.git/${name}` }, -1);
    }
    const trees = await this.#inTrees(this.#walked.tips.trees.map(({ id }) => id));
    for (const { id, name } of this.#walked.tips.trees) {
      for (const entry of trees.of(id)) {
        const blob = this.#walked.targets.get(entry.id);
        if (blob) see(blob, { kind: 'unreachable', path: `${prefix}.git/${name}/${entry.path}` }, -1);
      }
    }
  }

  #introductionsOf(blob: string): readonly Introduction[] {
    const known = this.#walked.attribution.introductionsOf(blob);
    return known.length > 0 ? known : (this.#walked.unreachable?.introductionsOf(blob) ?? []);
  }

  #provenanceOf(introduction: Introduction): Provenance {
    const { commit, path } = introduction;
    const { prefix } = this.#walked.target;
    if (!this.#walked.notes.has(commit.id)) return { kind: 'commit', path: prefix + path, commit: commit.id };
    return { kind: 'note', path: `${prefix}.git/note/${path.replaceAll('/', '')}`, commit: commit.id };
  }

  async history(located: readonly Located[]): Promise<RepositoryHistory> {
    const { prefix } = this.#walked.target;
    const tips = this.#walked.tips.commits;
    const blobs = new Set(located.flatMap(({ sighting }) => [...sighting.blobs]));
    const oldest = [...blobs].flatMap((blob) => this.#introductionsOf(blob).map(({ commit }) => commit.id));
    const asked = [...new Set([...oldest, ...located.flatMap(({ sighting }) => sighting.commit ?? [])])];
    const roots = located.length === 0 ? [] : tips.filter(({ name }) => isLive(name)).map(({ id }) => id);
    return {
      repository: this.#walked.repository,
      prefix,
      tips,
      head: this.#walked.tips.head,
      attribution: {
        introductionsOf: (blob) => this.#introductionsOf(blob),
        removalsOf: (blob) => this.#walked.attribution.removalsOf(blob),
      },
      tipsHolding: this.#walked.attribution.ancestry.holders(asked, tips),
      inTrees: await this.#inTrees(roots, blobs),
      factsOf: (commit) => this.#walked.facts.get(commit),
      pathOf: (introduction) => {
        const { path } = this.#provenanceOf(introduction);
        return this.#walked.isExcluded(path) ? null : path;
      },
    };
  }

  async #inTrees(roots: readonly string[], blobs: Wanted = this.#walked.targets): Promise<InTrees> {
    if (roots.length === 0) return NO_TREES;
    try {
      return await findInTrees(roots, blobs, this.#walked.git);
    } catch (error) {
      this.#walked.onError(error);
      return NO_TREES;
    }
  }
}

function addBlob({ matches, values }: SeenMatches, blob: HistoryBlob, seen: Seen): void {
  matches.addBlob(blob, seen);
  values.addBlob(blob, seen);
}

function isNothing(id: string): boolean {
  return /^0+$/.test(id);
}
