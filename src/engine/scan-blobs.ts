/** Scans all blobs of a scan: files by the threads, bytes at hand here; gives matches in the blobs' order, with counts and problems. */

import type { BlobRef, Checker, FileBlob, Given, Match, OnSeen, Problem, Provenance } from '../core/contracts.ts';
import type { RuleId } from '../core/rule.ts';
import type { StoredPrints } from '../core/stored-prints.ts';
import { builtInKernel } from '../kernel/built-in.ts';
import type { Ruleset } from '../ruleset/load.ts';
import { Inputs } from './inputs.ts';
import { type InnerResult, scanArchiveBytes } from './scan-archive.ts';
import type { BlobResult, BlobScanner, ScanSetup } from './scan-blob.ts';
import { problemOf } from './scan-file.ts';
import { locateStored } from './scan-stored.ts';
import { storedTables } from './stored-tables.ts';
import { FileScan, loadForeignEngine, makeScanner, QUIET_FIELDS } from './threads.ts';
import { toMatches, toValues } from './to-matches.ts';
import { readFromBytes } from './windows.ts';

export type ScanBlobsRequest = {
  readonly ruleset: Ruleset;
  readonly threads: number;
  readonly workerFile: string | null;
  readonly binary: boolean;
  readonly maxDecodeDepth: number;
  readonly isAudit: boolean;
  readonly archiveDepth: number;
  /** Values in the places of passwords are wanted too. */
  readonly wantsValues: boolean;
  /** Stored values to look for at every place, or null. */
  readonly stored: StoredPrints | null;
  /** Knows what the stores hold; null: nobody is asked. */
  readonly checker: Checker | null;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: { files: number; bytes: number; totalFiles: number }) => void;
  /** Told when bytes were scanned: whether all of them were read, and nothing matched. */
  readonly onScanned?: (path: string, isClean: boolean) => void;
};

export type ScannedBlobs = {
  readonly matches: readonly Match[];
  /** Matches of STORED_SECRET, as it were: whoever knows the stores says which are. */
  readonly values: readonly Match[];
  readonly problems: readonly Problem[];
  readonly counts: {
    readonly files: number;
    readonly bytes: number;
    readonly binaryFiles: number;
    readonly candidates: number;
    readonly regexEngine: string;
  };
};

/** Gives blobs as a source does (src/core/contracts.ts). */
export type GiveBlobs = (onSeen: OnSeen) => AsyncIterable<Given>;

type BytesBlob = BlobRef & { kind: 'bytes' };

/** What was found in one input. */
type FoundIn = { readonly place: number; readonly matches: readonly Match[]; readonly values: readonly Match[] };

/**
 * Scans what the sources give: bytes at once, so that no more than one such blob is held; files on the threads, from when they are seen. Matches come in the order of
 * the blobs.
 */
export async function scanBlobs(blobs: GiveBlobs, request: ScanBlobsRequest): Promise<ScannedBlobs> {
  const module = builtInKernel();
  const image = request.stored && storedTables(request.stored);
  const setup: ScanSetup = {
    ruleset: request.ruleset.compiled,
    off: request.ruleset.off,
    includeBinary: request.binary,
    maxDecodeDepth: request.maxDecodeDepth,
    isAudit: request.isAudit,
    archiveDepth: request.archiveDepth,
    stored: request.stored && image ? { prints: request.stored, image } : null,
  };
  const tally = new Tally();
  const inputs = new Inputs();
  const found: FoundIn[] = [];
  let scanner: BlobScanner | null = null;
  const { threads, workerFile, signal, checker, wantsValues } = request;
  const onProgress = (files: number, bytes: number): void => request.onProgress?.({ files, bytes, totalFiles: inputs.size });
  const options = { threads, workerFile, signal, onProgress };
  const files = new FileScan(module, checker && wantsValues ? { ...setup, assigned: 'texts' } : setup, options);
  const see = (blob: FileBlob): void => {
    inputs.see(blob);
    files.add(blob.file, blob.provenance.path);
  };
  const giveFile = (blob: FileBlob): void => {
    if (inputs.give(blob)) return;
    see(blob);
    inputs.give(blob);
  };
  const scanBytes = async ({ provenance, bytes, added }: BytesBlob): Promise<void> => {
    const place = inputs.add();
    // The bytes are not there a second time.
    scanner ??= await makeScanner(module, wantsValues ? { ...setup, assigned: 'all' } : setup);
    const problemsBefore = tally.problems.length;
    const result = scanner.scan(readFromBytes(bytes), provenance.path, added ? 'lines' : 'file');
    const problem = problemOf(result, provenance.path);
    if (problem) tally.problems.push(problem);
    tally.add(result);
    const inner = result.isArchive ? await scanArchiveBytes(scanner, bytes, provenance.path, () => signal.aborted) : [];
    const own = toMatches(result.matches, setup.ruleset.ids, provenance, added);
    const within = foundIn(inner, setup.ruleset.ids, provenance, tally);
    const matches = [...own, ...within.matches];
    found.push({ place, matches, values: [...toValues(result, provenance, added), ...within.values] });
    request.onScanned?.(provenance.path, matches.length === 0 && tally.problems.length === problemsBefore);
  };
  try {
    for await (const given of blobs(see)) {
      if (signal.aborted) break;
      for (const item of 'length' in given ? given : [given]) {
        if ('code' in item) tally.problems.push(item);
        else if (item.kind === 'file') giveFile(item);
        else if (!signal.aborted) await scanBytes(item);
      }
    }
  } catch (error) {
    files.abandon();
    throw error;
  }
  const { told, quiet } = await files.finish();
  tally.addQuiet(quiet, inputs);
  // What was seen and is no input after all counts for nothing.
  const outcomes = told.filter(({ index }) => inputs.placeOf(index) >= 0).sort((a, b) => inputs.placeOf(a.index) - inputs.placeOf(b.index));
  const scanAgain = (assigned: ReadonlySet<string>): FileScan =>
    new FileScan(module, { ...setup, assigned }, { ...options, onProgress: () => undefined });
  const located = checker && wantsValues ? await locateStored(outcomes, (index) => files.job(index), checker, scanAgain) : outcomes;
  for (const { index, result, problem, inner = [] } of located) {
    const blob = inputs.blobOf(index);
    if (problem) tally.problems.push(problem);
    if (!result || !blob) continue;
    tally.add(result);
    const { provenance } = blob;
    const within = foundIn(inner, setup.ruleset.ids, provenance, tally);
    const matches = [...toMatches(result.matches, setup.ruleset.ids, provenance), ...within.matches];
    found.push({ place: inputs.placeOf(index), matches, values: [...toValues(result, provenance), ...within.values] });
  }
  found.sort((a, b) => a.place - b.place);
  return {
    matches: found.flatMap(({ matches }) => matches),
    values: found.flatMap(({ values }) => values),
    problems: tally.problems,
    counts: { ...tally.counts(), regexEngine: await engineNames(setup) },
  };
}

async function engineNames({ ruleset }: ScanSetup): Promise<string> {
  return ruleset.hasForeign ? `v8, ${(await loadForeignEngine(ruleset)).name}` : 'v8';
}

/** Counts what is in an archive, and returns its matches and values: their paths lead through it. */
function foundIn(
  inner: readonly InnerResult[],
  rules: readonly RuleId[],
  provenance: Provenance,
  tally: Tally,
): { readonly matches: Match[]; readonly values: Match[] } {
  const found = { matches: [] as Match[], values: [] as Match[] };
  for (const { path, result, problem } of inner) {
    if (problem) tally.problems.push(problem);
    if (!result) continue;
    tally.add(result);
    const at: Provenance = { ...provenance, path };
    found.matches.push(...toMatches(result.matches, rules, at));
    found.values.push(...toValues(result, at));
  }
  return found;
}

class Tally {
  readonly problems: Problem[] = [];
  #files = 0;
  #bytes = 0;
  #binaryFiles = 0;
  #candidates = 0;

  add(result: Pick<BlobResult, 'bytes' | 'candidates' | 'isBinary'>): void {
    this.#bytes += result.bytes;
    this.#candidates += result.candidates;
    if (result.isBinary) this.#binaryFiles++;
    else this.#files++;
  }

  /** A loop of its own, since there may be tens of thousands. */
  addQuiet(quiet: Float64Array, inputs: Inputs): void {
    let [files, bytes, candidates, binaryFiles] = [0, 0, 0, 0];
    for (let i = 0; i < quiet.length; i += QUIET_FIELDS) {
      if (inputs.placeOf(quiet[i] ?? -1) < 0) continue;
      files++;
      bytes += quiet[i + 1] ?? 0;
      candidates += quiet[i + 2] ?? 0;
      binaryFiles += quiet[i + 3] ?? 0;
    }
    this.#files += files - binaryFiles;
    this.#bytes += bytes;
    this.#candidates += candidates;
    this.#binaryFiles += binaryFiles;
  }

  counts(): Omit<ScannedBlobs['counts'], 'regexEngine'> {
    return { files: this.#files, bytes: this.#bytes, binaryFiles: this.#binaryFiles, candidates: this.#candidates };
  }
}
