/**
 * Which texts of a history are values that a store holds, and where those stand. In: the scan of a repository's blobs (stored values that cannot be guessed are located
 * there already) with the texts in the places of passwords, and who knows the stores. Out: the same scan with the places of those texts that are stored: a second
 * scan, of the blobs that hold them, since there are few. Called by repository-audit.ts.
 */
import type { Checker } from '../../core/contracts.ts';
import type { FoundMatch } from '../found-match.ts';
import { storedAmong } from '../stored-texts.ts';
import type { HistoryBlob, HistoryRequest, HistoryScan } from './contract.ts';

type Scanned = Awaited<ReturnType<HistoryScan>>;

/** Returns the scan with the places of stored texts. `request`: what the scan was asked for. */
export async function withStoredTexts(
  scanned: Scanned,
  request: HistoryRequest,
  scanHistory: HistoryScan,
  checker: Checker,
): Promise<Scanned> {
  const byText = scanned.texts?.byText ?? new Map<string, null>();
  if (byText.size === 0 || request.signal.aborted) return scanned;
  // What rules found goes first, here as in a scan of files.
  const matches = scanned.blobs.flatMap(({ byRole }) => byRole.config ?? []);
  const foundByRules = matches.map(({ secret }) => secret);
  const stored = await storedAmong(byText.keys(), checker, foundByRules);
  if (stored.size === 0) return scanned;
  const lists = [...stored].map((text) => byText.get(text) ?? null);
  const wanted = lists.includes(null) ? request.wanted : new Set(lists.flatMap((ids) => ids ?? []));
  const { onProgress: _, ...quiet } = request;
  const second = await scanHistory({ ...quiet, wanted, setup: { ...request.setup, assigned: stored } });
  return { ...scanned, blobs: merged(scanned.blobs, second.blobs) };
}

/** Gives the blobs of the first scan the values of the second, and adds those that have values alone. */
function merged(first: readonly HistoryBlob[], second: readonly HistoryBlob[]): HistoryBlob[] {
  const values = new Map<string, readonly FoundMatch[]>(second.flatMap(({ id, values: own }) => (own ? [[id, own]] : [])));
  const known = new Set(first.map(({ id }) => id));
  const all = first.map((blob) => {
    const own = values.get(blob.id);
    return own ? { ...blob, values: own } : blob;
  });
  const added = second.filter(({ id, values: own }) => own !== undefined && !known.has(id)).map((blob) => ({ ...blob, byRole: {} }));
  return [...all, ...added].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
