import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { createAllowCommentSuppressor } from '../../src/suppress/allow-comment.ts';
import { makeMatch, VALUE } from './make-match.ts';

const suppressor = createAllowCommentSuppressor();
const why = (text: string): string | null => suppressor.why(makeMatch(text.replaceAll('V', VALUE)));

describe('allow comments', () => {
  it.each([
    ['key = "V" # leakwarden:allow', 'leakwarden:allow'],
    ['key = "V"; // leakwarden:allow github-pat-classic', 'leakwarden:allow'],
    ['key = "V"; // leakwarden:allow github-pat-classic -- revoked last year', 'revoked last year'],
    ['key = "V"; // leakwarden:allow slack-token, github-pat-classic', 'leakwarden:allow'],
    ['key = "V"; /* leakwarden:allow */', 'leakwarden:allow'],
    ['key = "V"; /* leakwarden:allow -- documentation */', 'documentation'],
    ['<a key="V"/> <!-- leakwarden:allow -->', 'leakwarden:allow'],
    ['<a key="V"/> <!-- leakwarden:allow -- sample -->', 'sample'],
    ['# leakwarden:allow -- test account\nkey = "V"', 'test account'],
    ['  // leakwarden:allow github-pat-classic\nkey = "V"', 'leakwarden:allow'],
    [' * leakwarden:allow\n * key V', 'leakwarden:allow'],
    ['x\nkey = "V" # gitleaks:allow', 'gitleaks:allow'],
    ['key = "V" # betterleaks:allow', 'betterleaks:allow'],
    ['key = "V" #gitleaks:allow', 'gitleaks:allow'],
    ['key = "V" // trufflehog:ignore', 'trufflehog:ignore'],
    ['key = "V" -- kingfisher:ignore', 'kingfisher:ignore'],
    ['key = "V" ; leakwatch:ignore', 'leakwatch:ignore'],
    ['key = "V"  # pragma: allowlist secret', 'pragma: allowlist secret'],
    ['key = "V"  # pragma: whitelist secret', 'pragma: whitelist secret'],
    ["key = 'V' ' pragma: allowlist secret", 'pragma: allowlist secret'],
    ['# pragma: allowlist nextline secret\nkey = "V"', 'pragma: allowlist nextline secret'],
    ['key = "V" # ggignore', 'ggignore'],
    ['key = "V" // secretlint-disable-line', 'secretlint-disable-line'],
    ['key = "V" // secretlint-disable-line @secretlint/secretlint-rule-github -- mine', 'mine'],
    ['// secretlint-disable-next-line\nkey = "V"', 'secretlint-disable-next-line'],
    ['{"key": "V", "note": "# gitleaks:allow"}', 'gitleaks:allow'],
    ['key = "V" # leakwarden:allow\r', 'leakwarden:allow'],
  ])('%s', (text, reason) => {
    expect(why(text)).toBe(reason);
  });

  it.each([
    ['no comment', 'key = "V"'],
    ['another rule', 'key = "V" # leakwarden:allow slack-token'],
    ['words that name no rule', 'key = "V" # leakwarden:allow this is fine'],
    ['a longer word', 'key = "V" # leakwarden:allowed'],
    ['no opener', 'key = "V" leakwarden:allow'],
    ['inside of a URL', 'url = "https://V@host//leakwarden:allow"'],
    ['a fragment', 'url = "https://V@host/a#gitleaks:allow"'],
    ['the line before has code', 'old = 1 # leakwarden:allow\nkey = "V"'],
    ['the line before has other words', '# some-token leakwarden:allow\nkey = "V"'],
    ['the line before, for marks of the same line', '# gitleaks:allow\nkey = "V"'],
    ['this line, for marks of the next line', 'key = "V" # pragma: allowlist nextline secret'],
    ['another rule of secretlint', 'key = "V" // secretlint-disable-line @secretlint/secretlint-rule-slack'],
  ])('does not count: %s', (_name, text) => {
    expect(why(text)).toBeNull();
  });

  it('does not count inside of the value', () => {
    const value = 'pass #gitleaks:allow word';
    const match = makeMatch(`key = "${value}"`, { secret: new Secret(value) });
    expect(suppressor.why(match)).toBeNull();
  });

  it('reads every line of a value of several lines', () => {
    const match = makeMatch('before\n-----BEGIN X----- # gitleaks:allow\nabc', { secret: new Secret('abc') });
    expect(suppressor.why(match)).toBe('gitleaks:allow');
  });

  it('gives no value away by its reason', () => {
    expect(why('key = "V" # leakwarden:allow -- V is old')).toBe(`${'*'.repeat(VALUE.length)} is old`);
  });

  it('takes no longer for hostile lines', () => {
    const begun = process.cpuUsage().user;
    for (const filler of [' ', '* ', '! ', "'", '/*', '#', '-- ', '(*']) {
      why(`key = "V" ${filler.repeat(4000)}allow`);
      why(`${filler.repeat(4000)}allow leakwarden:allow \nkey = "V"`);
    }
    expect((process.cpuUsage().user - begun) / 1e6).toBeLessThan(1);
  });
});
