import { describe, expect, it } from 'vitest';
import { TextScanner } from '../../../src/engine/history/texts.ts';
import { BlobScanner, type ScanSetup } from '../../../src/engine/scan-blob.ts';
import { loadForeignEngine } from '../../../src/engine/threads.ts';
import { builtInKernel } from '../../../src/kernel/built-in.ts';
import { Kernel } from '../../../src/kernel/load.ts';
import { builtInRuleset } from '../../../src/ruleset/load.ts';
import { token } from './audit-folder.ts';

/** Key, line and column of what is found in texts that are scanned together. */
async function found(texts: readonly (string | Buffer)[]): Promise<string[]> {
  const setup: ScanSetup = { ruleset: builtInRuleset(), off: new Set(), includeBinary: false, maxDecodeDepth: 0, archiveDepth: 0 };
  const foreign = await loadForeignEngine(setup.ruleset);
  const scanner = new TextScanner<number>(new BlobScanner(new Kernel(builtInKernel(), setup.ruleset.image), setup, foreign));
  for (const [key, text] of texts.entries()) scanner.add(key, Buffer.from(text));
  scanner.flush();
  return scanner.found.flatMap(({ key, matches }) => matches.map(({ place }) => `${key}:${place.line}:${place.column}`));
}

describe('TextScanner', () => {
  const filler = Array.from({ length: 500 }, (_, at) => `change number ${at}\n\nand why: ${'because '.repeat(40)}\n`);

  it('gives each text its own places, whatever stands beside it', async () => {
    const texts = [...filler];
    texts[3] = `x\n\nuse ${token('a')}`;
    texts[4] = token('b');
    texts[499] = `last ${token('c')}\n`;
    expect(await found(texts)).toEqual(['3:3:5', '4:1:1', '499:1:6']);
    expect(await found([`x\n\nuse ${token('a')}`])).toEqual(['0:3:5']);
  });

  it('finds what spans more than one batch and more than one window', async () => {
    const long = `${'words and words '.repeat(400_000)}\n${token('a')}\n`;
    expect(await found(['one', long, token('b')])).toEqual(['1:2:1', '2:1:1']);
  });

  it('is not blinded by NULs and marks of other encodings', async () => {
    const marks = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`key ${token('a')}`)]);
    const nul = Buffer.from(`a\0key ${token('b')}`);
    expect(await found([marks, ...filler.slice(0, 3), nul])).toEqual(['0:1:7', '4:1:7']);
    expect(await found([marks])).toEqual(['0:1:7']);
    expect(await found([nul])).toEqual(['0:1:7']);
  });

  it('does not let texts complete each other', async () => {
    expect(await found(['password =', '"kx83hdkTq92mmwQz"', filler[0] ?? ''])).toEqual([]);
  });
});
