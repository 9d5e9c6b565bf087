/** Diffs against git itself: what `git apply` makes of the old text is the new text, for random texts and edits. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyEdits, type Edit } from '../../src/fix/rewrite.ts';
import { unifiedDiff } from '../../src/fix/unified-diff.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leakwarden-diff-'));
  execFileSync('git', ['init', '-q', folder]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What git makes of it. */
function applied(text: string, diff: string): string {
  writeFileSync(join(folder, 'a.txt'), text, 'latin1');
  if (diff !== '')
    execFileSync('git', ['apply', '--whitespace=nowarn', '-'], {
      cwd: folder,
      input: Buffer.from(diff, 'latin1'),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  return readFileSync(join(folder, 'a.txt'), 'latin1');
}

const line = fc.constantFrom('', 'a', 'b', 'key = 1', 'umlaut \xe4', 'crlf\r');
const texts = fc.tuple(fc.array(line, { maxLength: 30 }), fc.boolean()).map(([lines, ends]) => lines.join('\n') + (ends ? '\n' : ''));
const edits = fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom('', 'x', 'new\n', 'two\nlines\n', '\n')), {
  minLength: 1,
  maxLength: 4,
});

/** Cuts random numbers to edits that lie in the text and don't touch each other. */
function fitted(text: string, drawn: readonly (readonly [number, number, string])[]): Edit[] {
  const out: Edit[] = [];
  const sorted = drawn.map(([at, length, now]) => [at % (text.length + 1), length, now] as const).sort((a, b) => a[0] - b[0]);
  for (const [start, length, now] of sorted) {
    if (start <= (out.at(-1)?.end ?? -1)) continue;
    out.push({ start, end: Math.min(text.length, start + length), text: now });
  }
  return out;
}

describe('unified diff', () => {
  it('is what git apply takes, for any edits', () => {
    fc.assert(
      fc.property(texts, edits, (text, drawn) => {
        const fit = fitted(text, drawn);
        const now = applyEdits(text, fit);
        fc.pre(now !== text && now !== '' && text !== '');
        expect(applied(text, unifiedDiff('a.txt', text, fit))).toBe(now);
      }),
      { numRuns: 150, seed: 20 },
    );
  });

  it('shows three lines around a change, and nothing else', () => {
    const text = Array.from({ length: 20 }, (_, index) => `line ${index}\n`).join('');
    const start = text.indexOf('line 10');
    expect(unifiedDiff('a.txt', text, [{ start, end: start + 7, text: 'new' }])).toBe(
      '--- a/a.txt\n+++ b/a.txt\n@@ -8,7 +8,7 @@\n line 7\n line 8\n line 9\n-line 10\n+new\n line 11\n line 12\n line 13\n',
    );
  });

  it('is empty without edits', () => {
    expect(unifiedDiff('a.txt', 'text\n', [])).toBe('');
  });
});
