/**
 * Says on what bytes round a place the kernel's answer there can hang: what tells a scan of changed text how far round a change it must look (carry.ts). A place
 * is where a program is tried, or where the token begins before which keywords are looked for.
 *
 * For nearly all places these are LONG_BACK bytes before it and LONG_REACH from there on, however far a program, an assignment or a token's length could lead: where
 * more was read the kernel says so, each time, and what it read (LONG_OUT). So nothing here hangs on the rules but where a place stands to what led to it, or came of it.
 */
import {
  HEADER_CODE,
  HEADER_PROGRAM_COUNT,
  HEADER_PROGRAMS,
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

/** Returns how far the kernel looks with these tables. O(size of the tables). */
export function reachOf(image: Uint8Array): Reach {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const header = (at: number): number => view.getUint32(at, true);
  return {
    before: LONG_BACK,
    after: LONG_REACH,
    backs: backsOf(view, header(HEADER_PROGRAMS), header(HEADER_PROGRAM_COUNT), header(HEADER_CODE)),
    ahead: RUN_LENGTH,
  };
}

/** Programs go back at their beginning only. */
function backsOf(view: DataView, programs: number, count: number, code: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => {
    const at = code + view.getUint32(programs + 4 * i, true);
    return view.getUint8(at) === OP_BACK ? view.getUint8(at + 1) : 0;
  });
}
