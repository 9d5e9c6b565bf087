/** The kernel's hash of three bytes (src/kernel/assembly/bytes.ts says the same). */

/** Returns 16 bits. */
export function hash3(bytes: number): number {
  return Math.imul(bytes, 0x9e3779b1) >>> 16;
}
