/**
 * Brings packed objects into the kernel's memory and unpacks them there, through small windows: a pack is never in memory, whatever its size. Each object's packed
 * bytes are checked against the index's CRC-32, so that a damaged one is known before anything is made of it. One a thread.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { INPUT, INPUT_BYTES } from '../../core/kernel-layout.ts';
import { DamagedError } from '../../git/pack/damaged.ts';
import { MAX_HEADER_BYTES, type ObjectHeader, readObjectHeader } from '../../git/pack/pack-header.ts';
import type { PackTable } from '../../git/pack/pack-table.ts';
import type { Kernel } from '../../kernel/load.ts';
import { INFLATE_DAMAGED, INFLATE_DONE, INFLATE_NEEDS_INPUT, type Unpacker } from '../../kernel/unpack.ts';

const SLOT_BYTES = 65536;
/** Read at once where an object is smaller: its neighbours are often of the same tree, but a walk soon leaves them. */
const AHEAD_BYTES = 8192;
const SLOTS = 16;
/** For objects that are larger packed than a slot. */
const PIECE = INPUT + SLOTS * SLOT_BYTES;
const PIECE_BYTES = INPUT_BYTES - SLOTS * SLOT_BYTES;

type Slot = { pack: number; from: number; to: number };

/** An object whose header was read. */
export type OpenedObject = ObjectHeader & {
  readonly pack: number;
  readonly rank: number;
  /** Packed bytes, with the header. */
  readonly packedBytes: number;
  /** Where they are in the kernel's memory; -1 where they are too many for a slot. */
  readonly address: number;
};

export class PackInput {
  readonly #memory: Buffer;
  readonly #unpacker: Unpacker;
  readonly #packs: readonly PackTable[];
  readonly #descriptors: (number | undefined)[] = [];
  readonly #slots: Slot[] = Array.from({ length: SLOTS }, () => ({ pack: -1, from: 0, to: 0 }));
  #nextSlot = 0;

  constructor(kernel: Kernel, unpacker: Unpacker, packs: readonly PackTable[]) {
    this.#memory = kernel.memory;
    this.#unpacker = unpacker;
    this.#packs = packs;
  }

  /** Reads an object's header, and all of it where it is small. Throws DamagedError, and what the file system throws. */
  open(pack: number, rank: number): OpenedObject {
    const table = this.#tableOf(pack);
    const from = table.offsets[rank] ?? 0;
    const packedBytes = (table.offsets[rank + 1] ?? 0) - from;
    if (packedBytes <= 0) throw new DamagedError('the pack ends before it');
    if (packedBytes <= SLOT_BYTES) {
      const address = this.#load(pack, from, packedBytes);
      const bytes = this.#memory.subarray(address, address + packedBytes);
      this.#check(table, rank, crc32(bytes));
      return { ...readObjectHeader(bytes, 0, table.idBytes), pack, rank, packedBytes, address };
    }
    const head = this.#memory.subarray(PIECE, PIECE + MAX_HEADER_BYTES);
    if (this.#read(pack, head, from) < MAX_HEADER_BYTES) throw new DamagedError('the pack ends before it');
    return { ...readObjectHeader(head, 0, table.idBytes), pack, rank, packedBytes, address: -1 };
  }

  /** Unpacks it to `target`, where there is room for its size. Throws DamagedError. */
  unpack(object: OpenedObject, target: number): void {
    const { address, length, packedBytes, size } = object;
    if (address >= 0) {
      if (!this.#unpacker.inflateWhole(address + length, packedBytes - length, target, size)) throw new DamagedError(NOT_PACKED);
      return;
    }
    let written = 0;
    for (const part of this.stream(object, () => [target + written, size - written, written])) written += part;
    if (written !== size) throw new DamagedError(NOT_PACKED);
  }

  /**
   * Unpacks an object piece by piece. `room` says, before each piece, where it goes, how much fits there, and how much of the output stands before it. Yields the
   * bytes of each piece. Throws DamagedError, at the end too.
   */
  *stream({ pack, rank, packedBytes, length }: OpenedObject, room: () => readonly [number, number, number]): Generator<number, void> {
    const table = this.#tableOf(pack);
    const from = table.offsets[rank] ?? 0;
    const piece = this.#memory.subarray(PIECE, PIECE + PIECE_BYTES);
    let sum = 0;
    /** Bytes of the object that were read, of which `kept` in the piece are still to be unpacked. */
    let read = 0;
    let kept = 0;
    let at = 0;
    this.#unpacker.startStream();
    for (;;) {
      if (kept - at < PIECE_BYTES / 2 && read < packedBytes) {
        piece.copyWithin(0, at, kept);
        [at, kept] = [0, kept - at];
        const wanted = Math.min(piece.length - kept, packedBytes - read);
        const got = this.#read(pack, piece.subarray(kept, kept + wanted), from + read);
        if (got < wanted) throw new DamagedError('the pack ends before it');
        sum = crc32(piece.subarray(kept, kept + got), sum);
        if (read === 0) at = length;
        read += got;
        kept += got;
      }
      const [target, capacity, history] = room();
      const step = this.#unpacker.inflateOn(PIECE + at, kept - at, read === packedBytes, target, capacity, history);
      at += step.read;
      // Of one byte too many nothing may come out: the size is known.
      yield step.written;
      if (step.status === INFLATE_DONE) break;
      const isStuck = step.written === 0 && step.read === 0 && (step.status !== INFLATE_NEEDS_INPUT || read === packedBytes);
      if (isStuck || step.status >= INFLATE_DAMAGED) throw new DamagedError(NOT_PACKED);
    }
    for (; read < packedBytes; ) {
      const got = this.#read(pack, piece.subarray(0, Math.min(piece.length, packedBytes - read)), from + read);
      if (got === 0) throw new DamagedError('the pack ends before it');
      sum = crc32(piece.subarray(0, got), sum);
      read += got;
    }
    this.#check(table, rank, sum);
  }

  /** Checks objects that nobody unpacks, against the index's CRC-32. Yields the faults. */
  *verify(pack: number, first: number, end: number): Generator<{ rank: number; reason: string }> {
    const { offsets, crcs } = this.#tableOf(pack);
    if (!crcs) return;
    for (let rank = first; rank < end; rank++) {
      const to = offsets[rank + 1] ?? 0;
      let at = offsets[rank] ?? 0;
      let sum = 0;
      while (at < to) {
        const take = Math.min(to - at, SLOT_BYTES);
        const address = this.#load(pack, at, take);
        sum = crc32(this.#memory.subarray(address, address + take), sum);
        at += take;
      }
      if (sum !== crcs[rank]) yield { rank, reason: WRONG_SUM };
    }
  }

  close(): void {
    for (const descriptor of this.#descriptors) if (descriptor !== undefined) closeSync(descriptor);
    this.#descriptors.length = 0;
  }

  #check({ crcs }: PackTable, rank: number, sum: number): void {
    if (crcs && crcs[rank] !== sum) throw new DamagedError(WRONG_SUM);
  }

  /** Returns the address of bytes of a pack, at most SLOT_BYTES. */
  #load(pack: number, from: number, length: number): number {
    for (let i = 0; i < SLOTS; i++) {
      const slot = this.#slots[i];
      if (slot && slot.pack === pack && slot.from <= from && slot.to >= from + length) return INPUT + i * SLOT_BYTES + from - slot.from;
    }
    const index = this.#nextSlot;
    this.#nextSlot = (index + 1) % SLOTS;
    const address = INPUT + index * SLOT_BYTES;
    const slot = this.#slots[index];
    const read = this.#read(pack, this.#memory.subarray(address, address + Math.max(length, AHEAD_BYTES)), from);
    if (slot) Object.assign(slot, { pack, from, to: from + read });
    if (read < length) throw new DamagedError('the pack ends before it');
    return address;
  }

  #read(pack: number, into: Buffer, from: number): number {
    this.#descriptors[pack] ??= openSync(this.#tableOf(pack).file, 'r');
    const descriptor = this.#descriptors[pack];
    let done = 0;
    while (done < into.length) {
      const read = readSync(descriptor, into, done, into.length - done, from + done);
      if (read === 0) break;
      done += read;
    }
    return done;
  }

  #tableOf(pack: number): PackTable {
    const table = this.#packs[pack];
    if (!table) throw new Error(`there is no pack ${pack}`);
    return table;
  }
}

const NOT_PACKED = 'its packed bytes are damaged';
/** Something in the pack changed. Told of even where git can make the object of it. */
export const WRONG_SUM = 'its bytes are not what the index says';
