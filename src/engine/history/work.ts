/**
 * One thread's part of a history scan: takes jobs from the list that all threads share until none is left, and keeps what they come to. The main thread runs it
 * step by step (delta-scan.ts), workers to the end (worker.ts).
 */

import type { Problem } from '../../core/contracts.ts';
import { PAGES_WITH_STORED } from '../../core/kernel-layout.ts';
import { DamagedError } from '../../git/pack/damaged.ts';
import { type LooseObject, readLooseBlob } from '../../git/pack/loose-objects.ts';
import type { PackTable } from '../../git/pack/pack-table.ts';
import { Kernel } from '../../kernel/load.ts';
import { Unpacker } from '../../kernel/unpack.ts';
import { MAX_UNPACKED_BYTES } from '../decoded-text.ts';
import { BlobScanner, MAX_MATCHES, type ScanSetup } from '../scan-blob.ts';
import { loadForeignEngine } from '../threads.ts';
import { readFromBytes } from '../windows.ts';
import { Arena } from './arena.ts';
import type { HistoryBlob } from './contract.ts';
import { type ObjectResult, ObjectScanner } from './object-scan.ts';
import { PackInput } from './pack-input.ts';
import { reachOf } from './reach.ts';
import { SharedTexts } from './share-texts.ts';
import { type TextsByText, TextsInBlobs } from './texts-in-blobs.ts';
import { type Failure, MAX_OBJECT_BYTES, reasonOf, TreeWalker } from './walk.ts';

/** What a thread is started with. Crosses threads; tables and counters are shared memory. */
export type HistoryTask = {
  readonly module: WebAssembly.Module;
  readonly setup: ScanSetup;
  readonly packs: readonly PackTable[];
  readonly reported: readonly Uint8Array[];
  readonly loose: readonly LooseObject[];
  /** JOB_FIELDS numbers each. */
  readonly jobs: Int32Array;
  readonly counters: Int32Array;
  readonly arenaPages: number;
  readonly isWhole: boolean;
  /** More is not unpacked. */
  readonly limitKibibytes: number;
};

/** Pack (or LOOSE), first, and one after the last of what is to be looked at; a tree to be walked is its root's rank and -1. */
export const JOB_FIELDS = 3;
export const LOOSE = -1;

export const NEXT_JOB = 0;
export const OBJECTS_DONE = 1;
export const KIBIBYTES_DONE = 2;
export const STOP = 3;
export const COUNTERS = 4;
/** Values of STOP. */
export const STOP_ASKED = 1;
export const STOP_TOO_MUCH = 2;

export type HistoryStats = { blobs: number; bytes: number; scannedBytes: number; candidates: number; binaryBlobs: number };

/** What a thread found. Crosses threads. */
export type HistoryOutcome = {
  readonly blobs: HistoryBlob[];
  readonly failures: Failure[];
  readonly looseFailures: { readonly id: string; readonly reason: string }[];
  readonly problems: Problem[];
  readonly texts: TextsByText;
  /** Texts that were passed over. */
  untoldTexts: number;
  readonly stats: HistoryStats;
};

/** Where the matches of a blob go: each blob's texts are shared with all before it. */
export type HistorySink = { readonly outcome: HistoryOutcome; readonly texts: SharedTexts; readonly inBlobs: TextsInBlobs };

/** Returns a sink for this outcome. */
export function sinkInto(outcome: HistoryOutcome): HistorySink {
  return { outcome, texts: new SharedTexts(), inBlobs: new TextsInBlobs(outcome.texts) };
}

export function emptyOutcome(): HistoryOutcome {
  return {
    blobs: [],
    failures: [],
    looseFailures: [],
    problems: [],
    texts: new Map(),
    untoldTexts: 0,
    stats: { blobs: 0, bytes: 0, scannedBytes: 0, candidates: 0, binaryBlobs: 0 },
  };
}

/** Notes a scanned blob. */
export function addBlob({ outcome, texts, inBlobs }: HistorySink, id: string, size: number, result: ObjectResult): void {
  const { stats } = outcome;
  stats.blobs++;
  stats.bytes += size;
  stats.scannedBytes += result.scannedBytes;
  stats.candidates += result.candidates;
  if (result.isBinary) stats.binaryBlobs++;
  if (result.isOverfull) outcome.problems.push({ code: 'too-many-matches', where: id, data: { path: id, limit: MAX_MATCHES } });
  if (result.isUndecoded) outcome.problems.push({ code: 'decode-limit', where: id, data: { path: id } });
  for (const text of result.texts) inBlobs.add(text, [id]);
  outcome.untoldTexts = inBlobs.untold;
  const { byRole, values } = result;
  if (values.length === 0 && !Object.values(byRole).some((matches) => matches.length > 0)) return;
  outcome.blobs.push({ id, size, byRole: texts.share(byRole), ...(values.length === 0 ? {} : { values: texts.shareList(values) }) });
}

export type HistoryWork = {
  readonly outcome: HistoryOutcome;
  /** Runs jobs; yields often. The outcome is complete when it is done. */
  run(): Generator<void, void>;
  /** Scans a blob that was read in another way. */
  scanBytes(bytes: Buffer): ObjectResult;
};

/** Makes what a thread needs. */
export async function prepareWork(task: HistoryTask): Promise<HistoryWork> {
  const kernel = new Kernel(task.module, task.setup.ruleset.image, PAGES_WITH_STORED + task.arenaPages, task.setup.stored?.image);
  const foreign = await loadForeignEngine(task.setup.ruleset);
  const blobs = new BlobScanner(kernel, task.setup, foreign);
  const scanner = new ObjectScanner(kernel, blobs, reachOf(task.setup.ruleset.image), task.setup.includeBinary);
  const unpacker = new Unpacker(kernel);
  const input = new PackInput(kernel, unpacker, task.packs);
  const outcome = emptyOutcome();
  const sink = sinkInto(outcome);
  const { counters, packs, reported, isWhole } = task;
  let kibibytes = 0;
  const countBytes = (size: number): void => {
    kibibytes += size / 1024;
    const whole = Math.floor(kibibytes);
    kibibytes -= whole;
    if (Atomics.add(counters, KIBIBYTES_DONE, whole) > task.limitKibibytes) Atomics.store(counters, STOP, STOP_TOO_MUCH);
  };
  const countUnpacked = (size: number): void => {
    Atomics.add(counters, OBJECTS_DONE, 1);
    countBytes(size);
  };
  /** What is packed in blobs counts as they do: a blob of bombs may have many deltas. What a delta has from its base was counted there; without records nothing is from there. */
  const countDecoded = ({ isUndecoded, unpackedBytes, records }: ObjectResult): void => {
    const bytes = isUndecoded && !records ? MAX_UNPACKED_BYTES : unpackedBytes;
    if (bytes > 0) countBytes(bytes);
  };
  const arena = new Arena(kernel);
  /** Scans as an object of a pack of that size is scanned. */
  const scanBytes = (bytes: Buffer): ObjectResult => {
    const address = bytes.length > MAX_OBJECT_BYTES ? null : arena.take(bytes.length);
    if (address === null) return scanner.scanWhole(readFromBytes(bytes));
    bytes.copy(kernel.memory, address);
    arena.pad(address, bytes.length);
    const result = scanner.scanAlone({ address, length: bytes.length });
    arena.free(address);
    return result;
  };
  const walker = new TreeWalker(
    { kernel, unpacker, input, arena, scanner, packs, reported, isWhole },
    {
      scanned: (pack, rank, size, result) => {
        countDecoded(result);
        addBlob(sink, idOf(packs[pack], rank), size, result);
      },
      unpacked: countUnpacked,
      failed: (failure) => outcome.failures.push(failure),
    },
  );
  function* verify(pack: number, first: number, end: number): Generator<void, void> {
    try {
      for (const fault of input.verify(pack, first, end)) outcome.failures.push({ pack, ...fault });
    } catch (error) {
      outcome.failures.push({ pack, rank: first, reason: reasonOf(error) });
    }
    yield;
  }
  function* readLoose(first: number, end: number): Generator<void, void> {
    for (const object of task.loose.slice(first, end)) {
      try {
        const bytes = readLooseBlob(object, MAX_OBJECT_BYTES);
        if (bytes) {
          countUnpacked(bytes.length);
          const result = scanBytes(bytes);
          countDecoded(result);
          addBlob(sink, object.id, bytes.length, result);
        }
      } catch (error) {
        outcome.looseFailures.push({ id: object.id, reason: reasonOf(error) });
      }
      yield;
    }
  }
  return {
    outcome,
    scanBytes,
    *run() {
      while (Atomics.load(counters, STOP) === 0) {
        const at = JOB_FIELDS * Atomics.add(counters, NEXT_JOB, 1);
        const [pack, first, end] = task.jobs.subarray(at, at + JOB_FIELDS);
        if (pack === undefined || first === undefined || end === undefined) break;
        const steps = pack === LOOSE ? readLoose(first, end) : end < 0 ? walker.walk(pack, first) : verify(pack, first, end);
        for (const _ of steps) {
          if (Atomics.load(counters, STOP) !== 0) return;
          yield;
        }
      }
      input.close();
    },
  };
}

/** Returns an object's id in hex. */
export function idOf(table: PackTable | undefined, rank: number): string {
  if (!table) throw new DamagedError('there is no such pack');
  const at = (table.positions[rank] ?? 0) * table.idBytes;
  return Buffer.from(table.ids.subarray(at, at + table.idBytes)).toString('hex');
}
