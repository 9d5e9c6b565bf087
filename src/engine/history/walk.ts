/**
 * Walks a tree of deltas depth first: each object is unpacked once, scanned, and kept until its last delta is made. The delta with most below it comes
 * last, when its base is let go: so no more objects are in memory at a time than the logarithm of their number, and a chain has two.
 *
 * One a thread (work.ts). What cannot be unpacked here, for damage or for its size, is a failure, with all deltas of it; git is asked for those (asking-git.ts).
 */
import { DamagedError } from '../../git/pack/damaged.ts';
import { BLOB, OFS_DELTA } from '../../git/pack/pack-header.ts';
import type { PackTable } from '../../git/pack/pack-table.ts';
import type { Kernel } from '../../kernel/load.ts';
import type { Unpacker } from '../../kernel/unpack.ts';
import type { Arena } from './arena.ts';
import type { Descent, ObjectResult, ObjectScanner, Unpacked } from './object-scan.ts';
import type { OpenedObject, PackInput } from './pack-input.ts';
import type { Records } from './records.ts';
import { STREAM_BYTES, streamObject } from './stream-blob.ts';

/** An object that was not scanned, and why. */
export type Failure = { readonly pack: number; readonly rank: number; readonly reason: string };

/** Takes what a walk comes to. */
export type WalkSink = {
  scanned(pack: number, rank: number, size: number, result: ObjectResult): void;
  /** An object was unpacked, be it to be reported or as a base only. */
  unpacked(size: number): void;
  failed(failure: Failure): void;
};

export type WalkTools = {
  readonly kernel: Kernel;
  readonly unpacker: Unpacker;
  readonly input: PackInput;
  readonly arena: Arena;
  readonly scanner: ObjectScanner;
  readonly packs: readonly PackTable[];
  /** By pack and rank: 1 where the object is to be scanned and reported. */
  readonly reported: readonly Uint8Array[];
  /** Each blob is scanned whole: the slow twin. */
  readonly isWhole: boolean;
};

type Node = Unpacked & { readonly rank: number; readonly records: Records | null; next: number };

/** Larger objects are not kept in memory: roots are read as streams, deltas of such left to git. */
export const MAX_OBJECT_BYTES = 64 * 1024 * 1024;

const TOO_LARGE = 'it is too large to be unpacked in memory';

export class TreeWalker {
  readonly #tools: WalkTools;
  readonly #sink: WalkSink;

  constructor(tools: WalkTools, sink: WalkSink) {
    this.#tools = tools;
    this.#sink = sink;
  }

  /** Walks the tree below `root`; yields after each object. */
  *walk(pack: number, root: number): Generator<void, void> {
    const table = this.#tableOf(pack);
    const stack: Node[] = [];
    this.#push(
      stack,
      this.#attempt(pack, root, () => this.#makeRoot(pack, root)),
    );
    yield;
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const parent = top;
      const rank = parent.next;
      if (rank >= 0) {
        parent.next = table.nextChildren[rank] ?? -1;
        const made = this.#attempt(pack, rank, () => this.#makeDelta(pack, rank, parent));
        if (parent.next < 0) this.#drop(stack);
        this.#push(stack, made);
        yield;
      } else this.#drop(stack);
    }
    this.#tools.arena.freeAll();
  }

  #drop(stack: Node[]): void {
    const node = stack.pop();
    if (node) this.#tools.arena.free(node.address);
  }

  #push(stack: Node[], node: Node | null): void {
    if (!node) return;
    if (node.next >= 0) stack.push(node);
    else this.#tools.arena.free(node.address);
  }

  /** Returns what `make` returns; null, and failures noted, where the object cannot be unpacked. */
  #attempt(pack: number, rank: number, make: () => Node | null): Node | null {
    try {
      return make();
    } catch (error) {
      const reason = reasonOf(error);
      this.#fail(pack, rank, reason);
      return null;
    }
  }

  #fail(pack: number, rank: number, reason: string): void {
    this.#sink.failed({ pack, rank, reason });
    this.#failBelow(pack, rank);
  }

  #failBelow(pack: number, rank: number): void {
    const { firstChildren, nextChildren } = this.#tableOf(pack);
    const open = [firstChildren[rank] ?? -1];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (at < 0) continue;
      this.#sink.failed({ pack, rank: at, reason: 'what it is a delta of cannot be read' });
      open.push(nextChildren[at] ?? -1, firstChildren[at] ?? -1);
    }
  }

  #makeRoot(pack: number, rank: number): Node | null {
    const object = this.#tools.input.open(pack, rank);
    if (object.type !== BLOB) throw new DamagedError('it is not what it was');
    if (object.size > MAX_OBJECT_BYTES) {
      this.#streamRoot(object);
      return null;
    }
    const address = this.#take(object.size);
    try {
      this.#tools.input.unpack(object, address);
      return this.#finish(pack, rank, address, object.size, null);
    } catch (error) {
      this.#tools.arena.free(address);
      throw error;
    }
  }

  #makeDelta(pack: number, rank: number, parent: Node): Node {
    const { input, unpacker, arena, scanner } = this.#tools;
    const object = input.open(pack, rank);
    if (object.type < OFS_DELTA) throw new DamagedError('it is not what it was');
    if (object.size > MAX_OBJECT_BYTES) throw new DamagedError(TOO_LARGE);
    const delta = this.#take(object.size);
    let address: number | null = null;
    try {
      input.unpack(object, delta);
      const frame = unpacker.deltaFrame(delta, object.size);
      if (!frame || frame.baseSize !== parent.length) throw new DamagedError('its delta is not one of its base');
      if (frame.resultSize > MAX_OBJECT_BYTES) throw new DamagedError(TOO_LARGE);
      address = this.#take(frame.resultSize);
      const [from, bytes] = [delta + frame.start, object.size - frame.start];
      const runs = unpacker.applyDelta(from, bytes, parent.address, parent.length, address, scanner.leastRun);
      if (runs === null) throw new DamagedError('its delta is damaged');
      const descent = runs !== 'many' && parent.records ? { base: parent.records, baseLength: parent.length, runs } : null;
      return this.#finish(pack, rank, address, frame.resultSize, descent);
    } catch (error) {
      if (address !== null) arena.free(address);
      throw error;
    } finally {
      arena.free(delta);
    }
  }

  #finish(pack: number, rank: number, address: number, length: number, descent: Descent | null): Node {
    const { arena, scanner, reported, isWhole } = this.#tools;
    arena.pad(address, length);
    this.#sink.unpacked(length);
    const next = this.#tableOf(pack).firstChildren[rank] ?? -1;
    if (!reported[pack]?.[rank]) return { rank, address, length, records: null, next };
    const result = isWhole ? scanner.scanAlone({ address, length }) : scanner.scan({ address, length }, descent);
    this.#sink.scanned(pack, rank, length, result);
    return { rank, address, length, records: result.records, next };
  }

  /** Scans a blob that is no delta, window by window; deltas of it are left to git. */
  #streamRoot(object: OpenedObject): void {
    const { kernel, input, arena, scanner, reported } = this.#tools;
    const { pack, rank, size } = object;
    if (reported[pack]?.[rank]) {
      const room = this.#take(STREAM_BYTES);
      try {
        let read = 0;
        const readAt = streamObject(kernel, input, object, room);
        const result = scanner.scanWhole((target, offset, length, position) => {
          const got = readAt(target, offset, length, position);
          read = Math.max(read, position + got);
          return got;
        });
        // The sniffing of a binary one ends early: its size and checksum are read to the end all the same.
        const rest = new Uint8Array(65536);
        for (let got = readAt(rest, 0, rest.length, read); got > 0; got = readAt(rest, 0, rest.length, read)) read += got;
        if (read !== size) throw new DamagedError('its packed bytes are damaged');
        this.#sink.unpacked(size);
        this.#sink.scanned(pack, rank, size, result);
      } finally {
        arena.free(room);
      }
    }
    this.#failBelow(pack, rank);
  }

  #take(size: number): number {
    const address = this.#tools.arena.take(size);
    if (address === null) throw new DamagedError(TOO_LARGE);
    return address;
  }

  #tableOf(pack: number): PackTable {
    const table = this.#tools.packs[pack];
    if (!table) throw new Error(`there is no pack ${pack}`);
    return table;
  }
}

/** Returns why an object could not be read; throws on what is a fault of ours. */
export function reasonOf(error: unknown): string {
  if (error instanceof DamagedError) return error.message;
  // Of the file system; ERR_… would be a wrong call of ours.
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code))
    return error.code.toLowerCase();
  throw error;
}
