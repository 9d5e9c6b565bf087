/**
 * The whole path in one screen: Source → Blob → Candidate → Match → suppress → Finding → Report.
 *
 * ```
 * scan:  sources give blobs ─► engine: kernel candidates, confirmed, judged, located ─┐
 * audit: object stores      ─► the same for all versions ─► git: commits, paths, refs ─┴► suppressors: why not? ─► one finding for each secret ─► checker: live? ─► report
 * ```
 * Candidates and windows are the engine's own business (src/engine/scan-blob.ts). Verdicts come from the index of the owner's stores where there is one, and from issuers where the user asks for it.
 */
import { withIssuer } from './check/verdict.ts';
import type {
  Checker,
  Finding,
  FindingId,
  Given,
  IssuerAsker,
  Match,
  OnSeen,
  Problem,
  Report,
  Source,
  Stats,
  Suppressor,
} from './core/contracts.ts';
import type { StoredPrints } from './core/stored-prints.ts';
import { STORED_SECRET } from './core/stored-rule.ts';
import { FindingIds } from './engine/finding-id.ts';
import { type Describe, groupFindings, type RuleWords, splitSuppressed } from './engine/group.ts';
import { type AuditedHistory, type AuditHistoryRequest, auditHistory } from './engine/history/audit.ts';
import type { AuditState } from './engine/history/state.ts';
import { type ScanBlobsRequest, type ScannedBlobs, scanBlobs } from './engine/scan-blobs.ts';
import { withStored } from './engine/stored-values.ts';
import type { Ruleset } from './ruleset/load.ts';
import { RuleView } from './ruleset/rule-view.ts';

/** What a scan of files and an audit of history have in common. */
type SharedRequest = {
  readonly inputs: readonly string[];
  readonly ruleset: Ruleset;
  readonly suppressors: (idOf: (match: Match) => FindingId) => readonly Suppressor[];
  readonly threads: number;
  /** Compiled src/engine/worker.ts for more than one thread; null when running from sources. */
  readonly workerFile: string | null;
  readonly binary: boolean;
  readonly maxDecodeDepth: number;
  /** Confidence low is reported: values that look like samples are judged too. */
  readonly isAudit: boolean;
  readonly signal: AbortSignal;
  /** Values in the places of passwords are compared with what the stores hold, and stored values looked for at every place. */
  readonly wantsValues: boolean;
  readonly stored: StoredPrints | null;
  /** Knows what the stores hold; null: nobody is asked. */
  readonly checker: Checker | null;
  /** Asks those who made the credentials; null: nobody is asked, which is the default. */
  readonly issuers: IssuerAsker | null;
  readonly version: string;
  readonly now: () => Date;
};

export type ScanRequest = SharedRequest & {
  readonly sources: readonly Source[];
  readonly archiveDepth: number;
  readonly onProgress?: (done: { files: number; bytes: number; totalFiles: number }) => void;
};

export type AuditRequest = SharedRequest &
  AuditHistoryRequest & {
    /** What people wrote beside the repositories (issues, comments, logs), scanned after them, as files are. */
    readonly texts?: Pick<ScanRequest, 'sources' | 'archiveDepth' | 'onProgress'> & Pick<ScanBlobsRequest, 'onScanned'>;
  };

export type Audited = {
  readonly report: Report;
  /** For the next audit. */
  readonly state: AuditState;
};

/** Runs a scan from sources to report. Failed inputs are problems in the report; only bugs and unusable requests throw. */
export async function runScan(request: ScanRequest): Promise<Report> {
  const started = request.now();
  return await reportOf(started, await scanBlobs((onSeen) => blobsOf(request, onSeen), request), request);
}

/** Runs an audit from repositories to report, and returns what the next one needs. Throws as runScan. */
export async function runAudit(request: AuditRequest): Promise<Audited> {
  const started = request.now();
  const { texts, signal } = request;
  const audited = await auditHistory(request);
  const scanned = texts === undefined || signal.aborted ? null : await scanTexts(texts, request);
  const report = await reportOf(started, scanned ? withTexts(audited, scanned) : audited, request, audited.describe);
  return { report: { ...report, repositories: audited.repositories }, state: audited.state };
}

function scanTexts(texts: NonNullable<AuditRequest['texts']>, request: AuditRequest): Promise<ScannedBlobs> {
  const onProgress = texts.onProgress ?? ((): void => undefined);
  return scanBlobs((onSeen) => blobsOf({ ...texts, signal: request.signal }, onSeen), { ...request, ...texts, onProgress });
}

function withTexts(audited: AuditedHistory, texts: ScannedBlobs): Matched {
  const { counts } = audited;
  return {
    matches: [...audited.matches, ...texts.matches],
    values: [...audited.values, ...texts.values],
    problems: [...audited.problems, ...texts.problems],
    counts: {
      ...counts,
      files: counts.files + texts.counts.files,
      bytes: counts.bytes + texts.counts.bytes,
      scannedBytes: counts.scannedBytes + texts.counts.bytes,
      binaryFiles: counts.binaryFiles + texts.counts.binaryFiles,
      candidates: counts.candidates + texts.counts.candidates,
    },
  };
}

type Matched = {
  readonly matches: readonly Match[];
  readonly values: ScannedBlobs['values'];
  readonly problems: readonly Problem[];
  readonly counts: Omit<Stats, 'rules' | 'threads' | 'seconds'>;
};

/** From matches to report: the same for files and history. */
async function reportOf(
  started: Date,
  { matches, values, problems, counts }: Matched,
  request: SharedRequest,
  describe?: Describe,
): Promise<Report> {
  const ids = new FindingIds();
  await ids.prepare(matches);
  const suppressors = request.suppressors((match) => ids.of(match));
  const split = splitSuppressed(matches, suppressors);
  const { kept, suppressed } = request.checker ? await withStored(split, values, suppressors, request.checker, ids) : split;
  const view = new RuleView(request.ruleset.compiled);
  const rules: RuleWords = { byId: (id) => (id === STORED_SECRET.id ? STORED_SECRET : view.byId(id)) };
  const { findings, problems: unanswered } = await judged(groupFindings(kept, rules, ids, describe), request);
  return {
    tool: { name: 'leakwarden', version: request.version },
    started: started.toISOString(),
    inputs: request.inputs,
    findings,
    suppressed: suppressed.flatMap(({ by, reason, matches }) =>
      groupFindings(matches, rules, ids, describe).map((finding) => ({ finding, by, reason })),
    ),
    problems: withInterruption([...problems, ...unanswered], request.signal),
    stats: {
      ...counts,
      rules: request.ruleset.compiled.ids.length - request.ruleset.off.size,
      threads: request.threads,
      seconds: (request.now().getTime() - started.getTime()) / 1000,
    },
  };
}

function blobsOf({ sources, signal }: Pick<ScanRequest, 'sources' | 'signal'>, onSeen: OnSeen): AsyncIterable<Given> {
  const [only, ...others] = sources;
  return only && others.length === 0 ? only.blobs(signal, onSeen) : oneAfterAnother(sources, signal, onSeen);
}

async function* oneAfterAnother(sources: readonly Source[], signal: AbortSignal, onSeen: OnSeen): AsyncGenerator<Given> {
  for (const source of sources) yield* source.blobs(signal, onSeen);
}

/** Live ones first; otherwise in the order in which they were found. */
async function judged(
  findings: readonly Finding[],
  { checker, issuers, signal }: SharedRequest,
): Promise<{ findings: Finding[]; problems: readonly Problem[] }> {
  if (!checker && !issuers) return { findings: [...findings], problems: [] };
  const asked = issuers && !signal.aborted ? await issuers.ask(findings, signal) : null;
  const checked = findings.map((finding) => ({
    ...finding,
    verdict: withIssuer(
      checker ? checker.verdictOf(finding, finding.history?.firstSeen) : finding.verdict,
      asked?.verdicts.get(finding.id),
    ),
  }));
  return {
    findings: [...checked.filter(({ verdict }) => verdict.state === 'live'), ...checked.filter(({ verdict }) => verdict.state !== 'live')],
    problems: asked?.problems ?? [],
  };
}

/** A scan that was stopped is incomplete, whoever noticed it first. */
function withInterruption(problems: readonly Problem[], signal: AbortSignal): readonly Problem[] {
  if (!signal.aborted || problems.some(({ code }) => code === 'interrupted')) return problems;
  return [...problems, { code: 'interrupted', where: 'the scan', data: {} }];
}
