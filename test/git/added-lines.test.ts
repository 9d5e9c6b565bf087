import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddedLines } from '../../src/git/added-lines.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const C = 'c'.repeat(40);

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Content that looks like a patch, hunks of every form, no newline at the end, a binary file, a pure rename. */
const PATCH = [
  'diff --git a/x b/x',
  `index ${A}..${B} 100644`,
  '--- a/x',
  '+++ b/x',
  '@@ -1 +1,2 @@ function f() {',
  '-@@ -1 +1,9 @@',
  '+diff --git a/y b/y',
  '+@@ -9 +9,9 @@',
  '@@ -5,2 +5,0 @@',
  '--- a/x',
  '-\\ backslash',
  '@@ -9 +8 @@',
  '-old',
  '\\ No newline at end of file',
  '+new',
  '\\ No newline at end of file',
  'diff --git "a/quo\\nte" "b/quo\\nte"',
  'similarity index 100%',
  'rename from a',
  'rename to b',
  'diff --git a/bin b/bin',
  `index ${B}..${C}`,
  'Binary files a/bin and b/bin differ',
  'diff --git a/z b/z',
  `index ${A}..${C} 100644`,
  '--- a/z',
  '+++ b/z',
  '@@ -3,0 +4,3 @@',
  '+1',
  '+',
  '+3',
  '',
].join('\n');

describe('parseAddedLines', () => {
  it('reads the new lines however the patch is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 400 }), async (size) => {
        expect(await parseAddedLines(pieces(PATCH, size))).toEqual(
          new Map([
            [
              `${A}..${B}`,
              [
                { first: 1, last: 2 },
                { first: 8, last: 8 },
              ],
            ],
            [`${B}..${C}`, null],
            [`${A}..${C}`, [{ first: 4, last: 6 }]],
          ]),
        );
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  it('stays binary if the same content is text under another name', async () => {
    const binary = `diff --git a/b b/b\nindex ${A}..${B}\nBinary files a/b and b/b differ\n`;
    const text = `diff --git a/c b/c\nindex ${A}..${B}\n@@ -0,0 +1 @@\n+1\n`;
    expect((await parseAddedLines(pieces(binary + text, 7))).get(`${A}..${B}`)).toBe(null);
    expect((await parseAddedLines(pieces(text + binary, 7))).get(`${A}..${B}`)).toBe(null);
  });

  it('refuses an endless header', async () => {
    await expect(parseAddedLines(pieces('x'.repeat(3 << 20), 1 << 16))).rejects.toMatchObject({ code: 'git-failed' });
  });
});
