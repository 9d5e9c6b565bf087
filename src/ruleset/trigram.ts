/** Three bytes, or four, as one number, the first lowest: as the kernel loads them (hash3.ts), and as anchors name them (programs.ts). */

export function packTrigram(first: number, second: number, third: number): number {
  return first + second * 256 + third * 65536;
}

/** Returns the bytes of a trigram in their order; of an anchor's key that is shorter, zeros behind it. */
export function trigramBytes(trigram: number): [number, number, number] {
  return [trigram & 0xff, (trigram >> 8) & 0xff, (trigram >> 16) & 0xff];
}

export function packQuad(first: number, second: number, third: number, fourth: number): number {
  return packTrigram(first, second, third) + fourth * 2 ** 24;
}

export function quadBytes(quad: number): [number, number, number, number] {
  return [...trigramBytes(quad), quad >>> 24];
}

/** Returns the first three bytes and the last three. */
export function trigramsOfQuad(quad: number): [number, number] {
  return [quad & 0xffffff, quad >>> 8];
}
