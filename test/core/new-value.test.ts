/** New values: strong, of the shape asked for, and of characters that need no quoting. */
import { describe, expect, it } from 'vitest';
import { newValue } from '../../src/core/new-value.ts';
import { reveal } from '../../src/core/secret.ts';

describe('newValue', () => {
  it('gives 40 letters and digits, another each time', () => {
    const values = new Set(Array.from({ length: 200 }, () => reveal(newValue(), 'compare')));
    expect(values.size).toBe(200);
    for (const value of values) expect(value).toMatch(/^[A-Za-z0-9]{40}$/);
  });

  it('keeps to length, alphabet and the groups asked for', () => {
    for (let round = 0; round < 100; round += 1) {
      const value = reveal(newValue({ length: 36, alphabet: 'abcdef01234-', oneOf: ['01234', '-'] }), 'compare');
      expect(value).toMatch(/^[abcdef01234-]{36}$/);
      expect(value).toMatch(/[0-4]/);
      expect(value).toContain('-');
    }
  });

  it.each([
    ['few characters', { length: 16, alphabet: '01' }],
    ['short', { length: 8 }],
    ['long', { length: 5000 }],
    ['a group that the alphabet lacks', { oneOf: ['!'] }],
  ])('refuses %s', (_name, shape) => {
    expect(() => newValue(shape)).toThrow(RangeError);
  });

  it('prints redacted', () => {
    expect(String(newValue({ label: 'password' }))).toMatch(/^‹password 40 chars [0-9a-f]{4}…›$/);
  });
});
