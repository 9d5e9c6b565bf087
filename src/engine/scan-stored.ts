/**
 * Scans files where somebody knows what the stores hold: first for the texts in the places of passwords, then, of the few files in which a stored one stands, for its
 * places. In and out: as scanFiles() of threads.ts. Called by scan-blobs.ts.
 */
import type { Checker } from '../core/contracts.ts';
import type { BlobResult, ScanSetup } from './scan-blob.ts';
import { storedAmong } from './stored-texts.ts';
import { type FileJob, type FileOutcome, scanFiles, type ThreadOptions } from './threads.ts';

export async function scanFilesForStored(
  jobs: readonly FileJob[],
  module: WebAssembly.Module,
  setup: ScanSetup,
  options: ThreadOptions,
  checker: Checker,
): Promise<FileOutcome[]> {
  const outcomes = await scanFiles(jobs, module, { ...setup, assigned: 'texts' }, options);
  const byRules = outcomes.flatMap(resultsOf).flatMap(({ matches }) => matches.map(({ secret }) => secret));
  const stored = await storedAmong(outcomes.flatMap(textsOf), checker, byRules);
  const holders = stored.size === 0 ? [] : outcomes.filter((outcome) => textsOf(outcome).some((text) => stored.has(text)));
  const again = holders.flatMap(({ index }) => jobs[index] ?? []);
  const quiet = { ...options, onProgress: () => undefined };
  const second = await scanFiles(again, module, { ...setup, assigned: stored }, quiet);
  const located = new Map(second.map((outcome) => [holders[outcome.index]?.index, outcome]));
  return outcomes.map((outcome) => withValues(outcome, located.get(outcome.index)));
}

function resultsOf({ result, inner = [] }: FileOutcome): BlobResult[] {
  return [result, ...inner.map((one) => one.result)].flatMap((one) => one ?? []);
}

function textsOf(outcome: FileOutcome): readonly string[] {
  return resultsOf(outcome).flatMap(({ texts = [] }) => texts);
}

/** Gives an outcome the values of another scan of the same file. */
function withValues(outcome: FileOutcome, located: FileOutcome | undefined): FileOutcome {
  if (!located) return outcome;
  const { inner } = outcome;
  const own = { ...outcome, result: valued(outcome.result, located.result) };
  if (!inner) return own;
  const byPath = new Map(located.inner?.map(({ path, result }) => [path, result]));
  return { ...own, inner: inner.map((one) => ({ ...one, result: valued(one.result, byPath.get(one.path) ?? null) })) };
}

function valued(result: BlobResult | null, located: BlobResult | null): BlobResult | null {
  return result && located?.values ? { ...result, values: located.values } : result;
}
