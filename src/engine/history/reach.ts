/**
 * Says on what bytes round a place the kernel's answer there can hang: what tells a scan of changed text how far round a change it must look (carry.ts). A place
 * is where a program is tried, or where the token begins before which keywords are looked for.
 *
 * For nearly all places these are LONG_BACK bytes before it and LONG_REACH from there on, however far a program, an assignment or a token's length could lead: where
 * more was read the kernel says so, each time, and what it read (LONG_OUT). So nothing here hangs on the rules but where a place stands to what led to it, or came of it.
 */
import {
  HEADER_CODE,
  HEADER_LISTS,
  HEADER_PROGRAM_COUNT,
  HEADER_PROGRAMS,
  LIST_ENTRY,
  LONG_BACK,
  LONG_REACH,
  OP_BACK,
  RUN_LENGTH,
} from '../../core/kernel-layout.ts';

export type Reach = {
  /** Bytes before a place, and from it on, on which its answer hangs, but for what the kernel tells of. */
  readonly before: number;
  readonly after: number;
  /** By program: how many bytes before the place where it is tried its candidates stand. */
  readonly backs: Uint8Array;
  /** A part that is to try all places before one must be scanned so far beyond it. */
  readonly ahead: number;
};

/** Bytes of the literal by which a list's entry is found, and checked. */
const LITERAL = 4;

/** Returns how far the kernel looks with these tables. O(size of the tables). */
export function reachOf(image: Uint8Array): Reach {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const header = (at: number): number => view.getUint32(at, true);
  const listBack = longestListBack(view, header(HEADER_LISTS), header(HEADER_PROGRAMS));
  return {
    before: LONG_BACK,
    after: Math.max(LONG_REACH, listBack + LITERAL),
    backs: backsOf(view, header(HEADER_PROGRAMS), header(HEADER_PROGRAM_COUNT), header(HEADER_CODE)),
    ahead: Math.max(RUN_LENGTH, listBack + 1),
  };
}

/** Returns how far before what leads to it, a literal, a program of a list is tried at most. */
function longestListBack(view: DataView, from: number, to: number): number {
  let longest = 0;
  for (let at = from; at + LIST_ENTRY <= to; at += LIST_ENTRY) {
    if (view.getUint16(at, true) !== 65535) longest = Math.max(longest, view.getUint8(at + 2));
  }
  return longest;
}

/** Programs go back at their beginning only. */
function backsOf(view: DataView, programs: number, count: number, code: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => {
    const at = code + view.getUint32(programs + 4 * i, true);
    return view.getUint8(at) === OP_BACK ? view.getUint8(at + 1) : 0;
  });
}
