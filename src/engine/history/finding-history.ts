/**
 * What history tells of a finding: since when, by whom, where, which branches and tags hold it, whether it is gone and since when. In come
 * the finding's sightings and the walk over each repository; called when matches are grouped (src/pipeline.ts).
 */
import type { AuditedRepository, Finding, FindingHistory, Match } from '../../core/contracts.ts';
import type { Tip } from '../../git/tips.ts';
import type { InTrees } from '../../git/trees.ts';
import type { Attribution, CommitFacts, Introduction, Removal } from './attribution.ts';
import type { Sighting } from './sightings.ts';

/** What is known of one repository when its walk is over. */
export type RepositoryHistory = {
  readonly repository: AuditedRepository;
  /** Goes before its paths and branches when several repositories are audited together. */
  readonly prefix: string;
  readonly attribution: Pick<Attribution, 'introductionsOf' | 'removalsOf'>;
  readonly tips: readonly Tip[];
  readonly head: string | null;
  /** Returns the tips whose history holds a commit. */
  readonly tipsHolding: (commit: string) => readonly Tip[];
  readonly inTrees: InTrees;
  readonly factsOf: (commit: string) => CommitFacts | undefined;
  /** Returns how reports call the place of an introduction, or null where it is not to be reported. */
  readonly pathOf: (introduction: Introduction) => string | null;
};

export type LocatedIn = { readonly sighting: Sighting; readonly history: RepositoryHistory };

/** Places, paths and refs that a finding lists; the rest is counted. */
const MAX_PLACES = 100;
const MAX_NAMES = 50;

/** Returns the places and the history of the finding that these matches make; without a history where none of them is in one. */
export function describeHistory(
  matches: readonly Match[],
  locatedIn: (match: Match) => LocatedIn | undefined,
  hasEmails: boolean,
): Pick<Finding, 'places' | 'history'> {
  const byRepository = new Map<RepositoryHistory, Sighting[]>();
  for (const match of matches) {
    const located = locatedIn(match);
    if (!located) continue;
    const sightings = byRepository.get(located.history);
    if (sightings) sightings.push(located.sighting);
    else byRepository.set(located.history, [located.sighting]);
  }
  if (byRepository.size === 0) return { places: matches.map(({ place }) => place) };
  const told = [...byRepository].map(([history, sightings]) => tellOf(history, sightings));
  const first = told.flatMap(({ first }) => first ?? []).sort((a, b) => a.time - b.time)[0];
  const isGone = told.every(({ isAlive }) => !isAlive);
  const removal = isGone ? told.flatMap(({ removal }) => removal ?? []).sort((a, b) => b.time - a.time)[0] : undefined;
  const lists = {
    paths: unique(told.flatMap(({ paths }) => paths)),
    branches: unique(told.flatMap(({ branches }) => branches)).sort(),
    tags: unique(told.flatMap(({ tags }) => tags)).sort(),
    refs: unique(told.flatMap(({ refs }) => refs)).sort(),
    today: unique(told.flatMap(({ today }) => today)).sort(),
  };
  const history: FindingHistory = {
    firstCommit: first?.id ?? null,
    firstSeen: first ? dateOf(first.time) : null,
    author: first?.author ?? null,
    ...(hasEmails && first ? { authorEmail: first.email } : {}),
    paths: lists.paths.slice(0, MAX_NAMES),
    branches: lists.branches.slice(0, MAX_NAMES),
    tags: lists.tags.slice(0, MAX_NAMES),
    refs: lists.refs.slice(0, MAX_NAMES),
    today: lists.today.slice(0, MAX_NAMES),
    inHead: told.some(({ inHead }) => inHead),
    ...(removal ? { removedIn: removal.id, removedAt: dateOf(removal.time) ?? '' } : {}),
    totals: {
      places: matches.length,
      paths: lists.paths.length,
      branches: lists.branches.length,
      tags: lists.tags.length,
      refs: lists.refs.length,
      today: lists.today.length,
    },
  };
  return { places: matches.slice(0, MAX_PLACES).map(({ place }) => place), history };
}

type Told = {
  readonly first: CommitFacts | undefined;
  readonly paths: readonly string[];
  readonly branches: readonly string[];
  readonly tags: readonly string[];
  readonly refs: readonly string[];
  readonly today: readonly string[];
  readonly inHead: boolean;
  /** It is in the files of some branch, or in something that cannot be taken out: a message. */
  readonly isAlive: boolean;
  readonly removal: CommitFacts | undefined;
};

function tellOf(history: RepositoryHistory, sightings: readonly Sighting[]): Told {
  const { attribution, prefix, head, tips } = history;
  const blobs = new Set(sightings.flatMap((sighting) => [...sighting.blobs]));
  const texts = sightings.flatMap(({ commit }) => commit ?? []);
  const introductions = [...blobs].flatMap((blob) => attribution.introductionsOf(blob)).filter((one) => history.pathOf(one) !== null);
  const commits = [...introductions.map(({ commit }) => commit), ...texts.flatMap((id) => history.factsOf(id) ?? [])].sort(olderFirst);
  const first = commits[0];
  const holding = first ? history.tipsHolding(first.id) : [];
  const holdsIn = (tip: string): boolean => {
    const there = history.inTrees.blobsOf(tip);
    for (const blob of blobs) if (there.has(blob)) return true;
    return false;
  };
  const live = tips.filter(({ id, name }) => isLive(name) && holdsIn(id));
  const headTips = head === null ? [] : texts.filter((id) => history.tipsHolding(id).some((tip) => tip.id === head));
  const tagNames = sightings.flatMap(({ tag }) => tag ?? []);
  return {
    first,
    paths: unique(introductions.sort(byAge).map((one) => history.pathOf(one) ?? '')),
    branches: namesOf(holding, /^refs\/(?:heads|remotes)\//, prefix),
    tags: unique([...namesOf(holding, /^refs\/tags\//, prefix), ...tagNames.map((name) => prefix + name)]).sort(),
    refs: namesOf(holding, /^(?!HEAD$|refs\/(?:heads|remotes|tags)\/)/, prefix),
    today: namesOf(live, /^refs\/(?:heads|remotes)\//, prefix),
    inHead: headTips.length > 0 || (head !== null && holdsIn(head)),
    isAlive: live.length > 0 || texts.length > 0 || tagNames.length > 0,
    removal: lastRemoval(
      [...blobs].flatMap((blob) => attribution.removalsOf(blob)),
      blobs,
    ),
  };
}

/** The newest commits of these are where people work. */
export function isLive(name: string): boolean {
  return name === 'HEAD' || /^refs\/(?:heads|remotes|notes)\//.test(name);
}

function lastRemoval(removals: readonly Removal[], blobs: ReadonlySet<string>): CommitFacts | undefined {
  return removals
    .filter(({ after }) => !blobs.has(after))
    .map(({ commit }) => commit)
    .sort((a, b) => a.order - b.order)[0];
}

function olderFirst(a: CommitFacts, b: CommitFacts): number {
  return b.order - a.order;
}

function byAge(a: Introduction, b: Introduction): number {
  return b.commit.order - a.commit.order || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
}

/** Returns the short names of the tips that fit, sorted. The remote HEAD is another name of a branch. */
function namesOf(tips: readonly Tip[], kind: RegExp, prefix: string): string[] {
  const names = tips
    .filter(({ name }) => kind.test(name) && !/^refs\/remotes\/[^/]+\/HEAD$/.test(name))
    .map(({ name }) => prefix + shortName(name));
  return unique(names).sort();
}

function shortName(name: string): string {
  return name.replace(/^refs\/(?:heads|remotes|tags)\//, '');
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

/** Returns an ISO date in UTC, or null for what is none: authors' clocks say anything. */
function dateOf(seconds: number): string | null {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace('.000Z', 'Z');
}
