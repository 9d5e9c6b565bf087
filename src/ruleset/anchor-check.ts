/**
 * What is certain of the bytes at an anchor and round it: eight of them, which the kernel compares at once before it runs a program (src/kernel/assembly/programs.ts, runList). In comes an
 * anchor with the byte sets that its program asks for near it, out go a mask and a value; so a place that fails here fails in the program too. Used by kernel-image.ts.
 */
import { type CommonBits, commonBits, countBits } from './byte-set.ts';
import type { Anchor } from './programs.ts';
import { quadBytes, trigramBytes } from './trigram.ts';

/** Bytes that are compared. */
export const CHECK_BYTES = 8;

/** `shift`: how many bytes before the anchor they begin. */
export type Check = { readonly shift: number; readonly mask: readonly number[]; readonly value: readonly number[] };

/** Returns the check of an anchor's key. Where several eight bytes are known, those of which most is. */
export function checkOf(anchor: Anchor, key: number): Check {
  const isFolded = anchor.kind === 'quad';
  const known = new Map<number, CommonBits>(anchor.near.map(({ offset, set }) => [offset, commonBits(set, isFolded)]));
  const own = ownBytes(anchor, key);
  for (const [offset, byte] of own) known.set(offset, { mask: 0xff, value: byte });
  const first = Math.min(...own.map(([offset]) => offset));
  const last = Math.max(...own.map(([offset]) => offset));
  let best: { check: Check; bits: number } | null = null;
  for (let start = last - CHECK_BYTES + 1; start <= first; start++) {
    if (start > 0) break;
    const bytes = Array.from({ length: CHECK_BYTES }, (_, i) => known.get(start + i) ?? { mask: 0, value: 0 });
    const bits = bytes.reduce((sum, { mask }) => sum + countBits(isFolded ? mask & ~0x20 : mask), 0);
    // Of equals the later: what comes before a place was read already.
    if (!best || bits >= best.bits) {
      best = { check: { shift: 0 - start, mask: bytes.map(({ mask }) => mask), value: bytes.map(({ value }) => value) }, bits };
    }
  }
  return best?.check ?? { shift: 0, mask: [], value: [] };
}

/** The bytes that the key itself says, by their offset from the anchor. */
function ownBytes(anchor: Anchor, key: number): (readonly [number, number])[] {
  const bytes = trigramBytes(key);
  switch (anchor.kind) {
    case 'quad':
      return quadBytes(key).map((byte, i) => [i, byte]);
    case 'forward':
      return bytes.map((byte, i) => [i, byte]);
    case 'behind':
      return bytes.slice(0, 2).map((byte, i) => [i - 2, byte]);
    case 'first':
      return bytes.slice(0, 1).map((byte, i) => [i, byte]);
  }
}
