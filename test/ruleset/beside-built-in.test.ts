/** A user's rules beside the built-in ones, which are not compiled again: what comes out is what compiling all of them together gives. */
import { expect, it } from 'vitest';
import { BlobScanner } from '../../src/engine/scan-blob.ts';
import { readFromBytes } from '../../src/engine/windows.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { Kernel } from '../../src/kernel/load.ts';
import { compileRules } from '../../src/ruleset/compile.ts';
import type { CompiledRuleset } from '../../src/ruleset/compiled.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { builtInRules, builtInRuleset } from '../../src/ruleset/load.ts';
import { readRule } from '../../src/ruleset/read-rules.ts';
import { V8 } from '../../src/ruleset/regex-engine.ts';
import { randomNumbers, randomText } from '../kernel/random-text.ts';

const own = [
  // A mark of its own, a value by its keyword, an assignment, and words that built-in rules have too.
  { id: 'own-mark', keywords: ['ourtok_'], pattern: '(?P<secret>ourtok_[0-9a-f]{20})', examples: ['a = ourtok_{{hex:20}}'] },
  {
    id: 'own-value',
    keywords: ['our_service'],
    context: 'nearby',
    pattern: '\\b(?P<secret>[0-9a-f]{34})\\b',
    examples: ['our_service: {{hex:34}}'],
  },
  {
    id: 'own-name',
    keywords: ['our_phrase'],
    context: 'assignment',
    generic: true,
    pattern: '(?P<secret>[^\\r\\n]{4,40})',
    examples: ['our_phrase = "{{alnum:12}}"'],
  },
  {
    id: 'own-word',
    keywords: ['password', 'slack'],
    context: 'nearby',
    pattern: '\\b(?P<secret>zz[0-9]{18})\\b',
    examples: ['slack password zz{{digit:18}}'],
  },
  // Beyond ASCII a keyword is its UTF-8 bytes.
  {
    id: 'own-script',
    keywords: ['наш_сервис'],
    context: 'assignment',
    pattern: '\\b(?P<secret>[0-9a-f]{33})\\b',
    examples: ['наш_сервис = {{hex:33}}'],
  },
  {
    id: 'own-script-nearby',
    keywords: ['ÉTÉ-API'],
    context: 'nearby',
    pattern: '\\b(?P<secret>[0-9a-f]{31})\\b',
    examples: ['ÉTÉ-api vaut {{hex:31}}'],
  },
].map((fields) => readRule({ name: 'n', provider: 'p', category: 'c', description: 'd', severity: 'low', ...fields }, 'test'));

function candidates(kernel: Kernel, data: Buffer): string[] {
  kernel.window.set(data);
  const { pairs } = kernel.scan(data.length);
  return Array.from({ length: pairs.length / 2 }, (_, i) => `${pairs[2 * i]} ${pairs[2 * i + 1]}`).sort();
}

/** Holds that two rulesets say the same of random text. Returns how many candidates there were. */
function expectSame(first: CompiledRuleset, second: CompiledRuleset, rounds: number): number {
  expect([second.ids, second.ends, second.hasForeign]).toEqual([first.ids, first.ends, first.hasForeign]);
  expect(Buffer.compare(second.texts, first.texts)).toBe(0);
  expect(second.programs).toEqual(first.programs);
  const kernels = [first, second].map(({ image }) => new Kernel(builtInKernel(), image));
  const random = randomNumbers(51);
  let found = 0;
  for (let round = 0; round < rounds; round++) {
    const data = Buffer.from(randomText(round % 2 === 0 ? [...builtInRules(), ...own] : own, random, 30), 'latin1');
    const [one = [], other = []] = kernels.map((kernel) => candidates(kernel, data));
    expect(other, `round ${round}`).toEqual(one);
    found += one.length;
  }
  return found;
}

it('gives the same rules, programs and candidates', () => {
  const together = compileRules([...builtInRules(), ...own], new Set(own)).ruleset;
  const beside = compileRules(own, new Set(own), builtInRuleset()).ruleset;
  expect(expectSame(together, beside, 120)).toBeGreaterThan(2000);
});

it('can be gone on from again', () => {
  const first = own.slice(0, 1);
  const others = own.slice(1);
  const twice = compileRules(others, new Set(others), compileRules(first, new Set(first), builtInRuleset()).ruleset).ruleset;
  expect(expectSame(compileRules(own, new Set(own), builtInRuleset()).ruleset, twice, 40)).toBeGreaterThan(500);
});

it('finds each by its own example, what code judges by its name apart', () => {
  const { ruleset } = compileRules(own, new Set(own), builtInRuleset());
  const setup = { ruleset, off: new Set<number>(), includeBinary: false, maxDecodeDepth: 0, archiveDepth: 0 };
  const scanner = new BlobScanner(new Kernel(builtInKernel(), ruleset.image), setup, V8);
  for (const { id, examples } of own.filter(({ generic }) => !generic)) {
    const text = Buffer.from(`${fillExample(examples[0] ?? '', id)}\n`);
    expect(scanner.scan(readFromBytes(text), 'a.conf').matches.map(({ rule }) => ruleset.ids[rule])).toContain(id);
  }
});
