/** Three bytes as one number, the first lowest: as the kernel loads them (hash3.ts), and as anchors name them (programs.ts). */

export function packTrigram(first: number, second: number, third: number): number {
  return first + second * 256 + third * 65536;
}

/** Returns the bytes of a trigram in their order; of an anchor's key that is shorter, zeros behind it. */
export function trigramBytes(trigram: number): [number, number, number] {
  return [trigram & 0xff, (trigram >> 8) & 0xff, (trigram >> 16) & 0xff];
}
