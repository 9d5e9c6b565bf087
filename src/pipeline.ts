/**
 * The whole path in one screen: Source → Blob → Candidate → Match → suppress → Finding → Report.
 *
 * ```
 * sources give blobs ─► engine: kernel candidates, confirmed, judged, located ─► suppressors: why not? ─► one finding for each secret ─► report
 * ```
 * Candidates and windows are the engine's own business (src/engine/scan-blob.ts). Verdicts are `unknown: not-asked` until stores are there to ask.
 */
import type { BlobRef, FindingId, Match, Problem, Report, Source, Suppressor } from './core/contracts.ts';
import { FindingIds } from './engine/finding-id.ts';
import { groupFindings, splitSuppressed } from './engine/group.ts';
import { scanBlobs } from './engine/scan-blobs.ts';
import type { Ruleset } from './ruleset/load.ts';
import { RuleView } from './ruleset/rule-view.ts';

export type ScanRequest = {
  readonly sources: readonly Source[];
  readonly inputs: readonly string[];
  readonly ruleset: Ruleset;
  readonly suppressors: (idOf: (match: Match) => FindingId) => readonly Suppressor[];
  readonly threads: number;
  /** Compiled src/engine/worker.ts for more than one thread; null when running from sources. */
  readonly workerFile: string | null;
  readonly binary: boolean;
  readonly signal: AbortSignal;
  readonly version: string;
  readonly now: () => Date;
  readonly onProgress?: (done: { files: number; bytes: number; totalFiles: number }) => void;
};

/** Runs a scan from sources to report. Failed inputs are problems in the report; only bugs and unusable requests throw. */
export async function runScan(request: ScanRequest): Promise<Report> {
  const started = request.now();
  const scanned = await scanBlobs(blobsOf(request), request);
  const ids = new FindingIds();
  await ids.prepare(scanned.matches);
  const { kept, suppressed } = splitSuppressed(
    scanned.matches,
    request.suppressors((match) => ids.of(match)),
  );
  const rules = new RuleView(request.ruleset.compiled);
  return {
    tool: { name: 'leakwarden', version: request.version },
    started: started.toISOString(),
    inputs: request.inputs,
    findings: groupFindings(kept, rules, ids),
    suppressed: suppressed.flatMap(({ by, reason, matches }) =>
      groupFindings(matches, rules, ids).map((finding) => ({ finding, by, reason })),
    ),
    problems: withInterruption(scanned.problems, request.signal),
    stats: {
      ...scanned.counts,
      rules: request.ruleset.compiled.ids.length - request.ruleset.off.size,
      threads: request.threads,
      seconds: (request.now().getTime() - started.getTime()) / 1000,
    },
  };
}

async function* blobsOf({ sources, signal }: ScanRequest): AsyncGenerator<BlobRef | Problem> {
  for (const source of sources) yield* source.blobs(signal);
}

/** A scan that was stopped is incomplete, whoever noticed it first. */
function withInterruption(problems: readonly Problem[], signal: AbortSignal): readonly Problem[] {
  if (!signal.aborted || problems.some(({ code }) => code === 'interrupted')) return problems;
  return [...problems, { code: 'interrupted', where: 'the scan', data: {} }];
}
