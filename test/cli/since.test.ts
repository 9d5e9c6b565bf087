import { describe, expect, it } from 'vitest';
import { parseSince } from '../../src/cli/since.ts';

const NOW = new Date('2024-03-10T12:00:00Z');

describe('parseSince', () => {
  it.each([
    ['2024-01-31', '2024-01-31T00:00:00Z'],
    ['2024-01-31T10:00', '2024-01-31T10:00:00Z'],
    ['2024-01-31 10:00:30', '2024-01-31T10:00:30Z'],
    ['2024-01-31T10:00:00+02:00', '2024-01-31T08:00:00Z'],
    ['3 weeks', '2024-02-18T12:00:00Z'],
    ['1 day ago', '2024-03-09T12:00:00Z'],
    ['2 HOURS', '2024-03-10T10:00:00Z'],
    ['yesterday', '2024-03-09T12:00:00Z'],
  ])('%s', (text, date) => {
    expect(parseSince(text, NOW) * 1000).toBe(Date.parse(date));
  });

  it.each(['', 'lately', '2024-13-01', '2024', '3', '-1 day', '1e5 days', '2024-01-31T25:00', '10:00'])('refuses %j', (text) => {
    expect(() => parseSince(text, NOW)).toThrow('--since must be a date');
  });
});
