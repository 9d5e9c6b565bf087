import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSchema, type Schema } from '../../src/cli/check-schema.ts';
import { parseConfig } from '../../src/cli/config-file.ts';
import schema from '../../src/cli/config-schema.json' with { type: 'json' };
import { nearestWord } from '../../src/cli/nearest-word.ts';

const FULL = `# comment = "no key"
baseline = "known.jsonl"
[scan]
exclude = [ # list = 1
  "vendor/**",
  '''dist''', "a,b",
]
min-confidence = "medium"
threads = 4
binary = true

[rules]
disable = ["a"]
only = ["b"]
files = ["my.yml"]

[report]
fail-on = "live"

[[allow]]
id = "${'0'.repeat(32)}"
reason = """
[[rule]]
id = 3
"""

[[allow]]
path = "test/**"
rule = "c"

[[rule]]
id = "my-token"
pattern = 'mt_(?P<secret>[a-z]{20})'
keywords = ["mt_"]
`;

describe('leakwarden.toml', () => {
  it('gives data and lines', async () => {
    const { file, lineOf } = await parseConfig(FULL, 'leakwarden.toml');
    expect(file.allow).toHaveLength(2);
    expect(file.scan?.exclude).toEqual(['vendor/**', 'dist', 'a,b']);
    expect(lineOf(['baseline'])).toBe(2);
    expect([0, 1, 2].map((index) => lineOf(['scan', 'exclude', index]))).toEqual([5, 6, 6]);
    expect(lineOf(['scan', 'threads'])).toBe(9);
    expect(lineOf(['allow', 0])).toBe(20);
    expect(lineOf(['allow', 1, 'path'])).toBe(28);
    expect(lineOf(['rule', 0, 'pattern'])).toBe(33);
    expect(lineOf(['rule', 0, 'nothing'])).toBe(31);
  });

  it.each([
    ['[scan]\nexlcude = []', 'f:2: unknown key scan.exlcude (did you mean exclude?)'],
    ['[scna]', 'f:1: unknown key scna (did you mean scan?)'],
    ['threads = 4', 'f:1: unknown key threads'],
    ['[scan]\n\nthreads = "4"', 'f:3: scan.threads must be a whole number from 1 to 256'],
    ['[scan]\nthreads = 0', 'f:2: scan.threads must be a whole number from 1 to 256'],
    ['[scan]\nmin-confidence = "hihg"', 'f:2: scan.min-confidence must be one of high, medium, low (did you mean high?)'],
    ['[scan]\nexclude = "a"', 'f:2: scan.exclude must be a list'],
    ['[scan]\nexclude = ["a",\n1]', 'f:3: scan.exclude[2] must be a string'],
    ['scan = 1', 'f:1: scan must be a table'],
    ['[rules]\nonly = []', 'f:2: rules.only is empty'],
    ['[[allow]]\nreason = "x"', 'f:1: allow[1] needs at least one of id, rule, path'],
    ['[[allow]]\nid = "x"', 'f:2: allow[1].id must be the id of a finding (32 hexadecimal characters)'],
    ['[[rule]]\nid = "a"\nkeywords = ["ab"]', 'f:1: rule[1] needs pattern'],
    ['[[rule]]\nid = "A b"\npattern = "x"\nkeywords = ["ab"]', 'f:2: rule[1].id must be in kebab-case (my-rule)'],
    ['[scan]\nbinary = 1', 'f:2: scan.binary must be true or false'],
    ['baseline = ""', 'f:1: baseline must not be empty'],
    ['[allow]\npath = "x"', 'f:1: allow must be a list'],
    ['a = 2001-01-01', 'f:1: unknown key a'],
    ['__proto__ = 1', 'f:1: unknown key __proto__'],
    ['[scan]\nconstructor = 1', 'f:2: unknown key scan.constructor'],
    ['scan = { a = [[[[[[[[[[[[1]]]]]]]]]]]] }', 'f:1: '],
  ])('%j: %s', async (text, message) => {
    await expect(parseConfig(text, 'f')).rejects.toThrow(message);
  });

  it('shows nothing of a file that is no TOML', async () => {
    const error: unknown = await parseConfig('[default]\naws_key = value-that-must-not-show\n', 'f').catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/f:2: /);
    expect(String(error)).not.toContain('value-that');
  });

  it('is checked as ajv checks it', () => {
    const validate = new Ajv2020({ allErrors: true }).compile(schema);
    const leaf = fc.oneof(
      fc.constantFrom<unknown>(
        '',
        'a',
        'high',
        'live',
        'my-rule',
        'A b',
        '0'.repeat(32),
        0,
        1,
        256,
        257,
        1.5,
        true,
        [],
        ['a'],
        ['ab'],
        [''],
        {},
      ),
      fc.string({ maxLength: 4 }),
    );
    const table = (keys: readonly string[]): fc.Arbitrary<unknown> => fc.dictionary(fc.constantFrom(...keys, 'odd'), leaf, { maxKeys: 4 });
    const listOf = (keys: readonly string[]): fc.Arbitrary<unknown> => fc.array(table(keys), { maxLength: 2 });
    const sections: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
      baseline: leaf,
      scan: fc.oneof(leaf, table(['exclude', 'min-confidence', 'threads', 'binary'])),
      rules: fc.oneof(leaf, table(['disable', 'only', 'files'])),
      report: fc.oneof(leaf, table(['fail-on'])),
      allow: fc.oneof(leaf, listOf(['id', 'rule', 'path', 'reason'])),
      rule: fc.oneof(leaf, listOf(['id', 'pattern', 'keywords', 'name', 'severity'])),
      odd: leaf,
    };
    const section = fc.constantFrom(...Object.keys(sections)).chain((key) => (sections[key] ?? leaf).map((value) => [key, value] as const));
    const config = fc.array(section, { maxLength: 2 }).map((entries) => Object.fromEntries(entries));
    const counts = { valid: 0, invalid: 0 };
    fc.assert(
      fc.property(config, (value) => {
        const isValid = validate(value);
        counts[isValid ? 'valid' : 'invalid']++;
        expect(checkSchema(value, schema as Schema).length === 0, JSON.stringify(value)).toBe(isValid);
      }),
      { seed: 3, numRuns: 3000 },
    );
    expect(Math.min(counts.valid, counts.invalid)).toBeGreaterThan(50);
  });
});

describe('nearestWord', () => {
  it.each([
    ['exlcude', 'exclude'],
    ['disabel', 'disable'],
    ['ony', 'only'],
    ['xyzzy', null],
    ['', null],
    ['a'.repeat(10_000), null],
  ])('%s: %s', (word, nearest) => {
    expect(nearestWord(word, ['exclude', 'disable', 'only', 'files'])).toBe(nearest);
  });
});
