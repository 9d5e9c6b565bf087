/**
 * Audits what a GitHub has: lists it, clones one repository after another, each gone before the next comes, then reads what people wrote beside them. One that fails
 * is a problem, the rest goes on. With a folder for the state, what is done is kept when it is done: a run that was ended goes on there, and what did not move since
 * and had no match is not cloned again. Called by the audit command; the path of the data itself is src/pipeline.ts.
 */
import { resolve } from 'node:path';
import type { AuditedRepository, Place, Problem, Report } from '../core/contracts.ts';
import { printable, ToolError } from '../core/errors.ts';
import type { AuditTarget } from '../engine/history/repository-audit.ts';
import { engineDigest } from '../engine/history/state.ts';
import { type Clone, cloneBare } from '../git/clone.ts';
import { type RemoteAccess, type RemoteRefs, readRemoteRefs } from '../git/remote-access.ts';
import { openRepository } from '../git/repository.ts';
import { createGitHubClient, type GitHub } from '../net/github-client.ts';
import { createStorageReader } from '../net/github-storage.ts';
import { runAudit } from '../pipeline.ts';
import { pageOf } from '../sources/github-pages.ts';
import { type GitHubListing, type GitHubUnit, listRepositories } from '../sources/github-repositories.ts';
import { INTERRUPTED } from '../sources/listing.ts';
import type { GitHubPlan } from './github-audit-options.ts';
import { type GitHubAuditState, type KeptUnit, openGitHubState } from './github-audit-state.ts';
import { type GitHubTexts, openGitHubTexts } from './github-audit-texts.ts';
import { type Io, note } from './io.ts';
import { openChecker } from './open-checker.ts';
import { openIssuers } from './open-issuers.ts';
import { createAuditProgress, NO_AUDIT_PROGRESS } from './progress.ts';
import { type AuditPlan, fromStores, requestOf, sayWhatIsLeftOut } from './run-audit.ts';
import { counted } from './settings.ts';

/** An hour, as long as GitHub's own count of requests, and a little. */
const MAX_PAUSE_SECONDS = 3900;
/** Shorter pauses are not told. */
const TOLD_PAUSE_SECONDS = 30;

/** Throws ToolError of kind usage. */
export async function performGitHubAudit(plan: AuditPlan, asked: GitHubPlan, io: Io): Promise<Report> {
  const interruption = new AbortController();
  const stopListening = io.onInterrupt(() => interruption.abort());
  const { signal } = interruption;
  const { settings, stateFile } = plan;
  const state = stateFile === null ? null : openGitHubState(resolve(io.cwd, stateFile), stateFile, asked.address.web);
  const pause = (seconds: number): void => {
    if (seconds >= TOLD_PAUSE_SECONDS && !plan.isQuiet) note(io, `GitHub asks for a pause of ${seconds} s`);
  };
  const shared = { apiUrl: asked.address.api, env: io.env, signal };
  const storage = createStorageReader(shared);
  const client = await createGitHubClient({
    ...shared,
    token: asked.token,
    version: io.version,
    maxPauseSeconds: MAX_PAUSE_SECONDS,
    onPause: pause,
  });
  const checker = await openChecker(settings.check, settings.comparesGuessable, io, true);
  const { storesDigest } = fromStores(checker);
  const { binary, maxDecodeDepth, minConfidence } = settings;
  const engine = engineDigest(io.version, plan.ruleset, [binary, maxDecodeDepth, minConfidence.level === 'low', storesDigest]);
  const issuers = await openIssuers(settings.check, plan.ruleset, io);
  const audit = new GitHubAudit({ plan, asked, io, state, engine, signal });
  let texts: GitHubTexts | null = null;
  try {
    const listing = await audit.list(client.octokit);
    // What a store holds is looked for in texts too, and a store may hold more today.
    const remembersLogs = checker.stored === null && !checker.wantsValues;
    texts = openGitHubTexts({
      plan,
      io,
      github: client.octokit,
      units: listing.units,
      kinds: asked.kinds,
      fetch: storage.fetch,
      state: remembersLogs ? state : null,
      engine,
      onBegin: () => audit.stopProgress(),
    });
    const { report } = await runAudit({
      ...requestOf(plan, io),
      targets: audit.targets(listing.units),
      inputs: asked.names.map((name) => `${asked.address.web}/${name}`),
      state: null,
      ...fromStores(checker),
      issuers: issuers?.asker ?? null,
      signal,
      onProgress: (done) => audit.progress.show(done),
      texts: { ...texts.request, archiveDepth: settings.archiveDepth },
    });
    audit.stopProgress();
    texts.done();
    for (const notice of checker.notices()) note(io, notice);
    const whole = audit.complete(report, listing);
    sayWhatIsLeftOut(whole, plan, io);
    return whole;
  } finally {
    texts?.done();
    audit.stopProgress();
    stopListening();
    state?.close();
    await Promise.all([client.close(), storage.close(), issuers?.close()]);
  }
}

type Running = {
  readonly plan: AuditPlan;
  readonly asked: GitHubPlan;
  readonly io: Io;
  readonly state: GitHubAuditState | null;
  readonly engine: string;
  readonly signal: AbortSignal;
};

class GitHubAudit {
  readonly #running: Running;
  readonly #access: RemoteAccess;
  /** Of repositories that were not cloned this time. */
  readonly #known = new Map<string, AuditedRepository>();
  #clone: Clone | null = null;
  progress = NO_AUDIT_PROGRESS;

  constructor(running: Running) {
    const { asked } = running;
    this.#running = running;
    const bases = [...new Set([asked.address.web, asked.address.gists].map((base) => `${base}/`))];
    this.#access = { bases, token: asked.token };
  }

  async list(github: GitHub): Promise<GitHubListing> {
    const { asked, plan, io } = this.#running;
    const { names, address, filter, kinds, maxRepositories } = asked;
    const listing = await listRepositories({
      github,
      address,
      names,
      filter,
      hasWikis: kinds.has('wikis'),
      hasGists: kinds.has('gists'),
      maxRepositories,
    });
    if (plan.isQuiet) return listing;
    const left = listing.leftOut === 0 ? '' : `; the filters leave out ${listing.leftOut}`;
    note(io, `${counted(listing.units.length, 'repository', 'repositories')} of ${asked.names.join(', ')}${left}`);
    if (asked.token === null) note(io, 'no token for this GitHub is in the environment: only what everybody may read is audited');
    return listing;
  }

  /** Clones when asked for the next one; the one before it is gone then. */
  async *targets(units: readonly GitHubUnit[]): AsyncGenerator<AuditTarget | Problem> {
    for (const [index, unit] of units.entries()) {
      if (this.#running.signal.aborted) return;
      try {
        const target = await this.#open(unit, ` ${index + 1} of ${units.length} ${printable(unit.shown)}`);
        if (target !== null) yield target;
      } catch (error) {
        if (!(error instanceof ToolError) || error.code === 'git-missing') throw error;
        // An interruption is told once, by the report.
        if (error.code === 'interrupted') continue;
        const reason = String(error.data['reason'] ?? error.message);
        yield { code: 'clone-failed', where: unit.shown, data: { path: unit.shown, reason } };
      } finally {
        this.#removeClone();
      }
    }
  }

  /** Returns null where there is nothing to audit. Throws ToolError. */
  async #open(unit: GitHubUnit, where: string): Promise<AuditTarget | null> {
    const { asked, io, state, engine, signal } = this.#running;
    const options = { env: io.env, signal };
    const tooLarge = `it is larger than ${asked.maxCloneBytes} bytes`;
    if (unit.bytes !== null && unit.bytes > asked.maxCloneBytes)
      throw new ToolError('clone-failed', { path: unit.shown, reason: tooLarge });
    const kept = state?.load(unit) ?? null;
    this.#show(where);
    const refs = await readRemoteRefs(unit.url, { ...options, access: this.#access });
    // Most wikis that are switched on were never written.
    if (refs === null && unit.kind === 'wiki') return null;
    if (refs === null)
      throw new ToolError('clone-failed', { path: unit.shown, reason: 'there is no such repository, or none that the token may read' });
    const known = this.#unmoved(unit, refs, kept, engine);
    if (known !== null) {
      this.#known.set(unit.shown, known);
      return null;
    }
    this.#clone = await cloneBare(unit.url, unit.shown, {
      ...options,
      access: this.#access,
      limitBytes: asked.maxCloneBytes,
      timeoutMs: asked.cloneTimeoutMs,
      ...(state === null ? {} : { within: state.clones }),
    });
    const repository = await openRepository(this.#clone.folder, unit.shown, options);
    return {
      repository,
      shown: unit.shown,
      prefix: `${unit.shown}/`,
      state: kept?.state ?? null,
      onAudited: (done) => {
        // Where little was new, submodules were looked for in that alone.
        const before = kept?.state.engine === engine ? kept.repository.submodules : [];
        const submodules = [...new Set([...before, ...done.repository.submodules])].sort();
        const audited = { ...done.repository, submodules };
        this.#known.set(unit.shown, audited);
        if (done.isWhole) state?.keep(unit, { refs: refs.digest, state: done.state, repository: audited });
      },
    };
  }

  /** Returns the line of the report of one that needs no clone: empty, or scanned by this engine without a match, and no ref of it moved. */
  #unmoved(unit: GitHubUnit, { digest, isEmpty }: RemoteRefs, kept: KeptUnit | null, engine: string): AuditedRepository | null {
    if (isEmpty) return { name: unit.shown, origin: unit.url, head: null, branch: null, submodules: [] };
    const isClean = kept !== null && kept.state.blobs.length === 0 && kept.state.commits.length === 0;
    return isClean && kept.refs === digest && kept.state.engine === engine ? kept.repository : null;
  }

  /** Adds what only the listing knows: repositories that were not cloned, what could not be listed, addresses of pages. */
  complete(report: Report, listing: GitHubListing): Report {
    const { asked, signal } = this.#running;
    const { address } = asked;
    // Stopped between two repositories, nobody else has said it.
    const isStopped = signal.aborted && !report.problems.some(({ code }) => code === 'interrupted');
    const paged = (place: Place): Place => {
      const url = pageOf(place, address);
      return url === undefined ? place : { ...place, url };
    };
    const withPages = <T extends Report['findings'][number]>(finding: T): T => ({ ...finding, places: finding.places.map(paged) });
    return {
      ...report,
      findings: report.findings.map(withPages),
      suppressed: report.suppressed.map((one) => ({ ...one, finding: withPages(one.finding) })),
      problems: [
        ...listing.problems,
        ...report.problems,
        ...(isStopped ? [{ code: 'interrupted' as const, where: INTERRUPTED, data: {} }] : []),
      ],
      repositories: listing.units.flatMap(({ shown }) => this.#known.get(shown) ?? []),
    };
  }

  #show(where: string): void {
    const { plan, io } = this.#running;
    if (!plan.hasProgress) return;
    this.progress.stop();
    io.stderr.write(`\r\u001b[Kcloning${where}`);
    const progress = createAuditProgress((text) => io.stderr.write(text), io.clockMs, where);
    this.progress = { show: progress.show, stop: () => io.stderr.write('\r\u001b[K') };
  }

  #removeClone(): void {
    this.#clone?.remove();
    this.#clone = null;
  }

  stopProgress(): void {
    this.progress.stop();
    this.progress = NO_AUDIT_PROGRESS;
  }
}
