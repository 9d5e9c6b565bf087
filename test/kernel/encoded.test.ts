import { describe, expect, it } from 'vitest';
import { ENCODED_BASE64 } from '../../src/core/kernel-layout.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { Kernel } from '../../src/kernel/load.ts';
import { builtInRuleset } from '../../src/ruleset/load.ts';
import { PIECES } from './encoded-pieces.ts';
import { randomNumbers } from './random-text.ts';
import { type Span, slowEncoded } from './slow-encoded.ts';

const kernel = new Kernel(builtInKernel(), builtInRuleset().image);

function fastEncoded(data: Uint8Array): Span[] {
  kernel.window.set(data);
  kernel.scan(data.length);
  const { spans } = kernel.findEncoded(data.length);
  return Array.from({ length: spans.length / 3 }, (_, i) => ({
    kinds: spans[3 * i] ?? 0,
    start: spans[3 * i + 1] ?? 0,
    end: spans[3 * i + 2] ?? 0,
  }));
}

function shown(spans: readonly Span[]): string[] {
  return spans.map(({ kinds, start, end }) => `${start}-${end} ${kinds}`).sort();
}

describe('findEncoded', () => {
  it('lists the same spans as its slow twin on random text', () => {
    const random = randomNumbers(31);
    const kinds = new Map<number, number>();
    for (let round = 0; round < 3000; round++) {
      const text = Array.from({ length: 1 + random(14) }, () => PIECES[random(PIECES.length)]?.(random)).join('');
      const data = Buffer.from(text, 'latin1');
      const slow = slowEncoded(data);
      for (const span of slow) kinds.set(span.kinds, (kinds.get(span.kinds) ?? 0) + 1);
      const fast = fastEncoded(data);
      if (shown(fast).join() !== shown(slow).join()) expect(shown(fast), `round ${round}: ${JSON.stringify(text)}`).toEqual(shown(slow));
    }
    for (const kind of [1, 2, 4, 8, 16, 32, 64]) expect(kinds.get(kind) ?? 0, `kind ${kind}`).toBeGreaterThan(20);
  }, 120_000);

  it('lists each kind at every place in a block and between all edges', () => {
    const random = randomNumbers(8);
    const edges = ['', ' ', '"', 'a', '\\n', '%3D', '-', '/', '\n', '='];
    const tokens = PIECES.slice(0, 19).map((piece) => piece(random));
    let found = 0;
    for (const token of tokens) {
      for (let shift = 0; shift < 66; shift++) {
        for (const left of edges) {
          const data = Buffer.from(`${' '.repeat(shift)}${left}${token}${edges[shift % edges.length]}`, 'latin1');
          const slow = shown(slowEncoded(data));
          const fast = shown(fastEncoded(data));
          if (fast.join() !== slow.join()) expect(fast, JSON.stringify(data.toString('latin1'))).toEqual(slow);
          found += slow.length;
        }
      }
    }
    expect(found).toBeGreaterThan(5000);
  }, 120_000);

  it('lists nothing in what source is full of', () => {
    const random = randomNumbers(4);
    const digest = (bytes: number): Buffer => Buffer.from(Array.from({ length: bytes }, () => random(256)));
    const lines = Array.from({ length: 400 }, () => [
      `"integrity": "sha512-${digest(64).toString('base64')}"`,
      `commit ${digest(20).toString('hex')}`,
      `url(data:image/png;base64,iVBORw0KGgo${digest(300).toString('base64')})`,
      `"mappings": "AAAA;AACA,SAAS,${digest(3).toString('base64')};AAAA"`,
      'const SOME_LONG_CONSTANT_NAME = someVeryLongFunctionName(anotherIdentifier);',
      'printf("%3d %2d%% cpu%3d\\n", a, b); s.replace(/[\\x20-\\x7e]/g, "").replace(/https?:\\/\\//, "%20");',
      '<p>&#39;List&lt;T&gt;&#39; &quot;quoted&quot; &amp; more</p> it\\u0027s \\u003cb\\u003e',
      'if (a == 3 && b >= 0x10) mask = 0x3D; x =\n  y;',
    ]).flat();
    expect(fastEncoded(Buffer.from(lines.join('\n')))).toEqual([]);
  });

  it('gives back the window that it borrowed', () => {
    const before = Buffer.from('QUFBQUFBQUFBQUFBQUFBQUFBQUFB '.repeat(40));
    const first = fastEncoded(before);
    const inside = kernel.borrow(Buffer.from('x'.repeat(500)), () => {
      kernel.scan(500);
      return kernel.findEncoded(500).spans.length;
    });
    expect(inside).toBe(0);
    expect(kernel.window.subarray(0, before.length).equals(before)).toBe(true);
    kernel.scan(before.length);
    expect(kernel.findEncoded(before.length).spans.length).toBe(3 * first.length);
    expect(first[0]).toEqual({ kinds: ENCODED_BASE64, start: 0, end: 28 });
  });
});
