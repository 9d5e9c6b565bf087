/** What a scan of a repository's history is asked for and gives (delta-scan.ts); who attributes and reports the matches reads nothing else of this folder. */
import type { Problem } from '../../core/contracts.ts';
import type { FileRole } from '../file-role.ts';
import type { FoundMatch } from '../found-match.ts';
import type { ScanSetup } from '../scan-blob.ts';
import type { TextsInBlobs } from './texts-in-blobs.ts';

/** Matches of one blob of a repository's object store, by the role that a path of it gives (file-role.ts): generic rules judge by role. */
export type HistoryBlob = {
  readonly id: string /* object id, hex */;
  readonly size: number;
  readonly byRole: Readonly<Partial<Record<FileRole, readonly FoundMatch[]>>>;
  /** Stored values, and assigned ones of which that is wanted (ScanSetup.assigned), whatever the role. */
  readonly values?: readonly FoundMatch[];
};

export type HistoryRequest = {
  readonly gitDir: string;
  /** Blobs to scan, as a set of ids; null = every blob of the store. */
  readonly wanted: ReadonlySet<string> | null;
  readonly setup: ScanSetup;
  readonly threads: number;
  readonly workerFile: string | null;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: { objects: number; totalObjects: number; bytes: number }) => void;
};

/** Yields only blobs that have a match or a value, and problems; counts at the end by `stats`. Order is by object id, the same for any number of threads. */
export type HistoryScan = (request: HistoryRequest) => Promise<{
  readonly blobs: readonly HistoryBlob[];
  readonly problems: readonly Problem[];
  /** What stands in the places of passwords, where the setup wants its texts. */
  readonly texts?: TextsInBlobs;
  readonly stats: {
    readonly blobs: number;
    readonly bytes: number /* unpacked */;
    readonly scannedBytes: number;
    readonly candidates: number;
    readonly binaryBlobs: number;
  };
}>;

/** Returns how a problem names a blob of which no path is known. */
export function pathOfBlob(id: string): string {
  return `.git/blob/${id}`;
}
