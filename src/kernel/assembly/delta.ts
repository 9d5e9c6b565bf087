// Applies git's deltas (gitformat-pack, "Deltified representation"): copy from the base, insert from the delta. Hostile input: every offset and length is checked.
// Besides the result it gives what was copied, runs that go on in both base and result joined: what is not in a run is new, and so is each seam between two.
// Of runs that are too short to be of use nothing is told: a text that changed a lot has millions.
import { RUNS, RUNS_MAX } from '../../core/kernel-layout';

let baseSize: i32 = -1;
let resultSize: i32 = -1;

/** Reads the two sizes that a delta begins with; returns where its instructions begin, -1 where the delta is damaged or a size has more than 31 bits. */
export function deltaStart(delta: usize, n: i32): i32 {
  let p = delta;
  const end = delta + <usize>n;
  for (let k = 0; k < 2; k++) {
    let size: u64 = 0;
    let shift: u64 = 0;
    let byte: u32 = 0x80;
    while (byte & 0x80) {
      if (p >= end || shift > 28) return -1;
      byte = <u32>load<u8>(p++);
      size |= <u64>(byte & 0x7f) << shift;
      shift += 7;
    }
    if (size > 0x7fffffff) return -1;
    if (k == 0) baseSize = <i32>size;
    else resultSize = <i32>size;
  }
  return <i32>(p - delta);
}

export function deltaBaseSize(): i32 {
  return baseSize;
}

export function deltaResultSize(): i32 {
  return resultSize;
}

/** Copies to a place that has SLACK bytes after it. Calls of memory.copy cost more than most copies. */
// @ts-ignore: decorator
@inline
function copy(to: usize, from: usize, n: usize): void {
  if (n > 64) {
    memory.copy(to, from, n);
    return;
  }
  v128.store(to, v128.load(from));
  if (n <= 16) return;
  v128.store(to, v128.load(from, 16), 16);
  if (n <= 32) return;
  v128.store(to, v128.load(from, 32), 32);
  v128.store(to, v128.load(from, 48), 48);
}

/** Writes a run, if it is long enough and there is room; returns how many there are. */
function noteRun(runs: i32, start: usize, end: usize, baseEnd: usize, target: usize, least: i32): i32 {
  const size = end - start;
  if (size == 0 || size < <usize>least) return runs;
  if (runs < RUNS_MAX) {
    const run = <usize>RUNS + <usize>runs * 12;
    store<u32>(run, <u32>(start - target));
    store<u32>(run, <u32>(baseEnd - size), 4);
    store<u32>(run, <u32>size, 8);
  }
  return runs + 1;
}

/**
 * Applies the instructions (from deltaStart() on; `n` bytes) to the base and writes deltaResultSize() bytes to `target`, up to 63 more after them, and the runs of
 * `least` bytes and more to RUNS. 64 readable bytes must follow base and delta. Returns the number of runs, which may be more than RUNS_MAX (then the rest were not written), or -1
 * where the delta is damaged.
 */
export function applyDelta(instructions: usize, n: i32, base: usize, baseLength: i32, target: usize, least: i32): i32 {
  if (baseLength != baseSize) return -1;
  let p = instructions;
  const end = p + <usize>n;
  let out = target;
  const outEnd = target + <usize>resultSize;
  let runs: i32 = 0;
  // The last run: where it began in the result, and its ends in result and base.
  let runStart: usize = target, runEnd: usize = target, runBaseEnd: usize = 0;
  while (p < end) {
    const op = <u32>load<u8>(p++);
    if (op & 0x80) {
      let offset: usize = 0, size: usize = 0;
      if (op & 1) offset = <usize>load<u8>(p++);
      if (op & 2) offset |= <usize>load<u8>(p++) << 8;
      if (op & 4) offset |= <usize>load<u8>(p++) << 16;
      if (op & 8) offset |= <usize>load<u8>(p++) << 24;
      if (op & 16) size = <usize>load<u8>(p++);
      if (op & 32) size |= <usize>load<u8>(p++) << 8;
      if (op & 64) size |= <usize>load<u8>(p++) << 16;
      if (size == 0) size = 0x10000;
      if (p > end || offset > <usize>baseLength || size > <usize>baseLength - offset || size > outEnd - out) return -1;
      copy(out, base + offset, size);
      if (runEnd != out || runBaseEnd != offset) {
        runs = noteRun(runs, runStart, runEnd, runBaseEnd, target, least);
        runStart = out;
      }
      out += size;
      runEnd = out;
      runBaseEnd = offset + size;
    } else {
      const size = <usize>op;
      if (size == 0 || size > end - p || size > outEnd - out) return -1;
      copy(out, p, size);
      out += size;
      p += size;
    }
  }
  return out == outEnd ? noteRun(runs, runStart, runEnd, runBaseEnd, target, least) : -1;
}
