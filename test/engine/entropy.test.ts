import { describe, expect, it } from 'vitest';
import { alphabetSize, entropyBitsPerChar, estimatedBits, GUESSABLE_BELOW_BITS, periodOf } from '../../src/engine/entropy.ts';
import { fillExample } from '../../src/ruleset/examples.ts';

describe('entropyBitsPerChar', () => {
  it('is Shannon’s measure', () => {
    expect(entropyBitsPerChar('')).toBe(0);
    expect(entropyBitsPerChar('aaaa')).toBe(0);
    expect(entropyBitsPerChar('abab')).toBe(1);
    expect(entropyBitsPerChar('abcd')).toBe(2);
    expect(entropyBitsPerChar('0123456789abcdef')).toBe(4);
    expect(entropyBitsPerChar('aab')).toBeCloseTo(0.9183, 4);
  });
});

describe('estimatedBits', () => {
  it.each([
    'Winter2024!',
    'P@ssw0rd',
    'sunshine',
    'hunter2',
    'admin123',
    'qwertyuiop',
    '1qaz2wsx3edc',
    'abcdefghijklmnopqrstuvwxyz',
    'a'.repeat(100),
    'abcabcabcabcabcabcabc',
    '12345678901234567890',
  ])('calls %s guessable', (text) => {
    expect(estimatedBits(text)).toBeLessThan(GUESSABLE_BELOW_BITS);
  });

  it('calls random values of usual lengths not guessable', () => {
    for (let round = 0; round < 200; round++) {
      for (const form of ['{{alnum:20}}', '{{hex:32}}', '{{base64:24}}', '{{lower:20}}', '{{base32:24}}', '{{uuid}}']) {
        const value = fillExample(form, `bits ${round}`);
        expect(estimatedBits(value), form).toBeGreaterThan(GUESSABLE_BELOW_BITS);
      }
    }
  });

  it('never exceeds what alphabet and length allow', () => {
    for (let round = 0; round < 50; round++) {
      expect(estimatedBits(fillExample('{{hex:40}}', `most ${round}`))).toBeLessThanOrEqual(160);
      expect(estimatedBits(fillExample('{{digit:12}}', `most ${round}`))).toBeLessThanOrEqual(40);
    }
  });

  it('is quick and finite on long text', () => {
    expect(estimatedBits('')).toBe(0);
    expect(estimatedBits('ab'.repeat(100_000))).toBeLessThan(64);
    expect(estimatedBits(fillExample('{{base64:5000}}', 'long'))).toBeGreaterThan(500);
  });
});

describe('alphabetSize and periodOf', () => {
  it('go by the classes present', () => {
    expect(['0123', 'beef', 'zeta', 'Zeta', 'Zeta1', 'Zeta1!'].map(alphabetSize)).toEqual([10, 16, 26, 52, 62, 95]);
  });

  it('find the shortest repeated text', () => {
    expect(['aaaa', 'abab', 'abcabcab', 'abcd', 'abca', ''].map(periodOf)).toEqual([1, 2, 3, 4, 4, 0]);
  });
});
