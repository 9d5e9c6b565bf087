import { expect, it } from 'vitest';
import { packTrigram, trigramBytes } from '../../src/ruleset/trigram.ts';

it('a trigram is what the kernel loads at its first byte, and gives its bytes back', () => {
  const view = new DataView(new ArrayBuffer(4));
  const trigrams: readonly (readonly [number, number, number])[] = [
    [0, 0, 0],
    [1, 2, 3],
    [0x67, 0x68, 0x70],
    [0xff, 0, 0x80],
    [0xff, 0xff, 0xff],
  ];
  for (const bytes of trigrams) {
    for (const [at, byte] of bytes.entries()) view.setUint8(at, byte);
    expect([packTrigram(...bytes), trigramBytes(packTrigram(...bytes))]).toEqual([view.getUint32(0, true), [...bytes]]);
  }
});
