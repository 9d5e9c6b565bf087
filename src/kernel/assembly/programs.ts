// Runs the programs of rules (src/ruleset/programs.ts) where a filter of the scan met their anchor: what comes to OP_REPORT is a candidate. The op codes and the tables
// stand in src/core/kernel-layout.ts. Called by scan.ts and keywords.ts.
import {
  HEADER_CODE, HEADER_LISTS, HEADER_PROGRAMS, HEADER_SETS, LIST_ENTRY, OP_ASSIGN, OP_BACK, OP_BYTE, OP_FOLD, OP_KEYWORD, OP_LEFT, OP_NEAR, OP_NOT_NEXT, OP_REPORT, OP_SET,
  OUT, OUT_MAX,
} from '../../core/kernel-layout';
import { mayAssign } from './assign';
import { inSet, mayBegin } from './bytes';
import { beginPlace, noteLong, readFrom, readTo, windowEnd, windowStart } from './reads';

/** How many candidates there are; OUT holds OUT_MAX at most. */
export let found: i32 = 0;
let listsAt: usize = 0;
let programsAt: usize = 0;
let setsAt: usize = 0;
let codeAt: usize = 0;

/** Begins with a text: no candidates. */
// @ts-ignore: decorator
@inline
export function beginPrograms(): void {
  found = 0;
  listsAt = <usize>load<u32>(HEADER_LISTS);
  programsAt = <usize>load<u32>(HEADER_PROGRAMS);
  setsAt = <usize>load<u32>(HEADER_SETS);
  codeAt = <usize>load<u32>(HEADER_CODE);
}

/** Runs a program at p; notes those whose outcome hangs on bytes far off. */
export function run(program: u32, at: usize): void {
  beginPlace(at);
  readTo(follow(program, at));
  noteLong(at);
}

/** Whether one of the words of OP_KEYWORD stands in the bytes before p. */
function hasKeyword(pc: usize, p: usize): bool {
  const back = <usize>load<u16>(pc + 1);
  // Also where the text's start is in the way: a text that goes on before it may have a keyword there.
  readFrom(p - back);
  const low = max(p - back, windowStart);
  let word = pc + 4;
  for (let left = <u32>load<u8>(pc + 3); left; left--) {
    const length = <usize>load<u8>(word);
    const first = load<u8>(word + 1);
    for (let q = low; q + length <= p; q++) {
      if ((load<u8>(q) | 0x20) != first) continue;
      let i: usize = 1;
      while (i < length && (load<u8>(q + i) | 0x20) == load<u8>(word + 1 + i)) i++;
      if (i == length) return true;
    }
    word += 1 + length;
  }
  return false;
}

/** Whether a literal of OP_NEAR stands at p, or behind bytes of its set. Reads three bytes beyond the last at which it looks. */
function isNear(pc: usize, p: usize): bool {
  const set = setsAt + (<usize>load<u16>(pc + 1) << 5);
  const last = min(p + <usize>load<u16>(pc + 3), windowEnd);
  const end = pc + 6 + (<usize>load<u8>(pc + 5) << 3);
  let q = p;
  for (; q <= last; q++) {
    const here = load<u32>(q) | 0x20202020;
    for (let literal = pc + 6; literal < end; literal += 8) {
      if ((here & load<u32>(literal)) != load<u32>(literal, 4)) continue;
      readTo(q + 3);
      return true;
    }
    if (!inSet(set, load<u8>(q))) break;
  }
  readTo(q + 3);
  return false;
}

/** How many bytes the instruction OP_KEYWORD takes. */
function sizeOfKeywords(pc: usize): usize {
  let word = pc + 4;
  for (let left = <u32>load<u8>(pc + 3); left; left--) word += 1 + <usize>load<u8>(word);
  return word - pc;
}

/** Follows a program from p; reports when it comes to its end. Returns how far it got: no byte after that one was read but by OP_ASSIGN and OP_NEAR, which say so themselves. */
function follow(program: u32, at: usize): usize {
  const entry = programsAt + ((<usize>program) << 2);
  let pc = codeAt + <usize>load<u32>(entry);
  let p = at;
  let start = at;
  while (true) {
    const op = load<u8>(pc);
    if (op == OP_BYTE) {
      if (p >= windowEnd || load<u8>(p) != load<u8>(pc + 1)) return p;
      p++;
      pc += 2;
    } else if (op == OP_SET) {
      const set = setsAt + (<usize>load<u16>(pc + 1) << 5);
      const least = <usize>load<u16>(pc + 3);
      const most = <usize>load<u16>(pc + 5);
      let end = most == 65535 ? windowEnd : min(p + most, windowEnd);
      const from = p;
      while (p < end && inSet(set, load<u8>(p))) p++;
      if (p - from < least) return p;
      pc += 7;
    } else if (op == OP_REPORT) {
      if (found < OUT_MAX) {
        const out = <usize>OUT + (<usize>found << 3);
        store<u32>(out, <u32>(start - windowStart));
        store<u32>(out, program, 4);
      }
      found++;
      return p;
    } else if (op == OP_BACK) {
      const back = <usize>load<u8>(pc + 1);
      // An escape may stand before it.
      readFrom(p - back - 6);
      if (p < windowStart + back) return p;
      p -= back;
      start = p;
      pc += 2;
    } else if (op == OP_FOLD) {
      const length = <usize>load<u8>(pc + 1);
      if (p + length > windowEnd) return p + length;
      for (let i: usize = 0; i < length; i++) if ((load<u8>(p + i) | 0x20) != load<u8>(pc + 2 + i)) return p + length;
      p += length;
      pc += 2 + length;
    } else if (op == OP_LEFT) {
      if (!mayBegin(p)) return p;
      pc += 1;
    } else if (op == OP_NOT_NEXT) {
      if (p < windowEnd && inSet(setsAt + (<usize>load<u16>(pc + 1) << 5), load<u8>(p))) return p;
      pc += 3;
    } else if (op == OP_ASSIGN) {
      if (!mayAssign(p, load<u8>(pc + 1) != 0)) return p;
      pc += 2;
    } else if (op == OP_NEAR) {
      if (!isNear(pc, p)) return p;
      pc += 6 + (<usize>load<u8>(pc + 5) << 3);
    } else if (op == OP_KEYWORD) {
      if (!hasKeyword(pc, start)) return p;
      pc += sizeOfKeywords(pc);
    } else return p;
  }
}

/**
 * Runs the programs of a list at p, where the eight bytes there or round there (case folded by `fold`) are what the entry
 * says too (src/ruleset/anchor-check.ts): most are not, and a program costs some 30 ns.
 */
export function runList(head: u32, p: usize, fold: u64): void {
  let entry = listsAt + <usize>head * LIST_ENTRY;
  while (true) {
    const program = load<u16>(entry);
    if (program == 65535) return;
    if (((load<u64>(p - <usize>load<u8>(entry, 2)) | fold) & load<u64>(entry, 4)) == load<u64>(entry, 12) && p >= windowStart) run(program, p);
    entry += LIST_ENTRY;
  }
}
