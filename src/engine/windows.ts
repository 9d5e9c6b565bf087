/**
 * Brings a blob of any size into the kernel's window, piece by piece, in bounded memory. Each piece has LEAD bytes before and TAIL bytes after its
 * core, so that a match (at most 64 KiB) is whole in the window whose core its place falls into, and is found there only.
 */

import { WINDOW_MAX } from '../core/kernel-layout.ts';
import type { Kernel } from '../kernel/load.ts';
import { decodeUnits, detectEncoding, PROBE_BYTES, type TextEncoding, unitBytes, type WideEncoding } from './encoding.ts';
import { HEAD_BYTES } from './unpack/format.ts';

/** Reads up to `length` bytes at `position` into `target` at `offset`; returns how many, 0 at the end. */
export type ReadAt = (target: Uint8Array, offset: number, length: number, position: number) => number;

export type LoadedWindow = {
  /** Bytes in the kernel's window. */
  readonly length: number;
  /** The places [coreStart, coreEnd) are this window's own. */
  readonly coreStart: number;
  readonly coreEnd: number;
  /** Where the next window begins, in this one's bytes; -1 when there is none. */
  readonly nextStart: number;
  /** Returns the byte of the blob that a byte of the window comes from. */
  toBlob(at: number): number;
};

const LEAD = 65536;
const TAIL = 65536 + 4096;
/** Bytes of UTF-16 or UTF-32 at a time: they take up to half as much again in UTF-8. */
const RAW_MAX = 2 * 1024 * 1024;

/** What a blob is by its first bytes: how it is read, or `archive` where it is to be unpacked. */
export type BlobKind = TextEncoding | 'archive';

/** Reads a blob's first window, and returns its length. */
export function loadFirst(kernel: Kernel, readAt: ReadAt): number {
  return fill(readAt, kernel.window, 0, WINDOW_MAX, 0);
}

/** Returns what a blob is whose first window was just loaded. `isArchive` is asked once. */
export function kindOfFirst(kernel: Kernel, length: number, isArchive: (head: Uint8Array) => boolean): BlobKind {
  const { buffer, byteOffset } = kernel.window;
  // No subarray() of a Buffer, and no search by one: with small files each of them takes longer than the kernel.
  const head = new Uint8Array(buffer, byteOffset, Math.min(length, HEAD_BYTES));
  if (isArchive(head)) return 'archive';
  return detectEncoding(head, kernel.countByte(0, Math.min(length, PROBE_BYTES), 0) > 0);
}

/** Returns whether the first window, of this length, is all of a blob, byte for byte. Nearly every file is so. */
export function isWhole(kind: BlobKind, length: number): boolean {
  return length < WINDOW_MAX && (kind === 'bytes' || kind === 'binary');
}

/** Gives the windows of a blob one after another, of which the first was just loaded; the kernel's window holds each until the next is asked for. */
export function windowsOf(kernel: Kernel, readAt: ReadAt, encoding: TextEncoding, firstLength: number): Generator<LoadedWindow, void> {
  return encoding === 'bytes' || encoding === 'binary' ? loadBytes(kernel, readAt, firstLength) : loadWide(kernel, readAt, encoding);
}

function* loadBytes(kernel: Kernel, readAt: ReadAt, firstLength: number): Generator<LoadedWindow, void> {
  let start = 0;
  let length = firstLength;
  while (length > 0) {
    const isLast = length < WINDOW_MAX;
    const coreEnd = isLast ? length : length - TAIL;
    const at = start;
    yield { length, coreStart: start === 0 ? 0 : LEAD, coreEnd, nextStart: isLast ? -1 : coreEnd - LEAD, toBlob: (byte) => at + byte };
    if (isLast) return;
    start += coreEnd - LEAD;
    length = fill(readAt, kernel.window, 0, WINDOW_MAX, start);
  }
}

function* loadWide(kernel: Kernel, readAt: ReadAt, encoding: WideEncoding): Generator<LoadedWindow, void> {
  const raw = new Uint8Array(RAW_MAX);
  for (let start = 0; ; ) {
    const rawLength = fill(readAt, raw, 0, RAW_MAX, start);
    if (rawLength === 0) return;
    const text = decodeUnits(raw.subarray(0, rawLength), encoding);
    const bytesTo = (rawAt: number): number => Buffer.byteLength(decodeUnits(raw.subarray(0, rawAt), encoding));
    const length = kernel.window.write(text);
    const isLast = rawLength < RAW_MAX;
    const rawEnd = isLast ? rawLength : rawLength - TAIL;
    const at = start;
    yield {
      length,
      coreStart: start === 0 ? 0 : bytesTo(LEAD),
      coreEnd: isLast ? length : bytesTo(rawEnd),
      nextStart: isLast ? -1 : bytesTo(rawEnd - LEAD),
      toBlob: (byte) => at + rawBytes(kernel.window.toString('utf8', 0, byte), encoding),
    };
    if (isLast) return;
    start += rawEnd - LEAD;
  }
}

/** Returns how many bytes a text took. */
function rawBytes(text: string, encoding: WideEncoding): number {
  const pairs = unitBytes(encoding) === 4 ? (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0) : 0;
  return unitBytes(encoding) * (text.length - pairs);
}

/** Reads until `length` bytes are there or the end is reached. */
function fill(readAt: ReadAt, target: Uint8Array, offset: number, length: number, position: number): number {
  let total = 0;
  while (total < length) {
    const read = readAt(target, offset + total, length - total, position + total);
    if (read === 0) break;
    total += read;
  }
  return total;
}

/** Reads from bytes in memory. */
export function readFromBytes(bytes: Uint8Array): ReadAt {
  return (target, offset, length, position) => {
    const part = bytes.subarray(position, position + length);
    target.set(part, offset);
    return part.length;
  };
}
