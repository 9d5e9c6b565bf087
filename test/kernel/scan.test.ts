import { describe, expect, it } from 'vitest';
import type { Rule } from '../../src/core/rule.ts';
import { type ByteText, Confirmer } from '../../src/engine/confirm.ts';
import type { RawMatch } from '../../src/engine/raw-match.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { Kernel } from '../../src/kernel/load.ts';
import { compileRules } from '../../src/ruleset/compile.ts';
import type { CompiledRuleset } from '../../src/ruleset/compiled.ts';
import { builtInRules, builtInRuleset } from '../../src/ruleset/load.ts';
import { readRule } from '../../src/ruleset/read-rules.ts';
import { V8 } from '../../src/ruleset/regex-engine.ts';
import { RuleView } from '../../src/ruleset/rule-view.ts';
import { randomNumbers, randomText } from './random-text.ts';
import { type Candidate, slowScan } from './slow-kernel.ts';

const module = builtInKernel();

function fastScan(kernel: Kernel, data: Uint8Array): Candidate[] {
  kernel.window.set(data);
  const { pairs } = kernel.scan(data.length);
  return Array.from({ length: pairs.length / 2 }, (_, i) => ({ at: pairs[2 * i] ?? 0, program: pairs[2 * i + 1] ?? 0 }));
}

/** What the candidates come to, as lines that can be compared. */
function confirmed(ruleset: CompiledRuleset, data: Buffer, candidates: readonly Candidate[]): string[] {
  const rules = new RuleView(ruleset);
  const confirmer = new Confirmer(rules, V8);
  const text: ByteText = { length: data.length, slice: (start, end) => data.toString('latin1', Math.max(0, start), Math.max(0, end)) };
  const lines = candidates.flatMap(({ at, program }) => {
    const entry = rules.program(program);
    const match: RawMatch | null = entry ? confirmer.confirm(text, at, entry) : null;
    return match ? [`${match.secretStart}-${match.secretEnd} ${rules.idOf(match.rule)}`] : [];
  });
  return [...new Set(lines)].sort();
}

describe('kernel scan', () => {
  const ruleset = builtInRuleset();
  const kernel = new Kernel(module, ruleset.image);

  it('leads to the same matches as its slow twin on random text made of all rules', () => {
    const rules = builtInRules();
    const random = randomNumbers(20);
    let matches = 0;
    for (let round = 0; round < 40; round++) {
      const data = Buffer.from(randomText(rules, random, 12), 'latin1').subarray(0, 4000);
      const slow = confirmed(ruleset, data, slowScan(ruleset.image, data));
      matches += slow.length;
      expect(confirmed(ruleset, data, fastScan(kernel, data)), `round ${round}`).toEqual(slow);
    }
    expect(matches).toBeGreaterThan(200);
  }, 180_000);

  it('reports no candidate that the twin does not', () => {
    const random = randomNumbers(77);
    for (let round = 0; round < 20; round++) {
      const data = Buffer.from(randomText(builtInRules(), random, 10), 'latin1').subarray(0, 3000);
      const slow = new Set(slowScan(ruleset.image, data).map(({ at, program }) => `${at}:${program}`));
      for (const { at, program } of fastScan(kernel, data))
        expect(slow.has(`${at}:${program}`), `${at}:${program} in round ${round}`).toBe(true);
    }
  }, 120_000);

  it('forgets the window before: the same text gives the same candidates', () => {
    const data = Buffer.from(randomText(builtInRules(), randomNumbers(5), 30), 'latin1');
    const first = fastScan(kernel, data);
    fastScan(kernel, Buffer.alloc(100_000, 'password = "x1y2z3" AKIA'));
    expect(fastScan(kernel, data)).toEqual(first);
    expect(first.length).toBeGreaterThan(5);
  });
});

describe('kernel scan, exhaustively on a small ruleset', () => {
  const make = (fields: object): Rule =>
    readRule(
      { name: 'n', provider: 'p', category: 'c', description: 'd', severity: 'low', references: [], examples: [], not: [], ...fields },
      'rule',
    );
  const rules = [
    make({ id: 'marked', keywords: ['ab_'], pattern: '\\b(?P<secret>ab_[0-9a-f]{14})\\b' }),
    make({ id: 'behind', keywords: ['K.'], pattern: '\\b(?P<secret>K\\.[a-z0-9]{16,20})\\b' }),
    make({ id: 'literal', keywords: ['://'], pattern: '://u:(?P<secret>[a-z]{3})@' }),
    make({ id: 'anchored', keywords: ['-----BEGIN'], pattern: '(?P<secret>-----BEGIN [A-Z]{1,3} KEY-----)' }),
    make({ id: 'value', keywords: ['acme'], context: 'assignment', pattern: '\\b(?P<secret>[0-9a-f]{16})\\b' }),
  ];
  const { ruleset, faults } = compileRules(rules);
  const kernel = new Kernel(module, ruleset.image);
  const tokens = ['ab_0123456789abcd', 'K.abcdefghij012345', '://u:abc@', '-----BEGIN EC KEY-----', 'acme_key = "0123456789abcdef"'];
  const edges = ['', ' ', '"', 'a', '_', '\\n', '%3D', '\\u003d', '-', '/', '0'];

  it('compiles', () => expect(faults).toEqual([]));

  it.each(tokens.map((token, i) => [i, token] as const))(
    'finds token %i at every place in a block of 64 and after every edge',
    (i, token) => {
      let found = 0;
      for (let shift = 0; shift < 135; shift++) {
        for (const left of edges) {
          for (const right of edges) {
            const data = Buffer.from(`${' '.repeat(shift)}${left}${token}${right}`, 'latin1');
            const slow = confirmed(ruleset, data, slowScan(ruleset.image, data));
            const fast = confirmed(ruleset, data, fastScan(kernel, data));
            if (fast.join() !== slow.join()) expect(fast, JSON.stringify(data.toString('latin1'))).toEqual(slow);
            if (slow.length > 0) found++;
          }
        }
      }
      expect(found, rules[i]?.id).toBeGreaterThan(135);
    },
  );

  it('finds nothing in a token cut short anywhere', () => {
    for (const token of tokens) {
      for (let cut = 1; cut < token.length - 1; cut++) {
        const data = Buffer.from(token.slice(0, cut));
        expect(confirmed(ruleset, data, fastScan(kernel, data))).toEqual(confirmed(ruleset, data, slowScan(ruleset.image, data)));
      }
    }
  });
});

describe('kernel scan of assignments, exhaustively', () => {
  const named = (fields: object): Rule =>
    readRule(
      {
        name: 'n',
        provider: 'p',
        category: 'c',
        description: 'd',
        severity: 'low',
        references: [],
        examples: [],
        not: [],
        generic: true,
        context: 'assignment',
        ...fields,
      },
      'rule',
    );
  const { ruleset } = compileRules([
    named({ id: 'any', keywords: ['pin', 'gate'], pattern: '(?P<secret>[^\\r\\n]{4,40})' }),
    named({ id: 'digit', keywords: ['pan', 'gale'], digit: true, pattern: '(?P<secret>[^\\r\\n]{4,40})' }),
  ]);
  const kernel = new Kernel(module, ruleset.image);
  const signs = ['=', ':', '"', "'", '\\', '(', ' ', 'r', '#', '7', '\n'];

  const endings = [`b7c'd"`, 'b.(x,B7kQ2', 'b[7);'];
  const cases = ['pin', 'pan'].flatMap((keyword) => endings.map((ending) => [keyword, ending] as const));

  it.each(cases)('takes the same places as its slow twin after %s, any five signs and %s', (keyword, ending) => {
    let places = 0;
    for (const first of signs) {
      const lines = texts(4).map((rest) => `${keyword}${first}${rest}${ending}`);
      for (let from = 0; from < lines.length; from += 500) {
        const data = Buffer.from(lines.slice(from, from + 500).join('\n'), 'latin1');
        const slow = slowScan(ruleset.image, data).map(({ at, program }) => `${at}:${program}`);
        expect(new Set(fastScan(kernel, data).map(({ at, program }) => `${at}:${program}`)), first).toEqual(new Set(slow));
        places += slow.length;
      }
    }
    expect(places).toBeGreaterThan(1000);
  });

  // Wide signs, letters of two bytes, closed tags, what a value is wrapped in, lines of a name and a word.
  const others = ['=', ':', '"', ' ', '\n', '</', '>', '\xef\xbc\x9a', '\xef', '\xd0\xb1', 'b(', '7'];

  // Of four letters, so that all of it is looked for and not what may follow it.
  const longer = ['gate', 'gale'].flatMap((keyword) => endings.map((ending) => [keyword, ending] as const));

  it.each(longer)('and after %s, any four others and %s', (keyword, ending) => {
    let places = 0;
    const lines = texts(4, others).flatMap((rest) => [`${keyword}${rest}${ending}`, ` \t${keyword}${rest}7`, `a.b-${keyword}${rest}7`]);
    for (let from = 0; from < lines.length; from += 500) {
      const data = Buffer.from(lines.slice(from, from + 500).join('\n'), 'latin1');
      const slow = slowScan(ruleset.image, data).map(({ at, program }) => `${at}:${program}`);
      expect(new Set(fastScan(kernel, data).map(({ at, program }) => `${at}:${program}`))).toEqual(new Set(slow));
      places += slow.length;
    }
    expect(places).toBeGreaterThan(1000);
  });

  // Conditions, defaults, a literal as the second argument.
  const alternatives = ['b', '.c', '(', ',', ' ', '"', '?', '|', ':', ' or', ' else', 'se', 'ault=', '\n'];
  const branches = ['gate', 'gale'].flatMap((keyword) => [`x7y8z9"`, `"abc4ef')`].map((ending) => [keyword, ending] as const));

  it.each(branches)('and after %s, an expression of any four parts and %s', (keyword, ending) => {
    let places = 0;
    const lines = texts(4, alternatives).flatMap((rest) => [`${keyword} = b${rest}${ending}`, `${keyword}: b ? ${rest} ${ending}`]);
    for (let from = 0; from < lines.length; from += 500) {
      const data = Buffer.from(lines.slice(from, from + 500).join('\n'), 'latin1');
      const slow = slowScan(ruleset.image, data).map(({ at, program }) => `${at}:${program}`);
      expect(new Set(fastScan(kernel, data).map(({ at, program }) => `${at}:${program}`))).toEqual(new Set(slow));
      places += slow.length;
    }
    expect(places).toBeGreaterThan(1000);
  });

  // Types with their sizes, casts, headers of tables.
  const types = ['b', ' ', '[', ']', '&', ';', '(', ')', '=', 'const ', ',', '\n'];
  const literals = ['gate', 'gale'].flatMap((keyword) =>
    ['= "x7y8z9"', '"x7y8z9"', ',x7\nb,c,d'].map((ending) => [keyword, ending] as const),
  );

  it.each(literals)('and after %s, any four parts of a type and %s', (keyword, ending) => {
    let places = 0;
    const lines = texts(4, types).map((rest) => `${keyword}${rest}${ending}`);
    for (let from = 0; from < lines.length; from += 500) {
      const data = Buffer.from(lines.slice(from, from + 500).join('\n'), 'latin1');
      const slow = slowScan(ruleset.image, data).map(({ at, program }) => `${at}:${program}`);
      expect(new Set(fastScan(kernel, data).map(({ at, program }) => `${at}:${program}`))).toEqual(new Set(slow));
      places += slow.length;
    }
    expect(places).toBeGreaterThan(100);
  });

  // Accessors of properties, attributes behind a name, a chain of calls, Kotlin's pairs.
  const parts = [' ', '{ get;', ' set; }', '"', " b='c'", '=', '>', '().', 'b', '("', 'to ', '\n'];
  const behindParts = ['gate', 'gale'].flatMap((keyword) => ['= "x7y8z9"', 'x7y8z9")'].map((ending) => [keyword, ending] as const));

  it.each(behindParts)('and after %s, any four parts of a property, a tag or a chain and %s', (keyword, ending) => {
    let places = 0;
    const lines = texts(4, parts).flatMap((rest) => [`${keyword}${rest}${ending}`, `${keyword} = b${rest}${ending}`]);
    for (let from = 0; from < lines.length; from += 500) {
      const data = Buffer.from(lines.slice(from, from + 500).join('\n'), 'latin1');
      const slow = slowScan(ruleset.image, data).map(({ at, program }) => `${at}:${program}`);
      expect(new Set(fastScan(kernel, data).map(({ at, program }) => `${at}:${program}`))).toEqual(new Set(slow));
      places += slow.length;
    }
    expect(places).toBeGreaterThan(1000);
  });

  function texts(length: number, of = signs): string[] {
    return length === 0 ? [''] : texts(length - 1, of).flatMap((text) => of.map((sign) => text + sign));
  }
});

describe('kernel scan of what stands round an opening, exhaustively', () => {
  const rule = (fields: object): Rule =>
    readRule(
      { name: 'n', provider: 'p', category: 'c', description: 'd', severity: 'low', references: [], examples: [], not: [], ...fields },
      'rule',
    );
  const pattern = 'pinq\\([a-c]{0,3}(?:ab;|[cz][xy])(?P<secret>[0-9a-c])';
  const { ruleset } = compileRules([
    rule({ id: 'behind', keywords: ['pinq'], context: 'none', pattern }),
    rule({ id: 'before', keywords: ['pan', 'pin='], context: 'nearby', within: 6, pattern: '(?P<secret>qvqvqv-[0-9]{2})' }),
  ]);
  const kernel = new Kernel(module, ruleset.image);
  const placesIn = (text: string): { fast: string[]; slow: string[] } => {
    const data = Buffer.from(text, 'latin1');
    const lines = (candidates: readonly Candidate[]): string[] =>
      [...new Set(candidates.map(({ at, program }) => `${at}:${program}`))].sort();
    return { fast: lines(fastScan(kernel, data)), slow: lines(slowScan(ruleset.image, data)) };
  };

  it('proposes, as its slow twin, all that matches behind any six signs, and hardly more', () => {
    const signs = ['a', 'b', 'c', 'z', 'X', 'x', ';'];
    const regex = new RegExp(`^${pattern.replace('?P<', '?<')}`);
    let [texts, matches, proposals] = [0, 0, 0];
    for (let n = 0; n < signs.length ** 6; n++) {
      const text = `pinq(${Array.from({ length: 6 }, (_, i) => signs[Math.floor(n / signs.length ** i) % signs.length]).join('')}`;
      const isMatch = regex.test(text);
      // Of the others one in five, since the twin is slow.
      if (!isMatch && n % 5 !== 0) continue;
      const { fast, slow } = placesIn(text);
      expect(fast, text).toEqual(slow);
      if (isMatch) expect(fast, text).not.toEqual([]);
      texts++;
      matches += Number(isMatch);
      proposals += Number(fast.length > 0);
    }
    expect(matches).toBeGreaterThan(500);
    expect(proposals).toBeLessThan(0.7 * texts);
  });

  it('asks for a keyword in the bytes before a value, and no further off', () => {
    const lengths = Array.from({ length: 9 }, (_, i) => i);
    const texts = ['pan ', 'PIN=', 'pin', 'pon'].flatMap((keyword) => lengths.map((length) => `${keyword}${' '.repeat(length)}qvqvqv-77`));
    for (const text of texts) {
      const { fast, slow } = placesIn(text);
      expect(fast, text).toEqual(slow);
      const start = text.indexOf('qvqv');
      expect(fast.length > 0, text).toBe(/pan|pin=/i.test(text.slice(Math.max(0, start - 6), start)));
    }
  });
});

describe('kernel counts', () => {
  const kernel = new Kernel(module, builtInRuleset().image);

  it('count bytes and UTF-16 units as plain code does', () => {
    const random = randomNumbers(9);
    for (let length = 0; length < 200; length++) {
      const text = Array.from({ length }, () => ['a', '\n', 'é', '€', '😀'][random(5)]).join('');
      const data = Buffer.from(text);
      kernel.window.set(data);
      const [start, end] = [0, data.length];
      expect(kernel.countByte(start, end, 10)).toBe(text.split('\n').length - 1);
      expect(kernel.countUnits(start, end)).toBe(text.length);
    }
  });
});
