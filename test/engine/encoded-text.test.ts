/** Secrets in encoded text, through the whole scan of a blob: what is found, how it says to be encoded, and where. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { WINDOW_MAX } from '../../src/core/kernel-layout.ts';
import type { FoundMatch } from '../../src/engine/found-match.ts';
import { BlobScanner } from '../../src/engine/scan-blob.ts';
import { readFromBytes } from '../../src/engine/windows.ts';
import { builtInKernel } from '../../src/kernel/built-in.ts';
import { Kernel } from '../../src/kernel/load.ts';
import { fillExample } from '../../src/ruleset/examples.ts';
import { builtInRuleset } from '../../src/ruleset/load.ts';
import { V8 } from '../../src/ruleset/regex-engine.ts';

const ruleset = builtInRuleset();
const module = builtInKernel();
const scannerOf = (maxDecodeDepth: number): BlobScanner =>
  new BlobScanner(
    new Kernel(module, ruleset.image),
    { ruleset, off: new Set(), includeBinary: false, maxDecodeDepth, archiveDepth: 0 },
    V8,
  );
const scanner = scannerOf(3);

const token = fillExample('{{crc32-base62-body:ghp_:30}}', 'encoded');
const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');

function scan(text: string | Buffer, by = scanner, path = 'a.conf') {
  return by.scan(readFromBytes(Buffer.from(text)), path);
}

function rulesOf(matches: readonly FoundMatch[]): string[] {
  return matches.map(({ rule, place }) => `${ruleset.ids[rule]} ${place.decoded?.join('>') ?? 'plain'}`);
}

describe('a secret in encoded text', () => {
  const escapedToken = (write: (character: string) => string): string => Array.from(token, (c) => (c === '_' ? write(c) : c)).join('');
  const inLines = base64(`${'some words to fill a line with, '.repeat(4)}\nTOKEN=${token}\n`).replace(/.{76}/g, '$&\n    ');

  it.each([
    ['base64', `x: ${base64(`TOKEN=${token}\n`)}\n`],
    ['base64', `x: ${Buffer.from(`>>>?TOKEN=${token}`).toString('base64url')}\n`],
    ['base64', `x: |\n    ${inLines}\nnext: 1\n`],
    ['base64', `{"x": "${inLines.replace(/\n {4}/g, '\\n')}\\n"}\n`],
    ['base64>utf-16', `powershell -EncodedCommand ${base64(Buffer.from(`$token = "${token}"`, 'utf16le'))}\n`],
    ['base64>gzip', `x: ${base64(gzipSync(`${'words '.repeat(30)} ${token}`))}\n`],
    ['hex', `x: ${Buffer.from(`TOKEN=${token}`).toString('hex')}\n`],
    ['hex', `b = {${Array.from(Buffer.from(`TOKEN=${token}`), (byte) => `0x${byte.toString(16)}`).join(', ')}}\n`],
    ['backslash', `k = "${Array.from(Buffer.from(token), (byte) => `\\x${byte.toString(16)}`).join('')}"\n`],
    ['backslash', `{"k": "${escapedToken(() => '\\u005f')}"}\n`],
    ['percent', `https://example.com/?k=${escapedToken(() => '%5F')}&more\n`],
    ['html', `<a k="${escapedToken(() => '&#95;')}">\n`],
    ['quoted-printable', `${'a word '.repeat(9)}${token.slice(0, 10)}=\r\n${token.slice(10)} and more\n`],
    ['ansi', `\x1b[36;1mpushing with \x1b[01;31m\x1b[K${token}\x1b[0m\n`],
    ['ansi', `found ${token.slice(0, 9)}\x1b[38;2;255;0;0m${token.slice(9)}\x1b[m in it\n`],
    ['backslash>ansi', `[0.31, "o", "\\u001b[32m${token}\\u001b[0m"]\n`],
    ['base64>base64>base64', `x: ${base64(`{"in": "${base64(`{"in": "${base64(`the token ${token} is`)}"}`)}"}`)}\n`],
    ['base64>percent', `x: ${base64(`https%3A%2F%2Fexample.com%2F%3Fkey%3D${escapedToken(() => '%5F')}`)}\n`],
  ])('in %s is found, decoded', (said, text) => {
    const { matches, isUndecoded } = scan(text);
    expect(matches.map(({ secret }) => secret)).toEqual([token]);
    expect(rulesOf(matches)).toEqual([`github-pat-classic ${said}`]);
    expect(isUndecoded).toBe(false);
    const span = matches[0]?.place.span ?? { start: 0, end: 0 };
    const before = text.slice(0, span.start).split('\n');
    expect(matches[0]?.place).toMatchObject({ line: before.length, column: (before.at(-1)?.length ?? 0) + 1 });
    // What stands before the place and after it is no part of the secret.
    expect(scan(text.slice(0, span.start)).matches.concat(scan(text.slice(span.end)).matches)).toEqual([]);
  });

  it('has the place of the groups that stand for it, and its line round it for comments', () => {
    const outer = base64(`abc ${token}`);
    const text = `one\n  x: ${outer} # leakwarden:allow\n`;
    const [match] = scan(text).matches;
    expect(match?.place).toEqual({
      line: 2,
      column: 6 + 4,
      endLine: 2,
      endColumn: 6 + outer.length,
      span: { start: text.indexOf(outer) + 4, end: text.indexOf(outer) + outer.length },
      decoded: ['base64'],
    });
    expect(match?.excerpt).toContain('leakwarden:allow');
  });

  it('is found as deep as was asked for', () => {
    const depth = (levels: number): string => (levels === 0 ? `a token: ${token}` : base64(`{"in": "${depth(levels - 1)}"}`));
    for (const [max, found] of [
      [0, [0]],
      [1, [0, 1]],
      [3, [0, 1, 2, 3]],
    ] as const) {
      const deep = scannerOf(max);
      const levels = [0, 1, 2, 3, 4].filter((level) => scan(`x: ${depth(level)}\n`, deep).matches.some(({ secret }) => secret === token));
      expect(levels, `to depth ${max}`).toEqual(found);
    }
  });

  it('is joined with its parts in the same text', () => {
    const id = fillExample('AKIA{{base32:16}}', 'encoded');
    const secret = fillExample('{{base64:40}}', 'encoded').replace(/=+$/, '');
    const [match, ...others] = scan(`x: ${base64(`[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`)}\n`).matches;
    expect(others).toEqual([]);
    expect(match?.secret).toBe(secret);
    expect(Object.values(match?.parts ?? {}).map((part) => [part.secret, part.place.decoded])).toEqual([[id, ['base64']]]);
  });

  it('has a name in the decoded text, or is none of a generic rule', () => {
    const value = fillExample('{{alnum:24}}', 'generic');
    expect(rulesOf(scan(`x: ${base64(`{"db_password": "${value}"}`)}\n`).matches)).toEqual(['generic-password base64']);
    expect(scan(`x: ${base64(`{"name": "${value}"}`)}\n`).matches).toEqual([]);
  });
});

describe('a secret that stands in clear at the same place', () => {
  it('stays alone: claims of a JWT, the line with an escape beside it', () => {
    const jwt = [
      { alg: 'HS256', typ: 'JWT' },
      { sub: 'x', password: fillExample('{{alnum:20}}', 'claim'), key: token },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    expect(rulesOf(scan(`auth: ${jwt}.${fillExample('{{base64url:43}}', 'sum')}\n`).matches)).toEqual(['jwt plain']);
    expect(rulesOf(scan(`u = "a%3Db", token = "${token}"\n`).matches)).toEqual(['github-pat-classic plain']);
  });

  it('goes where only its name is known and the decoded one has a form of its own', () => {
    const found = scan(`DEPLOY_SECRET = "${base64(`the token is ${token}`)}"\n`).matches;
    expect(rulesOf(found)).toEqual(['github-pat-classic base64']);
  });

  it('keeps the body of a private key from being read as text', () => {
    const key = fillExample('-----BEGIN RSA PRIVATE KEY-----\n{{pem:RSA PRIVATE KEY:1190}}\n-----END RSA PRIVATE KEY-----\n', 'key');
    expect(scan(key).matches.map(({ place }) => place.decoded)).toEqual([undefined]);
    // A rule knows the opening of a key in base64 as it stands.
    expect(rulesOf(scan(`x: ${base64(key)}\n`).matches).map((said) => said.split(' ')[1])).toEqual(['plain']);
  });

  it('is reported once where a line is decoded in two ways', () => {
    const text = `u = "https://example.com/?a%3Db\\u003dc&k=${token.replace('_', '%5F')}"\n`;
    expect(scan(text).matches.map(({ secret }) => secret)).toEqual([token]);
  });
});

describe('bounds', () => {
  it('end a bomb, which is said, and the scan goes on', () => {
    const { matches, isUndecoded } = scan(`x: ${base64(gzipSync(Buffer.alloc(32 << 20)))}\nTOKEN=${token}\n`);
    expect(isUndecoded).toBe(true);
    expect(matches.map(({ secret }) => secret)).toEqual([token]);
  });

  it('end a file of many bombs soon', () => {
    const bomb = base64(gzipSync(Buffer.alloc(4 << 20, 'a')));
    const started = performance.now();
    expect(scan(`x: ${bomb}\n`.repeat(300)).isUndecoded).toBe(true);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('take a token round the edge of a window once', () => {
    const line = 'the quick brown fox jumps over it\n';
    const filler = Buffer.from(line.repeat(Math.ceil((WINDOW_MAX + 300_000) / line.length)));
    const outer = `\nx: ${base64(`TOKEN=${token}\n`)}\ny: ${token.replace('_', '%5F')}\n`;
    for (const at of [70_000, WINDOW_MAX - 140_000, WINDOW_MAX - 69_700, WINDOW_MAX - 69_632, WINDOW_MAX - 40, WINDOW_MAX + 200_000]) {
      const bytes = Buffer.from(filler);
      bytes.write(outer, at, 'latin1');
      const { matches, isUndecoded } = scan(bytes);
      expect(
        matches.map(({ place, secret }) => [place.decoded?.[0], secret]),
        `at ${at}`,
      ).toEqual([
        ['base64', token],
        ['percent', token],
      ]);
      expect(isUndecoded).toBe(false);
    }
  }, 60_000);

  it('take no half of a token where a long line is cut', () => {
    const long = `a%3Db${'x'.repeat(980)} ${token}${'y'.repeat(3000)}`;
    expect(scan(`${long}\n`).matches).toEqual([]);
  });
});
