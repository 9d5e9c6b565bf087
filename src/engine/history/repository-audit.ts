/**
 * Audits one repository: which commits, their blobs scanned, their texts scanned, and where everything was. In come the repository and the
 * scan of its store, out go matches with what is needed to tell their history. The path through it:
 *
 * ```
 * refs ─► selection ─► blobs scanned (all of the store, or those that came in) ─► one walk: texts, first commits, paths, removals ─► matches
 * ```
 */
import type { AuditedRepository, Problem, Provenance } from '../../core/contracts.ts';
import { type ErrorData, ToolError } from '../../core/errors.ts';
import { readAddedLinesOf } from '../../git/added-lines.ts';
import { type LogCommit, type LogVisitor, walkLog } from '../../git/log.ts';
import { ObjectIds } from '../../git/object-ids.ts';
import { linesOf, listObjectIds, listObjects } from '../../git/object-lines.ts';
import type { Repository } from '../../git/repository.ts';
import { streamGit } from '../../git/run-git.ts';
import { readTips, type Tips } from '../../git/tips.ts';
import { findInTrees, type InTrees } from '../../git/trees.ts';
import { type BlobScanner, type FoundMatch, MAX_MATCHES } from '../scan-blob.ts';
import { Attribution, Changes, type CommitFacts, factsOf, type Introduction, type Wanted } from './attribution.ts';
import { pathOfBlob } from './cat-file-scan.ts';
import type { HistoryBlob, HistoryRequest, HistoryScan } from './contract.ts';
import { isLive, type LocatedIn, type RepositoryHistory } from './finding-history.ts';
import { type Selection, type SelectionOptions, selectCommits } from './selection.ts';
import { type Located, Sightings } from './sightings.ts';
import type { AuditState } from './state.ts';
import { TextScanner } from './texts.ts';

/** A repository to audit. `shown` names it in problems; `prefix` goes before its paths. */
export type AuditTarget = { readonly repository: Repository; readonly shown: string; readonly prefix: string };

export type RepositoryRequest = Omit<HistoryRequest, 'gitDir' | 'wanted' | 'onProgress'> & {
  readonly onProgress?: HistoryRequest['onProgress'];
  readonly target: AuditTarget;
  readonly options: SelectionOptions;
  readonly state: AuditState | null;
  readonly scanHistory: HistoryScan;
  readonly scanner: BlobScanner;
  /** Paths, as reported, that are left out. */
  readonly isExcluded: (path: string) => boolean;
};

export type RepositoryOutcome = {
  readonly located: readonly (LocatedIn & Pick<Located, 'match'>)[];
  readonly problems: readonly Problem[];
  readonly stats: Awaited<ReturnType<HistoryScan>>['stats'] & { readonly commits: number };
  readonly repository: AuditedRepository;
  readonly state: Omit<AuditState, 'engine'>;
};

type TextKey = { readonly facts: CommitFacts; readonly tag: string | null };

type Scanned = Awaited<ReturnType<HistoryScan>>;

const NOTHING: Wanted = { has: () => false };

const NO_TREES: InTrees = { of: () => [] };

/** How long the walk may take after Ctrl-C, so that what was found gets its commits. */
const GRACE_MS = 10_000;

/** Throws ToolError bad-revision; what else fails is a problem. */
export async function auditRepository(request: RepositoryRequest): Promise<RepositoryOutcome> {
  const audit = new RepositoryAudit(request);
  try {
    await audit.run();
  } catch (error) {
    audit.addError(error);
  }
  return await audit.outcome();
}

class RepositoryAudit {
  readonly #request: RepositoryRequest;
  readonly #git: { readonly cwd: string; readonly env: Repository['git']['env']; signal: AbortSignal };
  readonly #problems: Problem[] = [];
  readonly #texts: TextScanner<TextKey>;
  readonly #notes = new ObjectIds();
  #tips: Tips = { commits: [], blobs: [], trees: [], tags: [], missing: [], head: null, headRef: null };
  #selection: Selection = { tips: [], not: [], since: 0, mode: 'all' };
  #scanned: Scanned = { blobs: [], problems: [], stats: { blobs: 0, bytes: 0, scannedBytes: 0, candidates: 0, binaryBlobs: 0 } };
  #targets: ReadonlyMap<string, HistoryBlob> = new Map();
  #changes: Changes | null = null;
  #attribution: Attribution;
  #unreachable: Attribution | null = null;
  #isWalked = false;
  #isShallow = false;
  #submodules: ReadonlySet<string> = new Set();
  #facts = new Map<string, CommitFacts>();

  constructor(request: RepositoryRequest) {
    this.#request = request;
    this.#git = { ...request.target.repository.git, signal: request.signal };
    this.#texts = new TextScanner(request.scanner);
    this.#attribution = new Attribution(NOTHING, () => undefined);
  }

  async run(): Promise<void> {
    const { target, options, state } = this.#request;
    if (target.repository.isGrafted) this.#problem('grafted-history');
    this.#tips = await readTips(target.repository, { signal: this.#git.signal, reflog: options.reflog });
    const [missing] = this.#tips.missing;
    if (missing) this.#problem('objects-missing', { count: this.#tips.missing.length, object: missing.id });
    this.#selection = await selectCommits(options, this.#tips, state, this.#git, target.shown);
    if (this.#selection.mode === 'all') await this.#scanAll();
    else await this.#scanSelected();
  }

  /** The whole store is scanned, since asking which of its blobs refs reach takes as long as the walk that follows anyway. */
  async #scanAll(): Promise<void> {
    await this.#scan(null);
    await this.#readNotes();
    await this.#walk(this.#attributionOf((commit, order) => this.#addText(commit, order)));
    if (this.#request.options.unreachable) await this.#walkUnreachable();
    this.#addTags();
    this.#texts.flush();
    await this.#checkPresence(this.#attribution.blobs);
  }

  /** Only what the selected commits bring is scanned; then, where something was found, the same walk over all refs tells its history. */
  async #scanSelected(): Promise<void> {
    const { mode, since, tips, not } = this.#selection;
    const { state } = this.#request;
    const first = new Changes(NOTHING, since, (commit, order) => this.#addText(commit, order));
    await this.#tryWalk(() => walkLog({ ...this.#git, tips, not, findRenames: mode === 'added' }, first));
    this.#changes = first;
    this.#submodules = first.submodules;
    if (mode === 'new') this.#addTags();
    const wanted = new Set(first.blobs);
    if (mode === 'new' && state) {
      for (const id of state.blobs) wanted.add(id);
      for (const id of await this.#blobsOfRefs()) wanted.add(id);
    }
    await this.#scan(await this.#present(wanted, first.blobs));
    this.#texts.flush();
    const hasTexts = this.#texts.found.length > 0 || (mode === 'new' && (state?.commits.length ?? 0) > 0);
    if (this.#targets.size === 0 && !hasTexts) {
      this.#isWalked = true;
      return;
    }
    await this.#readNotes();
    if (mode !== 'new') {
      this.#changes = new Changes(this.#targets, since, () => undefined);
      await this.#tryWalk(() => walkLog({ ...this.#git, tips, not, findRenames: mode === 'added' }, this.#changes ?? first));
    }
    const known = new Set(mode === 'new' ? state?.commits : []);
    const found = new Set(this.#texts.found.map(({ key }) => key.facts.id));
    await this.#walk(
      this.#attributionOf((commit, order) => {
        if (found.has(commit.id)) this.#facts.set(commit.id, factsOf(commit, order));
        else if (known.has(commit.id)) this.#addText(commit, order);
      }),
    );
    this.#texts.flush();
  }

  #attributionOf(onCommit: (commit: LogCommit, order: number) => void): Attribution {
    const tagged = new Set(this.#tips.tags.map(({ object }) => object));
    return new Attribution(this.#targets, (commit, order) => {
      if (tagged.has(commit.id)) this.#facts.set(commit.id, factsOf(commit, order));
      onCommit(commit, order);
    });
  }

  async #scan(wanted: ReadonlySet<string> | null): Promise<void> {
    const { target, scanHistory, setup, threads, workerFile, signal, onProgress } = this.#request;
    const progress = onProgress ? { onProgress } : {};
    const { gitDir } = target.repository;
    this.#scanned = await scanHistory({ gitDir, wanted, setup, threads, workerFile, signal, ...progress });
    this.#problems.push(...this.#scanned.problems);
    this.#targets = new Map(this.#scanned.blobs.map((blob) => [blob.id, blob]));
    if (signal.aborted) this.#git.signal = AbortSignal.timeout(GRACE_MS);
  }

  /** Walks all refs, and the end of a range, which may be on none. */
  async #walk(attribution: Attribution): Promise<void> {
    this.#attribution = attribution;
    const tips = [...new Set([...this.#tips.commits.map(({ id }) => id), ...this.#selection.tips])];
    const visitor = this.#selection.mode === 'added' ? attribution : this.#watched(attribution);
    this.#isWalked = await this.#tryWalk(() => walkLog({ ...this.#git, tips, not: [], findRenames: false }, visitor));
    if (attribution.submodules.size > 0 && this.#selection.mode !== 'added') this.#submodules = attribution.submodules;
  }

  /** Commits that no ref reaches, and what they hold. */
  async #walkUnreachable(): Promise<void> {
    const lost: string[] = [];
    for await (const { id, type } of listObjects(this.#git)) if (type === 'commit' && !this.#attribution.ancestry.has(id)) lost.push(id);
    const attribution = new Attribution(this.#targets, (commit, order) => this.#addText(commit, order));
    this.#unreachable = attribution;
    const not = this.#tips.commits.map(({ id }) => id);
    await this.#tryWalk(() => walkLog({ ...this.#git, tips: lost, not, findRenames: false }, attribution));
  }

  /** Returns whether the walk came to its end; if it did not, that is a problem, and what it saw counts. */
  async #tryWalk(walk: () => Promise<void>): Promise<boolean> {
    try {
      await walk();
      return true;
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== 'git-failed') throw error;
      this.#problem('history-unreadable', { reason: String(error.data['reason'] ?? '') });
      return false;
    }
  }

  /** Passes everything on, and notices commits whose parents were left out. */
  #watched(visitor: LogVisitor): LogVisitor {
    const { shallow } = this.#request.target.repository;
    if (shallow.size === 0) return visitor;
    return {
      commit: (commit) => {
        this.#noticeShallow(commit);
        visitor.commit(commit);
      },
      change: (change) => visitor.change(change),
    };
  }

  #noticeShallow({ id }: LogCommit): void {
    if (this.#isShallow || !this.#request.target.repository.shallow.has(id)) return;
    this.#isShallow = true;
    this.#problem('shallow-clone');
  }

  #addText(commit: LogCommit, order: number): void {
    this.#noticeShallow(commit);
    const { author, committer, message, cutBytes, id } = commit;
    if (cutBytes > 0) {
      const path = pathOfMessage(id);
      this.#problems.push({ code: 'too-large', where: path, data: { path, limit: message.length } });
    }
    const people = `\nAuthor: ${author.name} <${author.email}>\nCommitter: ${committer.name} <${committer.email}>\n`;
    this.#texts.add({ facts: factsOf(commit, order), tag: null }, Buffer.concat([message, Buffer.from(people)]));
  }

  #addTags(): void {
    for (const { name, object, text } of this.#tips.tags) {
      const facts = this.#facts.get(object) ?? { id: object, order: -1, time: 0, author: '', email: '' };
      this.#texts.add({ facts, tag: name.replace(/^refs\/tags\//, '') }, text);
    }
  }

  async #readNotes(): Promise<void> {
    const tips = this.#tips.commits.filter(({ name }) => name.startsWith('refs/notes/')).map(({ id }) => id);
    if (tips.length === 0) return;
    for await (const id of linesOf(streamGit(['rev-list', '--stdin'], { ...this.#git, stdin: `${tips.join('\n')}\n` })))
      this.#notes.add(id);
  }

  async #blobsOfRefs(): Promise<string[]> {
    const { blobs, trees } = this.#tips;
    const roots = trees.map(({ id }) => id);
    const inTrees = roots.length === 0 ? NO_TREES : await findInTrees(roots, null, this.#git);
    return [...blobs.map(({ id }) => id), ...roots.flatMap((id) => inTrees.of(id).map((entry) => entry.id))];
  }

  /** Returns those of `wanted` that the store has. The others are a problem if a commit needs them. */
  async #present(wanted: ReadonlySet<string>, needed: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    if (wanted.size === 0) return wanted;
    const present = new Set<string>();
    for await (const id of listObjectIds(this.#git)) if (wanted.has(id)) present.add(id);
    this.#missing([...needed].filter((id) => !present.has(id)));
    return present;
  }

  async #checkPresence(blobs: ObjectIds): Promise<void> {
    if (this.#request.signal.aborted) return;
    const isThere = new Uint8Array(blobs.size);
    for await (const id of listObjectIds(this.#git)) {
      const number = blobs.numberOf(id);
      if (number >= 0) isThere[number] = 1;
    }
    const missing: string[] = [];
    for (let number = isThere.indexOf(0); number >= 0; number = isThere.indexOf(0, number + 1)) missing.push(blobs.at(number));
    this.#missing(missing);
  }

  #missing(ids: readonly string[]): void {
    if (ids.length === 0) return;
    const object = [...ids].sort()[0] ?? '';
    if (this.#request.target.repository.isPartial) this.#problem('partial-clone', { count: ids.length, object });
    else this.#problem('objects-missing', { count: ids.length, object });
  }

  #problem(code: Problem['code'], data: ErrorData = {}): void {
    const { shown } = this.#request.target;
    this.#problems.push({ code, where: shown, data: { path: shown, ...data } });
  }

  /** Keeps what is a problem; throws the rest. */
  addError(error: unknown): void {
    if (!(error instanceof ToolError) || (error.code !== 'git-failed' && error.code !== 'interrupted')) throw error;
    const isStop = error.code === 'interrupted' || this.#request.signal.aborted;
    const isSaid = this.#problems.some(({ code }) => code === 'interrupted');
    if (isStop && !isSaid) this.#problems.push({ code: 'interrupted', where: 'the scan', data: {} });
    if (!isStop) this.#problems.push({ code: error.code, where: this.#request.target.shown, data: error.data });
  }

  async outcome(): Promise<RepositoryOutcome> {
    const { target, signal } = this.#request;
    if (signal.aborted) this.#git.signal = AbortSignal.timeout(GRACE_MS);
    this.#texts.flush();
    for (const { facts } of this.#texts.overfull) {
      const path = pathOfMessage(facts.id);
      this.#problems.push({ code: 'too-many-matches', where: path, data: { path, limit: MAX_MATCHES } });
    }
    const repository: AuditedRepository = {
      name: target.shown,
      origin: target.repository.origin,
      head: this.#tips.head,
      branch: this.#tips.headRef?.replace(/^refs\/heads\//, '') ?? null,
      submodules: [...this.#submodules].sort(),
    };
    const sightings = new Sightings(this.#request.setup.ruleset.ids);
    const attributed = await this.#see(sightings);
    const located = sightings.located();
    const history = await this.#history(repository, located);
    const commits = new Set(this.#texts.found.filter(({ key }) => key.tag === null).map(({ key }) => key.facts.id));
    return {
      located: located.map((one) => ({ ...one, history })),
      problems: this.#problems,
      stats: { ...this.#scanned.stats, commits: Math.max(this.#changes?.commits ?? 0, this.#attribution.ancestry.size) },
      repository,
      state: { tips: this.#selection.tips, blobs: attributed, commits: [...commits] },
    };
  }

  /** Adds everything that was found, with where it was; returns the blobs that belong somewhere. */
  async #see(sightings: Sightings): Promise<string[]> {
    for (const { key, matches } of this.#texts.found) this.#seeText(sightings, key, matches);
    if (this.#selection.mode === 'chosen' || this.#selection.mode === 'added') return await this.#seeChanges(sightings);
    const seen = new Set<string>();
    const see = (blob: HistoryBlob, provenance: Provenance, order: number): void => {
      seen.add(blob.id);
      if (!this.#request.isExcluded(provenance.path)) sightings.addBlob(blob, { provenance, order });
    };
    for (const blob of this.#targets.values()) {
      for (const one of this.#introductionsOf(blob.id)) see(blob, this.#provenanceOf(one), one.commit.order);
    }
    await this.#seeRefs(see);
    const keepsAll = this.#request.options.unreachable || !this.#isWalked;
    for (const blob of keepsAll ? this.#targets.values() : []) {
      if (!seen.has(blob.id)) see(blob, { kind: 'unreachable', path: this.#request.target.prefix + pathOfBlob(blob.id) }, -1);
    }
    return [...seen];
  }

  #seeText(sightings: Sightings, { facts, tag }: TextKey, matches: readonly FoundMatch[]): void {
    const known = this.#facts.get(facts.id) ?? facts;
    const path = this.#request.target.prefix + (tag === null ? pathOfMessage(facts.id) : `.git/tag/${tag}`);
    if (this.#request.isExcluded(path)) return;
    if (known.order >= 0) this.#facts.set(facts.id, known);
    const kind = tag === null ? 'commit-message' : 'tag-message';
    const { mode } = this.#selection;
    const order = mode === 'chosen' || mode === 'added' ? facts.order : known.order;
    sightings.addText(matches, { provenance: { kind, path, commit: facts.id }, order }, facts.id, tag);
  }

  async #seeChanges(sightings: Sightings): Promise<string[]> {
    const introductions = this.#changes?.introductions ?? [];
    const isAdded = this.#selection.mode === 'added';
    const lines = isAdded ? await this.#addedLines([...new Set(introductions.map(({ commit }) => commit.id))]) : new Map();
    for (const one of introductions) {
      const blob = this.#targets.get(one.after);
      const provenance = this.#provenanceOf(one);
      if (!blob || this.#request.isExcluded(provenance.path)) continue;
      const added = isAdded && !one.before.every(isNothing) ? lines.get(`${one.before.join(',')}..${one.after}`) : undefined;
      sightings.addBlob(blob, { provenance, order: one.commit.order, ...(added ? { added } : {}) });
    }
    return introductions.map(({ after }) => after);
  }

  /** Without a patch (an old file is missing) all lines count as new: more is reported, never less. */
  async #addedLines(commits: readonly string[]): ReturnType<typeof readAddedLinesOf> {
    try {
      return await readAddedLinesOf(commits, this.#git);
    } catch (error) {
      this.addError(error);
      return new Map();
    }
  }

  async #seeRefs(see: (blob: HistoryBlob, provenance: Provenance, order: number) => void): Promise<void> {
    const { prefix } = this.#request.target;
    for (const { id, name } of this.#tips.blobs) {
      const blob = this.#targets.get(id);
      if (blob) see(blob, { kind: 'unreachable', path: `${prefix}.git/${name}` }, -1);
    }
    const trees = await this.#inTrees(this.#tips.trees.map(({ id }) => id));
    for (const { id, name } of this.#tips.trees) {
      for (const entry of trees.of(id)) {
        const blob = this.#targets.get(entry.id);
        if (blob) see(blob, { kind: 'unreachable', path: `${prefix}.git/${name}/${entry.path}` }, -1);
      }
    }
  }

  #introductionsOf(blob: string): readonly Introduction[] {
    const known = this.#attribution.introductionsOf(blob);
    return known.length > 0 ? known : (this.#unreachable?.introductionsOf(blob) ?? []);
  }

  #provenanceOf(introduction: Introduction): Provenance {
    const { commit, path } = introduction;
    const { prefix } = this.#request.target;
    if (!this.#notes.has(commit.id)) return { kind: 'commit', path: prefix + path, commit: commit.id };
    return { kind: 'note', path: `${prefix}.git/note/${path.replaceAll('/', '')}`, commit: commit.id };
  }

  async #history(repository: AuditedRepository, located: readonly Located[]): Promise<RepositoryHistory> {
    const { prefix } = this.#request.target;
    const tips = this.#tips.commits;
    const blobs = new Set(located.flatMap(({ sighting }) => [...sighting.blobs]));
    const oldest = [...blobs].flatMap((blob) => this.#introductionsOf(blob).map(({ commit }) => commit.id));
    const asked = [...new Set([...oldest, ...located.flatMap(({ sighting }) => sighting.commit ?? [])])];
    const roots = located.length === 0 ? [] : tips.filter(({ name }) => isLive(name)).map(({ id }) => id);
    return {
      repository,
      prefix,
      tips,
      head: this.#tips.head,
      attribution: {
        introductionsOf: (blob) => this.#introductionsOf(blob),
        removalsOf: (blob) => this.#attribution.removalsOf(blob),
      },
      tipsHolding: this.#attribution.ancestry.holders(asked, tips),
      inTrees: await this.#inTrees(roots, blobs),
      factsOf: (commit) => this.#facts.get(commit),
      pathOf: (introduction) => {
        const { path } = this.#provenanceOf(introduction);
        return this.#request.isExcluded(path) ? null : path;
      },
    };
  }

  async #inTrees(roots: readonly string[], blobs: Wanted = this.#targets): Promise<InTrees> {
    if (roots.length === 0) return NO_TREES;
    try {
      return await findInTrees(roots, blobs, this.#git);
    } catch (error) {
      this.addError(error);
      return NO_TREES;
    }
  }
}

function isNothing(id: string): boolean {
  return /^0+$/.test(id);
}

function pathOfMessage(commit: string): string {
  return `.git/commit/${commit}`;
}
