/**
 * Says on what bytes round a place the kernel's answer there can hang, from the compiled tables: what tells a scan of changed text how far round a change it
 * must look (carry.ts). Places that the kernel tries are *triggers*; what it reports for one is at most `back` bytes before it.
 *
 * Before a trigger: as far back as a list's programs go, and then what these look at; or the stretch in which keywords of a value are looked for, and the
 * keyword that begins before it. After it: LONG_REACH bytes of a program and what an assignment may take; or the token whose length the gate measures. A program
 * that reads on for longer is told of by the kernel itself, each time (LONG_OUT).
 */
import {
  GATE_TOKEN,
  HEADER_CODE,
  HEADER_KEYWORD_LISTS,
  HEADER_KEYWORDS,
  HEADER_LISTS,
  HEADER_PROGRAM_COUNT,
  HEADER_PROGRAMS,
  KEYWORD_BITS,
  KEYWORD_ENTRY,
  KEYWORD_STEP,
  LIST_ENTRY,
  LONG_REACH,
  OP_BACK,
} from '../../core/kernel-layout.ts';

export type Reach = {
  /** Bytes before a trigger, and after it, on which its answer hangs. */
  readonly before: number;
  readonly after: number;
  /** How far before its trigger a candidate's place can be. */
  readonly back: number;
};

/** What scan.ts reads back from a program's place: an escape (6), or a name before a blank (40 in mayAssign). */
const READ_BACK = 40;
/** The most that mayAssign in scan.ts walks: name 48, carrier 42 and a word 16, operator 40 and an entity 7, type 40, operator 47, a string's letters 3, value DIGIT_BYTES (100) and one. */
const ASSIGNMENT = 344;
/** gate() in scan.ts: 255 bytes, read 16 at a time. */
const TOKEN = 272;

/** Returns how far the kernel looks with these tables. O(size of the tables). */
export function reachOf(image: Uint8Array): Reach {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const header = (at: number): number => view.getUint32(at, true);
  const listBack = longestListBack(view, header(HEADER_LISTS), header(HEADER_PROGRAMS));
  const programBack = longestProgramBack(view, header(HEADER_PROGRAMS), header(HEADER_PROGRAM_COUNT), header(HEADER_CODE));
  const keyword = longestKeyword(view, header(HEADER_KEYWORD_LISTS), header(HEADER_KEYWORDS));
  const gate = image.subarray(GATE_TOKEN, KEYWORD_BITS).reduce((most, bytes) => Math.max(most, bytes), 0);
  const back = listBack + programBack;
  return {
    before: Math.max(back + READ_BACK, gate + keyword + programBack + READ_BACK),
    after: Math.max(LONG_REACH + ASSIGNMENT, TOKEN + LONG_REACH),
    back,
  };
}

function longestListBack(view: DataView, from: number, to: number): number {
  let longest = 0;
  for (let at = from; at + LIST_ENTRY <= to; at += LIST_ENTRY) {
    if (view.getUint16(at, true) !== 65535) longest = Math.max(longest, view.getUint8(at + 2));
  }
  return longest;
}

/** Programs go back at their beginning only. */
function longestProgramBack(view: DataView, programs: number, count: number, code: number): number {
  let longest = 0;
  for (let i = 0; i < count; i++) {
    const at = code + view.getUint32(programs + 4 * i, true);
    if (view.getUint8(at) === OP_BACK) longest = Math.max(longest, view.getUint8(at + 1));
  }
  return longest;
}

function longestKeyword(view: DataView, lists: number, keywords: number): number {
  let longest = 0;
  // Behind the lists the keywords begin.
  for (let at = lists; at + KEYWORD_ENTRY <= keywords; at += KEYWORD_ENTRY) {
    const index = view.getUint16(at + 8, true);
    if (index !== 0) longest = Math.max(longest, view.getUint8(keywords + KEYWORD_STEP * index + 1));
  }
  return longest;
}
