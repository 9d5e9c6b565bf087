import { describe, expect, it } from 'vitest';
import { isQualifiedBy } from '../../src/engine/qualifier.ts';

const isQualified = (text: string, words: readonly string[] = ['acmeworks']): boolean =>
  isQualifiedBy(words, text.replace('^', ''), text.indexOf('^'), 0);

describe('a name is qualified by', () => {
  it.each([
    ['the host of its URL', 'https://api.acmeworks.com/v1/x?lang=de&^key=v'],
    ['the host before a header', 'curl https://acmeworks.io/v1 -H "^Authorization: Bearer v"'],
    ['the host on the line that goes on', 'curl https://acmeworks.io/v1 \\\n  -H "^X-Api-Key: v"'],
    ['the host behind a user', 'https://ci:pw@acmeworks.io/?^token=v'],
    ['the object round it', '{"acmeWorks": {"^token": "v"}}'],
    ['the mapping above', 'acmeworks:\n  ^api_key: v'],
    ['the list item above', 'services.acmeworks:\n  - ^api_key: v'],
    ['the section', '[services.acmeworks]\n^token = v'],
    ['the constructor', 'new AcmeWorks({ ^apiKey: "v" })'],
    ['the call', 'AcmeWorks::Client.configure(^token: "v")'],
    ['the comment above', '# for AcmeWorks, see the wiki\n^KEY=v'],
  ])('%s', (_what, text) => {
    expect(isQualified(text)).toBe(true);
  });
});

describe('a name is not qualified by', () => {
  it.each([
    ['the path of a URL', 'https://example.com/acmeworks/?^key=v'],
    ['a URL on another line', 'https://acmeworks.io/\n^key=v'],
    ['an object that was closed', '{"acmeworks": {"a": 1}, "^token": "v"}'],
    ['text two lines above', '# acmeworks\n\n^KEY=v'],
    ['the end of another word', 'https://myacmeworks.io/?^key=v'],
  ])('%s', (_what, text) => {
    expect(isQualified(text)).toBe(false);
  });

  it('what opens with a short word', () => {
    expect(isQualified('https://review.io/?^key=v', ['rev'])).toBe(false);
    expect(isQualified('https://api.rev.io/?^key=v', ['rev'])).toBe(true);
  });

  it('what stands below the limit', () => {
    const text = 'https://acmeworks.io/?key=v';
    expect(isQualifiedBy(['acmeworks'], text, text.indexOf('key'), 3)).toBe(true);
    expect(isQualifiedBy(['acmeworks'], text, text.indexOf('key'), 9)).toBe(false);
  });
});

it('takes time linear in what is read', () => {
  for (const piece of ['://a', 'a: {', '[a', '# a', 'a(', ' ', '\\\n', '"a"=>']) {
    const text = piece.repeat(20_000);
    const started = performance.now();
    expect(isQualifiedBy(['acmeworks'], text, text.length, text.length - 250)).toBe(false);
    expect(performance.now() - started).toBeLessThan(200);
  }
});
