/**
 * Scans files a second time where somebody knows what the stores hold: the first scan was for the texts in the places of passwords (`assigned: 'texts'`), this one, of the
 * few files in which a stored one stands, is for its places. In: what came of the first; out: the same, with values. Called by scan-blobs.ts.
 */
import type { Checker } from '../core/contracts.ts';
import type { FileJob } from './job-list.ts';
import type { BlobResult } from './scan-blob.ts';
import { storedAmong } from './stored-texts.ts';
import type { FileOutcome, FileScan } from './threads.ts';

/** `jobOf`: a job by its number. `scanAgain`: makes a scan for the places of these texts. */
export async function locateStored(
  outcomes: readonly FileOutcome[],
  jobOf: (index: number) => FileJob | undefined,
  checker: Checker,
  scanAgain: (assigned: ReadonlySet<string>) => FileScan,
): Promise<FileOutcome[]> {
  const byRules = outcomes.flatMap(resultsOf).flatMap(({ matches }) => matches.map(({ secret }) => secret));
  const stored = await storedAmong(outcomes.flatMap(textsOf), checker, byRules);
  if (stored.size === 0) return [...outcomes];
  const again = scanAgain(stored);
  const holderOf = new Map<number, number>();
  for (const outcome of outcomes) {
    const job = textsOf(outcome).some((text) => stored.has(text)) ? jobOf(outcome.index) : undefined;
    if (job) holderOf.set(again.add(job.file, job.path), outcome.index);
  }
  const second = await again.finish();
  const located = new Map(second.told.map((outcome) => [holderOf.get(outcome.index), outcome]));
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
