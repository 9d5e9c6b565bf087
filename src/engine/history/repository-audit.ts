/**
 * Audits one repository: which commits, their blobs scanned, their texts scanned, and where everything was. In come the repository and the
 * scan of its store, out go matches with what is needed to tell their history. The path through it:
 *
 * ```
 * refs ─► selection ─► blobs scanned (all of the store, or those that came in) ─► one walk: texts, first commits, paths, removals ─► matches
 * ```
 */
import type { AuditedRepository, Checker, Problem } from '../../core/contracts.ts';
import { type ErrorData, ToolError } from '../../core/errors.ts';
import { type LogCommit, type LogVisitor, walkLog } from '../../git/log.ts';
import { ObjectIds } from '../../git/object-ids.ts';
import { linesOf, listObjects } from '../../git/object-lines.ts';
import { missingAmong, presentAmong } from '../../git/presence.ts';
import type { Repository } from '../../git/repository.ts';
import { streamGit } from '../../git/run-git.ts';
import { readTips, type Tips } from '../../git/tips.ts';
import { findInTrees } from '../../git/trees.ts';
import { type BlobScanner, MAX_MATCHES } from '../scan-blob.ts';
import { storedAmong } from '../stored-texts.ts';
import { Attribution, Changes, type CommitFacts, factsOf, type Wanted } from './attribution.ts';
import type { HistoryBlob, HistoryRequest, HistoryScan } from './contract.ts';
import type { LocatedIn } from './finding-history.ts';
import { gatherLocated, pathOfMessage, type TextKey } from './gather.ts';
import { type Selection, type SelectionOptions, selectCommits } from './selection.ts';
import type { Located } from './sightings.ts';
import type { AuditState } from './state.ts';
import { withStoredTexts } from './stored-values.ts';
import { TextScanner } from './texts.ts';
import { MAX_TEXTS } from './texts-in-blobs.ts';

/** A repository to audit. `shown` names it in problems; `prefix` goes before its paths. */
export type AuditTarget = {
  readonly repository: Repository;
  readonly shown: string;
  readonly prefix: string;
  /** What the last audit of this one left, instead of the state of all. */
  readonly state?: AuditState | null;
  /** Told when it is done. `isWhole`: nothing was missed, so the state is good. */
  readonly onAudited?: (done: { readonly state: AuditState; readonly repository: AuditedRepository; readonly isWhole: boolean }) => void;
};

export type RepositoryRequest = Omit<HistoryRequest, 'gitDir' | 'wanted' | 'onProgress'> & {
  readonly onProgress?: HistoryRequest['onProgress'];
  readonly target: AuditTarget;
  readonly options: SelectionOptions;
  readonly state: AuditState | null;
  readonly scanHistory: HistoryScan;
  readonly scanner: BlobScanner;
  /** Knows what the stores hold; null: nobody is asked. */
  readonly checker: Checker | null;
  /** Paths, as reported, that are left out. */
  readonly isExcluded: (path: string) => boolean;
};

export type RepositoryOutcome = {
  readonly located: readonly (LocatedIn & Pick<Located, 'match'>)[];
  /** Stored values, and what may be one, as matches of STORED_SECRET. */
  readonly values: RepositoryOutcome['located'];
  readonly problems: readonly Problem[];
  readonly stats: Awaited<ReturnType<HistoryScan>>['stats'] & { readonly commits: number };
  readonly repository: AuditedRepository;
  readonly state: Omit<AuditState, 'engine'>;
};

type Scanned = Awaited<ReturnType<HistoryScan>>;

const NOTHING: Wanted = { has: () => false };

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
    await this.#flushTexts();
    if (!this.#request.signal.aborted) this.#missing(await missingAmong(this.#attribution.blobs, this.#git));
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
    const present = await presentAmong(wanted, this.#git);
    this.#missing([...first.blobs].filter((id) => !present.has(id)));
    await this.#scan(present);
    await this.#flushTexts();
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
    await this.#flushTexts();
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
    const request = { gitDir, wanted, setup, threads, workerFile, signal, ...progress };
    this.#scanned = await scanHistory(request);
    this.#problems.push(...this.#scanned.problems);
    if (this.#scanned.texts && this.#scanned.texts.untold > 0) this.#problem('too-many-values', { limit: MAX_TEXTS });
    const { checker } = this.#request;
    if (checker) this.#scanned = await withStoredTexts(this.#scanned, request, scanHistory, checker);
    this.#targets = new Map(this.#scanned.blobs.map((blob) => [blob.id, blob]));
    if (signal.aborted) this.#git.signal = AbortSignal.timeout(GRACE_MS);
  }

  /** Scans the texts that are left; of what stands in the place of a password there, what a store holds stays. */
  async #flushTexts(): Promise<void> {
    this.#texts.flush();
    const assigned = this.#texts.assigned();
    const { checker } = this.#request;
    if (assigned.length > 0) this.#texts.keepStored(checker ? await storedAmong(assigned, checker) : new Set());
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
      if (this.#request.target.repository.isPartial) this.#problem('partial-clone', { count: 'some' });
      else this.#problem('history-unreadable', { reason: String(error.data['reason'] ?? '') });
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
    if (roots.length === 0) return blobs.map(({ id }) => id);
    const inTrees = await findInTrees(roots, null, this.#git);
    return [...blobs.map(({ id }) => id), ...roots.flatMap((id) => inTrees.of(id).map((entry) => entry.id))];
  }

  /** What is not there is a problem if a commit needs it. */
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
    await this.#flushTexts();
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
    const { located, values, attributed } = await gatherLocated({
      ...this.#request,
      repository,
      git: this.#git,
      tips: this.#tips,
      mode: this.#selection.mode,
      targets: this.#targets,
      texts: this.#texts.found,
      introductions: this.#changes?.introductions ?? [],
      attribution: this.#attribution,
      unreachable: this.#unreachable,
      notes: this.#notes,
      facts: this.#facts,
      isWalked: this.#isWalked,
      onError: (error) => this.addError(error),
    });
    const commits = new Set(this.#texts.found.filter(({ key }) => key.tag === null).map(({ key }) => key.facts.id));
    return {
      located,
      values,
      problems: this.#problems,
      stats: { ...this.#scanned.stats, commits: Math.max(this.#changes?.commits ?? 0, this.#attribution.ancestry.size) },
      repository,
      state: { tips: this.#selection.tips, blobs: attributed, commits: [...commits] },
    };
  }
}
