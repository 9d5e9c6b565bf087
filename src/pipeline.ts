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
  const { blobs, problems } = await collectBlobs(request);
  const scanned = await scanBlobs(blobs, request);
  const ids = new FindingIds();
  await ids.prepare(scanned.matches);
  const { kept, suppressed } = splitSuppressed(scanned.matches, request.suppressors((match) => ids.of(match)));
  const rules = request.ruleset.compiled.rules;
  return {
    tool: { name: 'leakwarden', version: request.version },
    started: started.toISOString(),
    inputs: request.inputs,
    findings: groupFindings(kept, rules, ids),
    suppressed: suppressed.flatMap(({ by, reason, matches }) => groupFindings(matches, rules, ids).map((finding) => ({ finding, by, reason }))),
    problems: [...problems, ...scanned.problems, ...(request.signal.aborted ? [{ code: 'interrupted', where: 'the scan', data: {} } as const] : [])],
    stats: {
      ...scanned.counts,
      rules: rules.length - request.ruleset.off.size,
      threads: request.threads,
      seconds: (request.now().getTime() - started.getTime()) / 1000,
    },
  };
}

async function collectBlobs({ sources, signal }: ScanRequest): Promise<{ blobs: BlobRef[]; problems: Problem[] }> {
  const blobs: BlobRef[] = [];
  const problems: Problem[] = [];
  for (const source of sources) {
    for await (const item of source.blobs(signal)) {
      if ('code' in item) problems.push(item);
      else blobs.push(item);
    }
  }
  return { blobs, problems };
}
