/** The kernel's hashes (src/kernel/assembly/bytes.ts and scan.ts say the same): 16 bits. */

/** Of three bytes. */
export function hash3(bytes: number): number {
  return hashBy(0x9e3779b1, bytes);
}

/** Of four. */
export const hash4 = hash3;

/** Of three bytes of an anchor. */
export function hashBy(factor: number, bytes: number): number {
  return Math.imul(bytes, factor) >>> 16;
}
