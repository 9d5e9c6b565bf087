import { describe, expect, it } from 'vitest';
import { whyPlaceholder } from '../../src/engine/placeholders.ts';
import { fillExample } from '../../src/ruleset/examples.ts';

const marked = (body: string): string | null => whyPlaceholder(`mark_${body}`, { marked: true, prefixLength: 5 });
const unmarked = (value: string): string | null => whyPlaceholder(value, { marked: false, prefixLength: 0 });

/** Numbers from 0 to below `limit`: mulberry32, seeded. */
function createRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * limit);
  };
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function countPlaceholders(
  times: number,
  alphabet: string,
  shortest: number,
  longest: number,
  ask: (value: string) => string | null,
): number {
  const next = createRandom(42);
  let count = 0;
  for (let round = 0; round < times; round++) {
    const length = shortest + next(longest - shortest + 1);
    let value = '';
    while (value.length < length) value += alphabet[next(alphabet.length)];
    if (ask(value) !== null) count++;
  }
  return count;
}

describe('whyPlaceholder on random values', () => {
  it('is silent on 200,000 random base 62 values of marked tokens', () => {
    expect(countPlaceholders(200_000, BASE62, 20, 40, marked)).toBeLessThan(5);
  }, 60_000);

  it('is silent on random base 62 and hexadecimal values without a mark', () => {
    expect(countPlaceholders(15_000, BASE62, 20, 40, unmarked)).toBeLessThan(2);
    expect(countPlaceholders(15_000, BASE62.slice(0, 10).concat('abcdef'), 32, 64, unmarked)).toBeLessThan(2);
  }, 60_000);

  it('is silent on random hexadecimal values of marked tokens', () => {
    expect(countPlaceholders(50_000, BASE62.slice(0, 10).concat('abcdef'), 32, 64, marked)).toBeLessThan(2);
  }, 60_000);

  it('is silent on base64 and on bodies of keys', () => {
    for (let round = 0; round < 300; round++) {
      for (const form of [
        '{{base64:40}}',
        '{{base64url:43}}',
        '{{base32:32}}',
        '{{pem:RSA PRIVATE KEY:1190}}',
        '{{pem:OPENSSH PRIVATE KEY:400}}',
      ]) {
        expect(marked(fillExample(form, `body ${round}`)), form).toBeNull();
      }
    }
  });
});

describe('whyPlaceholder of marked tokens', () => {
  it.each([
    ['EXAMPLEEXAMPLEEXAMPLE12', 'example'],
    ['x'.repeat(36), 'fill'],
    ['A'.repeat(36), 'fill'],
    ['1111222233334444', 'fill'],
    [`Zk3v${'0'.repeat(12)}q8Ls71Pd`, 'fill'],
    ['1234567890abcdefghijABCDEFGHIJ123456', 'sequence'],
    ['abcdefghijklmnopqrstuvwxyz0123456789', 'sequence'],
    ['qwertyuiopasdfghjklzxcvbnm', 'sequence'],
    ['A1B2C3D4E5F6G7H8I9', 'sequence'],
    ['abcd1234abcd1234abcd1234', 'repeated'],
    ['my-test-token-123', 'test'],
    ['YOUR_TOKEN_HERE', 'here'],
    ['thisIsAPlaceholderToken0001', 'placeholder'],
    ['abcd1234...wxyz', 'cut short'],
    ['abcd************', 'masked'],
    ['abcd\xe2\x80\xa6wxyz', 'masked'],
    ['<your-token>', 'blank'],
    ['redactedredactedxyz', 'redacted'],
  ])('%s: %s', (body, reason) => {
    expect(marked(body)).toContain(reason);
  });

  it('looks at the body alone', () => {
    expect(whyPlaceholder(fillExample('sk_test_{{alnum:24}}', 'body'), { marked: true, prefixLength: 8 })).toBeNull();
    expect(whyPlaceholder('AAAAAAAAAA', { marked: true, prefixLength: 10 })).toBeNull();
  });

  it('judges a secret whose mark stands outside of it like one without', () => {
    const outside = (value: string): string | null => whyPlaceholder(value, { marked: true, prefixLength: 0 });
    expect(outside(['$', '{DB_PASSWORD}'].join(''))).toBe('template variable');
    expect(outside('password')).not.toBeNull();
    expect(outside('xK9$mQ2!vL')).toBeNull();
  });

  it('takes no short word inside of random text for a statement', () => {
    for (const body of ['9fTestK2mPx7Qw4LsZ81', 'k2mPx7Qw4test9Zq81Ls', 'aFAKE8xk2mPx7Qw4LsZ8']) expect(marked(body)).toBeNull();
  });

  it('sees an ellipsis far inside of a key', () => {
    const body = fillExample('{{pem:RSA PRIVATE KEY:1190}}', 'ellipsis');
    expect(marked(`${body.slice(0, 900)}\n...\n${body.slice(-64)}`)).toContain('cut short');
    expect(marked(`${body}\n-----END RSA PRIVATE KEY-----`)).toBeNull();
  });
});

describe('whyPlaceholder of values without a mark', () => {
  it.each([
    'changeme',
    'ChangeMe!',
    'fake_key_for_ci',
    'not-a-real-secret',
    'insert_here',
    'yourtoken',
    'your-api-key',
    'YOUR_KEY_HERE',
    'myApiKey',
    'replace-me',
    'api_key',
    'client-secret',
    'Bearer token',
    'secret',
    'password',
    'null',
    'TRUE',
    'xxx',
    '***',
    '...',
    '<TOKEN>',
    '[api key]',
    '{apiKey}',
    'todo',
    'TODO',
    'test',
    'test1234',
    '0000-0000',
    '1234',
    '12345678',
    'qwertyuiop',
    'abcabcabcabc',
    '-----',
    '......',
    'foobar',
    '%TOKEN%',
    'op://vault/item/field',
    'getToken()',
    'process.env.TOKEN',
    '/run/secrets/db',
    'my-test-token-123',
  ])('%s is none', (value) => {
    expect(unmarked(value)).not.toBeNull();
  });

  it.each([
    'Winter2024!',
    'hunter2',
    'P@ssw0rd',
    'Tr0ub4dor&3',
    'xK9$mQ2!vL',
    'correct-horse-battery-staple',
    'sunshine',
    'letmein',
    'admin',
    'S3cur3P4ss',
  ])('%s may be one', (value) => {
    expect(unmarked(value)).toBeNull();
  });

  it('lets a word beside a random value pass', () => {
    expect(unmarked(fillExample('test-{{hex:24}}', 'beside'))).toBeNull();
    expect(unmarked(fillExample('{{alnum:24}}-demo', 'beside'))).toBeNull();
  });

  it('looks at the default of a shell expansion', () => {
    const withDefault = (text: string): string => ['$', `{TOKEN:-${text}}`].join('');
    expect(unmarked(withDefault('changeme'))).toContain('changeme');
    expect(unmarked(withDefault('xK9mQ2vLw7'))).toBeNull();
    expect(unmarked(withDefault(''))).toBe('template variable');
  });

  it('is quick on hostile text', () => {
    const started = performance.now();
    for (const unit of ['a', 'a_', 'aA', '<a', '((', 'x.', '${', '{{', 'ab ', 'test']) {
      unmarked(unit.repeat(250_000 / unit.length));
      marked(unit.repeat(250_000 / unit.length));
    }
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('documented samples', () => {
  it('are known by digest, with white space round them', () => {
    // Taken apart so that the values don't stand here in one piece.
    const samples = [
      ['AKIAIOSF', 'ODNN7EXAMPLE'],
      ['wJalrXUtnFEMI/K7MDENG', '/bPxRfiCYEXAMPLEKEY'],
      ['  JBSWY3DP', 'EHPK3PXP\n'],
      ['QWxhZGRpbjpv', 'cGVuIHNlc2FtZQ=='],
      ['sk_te', 'st_4eC39HqLyjWDarjtT1zdp7dc'],
      ['Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6', 'IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='],
      ['test test test test test test test ', 'test test test test junk'],
    ];
    for (const parts of samples) expect(whyPlaceholder(parts.join(''), { marked: true, prefixLength: 4 })).toBe('documented sample');
  });

  it('covers every AWS id and key that ends as the documents’ do', () => {
    expect(whyPlaceholder(fillExample('AKIA{{upper:9}}EXAMPLE', 'aws'), { marked: true, prefixLength: 4 })).toBe('documented sample');
  });
});
