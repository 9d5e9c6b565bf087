/**
 * The slow twin of the history scans: the blobs of a store whole, one after another, through `git cat-file --batch`, each once for every role.
 *
 * A corrupt object ends git; what comes after it is asked for again, so that one bad object costs one problem.
 */
import type { Problem } from '../../../src/core/contracts.ts';
import { ToolError } from '../../../src/core/errors.ts';
import type { FileRole } from '../../../src/engine/file-role.ts';
import type { FoundMatch } from '../../../src/engine/found-match.ts';
import { type HistoryBlob, type HistoryRequest, type HistoryScan, pathOfBlob } from '../../../src/engine/history/contract.ts';
import { BlobScanner, MAX_MATCHES } from '../../../src/engine/scan-blob.ts';
import { loadForeignEngine } from '../../../src/engine/threads.ts';
import { readFromBytes } from '../../../src/engine/windows.ts';
import { type GitObject, readObjects } from '../../../src/git/cat-file.ts';
import { type Environment, environmentFor } from '../../../src/git/environment.ts';
import { listObjects } from '../../../src/git/object-lines.ts';
import { builtInKernel } from '../../../src/kernel/built-in.ts';
import { Kernel } from '../../../src/kernel/load.ts';

/** One blob is in memory at a time. Larger ones are beyond what git hosts accept. */
export const HISTORY_LIMIT_BYTES = 512 << 20;

/** Corrupt objects after which a store is given up. */
const MAX_CORRUPT = 1000;

/** A path of each role. */
const PATHS: Readonly<Record<FileRole, string>> = {
  'config': 'x',
  'code': 'x.ts',
  'test-code': 'test/x.ts',
  'document': 'x.md',
  'labels': 'de.json',
  'rows': 'a.csv',
  'generated': 'x.lock',
};

/** Scans on this thread, whatever `threads` says. */
export async function scanHistoryByCatFile(request: HistoryRequest, env: Environment = process.env): ReturnType<HistoryScan> {
  const { gitDir, wanted, setup, signal } = request;
  const git = { cwd: gitDir, env: environmentFor(gitDir, env), signal };
  const scan = new StoreScan(
    new BlobScanner(new Kernel(builtInKernel(), setup.ruleset.image), setup, await loadForeignEngine(setup.ruleset)),
  );
  const ids: string[] = [];
  try {
    for await (const { id, type } of listObjects(git)) {
      if (wanted !== null && !wanted.has(id)) continue;
      if (type === 'blob') ids.push(id);
      // The store has a file of that name, and git cannot read it.
      else if (type === 'missing') scan.add(id, { state: 'missing' });
    }
    for (let next = 0; next < ids.length; ) {
      try {
        for await (const object of readObjects(ids.slice(next), { ...git, limitBytes: HISTORY_LIMIT_BYTES })) {
          scan.add(ids[next] ?? '', object);
          next += 1;
          request.onProgress?.({ objects: next, totalObjects: ids.length, bytes: scan.bytes });
        }
      } catch (error) {
        if (!(error instanceof ToolError) || error.code !== 'git-failed' || ++scan.corrupt > MAX_CORRUPT) throw error;
        const path = pathOfBlob(ids[next] ?? '');
        scan.problems.push({ code: 'unreadable', where: path, data: { path, reason: String(error.data['reason'] ?? '') } });
        next += 1;
      }
    }
  } catch (error) {
    if (!(error instanceof ToolError) || (error.code !== 'git-failed' && error.code !== 'interrupted')) throw error;
    scan.problems.push({ code: error.code, where: error.code === 'interrupted' ? 'the scan' : gitDir, data: error.data });
  }
  return scan.outcome();
}

class StoreScan {
  readonly problems: Problem[] = [];
  bytes = 0;
  corrupt = 0;
  readonly #scanner: BlobScanner;
  readonly #blobs: HistoryBlob[] = [];
  #count = 0;
  #candidates = 0;
  #binary = 0;

  constructor(scanner: BlobScanner) {
    this.#scanner = scanner;
  }

  add(id: string, object: GitObject): void {
    const path = pathOfBlob(id);
    if (object.state === 'missing') this.problems.push({ code: 'unreadable', where: path, data: { path, reason: 'git cannot read it' } });
    else if (object.state === 'too-large')
      this.problems.push({ code: 'too-large', where: path, data: { path, bytes: object.sizeBytes, limit: HISTORY_LIMIT_BYTES } });
    else this.#scan(id, object.bytes);
  }

  /** Candidates are the same for all roles, and most blobs have none. */
  #scan(id: string, bytes: Buffer): void {
    this.#count += 1;
    this.bytes += bytes.length;
    const first = this.#scanner.scan(readFromBytes(bytes), PATHS.config);
    this.#candidates += first.candidates;
    if (first.isBinary) this.#binary += 1;
    if (first.isOverfull) {
      const path = pathOfBlob(id);
      this.problems.push({ code: 'too-many-matches', where: path, data: { path, limit: MAX_MATCHES } });
    }
    if (first.candidates === 0) return;
    const byRole: Partial<Record<FileRole, readonly FoundMatch[]>> = {};
    for (const role of Object.keys(PATHS) as FileRole[]) {
      const { matches } = role === 'config' ? first : this.#scanner.scan(readFromBytes(bytes), PATHS[role]);
      if (matches.length > 0) byRole[role] = matches;
    }
    if (Object.keys(byRole).length > 0) this.#blobs.push({ id, size: bytes.length, byRole });
  }

  outcome(): Awaited<ReturnType<HistoryScan>> {
    const stats = {
      blobs: this.#count,
      bytes: this.bytes,
      scannedBytes: this.bytes,
      candidates: this.#candidates,
      binaryBlobs: this.#binary,
    };
    return { blobs: this.#blobs, problems: this.problems, stats };
  }
}
