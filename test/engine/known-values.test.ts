import { describe, expect, it } from 'vitest';
import { KnownValue, KnownValues } from '../../src/engine/known-values.ts';
import { judgePlaceholder } from '../../src/engine/placeholders.ts';
import { rarityOf } from '../../src/engine/rarity.ts';
import { isTechnicalText } from '../../src/engine/value-forms.ts';
import { kindOfValue } from '../../src/engine/value-kinds.ts';

describe('KnownValue', () => {
  const texts = [
    '',
    'your-token',
    '${NAME:-changeme}',
    '${NAME}',
    'db.main.host',
    'Winter2024!',
    'a1b2-c3d4',
    ' op://vault/item ',
    'xxxxxxxx',
    '/etc/passwd',
  ];

  it.each(texts)('says of %j what the functions say, at first and again', (text) => {
    const known = new KnownValue(text);
    for (let asked = 0; asked < 2; asked++) {
      expect(known.rarity).toEqual(rarityOf(text));
      expect(known.kind).toBe(kindOfValue(text));
      expect(known.placeholder).toEqual(judgePlaceholder(text, { marked: false, prefixLength: 0 }));
      expect([known.isTechnical(true), known.isTechnical(false)]).toEqual([isTechnicalText(text, true), isTechnicalText(text, false)]);
    }
  });
});

describe('KnownValues', () => {
  it('gives one and the same for a value', () => {
    const values = new KnownValues();
    expect(values.of('one')).toBe(values.of('one'));
    expect(values.of('one')).not.toBe(values.of('another'));
  });

  it('keeps no long value and not too many', () => {
    const values = new KnownValues();
    const long = 'a'.repeat(1001);
    expect(values.of(long)).not.toBe(values.of(long));
    const first = values.of('0');
    for (let i = 1; i <= 1000; i++) values.of(`${i}`);
    expect(values.of('0')).not.toBe(first);
    expect(values.of('0').text).toBe('0');
  });
});
