/**
 * Audits the histories of repositories, one after another: what `leakwarden audit` is to a repository, scan-blobs.ts is to files. In come
 * repositories (each when the one before it is done, so that a clone need not outlive its turn) and the scan of a store, out go matches, and a function that tells the history of the finding that some of them make.
 */
import type { AuditedRepository, Match, Place, Problem } from '../../core/contracts.ts';
import { PAGES } from '../../core/kernel-layout.ts';
import { builtInKernel } from '../../kernel/built-in.ts';
import { Kernel } from '../../kernel/load.ts';
import type { Ruleset } from '../../ruleset/load.ts';
import type { Describe } from '../group.ts';
import { BlobScanner, type ScanSetup } from '../scan-blob.ts';
import type { ScanBlobsRequest, ScannedBlobs } from '../scan-blobs.ts';
import { storedTables } from '../stored-tables.ts';
import { loadForeignEngine } from '../threads.ts';
import type { HistoryRequest, HistoryScan } from './contract.ts';
import { describeHistory, type LocatedIn } from './finding-history.ts';
import { type AuditTarget, auditRepository } from './repository-audit.ts';
import type { SelectionOptions } from './selection.ts';
import { type AuditState, engineDigest } from './state.ts';

export type AuditHistoryRequest = Omit<ScanBlobsRequest, 'onProgress' | 'onScanned' | 'archiveDepth'> & {
  /** A problem stands for a repository that could not be had. */
  readonly targets: Iterable<AuditTarget> | AsyncIterable<AuditTarget | Problem>;
  readonly options: SelectionOptions;
  /** Authors' e-mail addresses may be told. */
  readonly hasEmails: boolean;
  /** What the last audit left, or null. */
  readonly state: AuditState | null;
  readonly scanHistory: HistoryScan;
  readonly isExcluded: (path: string) => boolean;
  /** Of what is known to be in stores, '' where nobody is asked: what was put there since the last audit may have leaked before. */
  readonly storesDigest: string;
  readonly version: string;
  readonly onProgress?: HistoryRequest['onProgress'];
};

export type AuditedHistory = {
  readonly matches: readonly Match[];
  /** Matches of STORED_SECRET, as it were: whoever knows the stores says which are. */
  readonly values: readonly Match[];
  readonly problems: readonly Problem[];
  readonly counts: ScannedBlobs['counts'] & { readonly commits: number; readonly scannedBytes: number };
  readonly repositories: readonly AuditedRepository[];
  readonly describe: Describe;
  /** For the next audit; good only if there are no problems. */
  readonly state: AuditState;
};

/** Throws ToolError bad-revision; everything else that goes wrong with a repository is a problem. */
export async function auditHistory(request: AuditHistoryRequest): Promise<AuditedHistory> {
  const { ruleset, binary, maxDecodeDepth, isAudit, targets, version, wantsValues } = request;
  const image = request.stored && storedTables(request.stored);
  const stored = request.stored && image ? { prints: request.stored, image } : null;
  const common = { ruleset: ruleset.compiled, off: ruleset.off, includeBinary: binary, maxDecodeDepth, archiveDepth: 0, isAudit, stored };
  const setup: ScanSetup = { ...common, ...(wantsValues ? { assigned: 'all' as const } : {}) };
  const ofBlobs: ScanSetup = { ...common, ...(wantsValues ? { assigned: 'texts' as const } : {}) };
  const foreign = await loadForeignEngine(setup.ruleset);
  const scanner = new BlobScanner(new Kernel(builtInKernel(), setup.ruleset.image, PAGES, image), setup, foreign);
  const engine = engineDigest(version, ruleset, [binary, maxDecodeDepth, isAudit, request.storesDigest]);
  // By place: matches are made anew when it turns out that a store holds them.
  const locatedIn = new Map<Place, LocatedIn>();
  const matches: Match[] = [];
  const values: Match[] = [];
  const problems: Problem[] = [];
  const repositories: AuditedRepository[] = [];
  const counts = { files: 0, bytes: 0, binaryFiles: 0, candidates: 0, commits: 0, scannedBytes: 0 };
  const left = { tips: [] as string[], blobs: [] as string[], commits: [] as string[] };
  for await (const target of targets) {
    if ('code' in target) {
      problems.push(target);
      continue;
    }
    const outcome = await auditRepository({
      ...request,
      target,
      state: stateFor(engine, target.state ?? request.state),
      scanner,
      setup: ofBlobs,
    });
    target.onAudited?.({
      state: { engine, ...outcome.state },
      repository: outcome.repository,
      isWhole: outcome.problems.length === 0 && !request.signal.aborted,
    });
    for (const { match, sighting, history } of [...outcome.located, ...outcome.values]) locatedIn.set(match.place, { sighting, history });
    for (const { match } of outcome.located) matches.push(match);
    for (const { match } of outcome.values) values.push(match);
    problems.push(...outcome.problems);
    repositories.push(outcome.repository);
    counts.files += outcome.stats.blobs - outcome.stats.binaryBlobs;
    counts.bytes += outcome.stats.bytes;
    counts.binaryFiles += outcome.stats.binaryBlobs;
    counts.candidates += outcome.stats.candidates;
    counts.commits += outcome.stats.commits;
    counts.scannedBytes += outcome.stats.scannedBytes;
    left.tips.push(...outcome.state.tips);
    left.blobs.push(...outcome.state.blobs);
    left.commits.push(...outcome.state.commits);
  }
  return {
    matches,
    values,
    problems,
    counts: { ...counts, regexEngine: enginesOf(ruleset, foreign.name) },
    repositories,
    describe: (matches) => describeHistory(matches, ({ place }) => locatedIn.get(place), request.hasEmails),
    state: { engine, ...left },
  };
}

/** What another engine left is worth nothing to this one. */
function stateFor(engine: string, state: AuditState | null): AuditState | null {
  return state?.engine === engine ? state : null;
}

function enginesOf({ compiled }: Ruleset, foreign: string): string {
  return compiled.hasForeign ? `v8, ${foreign}` : 'v8';
}
