/** What an audit (--min-confidence low) finds more than a usual scan: samples and plain values in a credential's place, ids, identifiers. */
import { describe, expect, it } from 'vitest';
import type { BlobScanner } from '../../src/engine/scan-blob.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { makeScanners, ruleOf, scanText } from './rules-scanner.ts';

const { usual, audit } = makeScanners();

const scan = (scanner: BlobScanner, path: string, text: string): readonly (readonly [string | undefined, string])[] =>
  scanText(scanner, path, text)
    .filter(({ placeholder }) => placeholder === null)
    .map((match) => [ruleOf(match), match.confidence]);

const isReported = ([, confidence]: readonly [string | undefined, string]): boolean => confidence !== 'low';

describe('an audit', () => {
  it.each([
    ['a passphrase of words', 'a.py', "password = 'open-sesame'", 'generic-password'],
    ['a word in a setting', 'a.ini', 'password = blueberry', 'generic-password'],
    ['a comparison', 'a.py', 'if password == "logmein":', 'generic-password'],
    ['a password of small words', 'a.conf', 'secret: "plain words in quotes"', 'generic-secret'],
    ['fill characters', 'a.txt', `ghr_${'a'.repeat(10)}`, null],
    ['the documents of URLs', 'a.md', 'https://user:pass@example.com', 'url-basic-auth'],
    ['an ARN', 'a.tf', 'role = "arn:aws:iam::{{digit:12}}:role/deploy"', 'aws-arn'],
    ['a lone id', '.env', 'CLOUDINARY_API_KEY={{digit:15}}', 'cloudinary-api-key'],
  ])('%s in %s', (_what, path, text, rule) => {
    const filled = fillExample(text, 'audit');
    expect(scan(audit, path, filled)).toEqual(rule === null ? [] : [[rule, 'low']]);
    // Doubts are matches of a usual scan too, so that they can be listed; none is reported.
    expect(scan(usual, path, filled).filter(isReported)).toEqual([]);
  });

  it.each([
    ['all signs of the keyboard in quotes', 'a.js', 'api_key: "a{{b}c)d${e]f(g[h>-_$#i}}"', 'credential-by-name'],
    ['text compared with a password', 'a.js', 'if ("plain-old-words" === password) {', 'password-in-comparison'],
  ])('leaves %s to the usual scan', (_what, path, text, rule) => {
    expect(scan(usual, path, text).map(([found]) => found)).toEqual([rule]);
    expect(scan(usual, path, text).filter(isReported)).toHaveLength(1);
  });

  it('gives the better name the greater confidence of two that agree', () => {
    const [found] = scan(usual, 'a.ts', fillExample('const deployerPrivateKey = "0x{{hex:64}}";', 'audit'));
    expect(found).toBeDefined();
    expect(found?.[1]).not.toBe('low');
  });

  it.each([
    ['text for people', 'a.json', '"password": "Please enter your password again."'],
    ['a word of the language', 'a.yml', 'password: true'],
    ['a name of code', 'a.js', 'const token = config.token;'],
    ['a template', 'a.yml', 'password: {{ .Values.password }}'],
  ])('finds nothing in %s', (_what, path, text) => {
    expect(scan(audit, path, text)).toEqual([]);
  });
});
