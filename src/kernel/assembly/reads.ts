// The text that is scanned, and which bytes of it were read for the place that is being tried: what a scan of changed text must know (src/engine/history/carry.ts). Most
// places hang on the bytes close by; those that hang on more are noted in LONG_OUT.
import { LONG_BACK, LONG_MAX, LONG_OUT, LONG_REACH } from '../../core/kernel-layout';

export let windowStart: usize = 0;
export let windowEnd: usize = 0;
let long: i32 = 0;
/** The first byte that was read for the place that is being tried, and the last one, or more than these. */
let lowest: usize = 0;
let reached: usize = 0;

/** Begins with a text: no place of it is noted. */
// @ts-ignore: decorator
@inline
export function beginText(address: usize, n: i32): void {
  long = 0;
  windowStart = address;
  windowEnd = address + <usize>n;
}

/** Begins with a place: nothing was read for it. */
// @ts-ignore: decorator
@inline
export function beginPlace(at: usize): void {
  lowest = reached = at;
}

/** Notes that no byte before p was read. */
// @ts-ignore: decorator
@inline
export function readFrom(p: usize): void {
  lowest = min(lowest, p);
}

/** Notes that no byte after p was read. */
// @ts-ignore: decorator
@inline
export function readTo(p: usize): void {
  if (p > reached) reached = p;
}

/** Notes a place for which bytes from `lowest` to `reached` were read, if these are far off. Notes of one place that follow each other become one. */
export function noteLong(at: usize): void {
  if (reached < at + LONG_REACH && lowest + LONG_BACK >= at) return;
  const place = <u32>(at - windowStart);
  const low = <i32>(<u32>lowest - <u32>windowStart), high = <u32>(reached - windowStart);
  if (long > 0 && long <= LONG_MAX) {
    const last = <usize>LONG_OUT + <usize>(long - 1) * 12;
    if (load<u32>(last) == place) {
      store<i32>(last, min(load<i32>(last, 4), low), 4);
      store<u32>(last, max(load<u32>(last, 8), high), 8);
      return;
    }
  }
  if (long < LONG_MAX) {
    const out = <usize>LONG_OUT + <usize>long * 12;
    store<u32>(out, place);
    store<i32>(out, low, 4);
    store<u32>(out, high, 8);
  }
  long++;
}

/**
 * How many places of the last scan stand in LONG_OUT: place u32, first byte read i32 (below zero where the text's start was in the way), last byte read u32; may
 * be more than LONG_MAX. All that is not noted hangs on [place - LONG_BACK, place + LONG_REACH) alone.
 */
export function longReads(): i32 {
  return long;
}
