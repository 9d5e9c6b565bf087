/** The place of a value in a text that a store holds: JSON, JSON in JSON, addresses, lines; and what is left alone where it cannot be said. */
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { jsonStrings } from '../../src/stores/json-strings.ts';
import { fieldHolds, hasField, replaceField, setSiblings, siblingsOf, valueOfField } from '../../src/stores/replace-field.ts';

const [OLD, NEW] = [new Secret('old-value-1'), new Secret('new"value\\2')];
const replace = (text: string, field: string): string | null => replaceField(text, field, OLD, NEW);
const plain = (text: string, field: string): string | null => replaceField(text, field, OLD, new Secret('plain-2'));

describe('replaceField', () => {
  it.each([
    ['old-value-1', '', 'new"value\\2'],
    ['old-value-1\n', '', 'new"value\\2\n'],
    ['{"a":"old-value-1","b":1}', 'a', '{"a":"new\\"value\\\\2","b":1}'],
    ['{ "a" : { "b" : [ 1.0, "old-value-1" ] } }', 'a.b.1', '{ "a" : { "b" : [ 1.0, "new\\"value\\\\2" ] } }'],
    ['{"a":"x","a":"y","b":"\\u006fld-value-1"}', 'b', '{"a":"x","a":"y","b":"new\\"value\\\\2"}'],
    [JSON.stringify({ a: JSON.stringify({ b: 'old-value-1' }) }), 'a.b', JSON.stringify({ a: JSON.stringify({ b: 'new"value\\2' }) })],
    [JSON.stringify({ 'spring.password': 'old-value-1' }), 'spring.password', JSON.stringify({ 'spring.password': 'new"value\\2' })],
  ])('%j, %j', (text, field, expected) => {
    expect(replace(text, field)).toBe(expected);
    expect(fieldHolds(text, field, OLD)).toBe(true);
  });

  it.each([
    ['another', ''],
    ['old-value-1 and more', ''],
    ['{"a":"another"}', 'a'],
    ['{"a":"old-value-1"}', 'b'],
    ['{"a":"old-value-1","a":"old-value-1"}', 'a'],
    ['{"a":1}', 'a'],
    ['{"a":"old-value-1"', 'a.b.c'],
  ])('leaves %j as it is where %j does not hold the value, or twice', (text, field) => {
    expect(replace(text, field)).toBe(null);
  });

  it('writes into addresses and lines only what needs no quotes there', () => {
    expect(plain('postgres://u:old-value-1@h/d', 'url.password')).toBe('postgres://u:plain-2@h/d');
    expect(replace('postgres://u:old-value-1@h/d', 'url.password')).toBe('postgres://u:new%22value%5C2@h/d');
    expect(plain('Server=h;Password=old-value-1;', 'password')).toBe('Server=h;Password=plain-2;');
    expect(replace('Server=h;Password=old-value-1;', 'password')).toBe(null);
    expect(plain('a=old-value-1\nb=old-value-1', 'a')).toBe(null);
  });

  it('takes no value for none', () => {
    expect(replaceField('', '', new Secret(''), NEW)).toBe(null);
  });
});

describe('fields beside it', () => {
  it('sets those that are there, as strings, in the same object', () => {
    const text = '{"db":{"user":"u","password":"p","port":5432},"user":"outer"}';
    expect(setSiblings(text, 'db.password', { user: 'v' })).toBe('{"db":{"user":"v","password":"p","port":5432},"user":"outer"}');
    expect(siblingsOf(text, 'db.password', ['user', 'port', 'name'])).toEqual(['user']);
    expect(setSiblings(text, 'db.password', { name: 'v' })).toBe(null);
  });

  it('says whether a field is there, and what it holds', () => {
    expect([hasField('{"a":{"b":"x"}}', 'a.b'), hasField('{"a":"x"}', 'b'), hasField('text', 'anything')]).toEqual([true, false, true]);
    expect(valueOfField('{"a":"old-value-1"}', 'a')?.equals(OLD)).toBe(true);
    expect([valueOfField('{"a":1}', 'a'), valueOfField('', ''), valueOfField('{"a":"x","a":"y"}', 'a')]).toEqual([null, null, null]);
  });
});

describe('jsonStrings', () => {
  it('gives spans that are the strings themselves', () => {
    const text = '[{"k":"\\"a\\u00e9\\\\"}, "b", [], {"x":{}}, null]';
    for (const { start, end, value } of jsonStrings(text) ?? []) expect(JSON.parse(text.slice(start, end))).toBe(value);
    expect(jsonStrings(text)?.map(({ path }) => path)).toEqual(['0.k', '1']);
    expect([jsonStrings('plain'), jsonStrings('{"a":'), jsonStrings('12')]).toEqual([null, null, null]);
    expect(jsonStrings('"a"')).toEqual([{ path: '', start: 0, end: 3, value: 'a' }]);
  });

  it('takes deep nesting without recursion', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}"x"${']'.repeat(depth)}`;
    expect([jsonStrings(nested(64))?.length, jsonStrings(nested(5000))?.length]).toEqual([1, 0]);
  });
});
