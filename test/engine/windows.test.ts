import { describe, expect, it } from 'vitest';
import { WINDOW_MAX } from '../../src/core/kernel-layout.ts';
import { BlobScanner } from '../../src/engine/scan-blob.ts';
import { readFromBytes } from '../../src/engine/windows.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { Kernel } from '../../src/kernel/load.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { builtInRuleset } from '../../src/ruleset/load.ts';
import { V8 } from '../../src/ruleset/regex-engine.ts';

const ruleset = builtInRuleset();
const scanner = new BlobScanner(
  new Kernel(builtInKernel(), ruleset.image),
  { ruleset, off: new Set(), includeBinary: false, maxDecodeDepth: 3, archiveDepth: 0 },
  V8,
);
const token = fillExample('{{crc32-base62-body:ghp_:30}}', 'windows');

function found(bytes: Buffer) {
  return scanner.scan(readFromBytes(bytes), 'a.conf').matches.map(({ place, secret }) => ({ ...place, secret }));
}

describe('windows', () => {
  it('find a token once, at the right place, wherever it lies round the edge of a window', () => {
    const size = WINDOW_MAX + 300_000;
    const line = 'the quick brown fox jumps over it\n';
    const filler = Buffer.from(line.repeat(Math.ceil(size / line.length))).subarray(0, size);
    for (const at of [
      0,
      70_000,
      WINDOW_MAX - 140_000,
      WINDOW_MAX - 69_700,
      WINDOW_MAX - 69_632,
      WINDOW_MAX - 40,
      WINDOW_MAX - 20,
      WINDOW_MAX,
      WINDOW_MAX + 200_000,
    ]) {
      const bytes = Buffer.from(filler);
      bytes.write(` ${token} `, at, 'latin1');
      const [first, ...others] = found(bytes);
      const before = bytes.toString('latin1', 0, at + 1).split('\n');
      expect(others, `at ${at}`).toEqual([]);
      expect(first, `at ${at}`).toMatchObject({
        line: before.length,
        column: (before.at(-1)?.length ?? 0) + 1,
        span: { start: at + 1, end: at + 1 + token.length },
        secret: token,
      });
    }
  });

  it('count columns of one line that is longer than several windows', () => {
    const bytes = Buffer.alloc(2 * WINDOW_MAX + 1000, 0x20);
    bytes.write('é', 0);
    bytes.write(token, bytes.length - 100, 'latin1');
    expect(found(bytes)).toMatchObject([{ line: 1, column: bytes.length - 100, span: { start: bytes.length - 100 } }]);
  });

  it('read UTF-16 of both orders, with places in the bytes of the file', () => {
    for (const order of ['utf-16le', 'utf-16be'] as const) {
      for (const prefix of ['x = 1\nkey = ', '😀é\n'.repeat(400_000)]) {
        const text = `\uFEFF${prefix}${token}\n`;
        const bytes = Buffer.from(text, 'utf16le');
        if (order === 'utf-16be') bytes.swap16();
        const start = 2 * (1 + prefix.length);
        expect(found(bytes), `${order} ${prefix.length}`).toMatchObject([
          { line: prefix.split('\n').length, secret: token, span: { start, end: start + 2 * token.length } },
        ]);
      }
    }
  });

  it('read UTF-32 of both orders by their marks, with places in the bytes of the file', () => {
    for (const isLittle of [true, false]) {
      for (const prefix of ['x = 1\nkey = ', '😀é\n'.repeat(400_000)]) {
        const codes = Array.from(`\uFEFF${prefix}${token}\n`, (character) => character.codePointAt(0) ?? 0);
        const bytes = Buffer.alloc(4 * codes.length);
        for (const [i, code] of codes.entries())
          if (isLittle) bytes.writeUInt32LE(code, 4 * i);
          else bytes.writeUInt32BE(code, 4 * i);
        const start = 4 * (1 + Array.from(prefix).length);
        expect(found(bytes), `${isLittle} ${prefix.length}`).toMatchObject([
          { line: prefix.split('\n').length, secret: token, span: { start, end: start + 4 * token.length } },
        ]);
      }
    }
  });

  it('count columns in UTF-16 units, and in bytes where the text is no UTF-8', () => {
    expect(found(Buffer.from(`😀é ${token}`))).toMatchObject([{ line: 1, column: 5 }]);
    expect(found(Buffer.concat([Buffer.from([0xe9, 0xff, 0x20]), Buffer.from(token)]))).toMatchObject([{ line: 1, column: 4 }]);
  });

  it('pass over binary data and say so', () => {
    const bytes = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 1]), Buffer.from(` ${token} `)]);
    expect(scanner.scan(readFromBytes(bytes), 'a.out')).toMatchObject({ isBinary: true, matches: [] });
  });

  it('end a file with endless matches and say so', () => {
    const bytes = Buffer.from(
      Array.from({ length: 12_000 }, (_, i) => fillExample('k = "{{crc32-base62-body:ghp_:30}}"\n', `${i}`)).join(''),
    );
    const result = scanner.scan(readFromBytes(bytes), 'a.conf');
    expect(result.isOverfull).toBe(true);
    expect(result.matches.length).toBe(10_000);
  });
});
