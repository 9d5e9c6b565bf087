import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathText, splitAtNul } from '../../src/git/path-text.ts';

describe('pathText', () => {
  it('shows UTF-8 as it is, and bytes that are not as \\xNN', () => {
    expect(pathText(Buffer.from('päth/日本\n'))).toBe('päth/日本\n');
    expect(pathText(Buffer.from([0x61, 0xff, 0xc3, 0xa4, 0xc3, 0x2f]))).toBe('a\\xffä\\xc3/');
  });
});

describe('splitAtNul', () => {
  it('gives the same fields however the output is cut', () => {
    const field = fc.uint8Array({ min: 1, max: 255, minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(field, { minLength: 1 }), fc.array(fc.nat(40), { maxLength: 5 }), (fields, cuts) => {
        const output = Buffer.concat(fields.map((bytes) => Buffer.from([...bytes, 0])));
        const got: string[] = [];
        let rest: Buffer = Buffer.alloc(0);
        let start = 0;
        for (const end of [...cuts.sort((a, b) => a - b), output.length]) {
          const split = splitAtNul(output.subarray(start, Math.max(end, start)), rest);
          rest = split.rest;
          start = Math.max(end, start);
          got.push(...split.fields.map((part) => Buffer.from(part).toString('hex')));
        }
        expect(rest.length).toBe(0);
        expect(got).toEqual(fields.map((bytes) => Buffer.from(bytes).toString('hex')));
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('gives text for UTF-8 and bytes for the rest', () => {
    expect(splitAtNul(Buffer.from('a\0\xff\0b\0', 'latin1'), Buffer.alloc(0)).fields).toEqual(['a', Buffer.from([0xff]), 'b']);
  });
});
